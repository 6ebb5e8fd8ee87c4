//! Who may do what: known sets of actions only, granted and revoked by principal.

mod sets;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::protocol::{Input, Object, Reply, ServiceError};
use super::state::{Kind, State};
use sets::is_known;
pub(super) use sets::{owner_actions, viewer_actions};

/// Actions by principal.
pub(super) type Grants = BTreeMap<String, BTreeSet<String>>;

/// Who a list may name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Audience {
    /// Users, groups and namespaces.
    Members,
    /// A namespace: what link sharing opens a dashboard to.
    Namespace,
}

/// The permissions of a creation.
pub(super) fn of_creation(
    state: &State,
    kind: Kind,
    input: &Input,
) -> Result<Grants, ServiceError> {
    let grants = read(
        state,
        "Permissions",
        input.list("Permissions"),
        Audience::Members,
    )?;
    all_known(state, kind, grants.iter())?;
    Ok(grants)
}

/// The link permissions of a creation.
pub(super) fn links_of_creation(state: &State, input: &Input) -> Result<Grants, ServiceError> {
    let sharing = input
        .value("LinkSharingConfiguration")
        .and_then(|sharing| sharing.get("Permissions"));
    let list = sharing
        .and_then(Value::as_array)
        .map(Vec::as_slice)
        .unwrap_or_default();
    let grants = read(
        state,
        "LinkSharingConfiguration.Permissions",
        list,
        Audience::Namespace,
    )?;
    links_known(&grants)?;
    Ok(grants)
}

fn read(
    state: &State,
    what: &str,
    list: &[Value],
    audience: Audience,
) -> Result<Grants, ServiceError> {
    let mut grants = Grants::new();
    for permission in list {
        let principal = permission
            .get("Principal")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let registered = match audience {
            Audience::Members => state.principals.knows(principal),
            Audience::Namespace => state.principals.knows_namespace(principal),
        };
        if !registered {
            return Err(ServiceError::invalid(format!(
                "{what}: the principal {principal} is not registered here"
            )));
        }
        let actions = permission
            .get("Actions")
            .and_then(Value::as_array)
            .into_iter()
            .flatten();
        let actions: BTreeSet<String> = actions
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect();
        if grants.insert(principal.to_owned(), actions).is_some() {
            return Err(ServiceError::invalid(format!(
                "{what}: the principal {principal} is named twice"
            )));
        }
    }
    Ok(grants)
}

fn all_known<'a>(
    state: &State,
    kind: Kind,
    mut grants: impl Iterator<Item = (&'a String, &'a BTreeSet<String>)>,
) -> Result<(), ServiceError> {
    match grants.find(|(_, actions)| !is_known(kind, actions)) {
        Some(_) if !state.options.knows_only_sets => Ok(()),
        Some((principal, actions)) => Err(ServiceError::invalid(format!(
            "the {} actions for {principal} are no set that {} knows",
            actions.len(),
            kind.resource_type(),
        ))),
        None => Ok(()),
    }
}

fn links_known(grants: &Grants) -> Result<(), ServiceError> {
    let viewer: BTreeSet<String> = viewer_actions(Kind::Dashboard).into_iter().collect();
    match grants.iter().find(|(_, actions)| **actions != viewer) {
        Some((principal, _)) => Err(ServiceError::invalid(format!(
            "a link gives {principal} the viewer's actions, and no others"
        ))),
        None => Ok(()),
    }
}

/// `before` without what is revoked and with what is granted.
///
/// What is revoked must be held, and an action cannot be on both sides: which of them would win is not documented.
fn changed(before: &Grants, grant: &Grants, revoke: &Grants) -> Result<Grants, ServiceError> {
    let mut after = before.clone();
    for (principal, actions) in revoke {
        let held = after.get_mut(principal);
        let Some(held) = held.filter(|held| actions.is_subset(held)) else {
            return Err(ServiceError::invalid(format!(
                "{principal} does not hold all actions that are revoked"
            )));
        };
        if grant
            .get(principal)
            .is_some_and(|granted| !granted.is_disjoint(actions))
        {
            return Err(ServiceError::invalid(format!(
                "an action for {principal} is granted and revoked at once"
            )));
        }
        held.retain(|action| !actions.contains(action));
    }
    for (principal, actions) in grant {
        after
            .entry(principal.clone())
            .or_default()
            .extend(actions.iter().cloned());
    }
    after.retain(|_, actions| !actions.is_empty());
    Ok(after)
}

