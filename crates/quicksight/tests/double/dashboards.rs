//! The life of a dashboard.

use std::time::Duration;

use aws_sdk_quicksight::types::ResourceStatus;
use datatransit_quicksight::testing::double::{Kind, NameShows, Pace};

use super::{ACCOUNT, Bench, code, tag};

pub(crate) async fn status(bench: &Bench, id: &str, version: i64) -> ResourceStatus {
    let described = bench
        .client
        .describe_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id(id)
        .version_number(version)
        .send()
        .await
        .expect("described");
    described
        .dashboard()
        .and_then(|dashboard| dashboard.version()?.status().cloned())
        .expect("a status")
}

#[tokio::test]
async fn creation_takes_its_polls_and_publishes_the_first_version() {
    let bench = Bench::with_data_set();
    bench.double.set_pace(Pace::Polls(2));
    let created = bench
        .client
        .create_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .name("D")
        .version_description("first")
        .definition(bench.definition("amount"))
        .tags(tag("team", "data"))
        .send()
        .await
        .expect("created");
    assert_eq!(
        created.creation_status(),
        Some(&ResourceStatus::CreationInProgress)
    );
    assert!(
        created
            .version_arn()
            .expect("an ARN")
            .ends_with(":dashboard/d/version/1")
    );
    assert!(created.request_id().is_some());
    assert_eq!(
        status(&bench, "d", 1).await,
        ResourceStatus::CreationInProgress
    );
    assert_eq!(bench.double.published_version("d"), None);
    assert_eq!(
        status(&bench, "d", 1).await,
        ResourceStatus::CreationInProgress
    );
    assert_eq!(
        status(&bench, "d", 1).await,
        ResourceStatus::CreationSuccessful
    );
    assert_eq!(bench.double.published_version("d"), Some(1));
    assert_eq!(bench.double.tags(Kind::Dashboard, "d")["team"], "data");

    let again = bench
        .client
        .create_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .name("D")
        .definition(bench.definition("amount"))
        .send()
        .await;
    assert_eq!(code(again), "ResourceExists");
}

#[tokio::test]
async fn creation_by_time_follows_the_clock() {
    let bench = Bench::with_data_set();
    bench.double.stop_clock_at(1_767_225_600);
    bench.double.set_pace(Pace::Time(Duration::from_secs(30)));
    let create = bench
        .client
        .create_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .name("D");
    create
        .definition(bench.definition("amount"))
        .send()
        .await
        .expect("created");
    for _ in 0..5 {
        assert_eq!(
            status(&bench, "d", 1).await,
            ResourceStatus::CreationInProgress
        );
    }
    bench.double.advance(Duration::from_secs(30));
    assert_eq!(
        status(&bench, "d", 1).await,
        ResourceStatus::CreationSuccessful
    );
}

#[tokio::test]
async fn an_update_makes_a_version_that_readers_do_not_see_until_it_is_published() {
    let bench = Bench::with_data_set();
    bench.create("d").await;
    let updated = bench
        .client
        .update_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .name("New name")
        .definition(bench.definition("day"))
        .send()
        .await
        .expect("updated");
    assert!(
        updated
            .version_arn()
            .expect("an ARN")
            .ends_with("/version/2")
    );
    assert_eq!(updated.status(), 202);

    let publish = || {
        bench
            .client
            .update_dashboard_published_version()
            .aws_account_id(ACCOUNT)
            .dashboard_id("d")
    };
    assert_eq!(code(publish().version_number(2).send().await), "Conflict");
    let permissions = bench
        .client
        .update_dashboard_permissions()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .send()
        .await;
    // The conflict above was the one poll.
    permissions.expect("nothing to change, nothing in progress");
    assert_eq!(bench.double.published_version("d"), Some(1));
    let described = bench
        .client
        .describe_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .send()
        .await
        .expect("described");
    let version = described
        .dashboard()
        .and_then(|dashboard| dashboard.version())
        .expect("a version");
    assert_eq!(version.version_number(), Some(1));
    assert_eq!(
        version.theme_arn(),
        Some("arn:aws:quicksight::aws:theme/CLASSIC")
    );
    assert_eq!(version.sheets()[0].sheet_id(), Some("sheet-1"));
    assert_eq!(
        version.data_set_arns(),
        [bench.double.arn(Kind::DataSet, "sales")]
    );

    assert_eq!(
        code(publish().version_number(3).send().await),
        "ResourceNotFound"
    );
    publish().version_number(2).send().await.expect("published");
    assert_eq!(bench.double.published_version("d"), Some(2));
    // Back again.
    publish().version_number(1).send().await.expect("published");
    assert_eq!(bench.double.published_version("d"), Some(1));
}

