//! What cannot be read: the same choice of stopping or going on as the real client has.

use datatransit_dump::{ConnectOptions, Dump, ErrorKind};
use e2e::database::{DatabaseServer, Flavour};
use e2e::parity::{first_difference, our_dump, parse};
use mysql_async::prelude::Queryable as _;
use secrecy::SecretString;

use crate::compare::with_database;

const BROKEN: &str = r#"
CREATE TABLE a (id INT PRIMARY KEY, n INT); INSERT INTO a VALUES (1,1),(2,2);
CREATE TABLE gone (id INT); CREATE VIEW broken AS SELECT id, id + 1 AS `x y` FROM gone; DROP TABLE gone;
CREATE VIEW over_broken AS SELECT id FROM a;
CREATE USER IF NOT EXISTS 'was here'@'%'; GRANT ALL ON *.* TO 'was here'@'%';
CREATE DEFINER='was here'@'%' VIEW orphaned AS SELECT id FROM a;
CREATE DEFINER='was here'@'%' TRIGGER orphan_t BEFORE INSERT ON a FOR EACH ROW SET NEW.n = 1;
CREATE DEFINER='was here'@'%' PROCEDURE orphan_p() SELECT 1;
CREATE TABLE z (id INT PRIMARY KEY, l VARCHAR(10) CHARACTER SET latin1); INSERT INTO z VALUES (1,'é');
CREATE EVENT e ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1;
"#;

async fn broken(server: &DatabaseServer) -> String {
    let database = with_database(server, "broken", BROKEN).await;
    let mut conn = server.connect().await.unwrap();
    // MySQL drops an account that definers name only when it is told to.
    for statement in [
        "DROP USER 'was here'@'%'",
        "DELETE FROM mysql.user WHERE User = 'was here'",
    ] {
        if conn.query_drop(statement).await.is_ok() {
            break;
        }
    }
    conn.query_drop("FLUSH PRIVILEGES").await.unwrap();
    conn.disconnect().await.unwrap();
    database
}

/// With `--force` (or `--ignore-error`) both go on: the same bytes, an error in the end.
async fn assert_same_gaps(server: &DatabaseServer, arguments: &[&str]) {
    let theirs = server.dump(arguments).await.unwrap();
    assert_ne!(theirs.code, Some(0), "{arguments:?}: nothing failed");
    let (ours, report) = our_dump(server, arguments)
        .await
        .unwrap_or_else(|error| panic!("{arguments:?}: {error:#}; theirs: {}", theirs.stderr));
    if let Some(difference) = first_difference(&ours, &theirs.stdout) {
        panic!("{arguments:?}: {difference}\n{}", theirs.stderr);
    }
    assert!(!report.failures.is_empty(), "{arguments:?}");
}

/// Without it both stop, and nobody would take what is there for a whole dump.
async fn assert_same_stop(server: &DatabaseServer, arguments: &[&str]) {
    let theirs = server.dump(arguments).await.unwrap();
    assert_ne!(theirs.code, Some(0), "{arguments:?}: nothing failed");
    let ours = our_dump(server, arguments).await;
    assert!(ours.is_err(), "{arguments:?}: {}", theirs.stderr);
}

async fn going_on(server: &'static DatabaseServer) {
    let database = broken(server).await;
    let empty = server.create_database("broken_not").await.unwrap();
    let name = database.as_str();
    for options in [
        &["--force"][..],
        &["--force", "--single-transaction", "--routines", "--events"],
        &["--force", "--compact", "--skip-lock-tables"],
        &[
            "--force",
            "--no-create-info",
            "--where=nocolumn=1",
            "--skip-comments",
        ],
        &["--force", "--where=nocolumn=1", "--complete-insert"],
        &["--force", "--lock-all-tables", "--skip-add-drop-table"],
    ] {
        assert_same_gaps(server, &[options, &[name]].concat()).await;
        assert_same_gaps(server, &[options, &["-B", &empty, name]].concat()).await;
    }
    assert_same_gaps(server, &["--force", name, "a", "nosuch", "broken", "z"]).await;
    assert_same_gaps(server, &["--force", "-B", "nosuch", &empty, name]).await;
    assert_same_gaps(server, &["--force", "-B", &empty, "nosuch"]).await;
    for options in [
        &[][..],
        &["--single-transaction"],
        &["--skip-lock-tables", "--where=no=1"],
    ] {
        assert_same_stop(server, &[options, &[name]].concat()).await;
    }
    assert_same_stop(server, &["nosuch"]).await;
    assert_same_stop(server, &[name, "nosuch"]).await;
    let left_out = format!("--ignore-table={name}.broken");
    let orphaned = format!("--ignore-table={name}.orphaned");
    crate::compare::assert_same_bytes(
        server,
        &[&left_out, &orphaned, "--routines", "--events", name],
    )
    .await;
    let snapshot = [
        "--single-transaction",
        left_out.as_str(),
        "--routines",
        name,
    ];
    crate::compare::assert_same_bytes(server, &snapshot).await;
}
on_each_release!(a_dump_goes_on_only_with_force, super::going_on);

