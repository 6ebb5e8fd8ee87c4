//! Killed at any moment: the key is absent or whole, and after SIGTERM nothing
//! is left open.

use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::process::Child;

use crate::bench::{BUCKET, Bench, production, sha256};
use crate::exit_codes::signal;

/// How often each signal is sent.
const ROUNDS: u32 = 20;

/// A database of a few multipart parts.
async fn several_parts() -> Option<Bench> {
    let bench = Bench::empty().await?;
    let script = format!(
        "USE {};
         CREATE TABLE hexes (id INT NOT NULL PRIMARY KEY, hex TEXT NOT NULL, updated_at DATETIME);
         INSERT INTO hexes SELECT seq, REPEAT(MD5(seq), 40), NOW() FROM seq_1_to_12000;",
        bench.database
    );
    bench.server.run_sql(&script).await.unwrap();
    Some(bench)
}

/// One run on a day of its own, so that each has a key of its own.
fn spawn(bench: &Bench, day: &str) -> Child {
    let mut command = bench.command();
    command
        .args([
            "--credentials",
            "secretsmanager:prod/rds-cron",
            "--date",
            day,
        ])
        .args([
            "--to",
            "s3://dumps-bucket/%F.sql",
            "--manifest",
            "s3://dumps-bucket/%F.json",
        ])
        // The smallest budget: parts of 5 MiB, so that the upload is of several.
        .args(["--memory", "24MiB", "--threads", "1", "-B"])
        .arg(&bench.database)
        .args(production())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    command.spawn().unwrap()
}

/// The key is absent or whole; a manifest speaks only for a whole one.
fn assert_absent_or_whole(bench: &Bench, day: &str, whole: &str) -> bool {
    let s3 = bench.aws.s3();
    let dump = s3.object(BUCKET, &format!("{day}.sql"));
    let manifest = s3.object(BUCKET, &format!("{day}.json"));
    let digest = dump.map(|object| sha256(&object.bytes().unwrap()));
    if let Some(digest) = &digest {
        assert_eq!(digest, whole, "{day}: a truncated dump was published");
    }
    if let Some(manifest) = manifest {
        let manifest: serde_json::Value =
            serde_json::from_slice(&manifest.bytes().unwrap()).unwrap();
        assert_eq!(
            Some(manifest["dump_sha256"].as_str().unwrap()),
            digest.as_deref()
        );
        assert_eq!(
            s3.tags(BUCKET, &format!("{day}.sql")).unwrap()["valid_for_etl"],
            "true"
        );
    }
    digest.is_some()
}

#[tokio::test]
async fn killed_at_random_moments_the_key_is_absent_or_whole() {
    let Some(bench) = several_parts().await else {
        return;
    };
    // The quicker of two: a first run finds nothing in any cache.
    let mut duration = Duration::MAX;
    for _ in 0..2 {
        let started = Instant::now();
        let status = spawn(&bench, "2000-01-01").wait().await.unwrap();
        assert!(status.success());
        duration = duration.min(started.elapsed());
    }
    let object = bench.aws.s3().object(BUCKET, "2000-01-01.sql").unwrap();
    assert!(
        object.etag.contains('-'),
        "the upload is of several parts: {}",
        object.etag
    );
    let whole = sha256(&object.bytes().unwrap());

    let seed = fastrand::u64(..);
    eprintln!("kill test: seed {seed}, one run takes {duration:?}");
    let mut random = fastrand::Rng::with_seed(seed);
    for name in ["TERM", "KILL"] {
        let mut published = 0;
        for round in 1..=ROUNDS {
            let year = if name == "TERM" { 2001 } else { 2002 };
            let day = format!("{year}-01-{round:02}");
            let moment = duration.mul_f64(random.f64());
            let mut child = spawn(&bench, &day);
            tokio::time::sleep(moment).await;
            if child.try_wait().unwrap().is_none() {
                signal(&child, name).await;
            }
            let status = child.wait().await.unwrap();
            let is_whole = assert_absent_or_whole(&bench, &day, &whole);
            published += u32::from(is_whole);
            if name == "TERM" {
                let open = bench.aws.s3().open_uploads();
                assert_eq!(
                    open,
                    [],
                    "seed {seed}, round {round}, killed after {moment:?}"
                );
                // No code before the handler is installed, 0 when the end was nearer.
                assert!(
                    matches!(status.code(), None | Some(0 | 143)),
                    "seed {seed}, round {round}: {status}"
                );
                assert!(status.code() != Some(0) || is_whole);
            }
        }
        eprintln!("kill test: SIG{name}: {published} of {ROUNDS} published");
    }
    // A run on the same day repairs whatever SIGKILL left.
    assert!(spawn(&bench, "2002-01-01").wait().await.unwrap().success());
    assert!(assert_absent_or_whole(&bench, "2002-01-01", &whole));
    assert!(bench.aws.s3().object(BUCKET, "2002-01-01.json").is_some());
}

#[tokio::test]
async fn sigterm_amid_the_parts_aborts_the_upload_and_confirms_it() {
    use e2e::s3::{Effect, FaultRule, Operation};
    let Some(bench) = several_parts().await else {
        return;
    };
    // The second part is never answered: the signal surely comes amid the upload.
    let hold = FaultRule::new(Operation::UploadPart, Effect::Hold).calls(2..=100);
    bench.aws.s3().add_fault(hold);
    let child = spawn(&bench, "2001-02-01");
    bench
        .aws
        .s3()
        .wait_for_calls(Operation::UploadPart, 2)
        .await;
    assert_eq!(bench.aws.s3().open_uploads().len(), 1);
    signal(&child, "TERM").await;
    let output = tokio::time::timeout(Duration::from_secs(120), child.wait_with_output()).await;
    assert_eq!(output.unwrap().unwrap().status.code(), Some(143));
    bench.assert_nothing_published();
    bench.aws.s3().release_held();
}
