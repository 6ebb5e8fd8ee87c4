//! Asks before something changes.

use std::io::{self, BufRead as _, IsTerminal as _, Write as _};

use anyhow::{anyhow, bail};

/// Lets a change go on: with `--yes`, or when a person at a terminal says `yes`.
///
/// # Errors
/// When nobody is there to be asked, and when the answer is another.
pub(crate) fn confirm(yes: bool, question: &str) -> anyhow::Result<()> {
    if yes {
        return Ok(());
    }
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        bail!("nobody is at a terminal to be asked: give --yes, or --dry-run to look only");
    }
    let mut error = io::stderr();
    write!(error, "{question} Only `yes` goes on: ")?;
    error.flush()?;
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer)?;
    if answer.trim() == "yes" {
        Ok(())
    } else {
        Err(anyhow!("not confirmed, nothing is changed"))
    }
}
