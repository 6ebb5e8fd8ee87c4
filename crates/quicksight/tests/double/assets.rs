//! Themes, VPC connections, tags, and who there is.

use aws_sdk_quicksight::types::{DataColorPalette, ResourceStatus, ThemeConfiguration, ThemeType};
use datatransit_quicksight::testing::double::Kind;

use super::{ACCOUNT, Bench, code, tag};

fn colours(colour: &str) -> ThemeConfiguration {
    let palette = DataColorPalette::builder().colors(colour).build();
    ThemeConfiguration::builder()
        .data_color_palette(palette)
        .build()
}

async fn theme_status(bench: &Bench, id: &str) -> ResourceStatus {
    let described = bench
        .client
        .describe_theme()
        .aws_account_id(ACCOUNT)
        .theme_id(id)
        .send()
        .await
        .expect("described");
    described
        .theme()
        .and_then(|theme| theme.version()?.status().cloned())
        .expect("a status")
}

#[tokio::test]
async fn themes_have_versions_and_some_are_the_services_own() {
    let bench = Bench::with_data_set();
    let create = || {
        bench
            .client
            .create_theme()
            .aws_account_id(ACCOUNT)
            .theme_id("t")
            .name("T")
            .configuration(colours("#112233"))
    };
    assert_eq!(
        code(create().base_theme_id("NONE").send().await),
        "ResourceNotFound"
    );
    create()
        .base_theme_id("MIDNIGHT")
        .send()
        .await
        .expect("created");
    assert_eq!(
        theme_status(&bench, "t").await,
        ResourceStatus::CreationInProgress
    );
    assert_eq!(
        theme_status(&bench, "t").await,
        ResourceStatus::CreationSuccessful
    );
    assert_eq!(
        code(create().base_theme_id("MIDNIGHT").send().await),
        "ResourceExists"
    );

    let update = bench
        .client
        .update_theme()
        .aws_account_id(ACCOUNT)
        .theme_id("t")
        .base_theme_id("CLASSIC");
    let updated = update
        .configuration(colours("#445566"))
        .send()
        .await
        .expect("updated");
    assert!(
        updated
            .version_arn()
            .expect("an ARN")
            .ends_with(":theme/t/version/2")
    );
    theme_status(&bench, "t").await;
    let described = bench
        .client
        .describe_theme()
        .aws_account_id(ACCOUNT)
        .theme_id("t")
        .send()
        .await
        .expect("described");
    let version = described
        .theme()
        .and_then(|theme| theme.version())
        .expect("a version");
    assert_eq!(
        (version.version_number(), version.base_theme_id()),
        (Some(2), Some("CLASSIC"))
    );
    assert_eq!(version.configuration(), Some(&colours("#445566")));

    let managed = bench
        .client
        .describe_theme()
        .aws_account_id(ACCOUNT)
        .theme_id("CLASSIC")
        .send()
        .await
        .expect("described");
    assert_eq!(
        managed.theme().and_then(|theme| theme.arn()),
        Some("arn:aws:quicksight::aws:theme/CLASSIC")
    );
    let delete = |id: &str| {
        bench
            .client
            .delete_theme()
            .aws_account_id(ACCOUNT)
            .theme_id(id)
            .send()
    };
    assert_eq!(code(delete("CLASSIC").await), "AccessDenied");
    let list = |kind: ThemeType| {
        bench
            .client
            .list_themes()
            .aws_account_id(ACCOUNT)
            .r#type(kind)
            .send()
    };
    let count = async |kind| list(kind).await.expect("listed").theme_summary_list().len();
    assert_eq!(
        (
            count(ThemeType::All).await,
            count(ThemeType::Custom).await,
            count(ThemeType::Quicksight).await
        ),
        (4, 1, 3)
    );
    let versions = bench
        .client
        .list_theme_versions()
        .aws_account_id(ACCOUNT)
        .theme_id("t")
        .send()
        .await
        .expect("listed");
    assert_eq!(versions.theme_version_summary_list().len(), 2);
    delete("t").await.expect("deleted");
    assert_eq!(code(delete("t").await), "ResourceNotFound");
}

