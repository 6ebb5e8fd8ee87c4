//! The connection breaks after any byte, through the whole job: server, `full-dump`, S3.

use std::process::{Output, Stdio};

use e2e::aws::AwsDouble;
use e2e::database::Flavour;
use e2e::s3::S3Options;
use e2e::scripted::{Column, Fault, Row, ScriptedServer, Table, World};
use futures_util::StreamExt as _;
use serde_json::json;
use tempfile::TempDir;
use tokio::process::Command;

const BUCKET: &str = "dumps-bucket";
/// How many offsets are tried.
const ROUNDS: usize = 200;
/// Where they come from, unless `FAULTS_SEED` names another number.
const SEED: u64 = 0x0ff5_e75e;
/// Jobs at a time.
const AT_ONCE: usize = 2;

/// The doubles that all jobs share.
struct Bench {
    aws: AwsDouble,
    directory: TempDir,
}

impl Bench {
    /// Runs the job against a server, for a key of its own.
    async fn job(&self, server: &ScriptedServer, key: &str) -> Output {
        let secret = json!({
            "engine": "mysql", "host": server.host(), "port": server.port(),
            "username": "scripted", "password": "any", "database": "world",
        });
        self.aws.secrets().put(key, secret.to_string());
        let mut command = Command::new(e2e::binary::binary("full-dump"));
        command
            .env_clear()
            .envs(self.aws.endpoint().env())
            .current_dir(self.directory.path())
            .args(["--credentials", &format!("secretsmanager:{key}")])
            .args(["--to", &format!("s3://{BUCKET}/{key}.sql")])
            .args(["--manifest", &format!("s3://{BUCKET}/{key}.json")])
            // The smallest budget: parts of 5 MiB, so that the upload is of several.
            .args(["--memory", "24MiB", "--threads", "1", "-B", "world"])
            .args(e2e::production::OPTIONS)
            .stdin(Stdio::null())
            .kill_on_drop(true);
        command.output().await.expect("full-dump runs")
    }

    fn object(&self, name: &str) -> Option<Vec<u8>> {
        let object = self.aws.s3().object(BUCKET, name)?;
        Some(object.bytes().expect("its bytes"))
    }
}

/// A table of more than one part, and one behind it.
fn world() -> (World, Vec<u8>) {
    let mut lines = Vec::new();
    let mut rows: Vec<Row> = Vec::new();
    for id in 0..4_000 {
        let text = format!("{id:08}").repeat(400);
        lines.extend_from_slice(format!("({id},'{text}')\n").as_bytes());
        rows.push(vec![
            Some(id.to_string().into_bytes()),
            Some(text.into_bytes()),
        ]);
    }
    let columns = vec![Column::int("id"), Column::text("text")];
    let table = Table::new("m_big", columns).with_rows(rows);
    (World::small(Flavour::MariaDb).with_table(table), lines)
}

#[tokio::test]
async fn cut_after_any_byte_the_key_is_absent_or_whole() {
    let bench = Bench {
        aws: AwsDouble::start(S3Options::with_buckets(&[BUCKET])).unwrap(),
        directory: tempfile::tempdir().unwrap(),
    };
    let (world, lines) = world();

    let server = ScriptedServer::start(world.clone()).unwrap();
    let output = bench.job(&server, "whole").await;
    assert!(output.status.success(), "{output:?}");
    assert_eq!(server.unrecognised(), [""; 0]);
    let whole = bench.object("whole.sql").unwrap();
    assert!(bench.object("whole.json").is_some());
    assert!(
        bench
            .aws
            .s3()
            .object(BUCKET, "whole.sql")
            .unwrap()
            .etag
            .contains('-')
    );
    // MariaDB's client prints a row a line; what stands between them aside, these are they.
    let big = whole
        .split(|byte| *byte == b'\n')
        .filter(|line| line.starts_with(b"(") && line.len() > 3_000 && line.len() < 4_000);
    let mut found: Vec<u8> = Vec::new();
    for line in big {
        found.extend_from_slice(&line[..line.len() - 1]);
        found.push(b'\n');
    }
    assert!(found == lines, "the rows of the big table");
    let bytes = server.bytes_sent();

    let seed = std::env::var("FAULTS_SEED").map_or(SEED, |text| text.parse().expect("a number"));
    let mut random = fastrand::Rng::with_seed(seed);
    let offsets: Vec<u64> = (0..ROUNDS).map(|_| random.u64(0..bytes)).collect();
    let jobs = offsets.into_iter().enumerate().map(|(round, offset)| {
        let fault = if round % 2 == 0 {
            Fault::Reset
        } else {
            Fault::Close
        };
        let context = format!("seed {seed}, round {round}: {fault:?} after byte {offset}");
        let server = ScriptedServer::start(world.clone()).unwrap();
        let (bench, whole) = (&bench, &whole);
        async move {
            server.fault_at_byte(offset, fault);
            let key = format!("round-{round}");
            let output = bench.job(&server, &key).await;
            let object = bench.object(&format!("{key}.sql"));
            if let Some(object) = &object {
                assert!(object == whole, "{context}: a truncated dump was published");
            }
            let published = output.status.success();
            assert_eq!(
                published,
                bench.object(&format!("{key}.json")).is_some(),
                "{context}"
            );
            assert!(!published || object.is_some(), "{context}");
            published
        }
    });
    let ends: Vec<bool> = futures_util::stream::iter(jobs)
        .buffer_unordered(AT_ONCE)
        .collect()
        .await;
    assert_eq!(bench.aws.s3().open_uploads(), []);
    // Only a cut behind the last row's byte can go unnoticed.
    let published = ends.iter().filter(|published| **published).count();
    assert!(
        published < ROUNDS / 20,
        "{published} of {ROUNDS} were published"
    );
}
