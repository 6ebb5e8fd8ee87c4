//! Makes one part of an asset as it is wanted: reads what is, writes the difference.
//!
//! The same function goes forward and back: to undo is to want what was before.

use std::collections::BTreeSet;

use crate::api::ApiErrorKind;
use crate::id::{Arn, AssetId, AssetKind};
use crate::plan::Area;
use crate::plan::state::{State, listed};
use crate::refreshes::{self, RefreshChange};

use super::access;
use super::context::{Context, Stop};
use super::report::Step;

/// What a part's writing left for the report.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub(crate) calls: usize,
    pub(crate) request_ids: Vec<String>,
}

impl Written {
    fn add(&mut self, request_id: Option<String>) {
        self.calls += 1;
        self.request_ids.extend(request_id);
    }
}

/// A part beside the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    Permissions,
    Tags,
    Folders,
    Links,
    RefreshProperties,
    Schedules,
}

impl Part {
    /// In the order in which they are set.
    pub(crate) const ALL: [Self; 6] = [
        Self::Permissions,
        Self::Tags,
        Self::Folders,
        Self::Links,
        Self::RefreshProperties,
        Self::Schedules,
    ];

    /// Whether a state says how the part is to be.
    pub(crate) const fn is_managed(self, state: &State) -> bool {
        match self {
            Self::Permissions => state.permissions.is_some() || state.link.is_some(),
            Self::Tags => state.tags.is_some(),
            Self::Folders => state.folders.is_some(),
            Self::Links => state.links.is_some(),
            Self::RefreshProperties => state.refresh_properties.is_some(),
            Self::Schedules => state.schedules.is_some(),
        }
    }

    /// Whether a change is one of this part.
    pub(crate) const fn is_in(self, area: Area) -> bool {
        matches!(
            (self, area),
            (Self::Permissions, Area::Permission | Area::LinkSharing)
                | (Self::Tags, Area::Tag)
                | (Self::Folders, Area::Folder)
                | (Self::Links, Area::Link)
                | (Self::RefreshProperties, Area::RefreshProperties)
                | (Self::Schedules, Area::RefreshSchedule)
        )
    }

    pub(crate) const fn step(self) -> Step {
        match self {
            Self::Permissions => Step::Permissions,
            Self::Tags => Step::Tags,
            Self::Folders => Step::Folders,
            Self::Links => Step::Links,
            Self::RefreshProperties => Step::RefreshProperties,
            Self::Schedules => Step::Schedules,
        }
    }
}

/// Makes one part as `wanted` says; nothing when that does not manage it.
pub(crate) async fn converge(
    context: &Context<'_>,
    part: Part,
    wanted: &State,
    written: &mut Written,
) -> Result<(), Stop> {
    match part {
        Part::Permissions => permissions(context, wanted, written).await,
        Part::Tags => tags(context, wanted, written).await,
        Part::Folders => folders(context, wanted, written).await,
        Part::Links => links(context, wanted, written).await,
        Part::RefreshProperties => refresh_properties(context, wanted, written).await,
        Part::Schedules => schedules(context, wanted, written).await,
    }
}

async fn permissions(
    context: &Context<'_>,
    wanted: &State,
    written: &mut Written,
) -> Result<(), Stop> {
    let (kind, id) = (wanted.asset.kind, &wanted.asset.id);
    let api = context.api;
    let answer = context.read(true, || api.permissions(kind, id)).await?;
    let mut calls = Vec::new();
    if let Some(rights) = &wanted.permissions {
        let current = listed(answer.items("Permissions"));
        if !access::has_owner(kind, rights) && access::has_owner(kind, &current) {
            return Err(Stop::refused(format!(
                "the permissions would leave {} without an owner: give somebody the owner's actions",
                wanted.asset
            )));
        }
        calls.extend(access::permission_calls(kind, &current, rights));
    }
    if let Some(link) = &wanted.link {
        let sharing = answer.get("LinkSharingConfiguration");
        let current = listed(
            sharing
                .map(|sharing| sharing.items("Permissions"))
                .unwrap_or_default(),
        );
        calls.extend(access::link_calls(&current, link));
    }
    for change in &calls {
        let receipt = context
            .write(|| api.update_permissions(kind, id, change))
            .await?;
        written.add(receipt.request_id);
    }
    Ok(())
}

