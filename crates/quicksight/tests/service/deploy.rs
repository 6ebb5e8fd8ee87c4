//! Deploys to the double, where the program's options do not reach.

use std::time::Duration;

use datatransit_quicksight::{
    AssetFile, Environment,
    deploy::{DeployOptions, Deployer, Origin, Outcome},
    plan::{Plan, PlanError, Planner, SourceFile},
    testing::double::{DoubleOptions, Fault, FaultKind, QuickSightDouble},
};

use super::api_of;

const ENVIRONMENT: &str = r#"
account = "123456789012"
region = "eu-west-1"
identity_region = "us-east-1"
[groups]
analysts = "analysts"
"#;

struct World {
    double: QuickSightDouble,
    environment: Environment,
}

impl World {
    fn new() -> Self {
        let double = QuickSightDouble::start(DoubleOptions::default()).expect("a free port");
        double.add_data_set("daily", &["day:DATETIME", "hours:DECIMAL"]);
        double.add_group("analysts");
        Self {
            double,
            environment: Environment::parse(ENVIRONMENT).expect("an environment"),
        }
    }

    fn options() -> DeployOptions {
        let mut options = DeployOptions::default();
        options.conflict_patience = Duration::from_millis(300);
        options.first_pause = Duration::from_millis(5);
        options.longest_pause = Duration::from_millis(20);
        options
    }

    /// Deploys with `with`, and returns how the only asset ended, and its first error.
    async fn deploy(&self, file: &AssetFile) -> (Outcome, String) {
        let api = api_of(&self.double);
        let origin = Origin::new("run", "tester");
        let report = Deployer::new(&*api, &self.environment, "dev", origin)
            .with_options(Self::options())
            .deploy(&[file.clone().into()])
            .await
            .expect("a report");
        let asset = &report.assets[0];
        (
            asset.outcome,
            asset.errors.first().cloned().unwrap_or_default(),
        )
    }
}

fn dashboard(sheet: &str) -> AssetFile {
    let text = format!(
        r#"{{"kind":"dashboard","id":"sales","name":"Sales","permissions":{{"${{group:analysts}}":"owner"}},
        "definition":{{"DataSetIdentifierDeclarations":[{{"Identifier":"d","DataSetArn":"arn:aws:quicksight:eu-west-1:123456789012:dataset/daily"}}],
        "Sheets":[{{"SheetId":"s","Name":"{sheet}"}}]}}}}"#
    );
    AssetFile::parse(&text).expect("a file")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conflict_at_publish_that_does_not_end_is_given_up_within_the_bound() {
    let world = World::new();
    assert_eq!(world.deploy(&dashboard("One")).await.0, Outcome::Created);
    let publish = "UpdateDashboardPublishedVersion";
    let conflict = Fault::new(FaultKind::Conflict).on(publish);
    world.double.inject(conflict.times(u64::MAX));
    world.double.forget_calls();
    let (outcome, error) = world.deploy(&dashboard("Two")).await;
    assert_eq!(outcome, Outcome::Restored, "{error}");
    assert!(error.contains("another change is in progress"), "{error}");
    assert!(world.double.calls_of(publish).len() > 3);
    assert_eq!(world.double.published_version("sales"), Some(1));
    world.double.clear_faults();
    assert_eq!(world.deploy(&dashboard("Two")).await.0, Outcome::Updated);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_plan_is_the_same_after_it_was_serialised_and_can_be_applied() {
    let world = World::new();
    let api = api_of(&world.double);
    let mut file = dashboard("One");
    // Numbers beyond any model's types.
    let precise =
        datatransit_quicksight::Json::parse(r#"{"A":1.6565093E9,"B":12345678901234567890.12}"#);
    let options = precise.expect("JSON");
    world
        .double
        .configure(|options| options.refuses_unknown_members = false);
    file.definition
        .as_object_mut()
        .expect("an object")
        .insert("Novelty", options);
    let files = [SourceFile::new(file, "sales.json")];
    let planner = Planner::new(&*api, &world.environment, "dev").with_options(World::options());
    let plan = planner.plan(&files).await.expect("a plan");
    let text = serde_json::to_string(&plan).expect("text");
    assert!(text.contains("1.6565093E9") && text.contains("12345678901234567890.12"));
    let read: Plan = serde_json::from_str(&text).expect("a plan");
    assert_eq!(serde_json::to_string(&read).expect("text"), text);
    assert_eq!(read.files[0].file.to_text(), files[0].file.to_text());

    let deployer = || {
        let origin = Origin::new("run", "tester");
        Deployer::new(&*api, &world.environment, "dev", origin).with_options(World::options())
    };
    let drift = planner.drift(&files).await.expect("a plan");
    for unfit in [drift, plan.summary()] {
        let refused = deployer().apply(&unfit).await;
        assert!(
            matches!(refused, Err(PlanError::Inapplicable(_))),
            "{refused:?}"
        );
    }
    let report = deployer().apply(&read).await.expect("a report");
    assert_eq!(report.assets[0].outcome, Outcome::Created, "{report:?}");
    // It shows a creation, and there is another content by now.
    assert_eq!(world.deploy(&dashboard("Two")).await.0, Outcome::Updated);
    let stale = deployer().apply(&read).await.expect_err("a stale plan");
    assert!(stale.to_string().contains("is there now"), "{stale}");
}
