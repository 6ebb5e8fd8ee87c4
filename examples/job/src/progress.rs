//! Progress for people on a terminal (a bar) and for logs (a line now and then).

use std::io::{self, IsTerminal as _, Write};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use datatransit_dump::{Progress, ProgressEvent};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tracing_subscriber::fmt::writer::BoxMakeWriter;

use crate::ByteSize;
use crate::activity::Activity;
use crate::logs::{LogFormat, LogWriter};

/// How often the log hears of a running job.
const INTERVAL: Duration = Duration::from_secs(30);

/// Standard error, shared by the log and a bar.
#[derive(Clone, Debug)]
pub struct Terminal {
    bars: MultiProgress,
    shows_bar: bool,
}

impl Terminal {
    /// Decides whether a bar is shown: on a terminal, beside logs for people.
    #[must_use]
    pub fn new(format: LogFormat) -> Self {
        let shows_bar = format == LogFormat::Text && io::stderr().is_terminal();
        let target = if shows_bar {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        };
        Self {
            bars: MultiProgress::with_draw_target(target),
            shows_bar,
        }
    }

    /// Returns where the log writes: a line scrolls past the bar, not through it.
    #[must_use]
    pub fn log_writer(&self) -> LogWriter {
        if !self.shows_bar {
            return BoxMakeWriter::new(io::stderr);
        }
        let bars = self.bars.clone();
        BoxMakeWriter::new(move || Line {
            bars: bars.clone(),
            bytes: Vec::new(),
        })
    }

    /// Starts a bar of another kind of work; none where no bar is shown.
    #[must_use]
    pub fn bar(&self, template: &str) -> Option<ProgressBar> {
        self.shows_bar.then(|| {
            let bar = self.bars.add(ProgressBar::new(0));
            // A template that does not parse is a defect, not a reason to fail a run.
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("=> "));
            }
            bar
        })
    }

    /// Starts the progress of one dump or export. The log says `begun` when the rows
    /// begin, and `doing` now and then while they are read; each event is marked as
    /// activity.
    #[must_use]
    pub fn progress(
        &self,
        begun: &'static str,
        doing: &'static str,
        activity: Activity,
    ) -> DumpProgress {
        let bar = self.bar("{spinner} {elapsed_precise} [{bar:30}] {percent:>3}% {msg}");
        DumpProgress {
            bar,
            begun,
            doing,
            activity,
            state: Mutex::new(State::new(Instant::now())),
        }
    }
}

/// One log line, written past the bar as a whole.
struct Line {
    bars: MultiProgress,
    bytes: Vec<u8>,
}

impl Write for Line {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let bytes = std::mem::take(&mut self.bytes);
        self.bars.suspend(|| io::stderr().write_all(&bytes))
    }
}

impl Drop for Line {
    fn drop(&mut self) {
        // Standard error is the last resort: there is nowhere to report its failure.
        let _ = self.flush();
    }
}

/// Shows a dump's or an export's events.
#[derive(Debug)]
pub struct DumpProgress {
    bar: Option<ProgressBar>,
    begun: &'static str,
    doing: &'static str,
    activity: Activity,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    started: Instant,
    reported: Instant,
    table: String,
    estimated_rows: u64,
}

impl State {
    fn new(now: Instant) -> Self {
        Self {
            started: now,
            reported: now,
            table: String::new(),
            estimated_rows: 0,
        }
    }
}

impl Progress for DumpProgress {
    fn event(&self, event: &ProgressEvent) {
        self.activity.mark();
        // A poisoned lock holds numbers for display only.
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            ProgressEvent::Planned {
                tables,
                estimated_rows,
                estimated_bytes,
                ..
            } => {
                state.estimated_rows = *estimated_rows;
                if let Some(bar) = &self.bar {
                    bar.set_length((*estimated_rows).max(1));
                }
                tracing::info!(tables, estimated_rows, estimated_bytes, "{}", self.begun);
            }
            ProgressEvent::TableStarted {
                table,
                estimated_rows,
                ..
            } => {
                state.table.clone_from(table);
                tracing::debug!(%table, estimated_rows, "table started");
            }
            ProgressEvent::Advanced {
                rows,
                bytes,
                stored_bytes,
                ..
            } => {
                self.advanced(&mut state, *rows, *bytes, *stored_bytes);
            }
            ProgressEvent::TableFinished { table, rows, .. } => {
                tracing::debug!(%table, rows, "table finished");
            }
            ProgressEvent::Finished {
                rows,
                bytes,
                stored_bytes,
                ..
            } => {
                if let Some(bar) = &self.bar {
                    bar.finish_and_clear();
                }
                tracing::info!(rows, bytes, stored_bytes, "the last byte is written");
            }
            _ => {}
        }
    }
}

impl DumpProgress {
    fn advanced(&self, state: &mut State, rows: u64, bytes: u64, stored_bytes: u64) {
        if let Some(bar) = &self.bar {
            // The server's estimate may be too low: a bar that overshoots helps nobody.
            bar.set_length(state.estimated_rows.max(rows).max(1));
            bar.set_position(rows);
            bar.set_message(format!(
                "{} · {rows} rows · {} → {}",
                state.table,
                ByteSize::new(bytes),
                ByteSize::new(stored_bytes)
            ));
        }
        let now = Instant::now();
        if self.bar.is_none() && now.duration_since(state.reported) >= INTERVAL {
            state.reported = now;
            let seconds = now.duration_since(state.started).as_secs();
            tracing::info!(
                table = state.table,
                rows,
                estimated_rows = state.estimated_rows,
                bytes,
                stored_bytes,
                seconds,
                "{}",
                self.doing
            );
        }
    }
}

impl Drop for DumpProgress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
