//! A Secrets Manager in process: `GetSecretValue` and `DescribeSecret`, as AWS answers
//! them.
//!
//! Secrets are found by name, by full ARN and by an ARN without its random
//! suffix; values by version stage or version id. The request must be signed for
//! the service `secretsmanager` with the harness's access key; the signature
//! itself is not computed again.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use anyhow::Result;
use aws_smithy_types::base64;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::http::HeaderMap;
use hyper::{Request, Response, StatusCode};
use serde_json::{Value, json};

use crate::http::{Answer, AnswerFuture, Handler, HttpServer};
use crate::s3::{ACCESS_KEY, Endpoint, REGION};

const ACCOUNT: &str = "123456789012";
const GET: &str = "secretsmanager.GetSecretValue";
const DESCRIBE: &str = "secretsmanager.DescribeSecret";
/// 14 November 2023.
const CREATED: f64 = 1_700_000_000.0;

/// What a secret holds.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretValue {
    /// `SecretString`.
    Text(String),
    /// `SecretBinary`.
    Binary(Vec<u8>),
}

impl From<&str> for SecretValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for SecretValue {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl std::fmt::Debug for SecretValue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SecretValue(..)")
    }
}

/// An error of the service, on demand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SecretFault {
    /// The caller's policy does not allow it.
    AccessDenied,
    /// The KMS key cannot be used.
    DecryptionFailure,
    /// Too many calls.
    Throttling,
    /// The service failed; status 500.
    InternalServiceError,
    /// No answer at all.
    Disconnect,
}

/// A call of `GetSecretValue`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct SecretCall {
    /// The id as it was asked for.
    pub secret_id: String,
    /// The stage, if one was named.
    pub stage: Option<String>,
    /// The error's type, or nothing.
    pub outcome: Result<(), String>,
}

/// A Secrets Manager without a port; see [`SecretsManagerServer`] and
/// [`AwsDouble`](crate::aws::AwsDouble).
#[derive(Debug, Default)]
pub struct SecretsManagerDouble {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    secrets: BTreeMap<String, Secret>,
    /// The fault and how many calls it still befalls.
    fault: Option<(SecretFault, usize)>,
    calls: Vec<SecretCall>,
    versions: u32,
    /// Whether `DescribeSecret` is refused.
    undescribed: bool,
    /// How often `DescribeSecret` was called.
    descriptions: usize,
}

#[derive(Debug)]
struct Secret {
    arn: String,
    deleted: bool,
    versions: Vec<Version>,
}

#[derive(Debug)]
struct Version {
    id: String,
    stages: BTreeSet<String>,
    value: SecretValue,
}

impl SecretsManagerDouble {
    /// Stores a value as AWSCURRENT; the one before becomes AWSPREVIOUS. Returns
    /// the secret's ARN.
    pub fn put(&self, name: &str, value: impl Into<SecretValue>) -> String {
        self.put_staged(name, "AWSCURRENT", value)
    }

    /// Stores a value under a stage, taken from the version that bore it before.
    /// Returns the secret's ARN.
    pub fn put_staged(&self, name: &str, stage: &str, value: impl Into<SecretValue>) -> String {
        let mut state = self.state();
        state.versions += 1;
        let id = format!("00000000-0000-4000-8000-{:012}", state.versions);
        let secret = state
            .secrets
            .entry(name.to_owned())
            .or_insert_with(|| Secret {
                arn: format!(
                    "arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}-{}",
                    suffix(name)
                ),
                deleted: false,
                versions: Vec::new(),
            });
        if stage == "AWSCURRENT" {
            for version in &mut secret.versions {
                version.stages.remove("AWSPREVIOUS");
            }
        }
        for version in &mut secret.versions {
            if version.stages.remove(stage) && stage == "AWSCURRENT" {
                version.stages.insert("AWSPREVIOUS".to_owned());
            }
        }
        let stages = BTreeSet::from([stage.to_owned()]);
        secret.versions.push(Version {
            id,
            stages,
            value: value.into(),
        });
        secret.arn.clone()
    }

    /// Marks a secret for deletion: it exists, but its values are not given out.
    pub fn delete(&self, name: &str) {
        if let Some(secret) = self.state().secrets.get_mut(name) {
            secret.deleted = true;
        }
    }

    /// Fails the next `calls` calls.
    pub fn fail(&self, fault: SecretFault, calls: usize) {
        self.state().fault = Some((fault, calls));
    }

    /// Lets no caller describe a secret: a policy that allows its value alone.
    pub fn deny_descriptions(&self) {
        self.state().undescribed = true;
    }

    /// All calls of `GetSecretValue` so far.
    #[must_use]
    pub fn calls(&self) -> Vec<SecretCall> {
        self.state().calls.clone()
    }

