//! The four production jobs of `examples/cron`, from their very files, on the
//! share-house company.

use std::path::PathBuf;

use e2e::sharehouse::{LoadOptions, load};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde_json::Value;

use crate::bench::{BUCKET, Bench, Outcome, sha256};

const JOBS: [&str; 4] = [
    "contract_status_30d",
    "contract_status",
    "tenants",
    "movings",
];
const SED: &str = "| sed 's/\\t/,/g'";

fn file(path: &str) -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../examples/cron");
    root.join(path).canonicalize().unwrap()
}

fn sql(job: &str) -> String {
    std::fs::read_to_string(file(&format!("sql/{job}.sql"))).unwrap()
}

/// The company, and today in Tokyo.
async fn company() -> Option<(Bench, Date)> {
    let bench = Bench::empty().await?;
    let mut options = LoadOptions::default();
    options.rows = 4_000;
    options.database.clone_from(&bench.database);
    load(bench.server, &options).await.unwrap();
    let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
    Some((bench, options.now.to_zoned_datetime(tokyo).date()))
}

/// The job as the crontab calls it, but for the paths of a machine that is not ours.
async fn run(bench: &Bench, form: &str, job: &str, today: Date, more: &[&str]) -> Outcome {
    let mut command = bench.command();
    command
        .arg("--config")
        .arg(file(&format!("{form}/{job}.toml")))
        .arg("--query-file")
        .arg(file(&format!("sql/{job}.sql")))
        .arg("--lock-file")
        .arg(bench.path(&format!("{job}.lock")))
        .args(["--date", &today.to_string()])
        .args(more);
    Outcome::of(command.output().await.unwrap())
}

fn key(prefix: &str, job: &str, today: Date, ending: &str) -> String {
    format!("{prefix}/{job}_{}.{ending}", today.strftime("%Y%m%d"))
}

/// What the old job wrote, with today's date where the query has its parameter.
async fn old_job(bench: &Bench, job: &str, today: Date) -> Vec<u8> {
    let query = sql(job).replace(":today", &format!("'{today}'"));
    let arguments = ["--batch", "--skip-column-names"];
    bench.client(&arguments, &query, SED).await
}

#[tokio::test]
async fn the_old_form_is_what_the_old_pipe_wrote_byte_for_byte() {
    let Some((bench, today)) = company().await else {
        return;
    };
    for job in JOBS {
        let summary = run(&bench, "old", job, today, &[]).await.assert_code(0);
        let stored = bench.object(&key("exports-old-form", job, today, "csv"));
        let reference = old_job(&bench, job, today).await;
        assert!(reference.len() > 1_000, "{job}: {}", reference.len());
        assert_eq!(
            String::from_utf8_lossy(&stored),
            String::from_utf8_lossy(&reference),
            "{job}"
        );
        assert_eq!(stored, reference, "{job}");
        assert_eq!(summary["dump_sha256"], sha256(&stored));
        let manifest_key = key("exports-old-form-manifest", job, today, "json");
        let manifest: Value = serde_json::from_slice(&bench.object(&manifest_key)).unwrap();
        assert_eq!(manifest["dump_sha256"], sha256(&stored), "{job}");
        assert_eq!(manifest["valid_for_etl"], true, "{job}");
        assert_eq!(manifest["row_count"], summary["rows"], "{job}");
    }
}

#[tokio::test]
async fn the_sound_form_has_a_header_and_every_row() {
    let Some((bench, today)) = company().await else {
        return;
    };
    for job in JOBS {
        let summary = run(&bench, "sound", job, today, &[]).await.assert_code(0);
        let key = key("exports", job, today, "csv");
        let stored = String::from_utf8(bench.object(&key)).unwrap();
        let (header, _) = stored.split_once("\r\n").unwrap();
        assert!(header.contains(",updated_at"), "{job}: {header}");
        let count = format!(
            "SELECT COUNT(*) FROM ({}) AS q",
            sql(job)
                .replace(":today", &format!("'{today}'"))
                .trim_end()
                .trim_end_matches(';')
        );
        let arguments = ["--batch", "--skip-column-names"];
        let count = bench.client(&arguments, &count, "").await;
        let count: u64 = String::from_utf8(count).unwrap().trim().parse().unwrap();
        assert_eq!(summary["rows"], count, "{job}");
        let object = bench.aws.s3().object(BUCKET, &key).unwrap();
        let content_type = object.content_type.unwrap();
        assert!(content_type.starts_with("text/csv"), "{content_type}");
    }
}

