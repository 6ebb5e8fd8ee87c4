//! Permissions: known sets, registered principals, exact revocations.

use std::collections::BTreeSet;

use aws_sdk_quicksight::types::{
    DashboardFilterAttribute, DashboardSearchFilter, DataSourceFilterAttribute,
    DataSourceSearchFilter, FilterOperator,
};
use datatransit_quicksight::testing::double::{Kind, QuickSightDouble};

use super::{ACCOUNT, Bench, code, permission};

fn owner() -> Vec<String> {
    QuickSightDouble::owner_actions(Kind::Dashboard)
}

fn viewer() -> Vec<String> {
    QuickSightDouble::viewer_actions(Kind::Dashboard)
}

fn extra() -> Vec<String> {
    owner()
        .into_iter()
        .filter(|action| !viewer().contains(action))
        .collect()
}

fn set(actions: Vec<String>) -> BTreeSet<String> {
    actions.into_iter().collect()
}

#[tokio::test]
async fn grants_and_revocations_are_deltas_that_end_in_known_sets() {
    let bench = Bench::with_data_set();
    bench.create("d").await;
    let (group, user) = (
        bench.double.add_group("viewers"),
        bench.double.add_user("Role/session"),
    );
    let update = || {
        bench
            .client
            .update_dashboard_permissions()
            .aws_account_id(ACCOUNT)
            .dashboard_id("d")
    };
    let answer = update()
        .grant_permissions(permission(&group, viewer()))
        .grant_permissions(permission(&user, owner()))
        .send()
        .await
        .expect("granted");
    assert_eq!(answer.permissions().len(), 2);
    assert_eq!(
        bench.double.permissions(Kind::Dashboard, "d")[&user],
        set(owner())
    );

    // From owner to viewer, and from viewer to owner.
    update()
        .revoke_permissions(permission(&user, extra()))
        .send()
        .await
        .expect("revoked");
    update()
        .grant_permissions(permission(&group, extra()))
        .send()
        .await
        .expect("granted");
    let held = bench.double.permissions(Kind::Dashboard, "d");
    assert_eq!(
        (&held[&user], &held[&group]),
        (&set(viewer()), &set(owner()))
    );

    let refused = |principal: &str, actions: Vec<String>| {
        update()
            .grant_permissions(permission(principal, actions))
            .send()
    };
    assert_eq!(
        code(refused(&user, vec!["quicksight:DeleteDashboard".to_owned()]).await),
        "InvalidParameterValue"
    );
    assert_eq!(
        code(
            refused(
                "arn:aws:quicksight:us-east-1:123456789012:user/default/nobody",
                viewer()
            )
            .await
        ),
        "InvalidParameterValue"
    );
    // A principal of the region of assets is none.
    assert_eq!(
        code(refused(&user.replace("us-east-1", "eu-west-1"), viewer()).await),
        "InvalidParameterValue"
    );
    let not_held = update()
        .revoke_permissions(permission(&user, extra()))
        .send()
        .await;
    assert_eq!(code(not_held), "InvalidParameterValue");
    let both = update()
        .grant_permissions(permission(&group, owner()))
        .revoke_permissions(permission(&group, viewer()))
        .send()
        .await;
    assert_eq!(code(both), "InvalidParameterValue");
    assert_eq!(bench.double.permissions(Kind::Dashboard, "d"), held);

    update()
        .revoke_permissions(permission(&user, viewer()))
        .send()
        .await
        .expect("revoked");
    assert!(
        !bench
            .double
            .permissions(Kind::Dashboard, "d")
            .contains_key(&user)
    );
}

#[tokio::test]
async fn actions_come_in_no_order() {
    let bench = Bench::with_data_set();
    bench.create("d").await;
    let user = bench.double.add_user("u");
    let update = bench
        .client
        .update_dashboard_permissions()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d");
    update
        .grant_permissions(permission(&user, owner()))
        .send()
        .await
        .expect("granted");
    let mut orders = BTreeSet::new();
    for _ in 0..10 {
        let described = bench
            .client
            .describe_dashboard_permissions()
            .aws_account_id(ACCOUNT)
            .dashboard_id("d")
            .send()
            .await
            .expect("described");
        let actions = described.permissions()[0].actions().to_vec();
        assert_eq!(set(actions.clone()), set(owner()));
        orders.insert(actions);
    }
    assert!(orders.len() > 1);
}

