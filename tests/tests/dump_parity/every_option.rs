//! Each corpus with every option set, with and without `-B`.

use e2e::database::{DatabaseServer, Flavour, Release};
use e2e::parity::compare_dumps;

use crate::compare::{assert_same_bytes, with_database};
use crate::{corpora, option_sets};

async fn every_option_set(server: &DatabaseServer, corpus: &str, suits: impl Fn(&[&str]) -> bool) {
    let database = with_database(server, "parity", corpus).await;
    let mut differences = Vec::new();
    for options in option_sets::of(server.release()).filter(|options| suits(options)) {
        for form in [vec![database.as_str()], vec!["-B", database.as_str()]] {
            let mut arguments = options.to_vec();
            arguments.extend(form);
            if let Err(error) = compare_dumps(server, &arguments).await {
                differences.push(format!("{error:#}"));
            }
        }
    }
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

async fn types(server: &'static DatabaseServer) {
    let suits = |options: &[&str]| option_sets::reads_keywords(server.release(), options);
    every_option_set(server, corpora::TYPES, suits).await;
}
on_each_release!(every_type, super::types);

async fn programs(server: &'static DatabaseServer) {
    every_option_set(server, corpora::PROGRAMS, |_| true).await;
}
on_each_release!(views_triggers_routines_events, super::programs);

async fn own(server: &'static DatabaseServer) {
    let corpus = match server.release() {
        Release::MariaDb => corpora::MARIADB.to_owned(),
        Release::MariaDb11 => format!("{}{}", corpora::MARIADB, corpora::MARIADB_11),
        Release::MySql => format!("{}{}", corpora::MYSQL, corpora::MYSQL_9),
        Release::MySql80 | Release::MySql84 => corpora::MYSQL.to_owned(),
    };
    // Under `binary` the clients of MySQL 8 cannot read the histograms that they dump.
    let histograms = matches!(server.release(), Release::MySql80 | Release::MySql84);
    let suits =
        |options: &[&str]| !(histograms && options.contains(&"--default-character-set=binary"));
    every_option_set(server, &corpus, suits).await;
}
on_each_release!(what_only_this_family_has, super::own);

/// Not with every option: of a column named with a line end, or a database with a quote, the
/// clients make statements that no server reads.
async fn names(server: &'static DatabaseServer) {
    let database = with_database(server, "na`me.s x'y", corpora::NAMES).await;
    let plain = with_database(server, "names", corpora::NAMES).await;
    let ansi = ["--compatible=ansi", "--default-character-set=utf8mb4"];
    let without_programs: &[&[&str]] = &[
        &[],
        &["--compact"],
        &["--hex-blob", "--complete-insert", "--skip-triggers"],
        &["--no-data", "--skip-quote-names"],
        &ansi,
    ];
    for &options in without_programs {
        for name in [&plain, &database] {
            assert_same_bytes(server, &[options, &["-B", name]].concat()).await;
            assert_same_bytes(server, &[options, &[name.as_str()]].concat()).await;
        }
    }
    let with_programs: &[&[&str]] = &[
        &["--routines", "--events"],
        &[
            "--routines",
            "--events",
            "--add-drop-trigger",
            "--add-drop-database",
        ],
        &["--routines", "--events", "--no-data", "--skip-quote-names"],
        &["--compact", "--routines", "--single-transaction"],
    ];
    for &options in with_programs {
        assert_same_bytes(server, &[options, &["-B", &plain]].concat()).await;
        assert_same_bytes(server, &[options, &[plain.as_str()]].concat()).await;
    }
}
on_each_release!(names_that_need_care, super::names);

/// Names beyond ASCII in a set that has their letters, and columns that MySQL's client need not
/// name.
async fn single_byte_names(server: &'static DatabaseServer) {
    let script = "CREATE TABLE `té` (`cé` INT PRIMARY KEY, `ß` VARCHAR(10) DEFAULT 'ü', n INT, g INT AS (n+1)) COMMENT='ö'; \
        INSERT INTO `té` (`cé`) VALUES (1); CREATE VIEW `vé` AS SELECT `cé` AS `ñ` FROM `té`; \
        CREATE TRIGGER tg BEFORE INSERT ON `té` FOR EACH ROW SET NEW.`ß`='é';";
    let foreign = "CREATE TABLE t (id INT PRIMARY KEY, `列` ENUM('é'));";
    let database = with_database(server, "letters", script).await;
    for options in [
        &["--default-character-set=latin1"][..],
        &[
            "--default-character-set=latin1",
            "--order-by-primary",
            "--skip-comments",
        ],
        &["--compatible=ansi", "--complete-insert"],
    ] {
        assert_same_bytes(server, &[options, &[&database]].concat()).await;
    }
    if server.flavour() == Flavour::MySql {
        let database = with_database(server, "letters", foreign).await;
        assert_same_bytes(server, &["--default-character-set=latin1", &database]).await;
    }
}
on_each_release!(names_in_a_single_byte_set, super::single_byte_names);
