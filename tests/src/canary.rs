//! A watch over a secret: whether it shows where a program's words can be read.
//!
//! [`Canary::watch`] runs a program and keeps every byte it writes, and while it
//! runs, its command line and environment as any other process of the same user
//! sees them in `/proc` (Linux; elsewhere only its output). [`Exposure::assert_hidden`]
//! looks for the secret in all of it, as it is and as programs like to disguise it.

use std::collections::BTreeMap;
use std::fs;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use anyhow::{Context as _, Result};
use aws_smithy_types::base64;
use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;
use tokio::time::sleep;

/// How often `/proc` is looked at. What matters there stays for a process's life.
const SAMPLE_EVERY: Duration = Duration::from_millis(20);
/// Shorter secrets would be found by chance.
const SHORTEST: usize = 8;

/// A secret to look for.
#[derive(Clone)]
pub struct Canary {
    /// What the bytes to look for are, by how they were made.
    disguises: Vec<(&'static str, Vec<u8>)>,
}

impl Canary {
    /// Looks for `secret`: as it is, in base64, in hexadecimal, percent-encoded,
    /// escaped as in JSON and as in Rust's `Debug`.
    ///
    /// # Panics
    ///
    /// When the secret has fewer than 8 bytes.
    #[must_use]
    pub fn new(secret: &str) -> Self {
        assert!(
            secret.len() >= SHORTEST,
            "too short: it might be found by chance"
        );
        let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
        let percent = |upper: bool| -> String {
            secret
                .bytes()
                .map(|byte| match byte {
                    b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                        char::from(byte).to_string()
                    }
                    _ if upper => format!("%{byte:02X}"),
                    _ => format!("%{byte:02x}"),
                })
                .collect()
        };
        let json = serde_json::Value::from(secret).to_string();
        let debug = format!("{secret:?}");
        let inner = |quoted: &str| quoted[1..quoted.len() - 1].to_owned();
        let mut disguises = vec![
            ("plain", secret.to_owned()),
            ("hexadecimal", hex.clone()),
            ("upper-case hexadecimal", hex.to_uppercase()),
            ("percent-encoded", percent(true)),
            ("percent-encoded, lower case", percent(false)),
            ("JSON", inner(&json)),
            ("Debug", inner(&debug)),
        ];
        // In base64 a text looks different at each of three places; the first and
        // last letters also carry bits of its neighbours.
        for (name, skip) in [("base64", 0), ("base64 + 1", 1), ("base64 + 2", 2)] {
            let padded = [vec![0; skip], secret.as_bytes().to_vec()].concat();
            let text = base64::encode(padded);
            let text = text.trim_end_matches('=');
            let from = if skip == 0 { 0 } else { 4 };
            disguises.push((name, text[from..text.len() - 1].to_owned()));
        }
        let disguises = disguises
            .into_iter()
            .map(|(name, text)| (name, text.into_bytes()))
            .collect();
        Self { disguises }
    }

    /// The disguise in which the secret shows in `bytes`, if it does.
    #[must_use]
    pub fn find(&self, bytes: &[u8]) -> Option<&'static str> {
        self.disguises
            .iter()
            .find(|(_, disguise)| {
                bytes
                    .windows(disguise.len())
                    .any(|window| window == disguise.as_slice())
            })
            .map(|(name, _)| *name)
    }

    /// Runs a program to its end, its stdin empty, and keeps what it shows. Kills
    /// it when the future is dropped.
    ///
    /// # Errors
    ///
    /// When it cannot be started.
    pub async fn watch(&self, command: &mut Command) -> Result<Exposure> {
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("the watched program did not start")?;
        let stdout = child.stdout.take().context("no stdout")?;
        let stderr = child.stderr.take().context("no stderr")?;
        let pid = child.id();
        let mut processes = BTreeMap::new();
        let sampling = async {
            loop {
                if let Some(pid) = pid {
                    sample(pid, &mut processes);
                }
                sleep(SAMPLE_EVERY).await;
            }
        };
        let running = async { tokio::join!(read_all(stdout), read_all(stderr), child.wait()) };
        let (stdout, stderr, status) = tokio::select! {
            done = running => done,
            () = sampling => unreachable!("sampling has no end"),
        };
        Ok(Exposure {
            canary: self.clone(),
            status: status?,
            stdout: stdout?,
            stderr: stderr?,
            processes,
        })
    }
}

