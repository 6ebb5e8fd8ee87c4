//! The server's own clients: what our output is held against.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, bail};
use mysql_async::Row;
use mysql_async::prelude::Queryable as _;
use tokio::io::{self, AsyncRead, AsyncWriteExt as _};
use tokio::process::Command;

use super::programs::Programs;
use super::{DatabaseServer, Flavour, Release};

/// What the real dump tool wrote.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct DumpOutput {
    /// The dump.
    pub stdout: Vec<u8>,
    /// Its complaints.
    pub stderr: String,
    /// Its exit code; `None` after a signal.
    pub code: Option<i32>,
}

impl DumpOutput {
    /// Whether the exit code is 0.
    #[must_use]
    pub fn success(&self) -> bool {
        self.code == Some(0)
    }
}

impl DatabaseServer {
    /// Runs a script as root through the real client, which knows `DELIMITER`.
    ///
    /// # Errors
    ///
    /// At the first statement that fails, with the client's message.
    pub async fn run_sql(&self, script: &str) -> Result<()> {
        self.restore(None, &mut script.as_bytes()).await
    }

    /// Feeds a dump to the real client as root, into `database` if it names one.
    ///
    /// # Errors
    ///
    /// At the first statement that fails, with the client's message, or when the
    /// reader fails.
    pub async fn restore<R>(&self, database: Option<&str>, dump: &mut R) -> Result<()>
    where
        R: AsyncRead + Unpin + ?Sized,
    {
        let mut child = self
            .client_command()
            .args(database)
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("the database client did not start")?;
        let mut stdin = child.stdin.take().context("the client has no stdin")?;
        let feed = async {
            let fed = io::copy(dump, &mut stdin).await;
            // Closing its input is what ends the client.
            let closed = stdin.shutdown().await;
            drop(stdin);
            fed.and(closed)
        };
        let (fed, output) = tokio::join!(feed, child.wait_with_output());
        let output = output?;
        // A client that stopped at an error also broke the pipe: its own words first.
        if !output.status.success() {
            bail!(
                "the database client: {}",
                String::from_utf8_lossy(&output.stderr).trim()
            );
        }
        fed.context("feeding the database client")
    }

    /// Runs the real `mariadb-dump` or `mysqldump` as root over TCP.
    ///
    /// # Errors
    ///
    /// Only when it cannot be started: a dump that failed is an answer too.
    pub async fn dump(&self, arguments: &[&str]) -> Result<DumpOutput> {
        let output = self
            .dump_command()
            .args(arguments)
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await
            .context("the dump tool did not start")?;
        Ok(DumpOutput {
            stdout: output.stdout,
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
            code: output.status.code(),
        })
    }

    /// The real dump tool, as root over TCP, ready for more arguments; for
    /// callers that stream its output.
    #[must_use]
    pub fn dump_command(&self) -> Command {
        self.command(&self.programs.dump, self.flavour())
    }

    /// The dump tool of another release, as root over TCP, ready for more
    /// arguments: users do dump MySQL with MariaDB's client. `None` where that
    /// release is not there.
    #[must_use]
    pub fn dump_command_of(&self, release: Release) -> Option<Command> {
        Some(self.command(&Programs::find(release)?.dump, release.flavour()))
    }

    /// The real client, as root over TCP, ready for more arguments.
    #[must_use]
    pub fn client_command(&self) -> Command {
        let mut command = self.command(&self.programs.client, self.flavour());
        command.arg("--default-character-set=utf8mb4");
        command
    }

    /// `CHECKSUM TABLE` of every base table of a database, by name. `None` is the
    /// server's NULL: a table that could not be read.
    ///
    /// # Errors
    ///
    /// When the server refuses it.
    pub async fn checksum_tables(&self, database: &str) -> Result<BTreeMap<String, Option<u64>>> {
        let mut conn = self.connect().await?;
        let tables: Vec<String> = conn
            .exec(
                "SELECT table_name FROM information_schema.tables \
                 WHERE table_schema = ? AND table_type = 'BASE TABLE'",
                (database,),
            )
            .await?;
        let mut checksums = BTreeMap::new();
        for table in tables {
            let quoted = table.replace('`', "``");
            let row: Option<Row> = conn
                .query_first(format!("CHECKSUM TABLE `{database}`.`{quoted}`"))
                .await?;
            checksums.insert(
                table,
                row.and_then(|row| row.get::<Option<u64>, _>(1)).flatten(),
            );
        }
        conn.disconnect().await?;
        Ok(checksums)
    }

    fn command(&self, program: &Path, flavour: Flavour) -> Command {
        let mut command = Command::new(program);
        command
            .args(["--no-defaults", "--protocol=tcp", "-uroot"])
            .arg(format!("-h{}", self.host()))
            .arg(format!("-P{}", self.port()));
        if flavour == Flavour::MariaDb {
            // Newer ones warn that without a password they cannot verify the server.
            command.arg("--skip-ssl-verify-server-cert");
        }
        command
    }
}
