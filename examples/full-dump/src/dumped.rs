//! The finished dump, and what is said about it.

use anyhow::anyhow;
use datatransit_dump::{DumpReport, Manifest, ManifestFacts, TableReport};
use datatransit_job::summary::Facts;
use datatransit_job::{ExitCode, Failure, Product};

/// A dump that was written to its end.
#[derive(Debug)]
pub struct Dumped(pub(crate) DumpReport);

impl Product for Dumped {
    fn stored_bytes(&self) -> u64 {
        self.0.stored_bytes
    }

    fn facts(&self) -> Facts {
        let report = &self.0;
        let mut facts = Facts::default()
            .with("dump_size_bytes", report.stored_bytes)
            .with("dump_sha256", report.stored_sha256.as_str())
            .with("uncompressed_size_bytes", report.uncompressed_bytes)
            .with("uncompressed_sha256", report.uncompressed_sha256.as_str())
            .with("compression", report.compression.as_str())
            .with("tables", report.tables.len())
            .with("rows", report.rows);
        // What could not be read and was passed over (`--force`).
        if !report.failures.is_empty() {
            facts = facts.with("failures", report.failures.clone());
        }
        facts
            .with("server_version", report.server.version.as_str())
            .with("server_hostname", report.server.hostname.as_str())
    }

    fn announce(&self) {
        let report = &self.0;
        tracing::info!(
            tables = report.tables.len(),
            rows = report.rows,
            uncompressed_bytes = report.uncompressed_bytes,
            stored_bytes = report.stored_bytes,
            seconds = report.elapsed.as_secs_f64(),
            server = report.server.hostname,
            version = report.server.version,
            "dumped"
        );
    }

    /// A dump with gaps (`--force`): never an object, for it ends like a whole one.
    fn refusal(&self) -> Option<Failure> {
        if self.0.failures.is_empty() {
            return None;
        }
        let error = anyhow!("the dump has gaps: {}", self.0.failures.join("; "));
        Some(
            Failure::new(ExitCode::Read, "dump", error)
                .with_remedy("mend the objects, or leave them out with --ignore-table"),
        )
    }

    fn manifest(&self, facts: ManifestFacts) -> String {
        Manifest::new(&self.0, facts).to_json()
    }
}

/// Whether `--require-table` means this table: `TABLE` or `DB.TABLE`.
pub(crate) fn is_named(table: &TableReport, wanted: &str) -> bool {
    table.name == wanted
        || wanted
            .strip_prefix(table.database.as_str())
            .and_then(|rest| rest.strip_prefix('.'))
            .is_some_and(|name| name == table.name)
}
