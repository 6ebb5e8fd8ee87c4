//! What an asset is to be, by its file.

use crate::environment::Environment;
use crate::file::{AssetFile, FileForm, ResolveError, sha256};
use crate::id::AssetRef;
use crate::json::{Json, Object};
use crate::plan::state::State;
use crate::plan::{Change, changes_between};
use crate::symbols::Symbols;

use super::access;
use super::context::{Context, Stop};
use super::live::{self, Live, state_of};

/// One file, resolved.
#[derive(Clone, Debug)]
pub(crate) struct Target<'a> {
    pub(crate) state: State,
    /// The body of a Create, with what the kind takes beside the content.
    pub(crate) create: Json,
    /// The body of an Update.
    pub(crate) update: Json,
    pub(crate) source: Option<String>,
    /// SHA-256 of what the file says.
    pub(crate) sha256: String,
    /// SHA-256 of what it means in the environment.
    pub(crate) meaning_sha256: String,
    pub(crate) needs: Vec<AssetRef>,
    form: FileForm,
    environment: &'a Environment,
}

impl<'a> Target<'a> {
    pub(crate) fn new(
        file: &AssetFile,
        source: Option<String>,
        environment: &'a Environment,
    ) -> Result<Self, ResolveError> {
        let resolved = file.resolve(&Symbols::new(environment))?;
        let bodies = [&resolved.create, &resolved.update].map(|body| {
            let mut body = body.clone();
            body.sort_members();
            body.to_compact()
        });
        Ok(Self {
            state: state_of(&resolved),
            meaning_sha256: sha256(&bodies.concat()),
            create: resolved.create,
            update: resolved.update,
            source,
            sha256: file.content_hash(),
            needs: resolved.needs.into_iter().collect(),
            form: file.form,
            environment,
        })
    }

    /// Reads what there is of it.
    pub(crate) async fn read(&self, context: &Context<'_>) -> Result<Option<Live>, Stop> {
        live::read(context, &self.state.asset, self.environment).await
    }

    /// Fills in what the form of the file cannot say from what there is: the original
    /// tool's files know no theme, and a deploy of one keeps it.
    pub(crate) fn complete(&mut self, live: Option<&Live>) {
        let (FileForm::Original, Some(live)) = (self.form, live) else {
            return;
        };
        if self.state.theme.is_none() && live.state.theme.is_some() {
            self.state.theme.clone_from(&live.state.theme);
            self.set("ThemeArn", live.state.theme.as_deref().map(Json::from));
        }
        if self.state.publish_options.is_none() {
            self.state
                .publish_options
                .clone_from(&live.state.publish_options);
            self.set(
                "DashboardPublishOptions",
                live.state.publish_options.clone(),
            );
        }
    }

    fn set(&mut self, name: &str, value: Option<Json>) {
        let Some(value) = value else { return };
        for body in [&mut self.create, &mut self.update] {
            if let Some(body) = body.as_object_mut() {
                body.insert(name, value.clone());
            }
        }
    }

    /// What would have to change.
    pub(crate) fn changes(&self, live: Option<&Live>) -> Vec<Change> {
        changes_between(live.map(|live| &live.state), &self.state, self.environment)
    }

    /// Refuses rights that nobody could ever change again.
    pub(crate) fn check_owner(&self, live: Option<&Live>) -> Result<(), Stop> {
        let kind = self.state.asset.kind;
        let Some(rights) = &self.state.permissions else {
            return Ok(());
        };
        if access::has_owner(kind, rights) {
            return Ok(());
        }
        let before = live.and_then(|live| live.state.permissions.as_ref());
        match before {
            Some(before) if access::has_owner(kind, before) => Err(Stop::refused(format!(
                "the permissions would leave {} without an owner: give somebody the owner's actions",
                self.state.asset
            ))),
            // Nobody owns it as it is: that is not for this deploy to mend.
            _ => Ok(()),
        }
    }

    /// The body of a Create that takes the place of an asset which never came to be:
    /// with its rights, tags and folder where the file says nothing of them.
    pub(crate) fn create_instead(&self, before: &State) -> (State, Json) {
        let mut state = self.state.clone();
        let mut body = self.create.clone();
        let Some(object) = body.as_object_mut() else {
            return (state, body);
        };
        if state.permissions.is_none()
            && let Some(rights) = before
                .permissions
                .clone()
                .filter(|rights| !rights.is_empty())
        {
            let list = rights
                .iter()
                .map(|(principal, actions)| permission(principal, actions));
            object.insert("Permissions", Json::Array(list.collect()));
            state.permissions = Some(rights);
        }
        if state.tags.is_none()
            && let Some(tags) = before.tags.clone().filter(|tags| !tags.is_empty())
        {
            let list = tags.iter().filter(|(key, _)| !key.starts_with("aws:"));
            let list = list.map(|(key, value)| {
                Json::object([("Key", key.as_str()), ("Value", value.as_str())])
            });
            object.insert("Tags", Json::Array(list.collect()));
            state.tags = Some(tags);
        }
        if state.folders.is_none() {
            state.folders.clone_from(&before.folders);
        }
        if state.links.is_none() {
            state.links.clone_from(&before.links);
        }
        if state.link.is_none() {
            state.link.clone_from(&before.link);
        }
        (state, body)
    }
}

fn permission(principal: &str, actions: &std::collections::BTreeSet<String>) -> Json {
    let mut object = Object::new();
    object.insert("Principal", principal);
    object.insert("Actions", Json::array(actions.iter().map(String::as_str)));
    Json::Object(object)
}
