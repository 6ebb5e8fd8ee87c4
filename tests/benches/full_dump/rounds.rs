//! The order of the runs, and the check after each.

use anyhow::{Context as _, Result, ensure};

use crate::Knobs;
use crate::check::{Content, content};
use crate::contenders::{Contender, PEER, all};
use crate::measure::{Measured, measure};
use crate::procfs::Clock;
use crate::report;
use crate::world::{BUCKET, World};

/// All runs of one contender; the first round is the first run.
#[derive(Debug)]
pub(crate) struct Runs {
    pub(crate) contender: Contender,
    pub(crate) runs: Vec<Measured>,
    pub(crate) stored_bytes: u64,
}

/// What came out.
#[derive(Debug)]
pub(crate) struct Results {
    /// The SQL that every object held.
    pub(crate) content: Content,
    /// The peer first.
    pub(crate) contenders: Vec<Runs>,
}

/// Runs all in turn, round after round: what disturbs the machine for a while disturbs
/// neighbours alike, and the ratios are taken within a round.
pub(crate) fn run(world: &World, clock: &Clock, knobs: &Knobs) -> Result<Results> {
    // Not counted: it fills the server's cache, and says what all others have to store.
    let (_, expected, _) = once(world, clock, PEER)?;
    let mut contenders: Vec<Runs> = all()
        .into_iter()
        .map(|contender| Runs {
            contender,
            runs: Vec::new(),
            stored_bytes: 0,
        })
        .collect();
    for round in 0..knobs.rounds {
        for entry in &mut contenders {
            let contender = entry.contender;
            if !contender.headline && round >= knobs.other_rounds {
                continue;
            }
            let (measured, found, stored_bytes) = once(world, clock, contender)?;
            ensure!(
                found == expected,
                "{} stored {found:?}, {} stored {expected:?}",
                contender.name,
                PEER.name
            );
            report::line(&format!(
                "round {} {:<22} {:6.2} s wall {:6.2} s CPU",
                round + 1,
                contender.name,
                measured.wall_seconds,
                measured.client_cpu_seconds
            ));
            entry.runs.push(measured);
            entry.stored_bytes = stored_bytes;
        }
    }
    contenders.retain(|entry| !entry.runs.is_empty());
    Ok(Results {
        content: expected,
        contenders,
    })
}

/// One run, and what it stored.
fn once(world: &World, clock: &Clock, contender: Contender) -> Result<(Measured, Content, u64)> {
    let mut command = contender.command(world)?;
    let measured = measure(clock, &mut command, world.server.pid())?;
    ensure!(
        measured.success,
        "{} failed:\n{}",
        contender.name,
        world.complaints()
    );
    let object = world.aws.s3().object(BUCKET, &contender.key());
    let object = object.with_context(|| format!("{} stored nothing", contender.name))?;
    let found = world
        .runtime
        .block_on(content(&object.path, contender.codec))?;
    Ok((measured, found, object.size))
}
