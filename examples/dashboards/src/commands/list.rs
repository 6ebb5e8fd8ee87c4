//! `list`: the assets of the account.

use datatransit_quicksight::AssetKind;
use datatransit_quicksight::api::list_all;
use serde::Serialize;

use super::Session;
use crate::exit::Exit;
use crate::print;

#[derive(Serialize)]
struct Row {
    kind: AssetKind,
    id: String,
    name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    published_version: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<String>,
    arn: String,
}

pub(crate) async fn run(session: &Session<'_>, kinds: &[AssetKind]) -> anyhow::Result<Exit> {
    let api = session.world.api().await;
    let mut rows = Vec::new();
    for kind in kinds {
        for summary in list_all(&api, *kind).await? {
            rows.push(Row {
                kind: *kind,
                id: summary.id.to_string(),
                name: summary.name,
                published_version: summary.published_version,
                status: summary.status.map(|status| status.to_string()),
                arn: summary.arn,
            });
        }
    }
    if session.cli.common.json {
        print::json(&rows)?;
    } else {
        let cells: Vec<[String; 4]> = rows
            .iter()
            .map(|row| {
                let version = row.published_version.map(|version| version.to_string());
                [
                    row.kind.word().to_owned(),
                    row.id.clone(),
                    version.or_else(|| row.status.clone()).unwrap_or_default(),
                    row.name.clone(),
                ]
            })
            .collect();
        print::text(&print::table(["KIND", "ID", "VERSION", "NAME"], &cells))?;
    }
    Ok(Exit::Success)
}
