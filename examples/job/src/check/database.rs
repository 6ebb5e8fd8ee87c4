//! The way to the database, step by step: name, port, login, encryption, clock.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use datatransit_dump::{Inspection, inspect};
use datatransit_secrets::DatabaseCredentials;
use jiff::Timestamp;
use tokio::net::TcpStream;

use crate::job::Source;
use crate::program::Program;
use crate::{ExitCode, Failure};

use super::{Report, clock};

/// The checks made here, in order.
pub(super) const CHECKS: [&str; 5] = [
    "name resolution",
    "connection",
    "login",
    "TLS",
    "server's clock",
];

/// Goes the way, and lets the program look at what it is to read.
pub(super) async fn examine<P: Program>(
    program: &P,
    source: &Source<P::Selection>,
    report: &mut Report,
) {
    let (host, port) = (source.login.host(), source.login.port());
    let addresses = report.add_with("name resolution", resolve(host, port).await, |addresses| {
        format!("{host} is {}", addresses.join(", "))
    });
    if addresses.is_none() {
        report.skip(&CHECKS[1..]);
        return report.skip(P::CHECKS);
    }
    let timeout = program.job().args.connection.connect_timeout;
    let reached = report.add("connection", reach(host, port, timeout).await);
    if !reached {
        report.skip(&CHECKS[2..]);
        return report.skip(P::CHECKS);
    }
    let inspected = inspect(&source.connect).await.map_err(Failure::from);
    let inspection = report.add_with("login", inspected, |inspection| {
        format!(
            "{} on {} {} ({})",
            inspection.current_user,
            inspection.identity.version_comment,
            inspection.identity.version,
            inspection.identity.hostname,
        )
    });
    match inspection {
        Some(inspection) => {
            encryption(&source.login, &inspection, report);
            server_clock(&inspection, report);
            program.examine(source, &inspection, report).await;
        }
        None => {
            report.skip(&CHECKS[3..]);
            report.skip(P::CHECKS);
        }
    }
}

async fn resolve(host: &str, port: u16) -> Result<Vec<String>, Failure> {
    let found = tokio::net::lookup_host((host, port)).await;
    let found = found
        .with_context(|| format!("resolve {host}"))
        .map_err(|error| {
            Failure::new(ExitCode::Source, "connect", error)
                .with_remedy("check the host's name, and that this machine's resolver knows it")
        })?;
    Ok(found.map(|address| address.ip().to_string()).collect())
}

async fn reach(host: &str, port: u16, timeout: Duration) -> Result<String, Failure> {
    let refused = |error: anyhow::Error| {
        Failure::new(ExitCode::Source, "connect", error)
            .with_remedy("check the port, the route and the security group of the database")
    };
    match tokio::time::timeout(timeout, TcpStream::connect((host, port))).await {
        Ok(Ok(_)) => Ok(format!("{host}:{port} accepts")),
        Ok(Err(error)) => Err(refused(
            anyhow!(error).context(format!("connect to {host}:{port}")),
        )),
        Err(_) => Err(refused(anyhow!(
            "{host}:{port} does not answer within {timeout:?}"
        ))),
    }
}

/// A mode that the server cannot keep has failed the login already.
fn encryption(login: &DatabaseCredentials, inspection: &Inspection, report: &mut Report) {
    match &inspection.tls_cipher {
        Some(cipher) => report.ok("TLS", format!("encrypted with {cipher}")),
        None if is_loopback(login.host()) => {
            report.ok("TLS", "plain text, to this very machine".to_owned());
        }
        None => report.warn(
            "TLS",
            "plain text: the network sees the rows".to_owned(),
            "say --ssl-mode REQUIRED, or name the authorities with --ssl-ca".to_owned(),
        ),
    }
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn server_clock(inspection: &Inspection, report: &mut Report) {
    let identity = &inspection.identity;
    let zone = match identity.time_zone.as_str() {
        "SYSTEM" => format!("SYSTEM ({})", identity.system_time_zone),
        zone => zone.to_owned(),
    };
    let moment = inspection.epoch_seconds.map(Timestamp::from_second);
    match moment {
        Some(Ok(moment)) => clock::examine_server(moment, &zone, report),
        _ => report.skip_because(CHECKS[4], "the server does not tell the time".to_owned()),
    }
}