    /// How often `DescribeSecret` was called so far.
    #[must_use]
    pub fn descriptions(&self) -> usize {
        self.state().descriptions
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, headers: &HeaderMap, body: &[u8]) -> Answer {
        let mut state = self.state();
        let request: Value = serde_json::from_slice(body).unwrap_or_default();
        let field = |name: &str| request.get(name).and_then(Value::as_str).map(str::to_owned);
        let secret_id = field("SecretId").unwrap_or_default();
        let stage = field("VersionStage");
        let result = check_signature(headers)
            .and_then(|()| state.take_fault())
            .and_then(|()| {
                state.value(&secret_id, stage.as_deref(), field("VersionId").as_deref())
            });
        let outcome = result
            .as_ref()
            .map(|_| ())
            .map_err(|failure| failure.kind.to_owned());
        state.calls.push(SecretCall {
            secret_id,
            stage,
            outcome,
        });
        let request_id = format!("00000000-0000-4000-9000-{:012}", state.calls.len());
        respond(result, &request_id)
    }

    fn description(&self, headers: &HeaderMap, body: &[u8]) -> Answer {
        let mut state = self.state();
        state.descriptions += 1;
        let request: Value = serde_json::from_slice(body).unwrap_or_default();
        let id = request["SecretId"].as_str().unwrap_or_default();
        let result = check_signature(headers).and_then(|()| {
            if state.undescribed {
                return Err(Failure::new(
                    "AccessDeniedException",
                    "User: arn:aws:iam::123456789012:user/test is not authorized to perform: \
                     secretsmanager:DescribeSecret",
                ));
            }
            state.description(id)
        });
        respond(result, "00000000-0000-4000-b000-000000000000")
    }
}

fn respond(result: Result<Value, Failure>, request_id: &str) -> Answer {
    let (status, body) = match result {
        Ok(value) => (StatusCode::OK, value),
        Err(failure) if failure.kind == DISCONNECT => return None,
        Err(failure) => (
            failure.status,
            json!({"__type": failure.kind, "Message": failure.message}),
        ),
    };
    Response::builder()
        .status(status)
        .header("content-type", "application/x-amz-json-1.1")
        .header("x-amzn-requestid", request_id)
        .body(s3s::Body::from(body.to_string()))
        .ok()
}

/// Stands for no answer among the error types.
const DISCONNECT: &str = "";

struct Failure {
    status: StatusCode,
    kind: &'static str,
    message: String,
}

impl Failure {
    fn new(kind: &'static str, message: impl Into<String>) -> Self {
        // Of this protocol's errors even a refused access has status 400.
        Self {
            status: StatusCode::BAD_REQUEST,
            kind,
            message: message.into(),
        }
    }
}

impl State {
    fn take_fault(&mut self) -> Result<(), Failure> {
        let fault = match &mut self.fault {
            Some((fault, left)) if *left > 0 => {
                *left -= 1;
                *fault
            }
            _ => return Ok(()),
        };
        Err(match fault {
            SecretFault::AccessDenied => Failure::new(
                "AccessDeniedException",
                "User: arn:aws:iam::123456789012:user/test is not authorized to perform: \
                 secretsmanager:GetSecretValue because no identity-based policy allows it",
            ),
            SecretFault::DecryptionFailure => Failure::new(
                "DecryptionFailure",
                "Secrets Manager can't decrypt the protected secret text using the provided KMS key.",
            ),
            SecretFault::Throttling => Failure::new("ThrottlingException", "Rate exceeded"),
            SecretFault::InternalServiceError => Failure {
                status: StatusCode::INTERNAL_SERVER_ERROR,
                ..Failure::new(
                    "InternalServiceError",
                    "An error occurred on the server side.",
                )
            },
            SecretFault::Disconnect => Failure::new(DISCONNECT, ""),
        })
    }

    fn find(&self, id: &str) -> Result<(&String, &Secret), Failure> {
        self.secrets
            .iter()
            .find(|(name, secret)| *name == id || secret.is_named_by_arn(id))
            .ok_or_else(|| {
                Failure::new(
                    "ResourceNotFoundException",
                    "Secrets Manager can't find the specified secret.",
                )
            })
    }

    /// A description is given of a deleted secret too, and without a value.
    fn description(&self, id: &str) -> Result<Value, Failure> {
        let (name, secret) = self.find(id)?;
        let versions: BTreeMap<&String, &BTreeSet<String>> = secret
            .versions
            .iter()
            .filter(|version| !version.stages.is_empty())
            .map(|version| (&version.id, &version.stages))
            .collect();
        let mut answer = json!({
            "ARN": secret.arn,
            "Name": name,
            "CreatedDate": CREATED,
            "LastChangedDate": CREATED,
            "RotationEnabled": false,
            "VersionIdsToStages": versions,
        });
        if secret.deleted {
            answer["DeletedDate"] = json!(CREATED);
        }
        Ok(answer)
    }

