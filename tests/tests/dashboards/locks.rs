//! Two deploys do not cross.

use datatransit_quicksight::testing::double::Pace;
use e2e::s3::{ACCESS_KEY, S3Options, S3Server, SECRET_KEY};
use serde_json::json;

use crate::bench::{Bench, DASHBOARD};

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
fn a_lock_in_s3_is_taken_once_given_back_and_runs_out() {
    let bench = Bench::deployed();
    let s3 = S3Server::start(S3Options::default()).unwrap();
    s3.create_bucket("locks");
    let run = |arguments: &[&str]| {
        let fixed = ["--environment", "prod", "--first-pause", "10ms", "--lock", "s3://locks/prod.lock"];
        let mut command = bench.command(&[arguments, &fixed].concat());
        command.env("AWS_ENDPOINT_URL_S3", s3.endpoint().url());
        command.env("AWS_ACCESS_KEY_ID", ACCESS_KEY).env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
        command
    };
    let _ = (run, Pace::Polls(0), json!(DASHBOARD));
}
