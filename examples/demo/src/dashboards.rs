//! Dashboards as files: deployed to a double of QuickSight, exported, changed, rolled back.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};

use anyhow::{Context as _, Result, ensure};
use datatransit_quicksight::testing::double::{DoubleOptions, QuickSightDouble};
use e2e::binary::binary;
use e2e::scratch::Scratch;
use tokio::process::Command;

use crate::report::{broken, done, note};

const DASHBOARD: &str = "dev-sales-overview";
/// A title in the dashboard's file, and what an analyst makes of it.
const TITLE: (&str, &str) = ("Rent by house", "Rent of every house");
const KINDS: &str = "--kind=data-source,data-set,dashboard";

/// A double with the people of the example's dev environment, and a copy of its files.
struct Studio {
    double: QuickSightDouble,
    directory: Scratch,
}

/// Shows it, and says whether it came out as it must.
pub(crate) async fn shown() -> Result<bool> {
    let studio = Studio::new()?;
    match studio.tour().await {
        Ok(()) => Ok(true),
        Err(error) => {
            broken("dashboards as files", &format!("{error:#}"));
            Ok(false)
        }
    }
}

impl Studio {
    fn new() -> Result<Self> {
        let double = QuickSightDouble::start(DoubleOptions::default())?;
        for group in ["analysts", "analysts-too"] {
            double.add_group(group);
        }
        let directory = Scratch::new("demo-dashboards")?;
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../dashboards");
        for part in ["assets", "environments"] {
            copy(&example.join(part), &directory.path().join(part))?;
        }
        Ok(Self { double, directory })
    }

    async fn tour(&self) -> Result<()> {
        self.run(&["deploy", "--yes"], 0).await?;
        ensure!(self.published() == Some(1), "version 1 is not published");
        done(
            "a data source, a data set and a dashboard",
            "deployed to dev, each waited for and read back",
        );

        self.run(&["export", "--all", KINDS, "--dir=exported"], 0)
            .await?;
        let (files, exported) = (self.files("assets")?, self.files("exported")?);
        ensure!(files == exported, "the export is not what was deployed");
        done("exported again", "the same three files, byte for byte");

        let file = self.path("assets/dashboards/sales-overview.json");
        let text = fs::read_to_string(&file)?;
        ensure!(text.contains(TITLE.0), "the file has no title {}", TITLE.0);
        fs::write(&file, text.replace(TITLE.0, TITLE.1))?;
        note("dashboards plan --environment dev --out plan.json\n ");
        let plan = self.run(&["plan", "--out=plan.json"], 2).await?;
        note(&String::from_utf8_lossy(&plan.stdout));

        self.run(&["deploy", "--plan=plan.json", "--yes"], 0)
            .await?;
        ensure!(
            self.title(2)?.contains(TITLE.1),
            "readers see the old title"
        );
        done("that plan deployed", "readers see version 2");
        self.run(&["rollback", "sales-overview", "--yes"], 0)
            .await?;
        ensure!(
            self.title(1)?.contains(TITLE.0),
            "readers see the new title"
        );
        done("rolled back", "readers see version 1");
        Ok(())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.directory.path().join(name)
    }

    fn published(&self) -> Option<u64> {
        self.double.published_version(DASHBOARD)
    }

    /// What readers see, which must be this version.
    fn title(&self, version: u64) -> Result<String> {
        let published = self.published();
        ensure!(published == Some(version), "readers see {published:?}");
        let definition = self.double.definition(DASHBOARD, version);
        definition.context("the published version has no definition")
    }

    /// Runs `dashboards` for dev, with the double's environment and no other.
    async fn run(&self, arguments: &[&str], code: i32) -> Result<Output> {
        let output = Command::new(binary("dashboards"))
            .args(arguments)
            .args(["--environment=dev", "--first-pause=10ms"])
            .current_dir(self.directory.path())
            .env_clear()
            .envs(self.double.environment())
            .stdin(Stdio::null())
            .kill_on_drop(true)
            .output()
            .await?;
        ensure!(
            output.status.code() == Some(code),
            "dashboards {}: {}{}",
            arguments.join(" "),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(output)
    }

    /// All files below a directory, by name.
    fn files(&self, directory: &str) -> Result<Vec<(PathBuf, String)>> {
        let root = self.path(directory);
        let mut found = Vec::new();
        for kind in fs::read_dir(&root)? {
            for file in fs::read_dir(kind?.path())? {
                let path = file?.path();
                let text = fs::read_to_string(&path)?;
                found.push((path.strip_prefix(&root)?.to_owned(), text));
            }
        }
        found.sort();
        Ok(found)
    }
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let place = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &place)?;
        } else {
            fs::copy(entry.path(), place)?;
        }
    }
    Ok(())
}
