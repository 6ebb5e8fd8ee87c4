//! What a process has used, from `/proc`.

use std::fs;
use std::time::Duration;

use anyhow::{Context as _, Result};

/// CPU and memory of a process so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Usage {
    /// Time on a CPU, of all threads that still live.
    pub cpu: Duration,
    /// The most memory it ever held at once (`VmHWM`).
    pub peak_rss_bytes: u64,
    /// The memory it holds now (`VmRSS`).
    pub rss_bytes: u64,
}

impl Usage {
    /// Reads the figures of a running process.
    pub(super) fn of(pid: u32) -> Result<Self> {
        let status = fs::read_to_string(format!("/proc/{pid}/status"))
            .context("the process is gone, or this is not Linux")?;
        let bytes = |name: &str| -> Result<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name));
            let kilobytes = line.and_then(|rest| rest.split_ascii_whitespace().next());
            let kilobytes: u64 = kilobytes.context("no such line in status")?.parse()?;
            Ok(kilobytes * 1024)
        };
        let mut cpu = Duration::ZERO;
        for task in fs::read_dir(format!("/proc/{pid}/task"))? {
            // In nanoseconds, where the ticks of `stat` are 10 ms. A thread may end meanwhile.
            let path = task?.path().join("schedstat");
            let Ok(text) = fs::read_to_string(path) else {
                continue;
            };
            let first = text.split_ascii_whitespace().next();
            cpu += Duration::from_nanos(first.context("an empty schedstat")?.parse()?);
        }
        Ok(Self {
            cpu,
            peak_rss_bytes: bytes("VmHWM:")?,
            rss_bytes: bytes("VmRSS:")?,
        })
    }
}
