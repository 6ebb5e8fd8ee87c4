//! Parameters are values, whatever is in them.

use crate::bench::{Bench, Outcome};

const PARAMETERS: &str = "SELECT :a AS a, :b AS b, :a = 'x' AS same";

#[tokio::test]
async fn an_injection_stays_a_value() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    for value in [
        "' OR '1'='1",
        "x'; DELETE FROM people; -- ",
        "\\' OR 1=1 #",
        ":name",
        "?",
        "日本語 `x` \"y\"",
    ] {
        let outcome = bench
            .run(
                "x.jsonl",
                &[
                    "--query",
                    "SELECT :value AS value, (SELECT COUNT(*) FROM people WHERE name = :value) AS n",
                    "--param",
                    &format!("value={value}"),
                ],
            )
            .await;
        outcome.assert_code(0);
        let row: serde_json::Value = serde_json::from_slice(&bench.object("x.jsonl")).unwrap();
        assert_eq!(row["value"], value);
        assert_eq!(row["n"], 0);
        assert!(!outcome.stderr.contains(value), "{value}");
    }
    let people = bench
        .export("n.tsv", "SELECT COUNT(*) FROM people", &["--no-header"])
        .await;
    assert_eq!(people, b"3\n");
}

#[tokio::test]
async fn types_are_those_asked_for() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let query = "SELECT name FROM people WHERE id >= :from AND rent > :rent AND :nothing IS NULL \
                 AND born < :today AND name LIKE :like ORDER BY id LIMIT 10";
    let arguments = [
        "--no-header",
        "--param",
        "from:int=1",
        "--param",
        "rent:decimal=0.49",
        "--param",
        "nothing:null",
        "--param",
        "today:date=%Y-%m-%d",
        "--param",
        "like=佐%",
    ];
    let rows = bench.export("x.tsv", query, &arguments).await;
    assert_eq!(String::from_utf8(rows).unwrap(), "佐藤 花子\n");
}

#[tokio::test]
async fn what_looks_like_a_parameter_in_a_text_or_a_comment_is_none() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let query = "SELECT ':a' AS x, \":b\" AS y, `id` AS `:c` -- :d\n FROM people /* :e */ \
                 WHERE id = :id # :f\n;\n";
    let row = bench
        .export("x.jsonl", query, &["--param", "id:int=2"])
        .await;
    let row: serde_json::Value = serde_json::from_slice(&row).unwrap();
    assert_eq!(row, serde_json::json!({"x": ":a", "y": ":b", ":c": 2}));
}

#[tokio::test]
async fn a_parameter_too_few_or_too_many_is_refused_before_anything_else() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let run = async |arguments: &[&str]| -> Outcome {
        bench
            .run("x.csv", &[&["--query", PARAMETERS], arguments].concat())
            .await
    };
    run(&[]).await.assert_failure(2, ":a, :b");
    run(&["--param", "a=x"]).await.assert_failure(2, ":b");
    let three = ["--param", "a=x", "--param", "b=y", "--param", "c=canary"];
    let outcome = run(&three).await;
    let summary = outcome.assert_failure(2, "c");
    assert!(!summary.to_string().contains("canary"));
    run(&["--param", "a=x", "--param", "a=y"])
        .await
        .assert_failure(2, "twice");
    run(&["--param", "canary"])
        .await
        .assert_failure(2, "NAME=VALUE");
    run(&["--param", "a:int=many"])
        .await
        .assert_failure(2, "--param a");
    bench.assert_nothing_published();
    assert_eq!(bench.aws.secrets().calls(), []);
}
