//! The doctor: each thing that is amiss is found, and its remedy named.

use e2e::s3::{FaultRule, Operation};
use e2e::services::CALLER;
use serde_json::Value;

use crate::world::{Ran, SECRET, World};

/// Looks at full-dump's job file, with more lines at its end.
async fn examined(world: &World, more: &str) -> Ran {
    let file = world.full_dump(more).display().to_string();
    world.run("doctor", &["--json", "--config", &file]).await
}

#[track_caller]
fn check(document: &Value, name: &str) -> Value {
    let checks = document["jobs"][0]["checks"].as_array().unwrap();
    let found = checks.iter().find(|check| check["name"] == name);
    found
        .unwrap_or_else(|| panic!("{name}: {document:#}"))
        .clone()
}

#[tokio::test]
async fn healthy_jobs_are_looked_at_together_and_nothing_is_changed() {
    let Some(world) = World::new().await else {
        return;
    };
    let dump = world.full_dump("").display().to_string();
    let export = world.query_export().display().to_string();
    let arguments = ["--config", &dump, "--config", &export, "--json"];
    let document = world.run("doctor", &arguments).await.assert_json(0);
    assert_eq!(document["status"], "ok");
    let jobs = document["jobs"].as_array().unwrap();
    let programs: Vec<&str> = jobs
        .iter()
        .map(|job| job["program"].as_str().unwrap())
        .collect();
    assert_eq!(programs, ["full-dump", "query-export"]);
    for job in jobs {
        for check in job["checks"].as_array().unwrap() {
            assert_eq!(check["outcome"], "ok", "{check}");
        }
    }
    assert!(
        check(&document, "secret")["detail"]
            .as_str()
            .unwrap()
            .contains("2023-11-14")
    );
    world.assert_nothing_published();
    assert!(!world.path("full-dump.lock").exists());

    let table = world.run("doctor", &arguments[..4]).await;
    let table = table.assert_code(0);
    for line in [
        "full-dump.toml (full-dump)",
        "tenants.toml (query-export)",
        "ok       AWS identity           arn:aws:sts::",
        "ok       query                  2 columns: id, name",
    ] {
        assert!(table.contains(line), "{line} is not in\n{table}");
    }
}

#[tokio::test]
async fn without_a_job_it_tells_who_the_machine_is() {
    let Some(world) = World::new().await else {
        return;
    };
    let ran = world.run("doctor", &[]).await;
    assert!(ran.assert_code(0).contains(CALLER));
    let mut stranger = world.command("doctor");
    stranger.env("AWS_ACCESS_KEY_ID", "AKIASTRANGER00000000");
    let ran = crate::world::finished(&mut stranger).await;
    let table = ran.assert_code(3);
    assert!(table.contains("InvalidClientTokenId (HTTP 403)"), "{table}");
}

#[tokio::test]
async fn a_machine_without_a_way_to_sts_is_warned_of_it() {
    let Some(world) = World::new().await else {
        return;
    };
    let file = world.full_dump("").display().to_string();
    let mut doctor = world.command("doctor");
    doctor.args(["--json", "--config", &file]);
    doctor.env("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1");
    let document = crate::world::finished(&mut doctor).await.assert_json(0);
    let identity = check(&document, "AWS identity");
    assert_eq!(identity["outcome"], "warning", "{identity}");
    assert!(
        identity["remedy"]
            .as_str()
            .unwrap()
            .contains("VPC endpoint")
    );
}

#[tokio::test]
async fn each_missing_right_on_the_bucket_is_named_as_iam_does() {
    let Some(world) = World::new().await else {
        return;
    };
    let skip = "if-exists = \"skip\"";
    let denied = FaultRule::access_denied;
    for (rule, job, name, action) in [
        (
            denied(Operation::CreateMultipartUpload),
            "",
            "dump's destination",
            "s3:PutObject,",
        ),
        (
            denied(Operation::CreateMultipartUpload).nth(2),
            "",
            "dump's tags",
            "s3:PutObjectTagging",
        ),
        (
            denied(Operation::ListParts),
            "",
            "dump's destination",
            "s3:ListMultipartUploadParts",
        ),
        (
            denied(Operation::AbortMultipartUpload),
            "",
            "dump's destination",
            "s3:AbortMultipartUpload",
        ),
        (
            denied(Operation::HeadObject),
            skip,
            "dump's reading back",
            "s3:ListBucket",
        ),
        (
            denied(Operation::PutObject),
            skip,
            "dump's conditions",
            "s3:PutObject and s3:GetObject",
        ),
    ] {
        world.aws.s3().add_fault(rule);
        let document = examined(&world, job).await.assert_json(8);
        let found = check(&document, name);
        assert_eq!(found["outcome"], "failed", "{found}");
        assert!(
            found["remedy"].as_str().unwrap().contains(action),
            "{action}: {found}"
        );
        world.aws.s3().clear_faults();
    }
    // A run that overwrites does without these two.
    for (operation, name) in [
        (Operation::HeadObject, "dump's reading back"),
        (Operation::PutObject, "dump's conditions"),
    ] {
        world.aws.s3().add_fault(denied(operation));
        let document = examined(&world, "").await.assert_json(0);
        assert_eq!(check(&document, name)["outcome"], "warning");
        world.aws.s3().clear_faults();
    }
    assert_eq!(world.aws.s3().keys(crate::world::BUCKET), [""; 0]);
}

