//! `quarantine list`: the days without a gap, or the gaps.

use std::fmt::Write as _;

use anyhow::anyhow;
use datatransit_job::aws::Aws;
use datatransit_job::when::WhenArgs;
use datatransit_job::{ExitCode, Failure, tool};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use jiff::civil::Date;
use jiff::{Timestamp, ToSpan as _};
use serde::Serialize;
use serde_json::json;

use crate::cli::{ListCli, Place};
use crate::manifest::Document;
use crate::marking::day;
use crate::store::{Address, Described, Store};

/// Days of the list when its beginning is not given.
const DAYS: i64 = 7;
/// A longer list is a mistake in a date.
const MOST_DAYS: usize = 3_660;
/// Days that are looked at side by side.
const AT_ONCE: usize = 8;

/// What a day is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
enum State {
    /// Manifest and dump are there, fit each other, and are valid.
    Valid,
    /// The manifest says that it is not to be used.
    Invalid,
    /// Neither is there.
    Missing,
    DumpWithoutManifest,
    ManifestWithoutDump,
    /// The dump is not the one that the manifest speaks for.
    Mismatch,
    /// What lies there is no manifest.
    Unreadable,
}

#[derive(Clone, Debug, Serialize)]
struct Day {
    date: Date,
    state: State,
    /// Why, one sentence each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reasons: Vec<String>,
    manifest: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    dump: Option<String>,
}

/// Looks at each day and prints the list.
pub(crate) async fn run(cli: &ListCli) -> Result<ExitCode, Failure> {
    let dates = dates(cli)?;
    let aws = Aws::new(cli.place.s3_path_style);
    let store = Store::open(&cli.place, &aws).await?;
    let days: Vec<Day> = stream::iter(dates)
        .map(|date| look(&store, &cli.place, date))
        .buffered(AT_ONCE)
        .try_collect()
        .await?;
    let exit = if days.iter().all(|day| day.state == State::Valid) {
        ExitCode::Success
    } else {
        ExitCode::Gate
    };
    let text = if cli.json {
        let valid = days.iter().filter(|day| day.state == State::Valid).count();
        let document = json!({
            "status": if exit == ExitCode::Success { "ok" } else { "gaps" },
            "exit_code": exit.code(),
            "valid_days": valid,
            "days": days,
        });
        format!("{document}\n")
    } else {
        to_text(&days)
    };
    tool::print(&text)?;
    Ok(exit)
}

fn dates(cli: &ListCli) -> Result<Vec<Date>, Failure> {
    let today = WhenArgs::in_zone(cli.place.timezone.clone()).resolve(Timestamp::now())?;
    let to = cli.to.unwrap_or_else(|| today.moment.date());
    let from = match cli.from {
        Some(from) => from,
        None => to.saturating_sub((DAYS - 1).days()),
    };
    if from > to {
        return Err(Failure::usage(anyhow!("--from {from} is after --to {to}")));
    }
    let dates: Vec<Date> = from
        .series(1.day())
        .take_while(|date| *date <= to)
        .take(MOST_DAYS + 1)
        .collect();
    if dates.len() > MOST_DAYS {
        return Err(Failure::usage(anyhow!(
            "{from} to {to} are more than {MOST_DAYS} days"
        )));
    }
    Ok(dates)
}

async fn look(store: &Store, place: &Place, date: Date) -> Result<Day, Failure> {
    let when = day(place.timezone.clone(), date)?;
    let manifest = Address::resolve(&place.manifest, "--manifest", &when)?;
    let named = place
        .dump
        .as_deref()
        .map(|template| Address::resolve(template, "--dump", &when))
        .transpose()?;
    let read = store.manifest(&manifest).await?;
    let dump = match (&named, &read) {
        (Some(named), _) => Some(named.clone()),
        (None, Some(Ok(found))) => Some(Address {
            bucket: manifest.bucket.clone(),
            key: found.document.dump_key().to_owned(),
        }),
        (None, _) => None,
    };
    let described = match &dump {
        Some(dump) => store.describe(dump).await?,
        None => None,
    };
    let (state, reasons) = match read {
        None if described.is_some() => (State::DumpWithoutManifest, Vec::new()),
        None => (State::Missing, Vec::new()),
        Some(Err(reason)) => (State::Unreadable, vec![reason]),
        Some(Ok(found)) => judge(&found.document, described.as_ref(), date),
    };
    Ok(Day {
        date,
        state,
        reasons,
        manifest: manifest.to_string(),
        dump: dump.map(|dump| dump.to_string()),
    })
}

/// What a manifest and what lies at its dump's key make of a day. A dump that is not
/// there, or not the one, comes before what the manifest says of it.
fn judge(manifest: &Document, dump: Option<&Described>, date: Date) -> (State, Vec<String>) {
    let Some(dump) = dump else {
        return (State::ManifestWithoutDump, manifest.reasons());
    };
    let mut reasons = Vec::new();
    let of = manifest.dump_date().unwrap_or("no day");
    if of != date.to_string() {
        reasons.push(format!("the manifest is of {of}"));
    }
    if let (Some(told), Some(found)) = (manifest.dump_size(), dump.size)
        && told != found
    {
        reasons.push(format!(
            "the dump has {found} bytes, the manifest says {told}"
        ));
    }
    if let (Some(told), Some(found)) = (manifest.dump_etag(), dump.etag.as_deref())
        && told != found
    {
        reasons.push("the dump was replaced: its ETag is not the manifest's".to_owned());
    }
    if !reasons.is_empty() {
        return (State::Mismatch, reasons);
    }
    if manifest.is_valid() {
        (State::Valid, Vec::new())
    } else {
        (State::Invalid, manifest.reasons())
    }
}

fn to_text(days: &[Day]) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    for day in days {
        let state = match day.state {
            State::Valid => "valid",
            State::Invalid => "INVALID",
            State::Missing => "MISSING",
            State::DumpWithoutManifest => "NO MANIFEST",
            State::ManifestWithoutDump => "NO DUMP",
            State::Mismatch => "MISMATCH",
            State::Unreadable => "UNREADABLE",
        };
        let line = format!("{}  {state:<12}{}", day.date, day.reasons.join("; "));
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let valid = days.iter().filter(|day| day.state == State::Valid).count();
    let _ = writeln!(text, "{valid} of {} days are valid", days.len());
    text
}
