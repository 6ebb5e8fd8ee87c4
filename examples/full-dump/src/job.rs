//! Everything that is known before the first socket opens.

use std::path::PathBuf;

use anyhow::{Context as _, anyhow};
use clap::ArgMatches;
use datatransit_dump::{Compression, ConnectOptions, Dump, DumpBuilder, Selection, Tls};
use datatransit_job::aws::Aws;
use datatransit_job::destination::Destination;
use datatransit_job::progress::Terminal;
use datatransit_job::when::When;
use datatransit_job::{ByteSize, Failure, RunId, Stop};
use datatransit_secrets::DatabaseCredentials;
use jiff::tz::TimeZone;

use crate::cli::Cli;
use crate::mysqldump::{self, Given};

/// One run, resolved: no pattern, default or contradiction is left.
#[derive(Debug)]
pub(crate) struct Job {
    pub(crate) cli: Cli,
    pub(crate) given: Given,
    pub(crate) names: Vec<String>,
    pub(crate) when: When,
    pub(crate) run_id: RunId,
    pub(crate) destination: Destination,
    pub(crate) manifest: Option<Destination>,
    pub(crate) compression: Compression,
    pub(crate) datetime_zone: String,
    pub(crate) tls: Tls,
    pub(crate) aws: Aws,
    pub(crate) stop: Stop,
    pub(crate) terminal: Terminal,
}

/// What the credentials add: where to read, and what.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) login: DatabaseCredentials,
    pub(crate) connect: ConnectOptions,
    pub(crate) selection: Selection,
}

impl Job {
    /// Resolves the arguments. Opens no socket; of files it reads only `--ssl-ca`.
    pub(crate) fn resolve(
        cli: Cli,
        matches: &ArgMatches,
        when: When,
        run_id: RunId,
        terminal: Terminal,
    ) -> Result<Self, Failure> {
        let given = mysqldump::apply(matches)?;
        let to = cli.destination.to.as_deref().ok_or_else(|| {
            Failure::usage(anyhow!("--to is missing"))
                .with_remedy("name s3://BUCKET/KEY, file:///DIRECTORY/NAME or -")
        })?;
        let destination = Destination::resolve(to, "--to", &when)?;
        let manifest = cli.destination.manifest.as_deref();
        let manifest = manifest
            .map(|uri| Destination::resolve(uri, "--manifest", &when))
            .transpose()?;
        check_manifest(&destination, manifest.as_ref())?;
        let compression = compression(&cli, &destination)?;
        if cli.gates.max_staleness.is_some() && cli.gates.require_table.is_empty() {
            return Err(
                Failure::usage(anyhow!("--max-staleness is asked of no table"))
                    .with_remedy("name the tables that must be fresh with --require-table"),
            );
        }
        let datetime_zone = cli
            .gates
            .datetime_timezone
            .clone()
            .unwrap_or_else(|| when.zone_name.clone());
        TimeZone::get(&datetime_zone).map_err(|_| {
            Failure::usage(anyhow!(
                "--datetime-timezone: no zone is named {datetime_zone:?}"
            ))
        })?;
        // Refused now rather than after the secret was fetched.
        cli.credentials.source()?;
        cli.targets.rules()?;
        let tls = cli.connection.tls.resolve()?;
        Ok(Self {
            names: names(&cli),
            aws: Aws::new(cli.object.s3_path_style),
            stop: Stop::new(),
            cli,
            given,
            when,
            run_id,
            destination,
            manifest,
            compression,
            datetime_zone,
            tls,
            terminal,
        })
    }

    /// Fetches the login, decides what is read, and asks the rules. Opens no
    /// socket to the database.
    pub(crate) async fn target(&self) -> Result<Target, Failure> {
        let login = self.cli.credentials.fetch(&self.aws).await?;
        let selection = self.selection(login.database())?;
        match &selection {
            Selection::AllDatabases => self.cli.targets.check_all(&login)?,
            _ => self.cli.targets.check(&login, selection.database_names())?,
        }
        let connect = ConnectOptions::new(
            login.host(),
            login.port(),
            login.username(),
            login.password().clone(),
        )
        .with_tls(self.tls_for(&login))
        .with_connect_timeout(self.cli.connection.connect_timeout)
        .with_read_timeout(self.cli.connection.read_timeout);
        Ok(Target {
            login,
            connect,
            selection,
        })
    }

