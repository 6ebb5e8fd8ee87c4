//! Data sources.

use aws_sdk_quicksight::types::{
    AuroraParameters, CredentialPair, DataSourceCredentials, DataSourceParameters, DataSourceType,
    ResourceStatus, VpcConnectionProperties,
};
use datatransit_quicksight::testing::double::{AssetError, Kind};

use super::{ACCOUNT, Bench, code};

fn aurora() -> DataSourceParameters {
    let aurora = AuroraParameters::builder()
        .host("db.example.com")
        .port(3306)
        .database("main")
        .build()
        .expect("parameters");
    DataSourceParameters::AuroraParameters(aurora)
}

#[tokio::test]
async fn data_sources_never_tell_what_they_log_in_with() {
    let bench = Bench::new();
    let vpc = bench.double.add_vpc_connection("vpc-1");
    let pair = CredentialPair::builder()
        .username("reader")
        .password("hunter2")
        .build()
        .expect("a pair");
    let create = |id: &str| {
        let create = bench
            .client
            .create_data_source()
            .aws_account_id(ACCOUNT)
            .data_source_id(id)
            .name("S");
        create
            .r#type(DataSourceType::Aurora)
            .data_source_parameters(aurora())
    };
    let connection = |arn: &str| {
        VpcConnectionProperties::builder()
            .vpc_connection_arn(arn)
            .build()
            .expect("properties")
    };
    assert_eq!(
        code(
            create("s")
                .vpc_connection_properties(connection("arn:none"))
                .send()
                .await
        ),
        "ResourceNotFound"
    );
    create("s")
        .vpc_connection_properties(connection(&vpc))
        .credentials(
            DataSourceCredentials::builder()
                .credential_pair(pair)
                .build(),
        )
        .send()
        .await
        .expect("created");
    let describe = |id: &str| {
        bench
            .client
            .describe_data_source()
            .aws_account_id(ACCOUNT)
            .data_source_id(id)
            .send()
    };
    let first = describe("s").await.expect("described");
    assert_eq!(
        first.data_source().and_then(|source| source.status()),
        Some(&ResourceStatus::CreationInProgress)
    );
    let source = describe("s").await.expect("described");
    let source = source.data_source().expect("a source");
    assert_eq!(source.status(), Some(&ResourceStatus::CreationSuccessful));
    assert_eq!(
        (source.data_source_parameters(), source.secret_arn()),
        (Some(&aurora()), None)
    );
    assert!(!format!("{source:?}").contains("hunter2"));

    let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db";
    let update = bench
        .client
        .update_data_source()
        .aws_account_id(ACCOUNT)
        .data_source_id("s")
        .name("S2")
        .data_source_parameters(aurora());
    let credentials = DataSourceCredentials::builder().secret_arn(secret).build();
    let updated = update
        .credentials(credentials)
        .send()
        .await
        .expect("updated");
    assert_eq!(
        updated.update_status(),
        Some(&ResourceStatus::UpdateInProgress)
    );
    let again = bench
        .client
        .update_data_source()
        .aws_account_id(ACCOUNT)
        .data_source_id("s")
        .name("S2")
        .send()
        .await;
    assert_eq!(code(again), "Conflict");
    assert_eq!(
        describe("s")
            .await
            .expect("described")
            .data_source()
            .and_then(|source| source.secret_arn()),
        Some(secret)
    );
    // The parameters were replaced, the VPC connection taken away.
    assert!(
        describe("s")
            .await
            .expect("described")
            .data_source()
            .expect("a source")
            .vpc_connection_properties()
            .is_none()
    );

    bench.double.fail_next(
        Kind::DataSource,
        "s2",
        AssetError::new("UNKNOWN_HOST", "no such host"),
    );
    create("s2").send().await.expect("accepted");
    describe("s2").await.expect("described");
    let failed = describe("s2").await.expect("described");
    let error = failed
        .data_source()
        .and_then(|source| source.error_info())
        .expect("an error");
    assert_eq!(
        error.r#type().map(|kind| kind.as_str()),
        Some("UNKNOWN_HOST")
    );
    let list = bench
        .client
        .list_data_sources()
        .aws_account_id(ACCOUNT)
        .send()
        .await
        .expect("listed");
    assert_eq!(list.data_sources().len(), 2);
    let delete = bench
        .client
        .delete_data_source()
        .aws_account_id(ACCOUNT)
        .data_source_id("s2")
        .send()
        .await;
    delete.expect("deleted");
    assert_eq!(code(describe("s2").await), "ResourceNotFound");
}
