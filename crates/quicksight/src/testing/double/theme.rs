//! Themes: the service's own, and ours, whose newest version counts.

use std::collections::BTreeMap;

use super::clock::{Millis, timestamp};
use super::progress::{Phase, Progress, times};
use super::protocol::{Input, Object, Reply, ServiceError};
use super::state::{Common, Kind, State};
use super::{permissions, tags};

pub(super) struct Theme {
    pub(super) common: Common,
    pub(super) versions: BTreeMap<u64, Version>,
    last_number: u64,
}

pub(super) struct Version {
    created: Millis,
    description: Option<String>,
    base: String,
    configuration: String,
    pub(super) progress: Progress,
}

const KIND: Kind = Kind::Theme;
/// The themes of the service itself.
const MANAGED: &[(&str, &str)] = &[
    ("CLASSIC", "Classic"),
    ("MIDNIGHT", "Midnight"),
    ("SEASIDE", "Seaside"),
];

impl Theme {
    /// One that is there, like `CLASSIC`.
    pub(super) fn ready(common: Common) -> Self {
        let version = Version {
            created: common.created,
            description: None,
            base: "CLASSIC".to_owned(),
            configuration: "{}".to_owned(),
            progress: Progress::done(Phase::Creation),
        };
        Self {
            common,
            versions: BTreeMap::from([(1, version)]),
            last_number: 1,
        }
    }

    pub(super) fn is_busy(&self) -> bool {
        self.versions
            .values()
            .any(|version| version.progress.is_running())
    }

    pub(super) fn poll(&mut self) {
        for version in self.versions.values_mut() {
            version.progress.poll();
        }
    }

    pub(super) fn settle(&mut self, now: Millis) {
        for version in self.versions.values_mut() {
            version.progress.settle(now);
        }
    }

    fn latest(&self) -> u64 {
        self.versions
            .keys()
            .next_back()
            .copied()
            .unwrap_or_default()
    }
}

fn managed_arn(id: &str) -> String {
    format!("arn:aws:quicksight::aws:theme/{id}")
}

fn managed(id: &str) -> Option<&'static str> {
    MANAGED
        .iter()
        .find(|(known, _)| *known == id)
        .map(|(_, name)| *name)
}

/// Refuses an ARN of no theme.
pub(super) fn must_exist(state: &State, arn: &str) -> Result<(), ServiceError> {
    let ours =
        matches!(state.parse_arn(arn), Some((Kind::Theme, id)) if state.themes.contains_key(&id));
    if ours || MANAGED.iter().any(|(id, _)| managed_arn(id) == arn) {
        Ok(())
    } else {
        Err(ServiceError::not_found(KIND.resource_type(), arn))
    }
}

/// What is said of the theme of an asset that may have none.
pub(super) fn shown(state: &State, theme: Option<&str>) -> Option<String> {
    match theme {
        Some(arn) => Some(arn.to_owned()),
        None => state
            .options
            .classic_is_told
            .then(|| managed_arn("CLASSIC")),
    }
}

fn find<'a>(state: &'a State, id: &str) -> Result<&'a Theme, ServiceError> {
    if managed(id).is_some() {
        return Err(ServiceError::denied(format!(
            "theme {id} belongs to the service"
        )));
    }
    state
        .themes
        .get(id)
        .ok_or_else(|| ServiceError::not_found(KIND.resource_type(), id))
}

fn base_exists(state: &State, input: &Input) -> Result<(), ServiceError> {
    let base = input.must("BaseThemeId");
    if managed(base).is_some() || state.themes.contains_key(base) {
        Ok(())
    } else {
        Err(ServiceError::not_found(KIND.resource_type(), base))
    }
}

pub(super) fn list(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let which = input.text("Type").unwrap_or("ALL");
    let mut all: Vec<String> = Vec::new();
    if which != "CUSTOM" {
        all.extend(MANAGED.iter().map(|(id, name)| {
            Object::new()
                .text("Arn", &managed_arn(id))
                .text("Name", name)
                .text("ThemeId", id)
                .number("LatestVersionNumber", 1)
                .to_string()
        }));
    }
    if which != "QUICKSIGHT" {
        all.extend(state.themes.iter().map(|(id, theme)| {
            let object = Object::new()
                .text("Arn", &state.arn(KIND, id))
                .text("Name", &theme.common.name)
                .text("ThemeId", id)
                .number("LatestVersionNumber", theme.latest());
            times(object, theme.common.created, theme.common.updated).to_string()
        }));
    }
    let page = state.page(&format!("ListThemes {which}"), input, all)?;
    Ok(Reply::ok(
        Object::new()
            .list("ThemeSummaryList", page.items)
            .maybe_text("NextToken", page.next.as_deref()),
    ))
}

