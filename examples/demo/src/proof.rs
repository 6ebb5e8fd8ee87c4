//! What must hold of the published objects, each checked by means of its own.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use async_compression::tokio::bufread::GzipDecoder;
use e2e::canary::Canary;
use e2e::database::Flavour;
use e2e::scratch::Scratch;
use e2e::splitter;
use mysql_async::prelude::Queryable as _;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _, BufReader};

use crate::compare::{Comparison, compare};
use crate::job::{Job, dump_options};
use crate::report::{broken, count, done, note, size};
use crate::stage::{BUCKET, DATABASE, Stage};

/// What `--compact` leaves out of a dump and its reader has to bring: tables come
/// in the order of their names, references before what they refer to, and
/// mariadb-dump reads TIMESTAMP in UTC also where it does not say so.
const PREAMBLE: &str =
    "SET foreign_key_checks=0, unique_checks=0, sql_mode='NO_AUTO_VALUE_ON_ZERO';\n";
const PREAMBLE_UTC: &str = "SET time_zone='+00:00';\n";

/// Tries all proofs, prints each, and says whether all hold.
pub(crate) async fn all(stage: &Stage, job: &Job) -> Result<bool> {
    let files = Scratch::new("datatransit-demo-")?;
    let (packed, plain) = (
        files.path().join("dump.sql.gz"),
        files.path().join("dump.sql"),
    );
    let results = [
        verdict(
            "the object is what the manifest says",
            object(stage, job, &packed).await,
        ),
        verdict("so is the SQL inside", sql(job, &packed, &plain).await),
        verdict("the manifest vouches for it", manifest(stage, job).await),
        verdict(
            "restored elsewhere, every table is the same",
            restored(stage, &plain).await,
        ),
        verdict(
            &format!("equal to real {}, byte for byte", tool(stage)),
            same_bytes(stage, &plain).await,
        ),
        verdict("the line splitter reads it", split(&packed)),
        verdict("no upload left open, no password shown", clean(stage, job)),
    ];
    excerpt(job);
    Ok(results.into_iter().all(|held| held))
}

fn verdict(proof: &str, result: Result<String>) -> bool {
    match &result {
        Ok(detail) => done(proof, detail),
        Err(error) => broken(proof, &format!("{error:#}")),
    }
    result.is_ok()
}

/// Fetches the object as any reader would and compares digest and size.
async fn object(stage: &Stage, job: &Job, to: &Path) -> Result<String> {
    let client = stage.aws.endpoint().s3_client();
    let answer = client
        .get_object()
        .bucket(BUCKET)
        .key(&job.dump_key)
        .send()
        .await?;
    let (digest, bytes) = save(answer.body.into_async_read(), to).await?;
    let claimed = text(&job.manifest, "dump_sha256")?;
    ensure!(
        digest == claimed,
        "SHA-256 {digest}, the manifest says {claimed}"
    );
    let claimed = number(&job.manifest, "dump_size_bytes")?;
    ensure!(
        bytes == claimed,
        "{bytes} bytes, the manifest says {claimed}"
    );
    Ok(format!("{}, SHA-256 {}…", size(bytes), &digest[..16]))
}

async fn sql(job: &Job, packed: &Path, plain: &Path) -> Result<String> {
    let mut decoder = GzipDecoder::new(BufReader::new(File::open(packed).await?));
    decoder.multiple_members(true);
    let (digest, bytes) = save(decoder, plain).await?;
    let claimed = text(&job.manifest, "uncompressed_sha256")?;
    ensure!(
        digest == claimed,
        "SHA-256 {digest}, the manifest says {claimed}"
    );
    let packed = number(&job.manifest, "dump_size_bytes")?;
    Ok(format!("{}, {}:1", size(bytes), ratio(bytes, packed)))
}

/// The manifest's verdict, and its row counts against the server's.
async fn manifest(stage: &Stage, job: &Job) -> Result<String> {
    let valid = job.manifest.get("valid_for_etl") == Some(&Value::Bool(true));
    ensure!(valid, "valid_for_etl is not true");
    let mut conn = stage.source.connect().await?;
    let tables = job
        .manifest
        .get("tables")
        .and_then(Value::as_array)
        .context("tables")?;
    for table in tables {
        let name = text(table, "name")?;
        let claimed = number(table, "rows")?;
        let rows: Option<u64> = conn
            .query_first(format!("SELECT COUNT(*) FROM `{DATABASE}`.`{name}`"))
            .await?;
        ensure!(
            rows == Some(claimed),
            "{name} has {rows:?} rows, the manifest says {claimed}"
        );
    }
    conn.disconnect().await?;
    Ok(format!(
        "{} rows in {} tables, fresh and complete",
        count(stage.loaded.rows),
        tables.len()
    ))
}

async fn restored(stage: &Stage, plain: &Path) -> Result<String> {
    let begun = Instant::now();
    let mut preamble = PREAMBLE.to_owned();
    if stage.source.flavour() == Flavour::MariaDb {
        preamble.push_str(PREAMBLE_UTC);
    }
    let mut dump = preamble.as_bytes().chain(File::open(plain).await?);
    stage.target.restore(None, &mut dump).await?;
    let (source, target) = tokio::try_join!(
        stage.source.checksum_tables(DATABASE),
        stage.target.checksum_tables(DATABASE)
    )?;
    let different: BTreeMap<_, _> = source
        .iter()
        .filter(|(name, sum)| sum.is_none() || target.get(*name) != Some(sum))
        .collect();
    ensure!(
        different.is_empty(),
        "CHECKSUM TABLE differs: {different:?}"
    );
    ensure!(
        source.len() == target.len(),
        "{} tables, not {}",
        target.len(),
        source.len()
    );
    let (objects, copies) = tokio::try_join!(objects(stage, true), objects(stage, false))?;
    ensure!(
        objects == copies,
        "other objects: {copies:?}, not {objects:?}"
    );
    Ok(format!(
        "CHECKSUM TABLE of {} tables, {} other objects, {:.1} s",
        source.len(),
        objects.len(),
        begun.elapsed().as_secs_f64()
    ))
}

