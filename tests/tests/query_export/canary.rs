//! Neither the password nor a value of a row or a parameter shows: not in the log at
//! its noisiest, nor in summary, manifest, plan, arguments or environment, of runs
//! that end well and of runs that do not.

use e2e::canary::Canary;

use crate::bench::{Bench, MANIFEST_KEY};

/// Rows and a parameter that hold a marker, and a run over them.
struct Trap {
    bench: Bench,
    value: String,
}

impl Trap {
    async fn new() -> Option<Self> {
        let bench = Bench::new().await?;
        let value = format!("rOwVaLuE{:016x}", fastrand::u64(..));
        let script = format!(
            "USE {}; UPDATE people SET name = '{value}', note = CONCAT('{value}', ' and more');",
            bench.database
        );
        bench.server.run_sql(&script).await.unwrap();
        Some(Self { bench, value })
    }

    /// Runs, ends with this code, and shows nothing.
    async fn run(&self, code: i32, key: &str, arguments: &[&str]) {
        let mut command = self.bench.job(key);
        command
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "full")
            .args(arguments);
        let password = Canary::new(&self.bench.password);
        let exposure = password.watch(&mut command).await.unwrap();
        exposure.assert_hidden();
        let log = String::from_utf8_lossy(&exposure.stderr).into_owned();
        assert_eq!(exposure.status.code(), Some(code), "{}", last_lines(&log));
        let row = Canary::new(&self.value);
        for (place, bytes) in [("log", &exposure.stderr), ("stdout", &exposure.stdout)] {
            assert_eq!(row.find(bytes), None, "{place} of {arguments:?}");
        }
    }
}

fn last_lines(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(5)..].join("\n")
}

const QUERY: &str = "SELECT id, name, note, updated_at FROM people WHERE id > :from";

#[tokio::test]
async fn a_run_that_ends_well_shows_neither() {
    let Some(trap) = Trap::new().await else {
        return;
    };
    for ending in ["csv", "tsv", "jsonl", "parquet", "csv.gz"] {
        let key = format!("x.{ending}");
        let arguments = ["--query", QUERY, "--param", "from:int=0"];
        trap.run(0, &key, &arguments).await;
        let manifest = trap.bench.object(MANIFEST_KEY);
        let (row, password) = (Canary::new(&trap.value), Canary::new(&trap.bench.password));
        assert_eq!(row.find(&manifest), None);
        assert_eq!(password.find(&manifest), None);
    }
    // The rows are where they belong.
    let row = Canary::new(&trap.value);
    assert!(row.find(&trap.bench.object("x.csv")).is_some());
    trap.run(
        0,
        "y.csv",
        &["--dry-run", "--query", "SELECT * FROM people"],
    )
    .await;
    trap.run(0, "y.csv", &["--check", "--query", "SELECT * FROM people"])
        .await;
}

#[tokio::test]
async fn a_run_that_fails_shows_neither() {
    let Some(trap) = Trap::new().await else {
        return;
    };
    // The server names the value in its own words.
    let amid = "SELECT name, (SELECT name FROM people) AS several FROM people";
    trap.run(7, "x.csv", &["--query", amid]).await;
    let amid = "SELECT COUNT(*) AS n, CONCAT(name, FLOOR(RAND(0) * 2)) AS x FROM people GROUP BY x";
    trap.run(7, "x.csv", &["--query", amid]).await;
    let gate = ["--query", QUERY, "--param", "from:int=0", "--min-rows", "9"];
    trap.run(9, "x.csv", &gate).await;
    // No letter of Shift_JIS, in a value that is not to be shown.
    let script = format!(
        "USE {}; UPDATE people SET name = CONCAT('{}', '\u{1f600}') WHERE id = 2;",
        trap.bench.database, trap.value
    );
    trap.bench.server.run_sql(&script).await.unwrap();
    let arguments = [
        "--query",
        "SELECT name FROM people",
        "--encoding",
        "shift_jis",
    ];
    trap.run(7, "x.csv", &arguments).await;
    trap.bench.assert_nothing_published();
}

#[tokio::test]
async fn a_parameters_value_is_in_no_log_and_no_error() {
    let Some(trap) = Trap::new().await else {
        return;
    };
    // In the arguments it stands, as anybody who gives it there wants it; so from a file.
    let config = trap.bench.path("job.toml");
    let text = format!("param = [\"name={}\"]\n", trap.value);
    std::fs::write(&config, text).unwrap();
    let config = ["--config", config.to_str().unwrap()];
    let good = "SELECT COUNT(*) AS n FROM people WHERE name = :name";
    trap.run(0, "x.csv", &[&["--query", good][..], &config].concat())
        .await;
    let bad = "SELECT COUNT(*) AS n FROM people WHERE nonsense = :name";
    trap.run(2, "x.csv", &[&["--query", bad][..], &config].concat())
        .await;
    trap.run(
        2,
        "x.csv",
        &[&["--query", "SELECT 1"][..], &config].concat(),
    )
    .await;
}