pub(super) fn describe(state: &State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("ThemeId");
    if let Some(name) = managed(id) {
        let version = Object::new()
            .number("VersionNumber", 1)
            .text("Arn", &format!("{}/version/1", managed_arn(id)))
            .text("BaseThemeId", id)
            .object("Configuration", Object::new())
            .text("Status", "CREATION_SUCCESSFUL");
        let theme = Object::new()
            .text("Arn", &managed_arn(id))
            .text("Name", name)
            .text("ThemeId", id)
            .object("Version", version)
            .text("Type", "QUICKSIGHT");
        return Ok(Reply::ok(Object::new().object("Theme", theme)));
    }
    let theme = find(state, id)?;
    let number = match input.text("AliasName") {
        Some("$LATEST") | None => input
            .number("VersionNumber")
            .unwrap_or_else(|| theme.latest()),
        Some(alias) => return Err(ServiceError::not_found("THEME_ALIAS", alias)),
    };
    let version = theme.versions.get(&number).ok_or_else(|| {
        ServiceError::not_found("THEME_VERSION", &format!("{id} version {number}"))
    })?;
    let errors = version.progress.shown_errors();
    let mut object = Object::new()
        .number("VersionNumber", number)
        .text("Arn", &format!("{}/version/{number}", state.arn(KIND, id)))
        .maybe_text("Description", version.description.as_deref())
        .text("BaseThemeId", &version.base)
        .raw("CreatedTime", timestamp(version.created))
        .raw("Configuration", &version.configuration)
        .text(
            "Status",
            &version
                .progress
                .status(state.options.unknown_status.as_deref()),
        );
    if !errors.is_empty() {
        object = object.list("Errors", errors);
    }
    let theme_object = Object::new()
        .text("Arn", &state.arn(KIND, id))
        .text("Name", &theme.common.name)
        .text("ThemeId", id)
        .object("Version", object)
        .text("Type", "CUSTOM");
    let theme = times(theme_object, theme.common.created, theme.common.updated);
    Ok(Reply::ok(Object::new().object("Theme", theme)))
}

fn version(
    state: &mut State,
    id: &str,
    input: &Input,
    configuration: String,
    phase: Phase,
) -> Version {
    let errors = state.planned_failure(KIND, id).into_iter().collect();
    Version {
        created: state.now(),
        description: input.text("VersionDescription").map(str::to_owned),
        base: input.must("BaseThemeId").to_owned(),
        configuration,
        progress: Progress::begin(phase, state.options.pace, state.now(), errors),
    }
}

fn answer(state: &State, id: &str, number: u64) -> Result<Object, ServiceError> {
    let arn = state.arn(KIND, id);
    let progress = find(state, id)?
        .versions
        .get(&number)
        .map(|version| &version.progress);
    let status = progress.map(|progress| progress.status(state.options.unknown_status.as_deref()));
    Ok(Object::new()
        .text("ThemeId", id)
        .text("Arn", &arn)
        .text("VersionArn", &format!("{arn}/version/{number}"))
        .maybe_text("CreationStatus", status.as_deref()))
}

pub(super) fn create(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("ThemeId");
    if managed(id).is_some() {
        return Err(ServiceError::exists(KIND.resource_type(), id));
    }
    state.must_be_new(KIND, id)?;
    base_exists(state, input)?;
    let mut common = Common::new(input.must("Name"), state.now());
    common.grants = permissions::of_creation(state, KIND, input)?;
    common.tags = tags::of_creation(input)?;
    let configuration = input.raw("Configuration").unwrap_or("{}").to_owned();
    let version = version(state, id, input, configuration, Phase::Creation);
    let theme = Theme {
        common,
        versions: BTreeMap::from([(1, version)]),
        last_number: 1,
    };
    state.themes.insert(id.to_owned(), theme);
    Ok(Reply::with_status(202, answer(state, id, 1)?))
}

/// A name or configuration that is not sent stays. While a version is in progress the service
/// has no exception for it: the update is refused as a parameter.
pub(super) fn update(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("ThemeId");
    let theme = find(state, id)?;
    if theme.is_busy() {
        return Err(ServiceError::invalid(format!(
            "a version of theme {id} is in progress"
        )));
    }
    base_exists(state, input)?;
    let before = theme
        .versions
        .get(&theme.latest())
        .map(|version| version.configuration.clone());
    let configuration = input
        .raw("Configuration")
        .map(str::to_owned)
        .or(before)
        .unwrap_or_default();
    let phase = if state.options.update_statuses {
        Phase::Update
    } else {
        Phase::Creation
    };
    let version = version(state, id, input, configuration, phase);
    let now = state.now();
    let mut number = 0;
    if let Some(theme) = state.themes.get_mut(id) {
        theme.last_number += 1;
        number = theme.last_number;
        theme.versions.insert(number, version);
        theme.common.updated = now;
        if let Some(name) = input.text("Name") {
            name.clone_into(&mut theme.common.name);
        }
    }
    Ok(Reply::with_status(202, answer(state, id, number)?))
}

pub(super) fn delete(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("ThemeId");
    let versions = find(state, id)?.versions.len();
    state.must_rest(KIND, id)?;
    match input.number("VersionNumber") {
        Some(number) if versions > 1 => {
            let removed = state
                .themes
                .get_mut(id)
                .and_then(|theme| theme.versions.remove(&number));
            if removed.is_none() {
                return Err(ServiceError::not_found(
                    "THEME_VERSION",
                    &format!("{id} version {number}"),
                ));
            }
        }
        Some(number) if !find(state, id)?.versions.contains_key(&number) => {
            return Err(ServiceError::not_found(
                "THEME_VERSION",
                &format!("{id} version {number}"),
            ));
        }
        _ => {
            state.themes.remove(id);
        }
    }
    Ok(Reply::ok(
        Object::new()
            .text("Arn", &state.arn(KIND, id))
            .text("ThemeId", id),
    ))
}

pub(super) fn list_versions(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("ThemeId");
    let arn = state.arn(KIND, id);
    let instead = state.options.unknown_status.clone();
    let all = find(state, id)?
        .versions
        .iter()
        .map(|(number, version)| {
            Object::new()
                .number("VersionNumber", number)
                .text("Arn", &format!("{arn}/version/{number}"))
                .maybe_text("Description", version.description.as_deref())
                .raw("CreatedTime", timestamp(version.created))
                .text("Status", &version.progress.status(instead.as_deref()))
                .to_string()
        })
        .collect();
    let page = state.page(&format!("ListThemeVersions {id}"), input, all)?;
    Ok(Reply::ok(
        Object::new()
            .list("ThemeVersionSummaryList", page.items)
            .maybe_text("NextToken", page.next.as_deref()),
    ))
}
