//! What `--dry-run` tells of a dump.

use datatransit_dump::Preview;
use datatransit_job::ByteSize;
use datatransit_job::dry_run::Plan;
use serde_json::{Value, json};

/// Tells what the preview found, read with these options.
pub(crate) fn of(preview: &Preview, options: &[String]) -> Plan {
    let snapshot = serde_json::to_value(preview.snapshot).unwrap_or_default();
    let bytes: u64 = preview
        .tables
        .iter()
        .map(|table| table.estimated_bytes)
        .sum();
    let content = format!(
        "{} tables, {} views, about {} rows, about {} in the server",
        preview.tables.len(),
        preview.views,
        rows(preview),
        ByteSize::new(bytes)
    );
    Plan {
        server: preview.server.clone(),
        lines: vec![
            ("snapshot", snapshot.as_str().unwrap_or_default().to_owned()),
            ("options", options.join(" ")),
        ],
        content,
        parts: parts(preview),
        members: vec![
            ("snapshot", snapshot),
            ("options", json!(options)),
            ("views", json!(preview.views)),
            ("tables", tables(preview)),
        ],
    }
}

/// About how many rows there are.
pub(crate) fn rows(preview: &Preview) -> u64 {
    let tables = preview.tables.iter();
    tables.map(|table| table.estimated_rows).sum()
}

fn parts(preview: &Preview) -> Vec<String> {
    let tables = preview.tables.iter();
    tables
        .map(|table| {
            format!(
                "{:>12} rows  {:>10}  {}.{}",
                table.estimated_rows,
                ByteSize::new(table.estimated_bytes).to_string(),
                table.database,
                table.name
            )
        })
        .collect()
}

fn tables(preview: &Preview) -> Value {
    let tables = preview.tables.iter();
    tables
        .map(|table| {
            json!({
                "database": table.database,
                "name": table.name,
                "estimated_rows": table.estimated_rows,
                "estimated_bytes": table.estimated_bytes,
            })
        })
        .collect()
}
