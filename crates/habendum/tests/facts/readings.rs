//! K7 and K9: two readings of one clause.

use crate::{checked, folder, of_code, told, wants};

/// K7: *and* against *or* is open from the amendment on; once a reading is chosen, what rests on the other is gone.
#[test]
fn k7_the_exception_has_two_readings() {
    let c = checked(&folder(), &wants(&[]));
    let open =
        |c| -> Vec<String> { of_code(c, "C024").into_iter().filter(|l| l.contains("azure-first")).collect() };
    assert_eq!(
        open(&c),
        ["C024 azure-first: unknown, 2026-04-27..", "C024 azure-first: unknown, 2026-04-27.."]
    );
    let c = checked(&folder(), &wants(&["azure-first=parties"]));
    assert_eq!(open(&c), ["C024 azure-first: unknown, 2026-04-27.."]);
}

/// K9: *any cloud* contradicts nothing that 2.5 says; *when necessary* does, for other products where nothing is needed.
#[test]
fn k9_a_condition_of_need_meets_what_the_deal_says_of_other_products() {
    let of = |reading: &str| -> Vec<String> {
        let c = checked(&folder(), &wants(&[reading, "azure-first=parties"]));
        told(&c).into_iter().filter(|l| l.starts_with("C008 other-products")).collect()
    };
    assert_eq!(of("any-cloud=freely"), Vec::<String>::new());
    let both = "C008 other-products any-cloud: conflict, 2026-04-27..";
    assert_eq!(of("any-cloud=when-needed"), [both, both]);
}
