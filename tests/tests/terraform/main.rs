//! The Terraform modules that are handed out: held against the real Terraform, and
//! their policies against what the programs really call.

#![expect(
    clippy::unwrap_used,
    reason = "a scenario whose world cannot be set up has failed"
)]

mod association;
mod calls;
mod documents;
mod modules;
mod state_machine;

use std::path::{Path, PathBuf};

/// The directory of the example.
pub(crate) fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/terraform")
}

/// Its modules and roots, in order.
pub(crate) fn directories() -> Vec<PathBuf> {
    let mut found = Vec::new();
    for kind in ["modules", "environments"] {
        for entry in std::fs::read_dir(example().join(kind)).unwrap() {
            let path = entry.unwrap().path();
            if path.join("versions.tf").is_file() {
                found.push(Path::new(kind).join(path.file_name().unwrap()));
            }
        }
    }
    found.sort();
    assert!(found.len() >= 10, "eight modules and two roots: {found:?}");
    found
}

/// The `.tf` files of a module or root as one text.
pub(crate) fn configuration(directory: &Path) -> String {
    let mut files: Vec<PathBuf> = std::fs::read_dir(example().join(directory))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "tf"))
        .collect();
    files.sort();
    files
        .iter()
        .map(|path| std::fs::read_to_string(path).unwrap())
        .collect()
}
