//! What the figures were measured on.

use std::fs;
use std::process::Command;
use std::thread::available_parallelism;

use anyhow::Result;
use mysql_async::prelude::Queryable as _;
use serde_json::{Value, json};

use crate::world::World;

#[derive(Debug)]
pub(crate) struct Machine {
    cpu: String,
    cores: usize,
    memory_gib: f64,
    kernel: String,
    server: String,
    programs: Vec<String>,
    /// Of the last minute before the first run.
    load: String,
}

impl Machine {
    pub(crate) fn describe(world: &World) -> Result<Self> {
        let load = read("/proc/loadavg");
        let server: Option<String> = world.runtime.block_on(async {
            let mut connection = world.server.connect().await?;
            let version = connection.query_first("SELECT VERSION()").await?;
            connection.disconnect().await?;
            anyhow::Ok(version)
        })?;
        let client = world.server.dump_command();
        let client = client.as_std().get_program().to_string_lossy().into_owned();
        let full_dump = world.full_dump.to_string_lossy().into_owned();
        let programs = [full_dump.as_str(), client.as_str(), "gzip", "pigz", "zstd"];
        let memory_kib = field("/proc/meminfo", "MemTotal:").replace(" kB", "");
        Ok(Self {
            cpu: field("/proc/cpuinfo", "model name")
                .trim_start_matches(": ")
                .to_owned(),
            cores: available_parallelism()?.into(),
            memory_gib: memory_kib.parse::<f64>().unwrap_or_default() / f64::from(1 << 20),
            kernel: read("/proc/sys/kernel/osrelease"),
            server: server.unwrap_or_default(),
            programs: programs.into_iter().filter_map(version).collect(),
            load: load.split(' ').next().unwrap_or_default().to_owned(),
        })
    }

    pub(crate) fn text(&self) -> String {
        format!(
            "{}, {} cores, {:.0} GiB, Linux {}; MariaDB server {}; {}; load before the first \
             run {}",
            self.cpu,
            self.cores,
            self.memory_gib,
            self.kernel,
            self.server,
            self.programs.join("; "),
            self.load
        )
    }

    pub(crate) const fn cores(&self) -> usize {
        self.cores
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "cpu": self.cpu, "cores": self.cores, "memory_gib": self.memory_gib,
            "kernel": self.kernel, "server": self.server, "programs": self.programs,
            "load_before": self.load,
        })
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(path)
        .unwrap_or_default()
        .trim()
        .to_owned()
}

/// The rest of the first line that begins so.
fn field(path: &str, name: &str) -> String {
    let text = read(path);
    let rest = text.lines().find_map(|line| line.strip_prefix(name));
    rest.unwrap_or("unknown").trim().to_owned()
}

/// The first line that a program says of its version, without the directory it is in.
fn version(program: &str) -> Option<String> {
    let output = Command::new(program).arg("--version").output().ok()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let line = text.lines().next()?.trim_matches(['*', ' ']);
    let directory = program
        .rsplit_once('/')
        .map(|(directory, _)| format!("{directory}/"));
    Some(line.replace(&directory.unwrap_or_default(), ""))
}
