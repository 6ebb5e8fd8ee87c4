//! What Linux tells about processes, in files.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, ensure};

/// The kernel's unit of CPU time.
#[derive(Debug)]
pub(crate) struct Clock {
    ticks_per_second: f64,
}

impl Clock {
    pub(crate) fn new() -> Result<Self> {
        ensure!(
            fs::exists("/proc/self/stat")?,
            "the bench measures through /proc, which only Linux has"
        );
        let output = Command::new("getconf").arg("CLK_TCK").output()?;
        let ticks = String::from_utf8_lossy(&output.stdout);
        let ticks_per_second = ticks.trim().parse().context("getconf CLK_TCK")?;
        Ok(Self { ticks_per_second })
    }

    /// User and system time of a process itself.
    pub(crate) fn own(&self, pid: &str) -> Result<f64> {
        self.sum(pid, [UTIME, STIME])
    }

    /// User and system time of the processes that this one has waited for, and of those
    /// that they waited for.
    pub(crate) fn reaped(&self) -> Result<f64> {
        self.sum("self", [CUTIME, CSTIME])
    }

    /// Time that all CPUs together spent on anything.
    pub(crate) fn machine(&self) -> Result<f64> {
        let text = fs::read_to_string("/proc/stat")?;
        let line = text.lines().next().unwrap_or_default();
        let times: Vec<u64> = line
            .split_ascii_whitespace()
            .skip(1)
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        // user, nice, system, (idle, iowait,) irq, softirq
        let busy = [0, 1, 2, 5, 6].map(|index| times.get(index).copied().unwrap_or_default());
        Ok(self.seconds(busy.iter().sum()))
    }

    fn sum(&self, pid: &str, fields: [usize; 2]) -> Result<f64> {
        let stat = Stat::read(pid)?;
        let mut ticks = 0;
        for field in fields {
            ticks += stat.number(field)?;
        }
        Ok(self.seconds(ticks))
    }

    fn seconds(&self, ticks: u64) -> f64 {
        ticks as f64 / self.ticks_per_second
    }
}

// Numbers of fields as in proc_pid_stat(5).
const PPID: usize = 4;
const UTIME: usize = 14;
const STIME: usize = 15;
const CUTIME: usize = 16;
const CSTIME: usize = 17;

/// A process's line of figures.
struct Stat(String);

impl Stat {
    fn read(pid: &str) -> Result<Self> {
        let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
        // The name stands in parentheses and may hold spaces and parentheses itself.
        let (_, rest) = text.rsplit_once(')').context("no name in the stat line")?;
        Ok(Self(rest.to_owned()))
    }

    fn number(&self, field: usize) -> Result<u64> {
        // The state, field 3, is the first behind the name.
        let text = self.0.split_ascii_whitespace().nth(field - 3);
        Ok(text.context("a short stat line")?.parse()?)
    }
}

/// A process and all that descend from it, as far as they can still be read.
pub(crate) fn family(root: u32) -> Vec<u32> {
    let mut all: Vec<(u32, u32)> = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok())
        else {
            continue;
        };
        let parent = Stat::read(&u32::to_string(&pid)).and_then(|stat| stat.number(PPID));
        if let Some(parent) = parent.ok().and_then(|parent| u32::try_from(parent).ok()) {
            all.push((pid, parent));
        }
    }
    let mut family = vec![root];
    let mut next = 0;
    while let Some(&member) = family.get(next) {
        family.extend(
            all.iter()
                .filter(|(_, parent)| *parent == member)
                .map(|(pid, _)| pid),
        );
        next += 1;
    }
    family
}

/// A process's name and the most memory it has held so far, in bytes; `None` once it has
/// let go of its memory.
pub(crate) fn peak_memory(pid: u32) -> Option<(String, u64)> {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
    let field = |name: &str| {
        let mut lines = status.lines();
        lines
            .find_map(|line| line.strip_prefix(name))
            .map(str::trim)
    };
    let kib: u64 = field("VmHWM:")?.strip_suffix(" kB")?.parse().ok()?;
    Some((field("Name:")?.to_owned(), kib * 1024))
}
