//! What can go wrong, told without a single value of a secret.
//!
//! Nothing here holds an error of `serde_json`, of the AWS SDK or of a UTF-8
//! check: all three repeat the text they were given. What is kept is an
//! enumeration, fixed texts, identifiers, and the service's own codes.

use std::fmt;

use crate::{
    id::{SecretId, Stage},
    raw::{Location, Origin},
};

/// Why credentials could not be had, or may not be used.
///
/// No variant carries a value from a secret, so `Display` and `Debug` may be
/// logged. There is never a `source()`: see the crate page for why.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The source did not hand out the secret.
    #[error("fetch secret `{id}` ({stage}) from {location}: {kind}{}", ShowReply(.reply.as_deref()))]
    #[non_exhaustive]
    Fetch {
        /// The secret asked for.
        id: SecretId,
        /// The stage asked for.
        stage: Stage,
        /// Where it was looked for.
        location: Location,
        /// The class of the failure.
        kind: ErrorKind,
        /// What the service said about it, if one was asked.
        reply: Option<Box<ServiceReply>>,
    },

    /// The secret was read, but does not describe a database login.
    #[error("use secret {origin}: {}", ShowProblems(.problems))]
    #[non_exhaustive]
    Malformed {
        /// Where the secret came from.
        origin: Box<Origin>,
        /// Everything that is wrong with it, in a fixed order.
        problems: Vec<Problem>,
    },

    /// The target rules forbid this host or database.
    #[error("connect: the {subject} {refusal}")]
    #[non_exhaustive]
    Refused {
        /// Which part of the target was refused.
        subject: Subject,
        /// The pattern that refused it, or those of which none allowed it.
        refusal: Refusal,
    },

    /// A setting of this crate's own is unusable.
    #[error("configure credentials: the {setting} {reason}")]
    #[non_exhaustive]
    Config {
        /// The setting.
        setting: &'static str,
        /// What is wrong with it.
        reason: &'static str,
    },
}

impl Error {
    /// An error for an own [`SecretSource`](crate::SecretSource) to return.
    ///
    /// Choose the kind with care: [`ErrorKind::NotFound`] lets a
    /// [`Chain`](crate::Chain) go on to its next source, the
    /// [outages](ErrorKind::is_outage) let a cache serve what it has.
    pub fn fetch(kind: ErrorKind, location: Location, id: &SecretId, stage: &Stage) -> Self {
        Self::Fetch {
            id: id.clone(),
            stage: stage.clone(),
            location,
            kind,
            reply: None,
        }
    }

    /// The class of the error: what to decide by.
    pub fn kind(&self) -> ErrorKind {
        match self {
            Self::Fetch { kind, .. } => *kind,
            Self::Malformed { .. } => ErrorKind::Malformed,
            Self::Refused { .. } => ErrorKind::Refused,
            Self::Config { .. } => ErrorKind::Config,
        }
    }

    /// Whether the same call may succeed later with nothing changed by hand.
    ///
    /// The AWS SDK has already made its own attempts by then (three by default).
    pub fn is_retryable(&self) -> bool {
        matches!(
            self.kind(),
            ErrorKind::Throttled | ErrorKind::Unreachable | ErrorKind::Service
        )
    }

    /// One sentence for the person who has to put it right.
    pub fn remedy(&self) -> Option<&str> {
        match self {
            Self::Fetch { kind, location, .. } => kind.remedy(location),
            Self::Malformed { .. } => Some(
                "correct the named keys of the secret, or supply host, port and database by configuration",
            ),
            Self::Refused { .. } => Some(
                "check that the secret names the intended server; change the rule only if it does",
            ),
            Self::Config { .. } => None,
        }
    }

    /// Everything wrong with the secret; empty for other errors.
    pub fn problems(&self) -> &[Problem] {
        match self {
            Self::Malformed { problems, .. } => problems,
            _ => &[],
        }
    }
}

/// Classes of errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ErrorKind {
    /// There is no such secret, or no version of it has the stage.
    NotFound,
    /// The secret is scheduled for deletion, or its state forbids reading.
    Deleted,
    /// The caller may not read the secret.
    AccessDenied,
    /// The KMS key could not be used to decrypt the secret.
    Kms,
    /// No AWS credentials were found, or they are expired or invalid.
    NoCredentials,
    /// The service limits the rate of calls.
    Throttled,
    /// No answer: name resolution, connection or time-out.
    Unreachable,
    /// The service failed, or its answer could not be understood.
    Service,
    /// A local secret could be read by other users of the machine.
    Insecure,
    /// The secret does not describe a database login.
    Malformed,
    /// The target rules forbid the host or the database.
    Refused,
    /// A setting is unusable.
    Config,
}

impl ErrorKind {
    /// Whether the source could not be asked, as opposed to having answered no.
    ///
    /// In an outage a cache goes on serving its last value within bounds.
    pub fn is_outage(self) -> bool {
        matches!(
            self,
            Self::Throttled | Self::Unreachable | Self::Service | Self::NoCredentials
        )
    }

