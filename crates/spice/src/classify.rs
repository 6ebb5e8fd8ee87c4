//! Why a refresh failed, in a word: what to do about it, and whether to try again.

use std::fmt;

use datatransit_quicksight::{ApiError, ApiErrorKind};
use serde::{Deserialize, Serialize};

/// The class of a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum FailureClass {
    /// The database could not be reached, or did not answer in time.
    SourceUnreachable,
    /// The database or the service refused the login.
    Credentials,
    /// Somebody may not do something: the caller, or QuickSight at the source.
    Permission,
    /// SPICE is full, or the data set is larger than it may be.
    Capacity,
    /// The query, or what it brought: a missing table, another type, a bad value.
    Sql,
    /// Too many calls, of the service or of the source.
    Throttled,
    /// The service failed, or could not be reached.
    Internal,
    /// The refreshes of 24 hours are used up.
    Quota,
    /// There is no such data set, source or file any more, or nothing fits the selection.
    NotFound,
    /// The selection or the data set's settings: an ambiguous name, no refresh properties.
    Configuration,
    /// Another ingestion took its place.
    Superseded,
    /// Somebody cancelled it.
    Cancelled,
    /// More rows were dropped than are allowed.
    DroppedRows,
    /// What it is built on was not refreshed.
    Dependency,
    /// Time ran out.
    Deadline,
    /// A reason that this version of the crate does not know.
    Unknown,
}

impl FailureClass {
    /// The class of an ingestion's error, by the service's word.
    pub fn of_ingestion(kind: &str) -> Self {
        match kind {
            "CONNECTION_FAILURE"
            | "DATA_SOURCE_CONNECTION_FAILED"
            | "UNRESOLVABLE_HOST"
            | "UNROUTABLE_HOST"
            | "QUERY_TIMEOUT" => Self::SourceUnreachable,
            "SOURCE_API_LIMIT_EXCEEDED_FAILURE" | "SOURCE_RESOURCE_LIMIT_EXCEEDED" => {
                Self::Throttled
            }
            "INTERNAL_SERVICE_ERROR" => Self::Internal,
            "INGESTION_SUPERSEDED" | "REFRESH_SUPPRESSED_BY_EDIT" => Self::Superseded,
            "INGESTION_CANCELED" => Self::Cancelled,
            "ACCOUNT_CAPACITY_LIMIT_EXCEEDED"
            | "DATA_SET_SIZE_LIMIT_EXCEEDED"
            | "ROW_SIZE_LIMIT_EXCEEDED" => Self::Capacity,
            "PASSWORD_AUTHENTICATION_FAILURE"
            | "DATA_SOURCE_AUTH_FAILED"
            | "OAUTH_TOKEN_FAILURE"
            | "SSL_CERTIFICATE_VALIDATION_FAILURE" => Self::Credentials,
            "PERMISSION_DENIED"
            | "PERMISSION_NOT_FOUND"
            | "FAILURE_TO_ASSUME_ROLE"
            | "IAM_ROLE_NOT_AVAILABLE"
            | "S3_FILE_INACCESSIBLE" => Self::Permission,
            "SQL_TABLE_NOT_FOUND"
            | "SQL_SCHEMA_MISMATCH_ERROR"
            | "SQL_EXCEPTION"
            | "SQL_INVALID_PARAMETER_VALUE"
            | "SQL_NUMERIC_OVERFLOW"
            | "INVALID_DATE_FORMAT"
            | "INVALID_DATAPREP_SYNTAX"
            | "DUPLICATE_COLUMN_NAMES_FOUND"
            | "DATA_TOLERANCE_EXCEPTION"
            | "FAILURE_TO_PROCESS_JSON_FILE"
            | "CURSOR_NOT_ENABLED"
            | "ELASTICSEARCH_CURSOR_NOT_ENABLED" => Self::Sql,
            "DATA_SET_DELETED"
            | "DATA_SOURCE_NOT_FOUND"
            | "SPICE_TABLE_NOT_FOUND"
            | "S3_UPLOADED_FILE_DELETED"
            | "IOT_FILE_NOT_FOUND" => Self::NotFound,
            "INVALID_DATA_SOURCE_CONFIG"
            | "DATA_SET_NOT_SPICE"
            | "S3_MANIFEST_ERROR"
            | "IOT_DATA_SET_FILE_EMPTY"
            | "CUSTOMER_ERROR" => Self::Configuration,
            _ => Self::Unknown,
        }
    }

