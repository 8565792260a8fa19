//! Nanoseconds an event of the kernel, beside reading the columns, loops written by hand, and our own tables.
//!
//! Data flow: `rules` (twenty clauses as text and as constants) -> the pipeline -> the kernel; `rows` (ten million in the kernel's columns) -> every
//! contender in turn, round after round -> medians and ratios. Invariant: all contenders agree on every row, or the bench fails;
//! time is that of the thread's processor, since the machine may be shared.
//!
//! `cargo bench -p habendum-benches --bench kernel [-- ROWS]`; with `LISTING=1` it prints the code of the twenty clauses instead.
#![allow(clippy::print_stdout, reason = "a bench prints what it measured")]

#[cfg(target_arch = "x86_64")]
mod hand;
#[cfg(target_arch = "x86_64")]
mod rows;
mod rules;

use habendum_jit::{Ask, Kernel, Options};
use habendum_model::binding::{Choices, bind};
use habendum_model::consolidate::consolidate;
use habendum_model::resolve::resolve;
use habendum_norm::ir::Program;
use habendum_norm::lower;
use habendum_syntax::render::render;
use habendum_syntax::{Diagnostic, Sources, parse_file};
use std::error::Error;
use std::sync::Arc;

type Failing<T> = Result<T, Box<dyn Error>>;

fn main() -> Failing<()> {
    // Cargo passes `--bench`; what is left is ours.
    let mut args = std::env::args().skip(1).filter(|a| !a.starts_with("--"));
    let rows: usize = args.next().map_or(Ok(10_000_000), |a| a.parse())?;
    if std::env::var_os("LISTING").is_some() {
        let p = program(20)?;
        let k = Kernel::compile_with(&p, &Options { listing: true, ..Options::default() })?;
        k.listings().iter().for_each(|l| println!("{}\n{}", l.ir, l.code));
        return Ok(());
    }
    compile_times()?;
    #[cfg(target_arch = "x86_64")]
    for dense in [false, true] {
        speed(rows / 64 * 64, dense)?;
    }
    Ok(())
}

/// The program of so many clauses.
fn program(clauses: usize) -> Failing<Arc<Program>> {
    let mut seed = 9_u64;
    let other = |n| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % n
    };
    let mut sources = Sources::default();
    let text = rules::text(clauses, other);
    let file = sources.add("bench.term", text.as_str());
    let parsed = parse_file(file, &text);
    let told = |d: &[Diagnostic]| render(d, &sources, false);
    let resolved = resolve(&[parsed.value]);
    let deal = resolved.value.ok_or_else(|| told(&resolved.diagnostics))?;
    let binding = bind(&deal, &Choices::default()).map_err(|d| told(&d))?;
    let texts = consolidate(&deal, &binding).value;
    let lowered = lower(&deal, &texts, &binding);
    Ok(Arc::new(lowered.value.ok_or_else(|| told(&lowered.diagnostics))?))
}

/// Seconds of the processor that this thread has used.
#[allow(unsafe_code, reason = "the clock of the thread is asked of the system")]
fn now() -> f64 {
    let mut t = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a value of this frame.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut t) };
    t.tv_sec as f64 + t.tv_nsec as f64 * 1e-9
}

fn median(times: &mut [f64]) -> f64 {
    times.sort_by(f64::total_cmp);
    times.get(times.len() / 2).copied().unwrap_or(0.0)
}

fn compile_times() -> Failing<()> {
    println!("compile: from norms to code (predicates, layout, Cranelift), median of rounds");
    for (clauses, bar, rounds) in [(20, 3.0, 15), (200, 30.0, 7), (2000, 200.0, 3)] {
        let program = program(clauses)?;
        let (mut times, mut bytes) = (Vec::new(), 0);
        for _ in 0..rounds {
            let start = now();
            let kernel = Kernel::compile(&program)?;
            times.push((now() - start) * 1e3);
            bytes = kernel.code_bytes();
        }
        let start = now();
        let asked = habendum_jit::predicate::questions(&program);
        let asking = (now() - start) * 1e3;
        let mark = median(&mut times);
        println!(
            "{clauses:>6} clauses {mark:>9.2} ms (predicates {asking:.2} ms, {} tests, {bytes} bytes)   bar {bar} ms   {}",
            asked.tests.len(),
            met(mark <= bar)
        );
    }
    Ok(())
}

fn met(yes: bool) -> &'static str {
    if yes { "met" } else { "MISSED" }
}

#[cfg(target_arch = "x86_64")]
const ROUNDS: usize = 9;

