//! TOML to an environment.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use toml::Spanned;

use super::{Environment, EnvironmentError, EnvironmentProblem, Symbol, SymbolKind};
use crate::{
    id::{Arn, AssetId, AssetKind},
    presets::{Grant, Presets},
};

type Table = BTreeMap<String, Spanned<String>>;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    account: Spanned<String>,
    region: Spanned<String>,
    identity_region: Option<Spanned<String>>,
    partition: Option<Spanned<String>>,
    namespace: Option<Spanned<String>>,
    #[serde(default)]
    id_prefix: Option<Spanned<String>>,
    #[serde(default)]
    name_prefix: String,
    #[serde(default)]
    data_sets: Table,
    #[serde(default)]
    data_sources: Table,
    #[serde(default)]
    themes: Table,
    #[serde(default)]
    folders: Table,
    #[serde(default)]
    analyses: Table,
    #[serde(default)]
    dashboards: Table,
    #[serde(default)]
    vpc_connections: Table,
    #[serde(default)]
    groups: Table,
    #[serde(default)]
    users: Table,
    #[serde(default)]
    namespaces: Table,
    #[serde(default)]
    secrets: Table,
    #[serde(default)]
    vars: Table,
    #[serde(default)]
    tags: Table,
    #[serde(default)]
    permissions: BTreeMap<AssetKind, BTreeMap<String, Spanned<GrantForm>>>,
    #[serde(default)]
    presets: BTreeMap<AssetKind, BTreeMap<String, BTreeSet<String>>>,
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "the name of a preset, or a list of actions")]
enum GrantForm {
    Preset(String),
    Actions(BTreeSet<String>),
}

pub(super) fn read(text: &str) -> Result<Environment, EnvironmentError> {
    let file: File = toml::from_str(text).map_err(|error| {
        EnvironmentError::of(vec![EnvironmentProblem {
            line: error.span().map(|span| line_of(text, span.start)),
            problem: error.message().replace('\n', ", "),
        }])
    })?;
    let mut reader = Reader {
        text,
        problems: Vec::new(),
    };
    let environment = reader.environment(file);
    if reader.problems.is_empty() {
        Ok(environment)
    } else {
        Err(EnvironmentError::of(reader.problems))
    }
}

fn line_of(text: &str, offset: usize) -> usize {
    let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

struct Reader<'a> {
    text: &'a str,
    problems: Vec<EnvironmentProblem>,
}

