//! What a file means in one environment: the requests of a deployment.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
};

use super::{AssetFile, ValidationMode};
use crate::{
    api::ResourcePermission,
    id::{Arn, AssetKind, AssetRef},
    json::{Json, Object},
    presets::Grant,
    symbols::Symbols,
};

/// Actions by the ARN of a principal.
pub type Principals = BTreeMap<String, BTreeSet<String>>;

/// An asset as it shall be in one environment, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resolved {
    /// Kind and identifier in the account.
    pub asset: AssetRef,
    /// Its ARN.
    pub arn: String,
    /// Its name in the account.
    pub name: String,
    /// Body of the Create operation, without the identifier: with permissions, tags,
    /// the first folder, links and link sharing, where the kind takes them.
    pub create: Json,
    /// Body of the Update operation, without the identifier.
    pub update: Json,
    /// Who may do what, with what the environment grants; `None` leaves it as it is.
    pub permissions: Option<Principals>,
    /// What all who have the link may do; `None` leaves it as it is.
    pub link_sharing: Option<Principals>,
    /// Tags, with the environment's; `None` leaves them as they are.
    pub tags: Option<BTreeMap<String, String>>,
    /// ARNs of folders; `None` leaves them as they are.
    pub folders: Option<BTreeSet<String>>,
    /// ARNs of linked analyses; `None` leaves them as they are.
    pub links: Option<BTreeSet<String>>,
    /// Refresh properties; `None` is none, and nothing is to be called for a data set
    /// that is not [in SPICE](Resolved::in_spice).
    pub refresh_properties: Option<Json>,
    /// Schedules by id; `None` leaves them as they are.
    pub schedules: Option<BTreeMap<String, Json>>,
    /// Whether it is a data set in SPICE.
    pub in_spice: bool,
    /// Assets of this account that it names, and so must be there before it.
    pub needs: BTreeSet<AssetRef>,
}

/// Why a file has no meaning in an environment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("resolve {asset}: {}", ShowProblems(.problems))]
#[non_exhaustive]
pub struct ResolveError {
    /// The asset, as files call it.
    pub asset: AssetRef,
    /// Everything that is wrong.
    pub problems: Vec<String>,
}

struct ShowProblems<'a>(&'a [String]);

impl fmt::Display for ShowProblems<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join("; "))
    }
}

impl AssetFile {
    /// What the file means in an environment.
    ///
    /// # Errors
    ///
    /// [`ResolveError`] with every symbol and every preset that the environment does
    /// not know.
    pub fn resolve(&self, symbols: &Symbols<'_>) -> Result<Resolved, ResolveError> {
        let mut resolver = Resolver {
            file: self,
            symbols,
            problems: Vec::new(),
        };
        let resolved = resolver.resolve();
        match resolved {
            Some(resolved) if resolver.problems.is_empty() => Ok(resolved),
            _ => Err(ResolveError {
                asset: self.asset(),
                problems: resolver.problems,
            }),
        }
    }
}

struct Resolver<'a> {
    file: &'a AssetFile,
    symbols: &'a Symbols<'a>,
    problems: Vec<String>,
}

