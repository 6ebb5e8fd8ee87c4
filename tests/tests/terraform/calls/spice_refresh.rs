//! The calls of spice-refresh, and of the same as a Lambda function: data sets selected
//! in every way, one that is being refreshed already replaced, a gate.

use std::process::Command;

use datatransit_quicksight::testing::double::{
    DoubleOptions, IngestionEnd, IngestionScript, Kind, QuickSightDouble,
};
use e2e::binary::binary;
use e2e::lambda_runtime::{Function, FunctionOptions, Outcome};
use e2e::s3::{REGION, S3Options, S3Server};
use serde_json::{Value, json};

use super::Calls;
use super::dashboards::record_refresh;

const BUCKET: &str = "dumps-bucket";
const GATE: &str = "s3://dumps-bucket/dumps-manifest/gghouse_%Y%m%d.json";

struct World {
    double: QuickSightDouble,
    s3: S3Server,
    /// How many calls of S3 are the test's own.
    ours: usize,
    directory: tempfile::TempDir,
}

impl World {
    /// Two data sets, one with a tag, a dashboard on both, and today's manifest.
    async fn new() -> Self {
        let mut options = DoubleOptions::default();
        REGION.clone_into(&mut options.region);
        let double = QuickSightDouble::start(options).unwrap();
        for id in ["tenants", "movings"] {
            double.add_data_set(id, &["day:DATETIME"]);
            double.script_ingestions(id, script(0));
        }
        double.set_tag(Kind::DataSet, "tenants", "refresh", "daily");
        double.add_dashboard("overview", "Overview", "{}");
        double.show_on_dashboard("overview", &["tenants", "movings"]);

        let (key, secret) = double.credentials();
        let mut options = S3Options::with_buckets(&[BUCKET]);
        options.more_keys = vec![(key.to_owned(), secret.to_owned())];
        let s3 = S3Server::start(options).unwrap();
        let now = jiff::Timestamp::now();
        let manifest =
            json!({"valid_for_etl": true, "generated_at": now.to_string(), "run_id": "r-1"});
        let today = now.in_tz("Asia/Tokyo").unwrap();
        let put = s3.endpoint().s3_client().put_object();
        let put = put.bucket(BUCKET).key(
            today
                .strftime("dumps-manifest/gghouse_%Y%m%d.json")
                .to_string(),
        );
        put.body(manifest.to_string().into_bytes().into())
            .send()
            .await
            .unwrap();
        let ours = s3.calls().len();
        Self {
            double,
            s3,
            ours,
            directory: tempfile::tempdir().unwrap(),
        }
    }

    fn environment(&self) -> Vec<(&'static str, String)> {
        let mut variables = self.double.environment();
        variables.push(("AWS_ENDPOINT_URL_S3", self.s3.endpoint().url().to_owned()));
        variables
    }

    fn calls(&self) -> Calls {
        let mut calls = Calls::default();
        record_refresh(&mut calls, &self.double);
        calls.add_s3(
            &self.s3.calls()[self.ours..],
            &[("dumps-manifest/", "manifest")],
        );
        calls
    }

    #[track_caller]
    fn run(&self, arguments: &[&str], code: i32) {
        let output = Command::new(binary("spice-refresh"))
            .env_clear()
            .envs(self.environment())
            .current_dir(self.directory.path())
            .args(arguments)
            .args(["--account", self.double.account_id(), "--json"])
            .output()
            .unwrap();
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said).into_owned();
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
    }
}

/// An ingestion that is seen running so many times.
fn script(looks: u32) -> IngestionScript {
    let mut script = IngestionScript::default();
    (script.initialized, script.queued, script.running) = (0, 0, looks);
    script.end = IngestionEnd::Completed {
        ingested: 100,
        dropped: 0,
    };
    script
}

#[tokio::test]
async fn spice_refresh_calls_what_its_policy_allows() {
    let world = World::new().await;
    let pause = ["--first-pause", "10ms"];
    for select in [
        ["--dataset", "tenants"],
        ["--glob", "m*"],
        ["--tag", "refresh=daily"],
        ["--dashboard", "overview"],
    ] {
        world.run(&[&select[..], &pause, &["--again"]].concat(), 0);
    }
    world.double.script_next_ingestion("movings", script(1000));
    world
        .double
        .start_scheduled_ingestion("movings", "by-a-schedule");
    world.run(
        &[
            &["--dataset", "movings", "--on-running", "replace", "--again"],
            &pause[..],
        ]
        .concat(),
        0,
    );
    world.run(
        &[&["--all", "--again", "--gate-manifest", GATE], &pause[..]].concat(),
        0,
    );
    world.run(
        &[
            "--dataset",
            "tenants",
            "--gate-manifest",
            GATE,
            "--date",
            "2020-01-01",
        ],
        12,
    );

    world.calls().assert_table("spice-refresh", &[]);
}

#[tokio::test]
async fn the_lambda_function_calls_what_its_policy_allows() {
    let world = World::new().await;
    let mut options = FunctionOptions::new(binary("bootstrap"));
    options.timeout = std::time::Duration::from_secs(60);
    for (name, value) in world.environment() {
        options.set(name, value);
    }
    options.set("QUICKSIGHT_AWS_ACCOUNT_ID", world.double.account_id());
    options.set("QUICKSIGHT_DATASET_IDS", "tenants,movings");
    let mut function = Function::new(options);
    let gate = json!({"manifest": GATE, "timezone": "Asia/Tokyo", "max_age_hours": 20});
    let missing = json!({"manifest": "s3://dumps-bucket/dumps-manifest/none.json"});
    let mut invoke = |event: &Value| function.invoke(event).unwrap().outcome;
    let behind = json!([{"tag": {"key": "refresh", "value": "daily"}}, {"dashboard": "overview"}]);
    for event in [
        json!({}),
        json!({"data_sets": behind}),
        json!({"data_sets": [{"glob": "m*"}], "gate": gate}),
    ] {
        let outcome = invoke(&event);
        assert!(
            matches!(outcome, Outcome::Response(_)),
            "{event}: {outcome:?}"
        );
    }
    let outcome = invoke(&json!({"gate": missing}));
    assert!(matches!(outcome, Outcome::Error { .. }), "{outcome:?}");
    world.double.script_next_ingestion("movings", script(1000));
    world
        .double
        .start_scheduled_ingestion("movings", "by-a-schedule");
    let outcome = invoke(&json!({"data_sets": [{"id": "movings"}], "on_running": "replace"}));
    assert!(matches!(outcome, Outcome::Response(_)), "{outcome:?}");
    let outcome = invoke(&json!({"action": "start", "trigger": "an-execution"}));
    assert!(matches!(outcome, Outcome::Response(_)), "{outcome:?}");

    world.calls().assert_table("spice-refresh-lambda", &[]);
}
