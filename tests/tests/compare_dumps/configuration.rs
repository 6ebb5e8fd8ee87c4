//! Arguments, environment, file; the lock; help.

use crate::bench::{Bench, dump};

#[tokio::test]
async fn options_come_from_the_file_the_environment_and_the_arguments() {
    let bench = Bench::new();
    bench.write("old_20261123.sql", dump(20, "x"));
    bench.write("new_20261123.sql", dump(20, "y"));
    bench.write(
        "job.toml",
        "old = \"old_%Y%m%d.sql\"\nnew = \"nothing\"\njson = true\nmax-differences = 1\n",
    );
    let mut command = bench.command(&["--config", "job.toml", "--date", "2026-11-23"]);
    command.env("COMPARE_DUMPS_NEW", "new_%Y%m%d.sql");
    let ran = crate::bench::Outcome::of(command.output().await.unwrap());
    assert_eq!(
        ran.assert_code(1).json()["comparison"]["new"]["name"],
        "new_20261123.sql"
    );
    bench.write("job.toml", "old = \"a\"\nreports = \"b\"\n");
    bench
        .run(&["--config", "job.toml"])
        .await
        .assert_trouble(&["job.toml", "did you mean `report`"]);
}

#[tokio::test]
async fn wrong_arguments_are_trouble_and_say_what_is_right() {
    let bench = Bench::new();
    bench.run(&[]).await.assert_trouble(&["OLD is missing"]);
    bench
        .run(&["a.sql"])
        .await
        .assert_trouble(&["NEW is missing"]);
    bench
        .run(&["a", "b", "--content", "xml"])
        .await
        .assert_trouble(&["xml", "mysql-batch"]);
    bench
        .run(&["a", "b", "--nonsense"])
        .await
        .assert_trouble(&["--nonsense"]);
    bench
        .run(&["http://x/y", "b"])
        .await
        .assert_trouble(&["OLD http://x/y", "s3://BUCKET/KEY"]);
    bench.run(&["a", "b", "--html", "-"]).await.assert_code(2);
    assert_eq!(bench.s3.calls().len(), 0);
}

#[tokio::test]
async fn a_second_run_is_trouble_and_leaves_the_report_alone() {
    let bench = Bench::new();
    bench.write("old.sql", dump(20, "x"));
    let lock = std::fs::File::create(bench.path("lock")).unwrap();
    lock.lock().unwrap();
    let report = ["--lock-file", "lock", "--report", "s3://dumps-bucket/c/"];
    let ran = bench
        .run(&[&["old.sql", "old.sql"][..], &report].concat())
        .await;
    ran.assert_trouble(&["another run holds"]);
    assert_eq!(bench.s3.keys("dumps-bucket"), [""; 0]);
    drop(lock);
    bench
        .run(&[&["old.sql", "old.sql"][..], &report].concat())
        .await
        .assert_code(0);
}

#[tokio::test]
async fn help_and_version_end_well() {
    let bench = Bench::new();
    for arguments in [&["--help"][..], &["history", "--help"], &["flag", "--help"]] {
        let ran = bench.run(arguments).await;
        ran.assert_code(0);
        assert!(ran.stdout.contains("Exit codes:"), "{}", ran.stdout);
    }
    bench.run(&["--version"]).await.assert_code(0);
}