    /// The class of a call that failed.
    pub fn of_api(error: &ApiError) -> Self {
        match error.kind {
            ApiErrorKind::NotFound => Self::NotFound,
            ApiErrorKind::Throttled | ApiErrorKind::Conflict => Self::Throttled,
            ApiErrorKind::LimitExceeded => Self::Quota,
            ApiErrorKind::AccessDenied => Self::Permission,
            ApiErrorKind::NoCredentials => Self::Credentials,
            ApiErrorKind::Unreachable | ApiErrorKind::Service | ApiErrorKind::Malformed => {
                Self::Internal
            }
            ApiErrorKind::Invalid
            | ApiErrorKind::Edition
            | ApiErrorKind::AlreadyExists
            | ApiErrorKind::Unsupported
            | ApiErrorKind::InvalidToken => Self::Configuration,
            _ => Self::Unknown,
        }
    }

    /// Whether another attempt may go well with nothing changed by hand.
    pub fn may_retry(self) -> bool {
        matches!(
            self,
            Self::SourceUnreachable | Self::Throttled | Self::Internal | Self::Superseded
        )
    }

    /// What the reader can do about it, in one sentence.
    pub fn remedy(self) -> &'static str {
        match self {
            Self::SourceUnreachable => {
                "see that the database runs, and that its host, VPC connection and security groups let QuickSight in"
            }
            Self::Credentials => {
                "see that the data source's login (and the caller's AWS credentials) are those of today"
            }
            Self::Permission => {
                "grant the caller the action it names, or QuickSight's role the right to read the source"
            }
            Self::Capacity => "buy SPICE capacity, delete data sets, or load fewer rows",
            Self::Sql => {
                "mend the data set's query or columns: the source does not fit it any more"
            }
            Self::Throttled => "try again later, with fewer data sets at once",
            Self::Internal => "try again; if it stays, ask AWS support with the request id",
            Self::Quota => {
                "wait until the next slot frees, or let a schedule of the data set refresh it"
            }
            Self::NotFound => {
                "see that it exists in this account and region, and correct the selection"
            }
            Self::Configuration => {
                "correct the selection, or the data set's settings in QuickSight"
            }
            Self::Superseded => "look at the ingestion that took its place, or start it again",
            Self::Cancelled => "start it again, if it was not meant to be cancelled",
            Self::DroppedRows => {
                "mend the rows or the columns' types, or allow more by max_dropped_rows"
            }
            Self::Dependency => "mend the refresh of what it is built on, then start it again",
            Self::Deadline => {
                "give it more time, or see in QuickSight what it waits for; it may still complete"
            }
            Self::Unknown => "see the ingestion in QuickSight",
        }
    }

    /// The word in reports.
    pub fn word(self) -> &'static str {
        match self {
            Self::SourceUnreachable => "source-unreachable",
            Self::Credentials => "credentials",
            Self::Permission => "permission",
            Self::Capacity => "capacity",
            Self::Sql => "sql",
            Self::Throttled => "throttled",
            Self::Internal => "internal",
            Self::Quota => "quota",
            Self::NotFound => "not-found",
            Self::Configuration => "configuration",
            Self::Superseded => "superseded",
            Self::Cancelled => "cancelled",
            Self::DroppedRows => "dropped-rows",
            Self::Dependency => "dependency",
            Self::Deadline => "deadline",
            Self::Unknown => "unknown",
        }
    }
}

impl fmt::Display for FailureClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A failure, as reports tell it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Failure {
    /// Its class.
    pub class: FailureClass,
    /// The service's word, if it had one: `SQL_EXCEPTION`, `AccessDeniedException`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What went wrong.
    pub message: String,
    /// What can be done about it.
    pub remedy: String,
    /// Whether another attempt may go well with nothing changed by hand.
    pub may_retry: bool,
}

impl Failure {
    /// A failure of this class, with the class's remedy.
    pub fn new(class: FailureClass, message: impl Into<String>) -> Self {
        Self {
            class,
            code: None,
            message: message.into(),
            remedy: class.remedy().to_owned(),
            may_retry: class.may_retry(),
        }
    }

    /// Sets the service's word.
    #[must_use]
    pub fn with_code(mut self, code: Option<String>) -> Self {
        self.code = code;
        self
    }

