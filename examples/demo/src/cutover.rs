//! The old jobs beside the new: one full dump compared, and seven days of an export with a
//! difference planted on one of them.

use std::env;
use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};
use e2e::binary::binary;
use mysql_async::prelude::Queryable as _;
use tokio::io::AsyncWriteExt as _;
use tokio::process::Command;

use crate::job::{Job, dump_options};
use crate::report::{broken, done, note, size};
use crate::stage::{BUCKET, DATABASE, SECRET, Stage};

/// The days of the parallel run; a row is changed between the two jobs of the fourth.
const DAYS: [&str; 7] = [
    "2026-11-17",
    "2026-11-18",
    "2026-11-19",
    "2026-11-20",
    "2026-11-21",
    "2026-11-22",
    "2026-11-23",
];
const PLANTED: usize = 3;
const QUERY: &str = "SELECT id, contract_id, kind, scheduled_on, cleaning_fee, memo, updated_at \
                     FROM movings ORDER BY id";
const REPORTS: &str = "comparison/movings/";

/// Shows both, and says whether they came out as they must.
pub(crate) async fn shown(stage: &Stage, job: &Job) -> Result<bool> {
    let equal = match full_dumps(stage, job).await {
        Ok(detail) => {
            done("the old full dump and the new are the same", &detail);
            true
        }
        Err(error) => {
            broken(
                "the old full dump and the new are the same",
                &format!("{error:#}"),
            );
            false
        }
    };
    let begun = Instant::now();
    for (index, day) in DAYS.iter().enumerate() {
        one_day(stage, day, index == PLANTED).await?;
    }
    done(
        "seven days of the export of movings",
        &format!("{:.1} s", begun.elapsed().as_secs_f64()),
    );
    let decided = decision(stage).await?;
    Ok(equal && decided)
}

/// `mariadb-dump | gzip` beside the object that the job published.
async fn full_dumps(stage: &Stage, job: &Job) -> Result<String> {
    let options = dump_options(stage.source.flavour());
    let dump = stage.source.dump(&options).await?;
    ensure!(dump.success(), "{}", dump.stderr);
    let packed = piped(Command::new("gzip"), &dump.stdout).await?;
    let key = job.dump_key.replace("dumps/", "dumps-old/");
    let detail = format!(
        "{} by the old pipe, {:.1}:1",
        size(u64::try_from(packed.len())?),
        ratio(dump.stdout.len(), packed.len())
    );
    put(stage, &key, packed).await?;
    let (old, new) = (
        format!("s3://{BUCKET}/{key}"),
        format!("s3://{BUCKET}/{}", job.dump_key),
    );
    note(&format!("compare-dumps {old} {new}\n "));
    let compared = compare_dumps(stage, &[&old, &new]).await?;
    let text = String::from_utf8_lossy(&compared.stdout).into_owned();
    ensure!(compared.status.success(), "{text}");
    note(&text);
    Ok(detail)
}

/// The old job, the new job, and the comparison of a day.
async fn one_day(stage: &Stage, day: &str, planted: bool) -> Result<()> {
    let mut client = stage.source.client_command();
    client.args(["--batch", "--skip-column-names", DATABASE]);
    let rows = piped(client, QUERY.as_bytes()).await?;
    let mut sed = Command::new("sed");
    sed.arg("s/\t/,/g");
    let rows = piped(sed, &rows).await?;
    let old = format!("daily/movings_{day}.csv");
    put(stage, &old, rows).await?;
    if planted {
        let mut conn = stage.source.connect().await?;
        let change = format!(
            "UPDATE `{DATABASE}`.movings SET memo = 'changed between the two jobs', \
             updated_at = NOW() WHERE id = 42"
        );
        conn.query_drop(change).await?;
        conn.disconnect().await?;
    }
    let new = format!("s3://{BUCKET}/daily-new/movings_{day}.csv");
    let exported = program(stage, "query-export")
        .args([
            &format!("--credentials=secretsmanager:{SECRET}"),
            "--query",
            QUERY,
        ])
        .args([
            "--format=mysql-batch",
            "--skip-column-names",
            "--tabs-to-commas",
        ])
        .args(["--to", &new, "--date", day])
        .output()
        .await?;
    ensure!(exported.status.success(), "{}", text_of(&exported));
    let compared = compare_dumps(
        stage,
        &[
            &format!("s3://{BUCKET}/{old}"),
            &new,
            "--content=mysql-batch",
            "--header=false",
            &format!("--date={day}"),
            &format!("--report=s3://{BUCKET}/{REPORTS}"),
        ],
    )
    .await?;
    let expected = Some(i32::from(planted));
    ensure!(compared.status.code() == expected, "{}", text_of(&compared));
    Ok(())
}

/// The answer must be *not yet*, for the planted day.
async fn decision(stage: &Stage) -> Result<bool> {
    let page = page()?;
    let reports = format!("s3://{BUCKET}/{REPORTS}");
    let today = DAYS[DAYS.len() - 1];
    note(&format!("compare-dumps history --reports {reports}\n "));
    let decided = program(stage, "compare-dumps")
        .args(["history", "--reports", &reports, "--today", today, "--html"])
        .arg(&page)
        .output()
        .await?;
    let text = String::from_utf8_lossy(&decided.stdout).into_owned();
    note(&text);
    let proof = "the planted difference holds the cutover back";
    let held = decided.status.code() == Some(1) && text.contains(DAYS[PLANTED]);
    if held {
        done(proof, &format!("the page is {}", page.display()));
    } else {
        broken(proof, &text_of(&decided));
    }
    Ok(held)
}

/// Beside the build, so that it can be looked at afterwards.
fn page() -> Result<PathBuf> {
    let program = env::current_exe()?;
    let build = program.parent().context("the program's directory")?;
    Ok(build.join("demo-cutover.html"))
}

async fn compare_dumps(stage: &Stage, arguments: &[&str]) -> Result<Output> {
    let output = program(stage, "compare-dumps").args(arguments).output();
    Ok(output.await?)
}

/// A program of this workspace, with the doubles' environment and no other.
fn program(stage: &Stage, name: &str) -> Command {
    let mut command = Command::new(binary(name));
    command
        .env_clear()
        .envs(stage.aws.endpoint().env())
        .stdin(Stdio::null())
        .kill_on_drop(true);
    command
}

fn text_of(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

async fn put(stage: &Stage, key: &str, bytes: Vec<u8>) -> Result<()> {
    let client = stage.aws.endpoint().s3_client();
    let put = client.put_object().bucket(BUCKET).key(key);
    put.body(bytes.into()).send().await?;
    Ok(())
}

async fn piped(mut command: Command, input: &[u8]) -> Result<Vec<u8>> {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut stdin = child.stdin.take().context("no stdin")?;
    let feed = async {
        stdin.write_all(input).await?;
        drop(stdin);
        Ok::<_, std::io::Error>(())
    };
    let (fed, output) = tokio::join!(feed, child.wait_with_output());
    fed?;
    let output = output?;
    if !output.status.success() {
        bail!("a stage of the old pipe ended with {}", output.status);
    }
    Ok(output.stdout)
}

#[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
fn ratio(text: usize, packed: usize) -> f64 {
    text as f64 / packed.max(1) as f64
}
