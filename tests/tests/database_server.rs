//! The private servers themselves: start, clients, clean-up.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Result;
use e2e::database::{
    DatabaseServer, Flavour, Release, shared, shared_mariadb, shared_mariadb11, shared_mysql,
    shared_mysql80, shared_mysql84,
};
use e2e::scratch::Scratch;
use mysql_async::prelude::Queryable as _;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

const SCRIPT: &str = "
CREATE TABLE t (id INT PRIMARY KEY, name VARCHAR(50));
INSERT INTO t VALUES (1, '渋谷'), (2, 'it''s');
DELIMITER ;;
CREATE PROCEDURE p() BEGIN SELECT 1; SELECT 2; END;;
DELIMITER ;
";

async fn script_dump_restore(server: &DatabaseServer) -> Result<()> {
    let source = server.create_database("source").await?;
    let target = server.create_database("target").await?;
    server.run_sql(&format!("USE {source}; {SCRIPT}")).await?;

    let mut options = vec!["--compact", "--routines"];
    if server.flavour() == Flavour::MySql {
        options.push("--set-gtid-purged=OFF");
    }
    options.push(&source);
    let dump = server.dump(&options).await?;
    assert!(dump.success(), "{}", dump.stderr);
    assert_eq!(dump.stderr, "", "a sound dump is a silent one");
    let text = String::from_utf8(dump.stdout.clone())?;
    assert!(
        text.contains("'渋谷'") && text.contains("DELIMITER ;;"),
        "{text}"
    );

    server
        .restore(Some(&target), &mut dump.stdout.as_slice())
        .await?;
    let checksums = server.checksum_tables(&source).await?;
    assert!(checksums["t"].is_some(), "{checksums:?}");
    assert_eq!(checksums, server.checksum_tables(&target).await?);
    Ok(())
}

#[tokio::test]
async fn mariadb_runs_scripts_dumps_and_restores() {
    if let Some(server) = shared_mariadb().await {
        script_dump_restore(server).await.unwrap();
    }
}

#[tokio::test]
async fn mysql_runs_scripts_dumps_and_restores() {
    if let Some(server) = shared_mysql().await {
        script_dump_restore(server).await.unwrap();
    }
}

#[tokio::test]
async fn mariadb11_runs_scripts_dumps_and_restores() {
    if let Some(server) = shared_mariadb11().await {
        script_dump_restore(server).await.unwrap();
    }
}

#[tokio::test]
async fn mysql80_runs_scripts_dumps_and_restores() {
    if let Some(server) = shared_mysql80().await {
        script_dump_restore(server).await.unwrap();
    }
}

#[tokio::test]
async fn mysql84_runs_scripts_dumps_and_restores() {
    if let Some(server) = shared_mysql84().await {
        script_dump_restore(server).await.unwrap();
    }
}

/// The server answers with the version that the release names, and its dump tool
/// has the very version of the server: no program of another release slipped in.
async fn version_is_that_of(release: Release, prefix: &str) -> Result<()> {
    let Some(server) = shared(release).await else {
        return Ok(());
    };
    assert_eq!(server.release(), release);
    assert_eq!(server.flavour(), release.flavour());
    let mut conn = server.connect().await?;
    let version: Option<String> = conn.query_first("SELECT VERSION()").await?;
    conn.disconnect().await?;
    let version = version.unwrap_or_default();
    assert!(version.starts_with(prefix), "{release}: {version}");

    let number = version.split('-').next().unwrap_or_default();
    for mut command in [server.dump_command(), server.client_command()] {
        let output = command.arg("--version").output().await?;
        let told = String::from_utf8(output.stdout)?;
        assert!(told.contains(number), "{release}: {number}, {told}");
    }
    Ok(())
}

#[tokio::test]
async fn mariadb11_is_what_it_says() {
    let release = Release::MariaDb11;
    version_is_that_of(release, "11.8.").await.unwrap();
}

#[tokio::test]
async fn mysql_is_what_it_says() {
    version_is_that_of(Release::MySql, "9.").await.unwrap();
}

#[tokio::test]
async fn mysql80_is_what_it_says() {
    version_is_that_of(Release::MySql80, "8.0.").await.unwrap();
}

#[tokio::test]
async fn mysql84_is_what_it_says() {
    version_is_that_of(Release::MySql84, "8.4.").await.unwrap();
}

#[test]
fn a_flavour_stands_for_the_release_that_every_machine_has() {
    for flavour in [Flavour::MariaDb, Flavour::MySql] {
        let release = Release::from(flavour);
        assert_eq!(release.flavour(), flavour);
        assert!(release.is_required());
    }
}

#[tokio::test]
async fn a_failing_statement_is_an_error_with_the_clients_words() {
    let Some(server) = shared_mariadb().await else {
        return;
    };
    let error = server
        .run_sql("SELECT * FROM nowhere.nothing")
        .await
        .unwrap_err();
    assert!(format!("{error:#}").contains("nowhere"), "{error:#}");
}

