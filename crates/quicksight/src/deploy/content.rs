//! The content of an asset: create or update, wait for exactly that, publish it.

use crate::api::{ApiErrorKind, Created, Deletion, VersionRef};
use crate::id::AssetKind;
use crate::json::Json;
use crate::plan::{is_default_theme, structure};

use super::context::Stop;
use super::problems;
use super::report::Step;
use super::settle::{self, Settled};
use super::transaction::{Transaction, ids};

/// How often a lost answer, or an internal failure of the service, is gone after.
const ATTEMPTS: usize = 3;

/// Makes the content as the target says. Cancelled, it leaves a version that is not
/// published, or an asset that the service is still working on; the next run goes
/// on from either.
pub(super) async fn bring(transaction: &mut Transaction<'_>) -> Result<(), Stop> {
    if transaction.target.state.asset.kind == AssetKind::Dashboard {
        dashboard(transaction).await
    } else {
        plain(transaction).await
    }
}

async fn dashboard(transaction: &mut Transaction<'_>) -> Result<(), Stop> {
    let mut internal_failure = false;
    loop {
        let version = make(transaction).await?;
        transaction.done.version = Some(version);
        let context = transaction.context;
        let asset = transaction.target.state.asset.clone();
        let settled = settle::version(&context, &asset.id, version).await;
        let settled = transaction.noted(Step::Wait, settled)?;
        let Settled::Badly { status, errors } = settled else {
            transaction.note(Step::Wait, None, format!("version {version}"), Vec::new());
            return publish(transaction, version).await;
        };
        let what = format!("version {version} of {asset} ended as {status}");
        let definition = Some(&transaction.target.state.definition);
        let stop = problems::refused(&what, &errors, definition);
        transaction.note(Step::Wait, Some(&stop), String::new(), Vec::new());
        if internal_failure || !problems::is_internal(&errors) {
            return Err(stop);
        }
        // The only failure of a definition that passes by itself.
        internal_failure = true;
        if transaction.done.version_is_ours {
            drop_version(transaction, version).await?;
        }
    }
}

/// Makes a version, and says which.
async fn make(transaction: &mut Transaction<'_>) -> Result<u64, Stop> {
    if transaction.before.is_none() && !transaction.done.created {
        let body = transaction.target.create.clone();
        match create(transaction, &body).await {
            Ok(answer) => {
                transaction.done.created = true;
                return Ok(answer.version.unwrap_or(1));
            }
            // It is there after all: ours whose answer was lost, or somebody else's.
            Err(stop) if Transaction::is_ambiguous(&stop) => {}
            Err(stop) => return Err(stop),
        }
    }
    match new_version(transaction).await {
        Ok(version) => Ok(version),
        Err(stop) if is_dead(transaction, &stop) => replace(transaction).await,
        Err(stop) => Err(stop),
    }
}

/// Whether an update was refused because the asset never came to be.
fn is_dead(transaction: &Transaction<'_>, stop: &Stop) -> bool {
    let never_was = transaction
        .before
        .as_ref()
        .is_some_and(|live| live.is_failed() && live.published.is_none());
    let refused = matches!(
        stop,
        Stop::Api(error) if matches!(
            error.kind,
            ApiErrorKind::Invalid | ApiErrorKind::NotFound | ApiErrorKind::Conflict
        )
    );
    never_was && refused
}

/// Sends a Create once.
async fn create(transaction: &mut Transaction<'_>, body: &Json) -> Result<Created, Stop> {
    let context = transaction.context;
    let asset = &transaction.target.state.asset;
    let api = context.api;
    transaction.done.sent = true;
    let answer = context
        .once(|| api.create(asset.kind, &asset.id, body))
        .await;
    match &answer {
        Ok(answer) => transaction.note(Step::Create, None, String::new(), ids(answer)),
        Err(stop) => transaction.note(Step::Create, Some(stop), String::new(), Vec::new()),
    }
    answer
}

