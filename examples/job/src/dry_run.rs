//! `--dry-run`: connects, and prints what would be published where. Writes nothing,
//! neither to the database nor to the destination.

use std::fmt::Write as _;
use std::io::{self, Write as _};
use std::time::Duration;

use anyhow::Context as _;
use datatransit_dump::ServerIdentity;
use serde_json::{Value, json};

use crate::job::Source;
use crate::program::Program;
use crate::{ByteSize, ExitCode, Failure, object, run};

/// What a program would read.
#[derive(Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "an unpublished package: every program fills in all of it"
)]
pub struct Plan {
    /// The server.
    pub server: ServerIdentity,
    /// Lines for people, by their names: after the server's.
    pub lines: Vec<(&'static str, String)>,
    /// The whole of the content in one line.
    pub content: String,
    /// The parts of the content, a line each.
    pub parts: Vec<String>,
    /// Members of the JSON form.
    pub members: Vec<(&'static str, Value)>,
}

/// Makes and prints the plan.
///
/// # Errors
/// What would fail a run before its first row; [`ExitCode::Other`] when standard
/// output does not take the text.
pub async fn dry_run<P: Program>(program: &P) -> Result<(), Failure> {
    let job = program.job();
    let source = job
        .stop
        .guard("credentials", Duration::ZERO, run::source(program))
        .await?;
    let uploader = object::uploader(&job.destination, &job.aws, job.upload_memory()).await?;
    let reach = uploader.map(|uploader| uploader.reachable_bytes());
    let looking = program.plan(&source);
    let plan = job.stop.guard("plan", Duration::ZERO, looking).await?;
    let text = if job.args.wants_json() {
        format!("{}\n", as_json(program, &source, plan, reach))
    } else {
        as_text(program, &source, plan, reach)
    };
    io::stdout()
        .write_all(text.as_bytes())
        .context("write the plan")
        .map_err(|error| Failure::new(ExitCode::Other, "dry-run", error))
}

fn as_json<P: Program>(
    program: &P,
    source: &Source<P::Selection>,
    plan: Plan,
    reach: Option<u64>,
) -> Value {
    let job = program.job();
    let mut value = json!({
        "status": "planned",
        "run_id": job.run_id,
        "exit_code": 0,
        "dump_date": job.when.date(),
        "dump_uri": job.destination.to_string(),
        "manifest_uri": job.manifest.as_ref().map(ToString::to_string),
        "login": source.login.to_string(),
        "server": plan.server,
        "compression": job.compression.name(),
        "reachable_bytes": reach,
    });
    if let Some(lock) = &job.args.watch.lock_uri {
        value["lock_uri"] = json!(lock);
    }
    for (name, whom) in job.operations.described() {
        value[name] = json!(whom);
    }
    for (name, member) in plan.members {
        value[name] = member;
    }
    value
}

fn as_text<P: Program>(
    program: &P,
    source: &Source<P::Selection>,
    plan: Plan,
    reach: Option<u64>,
) -> String {
    let job = program.job();
    let server = &plan.server;
    let mut lines = vec![
        (
            "date",
            format!("{} ({})", job.when.date(), job.when.zone_name),
        ),
        ("login", source.login.to_string()),
        (
            "server",
            format!(
                "{} {} on {}",
                server.version, server.version_comment, server.hostname
            ),
        ),
    ];
    lines.extend(plan.lines);
    lines.push((
        P::NOUN,
        format!("{} ({})", job.destination, job.compression.name()),
    ));
    if let Some(manifest) = &job.manifest {
        lines.push(("manifest", manifest.to_string()));
    }
    if let Some(reach) = reach {
        lines.push((
            "reach",
            format!(
                "{} with --memory {}",
                ByteSize::new(reach),
                job.args.destination.memory
            ),
        ));
    }
    if let Some(lock) = &job.args.watch.lock_uri {
        lines.push(("lock", format!("{lock}, not taken now")));
    }
    for (name, whom) in job.operations.described() {
        lines.push((name, format!("{}, not told now", whom.join(", "))));
    }
    lines.push(("content", plan.content));
    let mut text = String::new();
    // Writing to a String cannot fail.
    for (name, value) in lines {
        let _ = writeln!(text, "{name:<10} {value}");
    }
    for part in &plan.parts {
        let _ = writeln!(text, "  {part}");
    }
    text
}