    /// The mode asked for; where none is, a secret that asks for TLS gets it even
    /// on a loopback host. One that asks for none does not weaken the default.
    fn tls_for(&self, login: &DatabaseCredentials) -> Tls {
        match &self.tls {
            Tls::ByHost if login.ssl() == Some(true) => Tls::Required,
            tls => tls.clone(),
        }
    }

    /// The names given, else the login's database.
    fn selection(&self, fallback: Option<&str>) -> Result<Selection, Failure> {
        let mut names = self.names.clone();
        if self.given.all_databases {
            return if names.is_empty() {
                Ok(Selection::AllDatabases)
            } else {
                Err(Failure::usage(anyhow!(
                    "--all-databases takes no names: {}",
                    names.join(" ")
                ))
                .with_remedy("leave them out, or dump them alone with --databases"))
            };
        }
        if names.is_empty() {
            names.extend(fallback.map(str::to_owned));
        }
        if self.given.databases {
            return if names.is_empty() {
                Err(no_database())
            } else {
                Ok(Selection::Databases(names))
            };
        }
        let mut names = names.into_iter();
        let name = names.next().ok_or_else(no_database)?;
        Ok(Selection::Database {
            name,
            tables: names.collect(),
        })
    }

    /// Prepares the dump but for who watches and who may cancel it.
    pub(crate) fn dump(&self, target: &Target) -> DumpBuilder {
        let mut builder = Dump::builder(target.connect.clone(), target.selection.clone())
            .options(self.given.options.clone())
            .compression(self.compression)
            .memory_bytes(self.dump_memory().bytes())
            .freshness_column(self.cli.gates.freshness_column.clone())
            .required_tables(self.cli.gates.require_table.clone());
        if let Some(threads) = self.cli.destination.threads {
            builder = builder.threads(usize::from(threads));
        }
        builder
    }

    /// Two thirds of the memory: the upload's share decides its reach.
    pub(crate) fn upload_memory(&self) -> ByteSize {
        ByteSize::new(self.cli.destination.memory.bytes() / 3 * 2)
    }

    fn dump_memory(&self) -> ByteSize {
        ByteSize::new(self.cli.destination.memory.bytes() / 3)
    }

    /// The lock's path, where one is wanted.
    pub(crate) fn lock_file(&self) -> Option<&PathBuf> {
        self.cli.run.lock_file.as_ref()
    }
}

/// Positional names have no option and so no variable of clap's: `FULL_DUMP_NAMES`
/// holds them, separated by white space.
fn names(cli: &Cli) -> Vec<String> {
    if !cli.names.is_empty() {
        return cli.names.clone();
    }
    let variable = std::env::var(format!("{}NAMES", crate::cli::PREFIX)).unwrap_or_default();
    variable.split_whitespace().map(str::to_owned).collect()
}

fn no_database() -> Failure {
    Failure::usage(anyhow!("no database is named"))
        .with_remedy("name it as an argument, with --database, or in the secret")
}

fn check_manifest(
    destination: &Destination,
    manifest: Option<&Destination>,
) -> Result<(), Failure> {
    let problem = match manifest {
        Some(_) if destination.is_stdout() => {
            "a manifest speaks for a published object, and --to is -"
        }
        Some(manifest) if manifest.is_stdout() => "the manifest cannot go to standard output",
        Some(manifest) if manifest == destination => "--to and --manifest name the same object",
        _ => return Ok(()),
    };
    Err(Failure::usage(anyhow!(problem)))
}

fn compression(cli: &Cli, destination: &Destination) -> Result<Compression, Failure> {
    let codec = match &cli.destination.compression {
        Some(name) => Compression::from_name(name),
        None => Ok(Compression::from_key(destination.name())),
    };
    let codec = match (codec, cli.destination.compression_level) {
        (Ok(codec), Some(level)) => codec.with_level(level),
        (codec, _) => codec,
    };
    codec
        .context("choose the compression")
        .map_err(Failure::usage)
}