impl Reader<'_> {
    fn environment(&mut self, file: File) -> Environment {
        self.check(&file.account, "account", is_account, "must be 12 digits");
        for (region, key) in [
            (Some(&file.region), "region"),
            (file.identity_region.as_ref(), "identity_region"),
            (file.partition.as_ref(), "partition"),
        ] {
            if let Some(region) = region {
                let rule = "must be of lower-case letters, digits and `-`";
                self.check(region, key, is_region, rule);
            }
        }
        if let Some(prefix) = &file.id_prefix {
            let rule = "must be of letters, digits, `_` and `-`";
            self.check(prefix, "id_prefix", is_id_part, rule);
        }
        let mut environment = Environment::new(file.account.into_inner(), file.region.into_inner());
        if let Some(region) = file.identity_region {
            environment.identity_region = region.into_inner();
        }
        if let Some(partition) = file.partition {
            environment.partition = partition.into_inner();
        }
        if let Some(namespace) = file.namespace {
            environment.namespace = namespace.into_inner();
        }
        environment.id_prefix = file.id_prefix.map(Spanned::into_inner).unwrap_or_default();
        environment.name_prefix = file.name_prefix;
        environment.symbols.clear();
        for (kind, table) in [
            (SymbolKind::Asset(AssetKind::DataSet), file.data_sets),
            (SymbolKind::Asset(AssetKind::DataSource), file.data_sources),
            (SymbolKind::Asset(AssetKind::Theme), file.themes),
            (SymbolKind::Asset(AssetKind::Folder), file.folders),
            (SymbolKind::Asset(AssetKind::Analysis), file.analyses),
            (SymbolKind::Asset(AssetKind::Dashboard), file.dashboards),
            (SymbolKind::VpcConnection, file.vpc_connections),
            (SymbolKind::Group, file.groups),
            (SymbolKind::User, file.users),
            (SymbolKind::Namespace, file.namespaces),
            (SymbolKind::Secret, file.secrets),
            (SymbolKind::Var, file.vars),
        ] {
            self.symbols(&mut environment, kind, table);
        }
        environment.know_namespace();
        for (key, value) in file.tags {
            if !(1..=256).contains(&value.get_ref().chars().count()) {
                self.problem(&value, format!("tag `{key}`: must be 1 to 256 characters"));
            }
            environment.tags.insert(key, value.into_inner());
        }
        for (kind, presets) in file.presets {
            for (name, actions) in presets {
                environment.presets.set(kind, name, actions);
            }
        }
        for (kind, grants) in file.permissions {
            let grants = grants.into_iter().map(|(principal, grant)| {
                self.principal(&environment, &principal, &grant);
                let grant = self.grant(&environment.presets, kind, grant);
                (principal, grant)
            });
            let grants = grants.collect();
            environment.permissions.insert(kind, grants);
        }
        environment
    }

    fn symbols(&mut self, environment: &mut Environment, kind: SymbolKind, table: Table) {
        for (name, value) in table {
            let symbol = Symbol { kind, name };
            if symbol.name.is_empty() || symbol.name.chars().any(|c| c == '}' || c.is_control()) {
                self.problem(
                    &value,
                    format!("{symbol}: a name must not be empty nor hold `}}`"),
                );
            }
            match value_of(environment, kind, value.get_ref()) {
                Ok(value) => drop(environment.symbols.insert(symbol, value)),
                Err(problem) => self.problem(&value, format!("{symbol}: {problem}")),
            }
        }
    }

    fn principal(&mut self, environment: &Environment, principal: &str, at: &Spanned<GrantForm>) {
        let known = crate::symbols::resolve_text(environment, principal)
            .is_ok_and(|text| Arn::parse(&text).is_some());
        if !known {
            let problem =
                format!("`{principal}` is neither an ARN nor a symbol with an entry here");
            self.problem(at, problem);
        }
    }

    fn grant(&mut self, presets: &Presets, kind: AssetKind, grant: Spanned<GrantForm>) -> Grant {
        if let GrantForm::Preset(name) = grant.get_ref()
            && presets.actions(kind, name).is_none()
        {
            let known: Vec<_> = presets.names(kind).collect();
            let known = known.join(", ");
            self.problem(
                &grant,
                format!("no preset `{name}` for a {kind}; there are: {known}"),
            );
        }
        match grant.into_inner() {
            GrantForm::Preset(name) => Grant::Preset(name),
            GrantForm::Actions(actions) => Grant::Actions(actions),
        }
    }

    fn check(&mut self, value: &Spanned<String>, key: &str, fits: fn(&str) -> bool, rule: &str) {
        if !fits(value.get_ref()) {
            self.problem(value, format!("{key}: {rule}"));
        }
    }

    fn problem<T>(&mut self, at: &Spanned<T>, problem: String) {
        self.problems.push(EnvironmentProblem {
            line: Some(line_of(self.text, at.span().start)),
            problem,
        });
    }
}

