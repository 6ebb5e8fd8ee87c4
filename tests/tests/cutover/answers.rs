//! Go, not yet, roll back: over days that the program reported itself, and over
//! days that a test made up.

use e2e::s3::{FaultRule, Operation};
use serde_json::json;

use crate::world::{NEWEST, REPORTS, World, compared, day, failed};

const SIZE: u64 = 1_000_000;

/// A dump of three tables; `planted` is the one value that can differ.
fn dump(planted: &str) -> String {
    let mut text = String::from(
        "-- MySQL dump 10.13  Distrib 8.0.39, for Linux (x86_64)\n--\n-- Host: old    Database: d\n",
    );
    for table in ["a", "b", "c"] {
        text.push_str(&format!(
            "CREATE TABLE `{table}` (\n  `id` int NOT NULL,\n  `v` varchar(40) DEFAULT NULL,\n  PRIMARY KEY (`id`)\n);\n"
        ));
        let rows: Vec<String> = (1..=50)
            .map(|id| format!("({id},'value {id} of {table}')"))
            .collect();
        text.push_str(&format!(
            "INSERT INTO `{table}` VALUES {};\n",
            rows.join(",")
        ));
    }
    text.push_str(&format!("INSERT INTO `c` VALUES (51,'{planted}');\n"));
    text
}

async fn made_up_week(world: &World) {
    for back in 0..7 {
        world
            .put_day(&day(back), &compared(&day(back), "same", SIZE, SIZE))
            .await;
    }
}

#[tokio::test]
async fn seven_days_reported_by_the_program_itself_go_and_a_planted_difference_does_not() {
    let world = World::new();
    world.write("old.sql", &dump("the same"));
    world.write(
        "new.sql",
        &dump("the same").replace("-- Host: old", "-- Host: new"),
    );
    world.write("other.sql", &dump("another!"));
    for back in (0..7).rev() {
        let date = day(back);
        let ran = world
            .run(&["old.sql", "new.sql", "--report", REPORTS, "--date", &date])
            .await;
        ran.assert_code(0);
    }
    let go = world.history(&[]).await;
    let answer = go.assert_code(0).json();
    assert_eq!(answer["answer"], "go");
    assert_eq!(answer["reasons"], json!([]));
    assert_eq!(answer["days"].as_array().unwrap().len(), 7);
    assert_eq!(answer["days"][0]["new"]["rows"], 151);

    // A rerun of one day replaces its report.
    let planted = day(4);
    let ran = world
        .run(&[
            "old.sql",
            "other.sql",
            "--report",
            REPORTS,
            "--date",
            &planted,
        ])
        .await;
    ran.assert_code(1);
    let not_yet = world.history(&[]).await;
    assert_eq!(not_yet.assert_code(1).broken(), ["identical"]);
    let reasons = not_yet.json()["reasons"].clone();
    assert_eq!(reasons.as_array().unwrap().len(), 1, "{reasons}");
    let reason = reasons[0].as_str().unwrap();
    assert!(
        reason.starts_with(&format!("{planted}: the dumps differ")),
        "{reason}"
    );
    assert!(!not_yet.stdout.contains("another!"));

    let text = world
        .run(&["history", "--reports", REPORTS, "--today", NEWEST])
        .await;
    text.assert_code(1);
    assert!(
        text.stdout.starts_with(&format!("NOT YET on {NEWEST}")),
        "{}",
        text.stdout
    );
    assert!(text.stdout.contains(reason), "{}", text.stdout);
}

#[tokio::test]
async fn three_failures_in_a_row_roll_back_and_the_program_leaves_them() {
    let world = World::new();
    made_up_week(&world).await;
    world.write("old.sql", &dump("x"));
    for back in [2, 1] {
        let date = day(back);
        let ran = world
            .run(&[
                "old.sql",
                "s3://dumps-bucket/gone.sql",
                "--report",
                REPORTS,
                "--date",
                &date,
            ])
            .await;
        ran.assert_code(2);
    }
    let two = world.history(&[]).await;
    // Today's made-up report is a good one: mended.
    assert_eq!(two.assert_code(1).broken(), ["no_failed_run"]);
    let ran = world
        .run(&[
            "old.sql",
            "s3://dumps-bucket/gone.sql",
            "--report",
            REPORTS,
            "--date",
            NEWEST,
        ])
        .await;
    ran.assert_code(2);
    let back = world.history(&[]).await;
    let answer = back.assert_code(3).json();
    assert_eq!(answer["answer"], "roll_back");
    let first = answer["reasons"][0].as_str().unwrap();
    assert!(first.starts_with("3 bad days"), "{first}");
    assert!(
        answer.to_string().contains("gone.sql does not exist"),
        "{answer}"
    );
}

