//! The AWS source on the wire, and what it makes of each failure.

use std::time::Duration;

use aws_sdk_secretsmanager::config::{
    Credentials, ProvideCredentials, Region, SharedCredentialsProvider, retry::RetryConfig,
    timeout::TimeoutConfig,
};
use datatransit_secrets::{
    AwsSource, DatabaseCredentials, Error, ErrorKind, Location, Overlay, RawSecret, SecretId,
    SecretSource as _, Stage,
};

use crate::wire::{Answer, Wire};

const ANSWER: &str = r#"{"ARN":"arn:aws:secretsmanager:eu-west-1:1:secret:db-a1B2c3","Name":"db",
    "VersionId":"0000-1","VersionStages":["AWSCURRENT"],
    "SecretString":"{\"host\":\"h\",\"username\":\"u\",\"password\":\"p\"}"}"#;

async fn fetch(source: &AwsSource, id: &str, stage: Stage) -> Result<RawSecret, Error> {
    source.fetch(&SecretId::new(id).unwrap(), &stage).await
}

async fn failure(answer: Answer) -> Error {
    let source = AwsSource::new(Wire::new(answer).client());
    fetch(&source, "db", Stage::Current).await.unwrap_err()
}

#[tokio::test]
async fn the_stage_is_always_named() {
    for (stage, label) in [
        (Stage::Current, "AWSCURRENT"),
        (Stage::Pending, "AWSPENDING"),
        (Stage::Previous, "AWSPREVIOUS"),
        (Stage::Custom("BLUE".into()), "BLUE"),
    ] {
        let wire = Wire::ok(ANSWER);
        let source = AwsSource::new(wire.client());
        fetch(&source, "db", stage).await.unwrap();
        let body = format!(r#"{{"SecretId":"db","VersionStage":"{label}"}}"#);
        let address = "https://secretsmanager.eu-west-1.amazonaws.com/".to_owned();
        assert_eq!(wire.seen(), [(address, body)]);
    }
}

#[tokio::test]
async fn the_answer_becomes_a_login_with_its_origin() {
    let source = AwsSource::new(Wire::ok(ANSWER).client());
    let raw = fetch(&source, "db", Stage::Current).await.unwrap();
    let login = DatabaseCredentials::parse(&raw, &Overlay::default()).unwrap();
    assert_eq!(login.to_string(), "u@h:3306");
    let origin = login.origin();
    assert_eq!(origin.location(), &Location::SecretsManager);
    assert_eq!(origin.version(), Some("0000-1"));
    assert_eq!(
        origin.to_string(),
        "`db` from AWS Secrets Manager (AWSCURRENT, version 0000-1)"
    );
    assert!(origin.arn().unwrap().ends_with("db-a1B2c3"));
}

#[tokio::test]
async fn a_binary_secret_is_decoded() {
    // {"host":"h","username":"u","password":"p"} in base64.
    let answer = r#"{"Name":"db","SecretBinary":"eyJob3N0IjoiaCIsInVzZXJuYW1lIjoidSIsInBhc3N3b3JkIjoicCJ9"}"#;
    let source = AwsSource::new(Wire::ok(answer).client());
    let raw = fetch(&source, "db", Stage::Current).await.unwrap();
    assert!(DatabaseCredentials::parse(&raw, &Overlay::default()).is_ok());

    let source = AwsSource::new(Wire::ok(r#"{"Name":"db"}"#).client());
    let error = fetch(&source, "db", Stage::Current).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn the_region_of_an_arn_overrides_the_clients() {
    for (id, host) in [
        (
            "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:db",
            "ap-northeast-1.amazonaws.com",
        ),
        (
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-a1B2c3",
            "eu-west-1.amazonaws.com",
        ),
        (
            "arn:aws-cn:secretsmanager:cn-north-1:1:secret:a:b",
            "cn-north-1.amazonaws.com.cn",
        ),
        ("db", "eu-west-1.amazonaws.com"),
    ] {
        let wire = Wire::ok(ANSWER);
        fetch(&AwsSource::new(wire.client()), id, Stage::Current)
            .await
            .unwrap();
        let (address, body) = wire.seen().remove(0);
        assert_eq!(address, format!("https://secretsmanager.{host}/"));
        assert!(body.contains(&format!(r#""SecretId":"{id}""#)), "{body}");
    }
}

#[tokio::test]
async fn an_endpoint_of_ones_own_stays_with_a_foreign_region() {
    let wire = Wire::ok(ANSWER);
    let client = wire.client_with(|config| config.endpoint_url("http://127.0.0.1:9"));
    let id = "arn:aws:secretsmanager:ap-northeast-1:1:secret:db";
    fetch(&AwsSource::new(client), id, Stage::Current)
        .await
        .unwrap();
    assert_eq!(wire.seen()[0].0, "http://127.0.0.1:9/");
}

#[tokio::test]
async fn what_is_no_arn_of_a_secret_is_not_sent() {
    for id in [
        "arn:aws:s3:::bucket",
        "arn:aws:secretsmanager:",
        "arn:aws:secretsmanager::1:secret:db",
        "arn:aws:secretsmanager:evil.example/:1:secret:db",
        "arn:aws:secretsmanager:eu-west-1:1:policy:db",
    ] {
        let wire = Wire::ok(ANSWER);
        let error = fetch(&AwsSource::new(wire.client()), id, Stage::Current)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{id}");
        assert_eq!(wire.seen(), []);
    }
}

#[tokio::test]
async fn without_a_region_only_an_arn_will_do() {
    let wire = Wire::ok(ANSWER);
    let source = AwsSource::new(wire.client_with(|mut config| {
        config.set_region(None);
        config
    }));
    let error = fetch(&source, "db", Stage::Current).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.remedy().unwrap().contains("region"));
    let id = "arn:aws:secretsmanager:ap-northeast-1:1:secret:db";
    fetch(&source, id, Stage::Current).await.unwrap();
    assert_eq!(wire.seen().len(), 1);
}

#[tokio::test]
async fn a_client_is_made_from_a_loaded_configuration() {
    // Without a behaviour version, which the SDK's own constructor panics on.
    let config = aws_types::SdkConfig::builder().build();
    let source = AwsSource::from_sdk_config(&config);
    let error = fetch(&source, "db", Stage::Current).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
}

#[tokio::test(start_paused = true)]
async fn a_silent_service_is_not_waited_for_longer_than_thirty_seconds() {
    let key = Credentials::new("AKID", "key of the caller", None, None, "test");
    let config = aws_types::SdkConfig::builder()
        .region(Region::new("eu-west-1"))
        .credentials_provider(SharedCredentialsProvider::new(key))
        .http_client(Wire::new(Answer::Silence).http_client())
        .build();
    let begun = tokio::time::Instant::now();
    let source = AwsSource::from_sdk_config(&config);
    let error = fetch(&source, "db", Stage::Current).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert_eq!(begun.elapsed().as_secs(), 30);

    // A limit of the caller's own stays.
    let limit = TimeoutConfig::builder().operation_timeout(Duration::from_secs(2));
    let config = config.into_builder().timeout_config(limit.build()).build();
    let source = AwsSource::from_sdk_config(&config);
    let error = fetch(&source, "db", Stage::Current).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert_eq!(begun.elapsed().as_secs(), 32);
}

#[tokio::test]
async fn each_answer_of_the_service_has_its_kind_and_remedy() {
    let kms = "User is not authorized to access KMS key";
    for (status, code, message, kind) in [
        (400, "ResourceNotFoundException", "", ErrorKind::NotFound),
        (
            400,
            "InvalidRequestException",
            "marked for deletion",
            ErrorKind::Deleted,
        ),
        (
            400,
            "AccessDeniedException",
            "not authorized",
            ErrorKind::AccessDenied,
        ),
        (400, "AccessDeniedException", kms, ErrorKind::Kms),
        (400, "DecryptionFailure", "", ErrorKind::Kms),
        (
            400,
            "UnrecognizedClientException",
            "",
            ErrorKind::NoCredentials,
        ),
        (400, "ExpiredTokenException", "", ErrorKind::NoCredentials),
        (400, "ThrottlingException", "", ErrorKind::Throttled),
        (429, "Other", "", ErrorKind::Throttled),
        (400, "InvalidParameterException", "", ErrorKind::Config),
        (500, "InternalServiceError", "", ErrorKind::Service),
        (503, "Whatever", "", ErrorKind::Service),
        (403, "Whatever", "", ErrorKind::AccessDenied),
    ] {
        let body = format!(r#"{{"__type":"{code}","message":"{message}"}}"#);
        let error = failure(Answer::Http(status, body.into_bytes())).await;
        assert_eq!(error.kind(), kind, "{code}");
        assert!(error.remedy().is_some(), "{code}");
        assert_eq!(
            error.to_string(),
            format!(
                "fetch secret `db` (AWSCURRENT) from AWS Secrets Manager: {kind} \
                 ({code}, http status {status}, request id f00d-1)"
            )
        );
        assert!(std::error::Error::source(&error).is_none());
    }
}

#[tokio::test]
async fn a_code_that_does_not_look_like_one_is_dropped() {
    let body = r#"{"__type":"not a code","message":"m"}"#;
    let error = failure(Answer::Http(500, body.into())).await;
    assert!(!format!("{error:?}").contains("not a code"));
    assert_eq!(error.kind(), ErrorKind::Service);
}

#[tokio::test]
async fn no_connection_and_no_credentials_are_told_apart() {
    let error = failure(Answer::NoConnection).await;
    assert_eq!(error.kind(), ErrorKind::Unreachable);
    assert!(error.is_retryable());

    #[derive(Debug)]
    struct NoProvider;
    impl ProvideCredentials for NoProvider {
        fn provide_credentials<'a>(
            &'a self,
        ) -> aws_credential_types::provider::future::ProvideCredentials<'a>
        where
            Self: 'a,
        {
            use aws_credential_types::provider::error::CredentialsError;
            let error = CredentialsError::not_loaded_no_source();
            aws_credential_types::provider::future::ProvideCredentials::ready(
                Err::<Credentials, _>(error),
            )
        }
    }
    let wire = Wire::ok(ANSWER);
    let client = wire.client_with(|config| config.credentials_provider(NoProvider));
    let error = fetch(&AwsSource::new(client), "db", Stage::Current)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoCredentials);
    assert!(error.remedy().unwrap().contains("hop limit"));
    assert!(error.kind().is_outage() && !error.is_retryable());

    // A configuration without any provider is the same to its user.
    let client = wire.client_without_credentials();
    let error = fetch(&AwsSource::new(client), "db", Stage::Current)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NoCredentials);
    assert_eq!(wire.seen(), []);
}

#[tokio::test(start_paused = true)]
async fn the_sdks_own_attempts_come_first() {
    let wire = Wire::new(Answer::Http(
        500,
        br#"{"__type":"InternalServiceError"}"#.to_vec(),
    ));
    let client = wire.client_with(|config| config.retry_config(RetryConfig::standard()));
    let error = fetch(&AwsSource::new(client), "db", Stage::Current)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Service);
    assert_eq!(wire.seen().len(), 3);
}
