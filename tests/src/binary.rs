//! Where the programs of this workspace are.

use std::env;
use std::path::PathBuf;

/// The path of a program of this workspace, built beside the running test, demo
/// or bench.
///
/// Cargo tells a test the paths of its own package's programs only; these belong
/// to others, so they must have been built before.
///
/// # Panics
///
/// When it has not been built; the text says how to.
#[must_use]
pub fn binary(name: &str) -> PathBuf {
    let this = env::current_exe().expect("the running program has a path");
    // Tests and benches lie in `deps`, programs one level higher.
    let found = this
        .ancestors()
        .skip(1)
        .take(2)
        .map(|directory| {
            directory
                .join(name)
                .with_extension(env::consts::EXE_EXTENSION)
        })
        .find(|candidate| candidate.is_file());
    found.unwrap_or_else(|| {
        panic!("{name} is not built: run `cargo build --workspace --all-targets` in the same profile first")
    })
}
