//! A file that is still growing: at its end, waits for more instead of ending.
//!
//! Invariant: ends only where it is told to; a file that became shorter is an error.

use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often a file is looked at for more.
const WAIT: Duration = Duration::from_millis(50);

/// How a file is followed: until the flag is raised.
#[derive(Clone, Debug, Default)]
pub struct Tail {
    /// Raised to end.
    pub stop: Arc<AtomicBool>,
}

impl Tail {
    pub(super) fn of(self, file: File, path: &Path) -> Following {
        Following { file, path: path.to_owned(), stop: self.stop }
    }
}

pub(super) struct Following {
    file: File,
    path: PathBuf,
    stop: Arc<AtomicBool>,
}

impl Read for Following {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        loop {
            let n = self.file.read(buffer)?;
            if n > 0 || buffer.is_empty() || self.stop.load(Ordering::Relaxed) {
                return Ok(n);
            }
            if let (Ok(at), Ok(found)) = (self.file.stream_position(), std::fs::metadata(&self.path))
                && found.is_file()
                && found.len() < at
            {
                return Err(std::io::Error::other("it became shorter while it was followed"));
            }
            std::thread::sleep(WAIT);
        }
    }
}
