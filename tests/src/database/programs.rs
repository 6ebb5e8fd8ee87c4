//! Where the programs of the servers are.

use std::env;
use std::fmt;
use std::path::{Path, PathBuf};

/// The two families of servers and of clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "tests match on both and want to know of a third"
)]
pub enum Flavour {
    /// MariaDB, by itself the one of [`Release::MariaDb`].
    MariaDb,
    /// MySQL, by itself the one of [`Release::MySql`].
    MySql,
}

impl fmt::Display for Flavour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MariaDb => "MariaDB",
            Self::MySql => "MySQL",
        })
    }
}

/// The servers that tests can have, each with the clients of its own version:
/// what a dump tool prints depends on the tool's version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "tests match on all and want to know of another"
)]
pub enum Release {
    /// The MariaDB that is installed on the machine (`tests/setup/mariadb.sh`).
    MariaDb,
    /// MariaDB 11.8 in `target/mariadb11` (`tests/setup/mariadb11.sh`).
    MariaDb11,
    /// MySQL 9.7 in `target/mysql` (`tests/setup/mysql.sh`).
    MySql,
    /// MySQL 8.0 in `target/mysql80` (`tests/setup/mysql8.sh`).
    MySql80,
    /// MySQL 8.4 in `target/mysql84` (`tests/setup/mysql8.sh`).
    MySql84,
}

impl Release {
    /// The family it belongs to.
    #[must_use]
    pub const fn flavour(self) -> Flavour {
        match self {
            Self::MariaDb | Self::MariaDb11 => Flavour::MariaDb,
            Self::MySql | Self::MySql80 | Self::MySql84 => Flavour::MySql,
        }
    }

    /// Whether continuous integration has it, so that its absence is an error
    /// there. The others are brought by hand and their tests skipped otherwise.
    #[must_use]
    pub const fn is_required(self) -> bool {
        match self {
            Self::MariaDb | Self::MariaDb11 | Self::MySql => true,
            Self::MySql80 | Self::MySql84 => false,
        }
    }

    /// The script that brings it.
    const fn script(self) -> &'static str {
        match self {
            Self::MariaDb => "tests/setup/mariadb.sh",
            Self::MariaDb11 => "tests/setup/mariadb11.sh",
            Self::MySql => "tests/setup/mysql.sh",
            Self::MySql80 | Self::MySql84 => "tests/setup/mysql8.sh",
        }
    }

    /// Where that script puts it: under the clone, wherever Cargo's own target
    /// directory may be. `None` for what is installed.
    fn directory(self) -> Option<PathBuf> {
        let name = match self {
            Self::MariaDb => return None,
            Self::MariaDb11 => "mariadb11",
            Self::MySql => "mysql",
            Self::MySql80 => "mysql80",
            Self::MySql84 => "mysql84",
        };
        Some(
            Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../target")
                .join(name),
        )
    }
}

impl From<Flavour> for Release {
    fn from(flavour: Flavour) -> Self {
        match flavour {
            Flavour::MariaDb => Self::MariaDb,
            Flavour::MySql => Self::MySql,
        }
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::MariaDb => "MariaDB",
            Self::MariaDb11 => "MariaDB 11",
            Self::MySql => "MySQL",
            Self::MySql80 => "MySQL 8.0",
            Self::MySql84 => "MySQL 8.4",
        })
    }
}

/// The programs of one release; paths of files that exist.
#[derive(Debug, Clone)]
pub(super) struct Programs {
    pub(super) server: PathBuf,
    pub(super) client: PathBuf,
    pub(super) dump: PathBuf,
    /// Fills a data directory; MySQL's server does that itself.
    pub(super) install: Option<PathBuf>,
}

impl Programs {
    /// `None`, after a line on stderr, when one of them is missing.
    ///
    /// # Panics
    ///
    /// When one is missing, the environment has `CI=true`, and the release is
    /// [required](Release::is_required).
    pub(super) fn find(release: Release) -> Option<Self> {
        let directory = release.directory();
        let program = |name: &str| match &directory {
            Some(directory) => Some(directory.join("bin").join(name)).filter(|path| path.is_file()),
            None => on_path(name),
        };
        let found = match release.flavour() {
            Flavour::MariaDb => Self::mariadb(program),
            Flavour::MySql => Self::mysql(program),
        };
        if found.is_none() {
            let skipped = format!(
                "{release} is not on this machine (run {})",
                release.script()
            );
            let required = release.is_required() && env::var("CI").as_deref() == Ok("true");
            assert!(!required, "{skipped}");
            #[expect(clippy::print_stderr, reason = "a skipped test has to say so")]
            {
                eprintln!("SKIPPED: {skipped}");
            }
        }
        found
    }

    fn mariadb(program: impl Fn(&str) -> Option<PathBuf>) -> Option<Self> {
        Some(Self {
            server: program("mariadbd")?,
            client: program("mariadb")?,
            dump: program("mariadb-dump")?,
            install: Some(program("mariadb-install-db")?),
        })
    }

    fn mysql(program: impl Fn(&str) -> Option<PathBuf>) -> Option<Self> {
        Some(Self {
            server: program("mysqld")?,
            client: program("mysql")?,
            dump: program("mysqldump")?,
            install: None,
        })
    }
}

/// Looks along `PATH`, and where servers hide from the `PATH` of ordinary users.
fn on_path(program: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path)
        .chain(
            [
                "/usr/sbin",
                "/usr/local/sbin",
                "/usr/local/bin",
                "/opt/homebrew/bin",
            ]
            .map(PathBuf::from),
        )
        .map(|directory| directory.join(program))
        .find(|candidate| candidate.is_file())
}
