//! What a dump tells while it runs.

use std::time::{Duration, Instant};

/// Receives what happens during a dump.
///
/// Called from the task that runs the dump: an implementation must return at once (a bar,
/// a counter, a log line), never block.
pub trait Progress: Send + Sync {
    /// Takes one event.
    fn event(&self, event: &ProgressEvent);
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProgressEvent {
    /// The objects are listed and the snapshot stands; the stream begins.
    #[non_exhaustive]
    Planned {
        /// Base tables whose rows will be read.
        tables: usize,
        /// The server's own estimate of the rows, often off by half for InnoDB.
        estimated_rows: u64,
        /// The server's own estimate of the data's size in bytes, likewise.
        estimated_bytes: u64,
    },
    /// A table's rows begin.
    #[non_exhaustive]
    TableStarted {
        /// `database.table`.
        table: String,
        /// The server's estimate of its rows.
        estimated_rows: u64,
    },
    /// Totals since the beginning, sent once per some 100 KiB of rows, and about once a
    /// second while they come slower than that.
    #[non_exhaustive]
    Advanced {
        /// Rows read.
        rows: u64,
        /// Bytes of row text made, before compression.
        bytes: u64,
        /// Bytes that the sink has taken, after compression.
        stored_bytes: u64,
    },
    /// A table's rows are all read.
    #[non_exhaustive]
    TableFinished {
        /// `database.table`.
        table: String,
        /// Its rows.
        rows: u64,
    },
    /// The sink has taken the last byte.
    #[non_exhaustive]
    Finished {
        /// Rows read.
        rows: u64,
        /// Bytes before compression.
        bytes: u64,
        /// Bytes after compression.
        stored_bytes: u64,
    },
}

/// Decides when rows that come slowly are told of before there is a batch of them.
#[derive(Debug)]
pub(crate) struct Pace {
    told: Instant,
}

impl Pace {
    const INTERVAL: Duration = Duration::from_secs(1);

    /// Begins now.
    pub(crate) fn new() -> Self {
        Self {
            told: Instant::now(),
        }
    }

    /// Whether it is time again. Looks at the clock only after a row that was waited for.
    pub(crate) fn is_due(&mut self, waited: bool) -> bool {
        let is_due = waited && self.told.elapsed() >= Self::INTERVAL;
        if is_due {
            self.told = Instant::now();
        }
        is_due
    }
}

/// Hears nothing: the default.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Silent;

impl Progress for Silent {
    fn event(&self, _event: &ProgressEvent) {}
}