/// Views, triggers, routines and events, by kind and name.
async fn objects(stage: &Stage, source: bool) -> Result<Vec<(String, String)>> {
    let server = if source { &stage.source } else { &stage.target };
    let mut conn = server.connect().await?;
    let found = conn
        .query(format!(
            "SELECT 'view', table_name FROM information_schema.views WHERE table_schema = '{DATABASE}'
             UNION ALL
             SELECT 'trigger', trigger_name FROM information_schema.triggers WHERE trigger_schema = '{DATABASE}'
             UNION ALL
             SELECT 'routine', routine_name FROM information_schema.routines WHERE routine_schema = '{DATABASE}'
             UNION ALL
             SELECT 'event', event_name FROM information_schema.events WHERE event_schema = '{DATABASE}'
             ORDER BY 1, 2"
        ))
        .await?;
    conn.disconnect().await?;
    Ok(found)
}

async fn same_bytes(stage: &Stage, plain: &Path) -> Result<String> {
    let begun = Instant::now();
    let mut real = stage
        .source
        .dump_command()
        .args(dump_options(stage.source.flavour()))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let stdout = real.stdout.take().context("no stdout")?;
    let comparison = compare(File::open(plain).await?, stdout).await?;
    match comparison {
        Comparison::Equal(bytes) => {
            let status = real.wait().await?;
            ensure!(status.success(), "{} ended with {status}", tool(stage));
            Ok(format!(
                "{} bytes, {:.1} s",
                count(bytes),
                begun.elapsed().as_secs_f64()
            ))
        }
        Comparison::Different {
            offset,
            left,
            right,
        } => {
            anyhow::bail!(
                "differs from byte {offset} on:\n      ours  {left}\n      theirs {right}"
            )
        }
    }
}

/// What the consumer downstream makes of the object, by its own rule.
fn split(packed: &Path) -> Result<String> {
    let mut statements = 0_u64;
    for statement in splitter::statements(splitter::open(packed)?) {
        statement.context("a statement without an end")?;
        statements += 1;
    }
    Ok(format!(
        "{} statements, the last one whole",
        count(statements)
    ))
}

fn clean(stage: &Stage, job: &Job) -> Result<String> {
    let open = stage.aws.s3().open_uploads();
    ensure!(open.is_empty(), "open uploads: {open:?}");
    let canary = Canary::new(&stage.password);
    for (place, bytes) in [
        ("the summary", job.summary.clone()),
        ("the manifest", job.manifest.to_string()),
    ] {
        ensure!(
            canary.find(bytes.as_bytes()).is_none(),
            "the password shows in {place}"
        );
    }
    let operations: Vec<String> = stage
        .aws
        .s3()
        .operations()
        .iter()
        .map(ToString::to_string)
        .collect();
    Ok(format!("S3 calls: {}", operations.join(", ")))
}

/// The members of the manifest that a reader asks first.
fn excerpt(job: &Job) {
    const MEMBERS: [&str; 8] = [
        "run_id",
        "dump_date",
        "dump_key",
        "dump_sha256",
        "dump_size_bytes",
        "valid_for_etl",
        "source_table_max_updated_at",
        "row_count",
    ];
    note(&format!("\ns3://{BUCKET}/{} (excerpt)", job.manifest_key));
    for member in MEMBERS {
        if let Some(value) = job.manifest.get(member) {
            note(&format!("  {member}: {value}"));
        }
    }
    note(&format!("the job took {:.1} s", job.elapsed.as_secs_f64()));
}

/// Writes a stream to a file; its SHA-256 and length.
async fn save(mut from: impl AsyncRead + Unpin, to: &Path) -> Result<(String, u64)> {
    let mut file = File::create(to).await?;
    let mut hasher = Sha256::new();
    let mut bytes = 0;
    let mut buffer = vec![0; 256 * 1024];
    loop {
        let length = from.read(&mut buffer).await?;
        if length == 0 {
            break;
        }
        hasher.update(&buffer[..length]);
        file.write_all(&buffer[..length]).await?;
        bytes += u64::try_from(length).map_err(io::Error::other)?;
    }
    file.flush().await?;
    let digest = hasher
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok((digest, bytes))
}

fn tool(stage: &Stage) -> &'static str {
    match stage.source.flavour() {
        Flavour::MariaDb => "mariadb-dump",
        Flavour::MySql => "mysqldump",
    }
}

fn text<'a>(value: &'a Value, member: &str) -> Result<&'a str> {
    value
        .get(member)
        .and_then(Value::as_str)
        .with_context(|| format!("the manifest lacks {member}"))
}

fn number(value: &Value, member: &str) -> Result<u64> {
    value
        .get(member)
        .and_then(Value::as_u64)
        .with_context(|| format!("the manifest lacks {member}"))
}

#[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
fn ratio(plain: u64, packed: u64) -> String {
    format!("{:.1}", plain as f64 / packed.max(1) as f64)
}
