//! The fuzz targets' seeds and past finds (`tests/fuzz/corpus`), replayed without a fuzzer.

#[path = "../fuzz/properties/literal.rs"]
mod literal;
#[path = "../fuzz/properties/splitter.rs"]
mod splitter;

use std::path::Path;

use datatransit_dump::Flavour;
use e2e::splitter::statements;

/// A target's inputs, with their names.
fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let inputs: Vec<_> = std::fs::read_dir(&directory)
        .expect("the corpus")
        .map(|entry| {
            let path = entry.expect("an entry").path();
            let input = std::fs::read(&path).expect("an input");
            (path.display().to_string(), input)
        })
        .collect();
    assert!(
        inputs.len() > 5,
        "{}: {}",
        directory.display(),
        inputs.len()
    );
    inputs
}

/// Each input alone, doubled, and each beginning of it.
fn variants(input: &[u8]) -> impl Iterator<Item = Vec<u8>> {
    let beginnings = (0..=input.len()).map(|end| input[..end].to_vec());
    beginnings.chain([input.repeat(2)])
}

#[test]
fn literals_are_read_back_as_they_were() {
    for (name, input) in corpus("literal") {
        eprintln!("{name}");
        for value in variants(&input) {
            for flavour in [Flavour::Mysql, Flavour::Mariadb] {
                let written = datatransit_dump::testing::literal(&value, flavour);
                literal::check(&value, &written, |dump| {
                    statements(dump).filter_map(Result::ok).collect()
                });
            }
        }
    }
}

#[test]
fn statements_are_the_texts_own_lines() {
    for (name, input) in corpus("splitter") {
        eprintln!("{name}");
        for dump in variants(&input) {
            splitter::check(&dump, statements(dump.as_slice()));
        }
    }
}
