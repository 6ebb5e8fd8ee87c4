//! Days that are marked, cleared and listed: made by real runs of full-dump.

use e2e::s3::{Effect, FaultRule, Operation};
use serde_json::Value;

use crate::world::{BUCKET, DUMP, MANIFEST, World};

const KEY: &str = "dumps/gghouse_20261122.sql.gz";
const MANIFEST_KEY: &str = "dumps-manifest/gghouse_20261122.json";

async fn list(world: &World, code: i32, more: &[&str]) -> Value {
    let arguments = ["list", "--json", "--manifest", MANIFEST, "--dump", DUMP];
    let arguments = [&arguments[..], more].concat();
    world.run("quarantine", &arguments).await.assert_json(code)
}

/// Each day's state, from 20 to 24 November.
async fn states(world: &World, code: i32) -> Vec<String> {
    let days = ["--from", "2026-11-20", "--to", "2026-11-24"];
    let document = list(world, code, &days).await;
    let days = document["days"].as_array().unwrap();
    days.iter()
        .map(|day| day["state"].as_str().unwrap().to_owned())
        .collect()
}

/// Marks or clears 22 November.
fn change<'a>(command: &'a str, reason: &'a str) -> Vec<&'a str> {
    let day = ["--manifest", MANIFEST, "--date", "2026-11-22"];
    [&[command][..], &day, &["--reason", reason]].concat()
}

#[tokio::test]
async fn a_day_is_marked_with_who_and_why_and_cleared_again() {
    let Some(world) = World::new().await else {
        return;
    };
    world
        .dump("2026-11-22", &["--tag", "team=data"])
        .await
        .assert_code(0);
    let before = world.document(MANIFEST_KEY);
    let etag = world.aws.s3().object(BUCKET, KEY).unwrap().etag;
    assert_eq!(before["dump_etag"], etag.as_str());

    let mark = change("mark", "the reader was a day behind");
    let dry = world
        .run("quarantine", &[&mark[..], &["--dry-run"]].concat())
        .await;
    assert!(
        dry.assert_code(0).contains("would be invalid"),
        "{}",
        dry.printed
    );
    assert_eq!(world.document(MANIFEST_KEY), before);
    assert_eq!(world.tag(KEY).as_deref(), Some("true"));

    let ran = world.run("quarantine", &mark).await;
    let told = ran.assert_code(0);
    assert!(told.contains("2026-11-22: invalid: quarantined: the reader was a day behind"));
    let marked = world.document(MANIFEST_KEY);
    assert_eq!(marked["valid_for_etl"], false);
    assert_eq!(marked["source_valid"], true);
    let entry = &marked["quarantine"][0];
    assert_eq!(entry["action"], "marked");
    assert_eq!(entry["by"], e2e::services::CALLER);
    assert_eq!(entry["reason"], "the reader was a day behind");
    assert!(entry["at"].as_str().unwrap().ends_with("+09:00"), "{entry}");
    let tags = world.aws.s3().tags(BUCKET, KEY).unwrap();
    assert_eq!(tags["valid_for_etl"], "false");
    assert_eq!(tags["team"], "data", "the other tags stay");
    assert_eq!(world.tag(MANIFEST_KEY).as_deref(), Some("false"));

    let again = world.run("quarantine", &mark).await;
    assert!(again.assert_code(0).contains("is invalid already"));
    assert_eq!(world.document(MANIFEST_KEY), marked);

    let clear = change("clear", "it was the reader's clock");
    let cleared = world
        .run("quarantine", &[&clear[..], &["--by", "Sato"]].concat())
        .await;
    assert!(cleared.assert_code(0).contains("valid again"));
    let mut cleared = world.document(MANIFEST_KEY);
    assert_eq!(cleared["quarantine"][1]["by"], "Sato");
    assert_eq!(cleared["quarantine"].as_array().unwrap().len(), 2);
    cleared.as_object_mut().unwrap().remove("quarantine");
    assert_eq!(cleared, before, "all else is as it was");
    assert_eq!(world.tag(KEY).as_deref(), Some("true"));
    let object = world.aws.s3().object(BUCKET, MANIFEST_KEY).unwrap();
    assert_eq!(object.content_type.as_deref(), Some("application/json"));
}

