//! The two passes: their threads, and what goes between them.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, sync_channel};

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::content::Content;
use super::decode::{self, Reading};
use super::error::Error;
use super::hash::Seed;
use super::input::Input;
use super::judge::{Shape, judge};
use super::matching::{Limits, Matched, Rows, match_rows};
use super::pairs::{self, Earlier, Pair, Sides, Walk};
use super::progress::{CompareEvent, CompareProgress, Side};
use super::report::ComparisonReport;
use super::scan::{self, Ended, Visit};
use super::summary::Summary;
use super::tabular;
use super::walk::{BATCHES, Batch, Route, Step, Walker};
use super::window::Window;

/// All that a comparison needs to know.
pub(super) struct Settings {
    pub(super) old: Arc<dyn Input>,
    pub(super) new: Arc<dyn Input>,
    pub(super) shape: Shape,
    pub(super) updated_at: String,
    pub(super) memory: usize,
    pub(super) progress: Arc<dyn CompareProgress>,
    pub(super) cancellation: CancellationToken,
}

impl Settings {
    /// The longest row or statement that is kept, in bytes.
    fn limit(&self) -> usize {
        self.memory / 8
    }

    fn reading(&self, side: Side, pass: u8, cancellation: &CancellationToken) -> Reading {
        let input = match side {
            Side::Old => &self.old,
            Side::New => &self.new,
        };
        Reading {
            input: Arc::clone(input),
            side,
            pass,
            progress: Arc::clone(&self.progress),
            cancellation: cancellation.clone(),
        }
    }
}

/// Compares.
pub(super) async fn run(settings: Settings) -> Result<ComparisonReport, Error> {
    // Cancelled when this future is dropped, and when either side fails: then the readers of
    // both stop.
    let cancellation = settings.cancellation.child_token();
    let _stop = cancellation.clone().drop_guard();
    let seed = Seed::random();
    settings
        .progress
        .event(&CompareEvent::PassStarted { pass: 1 });
    let (old, new) = tokio::try_join!(
        summarise(&settings, Side::Old, seed, &cancellation),
        summarise(&settings, Side::New, seed, &cancellation),
    )?;
    let sides = Sides::new(&old, &new);
    let pairs = sides.pairs();
    let walk = pairs::plan(&sides, &pairs, Earlier::of(&old, &new));
    let mut matched = HashMap::new();
    if !walk.pairs.is_empty() {
        settings
            .progress
            .event(&CompareEvent::PassStarted { pass: 2 });
        let found = second_pass(&settings, walk, &pairs, [&old, &new], seed, &cancellation).await?;
        matched.extend(found);
    }
    let names = [settings.old.name(), settings.new.name()];
    Ok(judge(&sides, names, &pairs, &matched, settings.shape))
}

/// Runs blocking work on a thread of its own.
async fn on_thread<T: Send + 'static>(
    name: &str,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let (sender, receiver) = oneshot::channel();
    std::thread::Builder::new()
        .name(name.into())
        .spawn(move || {
            // Nobody waits for it when the comparison was dropped.
            let _ = sender.send(work());
        })
        .map_err(|error| Error::Internal(format!("start a thread: {error}")))?;
    receiver
        .await
        .map_err(|_| Error::Internal(format!("the thread {name} died")))?
}

async fn summarise(
    settings: &Settings,
    side: Side,
    seed: Seed,
    cancellation: &CancellationToken,
) -> Result<Summary, Error> {
    let reading = settings.reading(side, 1, cancellation);
    let name = reading.input.name();
    let pieces = decode::start(reading)?;
    let shape = settings.shape;
    let limit = settings.limit();
    let mut summary = Summary::new(
        seed,
        shape.ignore_auto_increment,
        &settings.updated_at,
        settings.memory / 8,
    );
    on_thread("compare-scan", move || {
        let mut window = Window::new(name, pieces, seed);
        summary.ended = scan_content(&mut window, shape.content, limit, seed, &mut summary)?;
        (summary.stored, summary.text_digest) = window.finish();
        Ok(summary)
    })
    .await
}

fn scan_content(
    window: &mut Window,
    content: Content,
    limit: usize,
    seed: Seed,
    visit: &mut impl Visit,
) -> Result<Ended, Error> {
    if content == Content::Sql {
        scan::dump(window, limit, seed, visit)
    } else {
        tabular::export(window, content, limit, visit)
    }
}