#[tokio::test]
async fn the_last_30_days_are_tokyos_whatever_the_zone_of_the_session() {
    let Some((bench, today)) = company().await else {
        return;
    };
    // At the edge of the window, and one second before it.
    let edge = today.checked_sub(30.days()).unwrap();
    let script = format!(
        "USE {};
         UPDATE contracts SET updated_at = '{edge} 00:00:00', contract_no = 'AT-THE-EDGE' WHERE id = 1;
         UPDATE contracts SET updated_at = '{edge} 00:00:00' - INTERVAL 1 SECOND,
           contract_no = 'TOO-OLD' WHERE id = 2;",
        bench.database
    );
    bench.server.run_sql(&script).await.unwrap();
    let mut seen = Vec::new();
    for zone in ["-12:00", "+00:00", "+09:00", "+13:00"] {
        let zone = format!("--session-time-zone={zone}");
        // Without TIMESTAMP columns, which the session's zone is there to move.
        let query = sql("contract_status_30d").replace("  contracts.signed_at,\n", "");
        let path = bench.path("no_timestamps.sql");
        std::fs::write(&path, query).unwrap();
        let mut command = bench.command();
        command
            .arg("--config")
            .arg(file("old/contract_status_30d.toml"))
            .arg("--query-file")
            .arg(&path)
            .arg("--lock-file")
            .arg(bench.path("job.lock"))
            .args(["--date", &today.to_string(), &zone]);
        Outcome::of(command.output().await.unwrap()).assert_code(0);
        let key = key("exports-old-form", "contract_status_30d", today, "csv");
        seen.push(String::from_utf8(bench.object(&key)).unwrap());
    }
    assert!(seen[0].contains("AT-THE-EDGE"));
    assert!(!seen[0].contains("TOO-OLD"));
    assert!(seen.iter().all(|one| *one == seen[0]));
}

#[tokio::test]
async fn without_a_date_the_day_is_todays_in_tokyo() {
    let Some((bench, _)) = company().await else {
        return;
    };
    let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
    let day = || Timestamp::now().to_zoned_datetime(tokyo.clone()).date();
    let before = day();
    let path = bench.path("day.sql");
    std::fs::write(&path, "SELECT :today AS day").unwrap();
    let mut command = bench.command();
    command
        .args(["--credentials", "secretsmanager:prod/rds-cron", "--to", "-"])
        .args(["--format", "tsv", "--no-header", "--param", "today:date=%F"])
        .arg("--query-file")
        .arg(&path);
    let outcome = Outcome::of(command.output().await.unwrap());
    assert_eq!(outcome.code, Some(0), "{}", outcome.stderr);
    let printed = String::from_utf8(outcome.stdout).unwrap();
    let printed: Date = printed.trim().parse().unwrap();
    assert!(before <= printed && printed <= day(), "{printed}");
}

#[test]
fn the_crontab_names_files_that_are_there() {
    let crontab = std::fs::read_to_string(file("crontab")).unwrap();
    let mut at = Vec::new();
    for line in crontab
        .lines()
        .filter(|line| line.contains("query-export --config"))
    {
        let (_, rest) = line.split_once("/etc/datatransit/").unwrap();
        let path = rest.split_whitespace().next().unwrap();
        assert!(file(path).is_file());
        assert!(file(&path.replace("old/", "sound/")).is_file());
        let fields: Vec<&str> = line.split_whitespace().collect();
        at.push(format!("{}:{} {path}", fields[1], fields[0]));
        assert!(fields[6].starts_with('/'), "{line}");
        assert!(!line.contains('%'), "cron takes it for the end of the line");
    }
    assert_eq!(
        at,
        [
            "6:1 old/contract_status_30d.toml",
            "6:5 old/contract_status.toml",
            "6:10 old/tenants.toml",
            "6:12 old/movings.toml"
        ]
    );
}
