//! The memory is flat: whatever the number of rows, within the budget.

use std::process::Stdio;
use std::time::Duration;

use crate::bench::Bench;

/// Rows of about 1 KB each; the large result is ten times the small one.
const SMALL: u32 = 24_000;
const LARGE: u32 = 240_000;
/// What two runs of the same size may differ by: the allocator's and the driver's buffers.
const SLACK_KIB: u64 = 16 * 1024;

#[tokio::test]
async fn ten_times_the_rows_take_no_more_memory() {
    let Some(bench) = Bench::empty().await else {
        return;
    };
    for ending in ["csv.gz", "jsonl.gz", "parquet"] {
        let small = peak_kib(&bench, ending, SMALL).await;
        let large = peak_kib(&bench, ending, LARGE).await;
        eprintln!("memory, {ending}: peak {small} KiB for {SMALL} rows, {large} KiB for {LARGE}");
        assert!(
            large < small + SLACK_KIB,
            "{ending}: {small} KiB, then {large} KiB"
        );
    }
}

/// The most memory that a run ever held.
async fn peak_kib(bench: &Bench, ending: &str, rows: u32) -> u64 {
    let query = format!("SELECT seq, REPEAT(MD5(seq), 32) AS text FROM seq_1_to_{rows}");
    let mut job = bench.job(&format!("memory.{ending}"));
    if ending == "parquet" {
        // Both results are of several row groups: one is in memory, however many there are.
        job.args(["--row-group", "4MiB"]);
    }
    let mut child = job
        .args(["--memory", "48MiB", "--query", &query])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
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
