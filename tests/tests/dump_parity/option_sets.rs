//! The options that a corpus is dumped with.

use e2e::database::{Flavour, Release};
use e2e::production::OPTIONS as PRODUCTION;

/// What both clients know.
const COMMON: &[&[&str]] = &[
    &[],
    PRODUCTION,
    &["--single-transaction", "--routines", "--events"],
    &[
        "--skip-extended-insert",
        "--complete-insert",
        "--skip-add-locks",
    ],
    &[
        "--hex-blob",
        "--no-autocommit",
        "--add-drop-trigger",
        "--order-by-primary",
    ],
    &["--skip-comments", "--skip-tz-utc", "--skip-set-charset"],
    &["--no-data", "--routines", "--events"],
    &[
        "--no-create-info",
        "--routines",
        "--events",
        "--skip-triggers",
    ],
    &[
        "--insert-ignore",
        "--where=1=1",
        "--net-buffer-length=4096",
        "--skip-dump-date",
    ],
    &[
        "--compact",
        "--comments",
        "--tz-utc",
        "--add-drop-table",
        "--replace",
    ],
    &["--skip-opt", "--routines", "--events", "--no-tablespaces"],
    &["--skip-opt", "--create-options", "--order-by-primary"],
    &["--skip-extended-insert", "--hex-blob"],
    &[
        "--skip-quote-names",
        "--routines",
        "--events",
        "--add-drop-trigger",
    ],
    &[
        "--skip-quote-names",
        "--allow-keywords",
        "--complete-insert",
    ],
    &[
        "--compatible=ansi",
        "--default-character-set=utf8mb4",
        "--routines",
        "--events",
        "--add-drop-trigger",
        "--add-drop-database",
    ],
    &["--default-character-set=binary", "--routines"],
    &["--default-character-set=utf8mb3"],
    &[
        "--skip-add-drop-table",
        "--skip-disable-keys",
        "--no-create-db",
    ],
    &["--replace", "--insert-ignore", "--skip-lock-tables"],
    &[
        "--lock-all-tables",
        "--skip-triggers",
        "--add-drop-database",
    ],
    &["--compact", "--no-autocommit", "--hex-blob", "--events"],
    &["--tz-utc", "--compact", "--order-by-primary"],
    &["--skip-no-autocommit", "--opt", "--disable-keys"],
    &[
        "--apply-slave-statements",
        "--all-tablespaces",
        "--no-set-names",
    ],
    &[
        "--where=1=1\n AND 2=2",
        "--order-by-primary",
        "--skip-create-options",
    ],
    &["--no-create-info", "--skip-quote-names", "--no-data"],
];

const MYSQL: &[&[&str]] = &[
    &["--column-statistics", "--set-gtid-purged=OFF"],
    &["--skip-column-statistics", "--compact"],
    &["--column-statistics", "--no-data", "--no-create-info"],
    &["--apply-replica-statements", "--skip-comments"],
    &["--skip-generated-invisible-primary-key"],
    &["--show-create-table-skip-secondary-engine"],
];

/// What MySQL's client knows since 8.4.
const MYSQL_8_4: &[&[&str]] = &[
    &["--ignore-views"],
    &["--output-as-version=BEFORE_8_2_0", "--events"],
    &[
        "--output-as-version=BEFORE_8_0_23",
        "--events",
        "--apply-replica-statements",
    ],
];

const MARIADB: &[&[&str]] = &[
    &["--dump-history", "--order-by-size"],
    &[
        "--dump-history",
        "--skip-extended-insert",
        "--no-autocommit",
    ],
    &["--as-of=2030-01-01 00:00:00", "--complete-insert"],
    &["--skip-log-queries", "--skip-set-charset"],
    &["--skip-log-queries"],
    &["--skip-no-data-med"],
    &[
        "--compatible=no_table_options,no_key_options,no_field_options",
        "--default-character-set=utf8mb4",
    ],
    &[
        "--compatible=mysql40",
        "--default-character-set=utf8mb4",
        "--routines",
        "--events",
    ],
    &[
        "--compatible=oracle",
        "--default-character-set=utf8mb4",
        "--complete-insert",
    ],
    &[
        "--compatible=postgresql,mysql323",
        "--default-character-set=utf8mb4",
    ],
];

/// Whether MariaDB's client can read a table with a keyword for a column under these options:
/// it names the columns, and then without quotes.
pub(crate) fn reads_keywords(release: Release, options: &[&str]) -> bool {
    release.flavour() == Flavour::MySql || !options.contains(&"--skip-quote-names")
}

/// All option sets that the client of a release knows.
pub(crate) fn of(release: Release) -> impl Iterator<Item = &'static [&'static str]> {
    let own = match release.flavour() {
        Flavour::MySql => MYSQL,
        Flavour::MariaDb => MARIADB,
    };
    let newer: &[&[&str]] = match release {
        Release::MySql | Release::MySql84 => MYSQL_8_4,
        _ => &[],
    };
    COMMON.iter().chain(own).chain(newer).copied()
}
