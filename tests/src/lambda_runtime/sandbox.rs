//! One process of a function, from its start to its end.

use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use tempfile::NamedTempFile;

use super::api::{Answered, RuntimeApi};
use super::{FunctionOptions, Outcome};

/// How often a process that says nothing is looked at.
const MOMENT: Duration = Duration::from_millis(5);
/// How long a process may take to begin, and to ask again after an answer.
const PATIENCE: Duration = Duration::from_secs(30);

#[derive(Debug)]
pub(super) struct Sandbox {
    api: RuntimeApi,
    child: Child,
    started: Instant,
    /// Both streams, in the order in which they were written.
    output: NamedTempFile,
}

impl Sandbox {
    pub(super) fn start(options: &FunctionOptions) -> Result<Self> {
        let api = RuntimeApi::start(&options.arn())?;
        let output = NamedTempFile::new().context("a file for the function's output")?;
        let (program, arguments) = options.command.split_first().context("no program")?;
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env_clear()
            .envs(options.variables(api.address()))
            .stdin(Stdio::null())
            .stdout(output.as_file().try_clone()?)
            .stderr(output.as_file().try_clone()?);
        let started = Instant::now();
        let child = command
            .spawn()
            .with_context(|| format!("start {}", program.display()))?;
        Ok(Self {
            api,
            child,
            started,
            output,
        })
    }

    pub(super) fn pid(&self) -> u32 {
        self.child.id()
    }

    pub(super) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// From the start to the first question for an event.
    pub(super) fn init(&self) -> Option<Duration> {
        let asked = self.api.first_asked()?;
        Some(asked.duration_since(self.started))
    }

    pub(super) fn violations(&self) -> Vec<String> {
        self.api.violations()
    }

    pub(super) fn logs(&self) -> String {
        match std::fs::read(self.output.path()) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(error) => format!("the output could not be read: {error}"),
        }
    }

    pub(super) fn invoke(
        &mut self,
        request_id: &str,
        event: &Value,
        timeout: Duration,
    ) -> Result<Answered> {
        if let Some(outcome) = self.wait_until_it_waits()? {
            return Ok(Answered {
                outcome,
                duration: Duration::ZERO,
            });
        }
        let delivered = Instant::now();
        self.api.deliver(request_id, event, timeout);
        loop {
            if let Some(answered) = self.api.take_answer() {
                // Only then is all of its output written, and is it ready for more.
                self.wait_until_it_waits()?;
                return Ok(answered);
            }
            let duration = delivered.elapsed();
            if let Some(status) = self.child.try_wait()? {
                let outcome = Outcome::Exited(status);
                return Ok(Answered { outcome, duration });
            }
            if duration >= timeout {
                self.kill();
                let outcome = Outcome::TimedOut;
                return Ok(Answered { outcome, duration });
            }
            self.api.wait_for_change(MOMENT.min(timeout - duration));
        }
    }

    /// Waits until the process asks for an event; returns how it ended if it does not.
    fn wait_until_it_waits(&mut self) -> Result<Option<Outcome>> {
        let since = Instant::now();
        while !self.api.waits() {
            if let Some(error) = self.api.init_error() {
                self.kill();
                return Ok(Some(error));
            }
            if let Some(status) = self.child.try_wait()? {
                return Ok(Some(Outcome::Exited(status)));
            }
            if since.elapsed() > PATIENCE {
                bail!(
                    "the function runs but asks for no event; it wrote: {}",
                    self.logs()
                );
            }
            self.api.wait_for_change(MOMENT);
        }
        Ok(None)
    }

    pub(super) fn terminate(&mut self, patience: Duration) -> Result<Option<ExitStatus>> {
        let sent = Command::new("kill")
            .args(["-TERM", &self.pid().to_string()])
            .status()?;
        ensure!(sent.success(), "SIGTERM could not be sent");
        let since = Instant::now();
        while since.elapsed() < patience {
            if let Some(status) = self.child.try_wait()? {
                return Ok(Some(status));
            }
            self.api.wait_for_change(MOMENT);
        }
        self.kill();
        Ok(None)
    }

    pub(super) fn kill(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.kill();
    }
}
