//! One run at a time on this host: an advisory lock on a named file.
//!
//! The kernel drops the lock when the process ends, however it ends, so a stale
//! lock cannot exist. The file itself stays: removing it would let two runs lock
//! two different files of the same name.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, anyhow};

use crate::{ExitCode, Failure, RunId};

/// The lock, held until it is dropped.
#[derive(Debug)]
pub struct Lock {
    _file: File,
    path: PathBuf,
}

impl Lock {
    /// Takes the lock, or fails at once when another process holds it.
    ///
    /// Writes the process id and run id into the file, for people only.
    ///
    /// # Errors
    /// [`ExitCode::Locked`] when it is held; [`ExitCode::Usage`] when the file
    /// cannot be made or locked.
    pub fn acquire(path: &Path, run_id: &RunId) -> Result<Self, Failure> {
        let mut file = open(path)?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // Only an aid to the reader: a holder that cannot be read is no second failure.
                let _ = file.read_to_string(&mut holder);
                let holder: String = holder
                    .chars()
                    .filter(|c| !c.is_control())
                    .take(200)
                    .collect();
                let error = anyhow!("another run holds {} ({})", path.display(), holder.trim());
                return Err(Failure::new(ExitCode::Locked, "lock", error)
                    .with_remedy("wait for that run, or end it by its process id"));
            }
            Err(TryLockError::Error(error)) => {
                return Err(usage(
                    anyhow!(error).context(format!("lock {}", path.display())),
                ));
            }
        }
        let note = format!("pid {} run {run_id}\n", std::process::id());
        file.set_len(0)
            .and_then(|()| file.rewind())
            .and_then(|()| file.write_all(note.as_bytes()))
            .with_context(|| format!("write to {}", path.display()))
            .map_err(usage)?;
        Ok(Self {
            _file: file,
            path: path.to_owned(),
        })
    }

    /// Says whether a run could take the lock now, without keeping it and
    /// without changing an existing file's content.
    ///
    /// # Errors
    /// As [`Lock::acquire`]. Makes no file: a missing one is fine when its
    /// directory exists.
    pub fn probe(path: &Path) -> Result<(), Failure> {
        if !path.exists() {
            let directory = match path.parent() {
                Some(parent) if !parent.as_os_str().is_empty() => parent,
                _ => Path::new("."),
            };
            let metadata = directory
                .metadata()
                .with_context(|| format!("look at {}", directory.display()));
            return match metadata.map_err(usage)? {
                found if !found.is_dir() => {
                    Err(usage(anyhow!("{} is not a directory", directory.display())))
                }
                found if found.permissions().readonly() => Err(usage(anyhow!(
                    "{} cannot be written to",
                    directory.display()
                ))),
                _ => Ok(()),
            };
        }
        match open(path)?.try_lock() {
            Ok(()) => Ok(()),
            Err(TryLockError::WouldBlock) => Err(Failure::new(
                ExitCode::Locked,
                "lock",
                anyhow!("another run holds {}", path.display()),
            )),
            Err(TryLockError::Error(error)) => Err(usage(
                anyhow!(error).context(format!("lock {}", path.display())),
            )),
        }
    }

    /// Returns the file's path.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

fn open(path: &Path) -> Result<File, Failure> {
    let mut options = OpenOptions::new();
    // Not truncated: the holder's note must survive those who fail to get the lock.
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    {
        use std::os::unix::fs::OpenOptionsExt as _;
        options.mode(0o600);
    }
    options
        .open(path)
        .with_context(|| format!("open the lock file {}", path.display()))
        .map_err(usage)
}

fn usage(error: anyhow::Error) -> Failure {
    Failure::new(ExitCode::Usage, "lock", error)
        .with_remedy("name a file in a directory that this user may write to")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run_id(text: &str) -> RunId {
        text.parse().unwrap()
    }

    #[test]
    fn the_second_one_is_told_who_holds_it() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("job.lock");
        let first = Lock::acquire(&path, &run_id("first")).unwrap();
        let refused = Lock::acquire(&path, &run_id("second")).unwrap_err();
        assert_eq!(refused.exit(), ExitCode::Locked);
        assert!(
            refused.reason().contains("run first"),
            "{}",
            refused.reason()
        );
        assert_eq!(Lock::probe(&path).unwrap_err().exit(), ExitCode::Locked);
        drop(first);
        Lock::probe(&path).unwrap();
        Lock::acquire(&path, &run_id("second")).unwrap();
    }

    #[test]
    fn a_missing_directory_is_a_configuration_error() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("absent/job.lock");
        assert_eq!(
            Lock::acquire(&path, &run_id("x")).unwrap_err().exit(),
            ExitCode::Usage
        );
        assert_eq!(Lock::probe(&path).unwrap_err().exit(), ExitCode::Usage);
    }

    #[test]
    fn a_probe_makes_no_file() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("job.lock");
        Lock::probe(&path).unwrap();
        assert!(!path.exists());
    }
}
