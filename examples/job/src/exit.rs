//! The exit codes: one per class of failure, so that a scheduler can branch on
//! them. The table here is the only one; `--help` and the README print it.

use std::fmt::Write as _;

/// How a run ended, as the process reports it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ExitCode {
    /// Everything asked for was done.
    Success,
    /// A failure that no other class covers: a bug or a broken machine.
    Other,
    /// The command line, the environment or the configuration file is wrong.
    Usage,
    /// The credentials could not be obtained or are not usable.
    Credentials,
    /// The source is forbidden by a rule, refuses the login or cannot be reached.
    Source,
    /// No consistent snapshot could be opened.
    Snapshot,
    /// A table's definition changed while it was read.
    SchemaChanged,
    /// Reading the source failed under way.
    Read,
    /// The result could not be stored, or the store holds something else.
    Upload,
    /// A gate refused the result: too small, stale, a table missing or empty.
    Gate,
    /// The deadline passed, or nothing moved any more.
    Deadline,
    /// Another run holds the lock, or took it over.
    Locked,
    /// SIGINT ended the run.
    Interrupted,
    /// SIGTERM ended the run.
    Terminated,
}

impl ExitCode {
    /// All of them, in the order of the documented table.
    pub const ALL: [Self; 14] = [
        Self::Success,
        Self::Other,
        Self::Usage,
        Self::Credentials,
        Self::Source,
        Self::Snapshot,
        Self::SchemaChanged,
        Self::Read,
        Self::Upload,
        Self::Gate,
        Self::Deadline,
        Self::Locked,
        Self::Interrupted,
        Self::Terminated,
    ];

    /// Returns the number given to the operating system.
    #[must_use]
    pub const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Other => 1,
            Self::Usage => 2,
            Self::Credentials => 3,
            Self::Source => 4,
            Self::Snapshot => 5,
            Self::SchemaChanged => 6,
            Self::Read => 7,
            Self::Upload => 8,
            Self::Gate => 9,
            Self::Deadline => 10,
            Self::Locked => 11,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// Says in one line what the code means to the person who reads a cron mail.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Success => "done: published whole, or skipped as asked",
            Self::Other => "anything else",
            Self::Usage => "usage or configuration",
            Self::Credentials => "credentials: missing, refused, malformed",
            Self::Source => "source refused by a rule, login refused, or unreachable",
            Self::Snapshot => "no consistent snapshot",
            Self::SchemaChanged => "schema changed under way",
            Self::Read => "reading the source failed",
            Self::Upload => "upload: not stored, or the key exists and --if-exists=fail",
            Self::Gate => "a gate failed (too small, stale, table missing): no valid manifest",
            Self::Deadline => "deadline (--timeout) passed, or nothing moved for --idle-timeout",
            Self::Locked => "another run holds the lock, or took it over",
            Self::Interrupted => "SIGINT",
            Self::Terminated => "SIGTERM",
        }
    }

    /// Prints the table for `--help`.
    #[must_use]
    pub fn table() -> String {
        let mut text = String::from("Exit codes:\n");
        for exit in Self::ALL {
            // Writing to a String cannot fail.
            let _ = writeln!(text, "  {:>3}  {}", exit.code(), exit.meaning());
        }
        text
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(exit: ExitCode) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_distinct_and_only_success_is_zero() {
        let mut codes: Vec<u8> = ExitCode::ALL.iter().map(|exit| exit.code()).collect();
        assert_eq!(codes.iter().filter(|code| **code == 0).count(), 1);
        codes.sort_unstable();
        codes.dedup();
        assert_eq!(codes.len(), ExitCode::ALL.len());
    }

    #[test]
    fn the_table_has_a_line_per_code() {
        let table = ExitCode::table();
        for exit in ExitCode::ALL {
            let line = format!("{:>3}  {}", exit.code(), exit.meaning());
            assert!(table.contains(&line), "{line} is missing from {table}");
        }
    }
}