    fn value(
        &self,
        id: &str,
        stage: Option<&str>,
        version: Option<&str>,
    ) -> Result<Value, Failure> {
        let (name, secret) = self.find(id)?;
        if secret.deleted {
            return Err(Failure::new(
                "InvalidRequestException",
                "You can't perform this operation on the secret because it was marked for deletion.",
            ));
        }
        let stage = stage.or_else(|| version.is_none().then_some("AWSCURRENT"));
        let found = secret.versions.iter().find(|candidate| {
            stage.is_none_or(|stage| candidate.stages.contains(stage))
                && version.is_none_or(|version| candidate.id == version)
        });
        let found = found.ok_or_else(|| {
            let label = stage.or(version).unwrap_or_default();
            Failure::new(
                "ResourceNotFoundException",
                format!("Secrets Manager can't find the specified secret value for staging label: {label}"),
            )
        })?;
        let mut answer = json!({
            "ARN": secret.arn,
            "Name": name,
            "VersionId": found.id,
            "VersionStages": found.stages,
            "CreatedDate": CREATED,
        });
        match &found.value {
            SecretValue::Text(text) => answer["SecretString"] = json!(text),
            SecretValue::Binary(bytes) => answer["SecretBinary"] = json!(base64::encode(bytes)),
        }
        Ok(answer)
    }
}

impl Secret {
    fn is_named_by_arn(&self, id: &str) -> bool {
        let without_suffix = self.arn.rsplit_once('-').map(|(front, _)| front);
        id == self.arn || Some(id) == without_suffix
    }
}

/// Six letters, the same for the same name.
fn suffix(name: &str) -> String {
    let seed = name.bytes().fold(7_u64, |hash, byte| {
        hash.wrapping_mul(31).wrapping_add(byte.into())
    });
    let mut random = fastrand::Rng::with_seed(seed);
    (0..6).map(|_| random.alphanumeric()).collect()
}

fn check_signature(headers: &HeaderMap) -> Result<(), Failure> {
    let header = headers
        .get("authorization")
        .and_then(|value| value.to_str().ok());
    let Some(header) = header else {
        return Err(Failure::new(
            "MissingAuthenticationTokenException",
            "Missing Authentication Token",
        ));
    };
    let scope = header
        .strip_prefix("AWS4-HMAC-SHA256 Credential=")
        .and_then(|rest| rest.split_once(',').map(|(scope, _)| scope))
        .unwrap_or_default();
    let signed = header.contains("Signature=") && header.contains("SignedHeaders=");
    match scope.split('/').collect::<Vec<_>>()[..] {
        [key, _date, _region, "secretsmanager", "aws4_request"] if signed && key == ACCESS_KEY => {
            Ok(())
        }
        [key, ..] if signed && key != ACCESS_KEY => Err(Failure::new(
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        )),
        _ => Err(Failure::new(
            "InvalidSignatureException",
            "Credential should be scoped to correct service: 'secretsmanager'.",
        )),
    }
}

impl Handler for SecretsManagerDouble {
    fn handle(self: Arc<Self>, request: Request<Incoming>) -> AnswerFuture {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.ok()?.to_bytes();
            let target = parts
                .headers
                .get("x-amz-target")
                .and_then(|target| target.to_str().ok());
            match target {
                Some(GET) => self.answer(&parts.headers, &body),
                Some(DESCRIBE) => self.description(&parts.headers, &body),
                _ => {
                    let answer = json!({"__type": "UnknownOperationException"});
                    let response = Response::builder().status(StatusCode::BAD_REQUEST);
                    response.body(s3s::Body::from(answer.to_string())).ok()
                }
            }
        })
    }
}

/// A [`SecretsManagerDouble`] on a port of its own.
#[derive(Debug)]
pub struct SecretsManagerServer {
    double: Arc<SecretsManagerDouble>,
    endpoint: Endpoint,
    _http: HttpServer,
}

impl SecretsManagerServer {
    /// Starts it, without secrets.
    ///
    /// # Errors
    ///
    /// Without a free port.
    pub fn start() -> Result<Self> {
        let double = Arc::<SecretsManagerDouble>::default();
        let http = HttpServer::start(Arc::<SecretsManagerDouble>::clone(&double))?;
        Ok(Self {
            double,
            endpoint: Endpoint::new(http.url()),
            _http: http,
        })
    }

    /// Where it is and how to be let in.
    #[must_use]
    pub const fn endpoint(&self) -> &Endpoint {
        &self.endpoint
    }

    /// The double behind the port.
    #[must_use]
    pub fn secrets(&self) -> &SecretsManagerDouble {
        &self.double
    }
}
