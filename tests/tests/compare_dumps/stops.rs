//! Signals end a comparison at once, with their own codes, and leave no report.

use e2e::s3::{Effect, FaultRule, Operation};

use crate::bench::{BUCKET, Bench, Outcome, dump};

#[tokio::test]
async fn a_signal_ends_the_run_without_a_report() {
    for (signal, code) in [("TERM", 143), ("INT", 130)] {
        let bench = Bench::new();
        bench.write("old.sql", dump(20, "x"));
        bench.put("slow.sql", dump(20, "x")).await;
        bench
            .s3
            .add_fault(FaultRule::new(Operation::GetObject, Effect::Hold).key_containing("slow"));
        let mut command = bench.command(&[
            "old.sql",
            "s3://dumps-bucket/slow.sql",
            "--report",
            "s3://dumps-bucket/c/",
        ]);
        let child = command.spawn().unwrap();
        let pid = child.id().unwrap().to_string();
        bench.s3.wait_for_calls(Operation::GetObject, 1).await;
        let sent = std::process::Command::new("kill")
            .args([&format!("-{signal}"), &pid])
            .status();
        assert!(sent.unwrap().success());
        let ran = Outcome::of(child.wait_with_output().await.unwrap());
        ran.assert_code(code);
        assert_eq!(bench.s3.keys(BUCKET), ["slow.sql"]);
        bench.s3.release_held();
    }
}
