//! Two dumps of the same data under other options: which, by what can be seen.

use datatransit_dump::compare::{ReasonKind, TableState};
use e2e::database::{Flavour, Release};

use crate::world::{compare, kinds, servers, table, theirs, with_database, with_houses};

/// Each option beside the defaults: it is named, and the rows stay the same.
#[tokio::test]
async fn the_option_that_differs_is_named() {
    for server in servers().await {
        let database = with_houses(server).await;
        let base: &[&str] = match server.flavour() {
            Flavour::MySql => &["--set-gtid-purged=OFF"],
            Flavour::MariaDb => &[],
        };
        let dump = async |more: &[&str]| {
            let arguments = [base, more, &[database.as_str()]].concat();
            theirs(server, &arguments).await
        };
        let old = dump(&[]).await;
        // On by itself in newer releases of MariaDB.
        let no_autocommit = if server.release() == Release::MariaDb11 {
            ("--skip-no-autocommit", "--no-autocommit (only old)")
        } else {
            ("--no-autocommit", "--no-autocommit (only new)")
        };
        for (option, named) in [
            ("--compact", "--compact (only new)"),
            ("--skip-comments", "--comments (only old)"),
            ("--skip-add-locks", "--add-locks (only old)"),
            ("--skip-disable-keys", "--disable-keys (only old)"),
            ("--skip-add-drop-table", "--add-drop-table (only old)"),
            ("--complete-insert", "--complete-insert (only new)"),
            ("--skip-extended-insert", "--extended-insert (only old)"),
            ("--insert-ignore", "--insert-ignore (only new)"),
            ("--replace", "--replace (only new)"),
            no_autocommit,
            ("--skip-set-charset", "--set-charset (only old)"),
            ("--skip-dump-date", "--dump-date (only old)"),
            ("--skip-triggers", "--triggers (only old)"),
            ("--routines", "--routines (only new)"),
            ("--events", "--events (only new)"),
            ("--no-create-info", "--no-create-info (only new)"),
            ("--order-by-primary", "--order-by-primary (only new)"),
            ("--databases", "--databases (only new)"),
        ] {
            let report = compare(&old, &dump(&[option]).await).await;
            let text = report
                .reasons
                .iter()
                .find(|reason| reason.kind == ReasonKind::Options);
            let text = &text
                .unwrap_or_else(|| panic!("{option}: {:?}", report.reasons))
                .text;
            assert!(text.contains(named), "{option}: {text}");
            assert_eq!(text.matches("(only").count(), 1, "{option}: {text}");
            assert!(
                !report.has_reason(ReasonKind::Rows),
                "{option}: {:?}",
                report.reasons
            );
        }
        let report = compare(&old, &dump(&["--no-data"]).await).await;
        assert!(
            report
                .reasons
                .iter()
                .any(|reason| reason.text.contains("--no-data (only new)"))
        );
        assert!(report.has_reason(ReasonKind::Rows));
    }
}

/// Literals, time zones and the packing.
#[tokio::test]
async fn forms_of_values() {
    for server in servers().await {
        let script = "CREATE TABLE t (id INT PRIMARY KEY, b BLOB, at TIMESTAMP NULL); \
            INSERT INTO t VALUES (1, X'00FF', '2024-05-05 00:00:00'), (2, 'abc', NULL);";
        let database = with_database(server, script).await;
        let old = theirs(server, &[&database]).await;
        let report = compare(&old, &theirs(server, &["--hex-blob", &database]).await).await;
        assert_eq!(table(&report, "t").state, TableState::Same);
        let text = &report.reasons.last().unwrap().text;
        assert!(text.contains("--hex-blob (only new)"), "{text}");
        assert_eq!(kinds(&report), [ReasonKind::Options]);
        let report = compare(&old, &theirs(server, &["--skip-tz-utc", &database]).await).await;
        let text = &report.reasons.last().unwrap().text;
        assert!(text.contains("--tz-utc (only old)"), "{text}");
    }
}

#[tokio::test]
async fn another_buffer_is_another_packing() {
    for server in servers().await {
        let database = with_houses(server).await;
        let old = theirs(server, &["--compact", &database]).await;
        let new = theirs(
            server,
            &["--compact", "--net-buffer-length=8192", &database],
        )
        .await;
        let report = compare(&old, &new).await;
        assert_eq!(
            kinds(&report),
            [ReasonKind::Packing],
            "{:?}",
            report.reasons
        );
        assert!(report.rows_are_same());
    }
}
