//! The dashboards tool's calls: all commands on all kinds of assets.

use std::path::Path;
use std::process::Command;

use datatransit_quicksight::testing::double::{Call, DoubleOptions, QuickSightDouble};
use e2e::s3::{S3Options, S3Server};
use serde_json::{Value, json};

use super::Calls;

/// Which kind of resource IAM checks for a call.
fn kind(call: &Call) -> &'static str {
    let operation = call.operation.as_str();
    // Those on an ARN.
    if let Some(arn) = call.labels.get("ResourceArn") {
        let of = arn.rsplit(':').next().unwrap().split('/').next().unwrap();
        return match of {
            "dashboard" => "dashboard",
            "analysis" => "analysis",
            "theme" => "theme",
            "dataset" => "data_set",
            "datasource" => "data_source",
            "folder" => "folder",
            other => panic!("{operation} of {other}"),
        };
    }
    match operation {
        // IAM knows no resource for these.
        "ListDashboards" | "ListAnalyses" | "ListDataSets" | "ListDataSources" | "ListFolders"
        | "ListThemes" | "CreateDataSource" => "any_asset",
        "ListRefreshSchedules" | "ListIngestions" => "any_data_set",
        // IAM checks the source that it stands on.
        "CreateDataSet" => "data_source",
        _ if operation.contains("Ingestion") => "ingestion",
        _ if operation.ends_with("RefreshSchedule") => "refresh_schedule",
        _ if operation.contains("Folder") => "folder",
        _ if operation.contains("Dashboard") => "dashboard",
        _ if operation.contains("Analysis") => "analysis",
        _ if operation.contains("Theme") => "theme",
        _ if operation.contains("DataSet") => "data_set",
        _ if operation.contains("DataSource") => "data_source",
        _ => panic!("{operation} is not known here"),
    }
}

/// Adds what QuickSight saw.
fn record(calls: &mut Calls, double: &QuickSightDouble) {
    for call in double.calls() {
        calls.add(kind(&call), &format!("quicksight:{}", call.operation));
    }
}

/// The same of a refresh. What only some configurations do has kinds of its own there.
pub(super) fn record_refresh(calls: &mut Calls, double: &QuickSightDouble) {
    for call in double.calls() {
        let kind = match call.operation.as_str() {
            "CancelIngestion" => "cancelled_ingestion",
            "ListTagsForResource" => "tagged_data_set",
            _ => kind(&call),
        };
        calls.add(kind, &format!("quicksight:{}", call.operation));
    }
}

struct World {
    double: QuickSightDouble,
    /// For the lock.
    s3: S3Server,
    directory: tempfile::TempDir,
}

impl World {
    /// The example's files, and one of each other kind, in an empty account.
    fn new() -> Self {
        let double = QuickSightDouble::start(DoubleOptions::default()).unwrap();
        for group in ["analysts", "analysts-too", "everybody"] {
            double.add_group(group);
        }
        let directory = tempfile::tempdir().unwrap();
        let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/dashboards");
        for part in ["assets", "environments"] {
            copy(&example.join(part), &directory.path().join(part));
        }
        let (key, secret) = double.credentials();
        let mut options = S3Options::with_buckets(&["dumps-bucket"]);
        options.more_keys = vec![(key.to_owned(), secret.to_owned())];
        let s3 = S3Server::start(options).unwrap();
        Self {
            double,
            s3,
            directory,
        }
    }

