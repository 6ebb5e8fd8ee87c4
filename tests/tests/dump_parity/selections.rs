//! What is dumped: several databases, named tables, everything, and what is left out.

use e2e::database::{DatabaseServer, Flavour, Release};
use e2e::production::OPTIONS as PRODUCTION;
use e2e::sharehouse::{self, LoadOptions};

use crate::compare::{assert_same_bytes, with_database};
use crate::corpora;

/// The demo's schema, under the production job's options and under none.
async fn share_house(server: &'static DatabaseServer) {
    let mut options = LoadOptions::default();
    options.database = "sharehouse".into();
    options.rows = 20_000;
    sharehouse::load(server, &options)
        .await
        .expect("the share house loads");
    let mut production = PRODUCTION.to_vec();
    if server.flavour() == Flavour::MySql {
        production.push("--set-gtid-purged=OFF");
    }
    production.extend(["-B", "sharehouse"]);
    let report = assert_same_bytes(server, &production).await;
    assert!(report.rows >= 20_000);
    assert_same_bytes(server, &["sharehouse"]).await;
    assert_same_bytes(server, &["sharehouse", "rooms", "tenants"]).await;
}
on_each_release!(the_share_house, super::share_house);

/// Final views come after the last database; every database begins a second time.
async fn several(server: &'static DatabaseServer) {
    let programs = with_database(server, "several", corpora::PROGRAMS).await;
    let empty = server.create_database("several_empty").await.unwrap();
    let types = with_database(server, "several", corpora::TYPES).await;
    let all = [programs.as_str(), empty.as_str(), types.as_str()];
    for options in [
        &["--routines", "--events"][..],
        PRODUCTION,
        &["--add-drop-database"],
        &["--no-create-db"],
        &[
            "--no-data",
            "--skip-opt",
            "--lock-tables",
            "--skip-quote-names",
        ],
    ] {
        assert_same_bytes(server, &[options, &["-B"], &all].concat()).await;
    }
    for options in [
        &["--routines", "--events"][..],
        PRODUCTION,
        &["--no-create-info", "--tables"],
        &["--order-by-primary", "--lock-all-tables"],
    ] {
        let named = [programs.as_str(), "zz_base", "log", "a", "aa_over"];
        assert_same_bytes(server, &[options, &named].concat()).await;
    }
    let ignored = format!("--ignore-table={types}.blobs");
    let shouted = format!("--ignore-table={}", format!("{types}.TEXTS").to_uppercase());
    let view = format!("--ignore-table={programs}.zz_base");
    assert_same_bytes(server, &[&ignored, "--ignore-table=other.texts", &types]).await;
    assert_same_bytes(server, &[&shouted, &types]).await;
    assert_same_bytes(server, &[&view, "-B", &programs, &empty]).await;
    assert_same_bytes(server, &[empty.as_str()]).await;
    assert_same_bytes(server, &["--compact", "-B", &empty]).await;
    if server.flavour() == Flavour::MariaDb {
        let kept = format!("--ignore-table-data={types}.texts");
        assert_same_bytes(server, &[&kept, &types]).await;
        let named = with_database(server, "several", corpora::MARIADB).await;
        let order = ["periods", "plain", "zz_unused", "drawn", "versioned"];
        for options in [&[][..], &["--no-create-info"], &["--dump-history"]] {
            assert_same_bytes(server, &[options, &[named.as_str()], &order].concat()).await;
        }
    }
}
on_each_release!(several_databases_and_named_tables, super::several);

/// On a server of its own: others would make databases meanwhile.
async fn everything(release: Release) {
    let server = DatabaseServer::builder(release)
        .server_options(&["--innodb-stats-auto-recalc=OFF"])
        .start()
        .await
        .unwrap();
    let Some(server) = server else { return };
    let programs = with_database(&server, "zz_programs", corpora::PROGRAMS).await;
    let before = with_database(&server, "aa_before_mysql", corpora::TYPES).await;
    for options in [
        &[][..],
        &["--routines", "--events", "--flush-privileges"],
        &[
            "--single-transaction",
            "--add-drop-database",
            "--no-tablespaces",
        ],
        &["--insert-ignore", "--no-autocommit"],
        &["--no-data", "--skip-add-drop-table", "--flush-privileges"],
        &["--no-create-info", "--replace"],
        &["--compact", "--all-tablespaces"],
    ] {
        let report = assert_same_bytes(&server, &[options, &["--all-databases"]].concat()).await;
        assert!(report.databases.contains(&"mysql".to_owned()));
    }
    for form in [
        &["-B", "mysql"][..],
        &["mysql"],
        &["-B", &before, "mysql", &programs],
        &["--add-drop-database", "--flush-privileges", "-B", "mysql"],
        &["--single-transaction", "mysql", "general_log"],
        &["mysql", "innodb_table_stats", "innodb_index_stats"],
    ] {
        assert_same_bytes(&server, form).await;
    }
    if server.flavour() == Flavour::MariaDb {
        let ignored = format!("--ignore-database={before}");
        assert_same_bytes(
            &server,
            &[&ignored, "--ignore-database=mysql", "--all-databases"],
        )
        .await;
    }
}

mod every_database {
    use e2e::database::Release;

    #[tokio::test]
    async fn mariadb10() {
        super::everything(Release::MariaDb).await;
    }

    #[tokio::test]
    async fn mariadb11() {
        super::everything(Release::MariaDb11).await;
    }

    #[tokio::test]
    async fn mysql9() {
        super::everything(Release::MySql).await;
    }

    #[tokio::test]
    async fn mysql80() {
        super::everything(Release::MySql80).await;
    }

    #[tokio::test]
    async fn mysql84() {
        super::everything(Release::MySql84).await;
    }
}
