//! `--force`, and everything there is: what is dumped with gaps is never published.

use e2e::parity::first_difference;

use crate::bench::{Bench, Outcome};

/// An invalid view beside the tables.
async fn broken() -> Option<Bench> {
    let bench = Bench::new().await?;
    let script = format!(
        "USE {}; CREATE TABLE gone (id INT); CREATE VIEW broken AS SELECT id FROM gone; \
         DROP TABLE gone;",
        bench.database
    );
    bench.server.run_sql(&script).await.unwrap();
    Some(bench)
}

#[tokio::test]
async fn a_dump_with_gaps_is_named_and_never_an_object() {
    let Some(bench) = broken().await else {
        return;
    };
    let stopped = bench.run::<&str>(&[]).await.assert_failure(7);
    assert!(stopped["reason"].as_str().unwrap().contains("broken"));
    bench.assert_nothing_published();

    // The run goes through all there is, and tells all that is wrong.
    for more in [
        &["--force"][..],
        &["--force", "--on-gate-failure", "mark-invalid"],
    ] {
        let outcome = bench.run(more).await;
        assert_eq!(outcome.code, Some(7), "{}", outcome.stderr);
        let summary = outcome.summary();
        assert_eq!(summary["status"], "failed");
        let failures = summary["failures"].as_array().unwrap();
        assert!(
            failures[0].as_str().unwrap().contains("broken"),
            "{summary}"
        );
        assert!(summary["rows"].as_u64().unwrap() > 0, "{summary}");
        bench.assert_nothing_published();
    }
    let left_out = format!("--ignore-table={}.broken", bench.database);
    bench.run(&["--force", &left_out]).await.assert_code(0);
}

#[tokio::test]
async fn on_standard_output_it_is_the_real_clients_and_so_is_the_failure() {
    let Some(bench) = broken().await else {
        return;
    };
    let arguments = ["--single-transaction", "--force", &bench.database];
    let theirs = bench.server.dump(&arguments).await.unwrap();
    assert_eq!(theirs.code, Some(2), "{}", theirs.stderr);
    let mut command = bench.command();
    command
        .args(["--credentials", "secretsmanager:prod/rds-cron", "--to", "-"])
        .args(["--compression", "none"])
        .args(arguments);
    let ours = Outcome::of(command.output().await.unwrap());
    assert_eq!(ours.code, Some(7), "{}", ours.stderr);
    assert_eq!(first_difference(&ours.stdout, &theirs.stdout), None);
    assert!(ours.stderr.contains("the dump has gaps"), "{}", ours.stderr);
}

#[tokio::test]
async fn every_database_is_read_only_where_no_rule_names_databases() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let all = |more: &[&str]| {
        let mut command = bench.command();
        command
            .args(["--credentials", "secretsmanager:prod/rds-cron"])
            .args(["--to", crate::bench::TO, "--date", "2026-11-23"])
            .args(["--all-databases", "--single-transaction"])
            .args(more);
        command
    };
    let named = Outcome::of(all(&["gghouse"]).output().await.unwrap()).assert_failure(2);
    assert!(named["reason"].as_str().unwrap().contains("takes no names"));
    for rule in ["--allow-database=gghouse*", "--deny-database=mysql"] {
        let refused = Outcome::of(all(&[rule]).output().await.unwrap()).assert_failure(4);
        assert!(
            refused["reason"]
                .as_str()
                .unwrap()
                .contains("--all-databases")
        );
    }
    bench.assert_nothing_published();
    // This user sees its own database, and of `mysql` one table.
    let ignored = ["--ignore-database=mysql"];
    let summary = Outcome::of(all(&ignored).output().await.unwrap()).assert_code(0);
    assert_eq!(summary["tables"], 4, "{summary}");
}

#[tokio::test]
async fn options_are_spelled_as_in_the_real_clients() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let output = async |arguments: &[&str]| {
        let mut command = bench.command();
        command
            .args(["--credentials", "secretsmanager:prod/rds-cron", "--to", "-"])
            .args(["--compression", "none"])
            .args(arguments);
        let outcome = Outcome::of(command.output().await.unwrap());
        assert_eq!(outcome.code, Some(0), "{arguments:?}: {}", outcome.stderr);
        outcome.stdout
    };
    // --tables undoes -B; a value that may be left out needs its equals sign.
    for arguments in [
        vec!["-B", "--tables", &bench.database, "tenants"],
        vec!["-f", "-N", "-Q", "--master-data=0", &bench.database],
        vec![
            "-A",
            "--skip-all-databases",
            "-x",
            "--skip-lock-all-tables",
            &bench.database,
        ],
    ] {
        let theirs = bench.reference(&arguments).await;
        assert_eq!(
            first_difference(&output(&arguments).await, &theirs),
            None,
            "{arguments:?}"
        );
    }
}
