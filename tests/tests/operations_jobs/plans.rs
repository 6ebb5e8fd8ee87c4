//! `--dry-run` and `--help`: who would be told.

use crate::bench::{Bench, CHECK, GOOD, Outcome};

#[tokio::test]
async fn a_dry_run_says_who_would_be_told_and_tells_nobody() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let arguments = ["--dry-run", "--lock-uri", "s3://bucket/locks/x"];
    let outcome = bench.run(GOOD, &arguments).await;
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    for part in [
        &*bench.topic,
        "a URL on 127.0.0.1",
        "cloudwatch",
        "s3://bucket/locks/x",
    ] {
        assert!(
            outcome.stdout.contains(part),
            "{part:?}: {}",
            outcome.stdout
        );
    }
    // The path of a webhook and of a check is what is secret about it.
    for secret in ["/hook/T0/secret", CHECK] {
        assert!(!outcome.stdout.contains(secret), "{}", outcome.stdout);
    }
    let json = bench
        .run(GOOD, &["--dry-run", "--log-format", "json"])
        .await;
    let plan: serde_json::Value = serde_json::from_str(&json.stdout).unwrap();
    assert_eq!(plan["alerts"][0], bench.topic);
    assert_eq!(plan["metrics"][0], "cloudwatch");
    assert!(bench.hooks.requests().is_empty());
    assert!(bench.published().is_empty() && bench.aws.cloudwatch().data().is_empty());
    bench.assert_nothing_published();
    assert!(
        bench.aws.s3().keys(crate::bench::BUCKET).is_empty(),
        "no lock either"
    );
}

#[tokio::test]
async fn both_programs_have_every_option() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    for program in ["full-dump", "query-export"] {
        let output = bench.program(program).arg("--help").output().await.unwrap();
        let help = Outcome::of(output).stdout;
        for option in [
            "--alert-topic",
            "--alert-webhook",
            "--ping",
            "--metrics",
            "--job-name",
            "--lock-uri",
            "--lock-lease",
            "--idle-timeout",
            "--min-size-percent",
            "--notify-timeout",
        ] {
            assert!(help.contains(option), "{program} lacks {option}");
        }
    }
}
