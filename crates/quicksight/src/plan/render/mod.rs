//! Plans for people: a terminal, a pull request.

mod markdown;
mod text;

pub use self::{markdown::Markdown, text::Text};

use super::{Action, AssetPlan, Plan};

/// `2 to create, 1 to update, 97 unchanged`; drift counts what differs instead.
fn totals(plan: &Plan) -> String {
    let count = |action| {
        plan.assets
            .iter()
            .filter(|asset| asset.action == action)
            .count()
    };
    let (create, update, unchanged) = (
        count(Action::Create),
        count(Action::Update),
        count(Action::Unchanged),
    );
    if plan.is_drift {
        format!("{update} changed, {create} missing, {unchanged} as in the files")
    } else {
        format!("{create} to create, {update} to update, {unchanged} unchanged")
    }
}

/// What the head of an asset says after its name.
fn verdict(plan: &Plan, asset: &AssetPlan) -> String {
    let changes = match asset.changes.len() {
        1 => "1 change".to_owned(),
        count => format!("{count} changes"),
    };
    match (asset.action, plan.is_drift) {
        (Action::Create, false) => "to be created".to_owned(),
        (Action::Create, true) => "is missing".to_owned(),
        (Action::Update, false) => changes,
        (Action::Update, true) => format!("{changes} since"),
        (Action::Unchanged, _) => "unchanged".to_owned(),
    }
}
