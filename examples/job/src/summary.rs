//! The one JSON line on standard output that says how the run ended.

use datatransit_s3upload::{DrainReport, Receipt};
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::Failure;
use crate::job::Job;

/// How a run ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Status {
    /// Object, tags and manifest are published.
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
#[non_exhaustive]
pub struct Summary {
    /// How it ended.
    pub status: Status,
    /// The run.
    pub run_id: String,
    /// What the process returns.
    pub exit_code: u8,
    /// The stage that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<&'static str>,
    /// Why it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// The day that the object stands for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dump_date: Option<String>,
    /// Where it goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dump_uri: Option<String>,
    /// Its key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dump_key: Option<String>,
    /// Whether the object is at its key: true also after a run that failed later.
    pub dump_published: bool,
    /// Where the manifest goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub manifest_uri: Option<String>,
    /// Whether it is there.
    pub manifest_published: bool,
    /// Whether all gates were passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub valid_for_etl: Option<bool>,
    /// Which were not.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub invalid_reasons: Vec<String>,
    /// What the program knows of what it made.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub product: Option<Facts>,
    /// Change of the size since the newest earlier day, in percent: -50 is half of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size_change_percent: Option<f64>,
    /// What the store answered.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectFacts>,
    /// Ids of multipart uploads that may still be open: abort them by hand, or
    /// leave them to the bucket's lifecycle rule.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unconfirmed_uploads: Vec<String>,
    /// How long the run took.
    pub seconds: f64,
}

/// Members by their names, in this order.
#[derive(Clone, Debug, Default)]
pub struct Facts(Vec<(&'static str, Value)>);

impl Facts {
    /// Adds a member.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<Value>) -> Self {
        self.0.push((name, value.into()));
        self
    }
}

impl Facts {
    /// Returns a member that is a count.
    #[must_use]
    pub fn count(&self, name: &str) -> Option<u64> {
        let (_, value) = self.0.iter().find(|(known, _)| *known == name)?;
        value.as_u64()
    }
}

impl Serialize for Facts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

/// What the store answered.
#[derive(Clone, Debug, Serialize)]
pub struct ObjectFacts {
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
    /// Begins that of a run.
    #[must_use]
    pub fn new(job: &Job) -> Self {
        Self {
            run_id: job.run_id.to_string(),
            dump_date: Some(job.when.date()),
            dump_uri: Some(job.destination.to_string()),
            dump_key: Some(job.destination.key()),
            manifest_uri: job.manifest.as_ref().map(ToString::to_string),
            ..Self::default()
        }
    }

    /// Records a failure: also that of a gate after which the object was published.
    pub fn fail(&mut self, failure: &Failure) {
        if self.status != Status::PublishedInvalid {
            self.status = Status::Failed;
        }
        self.exit_code = failure.exit().code();
        self.stage = Some(failure.stage());
        self.reason = Some(failure.reason());
        self.remedy = failure.remedy().map(str::to_owned);
    }

    /// Records a published object.
    pub fn published(&mut self, receipt: &Receipt) {
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
    pub fn drained(&mut self, report: &DrainReport) {
        for upload in &report.unconfirmed {
            let id = upload.upload_id.as_deref().unwrap_or("unknown");
            self.unconfirmed_uploads
                .push(format!("{} {id}", upload.address));
        }
    }

    /// Returns a count that the program knows of what it made.
    #[must_use]
    pub fn count(&self, name: &str) -> Option<u64> {
        self.product.as_ref()?.count(name)
    }

    /// Returns how many requests of the upload were repeated; none without an object.
    #[must_use]
    pub fn upload_retries(&self) -> Option<u64> {
        Some(self.object.as_ref()?.upload_retries)
    }

    /// Returns the line.
    #[must_use]
    pub fn to_json(&self) -> String {
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
        let value: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(value["status"], "failed");
        assert_eq!(value["exit_code"], 2);
        assert_eq!(value["reason"], "a\nb");
        assert_eq!(value["dump_published"], false);
        assert!(value.get("rows").is_none());
    }

    #[test]
    fn what_is_published_in_spite_of_a_gate_is_not_called_failed() {
        let failure = Failure::usage(anyhow::anyhow!("x"));
        let mut summary = Summary {
            status: Status::PublishedInvalid,
            ..Summary::default()
        };
        summary.fail(&failure);
        assert_eq!(summary.status, Status::PublishedInvalid);
        summary.status = Status::Published;
        summary.fail(&failure);
        assert_eq!(summary.status, Status::Failed);
    }

    #[test]
    fn the_programs_facts_stand_among_the_others_in_their_order() {
        let summary = Summary {
            product: Some(Facts::default().with("rows", 7).with("format", "csv")),
            ..Summary::default()
        };
        let line = summary.to_json();
        assert!(
            line.contains(r#""manifest_published":false,"rows":7,"format":"csv","seconds""#),
            "{line}"
        );
    }
}
