//! What is missing in a dump that goes on nevertheless: what `--force` or `--ignore-error`
//! forgives, and what the real clients pass over without a word.

use crate::error::{Error, ErrorKind};
use crate::options::DumpOptions;

/// The gaps of a dump.
#[derive(Debug)]
pub(crate) struct Failures {
    /// All errors of objects are forgiven.
    force: bool,
    /// Else those with these numbers.
    codes: Vec<u16>,
    seen: Vec<String>,
}

impl Failures {
    pub(crate) fn new(options: &DumpOptions) -> Self {
        Self {
            force: options.force,
            codes: options.ignore_errors.clone(),
            seen: Vec::new(),
        }
    }

    /// Notes the error and lets the dump go on, or gives it back.
    ///
    /// Only what is wrong with one object is forgiven: never a broken connection, the sink's
    /// error or the caller's wish.
    pub(crate) fn forgive(&mut self, error: Error) -> Result<(), Error> {
        let of_an_object = match error.kind() {
            ErrorKind::AccessDenied | ErrorKind::NotFound | ErrorKind::SchemaChanged => true,
            ErrorKind::Snapshot | ErrorKind::Read => error.code().is_some(),
            _ => false,
        };
        let forgiven = self.force || error.code().is_some_and(|code| self.codes.contains(&code));
        if !of_an_object || !forgiven {
            return Err(error);
        }
        self.note(error.to_string());
        Ok(())
    }

    /// Notes rows that the real client leaves out and calls that a success: the bytes are its
    /// own, but nobody shall take them for a whole dump.
    pub(crate) fn note(&mut self, gap: String) {
        tracing::warn!(%gap, "the dump goes on without it");
        self.seen.push(gap);
    }

    /// The value, or `None` after a forgiven error.
    pub(crate) fn tolerate<T>(&mut self, result: Result<T, Error>) -> Result<Option<T>, Error> {
        match result {
            Ok(value) => Ok(Some(value)),
            Err(error) => self.forgive(error).map(|()| None),
        }
    }

    pub(crate) fn into_seen(self) -> Vec<String> {
        self.seen
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_error(code: u16) -> Error {
        Error::Read {
            step: "read view v".into(),
            code,
            reason: "invalid".into(),
        }
    }

    #[test]
    fn force_forgives_what_is_wrong_with_one_object() {
        let mut options = DumpOptions::default();
        assert!(Failures::new(&options).forgive(read_error(1356)).is_err());
        options.apply("force", None).unwrap();
        let mut failures = Failures::new(&options);
        assert!(failures.forgive(read_error(1356)).is_ok());
        assert!(
            failures.forgive(read_error(0)).is_err(),
            "a broken connection"
        );
        assert!(failures.forgive(Error::Cancelled).is_err());
        assert_eq!(failures.into_seen(), ["read view v: invalid"]);
    }

    #[test]
    fn ignore_error_forgives_its_numbers_only() {
        let mut options = DumpOptions::default();
        options.apply("ignore-error", Some("1356,1449")).unwrap();
        let mut failures = Failures::new(&options);
        assert!(
            failures
                .tolerate(Err::<(), _>(read_error(1449)))
                .unwrap()
                .is_none()
        );
        assert!(failures.forgive(read_error(1146)).is_err());
    }
}
