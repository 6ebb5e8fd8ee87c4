//! `--check`, the doctor: each thing that a run needs, tried one by one, with
//! what to do about it. Publishes nothing and changes nothing.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use datatransit_dump::{Inspection, Selection, inspect};
use datatransit_job::destination::Destination;
use datatransit_job::lock::Lock;
use datatransit_job::{ExitCode, Failure, object};
use datatransit_s3upload::{ObjectStore as _, S3Store};
use serde::Serialize;
use tokio::net::TcpStream;

use crate::grants;
use crate::job::{Job, Target};

/// How one check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum Outcome {
    Ok,
    /// Not certain to fail a run.
    Warning,
    Failed,
    /// An earlier failure left nothing to try.
    Skipped,
}

#[derive(Debug, Serialize)]
struct Check {
    name: &'static str,
    outcome: Outcome,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<u8>,
}

/// All checks so far, and the class of the first that failed.
#[derive(Debug, Default)]
struct Report {
    checks: Vec<Check>,
    exit: Option<ExitCode>,
}

/// Runs the checks, prints them, and returns the class of the first failure.
pub(crate) async fn run(job: &Job) -> ExitCode {
    let mut report = Report::default();
    let stop = &job.stop;
    let all = async {
        diagnose(job, &mut report).await;
        Ok(())
    };
    if let Err(failure) = stop.guard("check", Duration::ZERO, all).await {
        report.fail("stopped", &failure);
    }
    let exit = report.exit.unwrap_or(ExitCode::Success);
    let text = if job.cli.wants_json() {
        report.to_json(job, exit)
    } else {
        report.to_text()
    };
    match io::stdout().write_all(text.as_bytes()) {
        Err(_) if exit == ExitCode::Success => ExitCode::Other,
        _ => exit,
    }
}

async fn diagnose(job: &Job, report: &mut Report) {
    report.ok(
        "time zone",
        format!("{} is {}", job.when.zone_name, job.when.moment),
    );
    if let Some(path) = job.lock_file() {
        report.add(
            "lock file",
            Lock::probe(path).map(|()| format!("{} is free", path.display())),
        );
    }
    let target = report.add_with("credentials", job.target().await, |target| {
        format!("{} from {}", target.login, target.login.origin())
    });
    match target {
        Some(target) => database(job, &target, report).await,
        None => report.skip(&["name resolution", "connection", "login", "grants", "tables"]),
    }
    store(job, "dump's destination", &job.destination, report).await;
    if let Some(manifest) = &job.manifest {
        store(job, "manifest's destination", manifest, report).await;
    }
}

async fn database(job: &Job, target: &Target, report: &mut Report) {
    let (host, port) = (target.login.host(), target.login.port());
    let addresses = report.add_with("name resolution", resolve(host, port).await, |addresses| {
        format!("{host} is {}", addresses.join(", "))
    });
    if addresses.is_none() {
        return report.skip(&["connection", "login", "grants", "tables"]);
    }
    let timeout = job.cli.connection.connect_timeout;
    let reached = report.add("connection", reach(host, port, timeout).await);
    if !reached {
        return report.skip(&["login", "grants", "tables"]);
    }
    let inspected = inspect(&target.connect).await.map_err(Failure::from);
    let inspection = report.add_with("login", inspected, |inspection| {
        format!(
            "{} on {} {} ({}), {}",
            inspection.current_user,
            inspection.identity.version_comment,
            inspection.identity.version,
            inspection.identity.hostname,
            inspection.tls_cipher.as_ref().map_or_else(
                || "plain text".to_owned(),
                |cipher| format!("TLS with {cipher}")
            )
        )
    });
    match inspection {
        Some(inspection) => content(job, target, &inspection, report).await,
        None => report.skip(&["grants", "tables"]),
    }
}

async fn resolve(host: &str, port: u16) -> Result<Vec<String>, Failure> {
    let found = tokio::net::lookup_host((host, port)).await;
    let found = found
        .with_context(|| format!("resolve {host}"))
        .map_err(|error| {
            Failure::new(ExitCode::Source, "connect", error)
                .with_remedy("check the host's name, and that this machine's resolver knows it")
        })?;
    Ok(found.map(|address| address.ip().to_string()).collect())
}

async fn reach(host: &str, port: u16, timeout: Duration) -> Result<String, Failure> {
    let refused = |error: anyhow::Error| {
        Failure::new(ExitCode::Source, "connect", error)
            .with_remedy("check the port, the route and the security group of the database")
    };
    match tokio::time::timeout(timeout, TcpStream::connect((host, port))).await {
        Ok(Ok(_)) => Ok(format!("{host}:{port} accepts")),
        Ok(Err(error)) => Err(refused(
            anyhow!(error).context(format!("connect to {host}:{port}")),
        )),
        Err(_) => Err(refused(anyhow!(
            "{host}:{port} does not answer within {timeout:?}"
        ))),
    }
}

