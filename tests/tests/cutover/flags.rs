//! What the consumer did is recorded, and never deleted.

use e2e::s3::Operation;
use serde_json::{Value, json};

use crate::world::{REPORTS, World, compared, day};

async fn week() -> World {
    let world = World::new();
    for back in 0..7 {
        world
            .put_day(
                &day(back),
                &compared(&day(back), "same", 1_000_000, 1_000_000),
            )
            .await;
    }
    world
}

#[tokio::test]
async fn a_flag_rolls_back_until_a_newer_record_clears_it() {
    let world = week().await;
    let date = day(2);
    let flag = ["flag", "--reports", REPORTS, "--date", &date];
    let set = world
        .run(&[&flag[..], &["--reason", "the import stopped at movings"]].concat())
        .await;
    set.assert_code(0);
    let key = format!("comparison/{date}.consumer.json");
    let record = |world: &World| -> Value {
        let object = world.s3.object("dumps-bucket", &key).unwrap();
        serde_json::from_slice(&object.bytes().unwrap()).unwrap()
    };
    assert_eq!(record(&world)["status"], "failed");
    assert_eq!(record(&world)["date"], json!(date));
    let back = world.history(&[]).await;
    assert_eq!(back.assert_code(3).broken(), ["consumer_accepts"]);
    assert!(
        back.json()["reasons"][0]
            .as_str()
            .unwrap()
            .contains("the import stopped at movings")
    );

    let cleared = world
        .run(
            &[
                &flag[..],
                &["--clear", "--reason", "rerun passed", "--json"],
            ]
            .concat(),
        )
        .await;
    assert_eq!(cleared.assert_code(0).json()["status"], "cleared");
    assert_eq!(record(&world)["reason"], "rerun passed");
    let go = world.history(&[]).await;
    assert_eq!(go.assert_code(0).json()["consumer"][0]["state"], "cleared");
    assert_eq!(world.s3.call_count(Operation::DeleteObject), 0);
}

#[tokio::test]
async fn a_flag_needs_a_day_and_a_reason() {
    let world = week().await;
    for (arguments, missing) in [
        (
            vec!["flag", "--reports", REPORTS, "--reason", "x"],
            "--date",
        ),
        (
            vec!["flag", "--reports", REPORTS, "--date", "2026-11-23"],
            "--reason",
        ),
        (
            vec![
                "flag",
                "--reports",
                REPORTS,
                "--date",
                "2026-11-23",
                "--reason",
                "  ",
            ],
            "--reason",
        ),
        (
            vec!["flag", "--date", "2026-11-23", "--reason", "x"],
            "--reports",
        ),
    ] {
        let refused = world.run(&arguments).await;
        refused.assert_code(2);
        assert!(refused.stderr.contains(missing), "{}", refused.stderr);
    }
    assert_eq!(world.s3.keys("dumps-bucket").len(), 7);
}

#[tokio::test]
async fn a_record_that_cannot_be_read_waits() {
    let world = week().await;
    world
        .put(&format!("comparison/{}.consumer.json", day(0)), "{")
        .await;
    assert_eq!(
        world.history(&[]).await.assert_code(1).broken(),
        ["consumer_accepts"]
    );
}

#[tokio::test]
async fn a_directory_serves_as_well() {
    let world = World::new();
    let reports = world.path("reports");
    std::fs::create_dir(&reports).unwrap();
    for back in 0..7 {
        let report = compared(&day(back), "same", 1_000_000, 1_000_000);
        std::fs::write(
            reports.join(format!("{}.json", day(back))),
            report.to_string(),
        )
        .unwrap();
    }
    let history = ["history", "--reports", "reports", "--today", "2026-11-26"];
    world.run(&history).await.assert_code(0);
    let flag = [
        "flag",
        "--reports",
        "reports",
        "--date",
        "2026-11-26",
        "--reason",
        "x",
    ];
    world.run(&flag).await.assert_code(0);
    assert!(reports.join("2026-11-26.consumer.json").is_file());
    world.run(&history).await.assert_code(3);
    assert_eq!(world.s3.calls().len(), 0, "no AWS without s3://");
}
