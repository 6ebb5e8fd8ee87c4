//! Two deploys do not cross.

use std::process::{Command, Stdio};
use std::time::Duration;

use datatransit_quicksight::testing::double::{DoubleOptions, Pace};
use e2e::s3::{ACCESS_KEY, S3Options, S3Server, SECRET_KEY};
use serde_json::json;

use crate::bench::{Bench, Outcome};

#[test]
fn a_second_deploy_on_this_host_is_refused() {
    let bench = Bench::new();
    let path = bench.path("deploy.lock");
    let file = std::fs::File::create(&path).unwrap();
    file.lock().unwrap();
    let lock = path.display().to_string();
    bench.prod(&["deploy", "--yes", "--lock", &lock]).assert_code(1).assert_says(&["holds"]);
    assert!(bench.double.writes().is_empty());
    drop(file);
    bench.prod(&["deploy", "--yes", "--lock", &lock]).assert_code(0);
}

#[test]
fn a_lock_in_s3_is_taken_once_and_given_back() {
    let mut options = DoubleOptions::default();
    // One program, one key: that of the S3 server, which the double does not know.
    options.verifies_signatures = false;
    let bench = Bench::with(options);
    let s3 = S3Server::start(S3Options::with_buckets(&["locks"])).unwrap();
    let run = |lease: &str, run_id: &str| {
        let mut command = bench.command(&["deploy", "--yes", "--environment", "prod", "--first-pause", "10ms"]);
        command
            .args(["--lock", "s3://locks/prod.lock", "--deadline", lease, "--run-id", run_id])
            .env("AWS_ENDPOINT_URL_S3", s3.endpoint().url())
            .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
            .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
        command
    };
    let ended = |mut command: Command| Outcome(command.output().unwrap());
    ended(run("5m", "first")).assert_code(0);
    let there = s3.object("locks", "prod.lock").unwrap();
    assert_eq!(there.metadata["lock-state"], "free");
    // Given back, it can be taken again.
    ended(run("5m", "second")).assert_code(0);

    // Killed while it holds the lock: the next one is told who.
    bench.edit(|file| file["name"] = json!("Renamed"));
    bench.double.set_pace(Pace::Polls(u32::MAX));
    let mut child = run("5m", "third").stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    while bench.double.calls_of("UpdateDashboard").is_empty() {
        std::thread::park_timeout(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    ended(run("5m", "fourth"))
        .assert_code(1)
        .assert_says(&["another deploy holds the lock: tester run third"]);
    let holder = s3.object("locks", "prod.lock").unwrap();
    assert_eq!(holder.metadata["lock-run"], "third");
}
