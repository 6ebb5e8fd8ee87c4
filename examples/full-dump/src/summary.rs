//! The one JSON line on standard output that says how the run ended.

use datatransit_dump::DumpReport;
use datatransit_job::Failure;
use datatransit_s3upload::{DrainReport, Receipt};
use serde::Serialize;

/// How a run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    /// Dump, tags and manifest are published.
    Published,
    /// Published, and marked as not valid: a gate failed.
    PublishedInvalid,
    /// The day's result is there already.
    Skipped,
    /// Nothing more was published; the reason tells.
    #[default]
    Failed,
}

/// The summary.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(default)]
pub(crate) struct Summary {
    pub(crate) status: Status,
    pub(crate) run_id: String,
    pub(crate) exit_code: u8,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) stage: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) remedy: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dump_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dump_uri: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) dump_key: Option<String>,
    /// Whether the object is at its key: true also after a run that failed later.
    pub(crate) dump_published: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) manifest_uri: Option<String>,
    pub(crate) manifest_published: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) valid_for_etl: Option<bool>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) invalid_reasons: Vec<String>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(crate) dump: Option<DumpFacts>,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(crate) object: Option<ObjectFacts>,
    /// Ids of multipart uploads that may still be open: abort them by hand, or
    /// leave them to the bucket's lifecycle rule.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) unconfirmed_uploads: Vec<String>,
    pub(crate) seconds: f64,
}

/// What the dump knows.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct DumpFacts {
    dump_size_bytes: u64,
    dump_sha256: String,
    uncompressed_size_bytes: u64,
    uncompressed_sha256: String,
    compression: String,
    tables: usize,
    rows: u64,
    /// What could not be read and was passed over (`--force`).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    failures: Vec<String>,
    server_version: String,
    server_hostname: String,
}

/// What the store answered.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct ObjectFacts {
    #[serde(skip_serializing_if = "Option::is_none")]
    etag: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_id: Option<String>,
    crc64nvme: String,
    verification: String,
    parts: u32,
    upload_retries: u64,
}

impl Summary {
    /// Records a failure.
    pub(crate) fn fail(&mut self, failure: &Failure) {
        self.status = Status::Failed;
        self.exit_code = failure.exit().code();
        self.stage = Some(failure.stage());
        self.reason = Some(failure.reason());
        self.remedy = failure.remedy().map(str::to_owned);
    }

    /// Records a finished dump.
    pub(crate) fn dumped(&mut self, report: &DumpReport) {
        self.dump = Some(DumpFacts {
            dump_size_bytes: report.stored_bytes,
            dump_sha256: report.stored_sha256.clone(),
            uncompressed_size_bytes: report.uncompressed_bytes,
            uncompressed_sha256: report.uncompressed_sha256.clone(),
            compression: report.compression.clone(),
            tables: report.tables.len(),
            rows: report.rows,
            failures: report.failures.clone(),
            server_version: report.server.version.clone(),
            server_hostname: report.server.hostname.clone(),
        });
    }

    /// Records a published object.
    pub(crate) fn published(&mut self, receipt: &Receipt) {
        self.dump_published = true;
        self.object = Some(ObjectFacts {
            etag: receipt
                .etag
                .as_ref()
                .map(|etag| etag.trim_matches('"').to_owned()),
            version_id: receipt.version_id.clone(),
            crc64nvme: receipt.crc64nvme.to_string(),
            verification: format!("{:?}", receipt.verification),
            parts: receipt.parts,
            upload_retries: receipt.retries,
        });
    }

    /// Records what was cleaned up.
    pub(crate) fn drained(&mut self, report: &DrainReport) {
        for upload in &report.unconfirmed {
            let id = upload.upload_id.as_deref().unwrap_or("unknown");
            self.unconfirmed_uploads
                .push(format!("{} {id}", upload.address));
        }
    }

    /// Returns the line.
    pub(crate) fn to_json(&self) -> String {
        // Texts, numbers and truth values only: this cannot fail.
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_one_line_with_its_reason() {
        let mut summary = Summary {
            run_id: "r".to_owned(),
            ..Summary::default()
        };
        summary.fail(&Failure::usage(anyhow::anyhow!("a\nb")).with_remedy("c"));
        let line = summary.to_json();
        assert!(!line.contains('\n'));
        let value: serde_json::Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["status"], "failed");
        assert_eq!(value["exit_code"], 2);
        assert_eq!(value["reason"], "a\nb");
        assert_eq!(value["dump_published"], false);
        assert!(value.get("rows").is_none());
    }
}