#[tokio::test]
async fn a_name_without_a_date_is_never_written_to_for_a_trial() {
    let Some(world) = World::new().await else {
        return;
    };
    let file = world.full_dump("");
    let text = std::fs::read_to_string(&file)
        .unwrap()
        .replace("_%Y%m%d", "");
    std::fs::write(&file, text).unwrap();
    let file = file.display().to_string();
    let ran = world.run("doctor", &["--json", "--config", &file]).await;
    let document = ran.assert_json(0);
    assert_eq!(check(&document, "dump's conditions")["outcome"], "skipped");
    assert_eq!(world.aws.s3().call_count(Operation::PutObject), 0);
}

#[tokio::test]
async fn a_rotation_under_way_is_seen_and_a_secret_that_nobody_may_describe_is_no_failure() {
    let Some(world) = World::new().await else {
        return;
    };
    world.aws.secrets().put_staged(SECRET, "AWSPENDING", "{}");
    let document = examined(&world, "").await.assert_json(0);
    let secret = check(&document, "secret");
    assert_eq!(secret["outcome"], "warning");
    assert!(secret["remedy"].as_str().unwrap().contains("AWSPENDING"));
    world.aws.secrets().deny_descriptions();
    let document = examined(&world, "").await.assert_json(0);
    assert_eq!(check(&document, "secret")["outcome"], "skipped");
}

#[tokio::test]
async fn a_rule_that_refuses_the_host_is_told_before_it_is_dialled() {
    let Some(world) = World::new().await else {
        return;
    };
    let ran = examined(&world, "deny-host = [\"127.*\", \"localhost\"]").await;
    let document = ran.assert_json(4);
    assert_eq!(check(&document, "credentials")["outcome"], "ok");
    assert_eq!(check(&document, "rules")["outcome"], "failed");
    for name in ["name resolution", "login", "TLS", "grants", "tables"] {
        assert_eq!(check(&document, name)["outcome"], "skipped", "{name}");
    }
    assert_eq!(check(&document, "dump's destination")["outcome"], "ok");
}

#[tokio::test]
async fn a_file_that_cannot_be_read_does_not_hide_the_others() {
    let Some(world) = World::new().await else {
        return;
    };
    let wrong = world
        .write("wrong.toml", "tto = \"-\"\n")
        .display()
        .to_string();
    let export = world.query_export().display().to_string();
    let absent = world.path("absent.toml").display().to_string();
    let arguments = [
        "--json", "--config", &wrong, "--config", &absent, "--config", &export,
    ];
    let document = world.run("doctor", &arguments).await.assert_json(2);
    let wrong = check(&document, "configuration");
    assert!(
        wrong["detail"]
            .as_str()
            .unwrap()
            .contains("did you mean `to`?"),
        "{wrong}"
    );
    assert!(document["jobs"][1]["program"].is_null());
    assert_eq!(document["jobs"][2]["status"], "ok");
}

#[tokio::test]
async fn who_would_be_told_is_looked_at_and_not_told() {
    let Some(world) = World::new().await else {
        return;
    };
    let topic = world.aws.sns().create_topic("ap-northeast-1", "alerts");
    let hook = e2e::services::HookServer::start().unwrap();
    let url = hook.url("");
    let of = |topic: &str, url: &str| {
        format!(
            "alert-topic = [\"{topic}\"]\nping = \"{url}/canary\"\n\
             lock-uri = \"s3://{}/locks/full-dump\"",
            crate::world::BUCKET
        )
    };
    let document = examined(&world, &of(&topic, &url)).await.assert_json(0);
    for name in ["alert topic", "ping", "lock across hosts"] {
        assert_eq!(check(&document, name)["outcome"], "ok", "{name}");
    }
    assert!(!document.to_string().contains("canary"));
    assert_eq!(world.aws.sns().published(), []);
    assert!(hook.requests().is_empty());
    // What is amiss here fails no run.
    let more = of(&format!("{topic}-no"), "http://127.0.0.1:1");
    let document = examined(&world, &more).await.assert_json(0);
    for name in ["alert topic", "ping"] {
        assert_eq!(check(&document, name)["outcome"], "warning", "{name}");
    }
    world.assert_nothing_published();
}
