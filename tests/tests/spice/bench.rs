//! A double with data sets, and the program.

use std::process::{Command, Output, Stdio};

use datatransit_quicksight::testing::double::{
    DoubleOptions, IngestionEnd, IngestionScript, QuickSightDouble,
};
use e2e::binary::binary;
use e2e::s3::{ACCESS_KEY, SECRET_KEY};
use serde_json::Value;

pub(crate) struct Bench {
    pub(crate) double: QuickSightDouble,
    directory: tempfile::TempDir,
}

impl Bench {
    /// With these data sets in SPICE. It takes the key of the S3 double, so that one
    /// process can ask both.
    pub(crate) fn new(data_sets: &[&str]) -> Self {
        let mut options = DoubleOptions::default();
        options.access_key_id = ACCESS_KEY.to_owned();
        options.secret_access_key = SECRET_KEY.to_owned();
        let double = QuickSightDouble::start(options).unwrap();
        for id in data_sets {
            double.add_data_set(id, &["day:DATETIME"]);
        }
        let directory = tempfile::tempdir().unwrap();
        Self { double, directory }
    }

    pub(crate) fn path(&self, name: &str) -> std::path::PathBuf {
        self.directory.path().join(name)
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary("spice-refresh"));
        command.current_dir(self.directory.path()).args(arguments);
        for name in [
            "AWS_PROFILE",
            "RUST_LOG",
            "QUICKSIGHT_AWS_ACCOUNT_ID",
            "SPICE_REFRESH_CONFIG_FILE",
            "LOG_SENSITIVE_BODIES",
        ] {
            command.env_remove(name);
        }
        command
            .envs(self.double.environment())
            .env("HOME", self.directory.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs it for the double's account, with short pauses.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        let fixed = ["--account", "123456789012", "--first-pause", "5ms"];
        Outcome(
            self.command(&[arguments, &fixed].concat())
                .output()
                .unwrap(),
        )
    }

    /// What the next ingestion of a data set comes to.
    pub(crate) fn next(&self, data_set: &str, end: IngestionEnd) {
        let mut script = IngestionScript::default();
        script.end = end;
        self.double.script_next_ingestion(data_set, script);
    }
}

pub(crate) fn failed(kind: &str) -> IngestionEnd {
    IngestionEnd::Failed {
        kind: kind.to_owned(),
        message: "as the service says".to_owned(),
    }
}

pub(crate) struct Outcome(pub(crate) Output);

impl Outcome {
    pub(crate) fn stdout(&self) -> String {
        String::from_utf8(self.0.stdout.clone()).unwrap()
    }

    pub(crate) fn stderr(&self) -> String {
        String::from_utf8_lossy(&self.0.stderr).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout())
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout(), self.stderr()))
    }

    #[track_caller]
    pub(crate) fn assert_code(self, code: i32) -> Self {
        let found = self.0.status.code();
        assert_eq!(found, Some(code), "{}{}", self.stdout(), self.stderr());
        self
    }

    #[track_caller]
    pub(crate) fn assert_says(self, words: &[&str]) -> Self {
        let all = format!("{}{}", self.stdout(), self.stderr());
        for word in words {
            assert!(all.contains(word), "no {word:?} in: {all}");
        }
        self
    }
}
