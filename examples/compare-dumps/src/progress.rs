//! Progress of a comparison: a bar on a terminal, a log line now and then elsewhere.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use datatransit_dump::compare::{CompareEvent, CompareProgress, Side};
use datatransit_job::ByteSize;
use datatransit_job::progress::Terminal;

/// How often the log hears of a running comparison.
const INTERVAL: Duration = Duration::from_secs(30);

/// Shows a comparison's events.
pub(crate) struct ShownProgress {
    bar: Option<indicatif::ProgressBar>,
    state: Mutex<State>,
}

struct State {
    started: Instant,
    reported: Instant,
    sides: [(u64, Option<u64>); 2],
}

impl ShownProgress {
    pub(crate) fn new(terminal: &Terminal) -> Self {
        let now = Instant::now();
        Self {
            bar: terminal.bar("{spinner} {elapsed_precise} [{bar:30}] {percent:>3}% {msg}"),
            state: Mutex::new(State {
                started: now,
                reported: now,
                sides: [(0, None); 2],
            }),
        }
    }
}

impl CompareProgress for ShownProgress {
    fn event(&self, event: &CompareEvent) {
        // A poisoned lock holds numbers for display only.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            CompareEvent::PassStarted { pass, .. } => {
                state.sides = [(0, None); 2];
                if *pass > 1 {
                    tracing::info!("rows differ, reading both again to find them");
                }
            }
            CompareEvent::Read {
                pass,
                side,
                bytes,
                total,
                ..
            } => {
                let index = usize::from(*side == Side::New);
                state.sides[index] = (*bytes, *total);
                self.advanced(&mut state, *pass);
            }
            _ => {}
        }
    }
}

impl ShownProgress {
    fn advanced(&self, state: &mut State, pass: u8) {
        let bytes = state.sides[0].0 + state.sides[1].0;
        let total = state
            .sides
            .iter()
            .filter_map(|(_, total)| *total)
            .sum::<u64>();
        if let Some(bar) = &self.bar {
            bar.set_length(total.max(bytes).max(1));
            bar.set_position(bytes);
            bar.set_message(format!(
                "pass {pass} · old {} · new {}",
                ByteSize::new(state.sides[0].0),
                ByteSize::new(state.sides[1].0)
            ));
        }
        let now = Instant::now();
        if self.bar.is_none() && now.duration_since(state.reported) >= INTERVAL {
            state.reported = now;
            let seconds = now.duration_since(state.started).as_secs();
            tracing::info!(
                pass,
                old_bytes = state.sides[0].0,
                new_bytes = state.sides[1].0,
                total_bytes = total,
                seconds,
                "comparing"
            );
        }
    }
}

impl Drop for ShownProgress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
