//! The page's commands, in its order.

use e2e::page::{self, Block, Kind, shows};

use crate::world::World;

/// The runbook.
const PAGE: &str = include_str!("../../../examples/migration/README.md");

/// The days of the parallel run; the last is the day of the cutover.
const DAYS: [&str; 7] = [
    "20261117", "20261118", "20261119", "20261120", "20261121", "20261122", "20261123",
];

/// What a block that is not carried out may call: everything else is tried here.
const ELSEWHERE: [&str; 5] = ["aws ", "mysql ", "cargo install", "GRANT ", "CREATE USER "];

#[tokio::test(flavor = "multi_thread")]
async fn every_command_does_what_the_page_says() {
    let Some(world) = World::new().await else {
        return;
    };
    let mut today = DAYS[0];
    world.old_jobs(today).await;
    for block in blocks() {
        match block.kind {
            Kind::Once => carry_out(&world, &block, today).await,
            Kind::Daily => {
                for day in DAYS {
                    today = day;
                    world.old_jobs(today).await;
                    carry_out(&world, &block, today).await;
                }
            }
            // The variables, and what needs a real account.
            _ => {}
        }
    }
    assert_eq!(today, DAYS[6], "the days of the parallel run have passed");
}

fn blocks() -> Vec<Block> {
    page::blocks(PAGE)
}

/// Runs a block and holds its output against the page.
async fn carry_out(world: &World, block: &Block, day: &str) {
    let ran = world.run(&block.commands, day).await;
    assert_eq!(
        ran.code,
        Some(0),
        "{}, on {day}:\n{}\n{}",
        block.step,
        ran.printed,
        ran.said
    );
    if let Err(problem) = shows(&ran.printed, &block.expected) {
        panic!("{}, on {day}: {problem}\n{}", block.step, ran.printed);
    }
}

#[test]
fn every_block_has_its_place() {
    let blocks = blocks();
    let of = |kind| blocks.iter().filter(move |block| block.kind == kind);
    assert_eq!(of(Kind::Names).count(), 1);
    assert_eq!(of(Kind::Daily).count(), 1);
    assert!(of(Kind::Once).count() > 9);
    for block in of(Kind::Account) {
        let mut lines = block.commands.lines().map(str::trim_start);
        let first = lines.next().unwrap_or_default();
        let allowed = ELSEWHERE.iter().any(|start| first.starts_with(start))
            || first.starts_with("/usr/local/bin/old-");
        assert!(allowed, "{}: {first} could be tried here", block.step);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_names_are_those_that_the_page_sets() {
    let Some(world) = World::new().await else {
        return;
    };
    let names = blocks().into_iter().find(|block| block.kind == Kind::Names);
    let names = names.unwrap().commands;
    for (name, _) in world.names(DAYS[0]) {
        assert!(names.contains(&format!("export {name}=")), "{name}");
    }
    assert_eq!(names.lines().count(), world.names(DAYS[0]).len());
}
