//! How a function is configured.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

/// A function's configuration, with the service's defaults.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct FunctionOptions {
    /// The program and what comes before its arguments: `[bootstrap]`, or an
    /// interpreter and a script.
    pub command: Vec<OsString>,
    /// The function's name. Default: `spice-refresh`.
    pub name: String,
    /// The function's time limit. Default: 3 s.
    pub timeout: Duration,
    /// Told to the function, not enforced. Default: 128.
    pub memory_mb: u32,
    /// `AWS_LAMBDA_LOG_FORMAT`. Default: `JSON`.
    pub log_format: String,
    /// `AWS_LAMBDA_LOG_LEVEL`, if any. Default: none, as with the log format `Text`.
    pub log_level: Option<String>,
    /// The function's own environment.
    pub environment: Vec<(String, String)>,
}

impl FunctionOptions {
    /// A function of one program.
    #[must_use]
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            command: vec![program.into().into_os_string()],
            name: "spice-refresh".to_owned(),
            timeout: Duration::from_secs(3),
            memory_mb: 128,
            log_format: "JSON".to_owned(),
            log_level: None,
            environment: Vec::new(),
        }
    }

    /// Sets a variable of the environment.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.environment.retain(|(known, _)| known != name);
        self.environment.push((name.to_owned(), value.into()));
    }

    /// The ARN with which it is invoked.
    #[must_use]
    pub fn arn(&self) -> String {
        let name = &self.name;
        format!("arn:aws:lambda:eu-west-1:123456789012:function:{name}")
    }

    /// The whole environment of the process.
    pub(super) fn variables(&self, runtime_api: &str) -> Vec<(String, String)> {
        let mut all: Vec<(String, String)> = [
            ("AWS_LAMBDA_RUNTIME_API", runtime_api),
            ("AWS_LAMBDA_FUNCTION_NAME", &self.name),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
            ("AWS_LAMBDA_LOG_FORMAT", &self.log_format),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/11/23/[$LATEST]0123"),
            ("LAMBDA_TASK_ROOT", "/var/task"),
            ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
            ("_HANDLER", "bootstrap"),
            ("LANG", "en_US.UTF-8"),
            ("TZ", ":UTC"),
            ("PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin"),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let group = format!("/aws/lambda/{}", self.name);
        all.push(("AWS_LAMBDA_LOG_GROUP_NAME".to_owned(), group));
        let memory = self.memory_mb.to_string();
        all.push(("AWS_LAMBDA_FUNCTION_MEMORY_SIZE".to_owned(), memory));
        if let Some(level) = &self.log_level {
            all.push(("AWS_LAMBDA_LOG_LEVEL".to_owned(), level.clone()));
        }
        all.extend(self.environment.iter().cloned());
        all
    }
}