/// Rows alone: a broken view stops MySQL's client all the same, and both pass over a table that
/// cannot be opened.
async fn rows_alone(server: &'static DatabaseServer) {
    let (broken, unopened) = (
        "CREATE TABLE gone (id INT); CREATE VIEW broken AS SELECT id FROM gone; DROP TABLE gone;",
        "CREATE TABLE m1 (id INT) ENGINE=MyISAM; CREATE TABLE a (id INT); INSERT INTO a VALUES (1); \
         CREATE TABLE merged (id INT) ENGINE=MERGE UNION=(m1); DROP TABLE m1;",
    );
    for (script, is_passed_over) in [
        (broken, server.flavour() == Flavour::MariaDb),
        (unopened, true),
    ] {
        let database = with_database(server, "rows_alone", script).await;
        let arguments = ["--no-create-info", "--single-transaction", &database];
        if is_passed_over {
            crate::compare::assert_same_bytes(server, &arguments).await;
            let (_, report) = our_dump(server, &arguments).await.unwrap();
            let gaps = usize::from(script == unopened && server.flavour() == Flavour::MariaDb);
            assert_eq!(report.failures.len(), gaps, "{:?}", report.failures);
        } else {
            assert_same_stop(server, &arguments).await;
            assert_same_gaps(server, &[&["--force"][..], &arguments].concat()).await;
        }
    }
}
on_each_release!(rows_alone_need_some_definitions, super::rows_alone);

/// MySQL's list of errors that do not matter.
async fn listed_errors(server: &'static DatabaseServer) {
    if server.flavour() == Flavour::MariaDb {
        return;
    }
    let database = broken(server).await;
    assert_same_gaps(
        server,
        &[
            "--ignore-error=1356,1449",
            "--single-transaction",
            &database,
        ],
    )
    .await;
    assert_same_stop(
        server,
        &["--ignore-error=1146", "--single-transaction", &database],
    )
    .await;
}
on_each_release!(errors_that_are_listed_are_passed_over, super::listed_errors);

/// A user who may not see a routine's body or a table's rows.
async fn denied(server: &'static DatabaseServer) {
    let database = with_database(server, "denied", BROKEN_PRIVILEGES).await;
    let user = format!("u_{database}");
    let grants = [format!(
        "SELECT, SHOW VIEW, TRIGGER, EVENT, EXECUTE, LOCK TABLES ON `{database}`.*"
    )];
    let grants: Vec<&str> = grants.iter().map(String::as_str).collect();
    server.create_user(&user, "pw", &grants).await.unwrap();
    let mut arguments = vec![
        "--force",
        "--single-transaction",
        "--no-tablespaces",
        "--routines",
        "--events",
    ];
    if server.flavour() == Flavour::MySql {
        // GTIDs take a lock that this user may not have.
        arguments.push("--set-gtid-purged=OFF");
    }
    arguments.push(&database);
    let mut command = server.dump_command();
    command
        .args([format!("-u{user}"), "-ppw".to_owned()])
        .args(&arguments);
    let theirs = command.output().await.unwrap();
    assert_eq!(
        theirs.status.code(),
        Some(2),
        "{}",
        String::from_utf8_lossy(&theirs.stderr)
    );

    let (options, selection) = parse(&arguments).unwrap();
    let connect = ConnectOptions::new(
        server.host(),
        server.port(),
        user.as_str(),
        SecretString::from("pw"),
    );
    let mut sink = datatransit_dump::WriterSink::new(Vec::new());
    let dump = Dump::builder(connect.clone(), selection.clone()).options(options);
    let report = dump.build().unwrap().run(&mut sink).await.unwrap();
    assert_eq!(first_difference(&sink.into_inner(), &theirs.stdout), None);
    assert_eq!(report.failures.len(), 2, "{:?}", report.failures);

    let (options, _) = parse(&arguments[1..]).unwrap();
    let dump = Dump::builder(connect, selection).options(options);
    let mut sink = datatransit_dump::WriterSink::new(Vec::new());
    let error = dump.build().unwrap().run(&mut sink).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AccessDenied, "{error}");
    assert!(error.to_string().contains("others"), "{error}");
}

