//! A file for the textfile collector of Prometheus' node_exporter: the one local file
//! that a run leaves behind, and a tiny one.
//!
//! Written beside its place and renamed into it, so that the collector never reads half
//! of it. A failed run keeps the time of the last success, which is what alarms are about.

use std::fmt::Write as _;
use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use anyhow::Context as _;

use super::{Figures, float};

const LAST_SUCCESS: &str = "datatransit_last_success_timestamp_seconds";

/// Writes the file.
pub(super) fn write(path: &Path, figures: &Figures<'_>) -> anyhow::Result<()> {
    // Missing at first, and of no use when it is broken.
    let former = fs::read_to_string(path).ok();
    let text = text(figures, former.as_deref().and_then(last_success));
    let mut temporary = path.as_os_str().to_owned();
    temporary.push(format!(".{}.tmp", std::process::id()));
    let temporary = Path::new(&temporary);
    let written = create(temporary)
        .and_then(|mut file| file.write_all(text.as_bytes()))
        .and_then(|()| fs::rename(temporary, path));
    if written.is_err() {
        // There may be nothing to remove.
        let _ = fs::remove_file(temporary);
    }
    written.with_context(|| format!("write {}", path.display()))
}

/// The collector runs as another user: the file is for all to read, whatever the umask.
fn create(path: &Path) -> std::io::Result<fs::File> {
    let file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        file.set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    Ok(file)
}

fn text(figures: &Figures<'_>, last_success: Option<f64>) -> String {
    let now = figures.ended_at.as_second();
    let last_success = if figures.succeeded() {
        // Seconds since 1970 are far below 2^53.
        u64::try_from(now).ok().map(float)
    } else {
        last_success
    };
    let job = label(figures.job);
    let mut text = String::new();
    for (name, help, value) in [
        (
            LAST_SUCCESS,
            "End of the last run that ended well.",
            last_success,
        ),
        (
            "datatransit_duration_seconds",
            "How long the last run took.",
            Some(figures.seconds),
        ),
        (
            "datatransit_stored_bytes",
            "Size of the object that the last run made.",
            figures.stored_bytes.map(float),
        ),
        (
            "datatransit_rows",
            "Rows that the last run read.",
            figures.rows.map(float),
        ),
        (
            "datatransit_retries",
            "Requests to the store that the last run repeated.",
            figures.retries.map(float),
        ),
        (
            "datatransit_size_change_percent",
            "Change of the size since the run before.",
            figures.size_change_percent,
        ),
        (
            "datatransit_exit_code",
            "Exit code of the last run.",
            Some(f64::from(figures.exit_code)),
        ),
    ] {
        let Some(value) = value else { continue };
        // Writing to a String cannot fail.
        let _ = writeln!(text, "# HELP {name} {help}");
        let _ = writeln!(text, "# TYPE {name} gauge");
        let _ = writeln!(text, "{name}{{job_name=\"{job}\"}} {value}");
    }
    text
}

fn last_success(former: &str) -> Option<f64> {
    let line = former.lines().find(|line| line.starts_with(LAST_SUCCESS))?;
    line.rsplit_once(' ')?.1.parse().ok()
}

/// Escapes as the exposition format wants it.
fn label(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('"', "\\\"")
        .replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::super::tests::figures;
    use super::*;

    #[test]
    fn a_failure_keeps_the_time_of_the_last_success() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tenants.prom");
        write(&path, &figures(9)).unwrap();
        assert!(!fs::read_to_string(&path).unwrap().contains(LAST_SUCCESS));
        write(&path, &figures(0)).unwrap();
        let mut later = figures(9);
        later.ended_at = "2026-11-24T00:00:00Z".parse().unwrap();
        write(&path, &later).unwrap();
        let text = fs::read_to_string(&path).unwrap();
        let success = format!("{LAST_SUCCESS}{{job_name=\"ten\\\"ants\"}} 1795379460\n");
        assert!(text.contains(&success), "{text}");
        assert!(text.contains("datatransit_exit_code{job_name=\"ten\\\"ants\"} 9\n"));
        assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 1);
    }

    #[test]
    fn a_directory_that_is_missing_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("absent/x.prom");
        let error = format!("{:#}", write(&path, &figures(0)).unwrap_err());
        assert!(error.contains("absent/x.prom"), "{error}");
    }
}
