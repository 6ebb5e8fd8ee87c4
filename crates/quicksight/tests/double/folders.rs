//! Folders: trees, members, permissions in pages.

use aws_sdk_quicksight::types::{
    FilterOperator, FolderFilterAttribute, FolderSearchFilter, MemberType,
};
use datatransit_quicksight::testing::double::{Kind, QuickSightDouble};

use super::{ACCOUNT, Bench, code, permission};

#[tokio::test]
async fn members_come_and_go() {
    let bench = Bench::with_data_set();
    bench.create("d").await;
    let create = |id: &str| {
        bench
            .client
            .create_folder()
            .aws_account_id(ACCOUNT)
            .folder_id(id)
            .name(format!("Folder {id}"))
    };
    create("top").send().await.expect("created");
    let top = bench.double.arn(Kind::Folder, "top");
    create("sub")
        .parent_folder_arn(&top)
        .send()
        .await
        .expect("created");
    assert_eq!(code(create("sub").send().await), "ResourceExists");
    let orphan = create("orphan")
        .parent_folder_arn(bench.double.arn(Kind::Folder, "none"))
        .send()
        .await;
    assert_eq!(code(orphan), "ResourceNotFound");
    let described = bench
        .client
        .describe_folder()
        .aws_account_id(ACCOUNT)
        .folder_id("sub")
        .send()
        .await
        .expect("described");
    assert_eq!(
        described.folder().expect("a folder").folder_path(),
        std::slice::from_ref(&top)
    );

    let join = |member: &str, kind: MemberType| {
        let join = bench
            .client
            .create_folder_membership()
            .aws_account_id(ACCOUNT)
            .folder_id("sub");
        join.member_id(member).member_type(kind).send()
    };
    assert_eq!(
        join("d", MemberType::Dashboard)
            .await
            .expect("a member")
            .status(),
        200
    );
    assert_eq!(
        code(join("d", MemberType::Dashboard).await),
        "ResourceExists"
    );
    assert_eq!(
        code(join("none", MemberType::Dashboard).await),
        "ResourceNotFound"
    );
    join("sales", MemberType::Dataset).await.expect("a member");
    let members = bench
        .client
        .list_folder_members()
        .aws_account_id(ACCOUNT)
        .folder_id("sub")
        .send()
        .await
        .expect("listed");
    assert_eq!(members.folder_member_list().len(), 2);
    let dashboard = bench.double.arn(Kind::Dashboard, "d");
    let folders = bench
        .client
        .list_folders_for_resource()
        .aws_account_id(ACCOUNT)
        .resource_arn(&dashboard)
        .send()
        .await
        .expect("listed");
    assert_eq!(folders.folders(), [bench.double.arn(Kind::Folder, "sub")]);

    let delete = |id: &str| {
        bench
            .client
            .delete_folder()
            .aws_account_id(ACCOUNT)
            .folder_id(id)
            .send()
    };
    assert_eq!(code(delete("top").await), "PreconditionNotMet");
    assert_eq!(code(delete("sub").await), "PreconditionNotMet");
    let leave = || {
        let leave = bench
            .client
            .delete_folder_membership()
            .aws_account_id(ACCOUNT)
            .folder_id("sub");
        leave
            .member_id("d")
            .member_type(MemberType::Dashboard)
            .send()
    };
    leave().await.expect("gone");
    assert_eq!(code(leave().await), "ResourceNotFound");
    bench
        .client
        .delete_data_set()
        .aws_account_id(ACCOUNT)
        .data_set_id("sales")
        .send()
        .await
        .expect("deleted");
    delete("sub").await.expect("deleted");
    let update = bench
        .client
        .update_folder()
        .aws_account_id(ACCOUNT)
        .folder_id("top")
        .name("Top")
        .send()
        .await;
    update.expect("updated");
    let list = bench
        .client
        .list_folders()
        .aws_account_id(ACCOUNT)
        .send()
        .await
        .expect("listed");
    assert_eq!(list.folder_summary_list()[0].name(), Some("Top"));
}