#[tokio::test]
async fn a_user_has_the_password_and_the_grants_it_was_given() {
    let every_required = [
        shared_mariadb().await,
        shared_mariadb11().await,
        shared_mysql().await,
    ];
    for server in every_required.into_iter().flatten() {
        let granted = server.create_database("granted").await.unwrap();
        let grant = format!("SELECT ON `{granted}`.*");
        server
            .create_user("reader", "p'w\\d", &[&grant])
            .await
            .unwrap();

        let options = server
            .root_options()
            .user(Some("reader"))
            .pass(Some("p'w\\d"));
        let mut conn = mysql_async::Conn::new(options.clone()).await.unwrap();
        let found: Vec<String> = conn.query("SHOW DATABASES").await.unwrap();
        assert!(
            found.contains(&granted) && !found.contains(&"mysql".to_owned()),
            "{found:?}"
        );
        conn.disconnect().await.unwrap();
        assert!(
            mysql_async::Conn::new(options.pass(Some("wrong")))
                .await
                .is_err()
        );
    }
}

#[tokio::test]
async fn options_reach_the_server_and_drop_leaves_nothing() {
    let builder =
        DatabaseServer::builder(Flavour::MariaDb).server_options(&["--default-time-zone=+09:00"]);
    let Some(server) = builder.start().await.unwrap() else {
        return;
    };
    let mut conn = server.connect().await.unwrap();
    let zone: Option<String> = conn.query_first("SELECT @@GLOBAL.time_zone").await.unwrap();
    assert_eq!(zone.as_deref(), Some("+09:00"));

    let directory = server.socket().parent().map(PathBuf::from).unwrap();
    let process = PathBuf::from(format!("/proc/{}", server.pid()));
    assert!(directory.exists());
    drop(server);
    assert!(!directory.exists() && !process.exists());
}

/// A server that starts clears its temporary directory, which must not be one
/// where another is filling its data directory.
#[tokio::test]
async fn servers_that_start_at_once_do_not_disturb_each_other() {
    let start = DatabaseServer::mariadb;
    let servers = tokio::try_join!(start(), start(), start()).unwrap();
    let (Some(a), Some(b), Some(c)) = servers else {
        return;
    };
    assert!(a.port() != b.port() && b.port() != c.port() && a.port() != c.port());
}

/// Runs only as a child of the tests below: starts a server, says so, and hangs.
#[tokio::test]
async fn child_that_is_killed() {
    if std::env::var_os("E2E_CHILD_THAT_IS_KILLED").is_none() {
        return;
    }
    let server = DatabaseServer::mariadb().await.unwrap().unwrap();
    println!("\nserver {}", server.pid());
    std::future::pending::<()>().await;
}

fn spawn_child(scratch: &Scratch) -> Result<Child> {
    let child = Command::new(std::env::current_exe()?)
        .args(["--exact", "child_that_is_killed", "--nocapture"])
        .env("E2E_CHILD_THAT_IS_KILLED", "1")
        .env("TMPDIR", scratch.path())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    Ok(child)
}

fn is_empty(scratch: &Scratch) -> bool {
    std::fs::read_dir(scratch.path()).is_ok_and(|mut entries| entries.next().is_none())
}

async fn eventually(what: &str, condition: impl Fn() -> bool) {
    let looking = async {
        while !condition() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let looked = tokio::time::timeout(Duration::from_secs(60), looking).await;
    assert!(looked.is_ok(), "{what}");
}

#[tokio::test]
async fn sigkill_of_the_process_leaves_nothing() {
    if shared_mariadb().await.is_none() {
        return;
    }
    let scratch = Scratch::new("datatransit-test-").unwrap();
    let mut child = spawn_child(&scratch).unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let pid = loop {
        let line = lines
            .next_line()
            .await
            .unwrap()
            .expect("the child names its server");
        if let Some(pid) = line.strip_prefix("server ") {
            break pid.to_owned();
        }
    };
    assert!(!is_empty(&scratch));
    child.kill().await.unwrap();
    let process = PathBuf::from(format!("/proc/{pid}"));
    eventually("the server ends", || !process.exists()).await;
    eventually("its directory goes", || is_empty(&scratch)).await;
}

#[tokio::test]
async fn sigkill_while_the_data_directory_is_filled_leaves_nothing() {
    if shared_mariadb().await.is_none() {
        return;
    }
    let scratch = Scratch::new("datatransit-test-").unwrap();
    let mut child = spawn_child(&scratch).unwrap();
    let filling = || {
        let entries = std::fs::read_dir(scratch.path())
            .into_iter()
            .flatten()
            .flatten();
        entries
            .into_iter()
            .any(|entry| entry.path().join("data/mysql").exists())
    };
    eventually("filling begins", filling).await;
    child.kill().await.unwrap();
    eventually("the directory goes", || is_empty(&scratch)).await;
    // Nothing that still runs may bring it back.
    let scratch = scratch.path().to_string_lossy().into_owned();
    eventually("no process is left", || {
        let processes = std::fs::read_dir("/proc").into_iter().flatten().flatten();
        !processes.into_iter().any(|process| {
            let arguments = std::fs::read(process.path().join("cmdline")).unwrap_or_default();
            let arguments = String::from_utf8_lossy(&arguments);
            arguments.contains(&scratch) && arguments.contains("datatransit-db-")
        })
    })
    .await;
}
