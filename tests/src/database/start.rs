//! From nothing to a server that answers.

use std::ffi::OsString;
use std::fs;
use std::net::{Ipv4Addr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::atomic::AtomicU32;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};
use mysql_async::prelude::Queryable as _;
use tokio::time::sleep;

use super::guard::Guard;
use super::{DatabaseServer, Flavour, Programs, Release};

/// Generous: a loaded machine with two cores needs some seconds.
const READY_WITHIN: Duration = Duration::from_secs(120);
/// The name of the unix socket in the directory: short, for a socket's whole path
/// may be 107 bytes long.
const SOCKET: &str = "sock";
const PORT_ATTEMPTS: u32 = 5;

/// Root from 127.0.0.1, where the fresh data directory knows only `localhost`,
/// which is no address while names are not resolved.
const FIRST_STATEMENTS: &str = "\
CREATE USER IF NOT EXISTS 'root'@'127.0.0.1' IDENTIFIED BY '';
GRANT ALL PRIVILEGES ON *.* TO 'root'@'127.0.0.1' WITH GRANT OPTION;
";

/// How to start a server.
///
/// Defaults: no option files, utf8mb4, 1 GiB packets, no binary log, nothing
/// synced to disk, small buffers, the machine's time zone.
#[derive(Debug, Clone)]
pub struct ServerBuilder {
    release: Release,
    arguments: Vec<OsString>,
}

impl ServerBuilder {
    pub(super) const fn new(release: Release) -> Self {
        Self {
            release,
            arguments: Vec::new(),
        }
    }

    /// Adds arguments of the server, `--default-time-zone=+09:00` say. They come
    /// after the harness's own, so they win.
    #[must_use]
    pub fn server_options(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(OsString::from));
        self
    }

    /// Starts the server and returns once it answers queries. `None` where it is
    /// not installed, see [`DatabaseServer::mariadb`].
    ///
    /// Cancel safe: dropping the future ends what was begun.
    ///
    /// # Errors
    ///
    /// When the data directory cannot be filled or the server does not come up;
    /// the error carries the end of its log.
    ///
    /// # Panics
    ///
    /// Where it is not installed and the environment has `CI=true`, unless the
    /// release is not [required](Release::is_required).
    pub async fn start(self) -> Result<Option<DatabaseServer>> {
        let Some(programs) = Programs::find(self.release) else {
            return Ok(None);
        };
        for _ in 0..PORT_ATTEMPTS {
            let directory = tempfile::Builder::new()
                .prefix("datatransit-db-")
                .tempdir()?;
            let filling = Guard::start(
                directory.path(),
                &fill_command(&programs, directory.path())?,
            )?;
            // From here on a guard removes the directory.
            let directory = directory.keep();
            wait_until_filled(self.release, &filling).await?;
            let port = free_port()?;
            let command = self.server_command(&programs, &directory, port)?;
            let guard = Guard::start(&directory, &command)?;
            filling.dismiss();
            let server = DatabaseServer {
                release: self.release,
                programs: programs.clone(),
                port,
                socket: directory.join(SOCKET),
                guard,
                databases: AtomicU32::new(0),
            };
            match wait_until_ready(&server).await {
                Ok(()) => return Ok(Some(server)),
                // Between our look at the port and the server's, someone took it.
                Err(_) if server.guard.ended().is_some() && port_was_taken(&server.log()) => {}
                Err(error) => return Err(error.context(tail(&server.log()))),
            }
        }
        bail!(
            "no free port for {} in {PORT_ATTEMPTS} attempts",
            self.release
        )
    }

    fn server_command(&self, programs: &Programs, directory: &Path, port: u16) -> Result<Command> {
        let first_statements = directory.join("first.sql");
        fs::write(&first_statements, FIRST_STATEMENTS)?;
        let mut command = Command::new(&programs.server);
        command
            .arg("--no-defaults")
            .arg(option("datadir", &directory.join("data")))
            .arg(option("init-file", &first_statements))
            .arg(option("socket", &directory.join(SOCKET)))
            .arg(option("pid-file", &directory.join("pid")))
            .arg(option("tmpdir", directory))
            .arg(format!("--port={port}"))
            .args([
                "--bind-address=127.0.0.1",
                "--skip-name-resolve",
                "--character-set-server=utf8mb4",
                "--max-allowed-packet=1G",
                "--secure-file-priv=",
                "--local-infile=1",
                "--innodb-buffer-pool-size=128M",
                "--innodb-doublewrite=0",
                "--innodb-flush-log-at-trx-commit=0",
                "--performance-schema=0",
            ])
            .args(as_user_of(directory)?)
            .args(match self.release.flavour() {
                Flavour::MariaDb => ["--innodb-log-file-size=64M", "--skip-log-bin"],
                Flavour::MySql => ["--innodb-redo-log-capacity=64M", "--disable-log-bin"],
            });
        if self.release.flavour() == Flavour::MySql {
            command.arg("--mysqlx=OFF");
        }
        if self.release == Release::MariaDb11 {
            for engine in ["ha_archive", "ha_blackhole", "ha_federated"] {
                command.arg(format!("--plugin-load-add={engine}"));
            }
        }
        command.args(&self.arguments);
        Ok(command)
    }
}

