//! A function, and the services it talks to.

use std::time::Duration;

use datatransit_quicksight::testing::double::{
    DoubleOptions, IngestionEnd, IngestionScript, QuickSightDouble,
};
use e2e::binary::binary;
use e2e::lambda_runtime::{Function, FunctionOptions, Invocation};
use e2e::s3::{REGION, S3Options, S3Server};
use serde_json::{Value, json};

pub(crate) const BUCKET: &str = "dumps";

pub(crate) struct Bench {
    pub(crate) double: QuickSightDouble,
    pub(crate) function: Function,
    pub(crate) options: FunctionOptions,
    /// Only where a gate is looked at.
    pub(crate) s3: Option<S3Server>,
}

impl Bench {
    /// Data sets whose ingestions are over at the first look, with 100 rows each.
    pub(crate) fn new(data_sets: &[&str]) -> Self {
        Self::with(data_sets, |_| {})
    }

    /// The same, with changes of the function.
    pub(crate) fn with(data_sets: &[&str], change: impl FnOnce(&mut FunctionOptions)) -> Self {
        let mut double = DoubleOptions::default();
        REGION.clone_into(&mut double.region);
        let double = QuickSightDouble::start(double).unwrap();
        for data_set in data_sets {
            double.add_data_set(data_set, &["day:DATETIME"]);
            double.script_ingestions(data_set, ends(completed(100)));
        }
        let mut options = match std::env::var("LAMBDA_COMMAND") {
            Ok(command) => of_command(&command),
            Err(_) => FunctionOptions::new(binary("bootstrap")),
        };
        options.timeout = Duration::from_secs(60);
        for (name, value) in double.environment() {
            options.set(name, value);
        }
        // As the role's credentials in Lambda have one.
        options.set("AWS_SESSION_TOKEN", "a-session-token-of-the-test");
        options.set("QUICKSIGHT_AWS_ACCOUNT_ID", double.account_id());
        options.set("QUICKSIGHT_DATASET_IDS", data_sets.join(","));
        change(&mut options);
        Self {
            double,
            function: Function::new(options.clone()),
            options,
            s3: None,
        }
    }

    /// A function with a gate, its manifest `s3://dumps/manifest/%Y%m%d.json` in UTC.
    pub(crate) fn with_gate(data_sets: &[&str]) -> Self {
        let mut bench = Self::new(data_sets);
        let (key, secret) = bench.double.credentials();
        let mut options = S3Options::with_buckets(&[BUCKET]);
        options.more_keys = vec![(key.to_owned(), secret.to_owned())];
        let s3 = S3Server::start(options).unwrap();
        bench.change(|options| {
            options.set("AWS_ENDPOINT_URL_S3", s3.endpoint().url());
            let gate = json!({"gate": {"manifest": format!("s3://{BUCKET}/manifest/%Y%m%d.json"),
                "timezone": "UTC", "max_age_hours": 20}});
            options.set("SPICE_REFRESH_CONFIG", gate.to_string());
        });
        bench.s3 = Some(s3);
        bench
    }

    /// Changes the function, which begins anew.
    pub(crate) fn change(&mut self, change: impl FnOnce(&mut FunctionOptions)) {
        change(&mut self.options);
        self.function = Function::new(self.options.clone());
    }

    pub(crate) fn invoke(&mut self, event: &Value) -> Invocation {
        self.function.invoke(event).unwrap()
    }

    /// Invokes with this time limit.
    pub(crate) fn invoke_within(&mut self, seconds: u64, event: &Value) -> Invocation {
        let limit = Duration::from_secs(seconds);
        self.function.invoke_within(event, limit).unwrap()
    }

    /// Writes a manifest, generated now.
    pub(crate) async fn write_manifest(&self, key: &str, valid: bool) {
        let manifest = json!({"valid_for_etl": valid, "generated_at": jiff::Timestamp::now().to_string(),
            "run_id": "r-1", "invalid_reasons": ["too few rows"]});
        let client = self.s3.as_ref().unwrap().endpoint().s3_client();
        let body = manifest.to_string().into_bytes();
        let put = client.put_object().bucket(BUCKET).key(key);
        put.body(body.into()).send().await.unwrap();
    }

