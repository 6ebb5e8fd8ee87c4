//! A double with the people of the example environments, a copy of the example's
//! files, and the program.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use datatransit_quicksight::testing::double::{DoubleOptions, QuickSightDouble};
use e2e::binary::binary;
use serde_json::Value;

/// The directory of the example.
pub(crate) fn example() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/dashboards")
}

/// The identifier of the example's dashboard.
pub(crate) const DASHBOARD: &str = "sales-overview";

pub(crate) struct Bench {
    pub(crate) double: QuickSightDouble,
    directory: tempfile::TempDir,
    /// Where the program finds the service; the double, or a proxy before it.
    pub(crate) endpoint: String,
}

impl Bench {
    /// The example's files, nothing deployed.
    pub(crate) fn new() -> Self {
        Self::with(DoubleOptions::default())
    }

    pub(crate) fn with(options: DoubleOptions) -> Self {
        let double = QuickSightDouble::start(options).unwrap();
        for group in ["analysts", "analysts-too", "everybody"] {
            double.add_group(group);
        }
        let directory = tempfile::tempdir().unwrap();
        copy(&example().join("assets"), &directory.path().join("assets"));
        copy(
            &example().join("environments"),
            &directory.path().join("environments"),
        );
        let endpoint = double.endpoint_url();
        Self {
            double,
            directory,
            endpoint,
        }
    }

    /// The example's files, deployed to prod, and the journal empty.
    pub(crate) fn deployed() -> Self {
        let bench = Self::new();
        bench.deploy().assert_code(0);
        bench.double.forget_calls();
        bench
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    /// The file of the example's dashboard.
    pub(crate) fn dashboard_file(&self) -> PathBuf {
        self.path(&format!("assets/dashboards/{DASHBOARD}.json"))
    }

    /// Changes the dashboard's file.
    pub(crate) fn edit(&self, change: impl FnOnce(&mut Value)) {
        edit(&self.dashboard_file(), change);
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(binary("dashboards"));
        command.current_dir(self.directory.path()).args(arguments);
        for name in [
            "HOME",
            "AWS_PROFILE",
            "GITHUB_ACTOR",
            "GITHUB_SHA",
            "RUST_LOG",
            "DASHBOARDS_LOCK",
            "DASHBOARDS_DIR",
            "DASHBOARDS_ENVIRONMENT",
        ] {
            command.env_remove(name);
        }
        command
            .envs(self.double.environment())
            .env("AWS_ENDPOINT_URL_QUICKSIGHT", &self.endpoint)
            .env("HOME", self.directory.path())
            .env("USER", "tester");
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        Outcome(self.command(arguments).output().unwrap())
    }

    /// Runs a command for prod, with short pauses.
    pub(crate) fn prod(&self, arguments: &[&str]) -> Outcome {
        let fixed = ["--environment", "prod", "--first-pause", "10ms"];
        self.run(&[arguments, &fixed].concat())
    }

    pub(crate) fn deploy(&self) -> Outcome {
        self.prod(&["deploy", "--yes"])
    }

    /// Deploys, and returns the report of one asset.
    pub(crate) fn report(&self, id: &str) -> (i32, Value) {
        let outcome = self.prod(&["deploy", "--yes", "--json"]);
        let report = outcome.json();
        let assets = report["assets"].as_array().unwrap();
        let asset = assets.iter().find(|asset| asset["id"] == id).unwrap();
        (outcome.code(), asset.clone())
    }

    /// The definition that readers of the dashboard see.
    pub(crate) fn published_definition(&self) -> Value {
        let version = self.double.published_version(DASHBOARD).unwrap();
        let text = self.double.definition(DASHBOARD, version).unwrap();
        serde_json::from_str(&text).unwrap()
    }
}

/// Changes a JSON file.
pub(crate) fn edit(path: &Path, change: impl FnOnce(&mut Value)) {
    let mut value: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    change(&mut value);
    std::fs::write(path, serde_json::to_string_pretty(&value).unwrap()).unwrap();
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let place = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &place);
        } else {
            std::fs::copy(entry.path(), place).unwrap();
        }
    }
}

/// Compares two directories, file by file and line by line.
#[track_caller]
pub(crate) fn same_trees(one: &Path, two: &Path) {
    let (one, two) = (tree(one), tree(two));
    let names = |tree: &[(String, String)]| {
        tree.iter()
            .map(|(name, _)| name.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(names(&one), names(&two));
    for ((name, left), (_, right)) in one.iter().zip(&two) {
        for (line, (left, right)) in left.lines().zip(right.lines()).enumerate() {
            assert_eq!(left, right, "{name} line {}", line + 1);
        }
        assert_eq!(left, right, "{name}");
    }
}

/// All files below a directory, by their paths in it.
fn tree(directory: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut left = vec![directory.to_owned()];
    while let Some(next) = left.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.push(path);
            } else {
                let name = path.strip_prefix(directory).unwrap().display().to_string();
                found.push((name, std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    found.sort();
    found
}

pub(crate) struct Outcome(pub(crate) Output);

impl Outcome {
    pub(crate) fn code(&self) -> i32 {
        self.0.status.code().unwrap_or(-1)
    }

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
        assert_eq!(self.code(), code, "{}{}", self.stdout(), self.stderr());
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