#[tokio::test]
async fn a_link_opens_to_a_namespace_and_only_to_view() {
    let bench = Bench::with_data_set();
    bench.create("d").await;
    let (namespace, user) = (
        "arn:aws:quicksight:us-east-1:123456789012:namespace/default",
        bench.double.add_user("u"),
    );
    let update = || {
        bench
            .client
            .update_dashboard_permissions()
            .aws_account_id(ACCOUNT)
            .dashboard_id("d")
    };
    let answer = update()
        .grant_link_permissions(permission(namespace, viewer()))
        .send()
        .await
        .expect("granted");
    assert_eq!(
        answer
            .link_sharing_configuration()
            .map(|link| link.permissions().len()),
        Some(1)
    );
    assert_eq!(
        code(
            update()
                .grant_link_permissions(permission(&user, viewer()))
                .send()
                .await
        ),
        "InvalidParameterValue"
    );
    assert_eq!(
        code(
            update()
                .grant_link_permissions(permission(namespace, owner()))
                .send()
                .await
        ),
        "InvalidParameterValue"
    );
    assert_eq!(bench.double.link_permissions("d")[namespace], set(viewer()));
    update()
        .revoke_link_permissions(permission(namespace, viewer()))
        .send()
        .await
        .expect("revoked");
    assert!(bench.double.link_permissions("d").is_empty());
}

#[tokio::test]
async fn owners_of_data_sets_have_eighteen_actions_and_once_had_fewer() {
    let bench = Bench::with_data_set();
    let user = bench.double.add_user("u");
    let all = QuickSightDouble::owner_actions(Kind::DataSet);
    assert_eq!(all.len(), 18);
    let update = || {
        bench
            .client
            .update_data_set_permissions()
            .aws_account_id(ACCOUNT)
            .data_set_id("sales")
    };
    for count in [5, 10, 15, 18] {
        update()
            .grant_permissions(permission(&user, all[..count].to_vec()))
            .send()
            .await
            .expect("granted");
    }
    let described = bench
        .client
        .describe_data_set_permissions()
        .aws_account_id(ACCOUNT)
        .data_set_id("sales")
        .send()
        .await
        .expect("described");
    assert_eq!(described.permissions()[0].actions().len(), 18);
    let odd = update()
        .revoke_permissions(permission(&user, all[17..].to_vec()))
        .send()
        .await;
    assert_eq!(code(odd), "InvalidParameterValue");
}

#[tokio::test]
async fn creations_take_permissions() {
    let bench = Bench::with_data_set();
    let user = bench.double.add_user("u");
    let create = || {
        let create = bench
            .client
            .create_dashboard()
            .aws_account_id(ACCOUNT)
            .dashboard_id("d")
            .name("D");
        create.definition(bench.definition("day"))
    };
    let empty = create().set_permissions(Some(Vec::new())).send().await;
    assert_eq!(code(empty), "InvalidParameterValue");
    let some = create()
        .permissions(permission(&user, extra()))
        .send()
        .await;
    assert_eq!(code(some), "InvalidParameterValue");
    let twice = create()
        .permissions(permission(&user, owner()))
        .permissions(permission(&user, owner()))
        .send()
        .await;
    assert_eq!(code(twice), "InvalidParameterValue");
    assert!(bench.double.ids(Kind::Dashboard).is_empty());
    create()
        .permissions(permission(&user, owner()))
        .send()
        .await
        .expect("created");
    assert_eq!(
        bench.double.permissions(Kind::Dashboard, "d")[&user].len(),
        8
    );
}