#[tokio::test]
async fn tags_have_values_and_a_limit() {
    let bench = Bench::with_data_set();
    let arn = bench.double.arn(Kind::DataSet, "sales");
    let put = |key: &str, value: &str| {
        bench
            .client
            .tag_resource()
            .resource_arn(&arn)
            .tags(tag(key, value))
            .send()
    };
    put("team", "data").await.expect("tagged");
    put("a/b c", "ü").await.expect("tagged");
    assert_eq!(code(put("empty", "").await), "InvalidParameterValue");
    assert_eq!(code(put("aws:own", "x").await), "InvalidParameterValue");
    assert_eq!(
        code(put("long", &"x".repeat(257)).await),
        "InvalidParameterValue"
    );
    let list = bench
        .client
        .list_tags_for_resource()
        .resource_arn(&arn)
        .send()
        .await
        .expect("listed");
    assert_eq!(list.tags().len(), 2);
    let untag = bench
        .client
        .untag_resource()
        .resource_arn(&arn)
        .tag_keys("team")
        .tag_keys("a/b c");
    untag.send().await.expect("untagged");
    assert!(bench.double.tags(Kind::DataSet, "sales").is_empty());
    for number in 0..50 {
        put(&format!("k{number}"), "v").await.expect("tagged");
    }
    assert_eq!(code(put("one-more", "v").await), "LimitExceeded");
    let absent = bench
        .client
        .list_tags_for_resource()
        .resource_arn(bench.double.arn(Kind::DataSet, "absent"))
        .send()
        .await;
    assert_eq!(code(absent), "ResourceNotFound");
}

#[tokio::test]
async fn connections_users_groups_and_namespaces_are_told() {
    let bench = Bench::new();
    let vpc = bench.double.add_vpc_connection("vpc-1");
    let (user, group) = (
        bench.double.add_user("Role/session"),
        bench.double.add_group("viewers"),
    );
    let described = bench
        .client
        .describe_vpc_connection()
        .aws_account_id(ACCOUNT)
        .vpc_connection_id("vpc-1")
        .send()
        .await
        .expect("described");
    assert_eq!(
        described
            .vpc_connection()
            .and_then(|connection| connection.arn()),
        Some(vpc.as_str())
    );
    assert_eq!(described.status(), 200);
    let list = bench
        .client
        .list_vpc_connections()
        .aws_account_id(ACCOUNT)
        .send()
        .await
        .expect("listed");
    assert_eq!(list.vpc_connection_summaries().len(), 1);
    let users = bench
        .client
        .list_users()
        .aws_account_id(ACCOUNT)
        .namespace("default")
        .send()
        .await
        .expect("listed");
    assert_eq!(users.user_list()[0].arn(), Some(user.as_str()));
    let one = bench
        .client
        .describe_user()
        .aws_account_id(ACCOUNT)
        .namespace("default")
        .user_name("Role/session")
        .send()
        .await
        .expect("described");
    assert_eq!(
        one.user().and_then(|user| user.user_name()),
        Some("Role/session")
    );
    let groups = bench
        .client
        .list_groups()
        .aws_account_id(ACCOUNT)
        .namespace("default")
        .send()
        .await
        .expect("listed");
    assert_eq!(groups.group_list()[0].arn(), Some(group.as_str()));
    let one = bench
        .client
        .describe_group()
        .aws_account_id(ACCOUNT)
        .namespace("default")
        .group_name("nobody")
        .send()
        .await;
    assert_eq!(code(one), "ResourceNotFound");
    bench.double.add_namespace("other");
    let namespaces = bench
        .client
        .list_namespaces()
        .aws_account_id(ACCOUNT)
        .send()
        .await
        .expect("listed");
    assert_eq!(namespaces.namespaces().len(), 2);
    let account = bench
        .client
        .describe_account_subscription()
        .aws_account_id(ACCOUNT)
        .send()
        .await
        .expect("described");
    assert_eq!(
        account
            .account_info()
            .and_then(|info| info.edition())
            .map(|edition| edition.as_str()),
        Some("ENTERPRISE")
    );
    bench
        .client
        .describe_account_settings()
        .aws_account_id(ACCOUNT)
        .send()
        .await
        .expect("described");
}
