//! What is refused: with which code, in which words, and with nothing published.

use crate::bench::{Bench, Outcome};

async fn run(bench: &Bench, arguments: &[&str]) -> Outcome {
    bench.run("x.csv", arguments).await
}

#[tokio::test]
async fn one_query_and_no_more() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let path = bench.path("query.sql");
    std::fs::write(&path, "SELECT 1").unwrap();
    let path = path.to_str().unwrap();
    run(&bench, &[]).await.assert_failure(2, "no query");
    for arguments in [
        ["--query", "SELECT 1", "--query-file", path],
        ["--query", "SELECT 1", "--table", "people"],
        ["--table", "people", "--query-file", path],
    ] {
        run(&bench, &arguments)
            .await
            .assert_failure(2, "more than one of --query, --query-file and --table");
    }
    run(&bench, &["--query-file", "/nonexistent.sql"])
        .await
        .assert_failure(2, "/nonexistent.sql");
    for table in [".people", "gghouse.", ""] {
        run(&bench, &["--table", table])
            .await
            .assert_failure(2, "[DB.]TABLE");
    }
    bench.assert_nothing_published();
    assert_eq!(bench.aws.secrets().calls(), [], "nobody was asked anything");
}

#[tokio::test]
async fn several_statements_and_none() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    for query in [
        "SELECT 1; SELECT 2",
        "SELECT 1;\n-- more\nDELETE FROM people",
        "SELECT ';' AS a; SELECT 2;",
    ] {
        let summary = run(&bench, &["--query", query])
            .await
            .assert_failure(2, "statement");
        assert!(!summary.to_string().contains("DELETE"), "{summary}");
    }
    for query in ["", "  ;  ", "-- only a comment"] {
        run(&bench, &["--query", query]).await.assert_failure(2, "");
    }
    bench.assert_nothing_published();
    assert_eq!(bench.aws.secrets().calls(), []);
}

#[tokio::test]
async fn a_statement_that_writes() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let script = format!(
        "USE {};\nDELIMITER ;;\nCREATE FUNCTION writes() RETURNS INT \
         BEGIN INSERT INTO nobody VALUES (1, NULL); RETURN 1; END;;\nDELIMITER ;\n",
        bench.database
    );
    bench.server.run_sql(&script).await.unwrap();
    for (query, said) in [
        ("DELETE FROM people WHERE id = 1", "begins with DELETE"),
        ("UPDATE people SET name = 'x'", "begins with UPDATE"),
        ("REPLACE nobody VALUES (1, NULL)", "begins with REPLACE"),
        ("SELECT id INTO OUTFILE '/tmp/x' FROM people", "INTO"),
        // What only the server can know.
        ("SELECT writes()", "it writes"),
    ] {
        run(&bench, &["--query", query])
            .await
            .assert_failure(2, said);
    }
    bench.assert_nothing_published();
    let count = "SELECT (SELECT COUNT(*) FROM people), (SELECT COUNT(*) FROM nobody)";
    let count = bench.client(&["--batch", "-N"], count, "").await;
    assert_eq!(count, b"3\t0\n");
}

#[tokio::test]
async fn a_query_that_the_server_refuses() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    for (query, code, said) in [
        ("SELECT FROM people WHERE", 2, "SQL syntax"),
        ("SELECT no_such_column FROM people", 2, "no_such_column"),
        ("SELECT * FROM no_such_table", 4, "no_such_table"),
        ("SELECT * FROM mysql.user", 4, "denied"),
    ] {
        run(&bench, &["--query", query])
            .await
            .assert_failure(code, said);
    }
    bench.assert_nothing_published();
}

#[tokio::test]
async fn an_option_of_another_format() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    for (format, arguments) in [
        ("jsonl", &["--delimiter", ";"][..]),
        ("jsonl", &["--header"]),
        ("tsv", &["--quote", "always"]),
        ("csv", &["--tabs-to-commas"]),
        ("tsv", &["--raw"]),
        ("jsonl", &["--encoding", "shift_jis"]),
        ("tsv", &["--null", "x"]),
        ("parquet", &["--null", "x"]),
        ("parquet", &["--binary", "hex"]),
        ("csv", &["--row-group", "1MiB"]),
        ("jsonl", &["--zero-dates-as-null"]),
        ("mysql-batch", &["--no-header"]),
        ("mysql-batch", &["--delimiter", ","]),
        ("csv", &["--skip-column-names"]),
    ] {
        let all = [&["--query", "SELECT 1", "--format", format], arguments].concat();
        let summary = run(&bench, &all).await.assert_failure(2, arguments[0]);
        let reason = summary["reason"].as_str().unwrap();
        assert!(reason.contains(format), "{reason}");
    }
    bench.assert_nothing_published();
    assert_eq!(bench.aws.secrets().calls(), []);
}

#[tokio::test]
async fn values_that_make_no_sense() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    for (arguments, said) in [
        (&["--format", "xml"][..], "--format"),
        (&["--delimiter", "ab"], "--delimiter"),
        (&["--header", "--no-header"], "--no-header"),
        (&["--encoding", "latin1"], "--encoding"),
        (&["--no-such-option"], "--no-such-option"),
        (&["--min-rows", "many"], "--min-rows"),
        (&["--timezone", "Asia/Edo"], "Asia/Edo"),
        (&["--memory", "1KiB"], "memory"),
    ] {
        let all = [&["--query", "SELECT 1"], arguments].concat();
        run(&bench, &all).await.assert_failure(2, said);
    }
    let outcome = bench.run("x.txt", &["--query", "SELECT 1"]).await;
    outcome.assert_failure(2, "x.txt");
    bench.assert_nothing_published();
}

#[tokio::test]
async fn a_zone_that_the_server_does_not_know() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let arguments = ["--query", "SELECT 1", "--session-time-zone", "Asia/Edo"];
    run(&bench, &arguments).await.assert_failure(2, "Asia/Edo");
    bench.assert_nothing_published();
}

#[tokio::test]
async fn a_host_or_a_database_that_a_rule_forbids() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    run(&bench, &["--query", "SELECT 1", "--deny-host", "127.*"])
        .await
        .assert_failure(4, "127.0.0.1");
    run(
        &bench,
        &["--query", "SELECT 1", "--deny-database", "gghouse*"],
    )
    .await
    .assert_failure(4, "gghouse");
    let arguments = ["--table", "other.people", "--allow-database", "gghouse*"];
    run(&bench, &arguments).await.assert_failure(4, "other");
    bench.assert_nothing_published();
}
