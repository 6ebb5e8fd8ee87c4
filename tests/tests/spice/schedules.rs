//! Refresh schedules and properties as code.

use serde_json::{Value, json};

use crate::bench::Bench;

const ACCOUNT: [&str; 2] = ["--account", "123456789012"];

fn run(bench: &Bench, arguments: &[&str]) -> crate::bench::Outcome {
    let output = bench.command(&[arguments, &ACCOUNT].concat()).output();
    crate::bench::Outcome(output.unwrap())
}

fn settings(time: &str) -> Value {
    json!({"data_sets": {"sales": {
        "refresh_properties": {"RefreshConfiguration": {"IncrementalRefresh": {
            "LookbackWindow": {"ColumnName": "day", "Size": 7, "SizeUnit": "DAY"}}}},
        "schedules": {"nightly": {
            "ScheduleId": "nightly", "RefreshType": "FULL_REFRESH",
            "ScheduleFrequency": {"Interval": "DAILY", "Timezone": "Asia/Tokyo", "TimeOfTheDay": time}}}
    }}})
}

#[test]
fn what_is_put_is_exported_and_put_again_is_no_call() {
    let bench = Bench::new(&["sales"]);
    let put = |settings: &Value| {
        std::fs::write(bench.path("s.json"), settings.to_string()).unwrap();
        run(&bench, &["schedules", "put", "s.json"])
            .assert_code(0)
            .stdout()
    };
    assert_eq!(
        put(&settings("06:30")),
        "sales: refresh properties set, schedule `nightly` created\n"
    );
    let exported = run(&bench, &["schedules", "export", "sales"])
        .assert_code(0)
        .json();
    assert_eq!(exported, settings("06:30"));
    bench.double.forget_calls();
    assert_eq!(put(&exported), "sales: unchanged\n");
    assert!(bench.double.writes().is_empty());
    assert_eq!(
        put(&settings("07:00")),
        "sales: schedule `nightly` updated\n"
    );
    let none = json!({"data_sets": {"sales": {"schedules": {}}}});
    assert_eq!(
        put(&none),
        "sales: refresh properties deleted, schedule `nightly` deleted\n"
    );
}

#[test]
fn a_file_that_is_wrong_is_two_and_a_data_set_that_is_not_there_one() {
    let bench = Bench::new(&["sales"]);
    let mut wrong = settings("06:30");
    wrong["data_sets"]["sales"]["schedules"]["nightly"]["ScheduleId"] = "weekly".into();
    std::fs::write(bench.path("s.json"), wrong.to_string()).unwrap();
    run(&bench, &["schedules", "put", "s.json"])
        .assert_code(2)
        .assert_says(&["another ScheduleId"]);
    assert!(bench.double.calls().is_empty());
    run(&bench, &["schedules", "export", "absent"])
        .assert_code(1)
        .assert_says(&["not found"]);
    let mut both = settings("06:30");
    both["data_sets"]["absent"] = both["data_sets"]["sales"].clone();
    std::fs::write(bench.path("s.json"), both.to_string()).unwrap();
    run(&bench, &["schedules", "put", "s.json"])
        .assert_code(1)
        .assert_says(&["absent", "sales: refresh properties set"]);
}