#[cfg(target_arch = "x86_64")]
fn speed(n: usize, dense: bool) -> Failing<()> {
    use habendum_jit::{Bits, Layout};
    if !std::arch::is_x86_feature_detected!("avx2") {
        println!("no AVX2 on this machine: nothing to compare with");
        return Ok(());
    }
    let program = program(20)?;
    let kernel = Kernel::compile(&program)?;
    let straight = Kernel::compile_with(&program, &Options { skip: false, ..Options::default() })?;
    let tables = kernel.as_tables();
    let rules: Vec<usize> = kernel
        .tests()
        .iter()
        .enumerate()
        .filter(|(_, t)| matches!(t.ask, Ask::Applies(_)))
        .map(|(i, _)| i)
        .collect();
    if kernel.layout().column(Layout::DAY).base != rows::BASE || rules.len() != 20 {
        return Err("the layout is not the one that the loops were written for".into());
    }
    let first = program.symbols.event("K0").ok_or("no kind K0")?;
    let rows = rows::Rows::new(n, dense);
    let mut columns = kernel.columns(&program);
    columns.replace(rows.buffers(kernel.layout(), u8::try_from(first.0)?)?, Vec::new())?;
    let mut straight_columns = straight.columns(&program);
    straight_columns.replace(rows.buffers(straight.layout(), u8::try_from(first.0)?)?, Vec::new())?;
    let (mut bits, mut masks, mut words) = (Bits::new(), vec![0_u32; n], vec![0_u64; n / 64 * 20]);

    // Every contender gives the same answers.
    kernel.run(&columns, &mut bits)?;
    let ours = bits.clone();
    let hits: u64 = rules.iter().map(|t| ours.count(*t)).sum();
    tables.run(&columns, &mut bits)?;
    agree(ours == bits, "tables")?;
    straight.run(&straight_columns, &mut bits)?;
    agree(ours == bits, "code without skips")?;
    let same = |masks: &[u32]| {
        let mask =
            |row: usize| rules.iter().enumerate().fold(0, |m, (i, t)| m | u32::from(ours.get(row, *t)) << i);
        match masks.iter().enumerate().find(|(row, m)| **m != mask(*row)) {
            Some((row, m)) => Err(format!("row {row}: the kernel says {:b}, it says {m:b}", mask(row))),
            None => Ok(()),
        }
    };
    // SAFETY: AVX2 was found above; the other features come with every processor that has it.
    #[allow(unsafe_code, reason = "functions for processors with AVX2")]
    unsafe {
        hand::masks(&rows, &mut masks);
        same(&masks).map_err(|e| format!("intrinsics: {e}"))?;
        masks.fill(0);
        hand::plain(&rows, &mut masks);
        same(&masks).map_err(|e| format!("plain loop: {e}"))?;
        hand::skipping(&rows, &mut words);
    }
    let word = |row: usize, i: usize| words[row / 64 * 20 + i] >> (row % 64) & 1 == 1;
    agree(
        (0..n).all(|row| (0..20).all(|i| word(row, i) == ours.get(row, rules[i]))),
        "intrinsics with skips",
    )?;

    println!(
        "\n{n} rows of {} bytes, {:.2} hits per 100, {} tests of which 20 rules; medians of {ROUNDS} rounds in turn",
        kernel.layout().row_bytes(),
        hits as f64 / n as f64 * 100.0,
        kernel.tests().len()
    );
    let mut times = vec![Vec::new(); 7];
    let mut sink = 0_u64;
    for _ in 0..ROUNDS {
        let mut lap = now();
        let mut mark = |times: &mut Vec<Vec<f64>>, i: usize| {
            let t = now();
            times[i].push((t - lap) * 1e9 / n as f64);
            lap = now();
        };
        kernel.run(&columns, &mut bits)?;
        mark(&mut times, 0);
        // SAFETY: as above.
        #[allow(unsafe_code, reason = "functions for processors with AVX2")]
        unsafe {
            sink ^= hand::read(&rows);
            mark(&mut times, 1);
            hand::masks(&rows, &mut masks);
            mark(&mut times, 2);
            hand::skipping(&rows, &mut words);
            mark(&mut times, 3);
            hand::plain(&rows, &mut masks);
            mark(&mut times, 4);
        }
        tables.run(&columns, &mut bits)?;
        mark(&mut times, 5);
        straight.run(&straight_columns, &mut bits)?;
        mark(&mut times, 6);
    }
    let m: Vec<f64> = times.iter_mut().map(|t| median(t)).collect();
    std::hint::black_box(sink);
    for (name, t) in [
        "kernel",
        "reading the columns",
        "intrinsics, a mask a row",
        "intrinsics with skips",
        "auto-vectorised loop",
        "own tables",
        "kernel without skips",
    ]
    .iter()
    .zip(&m)
    {
        println!("{name:<26} {t:>7.2} ns/event");
    }
    ratios(&m, dense);
    Ok(())
}

/// Ratios against the bars, which hold where hits are rare.
#[cfg(target_arch = "x86_64")]
fn ratios(m: &[f64], dense: bool) {
    let best = m[2].min(m[3]);
    for (name, ratio, bar, most) in [
        ("kernel / intrinsics, the faster", m[0] / best, 2.0, true),
        ("kernel / reading the columns", m[0] / m[1], 3.5, true),
        ("kernel / auto-vectorised loop", m[0] / m[4], 0.55, true),
        ("own tables / kernel", m[5] / m[0], 1.6, false),
    ] {
        let holds = if most { ratio <= bar } else { ratio >= bar };
        let bar = format!("bar {} {bar}   {}", if most { "at most" } else { "at least" }, met(holds));
        println!("{name:<34} {ratio:>6.2}   {}", if dense { "(no bar)" } else { &bar });
    }
}

#[cfg(target_arch = "x86_64")]
fn agree(same: bool, who: &str) -> Failing<()> {
    if same { Ok(()) } else { Err(format!("{who} and the kernel differ").into()) }
}
