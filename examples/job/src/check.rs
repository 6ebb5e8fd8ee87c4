//! `--check`, the doctor: each thing that a run needs, tried one by one, with
//! what to do about it. Publishes nothing and changes nothing.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context as _, anyhow};
use datatransit_dump::inspect;
use datatransit_s3upload::{ObjectStore as _, S3Store};
use serde::Serialize;
use tokio::net::TcpStream;

use crate::destination::Destination;
use crate::job::{Job, Source};
use crate::lock::Lock;
use crate::program::Program;
use crate::{ExitCode, Failure, object, run};

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
    name: Cow<'static, str>,
    outcome: Outcome,
    detail: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    remedy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    exit_code: Option<u8>,
}

/// All checks so far, and the class of the first that failed.
#[derive(Debug, Default)]
pub struct Report {
    checks: Vec<Check>,
    exit: Option<ExitCode>,
}

/// Runs the checks, prints them, and returns the class of the first failure.
pub async fn check<P: Program>(program: &P) -> ExitCode {
    let job = program.job();
    let mut report = Report::default();
    let all = async {
        diagnose(program, &mut report).await;
        Ok(())
    };
    if let Err(failure) = job.stop.guard("check", Duration::ZERO, all).await {
        report.fail("stopped", &failure);
    }
    let exit = report.exit.unwrap_or(ExitCode::Success);
    let text = if job.args.wants_json() {
        report.to_json(job, exit)
    } else {
        report.to_text()
    };
    match io::stdout().write_all(text.as_bytes()) {
        Err(_) if exit == ExitCode::Success => ExitCode::Other,
        _ => exit,
    }
}

async fn diagnose<P: Program>(program: &P, report: &mut Report) {
    let job = program.job();
    report.ok(
        "time zone",
        format!("{} is {}", job.when.zone_name, job.when.moment),
    );
    if let Some(path) = &job.args.run.lock_file {
        report.add(
            "lock file",
            Lock::probe(path).map(|()| format!("{} is free", path.display())),
        );
    }
    let source = report.add_with("credentials", run::source(program).await, |source| {
        format!("{} from {}", source.login, source.login.origin())
    });
    match source {
        Some(source) => database(program, &source, report).await,
        None => {
            report.skip(&["name resolution", "connection", "login"]);
            report.skip(P::CHECKS);
        }
    }
    let name = format!("{}'s destination", P::NOUN);
    store(job, name.into(), &job.destination, report).await;
    if let Some(manifest) = &job.manifest {
        store(job, "manifest's destination".into(), manifest, report).await;
    }
}

async fn database<P: Program>(program: &P, source: &Source<P::Selection>, report: &mut Report) {
    let (host, port) = (source.login.host(), source.login.port());
    let addresses = report.add_with("name resolution", resolve(host, port).await, |addresses| {
        format!("{host} is {}", addresses.join(", "))
    });
    if addresses.is_none() {
        report.skip(&["connection", "login"]);
        return report.skip(P::CHECKS);
    }
    let timeout = program.job().args.connection.connect_timeout;
    let reached = report.add("connection", reach(host, port, timeout).await);
    if !reached {
        report.skip(&["login"]);
        return report.skip(P::CHECKS);
    }
    let inspected = inspect(&source.connect).await.map_err(Failure::from);
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
        Some(inspection) => program.examine(source, &inspection, report).await,
        None => report.skip(P::CHECKS),
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

/// Opens an upload at the very key and aborts it: the rights to write and to
/// clean up are tried, and nothing is published.
async fn store(job: &Job, name: Cow<'static, str>, destination: &Destination, report: &mut Report) {
    let result = match destination {
        Destination::S3 { .. } => write_and_abort(job, destination).await,
        Destination::File { directory, .. } => writable(directory),
        Destination::Stdout => Ok("standard output".to_owned()),
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
    let spec = job
        .args
        .object
        .spec(destination, "application/octet-stream");
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
    /// Records what is as it should be.
    pub fn ok(&mut self, name: impl Into<Cow<'static, str>>, detail: String) {
        self.push(name.into(), Outcome::Ok, detail, None, None);
    }

    /// Records a check that ends in a text. Returns whether it went well.
    pub fn add(
        &mut self,
        name: impl Into<Cow<'static, str>>,
        result: Result<String, Failure>,
    ) -> bool {
        self.add_with(name, result, Clone::clone).is_some()
    }

    /// Records a check that ends in a value, with a text about it. Returns the value.
    pub fn add_with<T>(
        &mut self,
        name: impl Into<Cow<'static, str>>,
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

    /// Records what would fail a run.
    pub fn fail(&mut self, name: impl Into<Cow<'static, str>>, failure: &Failure) {
        let remedy = failure.remedy().map(str::to_owned);
        self.push(
            name.into(),
            Outcome::Failed,
            failure.reason(),
            remedy,
            Some(failure.exit()),
        );
    }

    /// Records what may fail a run, and perhaps does not.
    pub fn warn(&mut self, name: impl Into<Cow<'static, str>>, detail: String, remedy: String) {
        self.push(name.into(), Outcome::Warning, detail, Some(remedy), None);
    }

    /// Records what an earlier failure left nobody to try.
    pub fn skip(&mut self, names: &[&'static str]) {
        for name in names {
            self.push(
                (*name).into(),
                Outcome::Skipped,
                "not tried".to_owned(),
                None,
                None,
            );
        }
    }

    fn push(
        &mut self,
        name: Cow<'static, str>,
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
