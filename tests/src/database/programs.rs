//! Where the programs of the two servers are.

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
    /// MariaDB, as installed on the machine (`tests/setup/mariadb.sh`).
    MariaDb,
    /// MySQL, as unpacked into `target/mysql` (`tests/setup/mysql.sh`).
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

/// The programs of one flavour; paths of files that exist.
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
    /// When one is missing and the environment has `CI=true`.
    pub(super) fn find(flavour: Flavour) -> Option<Self> {
        let found = match flavour {
            Flavour::MariaDb => Self::mariadb(),
            Flavour::MySql => Self::mysql(&mysql_directory()),
        };
        if found.is_none() {
            let script = match flavour {
                Flavour::MariaDb => "tests/setup/mariadb.sh",
                Flavour::MySql => "tests/setup/mysql.sh",
            };
            let skipped = format!("{flavour} is not on this machine (run {script})");
            assert!(env::var("CI").as_deref() != Ok("true"), "{skipped}");
            #[expect(clippy::print_stderr, reason = "a skipped test has to say so")]
            {
                eprintln!("SKIPPED: {skipped}");
            }
        }
        found
    }

    fn mariadb() -> Option<Self> {
        Some(Self {
            server: on_path("mariadbd")?,
            client: on_path("mariadb")?,
            dump: on_path("mariadb-dump")?,
            install: Some(on_path("mariadb-install-db")?),
        })
    }

    fn mysql(directory: &Path) -> Option<Self> {
        let program =
            |name: &str| Some(directory.join("bin").join(name)).filter(|path| path.is_file());
        Some(Self {
            server: program("mysqld")?,
            client: program("mysql")?,
            dump: program("mysqldump")?,
            install: None,
        })
    }
}

/// Where `tests/setup/mysql.sh` puts MySQL: under the clone, wherever Cargo's
/// own target directory may be.
fn mysql_directory() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/mysql")
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