/// Applies `GrantPermissions` and `RevokePermissions`; for dashboards also the two of links.
fn update(state: &mut State, kind: Kind, id: &str, input: &Input) -> Result<(), ServiceError> {
    let before = state.must_exist(kind, id)?.grants.clone();
    // Those of themes and folders model no conflict.
    if !matches!(kind, Kind::Theme | Kind::Folder) {
        state.must_rest(kind, id)?;
    }
    let side = |name: &str, audience| read(state, name, input.list(name), audience);
    let grant = side("GrantPermissions", Audience::Members)?;
    let revoke = side("RevokePermissions", Audience::Members)?;
    let grants = changed(&before, &grant, &revoke)?;
    // What the console has done to others is theirs.
    let touched =
        |principal: &String| grant.contains_key(principal) || revoke.contains_key(principal);
    all_known(
        state,
        kind,
        grants.iter().filter(|(principal, _)| touched(principal)),
    )?;
    if let Some(links) = state
        .dashboards
        .get(id)
        .filter(|_| kind == Kind::Dashboard)
        .map(|dashboard| dashboard.links.clone())
    {
        let links = changed(
            &links,
            &side("GrantLinkPermissions", Audience::Namespace)?,
            &side("RevokeLinkPermissions", Audience::Namespace)?,
        )?;
        links_known(&links)?;
        if let Some(dashboard) = state.dashboards.get_mut(id) {
            dashboard.links = links;
        }
    }
    if let Some(common) = state.common_mut(kind, id) {
        common.grants = grants;
    }
    Ok(())
}

/// A list of permissions, the actions in any order.
pub(super) fn listed(random: &mut fastrand::Rng, grants: &Grants) -> Vec<Object> {
    let mut permissions: Vec<Object> = grants
        .iter()
        .map(|(principal, actions)| {
            let mut actions: Vec<&String> = actions.iter().collect();
            random.shuffle(&mut actions);
            Object::new()
                .text("Principal", principal)
                .texts("Actions", actions)
        })
        .collect();
    random.shuffle(&mut permissions);
    permissions
}

/// The member with the id and the member with the ARN.
fn names(kind: Kind) -> (&'static str, &'static str) {
    match kind {
        Kind::Dashboard => ("DashboardId", "DashboardArn"),
        Kind::Analysis => ("AnalysisId", "AnalysisArn"),
        Kind::DataSet => ("DataSetId", "DataSetArn"),
        Kind::DataSource => ("DataSourceId", "DataSourceArn"),
        Kind::Theme => ("ThemeId", "ThemeArn"),
        Kind::Folder | Kind::VpcConnection => ("FolderId", "Arn"),
    }
}

fn answer(
    state: &mut State,
    kind: Kind,
    id: &str,
    with_list: bool,
) -> Result<Object, ServiceError> {
    let (id_name, arn_name) = names(kind);
    let mut body = Object::new()
        .text(id_name, id)
        .text(arn_name, &state.arn(kind, id));
    if with_list {
        let grants = state.must_exist(kind, id)?.grants.clone();
        body = body.list("Permissions", listed(&mut state.random, &grants));
    }
    let links = state.dashboards.get(id).filter(|_| kind == Kind::Dashboard);
    let links = links
        .map(|dashboard| dashboard.links.clone())
        .unwrap_or_default();
    if !links.is_empty() {
        let links = Object::new().list("Permissions", listed(&mut state.random, &links));
        body = body.object("LinkSharingConfiguration", links);
    }
    Ok(body)
}

/// `Describe…Permissions`.
pub(super) fn describe(
    state: &mut State,
    kind: Kind,
    input: &Input,
) -> Result<Reply, ServiceError> {
    let id = input.must(names(kind).0);
    state.must_exist(kind, id)?;
    if kind != Kind::Folder {
        return answer(state, kind, id, true).map(Reply::ok);
    }
    let grants = state.must_exist(kind, id)?.grants.clone();
    let all = listed(&mut state.random, &grants)
        .iter()
        .map(Object::to_string)
        .collect();
    let page = state.page(&format!("DescribeFolderPermissions {id}"), input, all)?;
    let body = answer(state, kind, id, false)?;
    Ok(Reply::ok(
        body.list("Permissions", page.items)
            .maybe_text("NextToken", page.next.as_deref()),
    ))
}

/// `Update…Permissions`.
pub(super) fn change(state: &mut State, kind: Kind, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must(names(kind).0);
    update(state, kind, id, input)?;
    let with_list = !matches!(kind, Kind::DataSet | Kind::DataSource);
    let reply = Reply::ok(answer(state, kind, id, with_list)?);
    Ok(if kind == Kind::Folder {
        reply.showing_status()
    } else {
        reply
    })
}
