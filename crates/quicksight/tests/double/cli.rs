//! The AWS CLI as an independent witness, where it is installed.

use std::process::Command;

use datatransit_quicksight::testing::double::{Fault, FaultKind, Kind, QuickSightDouble};
use serde_json::{Value, json};

use super::{ACCOUNT, Bench};

/// What a call of the CLI came to: its answer, or what it wrote of its failure.
type Outcome = Result<Value, String>;

/// The CLI, if there is one; says so if there is none.
fn installed() -> bool {
    let found = Command::new("aws")
        .arg("--version")
        .output()
        .is_ok_and(|output| output.status.success());
    if !found {
        #[expect(clippy::print_stderr, reason = "a skipped test has to say so")]
        {
            eprintln!("SKIPPED: the AWS CLI is not installed");
        }
    }
    found
}

/// `aws quicksight …` against the double.
fn aws(double: &QuickSightDouble, arguments: &[&str]) -> Outcome {
    let home = tempfile::tempdir().expect("a directory");
    // Release 1 prints times as numbers, release 2 as text.
    let config = home.path().join("config");
    std::fs::write(&config, "[default]\ncli_timestamp_format = iso8601\n").expect("a file");
    let mut command = Command::new("aws");
    command
        .args(["quicksight", "--output", "json"])
        .args(arguments)
        .args(["--endpoint-url", &double.endpoint_url()])
        .envs(double.environment())
        .env("AWS_PAGER", "")
        .env("AWS_MAX_ATTEMPTS", "1")
        .env("AWS_CONFIG_FILE", &config)
        .env(
            "AWS_SHARED_CREDENTIALS_FILE",
            home.path().join("credentials"),
        )
        .env_remove("AWS_SESSION_TOKEN")
        .env_remove("AWS_PROFILE");
    let output = command.output().expect("the CLI runs");
    let text = String::from_utf8_lossy(&output.stdout);
    if output.status.success() {
        return Ok(serde_json::from_str(&text).unwrap_or(Value::Null));
    }
    Err(String::from_utf8_lossy(&output.stderr).into_owned())
}

/// The same for an operation on the account.
fn of_account(double: &QuickSightDouble, arguments: &[&str]) -> Outcome {
    let mut all = arguments.to_vec();
    all.extend(["--aws-account-id", ACCOUNT]);
    aws(double, &all)
}

fn definition(double: &QuickSightDouble, column: &str) -> String {
    json!({
        "DataSetIdentifierDeclarations": [{"Identifier": "sales", "DataSetArn": double.arn(Kind::DataSet, "sales")}],
        "Sheets": [{
            "SheetId": "sheet-1",
            "Visuals": [{"TableVisual": {
                "VisualId": "visual-1",
                "ChartConfiguration": {"FieldWells": {"TableUnaggregatedFieldWells": {"Values": [
                    {"FieldId": "field-1", "Column": {"DataSetIdentifier": "sales", "ColumnName": column}},
                ]}}},
            }}],
        }],
    })
    .to_string()
}

#[test]
fn a_dashboard_from_creation_to_deletion() {
    if !installed() {
        return;
    }
    let bench = Bench::with_data_set();
    let double = &bench.double;
    let group = double.add_group("viewers");
    let on = |operation: &str, more: &[&str]| {
        let mut arguments = vec![operation, "--dashboard-id", "d"];
        arguments.extend(more);
        of_account(double, &arguments)
    };
    let amount = definition(double, "amount");
    let created = on(
        "create-dashboard",
        &[
            "--name",
            "Sales",
            "--definition",
            &amount,
            "--tags",
            "Key=team,Value=data",
        ],
    )
    .expect("created");
    assert_eq!(created["CreationStatus"], "CREATION_IN_PROGRESS");
    assert_eq!(created["Status"], 202);
    on("describe-dashboard", &[]).expect("described");
    let described = on("describe-dashboard-definition", &[]).expect("described");
    assert_eq!(described["ResourceStatus"], "CREATION_SUCCESSFUL");
    assert_eq!(
        described["Definition"],
        serde_json::from_str::<Value>(&amount).expect("JSON")
    );

    let day = definition(double, "day");
    let updated = on(
        "update-dashboard",
        &["--name", "Sales", "--definition", &day],
    )
    .expect("updated");
    assert!(
        updated["VersionArn"]
            .as_str()
            .expect("an ARN")
            .ends_with("/version/2")
    );
    let early = on(
        "update-dashboard-published-version",
        &["--version-number", "2"],
    )
    .expect_err("too early");
    assert!(early.contains("(ConflictException)"), "{early}");
    on(
        "update-dashboard-published-version",
        &["--version-number", "2"],
    )
    .expect("published");
    assert_eq!(double.published_version("d"), Some(2));
    let versions = on("list-dashboard-versions", &[]).expect("listed");
    assert_eq!(
        versions["DashboardVersionSummaryList"]
            .as_array()
            .map(Vec::len),
        Some(2)
    );

    let grant =
        json!([{"Principal": group, "Actions": QuickSightDouble::viewer_actions(Kind::Dashboard)}])
            .to_string();
    on(
        "update-dashboard-permissions",
        &["--grant-permissions", &grant],
    )
    .expect("granted");
    let permissions = on("describe-dashboard-permissions", &[]).expect("described");
    assert_eq!(permissions["Permissions"][0]["Principal"], group.as_str());
    let nobody = grant.replace("viewers", "nobody");
    let refused = on(
        "update-dashboard-permissions",
        &["--grant-permissions", &nobody],
    )
    .expect_err("nobody");
    assert!(
        refused.contains("(InvalidParameterValueException)"),
        "{refused}"
    );

    let arn = double.arn(Kind::Dashboard, "d");
    aws(
        double,
        &[
            "tag-resource",
            "--resource-arn",
            &arn,
            "--tags",
            "Key=a b/c,Value=1",
        ],
    )
    .expect("tagged");
    aws(
        double,
        &[
            "untag-resource",
            "--resource-arn",
            &arn,
            "--tag-keys",
            "team",
        ],
    )
    .expect("untagged");
    let tags = aws(double, &["list-tags-for-resource", "--resource-arn", &arn]).expect("listed");
    assert_eq!(tags["Tags"], json!([{"Key": "a b/c", "Value": "1"}]));
    on("delete-dashboard", &[]).expect("deleted");
    let gone = on("describe-dashboard", &[]).expect_err("gone");
    assert!(gone.contains("(ResourceNotFoundException)"), "{gone}");
}

