//! What `--dry-run` tells of an export.

use datatransit_dump::export::{ExportPreview, Format};
use datatransit_job::dry_run::Plan;
use serde_json::json;

use crate::query::Asked;

/// Tells what the preview found.
pub(crate) fn of(
    preview: &ExportPreview,
    asked: &Asked,
    format: &Format,
    time_zone: Option<&str>,
) -> Plan {
    let columns = &preview.columns;
    let mut lines = vec![("query", asked.name.clone())];
    if !asked.parameters.is_empty() {
        lines.push(("parameters", asked.parameters.join(" ")));
    }
    lines.push(("zone", time_zone.unwrap_or("the server's own").to_owned()));
    lines.push(("format", format.name().to_owned()));
    let width = columns.iter().map(|column| column.name.chars().count());
    let width = width.max().unwrap_or(0);
    Plan {
        server: preview.server.clone(),
        lines,
        content: format!("{} columns", columns.len()),
        parts: columns
            .iter()
            .map(|column| {
                let null = if column.nullable { "NULL" } else { "NOT NULL" };
                format!(
                    "{:<width$}  {} {null} → {}",
                    column.name, column.mysql_type, column.written_as
                )
            })
            .collect(),
        members: vec![
            ("query", json!(asked.name)),
            ("parameters", json!(asked.parameters)),
            ("session_time_zone", json!(time_zone)),
            ("format", json!(format.name())),
            (
                "columns",
                columns
                    .iter()
                    .map(|column| {
                        json!({
                            "name": column.name,
                            "mysql_type": column.mysql_type,
                            "nullable": column.nullable,
                            "written_as": column.written_as,
                        })
                    })
                    .collect(),
            ),
        ],
    }
}