/// Makes a new version of a dashboard, or finds one that a run before this one made
/// and did not come to publish.
async fn new_version(transaction: &mut Transaction<'_>) -> Result<u64, Stop> {
    let context = transaction.context;
    let api = context.api;
    let target = transaction.target.clone();
    let state = &target.state;
    let id = &state.asset.id;
    let started = tokio::time::Instant::now();
    let mut lost = 0;
    let mut pause = context.patience.first;
    loop {
        let versions = context.read(true, || api.versions(id)).await?;
        if let Some(newest) = versions.last() {
            let (version, status) = (newest.version, &newest.status);
            let good = if status.is_successful() || status.is_failed() {
                status.is_successful()
            } else {
                let settled = settle::version(&context, id, version).await?;
                matches!(settled, Settled::Well)
            };
            let published = transaction
                .before
                .as_ref()
                .and_then(|live| live.published)
                .unwrap_or(0);
            if good && version > published && holds(transaction, version).await? {
                transaction.note(
                    Step::Update,
                    None,
                    format!("version {version} is there already"),
                    Vec::new(),
                );
                return Ok(version);
            }
        }
        transaction.done.sent = true;
        let answer = context
            .once(|| api.update(state.asset.kind, id, &target.update))
            .await;
        match answer {
            Ok(answer) => {
                let Some(version) = answer.version else {
                    return Err(Stop::refused(
                        "the service did not say which version the update made",
                    ));
                };
                transaction.done.version_is_ours = true;
                transaction.done.version = Some(version);
                transaction.note(
                    Step::Update,
                    None,
                    format!("version {version}"),
                    ids(&answer),
                );
                return Ok(version);
            }
            Err(Stop::Api(error))
                if error.kind == ApiErrorKind::Conflict
                    && started.elapsed() < context.patience.in_all =>
            {
                tracing::debug!(%error, "another change is in progress");
            }
            Err(Stop::Api(error)) if error.may_have_applied() && lost < ATTEMPTS => lost += 1,
            Err(stop) => {
                transaction.note(Step::Update, Some(&stop), String::new(), Vec::new());
                return Err(stop);
            }
        }
        context.pause(pause).await?;
        pause = (pause * 2).min(context.patience.longest);
    }
}

/// Whether a version is what the file says.
async fn holds(transaction: &Transaction<'_>, version: u64) -> Result<bool, Stop> {
    let context = transaction.context;
    let api = context.api;
    let state = &transaction.target.state;
    let id = &state.asset.id;
    let read = context
        .read(true, || {
            api.definition(state.asset.kind, id, VersionRef::Number(version))
        })
        .await?;
    let described = context
        .read(true, || api.describe_version(id, version))
        .await?;
    let update = &transaction.target.update;
    let same = |name: &str, found: Option<&Json>| match (update.get(name), found) {
        (Some(wanted), Some(found)) => structure::same(wanted, found),
        (None, None) => true,
        _ => false,
    };
    let theme = read.get("ThemeArn").filter(|theme| {
        update.get("ThemeArn").is_some() || !theme.as_str().is_some_and(is_default_theme)
    });
    // The name of a version may show before it is published, or only then.
    Ok(["Definition", "DashboardPublishOptions"]
        .into_iter()
        .all(|name| same(name, read.get(name)))
        && same("ThemeArn", theme)
        && same(
            "VersionDescription",
            described.pointer("/Version/Description"),
        ))
}

/// Deletes what never came to be and creates it anew, with the rights, tags and
/// folders that it had where the file does not say others.
async fn replace(transaction: &mut Transaction<'_>) -> Result<u64, Stop> {
    let Some(before) = &transaction.before else {
        return Err(Stop::refused("there is nothing to replace"));
    };
    let (state, body) = transaction.target.create_instead(&before.state);
    // What the Create does not take is set afterwards, like everything that the file says.
    transaction.target.state = state;
    let context = transaction.context;
    let api = context.api;
    let asset = transaction.target.state.asset.clone();
    let deleted = context
        .write(|| api.delete(asset.kind, &asset.id, Deletion::Usual))
        .await;
    let request_ids = match &deleted {
        Ok(receipt) => receipt.request_id.clone().into_iter().collect(),
        Err(_) => Vec::new(),
    };
    let why = "its creation had failed, and the service does not update it";
    transaction.note(
        Step::Delete,
        deleted.as_ref().err(),
        why.to_owned(),
        request_ids,
    );
    deleted?;
    transaction.done.replaced = true;
    let started = tokio::time::Instant::now();
    loop {
        match create(transaction, &body).await {
            Ok(answer) => return Ok(answer.version.unwrap_or(1)),
            // The name may take a moment to be free, or the answer was lost.
            Err(stop)
                if Transaction::is_ambiguous(&stop)
                    && started.elapsed() < context.patience.in_all =>
            {
                context.pause(context.patience.first).await?;
            }
            Err(stop) => return Err(stop),
        }
    }
}