#[tokio::test]
async fn a_dashboard_is_created_into_one_folder_at_most() {
    let bench = Bench::with_data_set();
    for id in ["f", "g"] {
        bench
            .client
            .create_folder()
            .aws_account_id(ACCOUNT)
            .folder_id(id)
            .name("F")
            .send()
            .await
            .expect("created");
    }
    let create = || {
        let create = bench
            .client
            .create_dashboard()
            .aws_account_id(ACCOUNT)
            .dashboard_id("d")
            .name("D");
        create
            .definition(bench.definition("day"))
            .folder_arns(bench.double.arn(Kind::Folder, "f"))
    };
    let two = create()
        .folder_arns(bench.double.arn(Kind::Folder, "g"))
        .send()
        .await;
    assert_eq!(code(two), "InvalidParameterValue");
    create().send().await.expect("created");
    assert_eq!(
        bench
            .double
            .folders_of(Kind::Dashboard, "d")
            .into_iter()
            .collect::<Vec<_>>(),
        ["f"]
    );
    bench.settle("d").await;
    let remove = bench
        .client
        .delete_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .send()
        .await;
    remove.expect("deleted");
    assert!(bench.double.folders_of(Kind::Dashboard, "d").is_empty());
}

#[tokio::test]
async fn permissions_of_a_folder_come_in_pages() {
    let bench = Bench::with(|options| options.page_size = 2);
    bench
        .client
        .create_folder()
        .aws_account_id(ACCOUNT)
        .folder_id("f")
        .name("F")
        .send()
        .await
        .expect("created");
    let mut update = bench
        .client
        .update_folder_permissions()
        .aws_account_id(ACCOUNT)
        .folder_id("f");
    for number in 0..5 {
        let user = bench.double.add_user(&format!("u{number}"));
        update = update.grant_permissions(permission(
            &user,
            QuickSightDouble::owner_actions(Kind::Folder),
        ));
    }
    assert_eq!(update.send().await.expect("granted").status(), 200);
    let mut pages = bench
        .client
        .describe_folder_permissions()
        .aws_account_id(ACCOUNT)
        .folder_id("f")
        .into_paginator()
        .items()
        .send();
    let mut count = 0;
    while let Some(permission) = pages.next().await {
        assert_eq!(permission.expect("a permission").actions().len(), 8);
        count += 1;
    }
    assert_eq!(count, 5);
}

#[tokio::test]
async fn they_are_searched_by_name_and_parent() {
    let bench = Bench::new();
    let create = |id: &str| {
        bench
            .client
            .create_folder()
            .aws_account_id(ACCOUNT)
            .folder_id(id)
            .name(format!("Folder {id}"))
    };
    create("top").send().await.expect("created");
    let top = bench.double.arn(Kind::Folder, "top");
    create("sub")
        .parent_folder_arn(&top)
        .send()
        .await
        .expect("created");
    let filter = |name, operator, value: &str| {
        FolderSearchFilter::builder()
            .name(name)
            .operator(operator)
            .value(value)
            .build()
    };
    let search = bench.client.search_folders().aws_account_id(ACCOUNT);
    let found = search
        .filters(filter(
            FolderFilterAttribute::ParentFolderArn,
            FilterOperator::StringEquals,
            &top,
        ))
        .send()
        .await
        .expect("searched");
    assert_eq!(found.folder_summary_list()[0].folder_id(), Some("sub"));
    let search = bench.client.search_folders().aws_account_id(ACCOUNT);
    let found = search
        .filters(filter(
            FolderFilterAttribute::FolderName,
            FilterOperator::StringLike,
            "Folder",
        ))
        .send()
        .await
        .expect("searched");
    assert_eq!(found.folder_summary_list().len(), 2);
}
