//! The dialects of the format: two families of clients, and the releases that differ.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::options::OptionError;

/// The family of clients whose output the dump equals, byte for byte.
///
/// The two differ in about twenty places (line breaks after `VALUES`, the `_binary`
/// introducer, version comments, the order of routines); the flavour follows the server
/// unless it is set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Flavour {
    /// Oracle's `mysqldump`.
    Mysql,
    /// MariaDB's `mariadb-dump`.
    Mariadb,
}

impl Flavour {
    /// The flavour of a server by its `@@version` (`10.11.19-MariaDB-…`) and `@@version_comment`.
    #[must_use]
    pub fn of_server(version: &str, version_comment: &str) -> Self {
        let names_mariadb = |text: &str| text.to_ascii_lowercase().contains("mariadb");
        if names_mariadb(version) || names_mariadb(version_comment) {
            Self::Mariadb
        } else {
            Self::Mysql
        }
    }

    pub(crate) fn is_mariadb(self) -> bool {
        self == Self::Mariadb
    }

    fn name(self) -> &'static str {
        match self {
            Self::Mysql => "mysql",
            Self::Mariadb => "mariadb",
        }
    }
}

impl fmt::Display for Flavour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A release: major, minor, patch.
type Version = (u16, u16, u16);

/// A client by family and, where it was said, by release: the value of `--flavour`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ClientChoice {
    pub(crate) flavour: Flavour,
    version: Option<Version>,
}

/// The client whose output is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Client {
    flavour: Flavour,
    version: Version,
}

impl Client {
    /// Oracle's client as it was measured.
    pub(crate) const MYSQL_9: Self = Self {
        flavour: Flavour::Mysql,
        version: (9, 7, 4),
    };
    /// MariaDB's client as it was measured.
    pub(crate) const MARIADB_10: Self = Self {
        flavour: Flavour::Mariadb,
        version: (10, 11, 19),
    };

    /// The client that was chosen, else the one that belongs to the server.
    ///
    /// A release that was left open is the server's own where the server is of that family.
    pub(crate) fn resolve(
        choice: Option<ClientChoice>,
        server: Flavour,
        server_version: &str,
    ) -> Self {
        let flavour = choice.map_or(server, |choice| choice.flavour);
        let of_server = (flavour == server)
            .then(|| version(server_version))
            .flatten();
        let measured = match flavour {
            Flavour::Mysql => Self::MYSQL_9.version,
            Flavour::Mariadb => Self::MARIADB_10.version,
        };
        Self {
            flavour,
            version: choice
                .and_then(|choice| choice.version)
                .or(of_server)
                .unwrap_or(measured),
        }
    }

    pub(crate) fn flavour(self) -> Flavour {
        self.flavour
    }

    pub(crate) fn is_mariadb(self) -> bool {
        self.flavour.is_mariadb()
    }

    fn at_least(self, flavour: Flavour, major: u16, minor: u16) -> bool {
        self.flavour == flavour && (self.version.0, self.version.1) >= (major, minor)
    }

    /// Whether `--compact` switches `--tz-utc` off (MySQL 9).
    pub(crate) fn compact_drops_utc(self) -> bool {
        self.at_least(Flavour::Mysql, 9, 0)
    }

    /// Whether `--order-by-primary` names the columns of all unique keys (MySQL 8.4), not of
    /// the first alone.
    pub(crate) fn orders_by_all_unique_keys(self) -> bool {
        self.at_least(Flavour::Mysql, 8, 4)
    }

    /// Whether a transaction stands around each table's rows by default (MariaDB 11.8).
    pub(crate) fn wraps_rows_by_default(self) -> bool {
        self.at_least(Flavour::Mariadb, 11, 8)
    }

    /// Whether histograms are dumped by default (MySQL before 9).
    pub(crate) fn dumps_histograms_by_default(self) -> bool {
        !self.is_mariadb() && self.version.0 < 9
    }

    /// Whether notes are silenced by MariaDB's newer variable.
    pub(crate) fn sets_note_verbosity(self) -> bool {
        self.at_least(Flavour::Mariadb, 11, 8)
    }

    /// Whether UNIQUE_CHECKS is switched off in the header even where no table is created.
    pub(crate) fn always_leaves_unique_checks(self) -> bool {
        !self.is_mariadb() || self.at_least(Flavour::Mariadb, 11, 8)
    }

    /// Whether BIT, GEOMETRY and VECTOR are always printed as `0x…` (MariaDB 11.8).
    pub(crate) fn prints_bits_as_hex(self) -> bool {
        self.at_least(Flavour::Mariadb, 11, 8)
    }

    /// Whether each event has its session's settings outside its delimiter (MariaDB 11.8).
    pub(crate) fn delimits_each_event(self) -> bool {
        self.at_least(Flavour::Mariadb, 11, 8)
    }

    /// Whether `--compatible` alone makes the client speak its compiled default, latin1.
    pub(crate) fn falls_back_to_latin1(self) -> bool {
        self.is_mariadb() && !self.at_least(Flavour::Mariadb, 11, 6)
    }