async fn second_pass(
    settings: &Settings,
    walk: Walk,
    pairs: &[Pair<'_>],
    first: [&Summary; 2],
    seed: Seed,
    cancellation: &CancellationToken,
) -> Result<Vec<(usize, Matched)>, Error> {
    let routes = [walk.old, walk.new];
    let keyed: Vec<(usize, bool)> = walk
        .pairs
        .iter()
        .map(|&index| (index, !pairs::key_names(&pairs[index]).is_empty()))
        .collect();
    let mut streams = Vec::new();
    for ((side, route), summary) in [Side::Old, Side::New].into_iter().zip(routes).zip(first) {
        let steps = start_walk(settings, side, route, seed, cancellation)?;
        streams.push(Stream {
            steps,
            input: settings.reading(side, 2, cancellation).input.name(),
            stored_sha256: summary.stored.stored_sha256.clone(),
            next: None,
            ended: false,
        });
    }
    let limits = Limits {
        memory: settings.memory / 2,
        differences: settings.shape.max_differences,
        keyed: false,
    };
    on_thread("compare-match", move || {
        let [old, new] = streams.as_mut_slice() else {
            return Err(Error::Internal("there are two sides".into()));
        };
        let mut found = Vec::new();
        for (table, (index, keyed)) in keyed.into_iter().enumerate() {
            let mut old_rows = TableRows { stream: old, table };
            let mut new_rows = TableRows { stream: new, table };
            let limits = Limits { keyed, ..limits };
            let matched = match_rows(&mut old_rows, &mut new_rows, limits)?;
            found.push((index, matched));
        }
        old.finish()?;
        new.finish()?;
        Ok(found)
    })
    .await
}

fn start_walk(
    settings: &Settings,
    side: Side,
    route: Route,
    seed: Seed,
    cancellation: &CancellationToken,
) -> Result<Receiver<Result<Step, Error>>, Error> {
    let reading = settings.reading(side, 2, cancellation);
    let name = reading.input.name();
    let pieces = decode::start(reading)?;
    let (content, limit) = (settings.shape.content, settings.limit());
    let (sender, steps) = sync_channel(BATCHES);
    std::thread::Builder::new()
        .name("compare-walk".into())
        .spawn(move || {
            let failures = sender.clone();
            let mut window = Window::new(name, pieces, seed);
            let mut walker = Walker::new(route, seed, sender);
            let outcome = scan_content(&mut window, content, limit, seed, &mut walker)
                .and_then(|_| walker.finish(window.finish().0));
            if let Err(error) = outcome {
                // The receiver may be gone: then nobody wants to know.
                let _ = failures.send(Err(error));
            }
        })
        .map_err(|error| Error::Internal(format!("start a thread: {error}")))?;
    Ok(steps)
}

/// The batches of one side.
struct Stream {
    steps: Receiver<Result<Step, Error>>,
    input: String,
    /// What the first pass read.
    stored_sha256: String,
    next: Option<Batch>,
    ended: bool,
}

impl Stream {
    fn peek(&mut self) -> Result<Option<&Batch>, Error> {
        if self.next.is_none() && !self.ended {
            let step = self
                .steps
                .recv()
                .map_err(|_| Error::Internal(format!("the scanner of {} died", self.input)))??;
            match step {
                Step::Rows(batch) => self.next = Some(batch),
                Step::End(stored) => {
                    self.ended = true;
                    if stored.stored_sha256 != self.stored_sha256 {
                        return Err(Error::Changed {
                            input: self.input.clone(),
                        });
                    }
                }
            }
        }
        Ok(self.next.as_ref())
    }

    /// Reads to the end, which proves that nothing has changed since the first pass.
    fn finish(&mut self) -> Result<(), Error> {
        while self.peek()?.is_some() {
            self.next = None;
        }
        Ok(())
    }
}

/// The rows of one table of the walk; tables come in the walk's order.
struct TableRows<'a> {
    stream: &'a mut Stream,
    table: usize,
}

impl Rows for TableRows<'_> {
    fn batch(&mut self) -> Result<Option<Batch>, Error> {
        let table = self.table;
        if self
            .stream
            .peek()?
            .is_some_and(|batch| batch.table == table)
        {
            return Ok(self.stream.next.take());
        }
        Ok(None)
    }
}