impl Resolver<'_> {
    fn resolve(&mut self) -> Option<Resolved> {
        let file = self.file;
        let environment = self.symbols.environment();
        let id = match environment.physical_id(&file.id) {
            Ok(id) => id,
            Err(error) => {
                self.problems.push(format!("with the prefix {error}"));
                return None;
            }
        };
        let asset = AssetRef::new(file.kind, id);
        let arn = environment.arn_of(asset.kind, &asset.id).to_string();
        let name = format!("{}{}", environment.name_prefix, file.name);

        let definition = self.document("definition", &file.definition);
        let theme = self.text("theme", file.theme.as_deref());
        let publish_options = self.optional("publish_options", file.publish_options.as_ref());
        let parameters = self.optional("parameters", file.parameters.as_ref());
        let refresh = self.optional("refresh_properties", file.refresh_properties.as_ref());
        let secret = self.text("secret", file.secret.as_deref());
        let folders = self.texts("folders", file.folders.as_ref());
        let links = self.texts("links", file.links.as_ref());
        let granted = self.granted();
        let permissions = file.permissions.as_ref().map(|grants| {
            let mut all = granted.clone();
            all.extend(self.principals("permissions", grants));
            all
        });
        let link_sharing = file
            .link_sharing
            .as_ref()
            .map(|grants| self.principals("link_sharing", grants));
        let tags = file.tags.as_ref().map(|tags| {
            let mut all = environment.tags.clone();
            all.extend(tags.clone());
            all
        });
        let schedules = file.schedules.as_ref().map(|schedules| {
            let resolve = |(id, schedule): (&String, &Json)| {
                (id.clone(), self.document("schedules", schedule))
            };
            schedules.iter().map(resolve).collect::<BTreeMap<_, _>>()
        });

        let mut update = Object::new();
        update.insert("Name", name.as_str());
        let description = file.description.as_deref().filter(|text| !text.is_empty());
        match file.kind {
            AssetKind::Dashboard | AssetKind::Analysis => {
                update.insert("Definition", definition.clone());
                let mode = file.validation.unwrap_or(ValidationMode::Lenient);
                update.insert(
                    "ValidationStrategy",
                    Json::object([("Mode", mode.as_str())]),
                );
            }
            _ => {
                for (name, value) in definition.as_object().into_iter().flat_map(Object::iter) {
                    update.insert(name, value.clone());
                }
            }
        }
        let optional = [
            ("VersionDescription", description.map(Json::from)),
            ("ThemeArn", theme.as_deref().map(Json::from)),
            ("DashboardPublishOptions", publish_options),
            ("Parameters", parameters),
            (
                "Credentials",
                secret
                    .as_deref()
                    .map(|arn| Json::object([("SecretArn", arn)])),
            ),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                update.insert(name, value);
            }
        }
        let mut create = update.clone();
        for name in create_only(file.kind) {
            update.remove(name);
        }
        if file.kind == AssetKind::Folder {
            update.retain(|name, _| name == "Name");
        }

        // What the file leaves open is, of a new asset, what the environment says.
        let new_permissions = permissions.clone().unwrap_or(granted);
        let new_tags = tags.clone().unwrap_or_else(|| environment.tags.clone());
        let mut list = |name: &str, items: Vec<Json>| {
            if !items.is_empty() {
                create.insert(name, items);
            }
        };
        list("Permissions", permission_list(&new_permissions));
        list("Tags", tag_list(&new_tags));
        // The Create operations take one; the others are joined afterwards.
        let first = folders.iter().flatten().take(1);
        list(
            "FolderArns",
            first.map(|arn| Json::from(arn.as_str())).collect(),
        );
        let linked = links.iter().flatten();
        list(
            "LinkEntities",
            linked.map(|arn| Json::from(arn.as_str())).collect(),
        );
        if let Some(sharing) = link_sharing.as_ref().filter(|sharing| !sharing.is_empty()) {
            let sharing = Json::object([("Permissions", permission_list(sharing))]);
            create.insert("LinkSharingConfiguration", sharing);
        }

        let in_spice =
            file.kind == AssetKind::DataSet && definition.text("ImportMode") == Some("SPICE");
        let needs = self.needs(&asset, &create, folders.as_ref());
        Some(Resolved {
            asset,
            arn,
            name,
            create: Json::Object(create),
            update: Json::Object(update),
            permissions,
            link_sharing,
            tags,
            folders,
            links,
            refresh_properties: refresh,
            schedules,
            in_spice,
            needs,
        })
    }

    /// What the environment grants on every asset of the kind.
    fn granted(&mut self) -> Principals {
        let environment = self.symbols.environment();
        match environment.permissions.get(&self.file.kind) {
            Some(grants) => self.principals("the environment's permissions", grants),
            None => Principals::new(),
        }
    }

    fn principals(&mut self, place: &str, grants: &BTreeMap<String, Grant>) -> Principals {
        let presets = &self.symbols.environment().presets;
        let mut found = Principals::new();
        for (principal, grant) in grants {
            let Some(arn) = self.text(place, Some(principal)) else {
                continue;
            };
            let Some(actions) = presets.expand(self.file.kind, grant) else {
                if let Grant::Preset(name) = grant {
                    let kind = self.file.kind;
                    self.problems
                        .push(format!("{place}: no preset `{name}` for a {kind}"));
                }
                continue;
            };
            if found.insert(arn, actions).is_some() {
                self.problems
                    .push(format!("{place}: `{principal}` stands there twice"));
            }
        }
        found
    }

    fn text(&mut self, place: &str, text: Option<&str>) -> Option<String> {
        match self.symbols.resolve_text(text?) {
            Ok(text) => Some(text),
            Err(error) => {
                self.problems.push(format!("{place}: {error}"));
                None
            }
        }
    }

    fn texts(&mut self, place: &str, texts: Option<&BTreeSet<String>>) -> Option<BTreeSet<String>> {
        let texts = texts?;
        Some(
            texts
                .iter()
                .filter_map(|text| self.text(place, Some(text)))
                .collect(),
        )
    }

    fn optional(&mut self, place: &str, json: Option<&Json>) -> Option<Json> {
        json.map(|json| self.document(place, json))
    }

    fn document(&mut self, place: &str, json: &Json) -> Json {
        let mut json = json.clone();
        if let Err(unknown) = self.symbols.resolve(&mut json) {
            self.problems
                .extend(unknown.iter().map(|error| format!("{place}: {error}")));
        }
        json
    }

    fn needs(
        &self,
        own: &AssetRef,
        create: &Object,
        folders: Option<&BTreeSet<String>>,
    ) -> BTreeSet<AssetRef> {
        let environment = self.symbols.environment();
        let mut needs = BTreeSet::new();
        let mut add = |text: &str| {
            if !text.starts_with("arn:") {
                return;
            }
            let asset = Arn::parse(text)
                .filter(|arn| environment.owns(arn))
                .and_then(|arn| arn.asset());
            if let Some(asset) = asset.filter(|asset| asset != own) {
                needs.insert(asset);
            }
        };
        for (_, value) in create.iter() {
            value.walk(&mut |_, value| value.as_str().into_iter().for_each(&mut add));
        }
        for folder in folders.into_iter().flatten() {
            add(folder);
        }
        needs
    }
}