#[tokio::test]
async fn sizes_gaps_tables_and_age_each_have_their_say() {
    for (spoil, code, rule) in [
        ("jump", 1, "sizes"),
        ("far off", 3, "size_to_roll_back"),
        ("gap", 1, "no_gaps"),
        ("tables", 1, "tables"),
        ("cut off", 1, "whole"),
    ] {
        let world = World::new();
        made_up_week(&world).await;
        match spoil {
            "jump" => {
                for back in 0..3 {
                    let grown = compared(&day(back), "same", SIZE * 108 / 100, SIZE * 108 / 100);
                    world.put_day(&day(back), &grown).await;
                }
            }
            "far off" => {
                let off = compared(NEWEST, "different", SIZE, SIZE * 111 / 100);
                world.put_day(NEWEST, &off).await;
            }
            "gap" => {
                let client = world.s3.endpoint().s3_client();
                let key = format!("comparison/{}.json", day(3));
                client
                    .delete_object()
                    .bucket("dumps-bucket")
                    .key(key)
                    .send()
                    .await
                    .unwrap();
            }
            "tables" => {
                let mut report = compared(&day(2), "same", SIZE, SIZE);
                report["comparison"]["old"]["tables"] = json!(13);
                report["comparison"]["new"]["tables"] = json!(13);
                world.put_day(&day(2), &report).await;
            }
            _ => {
                let mut report = compared(&day(2), "same", SIZE, SIZE);
                report["comparison"]["old"]["complete"] = json!(false);
                report["comparison"]["new"]["complete"] = json!(false);
                world.put_day(&day(2), &report).await;
            }
        }
        let asked = world.history(&[]).await;
        let broken = asked.assert_code(code).broken();
        assert!(
            broken.iter().any(|name| name == rule),
            "{spoil}: {broken:?}"
        );
    }

    let world = World::new();
    made_up_week(&world).await;
    let usual = ["history", "--reports", REPORTS, "--json", "--today"];
    let at = |today| [&usual[..], &[today]].concat();
    let yesterdays = world.run(&at("2026-11-27")).await;
    assert_eq!(yesterdays.code, Some(0));
    let stale = world.run(&at("2026-11-28")).await;
    assert_eq!(stale.assert_code(1).broken(), ["fresh"]);
}

#[tokio::test]
async fn a_broken_report_is_named_and_is_a_failed_run() {
    let world = World::new();
    made_up_week(&world).await;
    let key = format!("comparison/{}.json", day(1));
    world
        .put(&key, "{\"date\": \"2026-11-25\", \"secret\": \"cAnAry")
        .await;
    let asked = world.history(&[]).await;
    assert_eq!(asked.assert_code(1).broken(), ["no_failed_run"]);
    let reason = asked.json()["reasons"][0].as_str().unwrap().to_owned();
    assert!(
        reason.starts_with("2026-11-25: the report cannot be read"),
        "{reason}"
    );
    assert!(!asked.stdout.contains("cAnAry") && !asked.stderr.contains("cAnAry"));
}

#[tokio::test]
async fn all_pages_of_a_listing_are_read_and_other_names_passed_over() {
    let world = World::with_pages(3);
    made_up_week(&world).await;
    for back in 0..7 {
        world
            .put(&format!("comparison/{}.html", day(back)), "<!doctype html>")
            .await;
        world
            .put(&format!("comparison/older/{}.json", day(back)), "{}")
            .await;
    }
    world.put("comparison/index.html", "x").await;
    world.put("comparison/notes.json", "x").await;
    let asked = world.history(&[]).await;
    assert_eq!(
        asked.assert_code(0).json()["days"]
            .as_array()
            .unwrap()
            .len(),
        7
    );
    assert!(world.s3.call_count(Operation::ListObjectsV2) > 4);
}

#[tokio::test]
async fn rules_are_a_file_and_unknown_ones_are_refused() {
    let world = World::new();
    made_up_week(&world).await;
    world.put_day(&day(5), &failed(&day(5))).await;
    world.history(&[]).await.assert_code(1);
    world.write("rules.toml", "consecutive_days = 5\nexpected_tables = 12\n");
    let five = world.history(&["--rules", "rules.toml"]).await;
    assert_eq!(five.assert_code(0).json()["rules"]["consecutive_days"], 5);
    world.write("rules.toml", "consecutive_days = 5\nexpected_tables = 11\n");
    let tables = world.history(&["--rules", "rules.toml"]).await;
    assert_eq!(tables.assert_code(1).broken(), ["tables"]);
    world.write("rules.toml", "consecutive = 5\n");
    let refused = world.history(&["--rules", "rules.toml"]).await;
    refused.assert_code(2);
    let reason = refused.json()["error"].as_str().unwrap().to_owned();
    assert!(
        reason.contains("rules.toml") && reason.contains("line 1"),
        "{reason}"
    );
}

#[tokio::test]
async fn reports_that_cannot_be_read_at_all_are_trouble() {
    let world = World::new();
    made_up_week(&world).await;
    let gone = world
        .run(&["history", "--reports", "nothing-here", "--json"])
        .await;
    assert_eq!(gone.assert_code(2).json()["status"], "failed");
    let empty = world
        .run(&["history", "--reports", "s3://dumps-bucket/other/", "--json"])
        .await;
    assert!(empty.assert_code(1).broken().contains(&"fresh".to_owned()));
    world
        .s3
        .add_fault(FaultRule::access_denied(Operation::GetObject));
    let denied = world.history(&[]).await;
    denied.assert_code(2);
    let remedy = denied.json()["remedy"].as_str().unwrap().to_owned();
    assert!(remedy.contains("s3:GetObject"), "{remedy}");
    world.s3.clear_faults();
    world
        .s3
        .add_fault(FaultRule::access_denied(Operation::ListObjectsV2));
    let denied = world.history(&[]).await;
    denied.assert_code(2);
    assert!(
        denied.json()["remedy"]
            .as_str()
            .unwrap()
            .contains("s3:ListBucket")
    );
}

#[tokio::test]
async fn a_page_beside_the_reports_links_the_pages_of_the_days() {
    let world = World::new();
    made_up_week(&world).await;
    let page = "s3://dumps-bucket/comparison/index.html";
    world.history(&["--html", page]).await.assert_code(0);
    let object = world.s3.object("dumps-bucket", "comparison/index.html");
    let text = String::from_utf8(object.unwrap().bytes().unwrap()).unwrap();
    assert_eq!(text.matches("href=\"2026-11-").count(), 7);
    world
        .history(&["--html", "elsewhere.html"])
        .await
        .assert_code(0);
    let text = std::fs::read_to_string(world.path("elsewhere.html")).unwrap();
    assert!(!text.contains("href=\"2026-11-"));
}
