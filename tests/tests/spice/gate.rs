//! The gate: a manifest in S3.

use aws_sdk_s3::primitives::ByteStream;
use e2e::s3::{S3Options, S3Server};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::bench::{Bench, Outcome};

const MANIFEST: &str = "s3://dumps/manifests/db_%Y%m%d.json";

struct Gate {
    bench: Bench,
    s3: S3Server,
}

impl Gate {
    fn new() -> Self {
        let s3 = S3Server::start(S3Options::with_buckets(&["dumps"])).unwrap();
        Self {
            bench: Bench::new(&["a"]),
            s3,
        }
    }

    fn run(&self, more: &[&str]) -> Outcome {
        let fixed = [
            "--dataset",
            "a",
            "--account",
            "123456789012",
            "--first-pause",
            "5ms",
            "--gate-manifest",
            MANIFEST,
        ];
        let mut command = self.bench.command(&[&fixed, more].concat());
        command.env("AWS_ENDPOINT_URL_S3", self.s3.endpoint().url());
        Outcome(command.output().unwrap())
    }

    /// Puts today's manifest, as the dump's job writes it.
    fn put(&self, valid: bool) {
        let zone = TimeZone::get("Asia/Tokyo").unwrap();
        let now = Timestamp::now().to_zoned_datetime(zone);
        let key = now.strftime("manifests/db_%Y%m%d.json").to_string();
        let body = serde_json::json!({
            "run_id": "r", "generated_at": now.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string(),
            "dump_date": now.date().to_string(), "valid_for_etl": valid,
            "invalid_reasons": if valid { vec![] } else { vec!["table `x` is missing"] },
        });
        let client = self.s3.endpoint().s3_client();
        let put = client
            .put_object()
            .bucket("dumps")
            .key(key)
            .body(ByteStream::from(body.to_string().into_bytes()));
        let runtime = tokio::runtime::Runtime::new().unwrap();
        runtime.block_on(put.send()).unwrap();
    }
}

#[test]
fn a_gate_that_stays_closed_is_twelve_and_nothing_is_called() {
    let gate = Gate::new();
    gate.run(&[])
        .assert_code(12)
        .assert_says(&["there is no manifest yet", "nothing was refreshed"]);
    gate.put(false);
    gate.run(&[])
        .assert_code(12)
        .assert_says(&["not valid: table `x` is missing"]);
    assert!(gate.bench.double.calls().is_empty());
    gate.put(true);
    gate.run(&[])
        .assert_code(0)
        .assert_says(&["the gate is open", "1 refreshed"]);
}

#[test]
fn a_bucket_that_is_not_there_is_told_at_once() {
    let gate = Gate::new();
    let mut command = gate
        .bench
        .command(&["--dataset", "a", "--account", "123456789012"]);
    command
        .args([
            "--gate-manifest",
            "s3://elsewhere/x.json",
            "--gate-patience",
            "1h",
        ])
        .env("AWS_ENDPOINT_URL_S3", gate.s3.endpoint().url());
    Outcome(command.output().unwrap())
        .assert_code(12)
        .assert_says(&["cannot be read", "NoSuchBucket"]);
}

#[test]
fn patience_waits_for_the_dump() {
    let gate = Gate::new();
    let fixed = [
        "--dataset",
        "a",
        "--account",
        "123456789012",
        "--first-pause",
        "5ms",
        "--gate-manifest",
        MANIFEST,
        "--gate-patience",
        "10m",
    ];
    let mut command = gate.bench.command(&fixed);
    command
        .env("AWS_ENDPOINT_URL_S3", gate.s3.endpoint().url())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    runtime.block_on(gate.s3.wait_for_calls(e2e::s3::Operation::GetObject, 1));
    gate.put(true);
    Outcome(child.wait_with_output().unwrap())
        .assert_code(0)
        .assert_says(&[
            "the gate is closed: there is no manifest yet",
            "1 refreshed",
        ]);
}
