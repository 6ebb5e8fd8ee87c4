//! Objects that are missing, forbidden, cut, or replaced while they are read.

use e2e::s3::{Effect, FaultRule, Operation};

use crate::bench::{Bench, dump, gzip};

const OLD: &str = "s3://dumps-bucket/dumps/old.sql.gz";
const NEW: &str = "s3://dumps-bucket/dumps/new.sql.gz";

#[tokio::test]
async fn what_is_not_there_yet_is_named_with_what_to_do() {
    let bench = Bench::new();
    bench.run(&[OLD, NEW]).await.assert_trouble(&[
        "old.sql.gz does not exist",
        "new.sql.gz does not exist",
        "whether the job",
    ]);
    bench.put("dumps/old.sql.gz", gzip(dump(20, "x"))).await;
    bench
        .run(&[OLD, NEW])
        .await
        .assert_trouble(&["new.sql.gz does not exist"]);
    bench
        .run(&[OLD, "missing.sql"])
        .await
        .assert_trouble(&["missing.sql does not exist"]);
    bench
        .run(&["s3://no-such-bucket/x", OLD])
        .await
        .assert_trouble(&["s3://no-such-bucket/x"]);
}

#[tokio::test]
async fn a_refusal_says_which_right_is_missing() {
    let bench = Bench::new();
    bench.put("dumps/old.sql.gz", gzip(dump(20, "x"))).await;
    bench
        .s3
        .add_fault(FaultRule::access_denied(Operation::HeadObject));
    bench
        .run(&[OLD, OLD])
        .await
        .assert_trouble(&["HTTP 403", "s3:GetObject", "s3:ListBucket"]);
    bench.s3.clear_faults();
    bench
        .s3
        .add_fault(FaultRule::access_denied(Operation::GetObject));
    bench
        .run(&[OLD, OLD])
        .await
        .assert_trouble(&["old.sql.gz", "AccessDenied"]);
}

#[tokio::test]
async fn a_body_that_breaks_off_is_read_on_from_there() {
    let bench = Bench::new();
    let packed = gzip(dump(20_000, "x"));
    let size = packed.len() as u64;
    bench.put("dumps/old.sql.gz", packed).await;
    bench.write("new.sql", dump(20_000, "x"));
    bench
        .s3
        .add_fault(FaultRule::new(Operation::GetObject, Effect::CutBody(size / 3)).calls(1..=2));
    let ran = bench.run(&[OLD, "new.sql"]).await;
    ran.assert_code(0);
    assert_eq!(
        ran.stderr.matches("the body broke off, reading on").count(),
        2,
        "{}",
        ran.stderr
    );
    let gets: Vec<_> = bench
        .s3
        .calls()
        .into_iter()
        .filter(|call| call.operation == Operation::GetObject)
        .collect();
    assert_eq!(gets.len(), 3);
    let range = |index: usize| gets[index].headers.get("range").cloned();
    assert_eq!(range(0), None);
    let begin = |index: usize| -> u64 {
        range(index)
            .unwrap()
            .trim_start_matches("bytes=")
            .trim_end_matches('-')
            .parse()
            .unwrap()
    };
    assert!((1..=size / 3).contains(&begin(1)), "{}", begin(1));
    assert!(
        begin(1) < begin(2) && begin(2) <= 2 * (size / 3),
        "{}",
        begin(2)
    );
    let etag = format!(
        "\"{}\"",
        bench
            .s3
            .object("dumps-bucket", "dumps/old.sql.gz")
            .unwrap()
            .etag
    );
    assert!(
        gets.iter()
            .all(|call| call.headers.get("if-match") == Some(&etag))
    );
}

#[tokio::test]
async fn a_body_that_always_breaks_off_is_given_up_in_the_end() {
    let bench = Bench::new();
    bench.put("dumps/old.sql.gz", gzip(dump(20_000, "x"))).await;
    bench.write("new.sql", dump(20_000, "x"));
    bench
        .s3
        .add_fault(FaultRule::new(Operation::GetObject, Effect::CutBody(1_000)));
    bench
        .run(&[OLD, "new.sql"])
        .await
        .assert_trouble(&["old.sql.gz", "broke off 9 times"]);
    assert_eq!(bench.s3.call_count(Operation::GetObject), 9);
}

#[tokio::test]
async fn an_object_replaced_while_it_is_read_is_trouble_not_a_verdict() {
    let bench = Bench::new();
    let packed = gzip(dump(20_000, "x"));
    bench.put("dumps/old.sql.gz", packed.clone()).await;
    bench.write("new.sql", dump(20_000, "x"));
    // The first body breaks off; before it is asked for again, the object is another.
    bench
        .s3
        .add_fault(FaultRule::new(Operation::GetObject, Effect::CutBody(20_000)).nth(1));
    bench
        .s3
        .add_fault(FaultRule::new(Operation::GetObject, Effect::Hold).nth(2));
    let running = tokio::spawn(bench.command(&[OLD, "new.sql"]).output());
    bench.s3.wait_for_calls(Operation::GetObject, 2).await;
    bench
        .put("dumps/old.sql.gz", gzip(dump(20_000, "another")))
        .await;
    bench.s3.release_held();
    let ran = crate::bench::Outcome::of(running.await.unwrap().unwrap());
    ran.assert_trouble(&["old.sql.gz", "replaced or removed while it was read"]);
}

#[tokio::test]
async fn an_object_replaced_between_the_two_passes_is_trouble_too() {
    let bench = Bench::new();
    bench.put("dumps/old.sql.gz", gzip(dump(2_000, "x"))).await;
    bench.write("new.sql", dump(2_000, "different"));
    bench
        .s3
        .add_fault(FaultRule::new(Operation::GetObject, Effect::Hold).nth(2));
    let running = tokio::spawn(bench.command(&[OLD, "new.sql"]).output());
    bench.s3.wait_for_calls(Operation::GetObject, 2).await;
    bench
        .put("dumps/old.sql.gz", gzip(dump(2_000, "another")))
        .await;
    bench.s3.release_held();
    let ran = crate::bench::Outcome::of(running.await.unwrap().unwrap());
    ran.assert_trouble(&["old.sql.gz", "while it was read"]);
}
