//! What is special in the `mysql` database, where the servers keep accounts and settings.

use crate::flavour::Client;
use crate::options::DumpOptions;

/// How a table is dumped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum Role {
    /// As any table.
    #[default]
    Ordinary,
    /// A log, or the state of replication: created only where it is missing, for the restoring
    /// server is using it.
    Kept,
    /// Statistics of InnoDB (MySQL): the table is there; rows are added, without a lock.
    Statistics,
}

pub(crate) fn is_system(database: &str) -> bool {
    database.eq_ignore_ascii_case("mysql")
}

fn is_one_of(table: &str, names: &[&str]) -> bool {
    names.iter().any(|name| table.eq_ignore_ascii_case(name))
}

/// Tables that a dump of the whole database passes over in their place; the logs among them
/// come at a place of their own.
pub(super) fn is_passed_over(client: Client, database: &str, table: &str) -> bool {
    is_system(database)
        && (is_one_of(table, &["apply_status", "schema"])
            || is_one_of(table, LOGS)
            || (client.is_mariadb() && is_one_of(table, &[REGISTRY])))
}

/// The logs that can be written to tables.
pub(super) const LOGS: &[&str] = &["general_log", "slow_log"];

/// MariaDB's table of transactions, for versions of rows by transaction.
pub(super) const REGISTRY: &str = "transaction_registry";

pub(crate) fn role(client: Client, database: &str, table: &str) -> Role {
    if !is_system(database) {
        return Role::Ordinary;
    }
    if client.is_mariadb() {
        let kept = is_one_of(table, LOGS) || is_one_of(table, &[REGISTRY]);
        return if kept { Role::Kept } else { Role::Ordinary };
    }
    let statistics = [
        "innodb_table_stats",
        "innodb_index_stats",
        "innodb_dynamic_metadata",
        "innodb_ddl_log",
    ];
    if is_one_of(table, &statistics) {
        Role::Statistics
    } else if is_one_of(table, LOGS) || is_one_of(table, REPLICATION) {
        Role::Kept
    } else {
        Role::Ordinary
    }
}

/// Where MySQL keeps the state of replication.
const REPLICATION: &[&str] = &["gtid_executed", "slave_master_info", "slave_relay_log_info"];

/// Whether the rows of a system table stay behind; `named`: it was asked for by name.
pub(super) fn withholds_rows(
    client: Client,
    options: &DumpOptions,
    database: &str,
    table: &str,
    named: bool,
) -> bool {
    if !is_system(database) {
        return false;
    }
    if client.is_mariadb() {
        let overwrites = options.insert_ignore || options.replace;
        let statistics = is_one_of(table, &["innodb_index_stats", "innodb_table_stats"]);
        (statistics && !overwrites && !named) || (is_one_of(table, &["event"]) && !options.events)
    } else {
        is_one_of(table, REPLICATION)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_names_elsewhere_are_ordinary() {
        let client = Client::MYSQL_9;
        assert_eq!(role(client, "mysql", "slow_log"), Role::Kept);
        assert_eq!(
            role(client, "mysql", "innodb_index_stats"),
            Role::Statistics
        );
        assert_eq!(role(client, "shop", "slow_log"), Role::Ordinary);
        assert!(is_passed_over(client, "mysql", "general_log"));
        assert!(!is_passed_over(client, "shop", "general_log"));
    }

    #[test]
    fn mariadb_keeps_events_and_statistics_back() {
        let mut options = DumpOptions::default();
        let client = Client::MARIADB_10;
        assert!(withholds_rows(client, &options, "mysql", "event", false));
        assert!(withholds_rows(
            client,
            &options,
            "mysql",
            "innodb_table_stats",
            false
        ));
        options.apply("events", None).unwrap();
        options.apply("replace", None).unwrap();
        assert!(!withholds_rows(client, &options, "mysql", "event", false));
        assert!(!withholds_rows(
            client,
            &options,
            "mysql",
            "innodb_table_stats",
            false
        ));
    }
}
