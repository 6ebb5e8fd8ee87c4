//! Data sources: made in the background; what they log in with is never told.

use serde_json::Value;

use super::clock::{Millis, timestamp};
use super::progress::{Phase, Progress};
use super::protocol::{Input, Object, Reply, ServiceError};
use super::state::{Common, Kind, State};
use super::{folder, permissions, tags};

pub(super) struct DataSource {
    pub(super) common: Common,
    pub(super) progress: Progress,
    type_name: String,
    settings: Settings,
    next: Option<Settings>,
}

/// What an update replaces.
#[derive(Clone, Default)]
struct Settings {
    parameters: Option<String>,
    alternates: Option<String>,
    vpc: Option<String>,
    ssl: Option<String>,
    /// The one credential that is not secret.
    secret_arn: Option<String>,
}

const KIND: Kind = Kind::DataSource;

impl DataSource {
    /// One that is there, without a database behind it.
    pub(super) fn ready(common: Common) -> Self {
        Self {
            common,
            progress: Progress::done(Phase::Creation),
            type_name: "AURORA".to_owned(),
            settings: Settings {
                parameters: Some(r#"{"AuroraParameters":{"Host":"db.example.com","Port":3306,"Database":"main"}}"#.to_owned()),
                ..Settings::default()
            },
            next: None,
        }
    }

    pub(super) fn settle(&mut self, now: Millis) {
        if self.progress.settle(now) {
            let next = self.next.take();
            if let Some(next) = next.filter(|_| self.progress.is_successful()) {
                self.settings = next;
            }
        }
    }
}

fn find<'a>(state: &'a State, id: &str) -> Result<&'a DataSource, ServiceError> {
    state
        .data_sources
        .get(id)
        .ok_or_else(|| ServiceError::not_found(KIND.resource_type(), id))
}

/// What was sent, with the credentials checked and forgotten. Those that are not sent stay.
fn settings(
    state: &State,
    input: &Input,
    before: Option<&DataSource>,
) -> Result<Settings, ServiceError> {
    if let Some(parameters) = input.value("DataSourceParameters")
        && parameters.as_object().map(serde_json::Map::len) != Some(1)
    {
        return Err(ServiceError::invalid(
            "DataSourceParameters: exactly one kind is needed",
        ));
    }
    let vpc = input
        .value("VpcConnectionProperties")
        .and_then(|vpc| vpc.get("VpcConnectionArn"));
    if let Some(arn) = vpc.and_then(Value::as_str)
        && !matches!(state.parse_arn(arn), Some((Kind::VpcConnection, id)) if state.vpc_connections.contains_key(&id))
    {
        return Err(ServiceError::not_found(
            Kind::VpcConnection.resource_type(),
            arn,
        ));
    }
    let mut secret_arn = before.and_then(|source| source.settings.secret_arn.clone());
    let mut alternates = before.and_then(|source| source.settings.alternates.clone());
    if let Some(credentials) = input.value("Credentials") {
        if credentials.as_object().map(serde_json::Map::len) != Some(1) {
            return Err(ServiceError::invalid(
                "Credentials: exactly one kind is needed",
            ));
        }
        let text = |name: &str| credentials.get(name).and_then(Value::as_str);
        secret_arn = text("SecretArn").map(str::to_owned);
        if let Some(arn) = text("CopySourceArn") {
            match state.parse_arn(arn) {
                Some((Kind::DataSource, id)) => {
                    secret_arn.clone_from(&find(state, &id)?.settings.secret_arn)
                }
                _ => return Err(ServiceError::not_found(KIND.resource_type(), arn)),
            }
        }
        alternates = credentials
            .pointer("/CredentialPair/AlternateDataSourceParameters")
            .map(Value::to_string);
    }
    let raw = |name: &str| input.raw(name).map(str::to_owned);
    Ok(Settings {
        parameters: raw("DataSourceParameters"),
        alternates,
        vpc: raw("VpcConnectionProperties"),
        ssl: raw("SslProperties"),
        secret_arn,
    })
}