/// The command that fills an empty data directory.
fn fill_command(programs: &Programs, directory: &Path) -> Result<Command> {
    let mut command = match &programs.install {
        Some(install) => {
            let mut command = Command::new(install);
            command.args([
                "--no-defaults",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                "--skip-name-resolve",
            ]);
            command
        }
        None => {
            let mut command = Command::new(&programs.server);
            command.args(["--no-defaults", "--initialize-insecure"]);
            command
        }
    };
    command
        .arg(option("datadir", &directory.join("data")))
        // A server that starts clears its temporary directory of tables, also of
        // those that another one is just using.
        .arg(option("tmpdir", directory))
        .args([
            "--innodb-doublewrite=0",
            "--innodb-flush-log-at-trx-commit=0",
        ])
        .args(as_user_of(directory)?);
    Ok(command)
}

async fn wait_until_filled(release: Release, filling: &Guard) -> Result<()> {
    let deadline = Instant::now() + READY_WITHIN;
    loop {
        match filling.ended() {
            Some(status) if status.success() => return Ok(()),
            Some(status) => {
                bail!(
                    "{release} did not fill its data directory, {status}: {}",
                    tail(&filling.log())
                )
            }
            None if Instant::now() > deadline => {
                bail!("{release} does not end filling its data directory")
            }
            None => sleep(Duration::from_millis(20)).await,
        }
    }
}

async fn wait_until_ready(server: &DatabaseServer) -> Result<()> {
    let deadline = Instant::now() + READY_WITHIN;
    loop {
        let failure = match answers(server).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        if server.guard.ended().is_some() {
            bail!("{} ended while it started", server.release);
        }
        if Instant::now() > deadline {
            return Err(failure.context(format!("{} does not answer", server.release)));
        }
        sleep(Duration::from_millis(50)).await;
    }
}

/// Whether our server answers: the port alone might be another's.
async fn answers(server: &DatabaseServer) -> Result<()> {
    let mut conn = server.connect().await?;
    let pid_file: Option<String> = conn.query_first("SELECT @@GLOBAL.pid_file").await?;
    conn.disconnect().await?;
    let ours = server.guard.directory().join("pid");
    if pid_file.as_deref() != ours.to_str() {
        bail!("another server listens on port {}", server.port);
    }
    Ok(())
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))
        .context("no free port on 127.0.0.1")?
        .local_addr()?
        .port())
}

fn port_was_taken(log: &str) -> bool {
    log.contains("Address already in use") || log.contains("port is already in use")
}

/// Both servers refuse to run as root unless told to.
fn as_user_of(directory: &Path) -> Result<Option<&'static str>> {
    use std::os::unix::fs::MetadataExt as _;
    // The directory is ours, so its owner is who we are; std has no getuid.
    Ok((fs::metadata(directory)?.uid() == 0).then_some("--user=root"))
}

fn option(name: &str, value: &Path) -> OsString {
    let mut option = OsString::from(format!("--{name}="));
    option.push(value);
    option
}

fn tail(log: &str) -> String {
    let lines: Vec<&str> = log.lines().collect();
    lines[lines.len().saturating_sub(15)..].join("\n")
}
