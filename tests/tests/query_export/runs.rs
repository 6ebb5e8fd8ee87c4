//! A run from the lock to the manifest.

use e2e::s3::Operation;

use crate::bench::{BUCKET, Bench, MANIFEST_KEY, Outcome, SECRET, sha256};

const PEOPLE: &str = "SELECT id, name FROM people ORDER BY id";

#[tokio::test]
async fn object_then_tags_then_manifest() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let arguments = ["--query", PEOPLE, "--tag", "team=data", "--run-id", "one"];
    let summary = bench.run("x.csv", &arguments).await.assert_code(0);
    assert_eq!(summary["status"], "published");
    let calls = bench.aws.s3().calls();
    let writes: Vec<(Operation, &str)> = calls
        .iter()
        .filter(|call| call.operation != Operation::HeadObject)
        .map(|call| (call.operation, call.key.as_str()))
        .collect();
    assert_eq!(
        writes,
        [
            (Operation::PutObject, "x.csv"),
            (Operation::PutObjectTagging, "x.csv"),
            (Operation::PutObject, MANIFEST_KEY),
        ]
    );
    let tags = bench.aws.s3().tags(BUCKET, "x.csv").unwrap();
    assert_eq!(tags["team"], "data");
    assert_eq!(tags["run_id"], "one");
    assert_eq!(tags["valid_for_etl"], "true");
    assert_eq!(bench.manifest()["run_id"], "one");
}

#[tokio::test]
async fn a_rerun_replaces_fails_or_skips() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let run = async |arguments: &[&str]| {
        let all = [&["--query", PEOPLE], arguments].concat();
        bench.run("x.csv", &all).await
    };
    run(&["--if-exists", "fail", "--run-id", "one"])
        .await
        .assert_code(0);
    run(&["--if-exists", "fail"])
        .await
        .assert_failure(8, "exists");
    let skipped = run(&["--if-exists", "skip"]).await.assert_code(0);
    assert_eq!(skipped["status"], "skipped");
    assert_eq!(bench.manifest()["run_id"], "one");
    run(&["--run-id", "two"]).await.assert_code(0);
    assert_eq!(bench.manifest()["run_id"], "two");
}

#[tokio::test]
async fn while_the_lock_is_held_nobody_is_asked_anything() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let path = bench.path("job.lock");
    let file = std::fs::File::create(&path).unwrap();
    file.lock().unwrap();
    let arguments = ["--query", PEOPLE, "--lock-file", path.to_str().unwrap()];
    bench
        .run("x.csv", &arguments)
        .await
        .assert_failure(11, "another run holds");
    assert_eq!(bench.aws.secrets().calls(), []);
    drop(file);
    bench.run("x.csv", &arguments).await.assert_code(0);
}

#[tokio::test]
async fn a_table_is_exported_whole() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let qualified = format!("{}.people", bench.database);
    for table in ["people", &qualified] {
        bench
            .run("x.txt", &["--table", table, "--format", "mysql-batch"])
            .await
            .assert_code(0);
        let reference = bench.client(&["--batch"], "SELECT * FROM people", "").await;
        assert_eq!(bench.object("x.txt"), reference);
    }
    let mut secret = bench.secret();
    secret.as_object_mut().unwrap().remove("database");
    bench.put_secret(&secret);
    bench
        .run("y.csv", &["--table", &qualified])
        .await
        .assert_code(0);
    bench
        .run("y.csv", &["--table", "people"])
        .await
        .assert_failure(2, "no database is named");
    bench
        .run(
            "y.csv",
            &["--table", "people", "--database", &bench.database],
        )
        .await
        .assert_code(0);
}

#[tokio::test]
async fn standard_output_and_a_file_hold_the_same() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let run = async |to: &str, more: &[&str]| {
        let mut command = bench.command();
        command
            .args(["--credentials", &format!("secretsmanager:{SECRET}")])
            .args(["--query", PEOPLE, "--to", to])
            .args(more);
        Outcome::of(command.output().await.unwrap())
    };
    let file = bench.path("out.csv");
    let summary = run(&format!("file://{}", file.display()), &[])
        .await
        .assert_code(0);
    let in_file = std::fs::read(&file).unwrap();
    assert_eq!(summary["dump_sha256"], sha256(&in_file));
    let outcome = run("-", &["--format", "csv"]).await;
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    assert_eq!(outcome.stdout, in_file);
    assert!(outcome.stderr.contains("summary="));
    // Without a name there is no ending to tell the format.
    let outcome = run("-", &[]).await;
    assert_eq!((outcome.code, outcome.stdout.len()), (Some(2), 0));
    assert!(outcome.stderr.contains("--format"), "{}", outcome.stderr);
}

#[tokio::test]
async fn options_come_from_file_environment_and_arguments() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let config = bench.path("job.toml");
    let text = format!(
        "credentials = \"secretsmanager:{SECRET}\"\nto = \"s3://{BUCKET}/from-file.csv\"\n\
         query = \"SELECT :a AS a, :b AS b\"\nparam = [\"a:int=1\", \"b=x,y\"]\n\
         delimiter = \";\"\nheader = false\nquote = \"always\"\n"
    );
    std::fs::write(&config, text).unwrap();
    let run = async |environment: &[(&str, &str)], arguments: &[&str]| {
        let mut command = bench.command();
        command
            .arg("--config")
            .arg(&config)
            .envs(environment.iter().copied())
            .args(arguments);
        Outcome::of(command.output().await.unwrap()).assert_code(0);
        String::from_utf8(bench.object("from-file.csv")).unwrap()
    };
    assert_eq!(run(&[], &[]).await, "\"1\";\"x,y\"\r\n");
    let environment = [
        ("QUERY_EXPORT_DELIMITER", "|"),
        ("QUERY_EXPORT_HEADER", "true"),
    ];
    assert_eq!(
        run(&environment, &[]).await,
        "\"a\"|\"b\"\r\n\"1\"|\"x,y\"\r\n"
    );
    let arguments = ["--delimiter", ",", "--line-ending", "lf"];
    let printed = run(&environment, &arguments).await;
    assert_eq!(printed, "\"a\",\"b\"\n\"1\",\"x,y\"\n");
}

#[tokio::test]
async fn the_sessions_zone_moves_timestamps() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    bench
        .server
        .run_sql(&format!(
            "USE {}; SET time_zone = '+00:00'; UPDATE people SET seen = '2026-11-22 15:30:00' WHERE id = 3",
            bench.database
        ))
        .await
        .unwrap();
    let query = "SELECT seen FROM people WHERE id = 3";
    for (zone, seen) in [
        ("+00:00", "2026-11-22 15:30:00\n"),
        ("+09:00", "2026-11-23 00:30:00\n"),
    ] {
        let arguments = ["--no-header", "--session-time-zone", zone];
        let printed = bench.export("x.tsv", query, &arguments).await;
        assert_eq!(String::from_utf8(printed).unwrap(), seen);
    }
    // Negative offsets are values, not options.
    let arguments = ["--no-header", "--session-time-zone", "-05:00"];
    let printed = bench.export("x.tsv", query, &arguments).await;
    assert_eq!(String::from_utf8(printed).unwrap(), "2026-11-22 10:30:00\n");
}
