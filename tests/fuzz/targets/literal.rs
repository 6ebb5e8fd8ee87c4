//! Any bytes through the literal writer, by each of its rules.

#![no_main]

#[path = "../../../crates/dump/src/encode/literal.rs"]
#[expect(
    dead_code,
    reason = "hex digits and the choice of the rule are not fuzzed"
)]
mod literal;
#[path = "../properties/literal.rs"]
mod property;
#[path = "../../src/splitter.rs"]
#[expect(dead_code, reason = "no files are opened")]
mod splitter;

/// What the literal writer takes from the rest of its crate.
mod flavour {
    #[derive(Clone, Copy)]
    pub(crate) struct Flavour;

    impl Flavour {
        pub(crate) fn is_mariadb(self) -> bool {
            true
        }
    }
}

use literal::Escapes;

libfuzzer_sys::fuzz_target!(|value: &[u8]| {
    let utf8mb3 = Escapes::Characters { longest: 3 };
    let utf8mb4 = Escapes::Characters { longest: 4 };
    for escapes in [Escapes::Bytes, utf8mb3, utf8mb4] {
        let mut written = vec![b'\''];
        literal::escape(&mut written, value, escapes);
        written.push(b'\'');
        property::check(value, &written, |dump| {
            splitter::statements(dump).filter_map(Result::ok).collect()
        });
    }
});
