//! `--compatible`: the SQL modes under which the server writes its definitions.

use super::OptionError;

/// The modes of `--compatible`, in the order in which the real client names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Compatible(u16);

/// MariaDB's list; MySQL's client knows only the last.
const MODES: &[&str] = &[
    "MYSQL323",
    "MYSQL40",
    "POSTGRESQL",
    "ORACLE",
    "MSSQL",
    "DB2",
    "MAXDB",
    "NO_KEY_OPTIONS",
    "NO_TABLE_OPTIONS",
    "NO_FIELD_OPTIONS",
    "ANSI",
];

/// From POSTGRESQL to MAXDB, and ANSI.
const ANSI_QUOTES: u16 = 0b100_0111_1100;
const MYSQL_4_AND_BEFORE: u16 = 0b11;
const ANSI: u16 = 1 << 10;

impl Compatible {
    /// From names separated by commas, letter case ignored.
    pub(crate) fn parse(text: &str) -> Result<Self, OptionError> {
        let mut modes = 0;
        for name in text.split(',') {
            let position = MODES
                .iter()
                .position(|mode| mode.eq_ignore_ascii_case(name.trim()));
            modes |= 1
                << position.ok_or_else(|| {
                    let expected = "ansi, or for MariaDB also mysql323, mysql40, postgresql, \
                                    oracle, mssql, db2, maxdb, no_key_options, no_table_options, \
                                    no_field_options";
                    OptionError::value("compatible", text, expected)
                })?;
        }
        Ok(Self(modes))
    }

    /// The session's `SQL_MODE`; empty when nothing was asked for.
    pub(crate) fn sql_mode(self) -> String {
        let names: Vec<&str> = MODES
            .iter()
            .enumerate()
            .filter(|(position, _)| self.0 & (1 << position) != 0)
            .map(|(_, name)| *name)
            .collect();
        names.join(",")
    }

    /// Whether names stand in double quotes.
    pub(crate) fn ansi_quotes(self) -> bool {
        self.0 & ANSI_QUOTES != 0
    }

    /// Whether the dump is for servers that know no character sets of a session.
    pub(crate) fn without_charsets(self) -> bool {
        self.0 & MYSQL_4_AND_BEFORE != 0
    }

    /// Whether MySQL's client takes these modes too.
    pub(crate) fn is_known_to_mysql(self) -> bool {
        self.0 & !ANSI == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modes_are_named_in_the_clients_order() {
        let modes = Compatible::parse("ansi,No_Table_Options").unwrap();
        assert_eq!(modes.sql_mode(), "NO_TABLE_OPTIONS,ANSI");
        assert!(modes.ansi_quotes() && !modes.is_known_to_mysql());
        assert!(Compatible::parse("ansi").unwrap().is_known_to_mysql());
        assert!(Compatible::parse("mysql40").unwrap().without_charsets());
        assert!(!Compatible::parse("no_key_options").unwrap().ansi_quotes());
        assert!(Compatible::parse("mysql80").is_err());
        assert_eq!(Compatible::default().sql_mode(), "");
    }
}