#[tokio::test]
async fn conflicts_while_an_operation_is_in_progress() {
    let bench = Bench::with_data_set();
    bench.create("d").await;
    bench.double.set_pace(Pace::Polls(10));
    let update = || {
        let update = bench
            .client
            .update_dashboard()
            .aws_account_id(ACCOUNT)
            .dashboard_id("d")
            .name("D");
        update.definition(bench.definition("day"))
    };
    update().send().await.expect("updated");
    assert_eq!(code(update().send().await), "Conflict");
    let permissions = bench
        .client
        .update_dashboard_permissions()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d");
    assert_eq!(code(permissions.send().await), "Conflict");
    let publish = bench
        .client
        .update_dashboard_published_version()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d");
    assert_eq!(code(publish.version_number(2).send().await), "Conflict");
    let links = bench
        .client
        .update_dashboard_links()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .set_link_entities(Some(Vec::new()));
    assert_eq!(code(links.send().await), "Conflict");
    let delete = bench
        .client
        .delete_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d");
    assert_eq!(code(delete.send().await), "Conflict");
}

#[tokio::test]
async fn versions_are_deleted_one_by_one_or_all() {
    let bench = Bench::with_data_set();
    bench.create("d").await;
    for _ in 0..2 {
        let update = bench
            .client
            .update_dashboard()
            .aws_account_id(ACCOUNT)
            .dashboard_id("d")
            .name("D");
        update
            .definition(bench.definition("day"))
            .send()
            .await
            .expect("updated");
        bench.settle("d").await;
    }
    let delete = || {
        bench
            .client
            .delete_dashboard()
            .aws_account_id(ACCOUNT)
            .dashboard_id("d")
    };
    assert_eq!(
        code(delete().version_number(1).send().await),
        "InvalidParameterValue"
    );
    assert_eq!(
        code(delete().version_number(9).send().await),
        "ResourceNotFound"
    );
    delete().version_number(3).send().await.expect("deleted");
    // A number is not used twice.
    let update = bench
        .client
        .update_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .name("D");
    update
        .definition(bench.definition("day"))
        .send()
        .await
        .expect("updated");
    bench.settle("d").await;
    assert_eq!(
        bench.double.versions("d").into_keys().collect::<Vec<_>>(),
        [1, 2, 4]
    );
    delete().send().await.expect("deleted");
    let described = bench
        .client
        .describe_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .send()
        .await;
    assert_eq!(code(described), "ResourceNotFound");
}

#[tokio::test]
async fn lists_come_in_pages_of_a_few() {
    let bench = Bench::with(|options| {
        options.page_size = 3;
        options.pace = Pace::Polls(0);
    });
    bench.double.add_data_set("sales", &["amount"]);
    for number in 0..8 {
        bench.create(&format!("d{number}")).await;
    }
    let list = || bench.client.list_dashboards().aws_account_id(ACCOUNT);
    let mut pages = list().max_results(100).into_paginator().send();
    let mut ids = Vec::new();
    let mut count = 0;
    while let Some(page) = pages.next().await {
        let page = page.expect("a page");
        count += 1;
        for summary in page.dashboard_summary_list() {
            assert_eq!(summary.published_version_number(), Some(1));
            ids.push(summary.dashboard_id().expect("an id").to_owned());
        }
    }
    assert_eq!((count, ids.len()), (3, 8));
    assert_eq!(
        code(list().next_token("nothing").send().await),
        "InvalidNextToken"
    );
    let first = list().max_results(1).send().await.expect("a page");
    assert_eq!(first.dashboard_summary_list().len(), 1);
    // A token is of one listing only.
    let other = bench
        .client
        .list_data_sets()
        .aws_account_id(ACCOUNT)
        .set_next_token(first.next_token().map(str::to_owned));
    assert_eq!(code(other.send().await), "InvalidNextToken");
    assert_eq!(
        code(list().max_results(101).send().await),
        "InvalidParameterValue"
    );
}

#[tokio::test]
async fn versions_are_listed_in_pages() {
    let bench = Bench::with(|options| {
        options.page_size = 2;
        options.pace = Pace::Polls(0);
    });
    bench.double.add_data_set("sales", &["amount", "day"]);
    bench.create("d").await;
    for _ in 0..4 {
        let update = bench
            .client
            .update_dashboard()
            .aws_account_id(ACCOUNT)
            .dashboard_id("d")
            .name("D");
        update
            .version_description("next")
            .definition(bench.definition("day"))
            .send()
            .await
            .expect("updated");
    }
    let mut pages = bench
        .client
        .list_dashboard_versions()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .into_paginator()
        .items()
        .send();
    let mut numbers = Vec::new();
    while let Some(version) = pages.next().await {
        numbers.push(
            version
                .expect("a version")
                .version_number()
                .expect("a number"),
        );
    }
    numbers.sort_unstable();
    assert_eq!(numbers, [1, 2, 3, 4, 5]);
}

#[tokio::test]
async fn a_name_shows_when_the_options_say() {
    let bench = Bench::with(|options| {
        options.name_shows = NameShows::AtPublish;
        options.pace = Pace::Polls(0);
    });
    bench.double.add_data_set("sales", &["amount", "day"]);
    bench.create("d").await;
    let update = bench
        .client
        .update_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .name("Later");
    update
        .definition(bench.definition("day"))
        .send()
        .await
        .expect("updated");
    assert_eq!(
        bench.double.name(Kind::Dashboard, "d").as_deref(),
        Some("Name of d")
    );
    let publish = bench
        .client
        .update_dashboard_published_version()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d");
    publish.version_number(2).send().await.expect("published");
    assert_eq!(
        bench.double.name(Kind::Dashboard, "d").as_deref(),
        Some("Later")
    );
}