fn object(state: &State, id: &str, source: &DataSource) -> Object {
    let mut object = Object::new()
        .text("Arn", &state.arn(KIND, id))
        .text("DataSourceId", id)
        .text("Name", &source.common.name)
        .text("Type", &source.type_name)
        .text(
            "Status",
            &source
                .progress
                .status(state.options.unknown_status.as_deref()),
        )
        .raw("CreatedTime", timestamp(source.common.created))
        .raw("LastUpdatedTime", timestamp(source.common.updated))
        .maybe_raw(
            "DataSourceParameters",
            source.settings.parameters.as_deref(),
        )
        .maybe_raw(
            "AlternateDataSourceParameters",
            source.settings.alternates.as_deref(),
        )
        .maybe_raw("VpcConnectionProperties", source.settings.vpc.as_deref())
        .maybe_raw("SslProperties", source.settings.ssl.as_deref());
    if let Some(error) = source
        .progress
        .errors
        .first()
        .filter(|_| !source.progress.is_running())
    {
        object = object.object(
            "ErrorInfo",
            Object::new()
                .text("Type", &error.kind)
                .text("Message", &error.message),
        );
    }
    object.maybe_text("SecretArn", source.settings.secret_arn.as_deref())
}

pub(super) fn summary(state: &State, id: &str, source: &DataSource) -> Object {
    Object::new()
        .text("Arn", &state.arn(KIND, id))
        .text("DataSourceId", id)
        .text("Name", &source.common.name)
        .text("Type", &source.type_name)
        .raw("CreatedTime", timestamp(source.common.created))
        .raw("LastUpdatedTime", timestamp(source.common.updated))
}

pub(super) fn list(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let all = state
        .data_sources
        .iter()
        .map(|(id, source)| object(state, id, source).to_string())
        .collect();
    let page = state.page("ListDataSources", input, all)?;
    Ok(Reply::ok(
        Object::new()
            .list("DataSources", page.items)
            .maybe_text("NextToken", page.next.as_deref()),
    ))
}

pub(super) fn describe(state: &State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("DataSourceId");
    let source = find(state, id)?;
    Ok(Reply::ok(
        Object::new().object("DataSource", object(state, id, source)),
    ))
}

fn answer(state: &State, id: &str, status_name: &str) -> Result<Object, ServiceError> {
    let status = find(state, id)?
        .progress
        .status(state.options.unknown_status.as_deref());
    Ok(Object::new()
        .text("Arn", &state.arn(KIND, id))
        .text("DataSourceId", id)
        .text(status_name, &status))
}

pub(super) fn create(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("DataSourceId");
    if id.is_empty() {
        return Err(ServiceError::invalid("DataSourceId: is empty"));
    }
    state.must_be_new(KIND, id)?;
    let mut common = Common::new(input.must("Name"), state.now());
    common.grants = permissions::of_creation(state, KIND, input)?;
    common.tags = tags::of_creation(input)?;
    let folders = folder::of_creation(state, input)?;
    let settings = settings(state, input, None)?;
    let errors = state.planned_failure(KIND, id).into_iter().collect();
    let source = DataSource {
        common,
        progress: Progress::begin(Phase::Creation, state.options.pace, state.now(), errors),
        type_name: input.must("Type").to_owned(),
        settings,
        next: None,
    };
    state.data_sources.insert(id.to_owned(), source);
    folder::join(state, &folders, KIND, id);
    Ok(Reply::with_status(
        202,
        answer(state, id, "CreationStatus")?,
    ))
}

pub(super) fn update(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("DataSourceId");
    let before = find(state, id)?;
    state.must_rest(KIND, id)?;
    let settings = settings(state, input, Some(before))?;
    let errors = state.planned_failure(KIND, id).into_iter().collect();
    let now = state.now();
    let progress = Progress::begin(Phase::Update, state.options.pace, now, errors);
    if let Some(source) = state.data_sources.get_mut(id) {
        source.progress = progress;
        source.next = Some(settings);
        source.common.updated = now;
        input.must("Name").clone_into(&mut source.common.name);
    }
    Ok(Reply::with_status(202, answer(state, id, "UpdateStatus")?))
}

pub(super) fn delete(state: &mut State, input: &Input) -> Result<Reply, ServiceError> {
    let id = input.must("DataSourceId");
    find(state, id)?;
    state.data_sources.remove(id);
    folder::leave_all(state, KIND, id);
    Ok(Reply::ok(
        Object::new()
            .text("Arn", &state.arn(KIND, id))
            .text("DataSourceId", id),
    ))
}
