//! Temporary directories that go even when their process is killed.

use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use anyhow::{Context as _, Result};

/// Waits for the end of its input, which is that of the process that holds it.
const SCRIPT: &str = r#"trap '' INT TERM HUP QUIT; cat >/dev/null; rm -rf "$1""#;

/// A temporary directory, removed on drop, and by a small shell when the process
/// ends in a way that runs no destructors. Drop blocks until it is gone.
#[derive(Debug)]
pub struct Scratch {
    path: PathBuf,
    shell: Child,
}

impl Scratch {
    /// Makes an empty directory whose name begins with `prefix`.
    ///
    /// # Errors
    ///
    /// When the directory or the shell cannot be made.
    pub fn new(prefix: &str) -> Result<Self> {
        let directory = tempfile::Builder::new().prefix(prefix).tempdir()?;
        let shell = Command::new("sh")
            .args(["-c", SCRIPT, "scratch"])
            .arg(directory.path())
            // Ctrl-C in a terminal is for us, not for it.
            .process_group(0)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .context("the shell that guards a temporary directory did not start")?;
        Ok(Self {
            path: directory.keep(),
            shell,
        })
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_there_until_it_is_dropped() {
        let scratch = Scratch::new("datatransit-test-").unwrap();
        let path = scratch.path().to_owned();
        std::fs::write(path.join("file"), "x").unwrap();
        drop(scratch);
        assert!(!path.exists());
    }
}
