//! Which data sets are meant.
//!
//! What cannot be found is no reason to leave the others alone: it becomes an entry of
//! the report.

use std::collections::BTreeSet;

use datatransit_quicksight::{
    ApiError, ApiErrorKind, Arn, AssetId, AssetKind, Json,
    api::{RefreshKind, Summary},
};
use futures_util::{StreamExt as _, stream};

use crate::{
    api::Spice,
    classify::{Failure, FailureClass},
    config::{Selection, Selector},
    graph,
};

/// Calls under way at once while data sets are looked up.
const LOOK_UPS: usize = 4;

/// Where a data set has its rows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Import {
    /// In SPICE: it can be refreshed.
    Spice,
    /// At the source, which is asked each time: there is nothing to refresh.
    DirectQuery,
    /// In a file that somebody uploaded, which the service's API cannot describe or
    /// refresh.
    File,
}

/// A data set that is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct DataSet {
    /// Its identifier.
    pub id: AssetId,
    /// Its name.
    pub name: String,
    /// How it is refreshed.
    pub mode: RefreshKind,
    /// Where it has its rows.
    pub import: Import,
    /// The data sets that it is built on.
    pub sources: BTreeSet<AssetId>,
}

/// A selection, or a data set of it, that could not be found out about.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unresolved {
    /// What was looked for.
    pub subject: String,
    /// Why it was not found.
    pub failure: Failure,
}

/// What a list of selections means.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Selected {
    /// The data sets, each once, in the order in which they were selected.
    pub data_sets: Vec<DataSet>,
    /// What was not found.
    pub unresolved: Vec<Unresolved>,
}

/// One that is meant, before it is described.
struct Meant {
    id: AssetId,
    mode: RefreshKind,
    is_exact: bool,
    listed: Option<Summary>,
}

/// Finds out which data sets are meant, and what they are built on.
///
/// A data set selected twice is refreshed once, as the first selection says; but one that
/// names it by identifier or name outweighs one that looks for it. The account's data sets
/// are listed at most once, and only if a selection needs it.
///
/// # Cancel safety
///
/// Only reads.
pub async fn select(api: &(impl Spice + ?Sized), selections: &[Selection]) -> Selected {
    let mut selected = Selected::default();
    let mut meant: Vec<Meant> = Vec::new();
    let needs_list = |selection: &Selection| {
        !matches!(selection.selector, Selector::Id(_) | Selector::Dashboard(_))
    };
    let listed = if selections.iter().any(needs_list) {
        api.data_sets().await
    } else {
        Ok(Vec::new())
    };
    for Selection { selector, mode } in selections {
        match resolve(api, selector, &listed).await {
            Ok(found) => {
                for (id, listed) in found {
                    let is_exact = selector.is_exact();
                    match meant.iter_mut().find(|meant| meant.id == id) {
                        Some(there) if is_exact && !there.is_exact => {
                            (there.mode, there.is_exact) = (*mode, true);
                        }
                        Some(_) => {}
                        None => meant.push(Meant {
                            id,
                            mode: *mode,
                            is_exact,
                            listed,
                        }),
                    }
                }
            }
            Err(failure) => selected.unresolved.push(Unresolved {
                subject: selector.to_string(),
                failure,
            }),
        }
    }
    let mut described = stream::iter(meant)
        .map(|meant| describe(api, meant))
        .buffered(LOOK_UPS);
    while let Some(described) = described.next().await {
        match described {
            Ok(data_set) => selected.data_sets.push(data_set),
            Err(unresolved) => selected.unresolved.push(unresolved),
        }
    }
    selected
}

type Found = Vec<(AssetId, Option<Summary>)>;

