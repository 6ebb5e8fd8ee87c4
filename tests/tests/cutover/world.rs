//! A bucket of daily reports, and the program.

use std::path::PathBuf;
use std::process::{Output, Stdio};

use aws_sdk_s3::primitives::ByteStream;
use e2e::s3::{S3Options, S3Server};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::process::Command;

pub(crate) const BUCKET: &str = "dumps-bucket";
pub(crate) const REPORTS: &str = "s3://dumps-bucket/comparison/";
/// The newest day of the made-up weeks.
pub(crate) const NEWEST: &str = "2026-11-26";

pub(crate) struct World {
    pub(crate) s3: S3Server,
    pub(crate) directory: TempDir,
}

impl World {
    pub(crate) fn new() -> Self {
        Self::with_pages(1000)
    }

    /// With listings of so many objects in an answer.
    pub(crate) fn with_pages(list_page: i32) -> Self {
        let mut options = S3Options::with_buckets(&[BUCKET]);
        options.list_page = list_page;
        Self {
            s3: S3Server::start(options).unwrap(),
            directory: tempfile::tempdir().unwrap(),
        }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, text: &str) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, text).unwrap();
        path
    }

    pub(crate) async fn put(&self, key: &str, body: impl Into<Vec<u8>>) {
        let put = self.s3.endpoint().s3_client().put_object();
        let put = put.bucket(BUCKET).key(key);
        put.body(ByteStream::from(body.into()))
            .send()
            .await
            .unwrap();
    }

    /// Puts a day's report, which a test made up.
    pub(crate) async fn put_day(&self, date: &str, report: &Value) {
        self.put(&format!("comparison/{date}.json"), report.to_string())
            .await;
    }

    /// The program with the double's environment and no other.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Outcome {
        let output = Command::new(e2e::binary::binary("compare-dumps"))
            .args(arguments)
            .env_clear()
            .envs(self.s3.endpoint().env())
            .current_dir(self.directory.path())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .unwrap();
        Outcome::of(output)
    }

    /// Asks for the answer on the newest day, as JSON.
    pub(crate) async fn history(&self, arguments: &[&str]) -> Outcome {
        let usual = ["history", "--reports", REPORTS, "--today", NEWEST, "--json"];
        self.run(&[&usual, arguments].concat()).await
    }
}

pub(crate) struct Outcome {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    fn of(output: Output) -> Self {
        Self {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    #[track_caller]
    pub(crate) fn assert_code(&self, code: i32) -> &Self {
        assert_eq!(self.code, Some(code), "{}\n{}", self.stdout, self.stderr);
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap()
    }

    /// The rules that do not hold.
    #[track_caller]
    pub(crate) fn broken(&self) -> Vec<String> {
        let decision = self.json();
        let checks = decision["checks"].as_array().unwrap().iter();
        let broken = checks.filter(|check| check["holds"] == false);
        broken
            .map(|check| check["rule"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// The day so many days before the newest.
pub(crate) fn day(back: i64) -> String {
    let newest: jiff::civil::Date = NEWEST.parse().unwrap();
    (newest - jiff::Span::new().days(back)).to_string()
}

/// A made-up report of two dumps of these sizes.
pub(crate) fn compared(date: &str, verdict: &str, old: u64, new: u64) -> Value {
    let side = |bytes: u64| {
        json!({"name": format!("s3://dumps-bucket/dumps/gghouse_{date}.sql.gz"), "stored_bytes": bytes / 5,
            "uncompressed_bytes": bytes, "compression": "gzip", "statements": 40, "tables": 12,
            "rows": bytes / 100, "complete": true})
    };
    json!({"date": date, "run_id": format!("run-{date}"), "generated_at": format!("{date}T06:30:00+09:00"),
        "status": "compared", "comparison": {"report_version": 1, "verdict": verdict,
        "old": side(old), "new": side(new), "masked": [], "reasons": [], "tables": [], "statements": [], "elapsed_ms": 5}})
}

/// A made-up report of a run that failed.
pub(crate) fn failed(date: &str) -> Value {
    json!({"date": date, "run_id": "r", "generated_at": "t", "status": "failed",
        "error": "s3://dumps-bucket/dumps/x does not exist"})
}
