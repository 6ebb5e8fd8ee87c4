//! The exit codes. They are those of `terraform plan -detailed-exitcode`, so that
//! a CI job can branch on them.

use std::process::ExitCode;

use datatransit_job::StopCause;

/// How the program ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// Done; for `plan` and `drift`: and nothing differs.
    Success,
    /// Something went wrong: usage, credentials, the service, a deadline, a lock.
    Error,
    /// `plan` and `drift`: done, and something differs.
    Changes,
    /// SIGINT.
    Interrupted,
    /// SIGTERM.
    Terminated,
}

/// For `--help`.
pub(crate) const TABLE: &str = "\
Exit codes:
    0  done; plan, drift: nothing differs
    1  an error: usage, credentials, the service, the deadline, a lock that is held,
       an asset that could not be deployed
    2  plan, drift: something differs
  130  SIGINT
  143  SIGTERM
";

impl Exit {
    /// Returns the number given to the operating system.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Error => 1,
            Self::Changes => 2,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }

    /// The code of a run that was asked to stop.
    pub(crate) const fn of(cause: StopCause) -> Self {
        match cause {
            StopCause::Interrupted => Self::Interrupted,
            StopCause::Terminated => Self::Terminated,
            _ => Self::Error,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
