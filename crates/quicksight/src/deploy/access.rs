//! The calls that turn the rights, tags and memberships that are into those that
//! are wanted. Pure: nothing here talks to the service.

use std::collections::{BTreeMap, BTreeSet};

use crate::api::{PermissionChange, ResourcePermission};
use crate::id::AssetKind;
use crate::plan::state::Rights;
use crate::presets::Presets;

/// The most entries that one list of a permissions call takes, for any kind.
const MOST_ENTRIES: usize = 64;

/// Whether anybody owns the asset with these rights.
pub(crate) fn has_owner(kind: AssetKind, rights: &Rights) -> bool {
    owners(kind, rights).next().is_some()
}

fn owners(kind: AssetKind, rights: &Rights) -> impl Iterator<Item = &String> {
    rights
        .iter()
        .filter(move |(_, actions)| Presets::is_owner(kind, actions))
        .map(|(principal, _)| principal)
}

/// The calls that lead from `current` to `wanted`; none when they are the same.
///
/// To grant means the whole wanted set of a principal, since the service knows only
/// certain sets; to revoke, the exact actions that are too many. Where every owner
/// changes, what is granted goes in a call of its own before what is revoked, so
/// that the asset has an owner at any moment whatever the service does first.
pub(crate) fn permission_calls(
    kind: AssetKind,
    current: &Rights,
    wanted: &Rights,
) -> Vec<PermissionChange> {
    let (grant, revoke) = difference(current, wanted);
    let stays = owners(kind, current).any(|owner| {
        wanted
            .get(owner)
            .is_some_and(|actions| Presets::is_owner(kind, actions))
    });
    calls(grant, revoke, stays, |grant, revoke| PermissionChange {
        grant,
        revoke,
        ..PermissionChange::default()
    })
}

/// The calls for rights by link, which no owner depends on.
pub(crate) fn link_calls(current: &Rights, wanted: &Rights) -> Vec<PermissionChange> {
    let (grant, revoke) = difference(current, wanted);
    calls(grant, revoke, true, |grant_link, revoke_link| {
        PermissionChange {
            grant_link,
            revoke_link,
            ..PermissionChange::default()
        }
    })
}

fn difference(
    current: &Rights,
    wanted: &Rights,
) -> (Vec<ResourcePermission>, Vec<ResourcePermission>) {
    let nothing = BTreeSet::new();
    let of = |rights: &Rights, principal: &str| -> BTreeSet<String> {
        rights.get(principal).unwrap_or(&nothing).clone()
    };
    let grant = wanted
        .iter()
        .filter(|(principal, actions)| !actions.is_subset(&of(current, principal)))
        .map(|(principal, actions)| ResourcePermission::new(principal, actions.iter().cloned()))
        .collect();
    let revoke = current
        .iter()
        .filter_map(|(principal, actions)| {
            let gone: Vec<String> = actions
                .difference(&of(wanted, principal))
                .cloned()
                .collect();
            (!gone.is_empty()).then(|| ResourcePermission::new(principal, gone))
        })
        .collect();
    (grant, revoke)
}

fn calls(
    grant: Vec<ResourcePermission>,
    revoke: Vec<ResourcePermission>,
    together: bool,
    call: impl Fn(Vec<ResourcePermission>, Vec<ResourcePermission>) -> PermissionChange,
) -> Vec<PermissionChange> {
    if grant.is_empty() && revoke.is_empty() {
        return Vec::new();
    }
    if together && grant.len() <= MOST_ENTRIES && revoke.len() <= MOST_ENTRIES {
        return vec![call(grant, revoke)];
    }
    let granting = grant
        .chunks(MOST_ENTRIES)
        .map(|chunk| call(chunk.to_vec(), Vec::new()));
    let revoking = revoke
        .chunks(MOST_ENTRIES)
        .map(|chunk| call(Vec::new(), chunk.to_vec()));
    granting.chain(revoking).collect()
}