#[test]
fn pages_faults_and_bad_inputs() {
    if !installed() {
        return;
    }
    let bench = Bench::with_data_set();
    let double = &bench.double;
    for id in ["b", "c", "d", "e"] {
        double.add_data_set(id, &["x"]);
    }
    double.configure(|options| options.page_size = 2);
    // The CLI follows the tokens itself.
    let list = of_account(double, &["list-data-sets"]).expect("listed");
    assert_eq!(list["DataSetSummaries"].as_array().map(Vec::len), Some(5));
    assert_eq!(double.counts()["ListDataSets"], 3);
    let wrong = of_account(
        double,
        &["list-data-sets", "--no-paginate", "--next-token", "none"],
    )
    .expect_err("no token");
    assert!(wrong.contains("(InvalidNextTokenException)"), "{wrong}");

    double.inject(Fault::new(FaultKind::Unavailable));
    let fault = of_account(double, &["list-dashboards"]).expect_err("a fault");
    assert!(fault.contains("(ResourceUnavailableException)"), "{fault}");
    double.inject(Fault::new(FaultKind::Throttled));
    let fault = of_account(double, &["list-dashboards"]).expect_err("a fault");
    assert!(fault.contains("(ThrottlingException)"), "{fault}");
    double.inject(Fault::new(FaultKind::Cut));
    of_account(double, &["list-dashboards"]).expect_err("a fault");

    // What the CLI lets pass and the service does not.
    let id =
        of_account(double, &["describe-dashboard", "--dashboard-id", "a b"]).expect_err("a bad id");
    assert!(
        id.contains("(InvalidParameterValueException)") && id.contains("DashboardId"),
        "{id}"
    );
    let arn = double.arn(Kind::DataSet, "sales");
    let long = "x".repeat(300);
    let tag = format!("Key=k,Value={long}");
    let tagged = aws(
        double,
        &["tag-resource", "--resource-arn", &arn, "--tags", &tag],
    )
    .expect_err("a long value");
    assert!(
        tagged.contains("(InvalidParameterValueException)") && tagged.contains("Tags[0].Value"),
        "{tagged}"
    );
    let many = of_account(
        double,
        &["list-data-sets", "--no-paginate", "--max-results", "1000"],
    )
    .expect_err("too many");
    assert!(many.contains("MaxResults"), "{many}");

    // What the CLI refuses by itself never arrives.
    double.forget_calls();
    let empty = of_account(
        double,
        &["create-dashboard", "--dashboard-id", "d", "--name", ""],
    )
    .expect_err("no name");
    assert!(empty.contains("Parameter validation failed"), "{empty}");
    assert!(double.calls().is_empty());
}

#[test]
fn an_ingestion_and_a_schedule() {
    if !installed() {
        return;
    }
    let bench = Bench::with_data_set();
    let double = &bench.double;
    let on = |operation: &str, more: &[&str]| {
        let mut arguments = vec![operation, "--data-set-id", "sales"];
        arguments.extend(more);
        of_account(double, &arguments)
    };
    let created = on("create-ingestion", &["--ingestion-id", "run-1"]).expect("accepted");
    assert_eq!(
        (&created["IngestionStatus"], &created["Status"]),
        (&json!("INITIALIZED"), &json!(201))
    );
    for _ in 0..3 {
        on("list-ingestions", &[]).expect("listed");
    }
    let described = on("describe-ingestion", &["--ingestion-id", "run-1"]).expect("described");
    assert_eq!(described["Ingestion"]["IngestionStatus"], "COMPLETED");
    assert!(
        described["Ingestion"]["CreatedTime"]
            .as_str()
            .is_some_and(|time| time.starts_with("20"))
    );
    let schedule = json!({
        "ScheduleId": "s",
        "ScheduleFrequency": {"Interval": "DAILY", "TimeOfTheDay": "05:30", "Timezone": "Asia/Tokyo"},
        "StartAfterDateTime": "2030-01-02T03:04:05Z",
        "RefreshType": "FULL_REFRESH",
    });
    on(
        "create-refresh-schedule",
        &["--schedule", &schedule.to_string()],
    )
    .expect("created");
    let found = on("describe-refresh-schedule", &["--schedule-id", "s"]).expect("described");
    let starts = found["RefreshSchedule"]["StartAfterDateTime"]
        .as_str()
        .expect("a time");
    assert!(starts.starts_with("2030-01-02T"), "{starts}");
}
