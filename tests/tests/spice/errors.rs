//! What is wrong before anything is started.

use crate::bench::Bench;

#[test]
fn usage_is_two_and_says_what_to_do() {
    let bench = Bench::new(&["a"]);
    std::fs::write(bench.path("bad.toml"), "data_sets = []\ndeadline = 3\n").unwrap();
    std::fs::write(
        bench.path("bad.json"),
        r#"{"data_sets":[{"id":"a","all":true}]}"#,
    )
    .unwrap();
    for (arguments, says) in [
        (&["--deadline", "1h"][..], "no data set is named"),
        (&["--dataset", "a", "--tag", "nightly"], "KEY=VALUE"),
        (&["--config", "absent.toml"], "read absent.toml"),
        (&["--config", "bad.toml"], "unknown field `deadline`"),
        (&["--config", "bad.json"], "exactly one of id, name"),
        (
            &["--dataset", "a", "--gate-patience", "1h"],
            "give --gate-manifest",
        ),
        (
            &["--dataset", "a", "--gate-manifest", "bucket/key"],
            "s3://BUCKET/KEY",
        ),
        (&["--dataset", "a", "--timezone", "Asia/Edo"], "Asia/Edo"),
        (
            &["--dataset", "a", "--concurrency", "0"],
            "`concurrency`: at least 1",
        ),
        (&["--resume", "r1.what"], "no resume token"),
        (&["--resume", "r1.e30", "--all"], "cannot be used with"),
        (&["--dataset", "a", "--frobnicate"], "--frobnicate"),
    ] {
        bench.run(arguments).assert_code(2).assert_says(&[says]);
    }
    let mut command = bench.command(&["--dataset", "a", "--account", "12"]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(bench.double.calls().is_empty());
}

#[test]
fn credentials_are_three() {
    let bench = Bench::new(&["a"]);
    let run = |account: &[&str]| {
        let mut command = bench.command(&[&["--dataset", "a"], account].concat());
        command.env("AWS_ACCESS_KEY_ID", "AKIDSOMEBODYELSE");
        crate::bench::Outcome(command.output().unwrap())
    };
    run(&["--account", "123456789012"])
        .assert_code(3)
        .assert_says(&["credentials: DescribeDataSet", "no usable AWS credentials"]);
    // Without an account STS is asked, and refuses.
    let mut command = bench.command(&["--dataset", "a"]);
    command.env("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:9");
    crate::bench::Outcome(command.output().unwrap())
        .assert_code(3)
        .assert_says(&["ask STS", "give --account"]);
}

#[test]
fn help_has_the_exit_codes_and_examples() {
    let bench = Bench::new(&[]);
    bench.run(&["--help"]).assert_code(0).assert_says(&[
        "12  the gate did not open",
        "--dashboard sales-overview --dry-run",
    ]);
}

#[test]
fn no_key_is_in_any_output() {
    let bench = Bench::new(&["a"]);
    let mut command = bench.command(&["--dataset", "a", "--account", "123456789012"]);
    command.env("RUST_LOG", "debug");
    bench.double.deny("CreateIngestion");
    let outcome = crate::bench::Outcome(command.output().unwrap()).assert_code(1);
    let all = outcome.stdout() + &outcome.stderr();
    assert!(!all.contains(e2e::s3::SECRET_KEY));
}