/// Members of a Create operation which the Update operation does not have.
fn create_only(kind: AssetKind) -> &'static [&'static str] {
    match kind {
        AssetKind::DataSource => &["Type"],
        AssetKind::DataSet => &["UseAs"],
        _ => &[],
    }
}

fn permission_list(principals: &Principals) -> Vec<Json> {
    principals
        .iter()
        .map(|(principal, actions)| ResourcePermission::new(principal, actions.clone()).to_json())
        .collect()
}

fn tag_list(tags: &BTreeMap<String, String>) -> Vec<Json> {
    tags.iter()
        .map(|(key, value)| Json::object([("Key", key.as_str()), ("Value", value.as_str())]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Environment;

    fn environment() -> Environment {
        Environment::parse(
            r#"
account = "123456789012"
region = "r"
id_prefix = "dev-"
name_prefix = "[dev] "
[data_sets]
daily = "ds-1"
[groups]
viewers = "v"
[users]
ci = "ci"
[secrets]
aurora = "arn:aws:secretsmanager:r:123456789012:secret:a-1"
[tags]
environment = "dev"
[permissions.dashboard]
"${user:ci}" = "owner"
"#,
        )
        .unwrap()
    }

    #[test]
    fn a_dashboard_becomes_its_requests() {
        let environment = environment();
        let symbols = Symbols::new(&environment);
        let file = AssetFile::parse(
            r#"{"kind":"dashboard","id":"sales","name":"Sales","theme":"arn:aws:quicksight::aws:theme/CLASSIC",
            "permissions":{"${group:viewers}":"viewer"},"tags":{"team":"x"},
            "definition":{"DataSetIdentifierDeclarations":[{"Identifier":"d","DataSetArn":"${dataset:daily}"}]}}"#,
        )
        .unwrap();
        let resolved = file.resolve(&symbols).unwrap();
        assert_eq!(resolved.asset.to_string(), "dashboard `dev-sales`");
        assert_eq!(resolved.name, "[dev] Sales");
        assert_eq!(
            resolved.update.to_compact(),
            r#"{"Name":"[dev] Sales","Definition":{"DataSetIdentifierDeclarations":[{"Identifier":"d","DataSetArn":"arn:aws:quicksight:r:123456789012:dataset/ds-1"}]},"ValidationStrategy":{"Mode":"LENIENT"},"ThemeArn":"arn:aws:quicksight::aws:theme/CLASSIC"}"#
        );
        assert_eq!(resolved.permissions.unwrap().len(), 2);
        assert_eq!(resolved.create.items("Permissions").len(), 2);
        assert_eq!(resolved.create.items("Tags").len(), 2);
        assert_eq!(resolved.folders, None);
        let needs: Vec<_> = resolved.needs.iter().map(ToString::to_string).collect();
        assert_eq!(needs, ["data set `ds-1`"]);
    }

    #[test]
    fn everything_unknown_is_reported_at_once() {
        let environment = environment();
        let file = AssetFile::parse(
            r#"{"kind":"dashboard","id":"a","name":"A","theme":"${theme:no}",
            "permissions":{"${group:no}":"viewer","${group:viewers}":"boss"},
            "definition":{"x":["${dataset:no}"]}}"#,
        )
        .unwrap();
        let error = file.resolve(&Symbols::new(&environment)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "resolve dashboard `a`: definition: ${dataset:no} has no entry in the environment (at `x[0]`); theme: ${theme:no} has no entry in the environment; permissions: ${group:no} has no entry in the environment; permissions: no preset `boss` for a dashboard"
        );
    }

    #[test]
    fn updates_leave_out_what_only_a_creation_takes() {
        let environment = environment();
        let symbols = Symbols::new(&environment);
        let source = AssetFile::parse(
            r#"{"kind":"data-source","id":"s","name":"S","secret":"${secret:aurora}","definition":{"Type":"AURORA"}}"#,
        )
        .unwrap()
        .resolve(&symbols)
        .unwrap();
        assert_eq!(
            source.update.to_compact(),
            r#"{"Name":"[dev] S","Credentials":{"SecretArn":"arn:aws:secretsmanager:r:123456789012:secret:a-1"}}"#
        );
        assert_eq!(source.create.text("Type"), Some("AURORA"));
        let folder = AssetFile::parse(
            r#"{"kind":"folder","id":"f","name":"F","definition":{"FolderType":"SHARED"}}"#,
        )
        .unwrap()
        .resolve(&symbols)
        .unwrap();
        assert_eq!(folder.update.to_compact(), r#"{"Name":"[dev] F"}"#);
        assert_eq!(folder.create.text("FolderType"), Some("SHARED"));
    }
}
