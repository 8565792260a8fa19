//! Machine code against the tables: the same bits, whatever the deal, the rows, the number of rows, and how the code is made.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops where a result is missing")]

mod support;

use habendum_jit::{Ask, Bits, Kernel, Options};
use habendum_model::value::Value;
use habendum_norm::event::Event;
use proptest::prelude::*;
use support::deals::{Dice, deal, rows};

const SIZES: [usize; 6] = [1, 15, 16, 17, 1000, 65_536];

fn compare(seed: u64, clauses: usize, sizes: &[usize], options: &Options) -> Result<u64, TestCaseError> {
    let mut d = Dice(seed);
    let text = deal(&mut d, clauses);
    let program = support::program(&text);
    let kernel = Kernel::compile_with(&program, options).map_err(|e| TestCaseError::fail(e.to_string()))?;
    prop_assert!(kernel.is_code());
    let tables = kernel.as_tables();
    let few = rows(&mut d, &program, sizes.iter().copied().max().unwrap_or(0).min(4000));
    let mut columns = kernel.columns(&program);
    let (mut a, mut b) = (Bits::new(), Bits::new());
    let mut held = 0;
    for size in sizes {
        columns.clear();
        few.iter().cycle().take(*size).for_each(|e| columns.push(e));
        kernel.run(&columns, &mut a).unwrap();
        tables.run(&columns, &mut b).unwrap();
        if a != b {
            let at = (0..*size)
                .flat_map(|r| (0..a.tests()).map(move |t| (r, t)))
                .find(|(r, t)| a.get(*r, *t) != b.get(*r, *t));
            let what = at.map(|(r, t)| format!("row {r} test {t}: {:?}", kernel.tests()[t]));
            return Err(TestCaseError::fail(format!("{size} rows: {what:?}\n{:?}\n{text}", kernel.layout())));
        }
        held += (0..a.tests()).map(|t| a.count(t)).sum::<u64>();
    }
    Ok(held)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: support::cases(150), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn code_gives_the_bits_of_the_tables(seed in any::<u64>(), skip in any::<bool>(), tests in 1_usize..40) {
        compare(seed, 5, &SIZES[..5], &Options { skip, tests, listing: false })?;
    }
}

#[test]
fn a_great_batch_and_many_functions() {
    let held = compare(11, 60, &SIZES, &Options::default()).unwrap();
    assert!(held > 1000, "{held}");
}

#[test]
fn the_code_can_be_printed() {
    let program = support::program(&deal(&mut Dice(3), 3));
    let kernel = Kernel::compile_with(&program, &Options { listing: true, ..Options::default() }).unwrap();
    let [one] = kernel.listings() else { panic!("one function expected") };
    assert!(one.ir.contains("vhigh_bits"), "{}", one.ir);
    assert!(one.code.lines().count() > 20, "{}", one.code);
}

/// Each kernel's memory is given back: many in turn take no more than a few.
#[test]
fn kernels_are_freed() {
    let program = support::program(&deal(&mut Dice(5), 20));
    let resident = || {
        let status = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
        status.split_whitespace().nth(1).and_then(|p| p.parse::<u64>().ok()).unwrap_or(0)
    };
    let make = |n: usize| (0..n).for_each(|_| drop(Kernel::compile(&program).unwrap()));
    make(30);
    let before = resident();
    make(300);
    // Pages of 4 KiB: 300 leaked kernels of several pages each would show.
    assert!(resident() < before + 600, "{before} pages, then {}", resident());
}

/// Threads share a kernel.
#[test]
fn a_kernel_can_be_shared() {
    fn shared<T: Send + Sync>(_: &T) {}
    let program = support::program(&deal(&mut Dice(8), 2));
    shared(&Kernel::compile(&program).unwrap());
}

/// The last rows are copied into sixteen; what lies beyond them would satisfy a test of the first kind, and sets no bit.
#[test]
fn no_bit_is_set_beyond_the_last_row() {
    let text = r#"agreement deal "Grants are counted" {
    parties A, B
    effective from 2024-01-01
    currency USD
    zone "UTC"
}
total granted = 1 on Grant
clause c "Not too many" {
    A must not Grant where granted in total is more than 3
}
"#;
    let program = support::program(text);
    let kernel = Kernel::compile(&program).unwrap();
    let grant = program.symbols.event("Grant").unwrap();
    assert_eq!(grant.ix(), 0);
    let counts = kernel.tests().iter().position(|t| matches!(t.ask, Ask::Counts(_))).unwrap();
    let fields = vec![Value::Absent; program.symbols.event_info(grant).fields.len()];
    for rows in [1_usize, 15, 17, 63, 65] {
        let mut columns = kernel.columns(&program);
        for row in 0..rows {
            let (row, date) = (row as u64 + 1, jiff::civil::date(2024, 2, 1));
            columns.push(&Event { row, date, instant: None, kind: grant, fields: fields.clone() });
        }
        let mut bits = Bits::new();
        kernel.run(&columns, &mut bits).unwrap();
        assert_eq!(bits.count(counts), rows as u64);
    }
}
