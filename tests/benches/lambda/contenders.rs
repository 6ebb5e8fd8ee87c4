//! The functions that are measured, and the service they talk to.

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result, ensure};
use datatransit_quicksight::testing::double::{DoubleOptions, IngestionScript, QuickSightDouble};
use e2e::lambda_runtime::FunctionOptions;
use serde_json::{Value, json};

/// Of each account; the peer's benches elsewhere had three as well.
pub(crate) const DATA_SETS: [&str; 3] = ["contracts", "daily_activity", "inventory"];

/// A function and the event that it is measured with.
#[derive(Debug)]
pub(crate) struct Contender {
    pub(crate) name: &'static str,
    options: FunctionOptions,
    /// The n-th event: each is an event of its own, so that each starts ingestions.
    pub(crate) event: fn(u64) -> Value,
}

impl Contender {
    /// The function that talks to this service.
    pub(crate) fn at(&self, double: &QuickSightDouble) -> FunctionOptions {
        let mut options = self.options.clone();
        for (name, value) in double.environment() {
            options.set(name, value);
        }
        options.set("QUICKSIGHT_AWS_ACCOUNT_ID", double.account_id());
        options.set("QUICKSIGHT_DATASET_IDS", DATA_SETS.join(","));
        options.timeout = Duration::from_secs(30);
        options
    }
}

/// Ours and, where boto3 is, the peer, with its versions.
pub(crate) fn all() -> Result<(Vec<Contender>, Option<String>)> {
    let ours = FunctionOptions::new(bootstrap()?);
    let mut all = vec![
        Contender {
            name: "ours, start",
            options: ours.clone(),
            event: |n| json!({"action": "start", "trigger": format!("bench-{n}")}),
        },
        Contender {
            name: "ours, start and wait for the end",
            options: ours,
            event: |n| json!({"trigger": format!("bench-{n}")}),
        },
    ];
    let python = python();
    if let Some((interpreter, _)) = &python {
        let mut peer = FunctionOptions::new(interpreter);
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/lambda/peer.py");
        peer.command.push(script.into());
        all.push(Contender {
            name: "Python, start",
            options: peer,
            event: |_| json!({}),
        });
    }
    Ok((all, python.map(|(_, versions)| versions)))
}

/// A service without quota whose ingestions are over at once.
pub(crate) fn service() -> Result<QuickSightDouble> {
    let mut options = DoubleOptions::default();
    options.ingestion_quota = usize::MAX;
    let double = QuickSightDouble::start(options)?;
    let mut script = IngestionScript::default();
    (script.initialized, script.queued, script.running) = (0, 0, 0);
    for data_set in DATA_SETS {
        double.add_data_set(data_set, &["day:DATETIME", "hours:DECIMAL"]);
        double.script_ingestions(data_set, script.clone());
    }
    Ok(double)
}

/// The program in the zip.
fn bootstrap() -> Result<PathBuf> {
    let path = match env::var_os("LAMBDA_BOOTSTRAP") {
        Some(path) => path.into(),
        None => target()?.join("lambda/bootstrap"),
    };
    ensure!(
        path.is_file(),
        "{} is not there: run `make lambda LAMBDA_ARCH=x86_64` first",
        path.display()
    );
    Ok(path)
}

/// The directory of all builds.
pub(crate) fn target() -> Result<PathBuf> {
    // target/PROFILE/deps/bench
    let this = env::current_exe()?;
    let target = this.ancestors().nth(3).context("a bench lies in target/")?;
    Ok(target.to_owned())
}

/// An interpreter that has boto3, and both versions. Not what is first in the path, which
/// may be a script that looks for the interpreter at every start.
fn python() -> Option<(PathBuf, String)> {
    let program = "import boto3, platform, sys; \
                   print(sys.executable); print(f'Python {platform.python_version()}, boto3 {boto3.__version__}')";
    let output = Command::new("python3")
        .args(["-c", program])
        .output()
        .ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let (executable, versions) = text.trim().split_once('\n')?;
    Some((executable.into(), versions.to_owned()))
}