    fn remedy(self, location: &Location) -> Option<&'static str> {
        let aws = matches!(location, Location::SecretsManager);
        Some(match (self, location) {
            (Self::NotFound, Location::SecretsManager) => {
                "check the name, the region and the account (a full ARN names all three), and that a version has this stage"
            }
            (Self::NotFound, Location::File { .. }) => "check the path of the credentials file",
            (Self::NotFound, Location::Environment { .. }) => {
                "set the variables that end in _USERNAME and _PASSWORD"
            }
            (Self::NotFound, _) => "check the name of the secret and the configured sources",
            (Self::Deleted, _) => {
                "restore the secret if it is scheduled for deletion, or name its successor"
            }
            (Self::AccessDenied, Location::SecretsManager) => {
                "grant secretsmanager:GetSecretValue on this secret to the role the job runs as"
            }
            (Self::AccessDenied, Location::File { .. }) => {
                "make the user that runs the job the owner of the file"
            }
            (Self::Kms, _) => {
                "grant kms:Decrypt on the secret's key to the role the job runs as, and check that the key is enabled"
            }
            (Self::NoCredentials, _) => {
                "attach a role or configure a profile; in a container on EC2, the instance's metadata hop limit must be 2 or more"
            }
            (Self::Throttled, _) => {
                "read the secret less often: share one cache between connections"
            }
            (Self::Unreachable, _) if aws => {
                "check the region, the route to the service (NAT or VPC endpoint with its security group) and the proxy settings"
            }
            (Self::Service, _) if aws => {
                "try again; if it lasts, give the request id to AWS support"
            }
            (Self::Insecure, _) => {
                "run `chmod 600` on the file, so that only its owner can read it"
            }
            (Self::Config, Location::SecretsManager) => {
                "configure a region or give a full ARN, and check the spelling of name and stage"
            }
            (Self::Config, Location::File { .. }) => "name a regular file of at most 64 KiB",
            _ => return None,
        })
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotFound => "not found",
            Self::Deleted => "deleted or in a state that forbids reading",
            Self::AccessDenied => "access denied",
            Self::Kms => "the encryption key could not be used",
            Self::NoCredentials => "no usable AWS credentials",
            Self::Throttled => "throttled",
            Self::Unreachable => "unreachable",
            Self::Service => "the service failed or its answer was not understood",
            Self::Insecure => "readable by other users",
            Self::Malformed => "malformed",
            Self::Refused => "refused by a target rule",
            Self::Config => "the request is not valid",
        })
    }
}

/// What a service said when it failed: the parts of its answer that are safe to show.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServiceReply {
    /// Its error code, such as `ResourceNotFoundException`.
    pub code: Option<String>,
    /// The HTTP status.
    pub status: Option<u16>,
    /// The request id, which AWS support asks for.
    pub request_id: Option<String>,
}

struct ShowReply<'a>(Option<&'a ServiceReply>);

impl fmt::Display for ShowReply<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(reply) = self.0 else { return Ok(()) };
        let mut open = " (";
        if let Some(code) = &reply.code {
            write!(f, "{open}{code}")?;
            open = ", ";
        }
        if let Some(status) = reply.status {
            write!(f, "{open}http status {status}")?;
            open = ", ";
        }
        if let Some(id) = &reply.request_id {
            write!(f, "{open}request id {id}")?;
            open = ", ";
        }
        if open == ", " {
            f.write_str(")")
        } else {
            Ok(())
        }
    }
}

/// One thing that is wrong with a secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Problem {
    /// The key concerned, or `secret` for the whole text.
    pub key: &'static str,
    /// The class of the problem.
    pub fault: Fault,
    /// What was expected; a fixed text, so that it cannot hold a value.
    pub expected: &'static str,
}

impl Problem {
    pub(crate) const fn new(key: &'static str, fault: Fault, expected: &'static str) -> Self {
        Self {
            key,
            fault,
            expected,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            key,
            fault,
            expected,
        } = self;
        write!(f, "{key}: {fault} ({expected})")
    }
}

struct ShowProblems<'a>(&'a [Problem]);

impl fmt::Display for ShowProblems<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{problem}")?;
        }
        Ok(())
    }
}

/// Classes of problems with a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Fault {
    /// A required key is absent or null, and configuration does not supply it.
    Missing,
    /// The value has another JSON type.
    WrongType,
    /// The value is an empty text.
    Empty,
    /// The value is of the right type but not acceptable.
    OutOfRange,
    /// Two statements of the same thing differ.
    Conflict,
    /// The text is not a JSON object.
    NotJson,
    /// The bytes are not UTF-8.
    Binary,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "missing",
            Self::WrongType => "wrong type",
            Self::Empty => "empty",
            Self::OutOfRange => "not acceptable",
            Self::Conflict => "conflict",
            Self::NotJson => "not JSON",
            Self::Binary => "binary",
        })
    }
}

/// The part of a target that a rule speaks of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Subject {
    /// The server's name or address.
    Host,
    /// The database (schema).
    Database,
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Host => "host",
            Self::Database => "database",
        })
    }
}

/// Which rule refused a target. It names patterns, which come from
/// configuration, and never the host or database, which come from the secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Refusal {
    /// A deny pattern matches.
    #[non_exhaustive]
    Denied {
        /// The pattern as it was written.
        pattern: String,
    },
    /// There are allow patterns and none matches.
    #[non_exhaustive]
    NotAllowed {
        /// The patterns as they were written.
        patterns: Vec<String>,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Denied { pattern } => write!(f, "is denied by the pattern `{pattern}`"),
            Self::NotAllowed { patterns } => {
                f.write_str("matches none of the allowed patterns")?;
                for (index, pattern) in patterns.iter().enumerate() {
                    let separator = if index == 0 { " " } else { ", " };
                    write!(f, "{separator}`{pattern}`")?;
                }
                Ok(())
            }
        }
    }
}