#[tokio::test]
async fn every_kind_has_its_own_sets() {
    let bench = Bench::with_data_set();
    let user = bench.double.add_user("u");
    let source = bench
        .client
        .update_data_source_permissions()
        .aws_account_id(ACCOUNT)
        .data_source_id("warehouse");
    source
        .grant_permissions(permission(
            &user,
            QuickSightDouble::owner_actions(Kind::DataSource),
        ))
        .send()
        .await
        .expect("granted");
    let described = bench
        .client
        .describe_data_source_permissions()
        .aws_account_id(ACCOUNT)
        .data_source_id("warehouse")
        .send()
        .await
        .expect("described");
    assert_eq!(described.permissions()[0].actions().len(), 6);
    let source = bench
        .client
        .update_data_source_permissions()
        .aws_account_id(ACCOUNT)
        .data_source_id("warehouse");
    let wrong = source
        .grant_permissions(permission(&user, owner()))
        .send()
        .await;
    assert_eq!(code(wrong), "InvalidParameterValue");
}

#[tokio::test]
async fn what_the_console_has_done_to_others_is_no_hindrance() {
    let bench = Bench::with_data_set();
    bench.create("d").await;
    let (user, other) = (bench.double.add_user("u"), bench.double.add_user("other"));
    bench
        .double
        .set_permissions(Kind::Dashboard, "d", &other, extra());
    let grant = |actions| {
        let update = bench
            .client
            .update_dashboard_permissions()
            .aws_account_id(ACCOUNT)
            .dashboard_id("d");
        update.grant_permissions(permission(&user, actions)).send()
    };
    grant(viewer()).await.expect("granted");
    assert_eq!(
        code(grant(extra()[..1].to_vec()).await),
        "InvalidParameterValue"
    );
    bench
        .double
        .configure(|options| options.knows_only_sets = false);
    grant(extra()[..1].to_vec()).await.expect("granted");
    let held = bench.double.permissions(Kind::Dashboard, "d");
    assert_eq!((held[&user].len(), &held[&other]), (4, &set(extra())));
}

#[tokio::test]
async fn themes_are_granted_and_dashboards_and_sources_searched_by_owner() {
    let bench = Bench::with_data_set();
    bench.create("d").await;
    bench.create("e").await;
    bench.double.add_theme("t", "T");
    let user = bench.double.add_user("u");
    let update = bench
        .client
        .update_theme_permissions()
        .aws_account_id(ACCOUNT)
        .theme_id("t");
    let owner_of_themes = QuickSightDouble::owner_actions(Kind::Theme);
    update
        .grant_permissions(permission(&user, owner_of_themes))
        .send()
        .await
        .expect("granted");
    let described = bench
        .client
        .describe_theme_permissions()
        .aws_account_id(ACCOUNT)
        .theme_id("t")
        .send()
        .await
        .expect("described");
    assert_eq!(described.permissions()[0].actions().len(), 11);

    bench
        .double
        .set_permissions(Kind::Dashboard, "d", &user, owner());
    bench
        .double
        .set_permissions(Kind::Dashboard, "e", &user, viewer());
    let search = async |name| {
        let filter = DashboardSearchFilter::builder()
            .name(name)
            .operator(FilterOperator::StringEquals)
            .value(&user);
        let search = bench
            .client
            .search_dashboards()
            .aws_account_id(ACCOUNT)
            .filters(filter.build().expect("a filter"));
        search
            .send()
            .await
            .expect("searched")
            .dashboard_summary_list()
            .len()
    };
    assert_eq!(
        search(DashboardFilterAttribute::DirectQuicksightOwner).await,
        1
    );
    assert_eq!(
        search(DashboardFilterAttribute::QuicksightViewerOrOwner).await,
        2
    );
    assert_eq!(search(DashboardFilterAttribute::DashboardName).await, 0);

    let filter = DataSourceSearchFilter::builder().name(DataSourceFilterAttribute::DatasourceName);
    let filter = filter
        .operator(FilterOperator::StringLike)
        .value("ware")
        .build()
        .expect("a filter");
    let found = bench
        .client
        .search_data_sources()
        .aws_account_id(ACCOUNT)
        .filters(filter)
        .send()
        .await
        .expect("searched");
    assert_eq!(
        found.data_source_summaries()[0].data_source_id(),
        Some("warehouse")
    );
}
