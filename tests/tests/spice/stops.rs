//! Signals, and a run that goes on after one.

use std::process::{Command, Stdio};

use datatransit_quicksight::testing::double::IngestionEnd;

use crate::bench::{Bench, Outcome};

#[test]
fn a_signal_leaves_the_ingestion_and_a_token() {
    for (signal, code) in [("-TERM", 143), ("-INT", 130)] {
        let bench = Bench::new(&["a"]);
        bench.next("a", IngestionEnd::Never);
        let mut command = bench.command(&["--dataset", "a", "--account", "123456789012", "--json"]);
        command
            .args(["--first-pause", "5ms"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let child = command.spawn().unwrap();
        while bench.double.calls_of("DescribeIngestion").len() < 4 {
            std::thread::yield_now();
        }
        let pid = child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &pid])
                .status()
                .unwrap()
                .success()
        );
        let outcome = Outcome(child.wait_with_output().unwrap()).assert_code(code);
        let report = outcome.json();
        assert_eq!(report["data_sets"][0]["status"], "RUNNING");
        assert!(bench.double.calls_of("CancelIngestion").is_empty());
        let token = report["resume_token"].as_str().unwrap();
        assert!(token.starts_with("r1."), "{token}");
        bench
            .run(&["--dataset", "a", "--deadline", "1s"])
            .assert_code(10)
            .assert_says(&["resumed"]);
        assert_eq!(bench.double.calls_of("CreateIngestion").len(), 1);
    }
}
