//! Each corpus with every option set, with and without `-B`.

use e2e::database::{DatabaseServer, Flavour, Release};

use crate::compare::{assert_same_bytes, with_database};
use crate::{corpora, option_sets};

async fn every_option_set(server: &DatabaseServer, corpus: &str) {
    let database = with_database(server, "parity", corpus).await;
    for options in option_sets::of(server.release()) {
        for form in [vec![database.as_str()], vec!["-B", database.as_str()]] {
            let mut arguments = options.to_vec();
            arguments.extend(form);
            assert_same_bytes(server, &arguments).await;
        }
    }
}

async fn types(server: &'static DatabaseServer) {
    every_option_set(server, corpora::TYPES).await;
}
on_each_release!(every_type, super::types);

async fn programs(server: &'static DatabaseServer) {
    every_option_set(server, corpora::PROGRAMS).await;
}
on_each_release!(views_triggers_routines_events, super::programs);

async fn own(server: &'static DatabaseServer) {
    let corpus = match server.release() {
        Release::MariaDb | Release::MariaDb11 => corpora::MARIADB.to_owned(),
        Release::MySql => format!("{}{}", corpora::MYSQL, corpora::MYSQL_9),
        Release::MySql80 | Release::MySql84 => corpora::MYSQL.to_owned(),
    };
    every_option_set(server, &corpus).await;
}
on_each_release!(what_only_this_family_has, super::own);

/// A name with a line end is printed in comments too. The clients cannot read back some of
/// these names without quotes, and MySQL's cannot quote them for SHOW TABLES.
async fn names(server: &'static DatabaseServer) {
    let database = with_database(server, "na`me.s x'y", corpora::NAMES).await;
    let ansi = ["--compatible=ansi", "--default-character-set=utf8mb4"];
    let sets: &[&[&str]] = &[
        &[],
        &["--compact"],
        &["--routines", "--add-drop-trigger", "--add-drop-database"],
        &["--hex-blob", "--order-by-primary", "--complete-insert"],
        &["--skip-quote-names", "--routines"],
        &ansi,
    ];
    for &options in sets {
        assert_same_bytes(server, &[options, &["-B", &database]].concat()).await;
        assert_same_bytes(server, &[options, &[database.as_str()]].concat()).await;
    }
    let plain = with_database(server, "names", corpora::NAMES).await;
    for options in [
        &["--routines", "--events"][..],
        &["--events", "--skip-quote-names"],
    ] {
        assert_same_bytes(server, &[options, &["-B", &plain]].concat()).await;
    }
    if server.flavour() == Flavour::MariaDb {
        assert_same_bytes(server, &["--routines", "--events", &database]).await;
    }
}
on_each_release!(names_that_need_care, super::names);
