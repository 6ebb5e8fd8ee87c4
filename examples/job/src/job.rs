//! Everything about a run that is known before the first socket opens, whatever
//! the program makes.

use std::sync::Arc;

use anyhow::{Context as _, anyhow};
use datatransit_dump::{Compression, ConnectOptions, Tls};
use datatransit_s3upload::{ObjectAddress, S3Store};
use datatransit_secrets::DatabaseCredentials;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::activity::Activity;
use crate::args::JobArgs;
use crate::aws::Aws;
use crate::destination::Destination;
use crate::lock::{RemoteLock, s3_address};
use crate::operations::{Operations, host};
use crate::progress::{DumpProgress, Terminal};
use crate::when::When;
use crate::{ByteSize, Failure, RunId, Stop};

/// One run, resolved: no pattern, default or contradiction is left.
#[derive(Debug)]
#[non_exhaustive]
pub struct Job {
    /// The arguments.
    pub args: JobArgs,
    /// The day and its zone.
    pub when: When,
    /// The run's name.
    pub run_id: RunId,
    /// Where the result goes.
    pub destination: Destination,
    /// Where its manifest goes.
    pub manifest: Option<Destination>,
    /// How the result is compressed.
    pub compression: Compression,
    /// The zone that DATETIME columns are kept in.
    pub datetime_zone: String,
    /// AWS, not asked for anything yet.
    pub aws: Aws,
    /// Who is told how it goes.
    pub operations: Operations,
    /// Whether it still moves.
    pub activity: Activity,
    /// The one stop order.
    pub stop: Stop,
    /// Standard error.
    pub terminal: Terminal,
    tls: Tls,
    lock: Option<ObjectAddress>,
}

/// Where to read, and what: known once the credentials are.
#[derive(Debug)]
#[non_exhaustive]
pub struct Source<S> {
    /// The login.
    pub login: DatabaseCredentials,
    /// How to connect with it.
    pub connect: ConnectOptions,
    /// What the program reads.
    pub selection: S,
}

impl Job {
    /// Resolves the arguments of a run of `program` that begins now. Opens no socket; of
    /// files it reads only `--ssl-ca`.
    ///
    /// # Errors
    /// A usage failure for what is missing, malformed or contradictory.
    pub fn resolve(program: &str, args: JobArgs) -> Result<Self, Failure> {
        let now = Timestamp::now();
        let when = args.when.resolve(now)?;
        let to = args.destination.to.as_deref().ok_or_else(|| {
            Failure::usage(anyhow!("--to is missing"))
                .with_remedy("name s3://BUCKET/KEY, file:///DIRECTORY/NAME or -")
        })?;
        let destination = Destination::resolve(to, "--to", &when)?;
        let manifest = args.destination.manifest.as_deref();
        let manifest = manifest
            .map(|uri| Destination::resolve(uri, "--manifest", &when))
            .transpose()?;
        check_manifest(&destination, manifest.as_ref())?;
        check_size_gate(&args, manifest.as_ref())?;
        let lock = lock(&args)?;
        let compression = compression(&args, &destination)?;
        let datetime_zone = args
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
        args.credentials.source()?;
        args.targets.rules()?;
        let tls = args.connection.tls.resolve()?;
        let run_id = args.run.run_id.clone().unwrap_or_else(|| RunId::new(now));
        let aws = Aws::new(args.object.s3_path_style);
        let config = args.run.config.as_deref();
        Ok(Self {
            operations: Operations::resolve(&args.operations, program, config, &run_id, &aws)?,
            activity: Activity::new(),
            run_id,
            aws,
            stop: Stop::new(),
            terminal: Terminal::new(args.run.log_format),
            args,
            when,
            destination,
            manifest,
            compression,
            datetime_zone,
            tls,
            lock,
        })
    }

    /// Returns the lock across hosts, if one is asked for.
    pub async fn remote_lock(&self) -> Option<RemoteLock> {
        let address = self.lock.clone()?;
        let store = Arc::new(S3Store::new(self.aws.s3().await));
        let holder = format!("{}/{}", host(), std::process::id());
        let lease = self.args.watch.lock_lease;
        let run_id = self.run_id.clone();
        Some(RemoteLock::new(store, address, &holder, run_id, lease))
    }

    /// Starts the progress of the reading: see [`Terminal::progress`].
    #[must_use]
    pub fn progress(&self, begun: &'static str, doing: &'static str) -> DumpProgress {
        self.terminal.progress(begun, doing, self.activity.clone())
    }

    /// Says how to connect with a login.
    #[must_use]
    pub fn connect(&self, login: &DatabaseCredentials) -> ConnectOptions {
        ConnectOptions::new(
            login.host(),
            login.port(),
            login.username(),
            login.password().clone(),
        )
        .with_tls(self.tls_for(login))
        .with_connect_timeout(self.args.connection.connect_timeout)
        .with_read_timeout(self.args.connection.read_timeout)
    }

    /// The mode asked for; where none is, a secret that asks for TLS gets it even
    /// on a loopback host. One that asks for none does not weaken the default.
    fn tls_for(&self, login: &DatabaseCredentials) -> Tls {
        match &self.tls {
            Tls::ByHost if login.ssl() == Some(true) => Tls::Required,
            tls => tls.clone(),
        }
    }

    /// Two thirds of the memory: the upload's share decides its reach.
    #[must_use]
    pub fn upload_memory(&self) -> ByteSize {
        ByteSize::new(self.args.destination.memory.bytes() / 3 * 2)
    }

    /// One third of the memory: rows and blocks on their way.
    #[must_use]
    pub fn source_memory(&self) -> ByteSize {
        ByteSize::new(self.args.destination.memory.bytes() / 3)
    }
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

fn check_size_gate(args: &JobArgs, manifest: Option<&Destination>) -> Result<(), Failure> {
    let gates = &args.gates;
    if manifest.is_some() || gates.min_size_percent.or(gates.max_size_percent).is_none() {
        return Ok(());
    }
    let error = anyhow!("--min-size-percent and --max-size-percent compare with a manifest");
    Err(Failure::usage(error).with_remedy("name where manifests are kept with --manifest"))
}

fn lock(args: &JobArgs) -> Result<Option<ObjectAddress>, Failure> {
    let Some(uri) = &args.watch.lock_uri else {
        return Ok(None);
    };
    match s3_address(uri, "--lock-uri").map_err(Failure::usage)? {
        Some(address) => Ok(Some(address)),
        None => Err(Failure::usage(anyhow!("--lock-uri {uri} is not in S3"))
            .with_remedy("use s3://BUCKET/KEY here, and --lock-file for a file")),
    }
}

fn compression(args: &JobArgs, destination: &Destination) -> Result<Compression, Failure> {
    let codec = match &args.destination.compression {
        Some(name) => Compression::from_name(name),
        None => Ok(Compression::from_key(destination.name())),
    };
    let codec = match (codec, args.destination.compression_level) {
        (Ok(codec), Some(level)) => codec.with_level(level),
        (codec, _) => codec,
    };
    codec
        .context("choose the compression")
        .map_err(Failure::usage)
}