async fn tags(context: &Context<'_>, wanted: &State, written: &mut Written) -> Result<(), Stop> {
    let Some(tags) = &wanted.tags else {
        return Ok(());
    };
    let (api, arn) = (context.api, wanted.arn.as_str());
    let current = context.read(true, || api.tags(arn)).await?;
    let (set, gone) = access::tag_changes(&current, tags);
    if !set.is_empty() {
        let receipt = context.write(|| api.tag(arn, &set)).await?;
        written.add(receipt.request_id);
    }
    if !gone.is_empty() {
        let receipt = context.write(|| api.untag(arn, &gone)).await?;
        written.add(receipt.request_id);
    }
    Ok(())
}

async fn folders(context: &Context<'_>, wanted: &State, written: &mut Written) -> Result<(), Stop> {
    let Some(folders) = &wanted.folders else {
        return Ok(());
    };
    let (api, arn) = (context.api, wanted.arn.as_str());
    let (kind, id) = (wanted.asset.kind, &wanted.asset.id);
    let current: BTreeSet<String> = context
        .read(true, || api.folders_of(arn))
        .await?
        .into_iter()
        .collect();
    for folder in folders.difference(&current) {
        let folder = folder_id(folder)?;
        let joined = context.write(|| api.join_folder(&folder, kind, id)).await;
        match joined {
            Ok(receipt) => written.add(receipt.request_id),
            Err(Stop::Api(error)) if error.kind == ApiErrorKind::AlreadyExists => {}
            Err(stop) => return Err(stop),
        }
    }
    for folder in current.difference(folders) {
        let folder = folder_id(folder)?;
        let left = context.write(|| api.leave_folder(&folder, kind, id)).await;
        match left {
            Ok(receipt) => written.add(receipt.request_id),
            Err(Stop::Api(error)) if error.is_not_found() => {}
            Err(stop) => return Err(stop),
        }
    }
    Ok(())
}

fn folder_id(arn: &str) -> Result<AssetId, Stop> {
    Arn::parse(arn)
        .and_then(|arn| arn.asset())
        .filter(|asset| asset.kind == AssetKind::Folder)
        .map(|asset| asset.id)
        .ok_or_else(|| Stop::refused(format!("{arn} is not the ARN of a folder")))
}

async fn links(context: &Context<'_>, wanted: &State, written: &mut Written) -> Result<(), Stop> {
    let Some(links) = &wanted.links else {
        return Ok(());
    };
    let (api, id) = (context.api, &wanted.asset.id);
    let described = context
        .read(true, || api.describe(wanted.asset.kind, id))
        .await?;
    let current: BTreeSet<String> = described
        .items("LinkEntities")
        .iter()
        .filter_map(|link| link.as_str().map(str::to_owned))
        .collect();
    if current == *links {
        return Ok(());
    }
    let links: Vec<String> = links.iter().cloned().collect();
    let receipt = context.write(|| api.set_links(id, &links)).await?;
    written.add(receipt.request_id);
    Ok(())
}

async fn refresh_properties(
    context: &Context<'_>,
    wanted: &State,
    written: &mut Written,
) -> Result<(), Stop> {
    let Some(properties) = &wanted.refresh_properties else {
        return Ok(());
    };
    let (api, id) = (context.api, &wanted.asset.id);
    // The service answers with an error for data sets that query directly.
    if !wanted.loads_data() {
        return Ok(());
    }
    let current = context.read(true, || api.refresh_properties(id)).await?;
    let change = refreshes::property_change(current.as_ref(), properties.as_ref());
    carry_out(context, id, change, written).await
}

async fn schedules(
    context: &Context<'_>,
    wanted: &State,
    written: &mut Written,
) -> Result<(), Stop> {
    let Some(schedules) = &wanted.schedules else {
        return Ok(());
    };
    if !wanted.loads_data() {
        return Ok(());
    }
    let (api, id) = (context.api, &wanted.asset.id);
    let current = context.read(true, || api.schedules(id)).await?;
    let changes = refreshes::schedule_changes(&current, schedules);
    carry_out(context, id, changes, written).await
}

async fn carry_out(
    context: &Context<'_>,
    id: &AssetId,
    changes: impl IntoIterator<Item = RefreshChange>,
    written: &mut Written,
) -> Result<(), Stop> {
    let api = context.api;
    for change in changes {
        let done = context
            .write(|| {
                let (id, change) = (id.clone(), change.clone());
                Box::pin(async move { refreshes::carry_out(api, &id, &change).await })
            })
            .await?;
        if let Some(receipt) = done {
            written.add(receipt.request_id);
        }
    }
    Ok(())
}
