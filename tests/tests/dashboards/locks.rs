//! Two deploys do not cross.

use e2e::s3::{ACCESS_KEY, Operation, S3Options, S3Server, SECRET_KEY};

use crate::bench::{Bench, Outcome};

#[test]
fn a_second_deploy_on_this_host_is_refused() {
    let bench = Bench::new();
    let path = bench.path("deploy.lock");
    let file = std::fs::File::create(&path).unwrap();
    file.lock().unwrap();
    let lock = path.display().to_string();
    bench
        .prod(&["deploy", "--yes", "--lock", &lock])
        .assert_code(1)
        .assert_says(&["holds"]);
    assert!(bench.double.writes().is_empty());
    drop(file);
    bench
        .prod(&["deploy", "--yes", "--lock", &lock])
        .assert_code(0);
}

/// One program has one key, and the two doubles want different ones: with that of the
/// S3 server the deploy itself is refused, after the lock was taken and before it is
/// given back. That it keeps a second holder out is a test beside the lock.
#[test]
fn a_lock_in_s3_is_taken_first_and_given_back_last() {
    let bench = Bench::new();
    let s3 = S3Server::start(S3Options::with_buckets(&["locks"])).unwrap();
    let run = |run_id: &str| {
        let mut command = bench.command(&["deploy", "--yes", "--environment", "prod"]);
        command
            .args(["--lock", "s3://locks/prod.lock", "--run-id", run_id])
            .env("AWS_ENDPOINT_URL_S3", s3.endpoint().url())
            .env("AWS_ACCESS_KEY_ID", ACCESS_KEY)
            .env("AWS_SECRET_ACCESS_KEY", SECRET_KEY);
        Outcome(command.output().unwrap())
    };
    for run_id in ["first", "second"] {
        run(run_id)
            .assert_code(1)
            .assert_says(&["no usable AWS credentials"]);
        let there = s3.object("locks", "prod.lock").unwrap();
        assert_eq!(there.metadata["lock-state"], "free");
        assert_eq!(there.metadata["lock-run"], run_id);
        assert_eq!(there.metadata["lock-holder"], "tester");
    }
    let writes = s3
        .calls()
        .iter()
        .filter(|call| call.operation == Operation::PutObject)
        .count();
    assert_eq!(writes, 4, "held and free, twice");
}