/// The tags to set and the keys to take away. Tags of AWS itself (`aws:…`) are not
/// ours to touch.
pub(crate) fn tag_changes(
    current: &BTreeMap<String, String>,
    wanted: &BTreeMap<String, String>,
) -> (BTreeMap<String, String>, Vec<String>) {
    let set = wanted
        .iter()
        .filter(|(key, value)| current.get(*key) != Some(*value))
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    let gone = current
        .keys()
        .filter(|key| !wanted.contains_key(*key) && !key.starts_with("aws:"))
        .cloned()
        .collect();
    (set, gone)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const OWNER: &str = "quicksight:UpdateDashboardPermissions";

    fn set(entries: &[(&str, &[&str])]) -> Rights {
        entries
            .iter()
            .map(|(principal, actions)| {
                let actions = actions.iter().map(|action| (*action).to_owned());
                ((*principal).to_owned(), actions.collect())
            })
            .collect()
    }

    /// What the service does: revokes and grants in the worse order.
    fn apply(rights: &Rights, change: &PermissionChange, revoke_first: bool) -> Rights {
        let mut rights = rights.clone();
        let revoke = |rights: &mut Rights| {
            for permission in &change.revoke {
                if let Some(actions) = rights.get_mut(&permission.principal) {
                    actions.retain(|action| !permission.actions.contains(action));
                }
            }
        };
        if revoke_first {
            revoke(&mut rights);
        }
        for permission in &change.grant {
            let actions = rights.entry(permission.principal.clone()).or_default();
            actions.extend(permission.actions.iter().cloned());
        }
        if !revoke_first {
            revoke(&mut rights);
        }
        rights.retain(|_, actions| !actions.is_empty());
        rights
    }

    #[test]
    fn a_change_of_role_is_one_call_that_grants_the_whole_set() {
        let current = set(&[("a", &["view", OWNER]), ("b", &["view"])]);
        let wanted = set(&[("a", &["view", OWNER]), ("b", &["view", "edit"])]);
        let calls = permission_calls(AssetKind::Dashboard, &current, &wanted);
        assert_eq!(calls.len(), 1);
        assert_eq!(
            calls[0].grant,
            [ResourcePermission::new("b", ["view", "edit"])]
        );
        assert!(calls[0].revoke.is_empty());
    }

    #[test]
    fn a_new_owner_comes_before_the_old_one_goes() {
        let current = set(&[("a", &["view", OWNER])]);
        let wanted = set(&[("b", &["view", OWNER])]);
        let calls = permission_calls(AssetKind::Dashboard, &current, &wanted);
        assert_eq!(calls.len(), 2);
        assert!(calls[0].revoke.is_empty() && calls[1].grant.is_empty());
    }

    #[test]
    fn more_than_a_call_takes_goes_in_several() {
        let wanted: Rights = (0..150)
            .map(|n| (format!("user/{n}"), BTreeSet::from(["view".to_owned()])))
            .collect();
        let calls = permission_calls(AssetKind::Dashboard, &Rights::new(), &wanted);
        assert_eq!(
            calls
                .iter()
                .map(|call| call.grant.len())
                .collect::<Vec<_>>(),
            [64, 64, 22]
        );
    }

    #[test]
    fn tags_of_aws_stay() {
        let map = |entries: &[(&str, &str)]| {
            entries
                .iter()
                .map(|(key, value)| ((*key).to_owned(), (*value).to_owned()))
                .collect::<BTreeMap<_, _>>()
        };
        let (set, gone) = tag_changes(
            &map(&[("aws:cloudformation", "x"), ("team", "a"), ("old", "1")]),
            &map(&[("team", "b"), ("new", "2")]),
        );
        assert_eq!(set, map(&[("team", "b"), ("new", "2")]));
        assert_eq!(gone, ["old"]);
    }

    fn any_rights() -> impl Strategy<Value = Rights> {
        let action = prop_oneof![Just("view"), Just("edit"), Just(OWNER)].prop_map(str::to_owned);
        prop::collection::btree_map("[a-d]", prop::collection::btree_set(action, 1..4), 0..5)
    }

    proptest! {
        #[test]
        fn the_calls_lead_there_and_never_through_a_moment_without_an_owner(
            current in any_rights(), wanted in any_rights(), revoke_first: bool,
        ) {
            let kind = AssetKind::Dashboard;
            let owned = has_owner(kind, &current) && has_owner(kind, &wanted);
            let mut now = current.clone();
            for call in permission_calls(kind, &current, &wanted) {
                now = apply(&now, &call, revoke_first);
                prop_assert!(!owned || has_owner(kind, &now));
            }
            prop_assert_eq!(&now, &wanted);
            prop_assert!(permission_calls(kind, &now, &wanted).is_empty());
        }
    }
}
