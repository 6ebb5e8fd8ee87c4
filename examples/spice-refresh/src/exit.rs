//! The exit codes. Those that `full-dump` has too mean the same there.

use std::process::ExitCode;

use datatransit_job::StopCause;
use datatransit_spice::Verdict;

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Every data set is refreshed, or needed not to be; or all are started, with `--no-wait`.
    Success,
    /// One or more are not refreshed.
    Failed,
    /// The command line, the environment or the configuration file is wrong.
    Usage,
    /// No usable AWS credentials.
    Credentials,
    /// Time ran out, and nothing else went wrong.
    Deadline,
    /// The gate did not open.
    Gate,
    /// SIGINT.
    Interrupted,
    /// SIGTERM.
    Terminated,
}

/// For `--help`.
pub(crate) const TABLE: &str = "\
Exit codes:
    0  every data set is refreshed, or needed not to be (queries directly, skipped as
       asked); with --no-wait: started
    1  one or more are not refreshed
    2  usage or configuration
    3  AWS credentials: missing, refused
   10  the deadline passed for one or more, and nothing else went wrong
   12  the gate did not open: nothing was started
  130  SIGINT
  143  SIGTERM
";

impl Exit {
    /// Returns the number given to the operating system.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::Credentials => 3,
            Self::Deadline => 10,
            Self::Gate => 12,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// The code of a run that was asked to stop.
    pub(crate) const fn of_stop(cause: StopCause) -> Self {
        match cause {
            StopCause::Interrupted => Self::Interrupted,
            StopCause::Terminated => Self::Terminated,
            _ => Self::Deadline,
        }
    }

    /// The code of a report.
    pub(crate) const fn of(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Complete | Verdict::Unfinished => Self::Success,
            Verdict::Deadline => Self::Deadline,
            Verdict::Credentials => Self::Credentials,
            _ => Self::Failed,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_codes_mean_what_they_mean_for_the_dump() {
        for (exit, job) in [
            (Exit::Success, datatransit_job::ExitCode::Success),
            (Exit::Usage, datatransit_job::ExitCode::Usage),
            (Exit::Credentials, datatransit_job::ExitCode::Credentials),
            (Exit::Deadline, datatransit_job::ExitCode::Deadline),
            (Exit::Interrupted, datatransit_job::ExitCode::Interrupted),
            (Exit::Terminated, datatransit_job::ExitCode::Terminated),
        ] {
            assert_eq!(exit.code(), job.code());
        }
        let numbers = datatransit_job::ExitCode::ALL.map(datatransit_job::ExitCode::code);
        assert!(!numbers.contains(&Exit::Gate.code()));
        for code in [0, 1, 2, 3, 10, 12, 130, 143] {
            assert!(TABLE.contains(&format!("{code:>5}  ")), "{code}");
        }
    }
}
