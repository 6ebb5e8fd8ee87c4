//! The Secrets Manager double against the real SDK, on one port with S3.

use anyhow::Result;
use aws_sdk_secretsmanager::Client;
use aws_sdk_secretsmanager::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_secretsmanager::error::ProvideErrorMetadata as _;
use aws_sdk_secretsmanager::operation::RequestId as _;
use aws_sdk_secretsmanager::operation::get_secret_value::GetSecretValueOutput;
use e2e::aws::AwsDouble;
use e2e::s3::{ACCESS_KEY, REGION, S3Options, SECRET_KEY};
use e2e::secrets_manager::{SecretFault, SecretValue, SecretsManagerServer};

fn client(url: &str, access_key: &str) -> Client {
    let config = aws_sdk_secretsmanager::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .endpoint_url(url)
        .region(Region::from_static(REGION))
        .credentials_provider(Credentials::new(access_key, SECRET_KEY, None, None, "test"))
        .retry_config(aws_sdk_secretsmanager::config::retry::RetryConfig::disabled())
        .build();
    Client::from_conf(config)
}

fn start() -> Result<(AwsDouble, Client)> {
    let double = AwsDouble::start(S3Options::with_buckets(&["bucket"]))?;
    let client = client(double.endpoint().url(), ACCESS_KEY);
    Ok((double, client))
}

/// The value, or the error's status and code.
async fn get(
    client: &Client,
    id: &str,
    stage: Option<&str>,
) -> Result<GetSecretValueOutput, (u16, String)> {
    let request = client
        .get_secret_value()
        .secret_id(id)
        .set_version_stage(stage.map(str::to_owned));
    request.send().await.map_err(|error| {
        let status = error
            .raw_response()
            .map_or(0, |response| response.status().as_u16());
        assert!(status == 0 || error.request_id().is_some());
        (status, error.code().unwrap_or_default().to_owned())
    })
}

#[tokio::test]
async fn a_secret_is_found_by_name_and_arn_and_stage() {
    let (double, client) = start().unwrap();
    let arn = double.secrets().put("prod/db", "one");
    double.secrets().put("prod/db", "two");
    double
        .secrets()
        .put_staged("prod/db", "AWSPENDING", "three");
    let partial = arn.rsplit_once('-').unwrap().0;

    for id in ["prod/db", &arn, partial] {
        let current = get(&client, id, None).await.unwrap();
        assert_eq!(
            (current.secret_string(), current.name()),
            (Some("two"), Some("prod/db"))
        );
        assert_eq!(current.arn(), Some(arn.as_str()));
    }
    for (stage, value) in [
        ("AWSCURRENT", "two"),
        ("AWSPREVIOUS", "one"),
        ("AWSPENDING", "three"),
    ] {
        let found = get(&client, "prod/db", Some(stage)).await.unwrap();
        assert_eq!(
            (found.secret_string(), found.version_stages()),
            (Some(value), &[stage.to_owned()][..])
        );
    }
    let nowhere = (400, "ResourceNotFoundException".to_owned());
    assert_eq!(
        get(&client, "prod/db", Some("OTHER")).await.unwrap_err(),
        nowhere
    );
    assert_eq!(get(&client, "prod", None).await.unwrap_err(), nowhere);
    assert_eq!(double.secrets().calls().len(), 8);

    double
        .secrets()
        .put("binary", SecretValue::Binary(vec![0, 255]));
    let binary = get(&client, "binary", None).await.unwrap();
    assert_eq!(binary.secret_binary().unwrap().as_ref(), [0, 255]);
}

#[tokio::test]
async fn errors_are_those_of_the_service() {
    let (double, good) = start().unwrap();
    double.secrets().put("s", "v");
    for (fault, status, code) in [
        (SecretFault::AccessDenied, 400, "AccessDeniedException"),
        (SecretFault::DecryptionFailure, 400, "DecryptionFailure"),
        (SecretFault::Throttling, 400, "ThrottlingException"),
        (
            SecretFault::InternalServiceError,
            500,
            "InternalServiceError",
        ),
        (SecretFault::Disconnect, 0, ""),
    ] {
        double.secrets().fail(fault, 1);
        assert_eq!(
            get(&good, "s", None).await.unwrap_err(),
            (status, code.to_owned())
        );
        assert!(get(&good, "s", None).await.is_ok());
    }
    let stranger = client(double.endpoint().url(), "AKIASTRANGER");
    let refused = get(&stranger, "s", None).await.unwrap_err();
    assert_eq!(refused, (400, "UnrecognizedClientException".to_owned()));
    double.secrets().delete("s");
    let refused = get(&good, "s", None).await.unwrap_err();
    assert_eq!(refused, (400, "InvalidRequestException".to_owned()));
}

#[tokio::test]
async fn s3_answers_on_the_same_port_and_by_the_environment_alone() {
    let (double, _) = start().unwrap();
    let s3 = double.endpoint().s3_client();
    s3.put_object()
        .bucket("bucket")
        .key("k")
        .send()
        .await
        .unwrap();
    assert!(double.s3().object("bucket", "k").is_some());
    let env = double.endpoint().env();
    assert!(env.contains(&(
        "AWS_ENDPOINT_URL".to_owned(),
        double.endpoint().url().to_owned()
    )));
}

#[tokio::test]
async fn it_also_runs_alone() {
    let server = SecretsManagerServer::start().unwrap();
    server.secrets().put("s", "v");
    let client = client(server.endpoint().url(), ACCESS_KEY);
    assert_eq!(
        get(&client, "s", None).await.unwrap().secret_string(),
        Some("v")
    );
}
