//! The finished export, and what is said about it.

use datatransit_dump::ManifestFacts;
use datatransit_dump::export::{ExportManifest, ExportReport};
use datatransit_job::Product;
use datatransit_job::summary::Facts;

/// An export that was written to its end.
#[derive(Debug)]
pub struct Exported {
    pub(crate) report: ExportReport,
    /// The session's.
    pub(crate) database: Option<String>,
}

impl Product for Exported {
    fn stored_bytes(&self) -> u64 {
        self.report.stored_bytes
    }

    fn facts(&self) -> Facts {
        let report = &self.report;
        Facts::default()
            .with("dump_size_bytes", report.stored_bytes)
            .with("dump_sha256", report.stored_sha256.as_str())
            .with("uncompressed_size_bytes", report.uncompressed_bytes)
            .with("uncompressed_sha256", report.uncompressed_sha256.as_str())
            .with("compression", report.compression.as_str())
            .with("format", report.format.as_str())
            .with("columns", report.columns.len())
            .with("rows", report.rows)
            .with("query_sha256", report.query_sha256.as_str())
            .with("server_version", report.server.version.as_str())
            .with("server_hostname", report.server.hostname.as_str())
    }

    fn announce(&self) {
        let report = &self.report;
        tracing::info!(
            rows = report.rows,
            columns = report.columns.len(),
            uncompressed_bytes = report.uncompressed_bytes,
            stored_bytes = report.stored_bytes,
            seconds = report.elapsed.as_secs_f64(),
            server = report.server.hostname,
            version = report.server.version,
            "exported"
        );
    }

    fn manifest(&self, facts: ManifestFacts) -> String {
        ExportManifest::new(&self.report, self.database.as_deref(), facts).to_json()
    }
}