#[tokio::test]
async fn the_list_tells_every_kind_of_gap() {
    let Some(world) = World::new().await else {
        return;
    };
    for date in ["2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"] {
        world.dump(date, &[]).await.assert_code(0);
    }
    let days = ["valid", "valid", "valid", "valid", "missing"];
    assert_eq!(states(&world, 9).await, days);
    let four = ["--from", "2026-11-20", "--to", "2026-11-23"];
    assert_eq!(list(&world, 0, &four).await["valid_days"], 4);

    let client = world.aws.endpoint().s3_client();
    let remove = async |key: &str| {
        let gone = client.delete_object().bucket(BUCKET).key(key);
        gone.send().await.unwrap();
    };
    remove("dumps/gghouse_20261120.sql.gz").await;
    remove("dumps-manifest/gghouse_20261121.json").await;
    world
        .run("quarantine", &change("mark", "x"))
        .await
        .assert_code(0);
    // As long as the dump was, and not it.
    let key = "dumps/gghouse_20261123.sql.gz";
    let size = world.aws.s3().object(BUCKET, key).unwrap().size;
    let other = vec![0_u8; usize::try_from(size).unwrap()];
    let put = client
        .put_object()
        .bucket(BUCKET)
        .key(key)
        .body(other.into());
    put.send().await.unwrap();
    assert_eq!(
        states(&world, 9).await,
        [
            "manifest_without_dump",
            "dump_without_manifest",
            "invalid",
            "mismatch",
            "missing"
        ]
    );
    let put = client.put_object().bucket(BUCKET);
    let put = put.key("dumps-manifest/gghouse_20261123.json");
    put.body(b"{\"canary\": 1}".to_vec().into())
        .send()
        .await
        .unwrap();
    let arguments = [
        "list",
        "--manifest",
        MANIFEST,
        "--from",
        "2026-11-20",
        "--to",
        "2026-11-23",
    ];
    let ran = world.run("quarantine", &arguments).await;
    let table = ran.assert_code(9);
    for line in [
        "2026-11-20  NO DUMP",
        // Without --dump nobody knows where it would lie.
        "2026-11-21  MISSING",
        "2026-11-22  INVALID     quarantined: x",
        "2026-11-23  UNREADABLE",
        "0 of 4 days are valid",
    ] {
        assert!(table.contains(line), "{line} is not in\n{table}");
    }
    assert!(!table.contains("canary"));
}

#[tokio::test]
async fn what_a_gate_found_outlasts_a_mark() {
    let Some(world) = World::new().await else {
        return;
    };
    let gates = ["--min-bytes", "1GiB", "--on-gate-failure", "mark-invalid"];
    world.dump("2026-11-22", &gates).await.assert_code(9);
    world
        .run("quarantine", &change("mark", "x"))
        .await
        .assert_code(0);
    let ran = world.run("quarantine", &change("clear", "y")).await;
    assert!(
        ran.assert_code(0).contains("invalid: too small"),
        "{}",
        ran.printed
    );
    assert_eq!(world.document(MANIFEST_KEY)["valid_for_etl"], false);
    assert_eq!(world.tag(KEY).as_deref(), Some("false"));
}

#[tokio::test]
async fn a_change_of_somebody_elses_is_not_lost() {
    let Some(world) = World::new().await else {
        return;
    };
    world.dump("2026-11-22", &[]).await.assert_code(0);
    let s3 = world.aws.s3();
    let held = FaultRule::new(Operation::PutObject, Effect::Hold);
    s3.add_fault(held.key_containing(MANIFEST_KEY).nth(1));
    let writes = s3.call_count(Operation::PutObject);
    let mark = change("mark", "ours");
    let other = async {
        s3.wait_for_calls(Operation::PutObject, writes + 1).await;
        let mut theirs = world.document(MANIFEST_KEY);
        theirs["theirs"] = true.into();
        let put = world.aws.endpoint().s3_client().put_object();
        let put = put.bucket(BUCKET).key(MANIFEST_KEY);
        put.body(theirs.to_string().into_bytes().into())
            .send()
            .await
            .unwrap();
        s3.release_held();
    };
    let (ran, ()) = tokio::join!(world.run("quarantine", &mark), other);
    ran.assert_code(0);
    let manifest = world.document(MANIFEST_KEY);
    assert_eq!(manifest["theirs"], true);
    assert_eq!(manifest["invalid_reasons"][0], "quarantined: ours");
}

#[tokio::test]
async fn what_cannot_be_done_is_said_with_a_remedy() {
    let Some(world) = World::new().await else {
        return;
    };
    let ran = world.run("quarantine", &change("mark", "x")).await;
    ran.assert_code(4);
    assert!(
        ran.said.contains("does not exist (see quarantine list"),
        "{}",
        ran.said
    );
    world
        .run("quarantine", &change("mark", " "))
        .await
        .assert_code(2);
    let file = ["list", "--manifest", "file:///x_%Y%m%d.json"];
    let ran = world.run("quarantine", &file).await;
    ran.assert_code(2);
    assert!(ran.said.contains("is not in S3"), "{}", ran.said);
    let backwards = [
        "list",
        "--manifest",
        MANIFEST,
        "--from",
        "2026-11-24",
        "--to",
        "2026-11-20",
    ];
    world.run("quarantine", &backwards).await.assert_code(2);
    world.run("quarantine", &[]).await.assert_code(2);

    world.dump("2026-11-22", &[]).await.assert_code(0);
    let rule = FaultRule::access_denied(Operation::PutObjectTagging);
    world.aws.s3().add_fault(rule);
    let ran = world.run("quarantine", &change("mark", "x")).await;
    ran.assert_code(8);
    assert!(
        ran.said.contains("grant s3:PutObjectTagging"),
        "{}",
        ran.said
    );
    // Readers are safe already, and the same again mends the rest.
    assert_eq!(world.document(MANIFEST_KEY)["valid_for_etl"], false);
    world.aws.s3().clear_faults();
    world
        .run("quarantine", &change("mark", "x"))
        .await
        .assert_code(0);
    assert_eq!(world.tag(KEY).as_deref(), Some("false"));
}
