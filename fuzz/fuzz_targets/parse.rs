//! No text makes the parser panic; what parses is printed to text that parses to an equal tree.
#![no_main]

use habendum_syntax::print::print_file;
use habendum_syntax::render::render;
use habendum_syntax::{Sources, parse_file};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let mut sources = Sources::default();
    let id = sources.add("fuzz.term", text);
    let parsed = parse_file(id, text);
    let _ = render(&parsed.diagnostics, &sources, false);
    if parsed.has_errors() {
        return;
    }
    let again = parse_file(id, &print_file(&parsed.value));
    assert!(again.diagnostics.is_empty());
    assert_eq!(again.value.items, parsed.value.items);
});
