//! Progress for people on a terminal (a bar) and for logs (a line per asset).

use std::io::{self, IsTerminal as _, Write};

use datatransit_job::logs::{LogFormat, LogWriter};
use indicatif::{MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use tracing_subscriber::fmt::writer::BoxMakeWriter;

/// Standard error, shared by the log and a bar.
#[derive(Clone, Debug)]
pub(crate) struct Terminal {
    bars: MultiProgress,
    shows_bar: bool,
}

impl Terminal {
    /// Decides whether a bar is shown: on a terminal, beside logs for people.
    pub(crate) fn new(format: LogFormat) -> Self {
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
    pub(crate) fn log_writer(&self) -> LogWriter {
        if !self.shows_bar {
            return BoxMakeWriter::new(io::stderr);
        }
        let bars = self.bars.clone();
        BoxMakeWriter::new(move || Line {
            bars: bars.clone(),
            bytes: Vec::new(),
        })
    }

    /// Starts the progress of so many assets.
    pub(crate) fn progress(&self, verb: &'static str, total: usize) -> Progress {
        let bar = self.shows_bar.then(|| {
            let bar = self.bars.add(ProgressBar::new(0));
            let template = "{spinner} {elapsed_precise} [{bar:30}] {pos}/{len} {msg}";
            // A template that does not parse is a defect, not a reason to fail.
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("=> "));
            }
            bar.set_length(u64::try_from(total).unwrap_or(u64::MAX));
            bar
        });
        Progress { bar, verb }
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

/// How far it is.
#[derive(Debug)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
    verb: &'static str,
}

impl Progress {
    /// One more is done.
    pub(crate) fn done(&self, what: &str, how: &str) {
        match &self.bar {
            Some(bar) => {
                bar.set_message(format!("{what}: {how}"));
                bar.inc(1);
            }
            None => tracing::info!(asset = what, "{}: {how}", self.verb),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