    /// What to do in place of what the class says.
    #[must_use]
    pub fn with_remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }

    /// A call that failed.
    pub fn of_api(error: &ApiError) -> Self {
        Self::new(FailureClass::of_api(error), error.to_string())
            .with_code(error.code.as_deref().map(str::to_owned))
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.class, self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every `ErrorInfo.Type` of the service's model.
    const KINDS: &[(&str, FailureClass)] = &[
        ("FAILURE_TO_ASSUME_ROLE", FailureClass::Permission),
        ("INGESTION_SUPERSEDED", FailureClass::Superseded),
        ("INGESTION_CANCELED", FailureClass::Cancelled),
        ("DATA_SET_DELETED", FailureClass::NotFound),
        ("DATA_SET_NOT_SPICE", FailureClass::Configuration),
        ("S3_UPLOADED_FILE_DELETED", FailureClass::NotFound),
        ("S3_MANIFEST_ERROR", FailureClass::Configuration),
        ("DATA_TOLERANCE_EXCEPTION", FailureClass::Sql),
        ("SPICE_TABLE_NOT_FOUND", FailureClass::NotFound),
        ("DATA_SET_SIZE_LIMIT_EXCEEDED", FailureClass::Capacity),
        ("ROW_SIZE_LIMIT_EXCEEDED", FailureClass::Capacity),
        ("ACCOUNT_CAPACITY_LIMIT_EXCEEDED", FailureClass::Capacity),
        ("CUSTOMER_ERROR", FailureClass::Configuration),
        ("DATA_SOURCE_NOT_FOUND", FailureClass::NotFound),
        ("IAM_ROLE_NOT_AVAILABLE", FailureClass::Permission),
        ("CONNECTION_FAILURE", FailureClass::SourceUnreachable),
        ("SQL_TABLE_NOT_FOUND", FailureClass::Sql),
        ("PERMISSION_DENIED", FailureClass::Permission),
        (
            "SSL_CERTIFICATE_VALIDATION_FAILURE",
            FailureClass::Credentials,
        ),
        ("OAUTH_TOKEN_FAILURE", FailureClass::Credentials),
        ("SOURCE_API_LIMIT_EXCEEDED_FAILURE", FailureClass::Throttled),
        ("PASSWORD_AUTHENTICATION_FAILURE", FailureClass::Credentials),
        ("SQL_SCHEMA_MISMATCH_ERROR", FailureClass::Sql),
        ("INVALID_DATE_FORMAT", FailureClass::Sql),
        ("INVALID_DATAPREP_SYNTAX", FailureClass::Sql),
        ("SOURCE_RESOURCE_LIMIT_EXCEEDED", FailureClass::Throttled),
        ("SQL_INVALID_PARAMETER_VALUE", FailureClass::Sql),
        ("QUERY_TIMEOUT", FailureClass::SourceUnreachable),
        ("SQL_NUMERIC_OVERFLOW", FailureClass::Sql),
        ("UNRESOLVABLE_HOST", FailureClass::SourceUnreachable),
        ("UNROUTABLE_HOST", FailureClass::SourceUnreachable),
        ("SQL_EXCEPTION", FailureClass::Sql),
        ("S3_FILE_INACCESSIBLE", FailureClass::Permission),
        ("IOT_FILE_NOT_FOUND", FailureClass::NotFound),
        ("IOT_DATA_SET_FILE_EMPTY", FailureClass::Configuration),
        ("INVALID_DATA_SOURCE_CONFIG", FailureClass::Configuration),
        ("DATA_SOURCE_AUTH_FAILED", FailureClass::Credentials),
        (
            "DATA_SOURCE_CONNECTION_FAILED",
            FailureClass::SourceUnreachable,
        ),
        ("FAILURE_TO_PROCESS_JSON_FILE", FailureClass::Sql),
        ("INTERNAL_SERVICE_ERROR", FailureClass::Internal),
        ("REFRESH_SUPPRESSED_BY_EDIT", FailureClass::Superseded),
        ("PERMISSION_NOT_FOUND", FailureClass::Permission),
        ("ELASTICSEARCH_CURSOR_NOT_ENABLED", FailureClass::Sql),
        ("CURSOR_NOT_ENABLED", FailureClass::Sql),
        ("DUPLICATE_COLUMN_NAMES_FOUND", FailureClass::Sql),
    ];

    #[test]
    fn every_word_of_the_model_has_its_class() {
        assert_eq!(KINDS.len(), 45);
        for (kind, class) in KINDS {
            assert_eq!(FailureClass::of_ingestion(kind), *class, "{kind}");
        }
        let unknown = FailureClass::of_ingestion("SUN_SPOTS");
        assert_eq!(unknown, FailureClass::Unknown);
        assert!(!unknown.may_retry());
    }

    #[test]
    fn a_quota_and_bad_sql_are_never_tried_again() {
        let quota = ApiError::new(ApiErrorKind::LimitExceeded, "CreateIngestion", "x");
        assert_eq!(FailureClass::of_api(&quota), FailureClass::Quota);
        for class in [
            FailureClass::Quota,
            FailureClass::Sql,
            FailureClass::Permission,
        ] {
            assert!(!class.may_retry(), "{class}");
        }
        assert!(FailureClass::SourceUnreachable.may_retry());
    }

    #[test]
    fn the_word_is_what_json_says() {
        let json = serde_json::to_string(&FailureClass::SourceUnreachable).unwrap();
        assert_eq!(json, format!("\"{}\"", FailureClass::SourceUnreachable));
    }
}
