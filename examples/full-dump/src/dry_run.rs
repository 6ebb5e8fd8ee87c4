//! `--dry-run`: connects, and prints what would be dumped where. Writes nothing,
//! neither to the database nor to the destination.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::time::Duration;

use anyhow::Context as _;
use datatransit_dump::Preview;
use datatransit_job::{ByteSize, ExitCode, Failure, object};
use serde_json::{Value, json};

use crate::job::{Job, Target};

/// Makes and prints the plan.
pub(crate) async fn run(job: &Job) -> Result<(), Failure> {
    let stop = &job.stop;
    let target = stop
        .guard("credentials", Duration::ZERO, job.target())
        .await?;
    let uploader = object::uploader(&job.destination, &job.aws, job.upload_memory()).await?;
    let reach = uploader.map(|uploader| uploader.reachable_bytes());
    let dump = job.dump(&target).build()?;
    let looking = async { dump.preview().await.map_err(Failure::from) };
    let preview = stop.guard("plan", Duration::ZERO, looking).await?;
    let text = if job.cli.wants_json() {
        format!("{}\n", as_json(job, &target, &preview, reach))
    } else {
        as_text(job, &target, &preview, reach)
    };
    io::stdout()
        .write_all(text.as_bytes())
        .context("write the plan")
        .map_err(|error| Failure::new(ExitCode::Other, "dry-run", error))
}

fn as_json(job: &Job, target: &Target, preview: &Preview, reach: Option<u64>) -> Value {
    let tables: Vec<Value> = preview
        .tables
        .iter()
        .map(|table| {
            json!({
                "database": table.database,
                "name": table.name,
                "estimated_rows": table.estimated_rows,
                "estimated_bytes": table.estimated_bytes,
            })
        })
        .collect();
    json!({
        "status": "planned",
        "run_id": job.run_id,
        "exit_code": 0,
        "dump_date": job.when.date(),
        "dump_uri": job.destination.to_string(),
        "manifest_uri": job.manifest.as_ref().map(ToString::to_string),
        "login": target.login.to_string(),
        "server": preview.server,
        "snapshot": preview.snapshot,
        "options": job.given.options.applied(),
        "compression": job.compression.name(),
        "views": preview.views,
        "tables": tables,
        "reachable_bytes": reach,
    })
}

fn as_text(job: &Job, target: &Target, preview: &Preview, reach: Option<u64>) -> String {
    let snapshot = serde_json::to_value(preview.snapshot).unwrap_or_default();
    let server = &preview.server;
    let mut lines = vec![
        (
            "date",
            format!("{} ({})", job.when.date(), job.when.zone_name),
        ),
        ("login", target.login.to_string()),
        (
            "server",
            format!(
                "{} {} on {}",
                server.version, server.version_comment, server.hostname
            ),
        ),
        ("snapshot", snapshot.as_str().unwrap_or_default().to_owned()),
        ("options", job.given.options.applied().join(" ")),
        (
            "dump",
            format!("{} ({})", job.destination, job.compression.name()),
        ),
    ];
    if let Some(manifest) = &job.manifest {
        lines.push(("manifest", manifest.to_string()));
    }
    if let Some(reach) = reach {
        lines.push((
            "reach",
            format!(
                "{} with --memory {}",
                ByteSize::new(reach),
                job.cli.destination.memory
            ),
        ));
    }
    let rows: u64 = preview
        .tables
        .iter()
        .map(|table| table.estimated_rows)
        .sum();
    let bytes: u64 = preview
        .tables
        .iter()
        .map(|table| table.estimated_bytes)
        .sum();
    lines.push((
        "content",
        format!(
            "{} tables, {} views, about {rows} rows, about {} in the server",
            preview.tables.len(),
            preview.views,
            ByteSize::new(bytes)
        ),
    ));
    let mut text = String::new();
    // Writing to a String cannot fail.
    for (name, value) in lines {
        let _ = writeln!(text, "{name:<10} {value}");
    }
    for table in &preview.tables {
        let _ = writeln!(
            text,
            "  {:>12} rows  {:>10}  {}.{}",
            table.estimated_rows,
            ByteSize::new(table.estimated_bytes).to_string(),
            table.database,
            table.name
        );
    }
    text
}
