//! Our dump, restored by the server's own client, makes the same database again.

use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use e2e::parity::{first_difference, our_dump};
use mysql_async::prelude::Queryable as _;
use mysql_async::{Conn, Row};
use tokio::io::AsyncWriteExt as _;

use crate::model::Case;
use crate::options::Arguments;
use crate::script::Script;
use crate::text::quoted;
use crate::world::World;

/// Restores into a second database and compares everything that can be compared.
pub(crate) async fn check(world: &World, case: &Case, script: &Script) -> Result<(), String> {
    let copy = format!("{}_copy", script.database);
    let arguments = Arguments::for_restoring(case, world, script);
    let outcome = restored(world, script, &copy, &arguments).await;
    let dropped = async {
        let mut conn = world.server.connect().await?;
        conn.query_drop(format!("DROP DATABASE IF EXISTS {}", quoted(&copy)))
            .await?;
        anyhow::Ok(conn.disconnect().await?)
    };
    outcome
        .and(dropped.await)
        .map_err(|error| format!("restored from {arguments:?}: {error:#}"))
}

async fn restored(world: &World, script: &Script, copy: &str, arguments: &[String]) -> Result<()> {
    let given: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (dump, _) = our_dump(world.server, &given).await?;
    let mut conn = world.server.connect().await?;
    conn.query_drop(format!(
        "CREATE DATABASE {} {}",
        quoted(copy),
        script.charset
    ))
    .await?;
    load(world, copy, &dump).await?;
    let (before, after) = (
        description(&mut conn, script, &script.database).await?,
        description(&mut conn, script, copy).await?,
    );
    conn.disconnect().await?;
    for (before, after) in before.iter().zip(&after) {
        if before != after {
            bail!("was {before:?}, is {after:?}");
        }
    }
    // And its dump is the dump it was made from, but for the database's name in comments.
    let mut given = given;
    given.pop();
    given.push("--skip-comments");
    let (first, _) = our_dump(world.server, &[&given[..], &[&script.database]].concat()).await?;
    let (again, _) = our_dump(world.server, &[&given[..], &[copy]].concat()).await?;
    let (again, first) = (plainly_collated(&again), plainly_collated(&first));
    match first_difference(again.as_bytes(), first.as_bytes()) {
        None => Ok(()),
        Some(difference) => bail!("the copy's dump (ours) and the first (theirs): {difference}"),
    }
}

/// By the server's client, which drops comments from programs unless told not to.
async fn load(world: &World, database: &str, dump: &[u8]) -> Result<()> {
    let mut client = world
        .server
        .client_command()
        .args(["--comments", database])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut input = client.stdin.take().context("no input")?;
    let feed = async {
        let fed = input.write_all(dump).await;
        // Closing its input is what ends the client.
        drop(input);
        fed
    };
    let (fed, output) = tokio::join!(feed, client.wait_with_output());
    let output = output?;
    if !output.status.success() {
        bail!("{}", String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(fed?)
}

/// A line for everything in a database.
async fn description(conn: &mut Conn, script: &Script, database: &str) -> Result<Vec<String>> {
    conn.query_drop(format!("USE {}", quoted(database))).await?;
    let mut lines = Vec::new();
    let names: Vec<Row> = conn.query("SHOW FULL TABLES").await?;
    for row in names {
        let name: String = row.get(0).context("a name")?;
        let definition: Row = conn
            .query_first(format!("SHOW CREATE TABLE {}", quoted(&name)))
            .await?
            .context("a definition")?;
        let text: Vec<u8> = definition.get(1).context("a text")?;
        lines.push(plainly_collated(&text));
    }
    for table in script.tables.iter().filter(|table| table.checksums) {
        let checksum: Option<Row> = conn
            .query_first(format!("CHECKSUM TABLE {}", quoted(&table.name)))
            .await?;
        let checksum: Option<u64> = checksum.and_then(|row| row.get(1)).flatten();
        lines.push(format!("{} {checksum:?}", table.name));
    }
    Ok(lines)
}

/// Without the character sets that a collation implies: MySQL prints them or not by whether
/// they once were asked for, and `COLLATE` in a restored definition asks for them.
fn plainly_collated(definition: &[u8]) -> String {
    let text = String::from_utf8_lossy(definition);
    let mut parts = text.split(" CHARACTER SET ");
    let mut plain = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(' ') {
            Some((_, rest)) if rest.starts_with("COLLATE ") => {
                plain.push(' ');
                plain.push_str(rest);
            }
            _ => {
                plain.push_str(" CHARACTER SET ");
                plain.push_str(part);
            }
        }
    }
    plain
}
