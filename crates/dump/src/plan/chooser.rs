//! Which tables and views of a database are dumped, and which of them with their rows.

use super::system::{self, is_system};
use crate::error::Error;
use crate::failures::Failures;
use crate::flavour::Client;
use crate::options::DumpOptions;
use crate::source::catalogue::{self, ObjectEntry, ObjectKind};

/// Chooses the objects of one database.
pub(super) struct Chooser<'a> {
    pub(super) database: &'a str,
    pub(super) options: &'a DumpOptions,
    pub(super) client: Client,
}

impl Chooser<'_> {
    /// All but the ignored, and those that have a place of their own.
    pub(super) fn all(
        &self,
        listed: Vec<ObjectEntry>,
        failures: &mut Failures,
    ) -> Vec<ObjectEntry> {
        let ignored = |entry: &ObjectEntry| {
            system::is_passed_over(self.client, self.database, &entry.name)
                || self.is_listed(&self.options.ignore_tables, &entry.name)
        };
        listed
            .into_iter()
            .filter(|entry| !ignored(entry))
            .filter_map(|entry| self.choose(entry, false, failures))
            .collect()
    }

    /// Those named, in the order given.
    pub(super) fn named(
        &self,
        listed: &[ObjectEntry],
        names: &[String],
        failures: &mut Failures,
    ) -> Result<Vec<ObjectEntry>, Error> {
        let mut chosen = Vec::new();
        for name in names {
            let found = listed.iter().find(|entry| entry.name == *name);
            match found {
                Some(entry) => chosen.extend(self.choose(entry.clone(), true, failures)),
                None => failures.forgive(Error::NotFound {
                    step: format!("find the tables of {}", self.database),
                    code: 0,
                    message: format!("no table or view {name:?}"),
                })?,
            }
        }
        Ok(chosen)
    }

    /// Decides on the rows; `None` for what the client leaves out altogether.
    fn choose(
        &self,
        mut entry: ObjectEntry,
        named: bool,
        failures: &mut Failures,
    ) -> Option<ObjectEntry> {
        let (options, client) = (self.options, self.client);
        if !client.is_mariadb() && entry.kind != ObjectKind::View {
            // MySQL's client knows neither sequences nor versions of rows.
            entry.kind = ObjectKind::Table;
            for column in &mut entry.columns {
                column.row_start = false;
            }
        }
        if entry.kind == ObjectKind::View && options.ignore_views {
            return None;
        }
        // MariaDB's client does not touch tables that live on S3.
        if client.is_mariadb() && entry.engine.eq_ignore_ascii_case("S3") {
            return None;
        }
        let elsewhere = options.data_med_skipped
            && catalogue::keeps_rows_elsewhere(client.flavour(), &entry.engine);
        let withheld = (!named && self.is_listed(&options.ignore_table_data, &entry.name))
            || system::withholds_rows(client, options, self.database, &entry.name, named);
        entry.has_rows = entry.kind.is_table() && options.data && !elsewhere && !withheld;
        // MariaDB's client takes a table that no engine can open for one without rows. With its
        // definition asked for, that cannot be read either, which is told there.
        if entry.has_rows && client.is_mariadb() && entry.engine.is_empty() {
            entry.has_rows = false;
            if !options.create_info {
                failures.note(format!(
                    "read table {}.{}: no engine can open it, so its rows are left out",
                    self.database, entry.name
                ));
            }
        }
        Some(entry)
    }

    /// Whether a list of `database.table` has this table; letter case is ignored.
    fn is_listed(&self, list: &[String], table: &str) -> bool {
        let qualified = format!("{}.{table}", self.database);
        list.iter()
            .any(|name| name.eq_ignore_ascii_case(&qualified))
    }

    pub(super) fn has_registry(&self, listed: &[ObjectEntry]) -> bool {
        self.client.is_mariadb()
            && is_system(self.database)
            && listed.iter().any(|entry| entry.name == system::REGISTRY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, kind: ObjectKind, engine: &str) -> ObjectEntry {
        ObjectEntry {
            name: name.into(),
            kind,
            engine: engine.into(),
            has_rows: false,
            estimated_rows: 0,
            estimated_bytes: 0,
            columns: Vec::new(),
        }
    }

    fn options(given: &[(&str, &str)]) -> DumpOptions {
        let mut options = DumpOptions::default();
        for (name, value) in given {
            options.apply(name, Some(value)).unwrap();
        }
        options
    }

    fn chooser(options: &DumpOptions, client: Client) -> Chooser<'_> {
        Chooser {
            database: "db",
            options,
            client,
        }
    }

    fn names(chosen: &[ObjectEntry]) -> Vec<&str> {
        chosen.iter().map(|entry| entry.name.as_str()).collect()
    }

    #[test]
    fn named_tables_keep_their_order_and_a_missing_one_is_named() {
        let listed = ["a", "b"].map(|name| entry(name, ObjectKind::Table, "InnoDB"));
        let options = DumpOptions::default();
        let chooser = chooser(&options, Client::MYSQL_9);
        let mut failures = Failures::new(&options);
        let chosen = chooser
            .named(&listed, &["b".into(), "a".into()], &mut failures)
            .unwrap();
        assert_eq!(names(&chosen), ["b", "a"]);
        let error = chooser
            .named(&listed, &["c".into()], &mut failures)
            .unwrap_err();
        assert!(error.to_string().contains("\"c\""), "{error}");
    }

    #[test]
    fn ignored_tables_are_found_in_any_letter_case() {
        let listed = ["a", "b.c", "d"].map(|name| entry(name, ObjectKind::Table, "InnoDB"));
        let options = options(&[("ignore-table", "DB.A"), ("ignore-table", "db.b.c")]);
        let chosen =
            chooser(&options, Client::MYSQL_9).all(listed.to_vec(), &mut Failures::new(&options));
        assert_eq!(names(&chosen), ["d"]);
    }

    #[test]
    fn rows_that_live_elsewhere_stay_there() {
        let listed = vec![
            entry("merged", ObjectKind::Table, "MRG_MyISAM"),
            entry("linked", ObjectKind::Table, "CONNECT"),
            entry("cold", ObjectKind::Table, "S3"),
            entry("plain", ObjectKind::VersionedTable, "InnoDB"),
        ];
        let with_rows = |options: &DumpOptions, client| {
            let chosen = chooser(options, client).all(listed.clone(), &mut Failures::new(options));
            let rows = chosen.iter().filter(|entry| entry.has_rows);
            rows.map(|entry| entry.name.clone()).collect::<Vec<_>>()
        };
        let plain = DumpOptions::default();
        assert_eq!(with_rows(&plain, Client::MARIADB_10), ["plain"]);
        assert_eq!(
            with_rows(&plain, Client::MYSQL_9),
            ["linked", "cold", "plain"]
        );
        let all = options(&[("no-data-med", "0")]);
        assert_eq!(
            with_rows(&all, Client::MARIADB_10),
            ["merged", "linked", "plain"]
        );
    }

    #[test]
    fn a_table_without_an_engine_is_a_gap_unless_its_definition_tells_so() {
        let gaps = |options: &DumpOptions, client| {
            let mut failures = Failures::new(options);
            let listed = vec![entry("merged", ObjectKind::Table, "")];
            chooser(options, client).all(listed, &mut failures);
            failures.into_seen().len()
        };
        let rows = options(&[("no-create-info", "1")]);
        assert_eq!(gaps(&rows, Client::MARIADB_10), 1);
        assert_eq!(gaps(&rows, Client::MYSQL_9), 0);
        assert_eq!(gaps(&DumpOptions::default(), Client::MARIADB_10), 0);
        let neither = options(&[("no-create-info", "1"), ("no-data", "1")]);
        assert_eq!(gaps(&neither, Client::MARIADB_10), 0);
    }
}