    /// What stands between `INSERT` and `INTO` with `--insert-ignore`.
    pub(crate) fn ignore_clause(self) -> &'static str {
        if self.is_mariadb() || self.version.0 >= 9 {
            " IGNORE "
        } else {
            "  IGNORE "
        }
    }

    /// Whether replication is a matter of sources and replicas (MySQL 8.4), not of masters and
    /// slaves.
    pub(crate) fn says_source(self) -> bool {
        self.at_least(Flavour::Mysql, 8, 4)
    }

    /// Whether libraries of stored programs are dumped (MySQL 9).
    pub(crate) fn dumps_libraries(self) -> bool {
        !self.is_mariadb() && self.version.0 >= 9
    }

    /// Whether `--all-databases` begins with the `mysql` database.
    pub(crate) fn dumps_accounts_first(self) -> bool {
        !self.is_mariadb()
    }

    /// Whether the first line switches the restoring client to its sandbox mode.
    ///
    /// MariaDB's security releases of May 2024 brought it (MDEV-21178).
    pub(crate) fn has_sandbox_line(self) -> bool {
        let (major, minor, patch) = self.version;
        let since = match (major, minor) {
            (10, 5) => 25,
            (10, 6) => 18,
            (10, 11) => 8,
            (11, 0) => 6,
            (11, 1) => 5,
            (11, 2) => 4,
            (11, 4) => 2,
            _ => return self.is_mariadb() && (major, minor) > (11, 2),
        };
        self.is_mariadb() && patch >= since
    }
}

impl fmt::Display for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (major, minor, patch) = self.version;
        write!(f, "{} {major}.{minor}.{patch}", self.flavour)
    }
}

/// `10.11.19-MariaDB-log` to its numbers. A part that is left out, or is no number (Aurora's
/// `8.0.mysql_aurora.3.08.0`), stands for the newest of its series.
fn version(text: &str) -> Option<Version> {
    let numbers = text.split('-').next().unwrap_or(text);
    let mut parts = numbers.split('.');
    let major = parts.next()?.parse().ok()?;
    let mut rest = parts.map(|part| part.parse().unwrap_or(u16::MAX));
    Some((
        major,
        rest.next().unwrap_or(u16::MAX),
        rest.next().unwrap_or(u16::MAX),
    ))
}

impl std::str::FromStr for ClientChoice {
    type Err = OptionError;

    /// `mysql`, `mariadb`, or either with a release: `mysql-8.0`, `mariadb-10.11.7`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let unusable = || {
            OptionError::value(
                "flavour",
                text,
                "mysql or mariadb, with a release if need be (mysql-8.0, mariadb-10.11.7)",
            )
        };
        let (family, release) = match text.split_once('-') {
            Some((family, release)) => (family, Some(release)),
            None => (text, None),
        };
        let flavour = match family {
            "mysql" => Flavour::Mysql,
            "mariadb" => Flavour::Mariadb,
            _ => return Err(unusable()),
        };
        let version = match release {
            Some(release) if release.split('.').all(|part| part.parse::<u16>().is_ok()) => {
                version(release)
            }
            Some(_) => return Err(unusable()),
            None => None,
        };
        Ok(Self { flavour, version })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_tells_its_flavour() {
        assert_eq!(
            Flavour::of_server("10.11.19-MariaDB-0+deb12u1", "Debian 12"),
            Flavour::Mariadb
        );
        assert_eq!(
            Flavour::of_server("8.0.mysql_aurora.3.08.0", ""),
            Flavour::Mysql
        );
        assert_eq!(Flavour::of_server("9.7.4-2", "(Debian)"), Flavour::Mysql);
    }

    fn resolved(choice: Option<&str>, server: Flavour, version: &str) -> Client {
        Client::resolve(choice.map(|text| text.parse().unwrap()), server, version)
    }

    #[test]
    fn a_release_that_was_left_open_is_the_servers() {
        let aurora = resolved(None, Flavour::Mysql, "8.0.mysql_aurora.3.08.0");
        assert_eq!((aurora.version.0, aurora.version.1), (8, 0));
        let chosen = resolved(Some("mysql-8.4"), Flavour::Mysql, "9.7.4");
        assert_eq!((chosen.version.0, chosen.version.1), (8, 4));
        let other = resolved(Some("mysql"), Flavour::Mariadb, "10.11.19-MariaDB");
        assert_eq!(other, Client::MYSQL_9);
    }

    #[test]
    fn the_sandbox_line_came_with_a_patch_release_of_each_series() {
        let line = |choice| resolved(Some(choice), Flavour::Mysql, "9.7").has_sandbox_line();
        assert!(!line("mariadb-10.11.7"));
        assert!(line("mariadb-10.11.8") && line("mariadb-10.11") && line("mariadb"));
        assert!(!line("mariadb-11.4.1") && line("mariadb-11.8") && line("mariadb-12.0"));
        assert!(!line("mariadb-10.4") && !line("mysql-9"));
    }

    #[test]
    fn what_is_no_client_is_refused() {
        for text in ["mysq", "mysql-", "mysql-8.x", "percona", ""] {
            assert!(text.parse::<ClientChoice>().is_err(), "{text}");
        }
    }
}
