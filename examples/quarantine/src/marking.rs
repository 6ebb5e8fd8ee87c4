//! `quarantine mark` and `quarantine clear`.

use std::fmt::Write as _;

use anyhow::anyhow;
use datatransit_job::aws::Aws;
use datatransit_job::check::caller;
use datatransit_job::when::{When, WhenArgs};
use datatransit_job::{ExitCode, Failure, tool};
use jiff::Timestamp;

use crate::cli::Change;
use crate::manifest::{Action, Document, Entry};
use crate::store::{Address, Found, Store, Tags};

/// How often a manifest that somebody else changed meanwhile is read again.
const TRIES: u32 = 3;
/// The tag that the jobs set.
const TAG: &str = "valid_for_etl";

/// Changes a day's manifest, then the tags of its dump.
pub(crate) async fn run(change: &Change, action: Action) -> Result<ExitCode, Failure> {
    let reason = change.reason.trim();
    if reason.is_empty() || reason.chars().any(char::is_control) {
        return Err(
            Failure::usage(anyhow!("--reason is empty, or not one line"))
                .with_remedy("say in a few words what happened"),
        );
    }
    let place = &change.place;
    let when = day(place.timezone.clone(), change.date)?;
    let manifest = Address::resolve(&place.manifest, "--manifest", &when)?;
    let dump = place
        .dump
        .as_deref()
        .map(|template| Address::resolve(template, "--dump", &when))
        .transpose()?;
    let aws = Aws::new(place.s3_path_style);
    let by = match &change.by {
        Some(by) => by.clone(),
        None => caller(&aws)
            .await
            .map_err(|failure| failure.with_remedy("name yourself with --by"))?,
    };
    let entry = Entry {
        action,
        at: now(&when),
        by,
        reason: reason.to_owned(),
    };
    let store = Store::open(place, &aws).await?;
    let changed = edit(&store, &manifest, &entry, change.dry_run).await?;
    let dump = dump.unwrap_or_else(|| Address {
        bucket: manifest.bucket.clone(),
        key: changed.document.dump_key().to_owned(),
    });
    let mut told = told(change, &changed, &manifest);
    for at in [&manifest, &dump] {
        told.push_str(&tag(&store, at, changed.document.is_valid(), change.dry_run).await?);
    }
    tool::print(&told)?;
    Ok(ExitCode::Success)
}

/// What became of the manifest.
struct Changed {
    document: Document,
    /// Whether it was not so before.
    is_new: bool,
}

/// Changes the manifest as it was read, or reads it again.
async fn edit(
    store: &Store,
    at: &Address,
    entry: &Entry,
    dry_run: bool,
) -> Result<Changed, Failure> {
    for _ in 0..TRIES {
        let mut found = read(store, at).await?;
        let is_new = match entry.action {
            Action::Marked => found.document.mark(entry.clone()),
            Action::Cleared => found.document.clear(entry.clone()),
        };
        if !is_new || dry_run || replace(store, at, &found).await? {
            return Ok(Changed {
                document: found.document,
                is_new,
            });
        }
    }
    let error = anyhow!("{at} was changed by somebody else {TRIES} times meanwhile");
    Err(Failure::new(ExitCode::Upload, "manifest", error)
        .with_remedy("see which job writes it, and try again"))
}

async fn read(store: &Store, at: &Address) -> Result<Found, Failure> {
    let source = |error: anyhow::Error| Failure::new(ExitCode::Source, "manifest", error);
    match store.manifest(at).await? {
        Some(Ok(found)) => Ok(found),
        Some(Err(reason)) => Err(source(anyhow!("{at}: {reason}"))),
        None => Err(source(anyhow!("{at} does not exist")).with_remedy(
            "see quarantine list: a dump without a manifest is trusted by no reader as it is",
        )),
    }
}

/// The manifest's own tags go with it, in one request.
async fn replace(store: &Store, at: &Address, found: &Found) -> Result<bool, Failure> {
    let mut tags = store.tags(at).await?.unwrap_or_default();
    tags.insert(TAG.to_owned(), found.document.is_valid().to_string());
    store.replace(found, &tags).await
}

fn told(change: &Change, changed: &Changed, manifest: &Address) -> String {
    let date = change.date;
    let would = if change.dry_run { "would be " } else { "" };
    let reasons = changed.document.reasons().join("; ");
    match (changed.is_new, changed.document.is_valid()) {
        (true, true) => format!("{date}: {would}valid again\n{manifest}\n"),
        (true, false) => format!("{date}: {would}invalid: {reasons}\n{manifest}\n"),
        (false, true) => format!("{date}: is valid already\n{manifest}\n"),
        (false, false) => format!("{date}: is invalid already: {reasons}\n{manifest}\n"),
    }
}

/// Says in the tags what the manifest says. Returns a line about it.
async fn tag(store: &Store, at: &Address, valid: bool, dry_run: bool) -> Result<String, Failure> {
    let mut line = String::new();
    let wanted = valid.to_string();
    let Some(mut tags) = store.tags(at).await? else {
        // Writing to a String cannot fail.
        let _ = writeln!(line, "{at}: is not there, and so has no tag");
        return Ok(line);
    };
    if tags.get(TAG) == Some(&wanted) {
        let _ = writeln!(line, "{at}: tagged {TAG}={wanted}");
        return Ok(line);
    }
    tags.insert(TAG.to_owned(), wanted.clone());
    if dry_run {
        let _ = writeln!(line, "{at}: would be tagged {TAG}={wanted}");
    } else {
        put(store, at, &tags).await?;
        let _ = writeln!(line, "{at}: tagged {TAG}={wanted}");
    }
    Ok(line)
}

async fn put(store: &Store, at: &Address, tags: &Tags) -> Result<(), Failure> {
    store.put_tags(at, tags).await.map_err(|failure| {
        failure.with_remedy(
            "grant s3:PutObjectTagging on it, and run the same again: the manifest is changed already",
        )
    })
}

/// The day that names are filled in with.
pub(crate) fn day(timezone: String, date: jiff::civil::Date) -> Result<When, Failure> {
    let mut args = WhenArgs::in_zone(timezone);
    args.date = Some(date);
    args.resolve(Timestamp::now())
}

fn now(when: &When) -> String {
    let now = Timestamp::now().to_zoned_datetime(when.zone.clone());
    now.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
}