/// Lets readers see a version, unless they do already: the service publishes the
/// first one by itself, in most cases.
async fn publish(transaction: &mut Transaction<'_>, version: u64) -> Result<(), Stop> {
    let context = transaction.context;
    let api = context.api;
    let id = transaction.target.state.asset.id.clone();
    context.check()?;
    let published = transaction.before.as_ref().and_then(|live| live.published);
    if published.is_none() && is_published(transaction, version).await? {
        return Ok(());
    }
    // Noted first: an answer that is lost does not say that it was not published.
    transaction.done.published = true;
    let published = context.write_new(|| api.publish(&id, version)).await;
    if matches!(&published, Err(Stop::Api(error)) if !error.may_have_applied()) {
        transaction.done.published = false;
    }
    let request_ids = match &published {
        Ok(receipt) => receipt.request_id.clone().into_iter().collect(),
        Err(_) => Vec::new(),
    };
    transaction.note(
        Step::Publish,
        published.as_ref().err(),
        format!("version {version}"),
        request_ids,
    );
    published.map(|_| ())
}

/// Whether readers see this version. Of a dashboard without a published version the
/// latest is described, so that only the listing tells.
async fn is_published(transaction: &Transaction<'_>, version: u64) -> Result<bool, Stop> {
    let context = transaction.context;
    let api = context.api;
    let id = &transaction.target.state.asset.id;
    let answer = context
        .read(false, || {
            api.definition(AssetKind::Dashboard, id, VersionRef::Published)
        })
        .await;
    match answer {
        Ok(_) => {}
        Err(Stop::Api(error)) if error.is_not_found() => return Ok(false),
        Err(stop) => return Err(stop),
    }
    let described = context
        .read(true, || api.describe(AssetKind::Dashboard, id))
        .await?;
    let found = described.pointer("/Version/VersionNumber");
    Ok(described.get("LastPublishedTime").is_some()
        && found.and_then(Json::as_u64) == Some(version))
}

async fn drop_version(transaction: &mut Transaction<'_>, version: u64) -> Result<(), Stop> {
    let context = transaction.context;
    let api = context.api;
    let id = transaction.target.state.asset.id.clone();
    let deleted = context.write(|| api.delete_version(&id, version)).await;
    let detail = format!("version {version}");
    transaction.note(
        Step::DeleteVersion,
        deleted.as_ref().err(),
        detail,
        Vec::new(),
    );
    transaction.done.version = None;
    transaction.done.version_is_ours = false;
    deleted.map(|_| ())
}

/// What has no versions to publish: written over in place.
async fn plain(transaction: &mut Transaction<'_>) -> Result<(), Stop> {
    let mut internal_failure = false;
    loop {
        let answer = write(transaction).await?;
        let context = transaction.context;
        let asset = transaction.target.state.asset.clone();
        let settled = settle::asset(&context, &asset).await;
        let settled = transaction.noted(Step::Wait, settled)?;
        let Settled::Badly { status, errors } = settled else {
            if let Some(ingestion) = &answer.ingestion {
                let loaded = settle::ingestion(&context, &asset.id, ingestion).await;
                transaction.note(
                    Step::Ingest,
                    loaded.as_ref().err(),
                    ingestion.clone(),
                    Vec::new(),
                );
                loaded?;
            }
            return Ok(());
        };
        let what = format!("{asset} ended as {status}");
        let definition = Some(&transaction.target.state.definition);
        let stop = problems::refused(&what, &errors, definition);
        transaction.note(Step::Wait, Some(&stop), String::new(), Vec::new());
        if internal_failure || !problems::is_internal(&errors) {
            return Err(stop);
        }
        internal_failure = true;
    }
}

async fn write(transaction: &mut Transaction<'_>) -> Result<Created, Stop> {
    let there = transaction.before.is_some() || transaction.done.created;
    if !there {
        let body = transaction.target.create.clone();
        match create(transaction, &body).await {
            Ok(answer) => {
                transaction.done.created = true;
                return Ok(answer);
            }
            Err(stop) if Transaction::is_ambiguous(&stop) => {}
            Err(stop) => return Err(stop),
        }
    }
    let context = transaction.context;
    let api = context.api;
    let asset = transaction.target.state.asset.clone();
    let update = transaction.target.update.clone();
    transaction.done.sent = true;
    let mut lost = 0;
    let answer = loop {
        // A full replacement: to send it twice does no more than to send it once.
        let answer = context
            .write(|| api.update(asset.kind, &asset.id, &update))
            .await;
        match answer {
            Err(Stop::Api(error)) if error.may_have_applied() && lost < ATTEMPTS => lost += 1,
            answer => break answer,
        }
        context.pause(context.patience.first).await?;
    };
    if answer.is_ok() && transaction.before.is_some() {
        transaction.done.updated = true;
    }
    match &answer {
        Ok(answer) => transaction.note(Step::Update, None, String::new(), ids(answer)),
        Err(stop) => transaction.note(Step::Update, Some(stop), String::new(), Vec::new()),
    }
    answer
}
