//! Readers of what we write that are not ours.

use std::path::{Path, PathBuf};

/// The Python that `tests/setup/readers.sh` makes: with pandas, `PyArrow`, `DuckDB` and
/// `PyYAML`. `None`, in one line, where it is not there.
///
/// # Panics
///
/// Where it is not there and `CI=true`.
#[must_use]
pub fn python() -> Option<PathBuf> {
    let clone = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let python = clone.join("target/readers/bin/python");
    if python.is_file() {
        return Some(python);
    }
    let skipped = "the readers are not on this machine (run tests/setup/readers.sh)";
    assert!(std::env::var("CI").as_deref() != Ok("true"), "{skipped}");
    #[expect(clippy::print_stderr, reason = "a skipped test has to say so")]
    {
        eprintln!("SKIPPED: {skipped}");
    }
    None
}
