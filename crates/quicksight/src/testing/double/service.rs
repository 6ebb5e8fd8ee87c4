//! From a request to its answer: signature, route, faults, checks, the operation, the journal.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::faults::{FaultKind, Strike};
use super::journal::Call;
use super::operations::run;
use super::protocol::catalogue::{Catalogue, Operation};
use super::protocol::sigv4::{Signed, Signer, verify};
use super::protocol::{Input, Reply, ServiceError};
use super::server::{Answered, Answers, Asked, Sent, decode, pairs};
use super::state::State;

/// The key which the double takes.
pub(super) const ACCESS_KEY_ID: &str = "AKIDQUICKSIGHTDOUBLE";
/// Its secret, which protects nothing.
pub(super) const SECRET_ACCESS_KEY: &str = "not-a-secret/of-the-quicksight-double";

/// The operations after which an asset is new.
const MAKES_ASSETS: [&str; 6] = [
    "CreateDashboard",
    "CreateAnalysis",
    "CreateDataSet",
    "CreateDataSource",
    "CreateTheme",
    "CreateFolder",
];

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
        FaultKind::Conflict => ServiceError::conflict("on purpose"),
        FaultKind::LimitExceeded => ServiceError::limit("ACCOUNT", "on purpose"),
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
    if !routed.operation.is_write() {
        state.lag(&input)?;
    }
    let outcome = run(state, name, &input);
    if outcome.is_ok() && MAKES_ASSETS.contains(&name) {
        state.begin_lag(&input);
    }
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
        access_key_id: &state.options.access_key_id,
        secret_access_key: &state.options.secret_access_key,
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
