//! The end of the log, kept for an alert.
//!
//! What is kept is what the log shows from `info` up, whatever `RUST_LOG` adds: the
//! words of this workspace, none of which knows a secret. Bounded in lines and in bytes.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::{Arc, Mutex, PoisonError};

use tracing_subscriber::fmt::MakeWriter;

/// Longest line kept; what is longer is cut.
const LINE_BYTES: usize = 2_000;

/// The last lines of the log; clones share them.
#[derive(Clone, Debug)]
pub struct LogTail {
    lines: Arc<Mutex<VecDeque<String>>>,
    most: usize,
}

impl LogTail {
    /// Keeps so many lines at most.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self {
            lines: Arc::default(),
            most,
        }
    }

    /// Returns the lines, oldest first.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.iter().cloned().collect()
    }

    fn push(&self, line: &[u8]) {
        let line = String::from_utf8_lossy(line);
        let line = line.trim_end();
        let mut end = line.len().min(LINE_BYTES);
        while !line.is_char_boundary(end) {
            end -= 1;
        }
        let mut lines = self.lines.lock().unwrap_or_else(PoisonError::into_inner);
        lines.push_back(line[..end].to_owned());
        while lines.len() > self.most {
            lines.pop_front();
        }
    }
}

/// One event, written at once or in pieces.
#[derive(Debug)]
pub struct TailLine {
    tail: LogTail,
    bytes: Vec<u8>,
}

impl<'a> MakeWriter<'a> for LogTail {
    type Writer = TailLine;

    fn make_writer(&'a self) -> TailLine {
        TailLine {
            tail: self.clone(),
            bytes: Vec::new(),
        }
    }
}

impl Write for TailLine {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.bytes.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Drop for TailLine {
    fn drop(&mut self) {
        if !self.bytes.is_empty() {
            self.tail.push(&self.bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_in_lines_and_in_bytes() {
        let tail = LogTail::new(2);
        for text in ["one\n", "two\n", &"日".repeat(LINE_BYTES)] {
            let mut line = tail.make_writer();
            line.write_all(text.as_bytes()).unwrap();
        }
        let lines = tail.lines();
        assert_eq!((lines.len(), lines[0].as_str()), (2, "two"));
        assert_eq!(lines[1].len(), LINE_BYTES / 3 * 3);
    }
}
