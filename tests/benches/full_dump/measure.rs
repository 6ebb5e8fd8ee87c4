//! One run of one contender, measured from outside.

use std::collections::BTreeMap;
use std::env;
use std::process::{Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};

use crate::procfs::{Clock, family, peak_memory};

const SAMPLE_EVERY: Duration = Duration::from_millis(20);

/// What a run took.
#[derive(Debug, Clone)]
pub(crate) struct Measured {
    pub(crate) wall_seconds: f64,
    /// User and system time of the contender's processes.
    pub(crate) client_cpu_seconds: f64,
    /// The same of the database server, meanwhile.
    pub(crate) server_cpu_seconds: f64,
    /// The same of this process, which plays S3, meanwhile.
    pub(crate) s3_cpu_seconds: f64,
    /// What else went on on the machine meanwhile.
    pub(crate) foreign_cpu_seconds: f64,
    /// The processes' peaks, by name.
    pub(crate) peak_rss_bytes: BTreeMap<String, u64>,
    pub(crate) success: bool,
}

/// Runs a command to its end. No other child of this process may end meanwhile.
pub(crate) fn measure(clock: &Clock, command: &mut Command, server_pid: u32) -> Result<Measured> {
    let before = Readings::take(clock, server_pid)?;
    let begun = Instant::now();
    let mut child = command
        .spawn()
        .with_context(|| format!("start {command:?}"))?;
    let (stop, stopped) = mpsc::channel::<()>();
    let root = child.id();
    let sampler = thread::spawn(move || sample(root, &stopped));
    let status = child.wait()?;
    let wall_seconds = begun.elapsed().as_secs_f64();
    drop(stop);
    let after = Readings::take(clock, server_pid)?;
    let spent = after.since(&before);
    Ok(Measured {
        wall_seconds,
        client_cpu_seconds: spent.reaped,
        server_cpu_seconds: spent.server,
        s3_cpu_seconds: spent.own,
        foreign_cpu_seconds: (spent.machine - spent.reaped - spent.server - spent.own).max(0.0),
        peak_rss_bytes: sampler.join().unwrap_or_default(),
        success: status.success(),
    })
}

/// Reads the peaks until the other end of the channel is gone.
fn sample(root: u32, stopped: &mpsc::Receiver<()>) -> BTreeMap<String, u64> {
    let mut processes = BTreeMap::new();
    loop {
        for pid in family(root) {
            // The last reading and not the highest: between fork and exec a process
            // shows the memory of its parent.
            if let Some(peak) = peak_memory(pid) {
                processes.insert(pid, peak);
            }
        }
        if stopped.recv_timeout(SAMPLE_EVERY) != Err(RecvTimeoutError::Timeout) {
            break;
        }
    }
    let mut peaks = BTreeMap::new();
    for (name, peak) in processes.into_values() {
        *peaks.entry(name).or_default() += peak;
    }
    peaks
}

struct Readings {
    reaped: f64,
    server: f64,
    own: f64,
    machine: f64,
}

impl Readings {
    fn take(clock: &Clock, server_pid: u32) -> Result<Self> {
        Ok(Self {
            reaped: clock.reaped()?,
            server: clock.own(&server_pid.to_string())?,
            own: clock.own("self")?,
            machine: clock.machine()?,
        })
    }

    fn since(&self, before: &Self) -> Self {
        Self {
            reaped: self.reaped - before.reaped,
            server: self.server - before.server,
            own: self.own - before.own,
            machine: self.machine - before.machine,
        }
    }
}

/// Two processes in a shell's pipe burn half a second each; that second has to be found.
pub(crate) fn prove(clock: &Clock) -> Result<String> {
    let mut command = Command::new("sh");
    command
        .args(["-c", "\"$0\" burn 0.5 | \"$0\" burn 0.5"])
        .arg(env::current_exe()?)
        .stdin(Stdio::null());
    let measured = measure(clock, &mut command, std::process::id())?;
    let counted = measured.client_cpu_seconds;
    ensure!(measured.success, "the processes of the proof failed");
    ensure!(
        (0.98..1.1).contains(&counted),
        "two processes that burnt 0.5 s each were counted as {counted:.2} s"
    );
    Ok(format!(
        "two piped processes burnt 0.50 s each, counted {counted:.2} s"
    ))
}

/// Works until the kernel has counted this much CPU time.
pub(crate) fn burn(clock: &Clock, seconds: f64) -> Result<()> {
    while clock.own("self")? < seconds {}
    Ok(())
}
