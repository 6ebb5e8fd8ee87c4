//! A client of another release, or of the other family, than the server: Debian's `mysqldump`
//! is MariaDB's, whatever it dumps, and a job may run a newer client than Aurora's series.

use e2e::database::{DatabaseServer, Flavour, Release, shared};
use e2e::parity::{first_difference, our_dump};

use crate::compare::with_database;
use crate::corpora;

const OPTIONS: &[&[&str]] = &[
    &["--single-transaction", "--routines", "--events"],
    &["--compact", "--triggers", "--hex-blob"],
    &[
        "--skip-extended-insert",
        "--complete-insert",
        "--order-by-primary",
    ],
    &[
        "--insert-ignore",
        "--skip-opt",
        "--create-options",
        "--routines",
    ],
];

fn flavour(client: Release) -> &'static str {
    match client {
        Release::MariaDb => "--flavour=mariadb-10.11",
        Release::MariaDb11 => "--flavour=mariadb-11.8",
        Release::MySql => "--flavour=mysql-9.7",
        Release::MySql80 => "--flavour=mysql-8.0",
        Release::MySql84 => "--flavour=mysql-8.4",
    }
}

async fn pair(server: Release, clients: &[Release]) {
    let Some(server) = shared(server).await else {
        return;
    };
    let types = with_database(server, "crossed", corpora::TYPES).await;
    let programs = with_database(server, "crossed", corpora::PROGRAMS).await;
    for client in clients {
        against(server, *client, &[&types, &programs]).await;
    }
}

async fn against(server: &DatabaseServer, client: Release, databases: &[&str]) {
    let possible: &[&str] = match (client.flavour(), server.flavour()) {
        // What MySQL's clients ask for by default, MariaDB has not.
        (Flavour::MySql, Flavour::MariaDb) => &["--column-statistics=0", "--set-gtid-purged=OFF"],
        _ => &[],
    };
    for &options in OPTIONS {
        let arguments = [options, possible, &["-B"], databases].concat();
        let with_flavour = [&[flavour(client)][..], &arguments].concat();
        let (ours, report) = our_dump(server, &with_flavour).await.unwrap();
        assert!(flavour(client).contains(&report.flavour.to_string()));
        let Some(mut command) = server.dump_command_of(client) else {
            return;
        };
        let theirs = command.args(&arguments).output().await.unwrap();
        let complaint = String::from_utf8_lossy(&theirs.stderr);
        assert!(
            theirs.status.success(),
            "{client} {arguments:?}: {complaint}"
        );
        if let Some(difference) = first_difference(&ours, &theirs.stdout) {
            panic!(
                "{client} against {} {arguments:?}: {difference}",
                server.release()
            );
        }
    }
}

#[tokio::test]
async fn mariadbs_clients_and_older_ones_against_mysql9() {
    use Release::{MariaDb, MariaDb11, MySql80, MySql84};
    pair(Release::MySql, &[MariaDb, MariaDb11, MySql80, MySql84]).await;
}

#[tokio::test]
async fn mariadbs_clients_and_newer_ones_against_mysql80() {
    use Release::{MariaDb, MariaDb11, MySql, MySql84};
    pair(Release::MySql80, &[MariaDb, MariaDb11, MySql84, MySql]).await;
}

#[tokio::test]
async fn mariadbs_clients_and_a_newer_one_against_mysql84() {
    use Release::{MariaDb, MariaDb11, MySql, MySql80};
    pair(Release::MySql84, &[MariaDb, MariaDb11, MySql80, MySql]).await;
}

#[tokio::test]
async fn a_newer_client_against_mariadb10() {
    pair(Release::MariaDb, &[Release::MariaDb11]).await;
}

#[tokio::test]
async fn an_older_client_against_mariadb11() {
    pair(Release::MariaDb11, &[Release::MariaDb]).await;
}

/// Versioned tables, sequences and packages among them, which MySQL's clients do not know.
async fn mysqls_clients(server: Release) {
    let Some(server) = shared(server).await else {
        return;
    };
    let own = with_database(server, "crossed", corpora::MARIADB).await;
    let types = with_database(server, "crossed", corpora::TYPES).await;
    let programs = with_database(server, "crossed", corpora::PROGRAMS).await;
    for client in [Release::MySql80, Release::MySql84] {
        against(server, client, &[&own, &types, &programs]).await;
    }
}

#[tokio::test]
async fn mysqls_clients_against_mariadb10() {
    mysqls_clients(Release::MariaDb).await;
}

#[tokio::test]
async fn mysqls_clients_against_mariadb11() {
    mysqls_clients(Release::MariaDb11).await;
}
