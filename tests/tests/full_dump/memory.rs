//! The memory is flat: whatever the size of the database, within the budget.

use std::process::Stdio;
use std::time::Duration;

use crate::bench::{Bench, production};

/// Rows of about 1 KB each; the large table is ten times the small one.
const SMALL: u32 = 24_000;
const LARGE: u32 = 240_000;
/// What two runs of the same size may differ by: the allocator's and the driver's buffers.
const SLACK_KIB: u64 = 16 * 1024;

#[tokio::test]
async fn ten_times_the_rows_take_no_more_memory() {
    let Some(bench) = Bench::empty().await else {
        return;
    };
    let script = format!(
        "USE {};
         CREATE TABLE small_one (id INT NOT NULL PRIMARY KEY, text TEXT NOT NULL);
         INSERT INTO small_one SELECT seq, REPEAT(MD5(seq), 32) FROM seq_1_to_{SMALL};
         CREATE TABLE large_one (id INT NOT NULL PRIMARY KEY, text TEXT NOT NULL);
         INSERT INTO large_one SELECT seq, REPEAT(MD5(seq), 32) FROM seq_1_to_{LARGE};",
        bench.database
    );
    bench.server.run_sql(&script).await.unwrap();
    let small = peak_kib(&bench, "small_one").await;
    let large = peak_kib(&bench, "large_one").await;
    eprintln!("memory: peak {small} KiB for {SMALL} rows, {large} KiB for {LARGE} rows");
    assert!(large < small + SLACK_KIB, "{small} KiB, then {large} KiB");
}

/// The most memory that a run ever held.
async fn peak_kib(bench: &Bench, table: &str) -> u64 {
    let mut command = bench.command();
    command
        .args(["--credentials", "secretsmanager:prod/rds-cron"])
        .args(["--to", "s3://dumps-bucket/memory.sql.gz"])
        .args(["--memory", "48MiB"])
        .args(production())
        .args([&bench.database, table])
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut child = command.spawn().unwrap();
    let status = format!("/proc/{}/status", child.id().unwrap());
    let mut peak = 0;
    loop {
        // The mark only rises; the last reading before the end is the one that counts.
        let text = std::fs::read_to_string(&status).unwrap_or_default();
        let mark = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        if let Some(mark) = mark {
            peak = mark.trim().trim_end_matches(" kB").parse().unwrap();
        }
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success());
            assert!(peak > 0, "the run was too short to be looked at");
            return peak;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
