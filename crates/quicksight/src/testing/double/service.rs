//! From a request to its answer: signature, route, faults, checks, the operation, the journal.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::dataset::operations as data_set;
use super::faults::{FaultKind, Strike};
use super::journal::Call;
use super::protocol::catalogue::{Catalogue, Operation};
use super::protocol::sigv4::{Signed, Signer, verify};
use super::protocol::{Input, Reply, ServiceError};
use super::server::{Answered, Answers, Asked, Sent, decode, pairs};
use super::state::{Kind, State};
use super::{
    analysis, dashboard, datasource, folder, identity, permissions, search, tags, theme, vpc,
};

/// The key which the double takes.
pub(super) const ACCESS_KEY_ID: &str = "AKIDQUICKSIGHTDOUBLE";
/// Its secret, which protects nothing.
pub(super) const SECRET_ACCESS_KEY: &str = "not-a-secret/of-the-quicksight-double";

/// The account and all that answers for it.
pub(super) struct Service {
    state: Mutex<State>,
}

impl Service {
    pub(super) fn new(state: State) -> Self {
        Self {
            state: Mutex::new(state),
        }
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Answers for Service {
    fn answer(&self, asked: &Asked) -> Answered {
        let mut state = self.state();
        answer(&mut state, asked)
    }
}

/// What is known of a request before its operation runs.
struct Routed {
    operation: &'static Operation,
    labels: BTreeMap<&'static str, String>,
}

fn answer(state: &mut State, asked: &Asked) -> Answered {
    let number = state.journal.number();
    let request_id = uuid(&mut state.random);
    let mut call = Call {
        number,
        operation: "?".to_owned(),
        labels: BTreeMap::new(),
        members: Vec::new(),
        is_write: false,
        took_effect: false,
        status: None,
        error: None,
        request_id: request_id.clone(),
    };
    let mut strike = None;
    let outcome = route(asked).and_then(|routed| {
        call.operation = routed.operation.name.to_owned();
        call.is_write = routed.operation.is_write();
        let labels = routed
            .labels
            .iter()
            .filter(|(name, _)| **name != "AwsAccountId");
        call.labels = labels
            .map(|(name, value)| ((*name).to_owned(), value.clone()))
            .collect();
        strike = state.faults.strike(routed.operation.name, call.is_write);
        if let Some(Strike {
            kind,
            after_effect: false,
        }) = strike
        {
            return Err(exception(kind));
        }
        perform(state, asked, &routed, &mut call)
    });
    call.took_effect = outcome.is_ok();
    let struck_after = strike.filter(|strike| strike.after_effect && outcome.is_ok());
    let outcome = match struck_after {
        Some(Strike {
            kind: FaultKind::Truncated | FaultKind::Cut,
            ..
        })
        | None => outcome,
        Some(Strike { kind, .. }) => Err(exception(kind)),
    };
    let sent = sent(state, outcome, &request_id, &mut call);
    let answered = match strike.filter(|strike| !strike.after_effect || call.took_effect) {
        Some(Strike {
            kind: FaultKind::Cut,
            ..
        }) => {
            call.status = None;
            call.error = None;
            Answered::Cut
        }
        Some(Strike {
            kind: FaultKind::Truncated,
            ..
        }) => Answered::Truncated(sent),
        _ => Answered::Whole(sent),
    };
    state.journal.calls.push(call);
    answered
}

fn uuid(random: &mut fastrand::Rng) -> String {
    let hex = format!("{:032x}", random.u128(..));
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

/// The exception of a fault; what only ends the connection has one that nobody sees.
fn exception(kind: FaultKind) -> ServiceError {
    match kind {
        FaultKind::Throttled => ServiceError::throttled(),
        FaultKind::Unavailable => ServiceError::unavailable(),
        FaultKind::Internal | FaultKind::Cut | FaultKind::Truncated => {
            ServiceError::internal("on purpose")
        }
    }
}

fn route(asked: &Asked) -> Result<Routed, ServiceError> {
    let segments: Vec<String> = asked
        .path
        .trim_start_matches('/')
        .split('/')
        .map(decode)
        .collect();
    Catalogue::get()
        .route(&asked.method, &segments)
        .map(|(operation, labels)| Routed { operation, labels })
        .ok_or_else(|| {
            ServiceError::unknown_operation(format!(
                "no operation is {} {}",
                asked.method, asked.path
            ))
        })
}

/// Everything between the route and the answer.
fn perform(
    state: &mut State,
    asked: &Asked,
    routed: &Routed,
    call: &mut Call,
) -> Result<Reply, ServiceError> {
    signed(state, asked)?;
    let account = routed.labels.get("AwsAccountId");
    if account.is_some_and(|account| *account != state.options.account_id) {
        return Err(ServiceError::denied(format!(
            "account {} is not ours",
            account.map_or("", String::as_str)
        )));
    }
    let name = routed.operation.name;
    if state.denied.contains(name) {
        return Err(ServiceError::denied(format!(
            "nobody may call quicksight:{name} here"
        )));
    }
    if !asked.body.is_empty() {
        let content_type = asked
            .headers
            .iter()
            .find(|(name, _)| name == "content-type");
        if !content_type.is_some_and(|(_, value)| value.starts_with("application/json")) {
            return Err(ServiceError::serialization(
                "the body is not said to be application/json",
            ));
        }
    }
    let input = Input::read(
        routed.operation,
        &routed.labels,
        &pairs(&asked.query),
        &asked.body,
        state.options.refuses_unknown_members,
    )?;
    call.members = input.body_members().map(str::to_owned).collect();
    state.settle();
    let outcome = run(state, name, &input);
    // The request that begins the work does not find it in progress.
    let begins = outcome.is_ok() && (name.starts_with("Create") || name.starts_with("Update"));
    if !begins {
        state.poll(&input);
    }
    match outcome {
        Err(error) if !is_modelled(routed.operation, &error) => {
            Err(ServiceError::internal(format!(
                "{name} models no {}Exception, which would say: {}",
                error.code, error.message
            )))
        }
        outcome => outcome,
    }
}

/// Whether the model lets the operation say this.
fn is_modelled(operation: &Operation, error: &ServiceError) -> bool {
    error.code == "Serialization" || operation.errors.contains(&error.code)
}

fn signed(state: &State, asked: &Asked) -> Result<(), ServiceError> {
    let request = Signed {
        method: &asked.method,
        path: &asked.path,
        query: &asked.query,
        headers: &asked.headers,
        body: &asked.body,
    };
    let signer = Signer {
        access_key_id: ACCESS_KEY_ID,
        secret_access_key: SECRET_ACCESS_KEY,
        region: &state.options.region,
        is_exact: state.options.verifies_signatures,
    };
    verify(&request, &signer)
}

fn sent(
    state: &State,
    outcome: Result<Reply, ServiceError>,
    request_id: &str,
    call: &mut Call,
) -> Sent {
    let mut headers = vec![("x-amzn-RequestId", request_id.to_owned())];
    let (status, mut body) = match outcome {
        Ok(reply) => {
            let mut body = reply.body;
            if reply.shows_status {
                body = body.number("Status", reply.status);
            }
            (reply.status, body.text("RequestId", request_id))
        }
        Err(error) => {
            call.error = Some(error.code.to_owned());
            headers.push((
                "x-amzn-ErrorType",
                format!(
                    "{}Exception:http://internal.example/quicksight/",
                    error.code
                ),
            ));
            (error.status, error.body(request_id))
        }
    };
    if state.options.adds_unknown_members {
        body = body.with_unknown_members();
    }
    call.status = Some(status);
    Sent {
        status,
        headers,
        body: body.to_string(),
    }
}

/// The operation of a name of the catalogue.
fn run(state: &mut State, name: &str, input: &Input) -> Result<Reply, ServiceError> {
    match name {
        "ListDashboards" => dashboard::list(state, input),
        "SearchDashboards" => search::search(state, Kind::Dashboard, input),
        "DescribeDashboard" => dashboard::describe(state, input),
        "DescribeDashboardDefinition" => dashboard::definition(state, input),
        "CreateDashboard" => dashboard::create(state, input),
        "UpdateDashboard" => dashboard::update(state, input),
        "UpdateDashboardPublishedVersion" => dashboard::publish(state, input),
        "ListDashboardVersions" => dashboard::versions(state, input),
        "DeleteDashboard" => dashboard::delete(state, input),
        "DescribeDashboardPermissions" => permissions::describe(state, Kind::Dashboard, input),
        "UpdateDashboardPermissions" => permissions::change(state, Kind::Dashboard, input),
        "UpdateDashboardLinks" => dashboard::set_links(state, input),

        "ListAnalyses" => analysis::list(state, input),
        "SearchAnalyses" => search::search(state, Kind::Analysis, input),
        "DescribeAnalysis" => analysis::describe(state, input),
        "DescribeAnalysisDefinition" => analysis::describe_definition(state, input),
        "CreateAnalysis" => analysis::create(state, input),
        "UpdateAnalysis" => analysis::update(state, input),
        "DeleteAnalysis" => analysis::delete(state, input),
        "RestoreAnalysis" => analysis::restore(state, input),
        "DescribeAnalysisPermissions" => permissions::describe(state, Kind::Analysis, input),
        "UpdateAnalysisPermissions" => permissions::change(state, Kind::Analysis, input),

        "ListThemes" => theme::list(state, input),
        "DescribeTheme" => theme::describe(state, input),
        "CreateTheme" => theme::create(state, input),
        "UpdateTheme" => theme::update(state, input),
        "DeleteTheme" => theme::delete(state, input),
        "ListThemeVersions" => theme::list_versions(state, input),
        "DescribeThemePermissions" => permissions::describe(state, Kind::Theme, input),
        "UpdateThemePermissions" => permissions::change(state, Kind::Theme, input),

        "ListDataSets" => data_set::list(state, input),
        "SearchDataSets" => search::search(state, Kind::DataSet, input),
        "DescribeDataSet" => data_set::describe(state, input),
        "CreateDataSet" => data_set::create(state, input),
        "UpdateDataSet" => data_set::update(state, input),
        "DeleteDataSet" => data_set::delete(state, input),
        "DescribeDataSetPermissions" => permissions::describe(state, Kind::DataSet, input),
        "UpdateDataSetPermissions" => permissions::change(state, Kind::DataSet, input),
        "PutDataSetRefreshProperties" => data_set::put_properties(state, input),
        "DescribeDataSetRefreshProperties" => data_set::describe_properties(state, input),
        "DeleteDataSetRefreshProperties" => data_set::delete_properties(state, input),
        "CreateRefreshSchedule" => data_set::create_schedule(state, input),
        "UpdateRefreshSchedule" => data_set::update_schedule(state, input),
        "DescribeRefreshSchedule" => data_set::describe_schedule(state, input),
        "ListRefreshSchedules" => data_set::list_schedules(state, input),
        "DeleteRefreshSchedule" => data_set::delete_schedule(state, input),
        "CreateIngestion" => data_set::ingest(state, input),
        "DescribeIngestion" => data_set::describe_ingestion(state, input),
        "ListIngestions" => data_set::list_ingestions(state, input),
        "CancelIngestion" => data_set::cancel(state, input),

        "ListDataSources" => datasource::list(state, input),
        "SearchDataSources" => search::search(state, Kind::DataSource, input),
        "DescribeDataSource" => datasource::describe(state, input),
        "CreateDataSource" => datasource::create(state, input),
        "UpdateDataSource" => datasource::update(state, input),
        "DeleteDataSource" => datasource::delete(state, input),
        "DescribeDataSourcePermissions" => permissions::describe(state, Kind::DataSource, input),
        "UpdateDataSourcePermissions" => permissions::change(state, Kind::DataSource, input),

        "ListFolders" => folder::list(state, input),
        "SearchFolders" => search::search(state, Kind::Folder, input),
        "DescribeFolder" => folder::describe(state, input),
        "CreateFolder" => folder::create(state, input),
        "UpdateFolder" => folder::update(state, input),
        "DeleteFolder" => folder::delete(state, input),
        "ListFolderMembers" => folder::list_members(state, input),
        "CreateFolderMembership" => folder::add_member(state, input),
        "DeleteFolderMembership" => folder::remove_member(state, input),
        "ListFoldersForResource" => folder::of_resource(state, input),
        "DescribeFolderPermissions" => permissions::describe(state, Kind::Folder, input),
        "UpdateFolderPermissions" => permissions::change(state, Kind::Folder, input),

        "ListTagsForResource" => tags::list(state, input),
        "TagResource" => tags::tag(state, input),
        "UntagResource" => tags::untag(state, input),

        "ListVPCConnections" => vpc::list(state, input),
        "DescribeVPCConnection" => vpc::describe(state, input),
        "ListNamespaces" => identity::list_namespaces(state, input),
        "ListUsers" => identity::list_users(state, input),
        "ListGroups" => identity::list_groups(state, input),
        "DescribeUser" => identity::describe_user(state, input),
        "DescribeGroup" => identity::describe_group(state, input),
        "DescribeAccountSubscription" => Ok(identity::account_subscription()),
        "DescribeAccountSettings" => Ok(identity::account_settings()),
        _ => Err(ServiceError::unknown_operation(format!(
            "the double has no {name}"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_operation_of_the_tables_is_answered() {
        let source = include_str!("service.rs");
        for operation in &Catalogue::get().operations {
            assert!(
                source.contains(&format!("\"{}\" =>", operation.name)),
                "{}",
                operation.name
            );
        }
    }
}
