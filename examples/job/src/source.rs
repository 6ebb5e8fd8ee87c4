//! What a failed dump means to a scheduler.

use datatransit_dump::{Error, ErrorKind};

use crate::{ExitCode, Failure};

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        // The sink's reason is the store's, with its own class and way out.
        if let Error::Sink { source, .. } = &error
            && let Some(upload) = source.downcast_ref::<datatransit_s3upload::Error>()
        {
            return Self::from(upload.clone());
        }
        let (exit, stage, remedy) = match error.kind() {
            ErrorKind::Options => (ExitCode::Usage, "configuration", "see --help"),
            ErrorKind::Connect => (
                ExitCode::Source,
                "connect",
                "run with --check to see which step fails",
            ),
            ErrorKind::AccessDenied => (
                ExitCode::Source,
                "login",
                "grant the user SELECT, SHOW VIEW, TRIGGER and, as the options need them, \
                 EVENT, LOCK TABLES and the reading of routines",
            ),
            ErrorKind::NotFound => (
                ExitCode::Source,
                "plan",
                "check the names of the database and its tables",
            ),
            ErrorKind::Snapshot => (ExitCode::Snapshot, "snapshot", ""),
            ErrorKind::SchemaChanged => (
                ExitCode::SchemaChanged,
                "dump",
                "run again when no ALTER, DROP, RENAME or TRUNCATE is under way",
            ),
            ErrorKind::Read | ErrorKind::Stalled => (ExitCode::Read, "dump", ""),
            ErrorKind::Value => (
                ExitCode::Read,
                "dump",
                "mend the value, or choose a format or an option that can hold it",
            ),
            ErrorKind::Gate => (
                ExitCode::Gate,
                "gates",
                "look at the source: a required table is missing or holds no row",
            ),
            ErrorKind::Sink => (ExitCode::Upload, "upload", ""),
            _ => (ExitCode::Other, "dump", ""),
        };
        let failure = Self::new(exit, stage, error);
        if remedy.is_empty() {
            failure
        } else {
            failure.with_remedy(remedy)
        }
    }
}
