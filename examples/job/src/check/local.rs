//! This machine: the lock file, and that nothing else is written here.

use std::path::Path;

use anyhow::{Context as _, anyhow};

use crate::destination::Destination;
use crate::job::Job;
use crate::lock::Lock;
use crate::{ExitCode, Failure};

use super::Report;

/// Tries the lock, and says what a run writes to local disks.
pub(super) fn examine(job: &Job, report: &mut Report) {
    let lock = job.args.run.lock_file.as_ref();
    if let Some(path) = lock {
        report.add(
            "lock file",
            Lock::probe(path).map(|()| format!("{} is free", path.display())),
        );
    }
    let mut written: Vec<String> = lock
        .into_iter()
        .map(|path| format!("the lock file {}", path.display()))
        .collect();
    for destination in [Some(&job.destination), job.manifest.as_ref()]
        .into_iter()
        .flatten()
    {
        if matches!(destination, Destination::File { .. }) {
            written.push(destination.to_string());
        }
    }
    let detail = match written.as_slice() {
        [] => "nothing is written to it".to_owned(),
        written => format!("nothing is written to it but {}", written.join(", ")),
    };
    report.ok("local disk", detail);
}

/// A run makes a missing directory, so the nearest one that exists decides.
pub(super) fn writable(directory: &Path) -> Result<String, Failure> {
    let nearest = directory
        .ancestors()
        .find(|path| path.exists())
        .unwrap_or(directory);
    let metadata = nearest
        .metadata()
        .with_context(|| nearest.display().to_string());
    match metadata {
        Ok(metadata) if metadata.is_dir() && !metadata.permissions().readonly() => {
            Ok(format!("{} is a directory", nearest.display()))
        }
        Ok(_) => Err(anyhow!("{} is no directory to write to", nearest.display())),
        Err(error) => Err(error),
    }
    .map_err(|error| {
        Failure::new(ExitCode::Upload, "upload", error)
            .with_remedy("name a directory of this user's")
    })
}
