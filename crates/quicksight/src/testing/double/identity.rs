//! Users, groups and namespaces: who can be granted anything.

use std::collections::BTreeSet;

use super::options::DoubleOptions;
use super::protocol::{Input, Object, Reply, ServiceError};
use super::state::State;

/// The registered principals, all in the identity region.
#[derive(Debug)]
pub(super) struct Principals {
    prefix: String,
    pub(super) namespaces: BTreeSet<String>,
    /// Namespace and name; the name of a user may have slashes.
    pub(super) users: BTreeSet<(String, String)>,
    pub(super) groups: BTreeSet<(String, String)>,
}

impl Principals {
    pub(super) fn new(options: &DoubleOptions) -> Self {
        Self {
            prefix: format!(
                "arn:aws:quicksight:{}:{}",
                options.identity_region, options.account_id
            ),
            namespaces: BTreeSet::from(["default".to_owned()]),
            users: BTreeSet::new(),
            groups: BTreeSet::new(),
        }
    }

    pub(super) fn namespace_arn(&self, namespace: &str) -> String {
        format!("{}:namespace/{namespace}", self.prefix)
    }

    pub(super) fn user_arn(&self, namespace: &str, name: &str) -> String {
        format!("{}:user/{namespace}/{name}", self.prefix)
    }

    pub(super) fn group_arn(&self, namespace: &str, name: &str) -> String {
        format!("{}:group/{namespace}/{name}", self.prefix)
    }

    pub(super) fn knows_namespace(&self, arn: &str) -> bool {
        self.namespaces
            .iter()
            .any(|namespace| self.namespace_arn(namespace) == arn)
    }

    pub(super) fn knows(&self, arn: &str) -> bool {
        let Some((kind, rest)) = arn
            .strip_prefix(self.prefix.as_str())
            .and_then(|rest| rest.strip_prefix(':'))
            .and_then(|rest| rest.split_once('/'))
        else {
            return false;
        };
        let (namespace, name) = rest.split_once('/').unwrap_or((rest, ""));
        let named = (namespace.to_owned(), name.to_owned());
        match kind {
            "user" => self.users.contains(&named),
            "group" => self.groups.contains(&named),
            "namespace" => name.is_empty() && self.namespaces.contains(namespace),
            _ => false,
        }
    }
}

pub(super) fn list_namespaces(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let region = state.options.identity_region.clone();
    let all = state.principals.namespaces.iter().map(|name| {
        Object::new()
            .text("Name", name)
            .text("Arn", &state.principals.namespace_arn(name))
            .text("CapacityRegion", &region)
            .text("CreationStatus", "CREATED")
            .text("IdentityStore", "QUICKSIGHT")
            .to_string()
    });
    let all = all.collect();
    let page = state.page("ListNamespaces", input, all)?;
    Ok(Reply::ok(
        Object::new()
            .list("Namespaces", page.items)
            .maybe_text("NextToken", page.next.as_deref()),
    ))
}

fn user(state: &State, namespace: &str, name: &str) -> Object {
    Object::new()
        .text("Arn", &state.principals.user_arn(namespace, name))
        .text("UserName", name)
        .text("Role", "ADMIN")
        .text("IdentityType", "QUICKSIGHT")
        .flag("Active", true)
        .text("PrincipalId", &format!("federated/iam/{name}"))
}

fn group(state: &State, namespace: &str, name: &str) -> Object {
    Object::new()
        .text("Arn", &state.principals.group_arn(namespace, name))
        .text("GroupName", name)
        .text("PrincipalId", &format!("group/{namespace}/{name}"))
}

fn in_namespace<'a>(state: &State, input: &'a Input) -> Result<&'a str, ServiceError> {
    let namespace = input.must("Namespace");
    if state.principals.namespaces.contains(namespace) {
        Ok(namespace)
    } else {
        Err(ServiceError::not_found("NAMESPACE", namespace))
    }
}

pub(super) fn list_users(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let namespace = in_namespace(state, input)?;
    let members = state
        .principals
        .users
        .iter()
        .filter(|(known, _)| known == namespace);
    let all = members
        .map(|(_, name)| user(state, namespace, name).to_string())
        .collect();
    let page = state.page(&format!("ListUsers {namespace}"), input, all)?;
    Ok(Reply::ok(
        Object::new()
            .list("UserList", page.items)
            .maybe_text("NextToken", page.next.as_deref()),
    ))
}

pub(super) fn list_groups(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let namespace = in_namespace(state, input)?;
    let members = state
        .principals
        .groups
        .iter()
        .filter(|(known, _)| known == namespace);
    let all = members
        .map(|(_, name)| group(state, namespace, name).to_string())
        .collect();
    let page = state.page(&format!("ListGroups {namespace}"), input, all)?;
    Ok(Reply::ok(
        Object::new()
            .list("GroupList", page.items)
            .maybe_text("NextToken", page.next.as_deref()),
    ))
}

pub(super) fn describe_user(state: &State, input: &Input) -> Result<Reply, ServiceError> {
    let (namespace, name) = (in_namespace(state, input)?, input.must("UserName"));
    if !state
        .principals
        .users
        .contains(&(namespace.to_owned(), name.to_owned()))
    {
        return Err(ServiceError::not_found("USER", name));
    }
    Ok(Reply::ok(
        Object::new().object("User", user(state, namespace, name)),
    ))
}

pub(super) fn describe_group(state: &State, input: &Input) -> Result<Reply, ServiceError> {
    let (namespace, name) = (in_namespace(state, input)?, input.must("GroupName"));
    if !state
        .principals
        .groups
        .contains(&(namespace.to_owned(), name.to_owned()))
    {
        return Err(ServiceError::not_found("GROUP", name));
    }
    Ok(Reply::ok(
        Object::new().object("Group", group(state, namespace, name)),
    ))
}

pub(super) fn account_subscription() -> Reply {
    let info = Object::new()
        .text("AccountName", "double")
        .text("Edition", "ENTERPRISE")
        .text("NotificationEmail", "nobody@example.com")
        .text("AuthenticationType", "IDENTITY_POOL")
        .text("AccountSubscriptionStatus", "ACCOUNT_CREATED");
    Reply::ok(Object::new().object("AccountInfo", info))
}

pub(super) fn account_settings() -> Reply {
    let settings = Object::new()
        .text("AccountName", "double")
        .text("Edition", "ENTERPRISE")
        .text("DefaultNamespace", "default")
        .text("NotificationEmail", "nobody@example.com")
        .flag("PublicSharingEnabled", false)
        .flag("TerminationProtectionEnabled", true);
    Reply::ok(Object::new().object("AccountSettings", settings))
}
