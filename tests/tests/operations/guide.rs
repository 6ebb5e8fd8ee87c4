//! The operations guide, carried out: every command in it runs here, or says that it
//! needs a real account.

use std::process::Stdio;

use e2e::page::{self, Block, Kind, shows};
use tokio::process::Command;

use crate::world::{BUCKET, Ran, SECRET, World, finished};

const PAGE: &str = include_str!("../../../examples/operations/README.md");
const DAY: &str = "2026-11-23";
/// What a block that is not carried out may call: everything else is tried here.
const ELSEWHERE: [&str; 3] = ["aws ", "mysql ", "journalctl "];

fn names(world: &World) -> [(&'static str, String); 4] {
    [
        ("BUCKET", BUCKET.to_owned()),
        ("CONF", world.path("").display().to_string()),
        ("SECRET", SECRET.to_owned()),
        ("DAY", DAY.to_owned()),
    ]
}

/// Runs commands as the reader would.
async fn carried_out(world: &World, block: &Block) -> Ran {
    let programs = e2e::binary::binary("full-dump");
    let programs = programs.parent().unwrap().display().to_string();
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new("bash");
    command
        .args(["-euo", "pipefail", "-c", &block.commands])
        .env_clear()
        .envs(world.aws.endpoint().env())
        .envs(names(world))
        .env("PATH", format!("{programs}:{path}"))
        .current_dir(world.path(""))
        .stdin(Stdio::null())
        .kill_on_drop(true);
    finished(&mut command).await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_command_does_what_the_guide_says() {
    let Some(world) = World::new().await else {
        return;
    };
    world.full_dump("");
    for date in ["2026-11-20", "2026-11-21", "2026-11-22"] {
        world.dump(date, &[]).await.assert_code(0);
    }
    let mut tried = 0;
    for block in page::blocks(PAGE) {
        if block.kind == Kind::Once {
            let ran = carried_out(&world, &block).await;
            ran.assert_code(0);
            if let Err(problem) = shows(&ran.printed, &block.expected) {
                panic!("{}: {problem}\n{}", block.step, ran.printed);
            }
            tried += 1;
        }
    }
    assert!(tried >= 7, "{tried}");
}

#[tokio::test]
async fn the_names_are_those_that_the_guide_sets_and_the_rest_cannot_be_tried() {
    let Some(world) = World::new().await else {
        return;
    };
    for block in page::blocks(PAGE) {
        match block.kind {
            Kind::Names => {
                for (name, _) in names(&world) {
                    let line = format!("export {name}=");
                    assert!(block.commands.contains(&line), "{name}");
                }
                assert_eq!(block.commands.lines().count(), names(&world).len());
            }
            Kind::Account => {
                let first = block.commands.lines().next().unwrap_or_default();
                let allowed = ELSEWHERE.iter().any(|start| first.starts_with(start));
                assert!(allowed, "{}: {first} could be tried here", block.step);
            }
            _ => assert!(!block.expected.is_empty(), "{}", block.step),
        }
    }
}