    /// The ingestions that were asked for, of all data sets.
    pub(crate) fn started(&self) -> usize {
        self.double.calls_of("CreateIngestion").len()
    }

    /// The function's metrics, a line each.
    pub(crate) fn metrics(&self) -> Vec<Value> {
        let lines = self.function.json_logs().into_iter();
        lines.filter(|line| line.get("_aws").is_some()).collect()
    }

    /// Ends the test: the process did nothing that the service refuses.
    pub(crate) fn assert_obedient(&self) {
        assert_eq!(self.function.violations(), [] as [String; 0]);
    }
}

/// A program, and what comes before its arguments.
fn of_command(command: &str) -> FunctionOptions {
    let mut words = command.split_ascii_whitespace();
    let mut options = FunctionOptions::new(words.next().unwrap());
    options.command.extend(words.map(Into::into));
    options
}

/// Today's key of the gate.
pub(crate) fn todays_key() -> String {
    jiff::Timestamp::now()
        .strftime("manifest/%Y%m%d.json")
        .to_string()
}

/// An ingestion that is over at the first look.
pub(crate) fn ends(end: IngestionEnd) -> IngestionScript {
    let mut script = IngestionScript::default();
    (script.initialized, script.queued, script.running) = (0, 0, 0);
    script.end = end;
    script
}

/// An ingestion that is seen running so many times.
pub(crate) fn runs(looks: u32) -> IngestionScript {
    let mut script = ends(completed(100));
    script.running = looks;
    script
}

pub(crate) fn completed(rows: u64) -> IngestionEnd {
    IngestionEnd::Completed {
        ingested: rows,
        dropped: 0,
    }
}

pub(crate) fn failed(kind: &str, message: &str) -> IngestionEnd {
    IngestionEnd::Failed {
        kind: kind.to_owned(),
        message: message.to_owned(),
    }
}

/// An event of a schedule.
pub(crate) fn scheduled(id: &str) -> Value {
    json!({"version": "0", "id": id, "detail-type": "Scheduled Event", "source": "aws.scheduler",
        "account": "123456789012", "time": "2026-11-23T23:00:00Z", "region": REGION,
        "resources": ["arn:aws:scheduler:ap-northeast-1:123456789012:schedule/default/nightly"], "detail": "{}"})
}

/// What EventBridge says of a new object.
pub(crate) fn object_created(id: &str, key: &str) -> Value {
    json!({"version": "0", "id": id, "detail-type": "Object Created", "source": "aws.s3",
        "account": "123456789012", "time": "2026-11-23T20:41:00Z", "region": REGION, "resources": [],
        "detail": {"version": "0", "bucket": {"name": BUCKET}, "object": {"key": key, "size": 5}}})
}

/// What Glue says of a run.
pub(crate) fn glue(id: &str, state: &str) -> Value {
    json!({"version": "0", "id": id, "detail-type": "Glue Job State Change", "source": "aws.glue",
        "account": "123456789012", "time": "2026-11-23T23:00:00Z", "region": REGION, "resources": [],
        "detail": {"jobName": "etl", "severity": "ERROR", "state": state, "jobRunId": "jr_1",
            "message": "out of memory"}})
}

/// A batch of a queue.
pub(crate) fn batch(messages: &[(&str, String)]) -> Value {
    let records: Vec<Value> = messages
        .iter()
        .map(|(id, body)| {
            json!({"messageId": id, "receiptHandle": "h", "body": body, "attributes": {},
            "messageAttributes": {}, "eventSource": "aws:sqs", "awsRegion": REGION,
            "eventSourceARN": "arn:aws:sqs:ap-northeast-1:123456789012:refresh"})
        })
        .collect();
    json!({"Records": records})
}

/// The report in an error's message.
pub(crate) fn report_of(message: &str) -> Value {
    let (_, report) = message.split_once('\n').unwrap();
    serde_json::from_str(report).unwrap()
}

/// A member of each, in order.
pub(crate) fn member<'a>(entries: &'a Value, name: &str) -> Vec<&'a str> {
    let entries = entries.as_array().unwrap().iter();
    entries.filter_map(|entry| entry[name].as_str()).collect()
}