/// What the user may see of the databases.
async fn content(job: &Job, target: &Target, inspection: &Inspection, report: &mut Report) {
    let dump = match job.dump(target).build().map_err(Failure::from) {
        Ok(dump) => dump,
        Err(failure) => return report.fail("options", &failure),
    };
    let preview = dump.preview().await.map_err(Failure::from);
    if let Ok(preview) = &preview {
        let databases = match &target.selection {
            // What covers everything covers a name that no pattern has.
            Selection::AllDatabases => vec!["*"],
            selection => selection.database_names(),
        };
        let missing = grants::missing(
            &inspection.grants,
            &databases,
            &job.given.options,
            preview.snapshot,
            inspection.identity.flavour,
        );
        report.grants(&missing);
    }
    report.add_with("tables", preview, |preview| {
        let rows: u64 = preview
            .tables
            .iter()
            .map(|table| table.estimated_rows)
            .sum();
        format!(
            "{} tables, {} views, about {rows} rows",
            preview.tables.len(),
            preview.views
        )
    });
}

/// Opens an upload at the very key and aborts it: the rights to write and to
/// clean up are tried, and nothing is published.
async fn store(job: &Job, name: &'static str, destination: &Destination, report: &mut Report) {
    let result = match destination {
        Destination::S3 { .. } => write_and_abort(job, destination).await,
        Destination::File { directory, .. } => writable(directory),
        _ => Ok("standard output".to_owned()),
    };
    report.add(name, result);
}

/// A run makes a missing directory, so the nearest one that exists decides.
fn writable(directory: &Path) -> Result<String, Failure> {
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

async fn write_and_abort(job: &Job, destination: &Destination) -> Result<String, Failure> {
    // The settings and the region are tried as a run would.
    object::uploader(destination, &job.aws, job.upload_memory()).await?;
    let store = Arc::new(S3Store::new(job.aws.s3().await));
    let spec = job.cli.object.spec(destination, "application/octet-stream");
    let refused = |what: &str, error: datatransit_s3upload::store::StoreError| {
        Failure::new(
            ExitCode::Upload,
            "upload",
            anyhow!(error).context(format!("{what} {destination}")),
        )
        .with_remedy(
            "check bucket and region; grant s3:PutObject, s3:PutObjectTagging, s3:GetObject, \
                 s3:AbortMultipartUpload and s3:ListMultipartUploadParts on the key's prefix",
        )
    };
    let upload = store
        .create_upload(&spec)
        .await
        .map_err(|error| refused("open an upload of", error))?;
    let aborted = store.abort_upload(&upload).await;
    aborted
        .map_err(|error| refused(&format!("abort the upload {} of", upload.upload_id), error))?;
    Ok(format!("an upload of {destination} was opened and aborted"))
}

impl Report {
    fn ok(&mut self, name: &'static str, detail: String) {
        self.push(name, Outcome::Ok, detail, None, None);
    }

    fn add(&mut self, name: &'static str, result: Result<String, Failure>) -> bool {
        self.add_with(name, result, Clone::clone).is_some()
    }

    fn add_with<T>(
        &mut self,
        name: &'static str,
        result: Result<T, Failure>,
        detail: impl FnOnce(&T) -> String,
    ) -> Option<T> {
        match result {
            Ok(value) => {
                self.ok(name, detail(&value));
                Some(value)
            }
            Err(failure) => {
                self.fail(name, &failure);
                None
            }
        }
    }

    fn fail(&mut self, name: &'static str, failure: &Failure) {
        let remedy = failure.remedy().map(str::to_owned);
        self.push(
            name,
            Outcome::Failed,
            failure.reason(),
            remedy,
            Some(failure.exit()),
        );
    }

    fn skip(&mut self, names: &[&'static str]) {
        for name in names {
            self.push(name, Outcome::Skipped, "not tried".to_owned(), None, None);
        }
    }

    fn grants(&mut self, missing: &grants::Missing) {
        if missing.needed.is_empty() {
            return self.ok("grants", "all that the options need".to_owned());
        }
        let detail = format!("not granted: {}", missing.needed.join(", "));
        let remedy = Some("grant them to the user of the credentials".to_owned());
        if missing.through_roles {
            let detail = format!("{detail}; perhaps by a role, whose grants are not listed");
            self.push("grants", Outcome::Warning, detail, remedy, None);
        } else {
            self.push(
                "grants",
                Outcome::Failed,
                detail,
                remedy,
                Some(ExitCode::Source),
            );
        }
    }

    fn push(
        &mut self,
        name: &'static str,
        outcome: Outcome,
        detail: String,
        remedy: Option<String>,
        exit: Option<ExitCode>,
    ) {
        self.exit = self.exit.or(exit);
        let exit_code = exit.map(ExitCode::code);
        self.checks.push(Check {
            name,
            outcome,
            detail,
            remedy,
            exit_code,
        });
    }

    fn to_json(&self, job: &Job, exit: ExitCode) -> String {
        let status = if exit == ExitCode::Success {
            "ok"
        } else {
            "failed"
        };
        let report = serde_json::json!({
            "status": status,
            "run_id": job.run_id,
            "exit_code": exit.code(),
            "checks": self.checks,
        });
        format!("{report}\n")
    }

    fn to_text(&self) -> String {
        let mut text = String::new();
        // Writing to a String cannot fail.
        for check in &self.checks {
            let outcome = match check.outcome {
                Outcome::Ok => "ok",
                Outcome::Warning => "warning",
                Outcome::Failed => "FAILED",
                Outcome::Skipped => "skipped",
            };
            let _ = writeln!(text, "{outcome:<8} {:<22} {}", check.name, check.detail);
            if let Some(remedy) = &check.remedy {
                let _ = writeln!(text, "{:<31} → {remedy}", "");
            }
        }
        text
    }
}
