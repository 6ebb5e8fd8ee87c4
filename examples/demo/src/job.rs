//! One run of `full-dump`: the program, arguments and environment that cron gives it.

use std::env;
use std::process::Stdio;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use e2e::binary::binary;
use e2e::database::Flavour;
use e2e::production;
use serde_json::Value;
use tokio::process::Command;

use crate::report::{done, note};
use crate::stage::{BUCKET, DATABASE, SECRET, Stage};

/// What a run left.
pub(crate) struct Job {
    pub(crate) dump_key: String,
    pub(crate) manifest_key: String,
    pub(crate) manifest: Value,
    /// The one line on the job's stdout.
    pub(crate) summary: String,
    pub(crate) elapsed: Duration,
}

impl Job {
    /// Runs the job and reads its manifest.
    pub(crate) async fn run(stage: &Stage) -> Result<Self> {
        let arguments = arguments(stage.source.flavour());
        note(&format!("full-dump {}\n ", shown(&arguments)));
        let begun = Instant::now();
        let output = Command::new(binary("full-dump"))
            .args(&arguments)
            .env_clear()
            // For the look of its log; the rest of our environment is no concern of it.
            .envs(
                ["PATH", "HOME", "TERM", "LANG", "NO_COLOR", "RUST_LOG"]
                    .iter()
                    .filter_map(|name| Some((name, env::var_os(name)?))),
            )
            .envs(stage.aws.endpoint().env())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .context("full-dump did not start")?
            .wait_with_output()
            .await?;
        let elapsed = begun.elapsed();
        let summary = String::from_utf8(output.stdout).context("the job's summary")?;
        if !output.status.success() {
            bail!("full-dump ended with {}: {}", output.status, summary.trim());
        }
        let keys = stage.aws.s3().keys(BUCKET);
        let find = |prefix: &str| {
            let key = keys.iter().find(|key| key.starts_with(prefix));
            key.cloned()
                .with_context(|| format!("no object under {prefix}"))
        };
        let (dump_key, manifest_key) = (find("dumps/")?, find("dumps-manifest/")?);
        let manifest = stage
            .aws
            .s3()
            .object(BUCKET, &manifest_key)
            .context("the manifest")?;
        let manifest =
            serde_json::from_slice(&manifest.bytes()?).context("the manifest is no JSON")?;
        done(
            "full-dump ended with code 0",
            &format!("{:.1} s", elapsed.as_secs_f64()),
        );
        Ok(Self {
            dump_key,
            manifest_key,
            manifest,
            summary,
            elapsed,
        })
    }
}

/// mysqldump's options of the job, which the real tool gets too.
pub(crate) fn dump_options(flavour: Flavour) -> Vec<&'static str> {
    let mut options = production::OPTIONS.to_vec();
    if flavour == Flavour::MySql {
        options.push("--set-gtid-purged=OFF");
    }
    options.extend(["-B", DATABASE]);
    options
}

fn arguments(flavour: Flavour) -> Vec<String> {
    let mut arguments = vec![
        format!("--credentials=secretsmanager:{SECRET}"),
        format!("--to=s3://{BUCKET}/dumps/{DATABASE}_%Y%m%d.sql.gz"),
        format!("--manifest=s3://{BUCKET}/dumps-manifest/{DATABASE}_%Y%m%d.json"),
        "--timezone=Asia/Tokyo".to_owned(),
        "--deny-host=*-prod-rw.*".to_owned(),
        "--require-table=tenants,movings,rooms,contracts,inquiries".to_owned(),
        "--max-staleness=36h".to_owned(),
        "--freshness-column=updated_at".to_owned(),
        "--min-bytes=10KiB".to_owned(),
    ];
    arguments.extend(dump_options(flavour).into_iter().map(str::to_owned));
    arguments
}

/// As one would write it in a crontab's script.
fn shown(arguments: &[String]) -> String {
    let mut text = String::new();
    let mut width = 0;
    for argument in arguments {
        if width > 0 && (width + argument.len() > 90 || argument.len() > 45) {
            text.push_str(" \\\n    ");
            width = 0;
        } else if width > 0 {
            text.push(' ');
        }
        width += argument.len() + 1;
        text.push_str(argument);
    }
    text
}
