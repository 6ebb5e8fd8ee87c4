//! Checks that no single option can make: of options with each other, with what is selected,
//! and with the client whose output is printed.

use super::{DumpOptions, OptionError, Selection, SetGtidPurged, option_specs};
use crate::flavour::Client;

impl DumpOptions {
    /// Checks what can be checked without a server.
    ///
    /// # Errors
    ///
    /// Names the two options that contradict each other, or the selection's fault.
    pub(crate) fn validate(&self, selection: &Selection) -> Result<(), OptionError> {
        check_names(selection)?;
        let all_databases = *selection == Selection::AllDatabases;
        let contradictions = [
            (
                self.single_transaction && self.lock_all_tables,
                "--single-transaction and --lock-all-tables exclude each other: leave one out",
            ),
            (
                !self.ignore_databases.is_empty() && !all_databases,
                "--ignore-database needs --all-databases",
            ),
            (
                self.order_by_size && !selection.named_tables().is_empty(),
                "--order-by-size has no meaning for tables that are named in their order",
            ),
            (
                self.replace && self.dump_history,
                "--dump-history and --replace exclude each other: leave one out",
            ),
            (
                self.as_of.is_some() && self.dump_history,
                "--dump-history and --as-of exclude each other: leave one out",
            ),
        ];
        if let Some((_, reason)) = contradictions.iter().find(|(found, _)| *found) {
            return Err(OptionError::selection(reason));
        }
        match &self.flavour {
            Some(choice) => self.check_client(Client::resolve(Some(*choice), choice.flavour, "")),
            None => Ok(()),
        }
    }

    /// Refuses options that the client whose output is printed does not have.
    pub(crate) fn check_client(&self, client: Client) -> Result<(), OptionError> {
        for applied in &self.applied {
            let name = applied.trim_start_matches("--");
            let name = name.split('=').next().unwrap_or(name);
            let spec = option_specs()
                .iter()
                .find(|spec| spec.name == name)
                .or_else(|| {
                    let bare = name.strip_prefix("skip-")?;
                    option_specs().iter().find(|spec| spec.name == bare)
                });
            let only = spec.and_then(|spec| spec.only);
            if only.is_some_and(|only| only != client.flavour()) && !self.is_idle(name) {
                return Err(OptionError::selection(&format!(
                    "--{name} is no option of the client of {}: leave it out, or choose the \
                     other with --flavour",
                    client.flavour()
                )));
            }
        }
        if !client.is_mariadb() && !self.compatible.is_known_to_mysql() {
            return Err(OptionError::value(
                "compatible",
                &self.compatible.sql_mode().to_ascii_lowercase(),
                "ansi, the only mode of MySQL's client",
            ));
        }
        Ok(())
    }

    /// An option of MySQL's that the production jobs give to either server: off, it asks for
    /// what MariaDB does anyway.
    fn is_idle(&self, name: &str) -> bool {
        match name {
            "set-gtid-purged" => {
                matches!(
                    self.set_gtid_purged,
                    SetGtidPurged::Off | SetGtidPurged::Auto
                )
            }
            "column-statistics" | "skip-column-statistics" => self.column_statistics == Some(false),
            _ => false,
        }
    }
}

fn check_names(selection: &Selection) -> Result<(), OptionError> {
    let names = selection.database_names();
    if names.is_empty() && *selection != Selection::AllDatabases {
        return Err(OptionError::selection("name at least one database"));
    }
    if let Some(name) = names.iter().find(|name| name.is_empty()) {
        return Err(OptionError::selection(&format!(
            "{name:?} is not a database name"
        )));
    }
    if let Some(name) = names
        .iter()
        .find(|name| name.eq_ignore_ascii_case("information_schema"))
    {
        return Err(OptionError::selection(&format!(
            "dumping {name} is not supported: it holds no data of its own"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(options: &[(&str, Option<&str>)], selection: &Selection) -> Result<(), String> {
        let mut applied = DumpOptions::default();
        for (name, value) in options {
            applied.apply(name, *value).unwrap();
        }
        applied
            .validate(selection)
            .map_err(|error| error.to_string())
    }

    #[test]
    fn options_that_exclude_each_other_are_named() {
        let one = Selection::database("a");
        let both = [("single-transaction", None), ("lock-all-tables", None)];
        assert!(
            checked(&both, &one)
                .unwrap_err()
                .contains("--lock-all-tables")
        );
        assert!(checked(&[("ignore-database", Some("b"))], &one).is_err());
        let all = Selection::AllDatabases;
        assert_eq!(checked(&[("ignore-database", Some("b"))], &all), Ok(()));
        assert!(checked(&[], &Selection::database("INFORMATION_SCHEMA")).is_err());
        assert!(checked(&[], &Selection::Databases(Vec::new())).is_err());
    }

    #[test]
    fn an_option_of_the_other_client_is_refused() {
        let one = Selection::database("a");
        let with =
            |client, option, value| checked(&[("flavour", Some(client)), (option, value)], &one);
        assert!(with("mysql", "dump-history", None).is_err());
        assert!(with("mariadb", "ignore-views", None).is_err());
        assert!(with("mariadb", "set-gtid-purged", Some("ON")).is_err());
        assert_eq!(with("mariadb", "set-gtid-purged", Some("OFF")), Ok(()));
        assert_eq!(with("mariadb", "column-statistics", Some("0")), Ok(()));
        assert!(with("mysql", "compatible", Some("oracle")).is_err());
        assert_eq!(with("mysql", "compatible", Some("ansi")), Ok(()));
    }
}
