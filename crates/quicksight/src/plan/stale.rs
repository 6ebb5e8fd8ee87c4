//! Whether a plan still holds.
//!
//! It does while everything that would be done now is in it. So a plan that was half
//! carried out, or whose changes somebody made by hand, can be applied; one that would
//! write over what nobody has seen cannot.

use super::{Action, AssetPlan, Change, Plan, PlanError, structure};
use crate::json::Json;

/// The most differences that are told of one asset.
const MOST_TOLD: usize = 5;

impl Plan {
    /// Refuses what is no plan of a deploy to this environment, or cannot be one.
    pub(crate) fn check_applicable(&self, environment: &str) -> Result<(), PlanError> {
        let refused = |why: String| Err(PlanError::Inapplicable(why));
        if self.is_drift {
            return refused(
                "it tells how the account has drifted; make one of a deploy".to_owned(),
            );
        }
        if self.environment != environment {
            return refused(format!(
                "it is of the environment `{}`, not of `{environment}`",
                self.environment
            ));
        }
        if self.files.is_empty() && !self.assets.is_empty() {
            return refused(
                "it has no files, only what they would change; keep it whole".to_owned(),
            );
        }
        Ok(())
    }

    /// Lists what a deploy would do `now` that is not in this plan.
    pub(crate) fn missing(&self, now: &Self) -> Vec<String> {
        now.assets
            .iter()
            .flat_map(|now| {
                let mut planned = self.assets.iter();
                match planned.find(|planned| planned.kind == now.kind && planned.id == now.id) {
                    Some(planned) => of_asset(planned, now),
                    None => vec![format!("{} `{}` is not in it", now.kind, now.id)],
                }
            })
            .collect()
    }
}

fn of_asset(planned: &AssetPlan, now: &AssetPlan) -> Vec<String> {
    let asset = format!("{} `{}`", now.kind, now.id);
    if planned.meaning_sha256 != now.meaning_sha256 {
        return vec![format!(
            "the environment gives the file of {asset} another meaning now"
        )];
    }
    match (planned.action, now.action) {
        (_, Action::Unchanged) => return Vec::new(),
        (Action::Create, Action::Update) => return vec![format!("{asset} is there now")],
        (Action::Update | Action::Unchanged, Action::Create) => {
            return vec![format!("{asset} is not there any more")];
        }
        _ => {}
    }
    let mut told: Vec<String> = now
        .changes
        .iter()
        .filter(|change| !planned.changes.iter().any(|known| is_same(known, change)))
        .map(|change| format!("{asset}: {} {change}", change.operation.sign()))
        .collect();
    if told.is_empty() && planned.action == Action::Unchanged {
        // Not ready, though nothing of it differs.
        told.extend(now.notes.iter().map(|note| format!("{asset}: {note}")));
    }
    if told.len() > MOST_TOLD {
        let more = told.len() - MOST_TOLD;
        told.truncate(MOST_TOLD);
        told.push(format!("{asset}: and {more} more"));
    }
    told
}

/// The service may answer with members in any order.
fn is_same(one: &Change, two: &Change) -> bool {
    let same = |one: &Option<Json>, two: &Option<Json>| match (one, two) {
        (Some(one), Some(two)) => structure::same(one, two),
        (one, two) => one.is_none() && two.is_none(),
    };
    (
        one.area,
        one.operation,
        &one.path,
        &one.subject,
        &one.member,
    ) == (
        two.area,
        two.operation,
        &two.path,
        &two.subject,
        &two.member,
    ) && same(&one.before, &two.before)
        && same(&one.after, &two.after)
}