fn value_of(environment: &Environment, kind: SymbolKind, value: &str) -> Result<String, String> {
    let expected = match kind {
        SymbolKind::Var => return Ok(value.to_owned()),
        SymbolKind::Secret => {
            let prefix = format!("arn:{}:secretsmanager:", environment.partition);
            return if value.starts_with(&prefix) {
                Ok(value.to_owned())
            } else {
                // The value may be the secret itself: it is not repeated.
                Err(format!("must be the ARN of a secret, `{prefix}…`"))
            };
        }
        SymbolKind::Asset(kind) => kind.arn_type(),
        SymbolKind::VpcConnection => "vpcConnection",
        SymbolKind::Group => "group",
        SymbolKind::User => "user",
        SymbolKind::Namespace => "namespace",
    };
    if value.starts_with("arn:") {
        return match Arn::parse(value) {
            Some(arn) if arn.service == "quicksight" && arn.resource_type == expected => {
                Ok(value.to_owned())
            }
            _ => Err(format!("must be an ARN of a {expected}, or its name alone")),
        };
    }
    let id = AssetId::new(value).map_err(|error| error.to_string())?;
    Ok(match kind {
        SymbolKind::Asset(kind) => environment.arn_of(kind, &id).to_string(),
        SymbolKind::Namespace => environment.identity_arn(expected, value),
        SymbolKind::Group | SymbolKind::User => {
            // `NAMESPACE/NAME` only for the environment's own or a listed namespace:
            // names of users have slashes too.
            let named = value.split_once('/').is_some_and(|(namespace, _)| {
                let symbol = |name: &str| Symbol {
                    kind: SymbolKind::Namespace,
                    name: name.to_owned(),
                };
                namespace == environment.namespace
                    || environment.symbols.contains_key(&symbol(namespace))
            });
            if named {
                environment.identity_arn(expected, value)
            } else {
                let resource = format!("{}/{value}", environment.namespace);
                environment.identity_arn(expected, &resource)
            }
        }
        _ => Arn::quicksight(
            &environment.partition,
            &environment.region,
            &environment.account,
            expected,
            value,
        )
        .to_string(),
    })
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn is_region(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

fn is_id_part(text: &str) -> bool {
    text.bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "account = \"123456789012\"\nregion = \"ap-northeast-1\"\n";

    fn problems(rest: &str) -> Vec<String> {
        let error = read(&format!("{HEAD}{rest}")).unwrap_err();
        error.problems.iter().map(ToString::to_string).collect()
    }

    fn value(environment: &Environment, symbol: &str) -> String {
        crate::symbols::resolve_text(environment, symbol).unwrap()
    }

    #[test]
    fn names_become_arns_of_their_regions() {
        let environment = read(&format!(
            "{HEAD}identity_region = \"us-east-1\"\n[namespaces]\npartner = \"partner\"\n[data_sets]\ndaily = \"a/b\"\n[themes]\nt = \"arn:aws:quicksight::aws:theme/MIDNIGHT\"\n[groups]\nviewers = \"v\"\nothers = \"partner/v\"\n[users]\nci = \"Role/session\"\n[vars]\nschema = \"app\"\n"
        ))
        .unwrap();
        assert_eq!(
            value(&environment, "${dataset:daily}"),
            "arn:aws:quicksight:ap-northeast-1:123456789012:dataset/a/b"
        );
        assert_eq!(
            value(&environment, "${theme:t}"),
            "arn:aws:quicksight::aws:theme/MIDNIGHT"
        );
        let identity = "arn:aws:quicksight:us-east-1:123456789012:";
        assert_eq!(
            value(&environment, "${group:viewers}"),
            format!("{identity}group/default/v")
        );
        assert_eq!(
            value(&environment, "${user:ci}"),
            format!("{identity}user/default/Role/session")
        );
        assert_eq!(
            value(&environment, "${namespace:default}"),
            format!("{identity}namespace/default")
        );
        assert_eq!(value(&environment, "x${var:schema}y"), "xappy");
    }

    #[test]
    fn problems_have_lines_and_remedies() {
        assert_eq!(
            problems("[data_set]\nx = \"y\"\n")[0]
                .split(',')
                .next()
                .unwrap(),
            "line 3: unknown field `data_set`"
        );
        assert_eq!(
            problems(
                "[permissions.dashboard]\n\"${group:v}\" = \"viewer\"\n\"arn:aws:quicksight:r:1:group/default/g\" = \"boss\"\n"
            ),
            [
                "line 4: `${group:v}` is neither an ARN nor a symbol with an entry here",
                "line 5: no preset `boss` for a dashboard; there are: owner, viewer"
            ]
        );
        assert_eq!(
            problems("[themes]\nt = \"arn:aws:quicksight:r:1:dataset/x\"\n[tags]\na = \"\"\n"),
            [
                "line 4: ${theme:t}: must be an ARN of a theme, or its name alone",
                "line 6: tag `a`: must be 1 to 256 characters"
            ]
        );
        let error = read("account = \"12\"\nregion = \"EU\"\n").unwrap_err();
        assert_eq!(
            error.to_string(),
            "read environment: line 1: account: must be 12 digits; line 2: region: must be of lower-case letters, digits and `-`"
        );
    }

    #[test]
    fn a_secret_written_instead_of_its_arn_is_not_repeated() {
        let problems = problems("[secrets]\naurora = \"hunter2\"\n");
        assert_eq!(problems.len(), 1);
        assert!(!problems[0].contains("hunter2"), "{problems:?}");
    }
}