    #[track_caller]
    fn run(&self, arguments: &[&str], code: i32) {
        let mut command = Command::new(e2e::binary::binary("dashboards"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .envs(self.double.environment())
            .env("AWS_ENDPOINT_URL_S3", self.s3.endpoint().url())
            .env("HOME", self.directory.path())
            .env("USER", "tester")
            .current_dir(self.directory.path())
            .args(arguments)
            .args(["--environment", "prod", "--first-pause", "10ms"]);
        let output = command.output().unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    }

    /// Changes one file of the assets.
    fn edit(&self, name: &str, change: impl FnOnce(&mut Value)) {
        let path = self.directory.path().join("assets").join(name);
        let mut file = serde_json::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap();
        change(&mut file);
        std::fs::write(&path, file.to_string()).unwrap();
    }

    fn remove(&self, name: &str) {
        std::fs::remove_file(self.directory.path().join("assets").join(name)).unwrap();
    }

    fn write(&self, name: &str, file: &Value) {
        let path = self.directory.path().join("assets").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, file.to_string()).unwrap();
    }
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

const FILES: [&str; 6] = [
    "dashboards/sales-overview.json",
    "analyses/draft.json",
    "data-sets/daily_activity.json",
    "data-sources/warehouse.json",
    "folders/shared.json",
    "themes/house.json",
];

fn folder(id: &str) -> Value {
    json!({
        "kind": "folder", "id": id, "name": "Shared", "tags": {}, "permissions": {},
        "definition": {"FolderType": "SHARED", "SharingModel": "ACCOUNT"},
    })
}

/// The kinds that the example has no file of.
fn more_kinds(world: &World) {
    let dashboard = world
        .directory
        .path()
        .join("assets/dashboards/sales-overview.json");
    let dashboard: Value =
        serde_json::from_str(&std::fs::read_to_string(dashboard).unwrap()).unwrap();
    let owners = json!({"${group:analysts}": "owner"});
    world.write(
        "analyses/draft.json",
        &json!({
            "kind": "analysis", "id": "draft", "name": "Draft", "folders": [], "tags": {},
            "permissions": owners, "definition": dashboard["definition"],
        }),
    );
    world.write("folders/shared.json", &folder("shared"));
    world.write(
        "themes/house.json",
        &json!({
            "kind": "theme", "id": "house", "name": "House", "tags": {},
            "permissions": owners,
            "definition": {
                "BaseThemeId": "CLASSIC",
                "Configuration": {"DataColorPalette": {"Colors": ["#112233"]}},
            },
        }),
    );
}

#[test]
fn dashboards_calls_what_its_policy_allows() {
    let world = World::new();
    let dashboard = "dashboards/sales-overview.json";
    let data_set = "data-sets/daily_activity.json";
    let kinds = [
        "--kind",
        "dashboard,analysis,data-set,data-source,folder,theme",
    ];
    more_kinds(&world);
    let lock = ["--lock", "s3://dumps-bucket/locks/dashboards"];
    world.run(&[&["deploy", "--yes"], &lock[..]].concat(), 0);
    world.run(&[&["list"], &kinds[..]].concat(), 0);
    world.run(
        &[&["export", "--all", "--dir", "out"], &kinds[..]].concat(),
        0,
    );

    // Every kind is changed: its name, its tags, who may use it, where it lies.
    for name in FILES {
        world.edit(name, |file| {
            file["name"] = json!("Another name");
            file["tags"] = json!({"team": "others"});
            file["permissions"] = json!({"${group:viewers}": "owner"});
        });
    }
    world.edit(dashboard, |file| {
        file["folders"] = json!(["${folder:shared}"]);
        file["links"] = json!(["${analysis:draft}"]);
    });
    world.edit(data_set, |file| {
        file["schedules"][0]["ScheduleFrequency"]["TimeOfTheDay"] = json!("06:30");
    });
    world.run(&["deploy", "--yes"], 0);

    // And what can be taken away is taken away.
    for name in FILES {
        world.edit(name, |file| file["tags"] = json!({}));
    }
    world.edit(dashboard, |file| file["folders"] = json!([]));
    world.edit(data_set, |file| {
        file["schedules"] = json!([]);
        file["refresh_properties"] = Value::Null;
    });
    world.run(&["plan"], 2);
    world.run(&["deploy", "--yes"], 0);
    world.run(&["status"], 0);
    world.run(&["drift"], 0);
    world.run(&["rollback", "sales-overview", "--yes"], 0);
    // What has no file any more is deleted; no file at all would be a mistake.
    for name in FILES {
        world.remove(name);
    }
    world.write("folders/other.json", &folder("other"));
    world.run(&[&["prune", "--yes", "--max", "9"], &kinds[..]].concat(), 0);

    let mut calls = Calls::default();
    record(&mut calls, &world.double);
    calls.add_s3(&world.s3.calls(), &[("locks/", "lock")]);
    calls.assert_table("dashboards", &[]);
}
