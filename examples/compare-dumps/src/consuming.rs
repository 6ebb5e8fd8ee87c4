//! `compare-dumps consumer`: reads a dump as the consumer downstream does.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use datatransit_dump::decompressed;
use datatransit_job::input::Source;
use datatransit_job::{ExitCode, Failure};
use serde::Serialize;
use tokio::io::{AsyncReadExt as _, BufReader};

use crate::cli::{Cli as _, ConsumerCli};
use crate::context::Context;
use crate::exit::Exit;
use crate::output::pretty;

/// Bytes that are read at a time.
const CHUNK_BYTES: usize = 256 << 10;

/// What the consumer would see.
#[derive(Debug, Serialize)]
struct Seen {
    dump: String,
    accepted: bool,
    /// Statements that end in a semicolon.
    statements: u64,
    lines: u64,
    bytes: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<&'static str>,
}

/// Reads the dump to its end.
pub(crate) async fn run(context: &Context, cli: &ConsumerCli) -> Result<Exit, Failure> {
    let dump = cli.dump.as_deref().ok_or_else(|| {
        Failure::usage(anyhow!("DUMP is missing")).with_remedy("name the dump to read")
    })?;
    let source = Source::resolve(dump, "DUMP", &context.when)?;
    let owner = cli.common().store.expected_bucket_owner.as_deref();
    let reading = read(context, &source, owner);
    let lines = context.stop.guard("read", Duration::ZERO, reading).await?;
    let problem = lines.problem();
    let seen = Seen {
        dump: source.to_string(),
        accepted: problem.is_none(),
        statements: lines.statements,
        lines: lines.lines,
        bytes: lines.bytes,
        problem,
    };
    let text = if context.json {
        pretty(&seen)
    } else {
        let verdict = match seen.problem {
            None => "accepted".to_owned(),
            Some(problem) => format!("NOT accepted: {problem}"),
        };
        format!(
            "{verdict}: {}\n{} statements in {} lines, {} bytes of text\n",
            seen.dump, seen.statements, seen.lines, seen.bytes
        )
    };
    context.tell(&text)?;
    Ok(if seen.accepted { Exit::Good } else { Exit::Bad })
}

async fn read(context: &Context, source: &Source, owner: Option<&str>) -> Result<Lines, Failure> {
    let unreadable = |error: anyhow::Error| {
        Failure::new(
            ExitCode::Read,
            "read",
            error.context(format!("read {source}")),
        )
    };
    let input = source.find(&context.aws, owner).await?;
    let stored = input
        .open()
        .await
        .map_err(|error| unreadable(anyhow!(error)))?;
    let mut text = decompressed(BufReader::with_capacity(CHUNK_BYTES, stored))
        .await
        .context("begin")
        .map_err(unreadable)?;
    let mut lines = Lines::default();
    let mut chunk = vec![0; CHUNK_BYTES];
    loop {
        let read = text
            .read(&mut chunk)
            .await
            .map_err(|error| unreadable(anyhow!(error)))?;
        if read == 0 {
            lines.end();
            return Ok(lines);
        }
        lines.take(&chunk[..read]);
    }
}

/// The consumer's rule, over chunks of any size: of a line it needs no more than its two first
/// bytes and its last.
#[derive(Debug, Default)]
struct Lines {
    statements: u64,
    lines: u64,
    bytes: u64,
    /// A statement has begun that has not ended.
    is_open: bool,
    first: [u8; 2],
    last: u8,
    /// Bytes of the present line so far; it matters only whether there are 0, 1 or more.
    length: usize,
}

impl Lines {
    fn take(&mut self, mut chunk: &[u8]) {
        self.bytes += chunk.len() as u64;
        while let Some(end) = memchr::memchr(b'\n', chunk) {
            self.part(&chunk[..end]);
            self.end_line();
            chunk = &chunk[end + 1..];
        }
        self.part(chunk);
    }

    fn part(&mut self, part: &[u8]) {
        for byte in part.iter().take(2_usize.saturating_sub(self.length)) {
            self.first[self.length] = *byte;
            self.length += 1;
        }
        if let Some(last) = part.last() {
            self.last = *last;
            self.length = self.length.max(1);
        }
    }

    fn end_line(&mut self) {
        self.lines += 1;
        let is_comment = self.length > 1 && matches!(&self.first, b"--" | b"/*");
        if self.length > 0 && !is_comment {
            self.is_open = self.last != b';';
            self.statements += u64::from(!self.is_open);
        }
        self.length = 0;
    }

    /// The last line may lack its line end.
    fn end(&mut self) {
        if self.length > 0 {
            self.end_line();
        }
    }

    fn problem(&self) -> Option<&'static str> {
        if self.is_open {
            Some("it ends amid a statement")
        } else if self.statements == 0 {
            Some("it holds no statement")
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &[u8], chunk: usize) -> Lines {
        let mut lines = Lines::default();
        for part in text.chunks(chunk) {
            lines.take(part);
        }
        lines.end();
        lines
    }

    #[test]
    fn statements_end_at_lines_that_end_in_a_semicolon() {
        let dump = b"-- a comment;\n\n/*!40101 SET x */;\nCREATE TABLE `t` (\n  `a` int\n);\n\
                     INSERT INTO `t` VALUES\n(1,'a;\\nb'),\n(2,'-- none');\n-\n;";
        for chunk in 1..dump.len() {
            let lines = read(dump, chunk);
            assert_eq!((lines.statements, lines.lines), (3, 11), "{chunk}");
            assert_eq!(lines.problem(), None);
        }
    }

    #[test]
    fn what_is_cut_off_or_empty_is_not_accepted() {
        let cut = b"INSERT INTO `t` VALUES (1);\nINSERT INTO `t` VAL";
        assert_eq!(read(cut, 7).problem(), Some("it ends amid a statement"));
        assert_eq!(read(b"", 1).problem(), Some("it holds no statement"));
        assert_eq!(
            read(b"-- only\n", 3).problem(),
            Some("it holds no statement")
        );
    }
}
