//! An emulator of the Lambda Runtime API (2018-06-01) that runs real bootstraps.
//!
//! A [`Function`] starts its program as the service does: a process with the
//! function's environment, which asks the Runtime API for events and posts its
//! answers. One that ends or runs past its deadline is replaced at the next
//! invocation. The API is strict: what the service refuses is refused, and told by
//! [`Function::violations`].
//!
//! What is not emulated: extensions (hence SIGTERM is for [`Function::terminate`]
//! only), response streaming, SnapStart, the freezing of an idle process, and the
//! CPU's share that goes with the memory's size.

mod api;
mod options;
mod sandbox;
mod usage;

use std::process::ExitStatus;
use std::time::Duration;

use anyhow::Result;
use serde_json::Value;

pub use api::{MAX_PAYLOAD_BYTES, RuntimeApi};
pub use options::FunctionOptions;
pub use usage::Usage;

use sandbox::Sandbox;

/// A function, and the process that serves it. Dropping it kills the process.
#[derive(Debug)]
pub struct Function {
    options: FunctionOptions,
    sandbox: Option<Sandbox>,
    /// What sandboxes that are gone have left.
    past_logs: String,
    past_violations: Vec<String>,
    invocations: u64,
}

/// What became of an invocation.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Invocation {
    /// The id that the service gave it.
    pub request_id: String,
    /// Whether a process was started for it.
    pub cold: bool,
    /// From the start of the process to its first question for an event, when cold.
    pub init: Option<Duration>,
    /// From the event's delivery to the answer.
    pub duration: Duration,
    /// The answer, or what came instead.
    pub outcome: Outcome,
}

/// How an invocation ended.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Outcome {
    /// The function's answer.
    Response(Value),
    /// The function failed: what a caller, a dead-letter queue and an alarm see.
    Error {
        /// `errorType`.
        error_type: String,
        /// `errorMessage`.
        error_message: String,
    },
    /// The deadline passed, and the process was killed.
    TimedOut,
    /// The process ended without an answer.
    Exited(ExitStatus),
}

impl Invocation {
    /// The answer.
    ///
    /// # Panics
    ///
    /// When there was none.
    #[must_use]
    pub fn response(&self) -> &Value {
        match &self.outcome {
            Outcome::Response(value) => value,
            other => panic!("an answer was expected, not {other:?}"),
        }
    }

    /// The error's type and message.
    ///
    /// # Panics
    ///
    /// When the invocation ended otherwise.
    #[must_use]
    pub fn error(&self) -> (&str, &str) {
        match &self.outcome {
            Outcome::Error {
                error_type,
                error_message,
            } => (error_type, error_message),
            other => panic!("an error was expected, not {other:?}"),
        }
    }
}

impl Function {
    /// Defines a function; nothing is started yet.
    #[must_use]
    pub const fn new(options: FunctionOptions) -> Self {
        Self {
            options,
            sandbox: None,
            past_logs: String::new(),
            past_violations: Vec::new(),
            invocations: 0,
        }
    }

    /// Invokes it with an event and the function's time limit; waits for the outcome.
    ///
    /// # Errors
    ///
    /// When the program cannot be started or does not ask for an event within 30
    /// seconds, although it runs.
    pub fn invoke(&mut self, event: &Value) -> Result<Invocation> {
        self.invoke_within(event, self.options.timeout)
    }

    /// Invokes it with another time limit.
    ///
    /// # Errors
    ///
    /// As [`invoke`](Self::invoke).
    pub fn invoke_within(&mut self, event: &Value, timeout: Duration) -> Result<Invocation> {
        self.invocations += 1;
        let request_id = format!("8a4c5b9e-0000-4000-8000-{:012}", self.invocations);
        self.invoke_as(&request_id, event, timeout)
    }

    /// Invokes it with a request id of the caller's: the service's own retries of an
    /// asynchronous invocation have that of the first attempt.
    ///
    /// # Errors
    ///
    /// As [`invoke`](Self::invoke).
    pub fn invoke_as(
        &mut self,
        request_id: &str,
        event: &Value,
        timeout: Duration,
    ) -> Result<Invocation> {
        let cold = !self.sandbox.as_mut().is_some_and(Sandbox::is_alive);
        if cold {
            self.retire();
            self.sandbox = Some(Sandbox::start(&self.options)?);
        }
        let Some(sandbox) = &mut self.sandbox else {
            anyhow::bail!("no process runs");
        };
        let outcome = sandbox.invoke(request_id, event, timeout)?;
        Ok(Invocation {
            request_id: request_id.to_owned(),
            cold,
            init: sandbox.init().filter(|_| cold),
            duration: outcome.duration,
            outcome: outcome.outcome,
        })
    }

    /// What the functions wrote, to standard output and standard error in one, as
    /// CloudWatch Logs would have it.
    #[must_use]
    pub fn logs(&self) -> String {
        let now = self.sandbox.as_ref().map(Sandbox::logs).unwrap_or_default();
        format!("{}{now}", self.past_logs)
    }

    /// The lines of the logs that are JSON objects.
    #[must_use]
    pub fn json_logs(&self) -> Vec<Value> {
        self.logs()
            .lines()
            .filter_map(|line| serde_json::from_str(line).ok())
            .filter(Value::is_object)
            .collect()
    }

    /// What the processes did that the service refuses; empty when all is well.
    #[must_use]
    pub fn violations(&self) -> Vec<String> {
        let mut all = self.past_violations.clone();
        all.extend(self.sandbox.iter().flat_map(Sandbox::violations));
        all
    }

    /// What the running process has used so far.
    ///
    /// # Errors
    ///
    /// When there is no process, or not on Linux.
    pub fn usage(&self) -> Result<Usage> {
        let sandbox = self.sandbox.as_ref();
        Usage::of(sandbox.map(Sandbox::pid).unwrap_or_default())
    }

    /// Sends SIGTERM, waits for the end for at most `patience`, then kills. Returns how
    /// it ended, or nothing when it had to be killed.
    ///
    /// # Errors
    ///
    /// When no process runs, or it cannot be signalled.
    pub fn terminate(&mut self, patience: Duration) -> Result<Option<ExitStatus>> {
        let sandbox = self.sandbox.as_mut();
        let sandbox = sandbox.ok_or_else(|| anyhow::anyhow!("no process runs"))?;
        let ended = sandbox.terminate(patience)?;
        self.retire();
        Ok(ended)
    }

    /// Ends the process, so that the next invocation is a cold one.
    pub fn retire(&mut self) {
        if let Some(mut sandbox) = self.sandbox.take() {
            sandbox.kill();
            self.past_logs += &sandbox.logs();
            self.past_violations.extend(sandbox.violations());
        }
    }
}