impl std::fmt::Debug for Canary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Canary(..)")
    }
}

/// What a watched program showed of itself.
#[derive(Debug)]
#[non_exhaustive]
pub struct Exposure {
    canary: Canary,
    /// How it ended.
    pub status: ExitStatus,
    /// All it wrote to stdout.
    pub stdout: Vec<u8>,
    /// All it wrote to stderr.
    pub stderr: Vec<u8>,
    /// The longest content seen of each file under `/proc`, of it and of its
    /// descendants.
    pub processes: BTreeMap<String, Vec<u8>>,
}

impl Exposure {
    /// Where the secret shows, and how.
    #[must_use]
    pub fn findings(&self) -> Vec<String> {
        let outputs = [("stdout", &self.stdout), ("stderr", &self.stderr)];
        let files = self
            .processes
            .iter()
            .map(|(name, bytes)| (name.as_str(), bytes));
        outputs
            .into_iter()
            .chain(files)
            .filter_map(|(place, bytes)| Some(format!("{place} ({})", self.canary.find(bytes)?)))
            .collect()
    }

    /// Asserts that the secret shows nowhere.
    ///
    /// # Panics
    ///
    /// When it does; the text names the places, not the secret.
    pub fn assert_hidden(&self) {
        let findings = self.findings();
        assert!(
            findings.is_empty(),
            "the secret shows in {}",
            findings.join(", ")
        );
    }
}

async fn read_all(mut pipe: impl AsyncRead + Unpin) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    pipe.read_to_end(&mut bytes).await?;
    Ok(bytes)
}

/// Reads what `/proc` shows of a process and of its descendants.
fn sample(pid: u32, seen: &mut BTreeMap<String, Vec<u8>>) {
    for file in ["cmdline", "environ"] {
        let path = format!("/proc/{pid}/{file}");
        // Gone between two looks, or no `/proc` at all: nothing to see.
        let Ok(bytes) = fs::read(&path) else { continue };
        let kept = seen.entry(path).or_default();
        if bytes.len() > kept.len() {
            *kept = bytes;
        }
    }
    let Ok(threads) = fs::read_dir(format!("/proc/{pid}/task")) else {
        return;
    };
    for thread in threads.flatten() {
        let children = fs::read_to_string(thread.path().join("children")).unwrap_or_default();
        for child in children
            .split_ascii_whitespace()
            .filter_map(|child| child.parse().ok())
        {
            sample(child, seen);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = "p\"ss w/rd-日本-123";

    async fn show(script: &str) -> Vec<String> {
        let canary = Canary::new(SECRET);
        let mut command = Command::new("sh");
        command.args(["-c", script]).env_clear();
        canary
            .watch(&mut command)
            .await
            .expect("sh runs")
            .findings()
    }

    #[test]
    fn sees_through_disguises() {
        let canary = Canary::new(SECRET);
        assert_eq!(canary.find(b"nothing here"), None);
        assert_eq!(canary.find(format!("x{SECRET}y").as_bytes()), Some("plain"));
        assert_eq!(canary.find(format!("{SECRET:?}").as_bytes()), Some("JSON"));
        for prefix in ["", "a", "ab", "abc"] {
            let encoded = base64::encode(format!("{prefix}{SECRET}: and more"));
            assert!(canary.find(encoded.as_bytes()).is_some(), "{prefix}");
        }
        let percent = b"p%22ss%20w%2Frd-%E6%97%A5%E6%9C%AC-123";
        assert_eq!(canary.find(percent), Some("percent-encoded"));
    }

    #[tokio::test]
    async fn watches_output_and_arguments_and_environment() {
        assert_eq!(
            show("echo hello; echo world >&2").await,
            Vec::<String>::new()
        );
        assert_eq!(
            show(&format!("cat >&2 <<'E'\n{SECRET}\nE")).await[0],
            "stderr (plain)"
        );
        if !std::path::Path::new("/proc/self/environ").exists() {
            return;
        }
        // A child that shows the secret and waits to be seen.
        let canary = Canary::new(SECRET);
        let mut command = Command::new("sh");
        command
            .args(["-c", "sleep 0.5; true"])
            .env("DB_PASSWORD", SECRET);
        let findings = canary
            .watch(&mut command)
            .await
            .expect("sh runs")
            .findings();
        assert!(findings.iter().all(|place| place.contains("environ")) && !findings.is_empty());
    }
}