const BROKEN_PRIVILEGES: &str = r#"
CREATE TABLE a (id INT PRIMARY KEY); INSERT INTO a VALUES (1);
CREATE FUNCTION others() RETURNS INT NO SQL RETURN 1;
CREATE PROCEDURE `others too`() SELECT 1;
CREATE VIEW v AS SELECT id FROM a;
"#;
on_each_release!(a_hidden_body_is_named, super::denied);

/// Users who may do something to tables and yet not read them: what the client is told of the
/// columns decides how far it gets.
async fn blind(server: &'static DatabaseServer) {
    let sequence = match server.flavour() {
        Flavour::MariaDb => "CREATE SEQUENCE s;",
        Flavour::MySql => "",
    };
    let script = format!(
        "{BROKEN_PRIVILEGES} {sequence} CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW SET @x=1;"
    );
    let database = with_database(server, "blind", &script).await;
    for (rights, user) in [("INSERT", "writer"), ("TRIGGER", "trigger")] {
        let user = format!("{user}_{database}");
        let grant = format!("{rights} ON `{database}`.*");
        server.create_user(&user, "pw", &[&grant]).await.unwrap();
        for given in [&[][..], &["--no-create-info"], &["--no-data", "--compact"]] {
            let mut arguments = vec!["--force", "--skip-lock-tables", "--no-tablespaces"];
            arguments.extend(given);
            arguments.push(&database);
            let mut command = server.dump_command();
            command.args([format!("-u{user}"), "-ppw".to_owned()]);
            let theirs = command.args(&arguments).output().await.unwrap();
            let (options, selection) = parse(&arguments).unwrap();
            let (host, port) = (server.host(), server.port());
            let connect = ConnectOptions::new(host, port, &*user, SecretString::from("pw"));
            let mut sink = datatransit_dump::WriterSink::new(Vec::new());
            let dump = Dump::builder(connect, selection).options(options);
            let report = dump.build().unwrap().run(&mut sink).await.unwrap();
            let difference = first_difference(&sink.into_inner(), &theirs.stdout);
            assert_eq!(difference, None, "{rights} {given:?}");
            let failed = theirs.status.code() != Some(0);
            // MariaDB's client passes over the rows of a table whose columns it is not shown.
            let passed_over = server.flavour() == Flavour::MariaDb
                && rights == "TRIGGER"
                && !given.contains(&"--no-data");
            let has_gaps = !report.failures.is_empty();
            assert_eq!(has_gaps, failed || passed_over, "{rights} {given:?}");
        }
    }
}
on_each_release!(a_user_who_reads_no_row_gets_as_far, super::blind);

/// MariaDB's client looks for a database that has events under its escaped name, and does not
/// find it; MySQL's dumps them.
async fn quoted_database(server: &'static DatabaseServer) {
    let script = "CREATE TABLE t (id INT); \
        CREATE EVENT ev ON SCHEDULE EVERY 1 DAY DISABLE DO SET @x = 1;";
    for prefix in ["it's", "a\"b", "a\\b"] {
        let database = with_database(server, prefix, script).await;
        crate::compare::assert_same_bytes(server, &[&database]).await;
        let arguments = ["--events", &database];
        if server.flavour() == Flavour::MySql {
            crate::compare::assert_same_bytes(server, &arguments).await;
            continue;
        }
        let theirs = server.dump(&arguments).await.unwrap();
        assert_eq!(theirs.code, Some(2), "{}", theirs.stderr);
        let (ours, report) = our_dump(server, &arguments).await.unwrap();
        assert!(report.failures.is_empty(), "{report:?}");
        let dump = String::from_utf8_lossy(&ours);
        assert!(dump.contains("EVENT `ev`"), "{dump}");
    }
}
on_each_release!(events_of_a_database_with_a_quote, super::quoted_database);
