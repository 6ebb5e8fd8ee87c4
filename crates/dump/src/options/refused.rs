//! Options of the real clients that are refused, and the way out of each.

/// Name without dashes, and the sentence that names the way out.
pub(super) const UNSUPPORTED: &[(&str, &str)] = &[
    (
        "add-drop-masking-policy",
        "masking policies are no part of a dump: keep them as scripts",
    ),
    (
        "add-drop-user",
        "accounts are dumped as rows of the mysql database with --all-databases",
    ),
    (
        "copy-s3-tables",
        "rows of S3 tables are on S3 already: copy the objects",
    ),
    ("delayed-insert", "the servers ignore INSERT DELAYED"),
    (
        "delete-master-logs",
        "run PURGE BINARY LOGS once the dump is known to be good",
    ),
    (
        "delete-source-logs",
        "run PURGE BINARY LOGS once the dump is known to be good",
    ),
    (
        "dir",
        "a dump is one stream: use a query export for delimited files",
    ),
    (
        "dump-replica",
        "it stops the replica for the whole dump: run STOP REPLICA SQL_THREAD, note SHOW REPLICA \
         STATUS, dump, and start it again",
    ),
    (
        "dump-slave",
        "it stops the replica for the whole dump: run STOP REPLICA SQL_THREAD, note SHOW REPLICA \
         STATUS, dump, and start it again",
    ),
    (
        "exclude-user",
        "accounts are dumped as rows of the mysql database with --all-databases",
    ),
    (
        "fields-enclosed-by",
        "use a query export for delimited files",
    ),
    (
        "fields-escaped-by",
        "use a query export for delimited files",
    ),
    (
        "fields-optionally-enclosed-by",
        "use a query export for delimited files",
    ),
    (
        "fields-terminated-by",
        "use a query export for delimited files",
    ),
    ("flush-logs", "run FLUSH LOGS before the dump"),
    (
        "galera-info",
        "note SHOW STATUS LIKE 'wsrep_last_committed' before the dump",
    ),
    (
        "header",
        "it belongs to --tab: use a query export for delimited files",
    ),
    (
        "include-master-host-port",
        "it belongs to --dump-replica, which is not supported: SHOW REPLICA STATUS tells both",
    ),
    (
        "include-source-host-port",
        "it belongs to --dump-replica, which is not supported: SHOW REPLICA STATUS tells both",
    ),
    (
        "include-user",
        "accounts are dumped as rows of the mysql database with --all-databases",
    ),
    (
        "init-command",
        "the session is set up by the dump itself: set variables on the account or the server",
    ),
    (
        "init-command-add",
        "the session is set up by the dump itself: set variables on the account or the server",
    ),
    (
        "lines-terminated-by",
        "use a query export for delimited files",
    ),
    (
        "masking-policies",
        "masking policies are no part of a dump: keep them as scripts",
    ),
    (
        "max-statement-time",
        "the dump's statements are never limited: cancel the whole dump instead",
    ),
    (
        "mysqld-long-query-time",
        "the dump changes no logging: set long_query_time on the server",
    ),
    ("parallel", "one connection reads one snapshot in one order"),
    (
        "system",
        "accounts are dumped as rows of the mysql database with --all-databases; SHOW GRANTS \
         prints them as statements",
    ),
    (
        "tab",
        "nothing is written on the database's disk: use a query export for delimited files",
    ),
    (
        "update-history",
        "it rewrites the end of row versions: dump a server of 11.5 or later, which holds the \
         later end already",
    ),
    (
        "users",
        "accounts are dumped as rows of the mysql database with --all-databases; SHOW CREATE \
         USER and SHOW GRANTS print them as statements",
    ),
    (
        "wildcards",
        "name the databases and tables, or use --all-databases with --ignore-database",
    ),
    (
        "xml",
        "the output is SQL: use a query export for other formats",
    ),
];
