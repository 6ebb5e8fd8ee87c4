//! `status`: versions and states of the assets in the files.

use std::path::PathBuf;

use datatransit_quicksight::api::{Assets as _, Dashboards as _};
use datatransit_quicksight::{AssetKind, Json};
use serde::Serialize;

use super::Session;
use crate::exit::Exit;
use crate::print;

#[derive(Serialize)]
struct Row {
    kind: AssetKind,
    id: String,
    state: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    published_version: Option<u64>,
    /// Newer than the published one: an edit that nobody published, or a deploy that ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    newest_version: Option<u64>,
    versions: usize,
}

pub(crate) async fn run(session: &Session<'_>, files: &[PathBuf]) -> anyhow::Result<Exit> {
    let world = &session.world;
    let api = world.api().await;
    let mut rows = Vec::new();
    for source in world.files(files, &session.cli.common.only)? {
        let (kind, id) = (
            source.file.kind,
            world.environment.physical_id(&source.file.id)?,
        );
        let described = match api.describe(kind, &id).await {
            Ok(described) => described,
            Err(error) if error.is_not_found() => {
                rows.push(Row {
                    kind,
                    id: id.to_string(),
                    state: "not there".to_owned(),
                    published_version: None,
                    newest_version: None,
                    versions: 0,
                });
                continue;
            }
            Err(error) => return Err(error.into()),
        };
        let version = described.get("Version").unwrap_or(&described);
        let state = version.text("Status").unwrap_or("there").to_owned();
        let published = described
            .pointer("/Version/VersionNumber")
            .and_then(Json::as_u64);
        let all = match kind {
            AssetKind::Dashboard => api.versions(&id).await?,
            _ => Vec::new(),
        };
        let newest = all.iter().map(|version| version.version).max();
        rows.push(Row {
            kind,
            id: id.to_string(),
            state,
            published_version: published.filter(|_| kind == AssetKind::Dashboard),
            newest_version: newest.filter(|newest| Some(*newest) != published),
            versions: all.len(),
        });
    }
    if session.cli.common.json {
        print::json(&rows)?;
    } else {
        let number =
            |number: Option<u64>| number.map(|number| number.to_string()).unwrap_or_default();
        let cells: Vec<[String; 5]> = rows
            .iter()
            .map(|row| {
                [
                    row.kind.word().to_owned(),
                    row.id.clone(),
                    row.state.clone(),
                    number(row.published_version),
                    number(row.newest_version),
                ]
            })
            .collect();
        let heads = ["KIND", "ID", "STATE", "PUBLISHED", "NEWER"];
        print::text(&print::table(heads, &cells))?;
    }
    Ok(Exit::Success)
}
