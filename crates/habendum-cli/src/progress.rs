//! Progress of long runs: on a terminal, on standard error, after a second, with rate and estimate.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::io::IsTerminal;
use std::time::{Duration, Instant};

/// Rows between two looks at the clock.
const STEP: u64 = 1 << 12;

/// A progress bar that appears only where it helps.
pub struct Progress {
    bar: Option<ProgressBar>,
    total: Option<u64>,
    began: Instant,
    rows: u64,
    wanted: bool,
}

impl Progress {
    /// Progress over a number of bytes, where that is known.
    #[must_use]
    pub fn new(total_bytes: Option<u64>) -> Self {
        Progress {
            bar: None,
            total: total_bytes,
            began: Instant::now(),
            rows: 0,
            wanted: std::io::stderr().is_terminal(),
        }
    }

    /// One more row; `bytes` tells how far the input is read.
    pub fn row(&mut self, bytes: u64) {
        self.rows += 1;
        if !self.wanted || !self.rows.is_multiple_of(STEP) {
            return;
        }
        if self.bar.is_none() && self.began.elapsed() >= Duration::from_secs(1) {
            self.bar = Some(bar(self.total));
        }
        if let Some(bar) = &self.bar {
            bar.set_position(bytes);
            let seconds = self.began.elapsed().as_millis().max(1);
            let rate = u128::from(self.rows) * 1000 / seconds;
            bar.set_message(format!("{} events, {rate} a second", self.rows));
        }
    }

    /// Takes the bar away.
    pub fn finish(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.finish();
    }
}

fn bar(total: Option<u64>) -> ProgressBar {
    let bar = match total {
        Some(n) => ProgressBar::new(n),
        None => ProgressBar::new_spinner(),
    };
    bar.set_draw_target(ProgressDrawTarget::stderr());
    let template = match total {
        Some(_) => "{bar:30} {bytes} of {total_bytes}, {msg}, {eta} left",
        None => "{spinner} {bytes}, {msg}",
    };
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar
}
