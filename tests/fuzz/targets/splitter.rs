//! Any text through the statement splitter.

#![no_main]

#[path = "../properties/splitter.rs"]
mod property;
#[path = "../../src/splitter.rs"]
#[expect(dead_code, reason = "no files are opened")]
mod splitter;

libfuzzer_sys::fuzz_target!(|dump: &[u8]| {
    property::check(dump, splitter::statements(dump));
});