async fn resolve(
    api: &(impl Spice + ?Sized),
    selector: &Selector,
    listed: &Result<Vec<Summary>, ApiError>,
) -> Result<Found, Failure> {
    let all = || listed.as_ref().map_err(Failure::of_api);
    let take = |wanted: &dyn Fn(&Summary) -> bool| -> Result<Found, Failure> {
        Ok(all()?
            .iter()
            .filter(|summary| wanted(summary))
            .map(|summary| (summary.id.clone(), Some(summary.clone())))
            .collect())
    };
    let found = match selector {
        Selector::Id(id) => vec![(id.clone(), None)],
        Selector::Name(name) => {
            let found = take(&|summary| summary.name == *name)?;
            if found.len() > 1 {
                let ids: Vec<String> = found.iter().map(|(id, _)| format!("`{id}`")).collect();
                return Err(Failure::new(
                    FailureClass::Configuration,
                    format!(
                        "{} data sets have this name: {}",
                        found.len(),
                        ids.join(", ")
                    ),
                )
                .with_remedy("select it by its identifier"));
            }
            found
        }
        Selector::Glob(pattern) => {
            let glob = globset::Glob::new(pattern)
                .map_err(|error| Failure::new(FailureClass::Configuration, error.to_string()))?;
            let glob = glob.compile_matcher();
            take(&|summary| glob.is_match(&summary.name))?
        }
        Selector::Tag { key, value } => tagged(api, all()?, key, value).await?,
        Selector::Dashboard(id) => behind(api, id).await?,
        Selector::All => take(&|_| true)?,
    };
    if found.is_empty() {
        return Err(Failure::new(
            FailureClass::NotFound,
            "no data set of this account and region fits",
        ));
    }
    Ok(found)
}

/// The service has no search by tag: it is asked for the tags of each.
async fn tagged(
    api: &(impl Spice + ?Sized),
    all: &[Summary],
    key: &str,
    value: &str,
) -> Result<Found, Failure> {
    // By value: a stream over references would make the whole run's future no `Send`.
    let mut tags = stream::iter(all.to_vec())
        .map(|summary| async move {
            let tags = api.tags(&summary.arn).await;
            (summary, tags)
        })
        .buffered(LOOK_UPS);
    let mut found = Vec::new();
    while let Some((summary, tags)) = tags.next().await {
        match tags {
            Ok(tags) if tags.get(key).is_some_and(|there| there == value) => {
                found.push((summary.id.clone(), Some(summary)));
            }
            Ok(_) => {}
            // Deleted since it was listed.
            Err(error) if error.is_not_found() => {}
            Err(error) => return Err(Failure::of_api(&error)),
        }
    }
    Ok(found)
}

async fn behind(api: &(impl Spice + ?Sized), dashboard: &AssetId) -> Result<Found, Failure> {
    let described = api.dashboard(dashboard).await;
    let described = described.map_err(|error| Failure::of_api(&error))?;
    let arns = described
        .get("Version")
        .map_or(&[][..], |version| version.items("DataSetArns"));
    Ok(arns
        .iter()
        .filter_map(|arn| Arn::parse(arn.as_str()?)?.asset())
        .filter(|asset| asset.kind == AssetKind::DataSet)
        .map(|asset| (asset.id, None))
        .collect())
}

async fn describe(api: &(impl Spice + ?Sized), meant: Meant) -> Result<DataSet, Unresolved> {
    let Meant {
        id,
        mode,
        is_exact,
        listed,
    } = meant;
    let data_set = |name: &str, import, sources| DataSet {
        id: id.clone(),
        name: name.to_owned(),
        mode,
        import,
        sources,
    };
    let listed_name = listed.as_ref().map_or("", |listed| listed.name.as_str());
    match api.data_set(&id).await {
        Ok(described) => Ok(data_set(
            described.text("Name").unwrap_or(listed_name),
            import(&described),
            graph::sources(&described),
        )),
        // It is there, but of a kind that the service does not describe. Of one that was
        // only named nobody knows that it is there.
        Err(error) if error.kind == ApiErrorKind::Invalid && (listed.is_some() || !is_exact) => {
            Ok(data_set(listed_name, Import::File, BTreeSet::new()))
        }
        Err(error) => Err(Unresolved {
            subject: id.to_string(),
            failure: Failure::of_api(&error),
        }),
    }
}

fn import(described: &Json) -> Import {
    match described.text("ImportMode") {
        Some("DIRECT_QUERY") => Import::DirectQuery,
        _ => Import::Spice,
    }
}
