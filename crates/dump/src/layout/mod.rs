//! The text of a dump around its rows: comments, definitions, sessions saved and restored.
//!
//! Every literal of the format is in this room, in the form that the real client of the
//! flavour prints. It knows options and definitions, and no server.

mod databases;
mod frame;
mod names;
mod programs;
mod replication;
mod tables;
mod views;

pub(crate) use frame::HeaderFacts;
pub(crate) use programs::Home;
pub(crate) use tables::RowsOf;

use crate::flavour::Client;
use crate::options::{DumpOptions, Letters};
use names::Names;

/// Writes the parts of a dump.
#[derive(Debug)]
pub(crate) struct Layout<'a> {
    options: &'a DumpOptions,
    client: Client,
    names: Names,
    letters: Letters,
}

impl<'a> Layout<'a> {
    pub(crate) fn new(options: &'a DumpOptions, client: Client, letters: Letters) -> Self {
        Self {
            options,
            client,
            names: Names::new(options, client),
            letters,
        }
    }

    /// Appends a text with names, in the character set of the dump.
    fn push(&self, out: &mut Vec<u8>, text: &str) {
        out.extend_from_slice(&self.letters.encode(text));
    }

    /// A comment and the blank lines that belong to it; gone without `--comments`.
    fn comment(&self, out: &mut Vec<u8>, text: &str) {
        if self.options.comments {
            self.push(out, text);
        }
    }

    /// A comment that holds a text of the caller's, cut as the real clients cut it.
    fn long_comment(&self, out: &mut Vec<u8>, label: &str, text: &[u8]) {
        if !self.options.comments {
            return;
        }
        let mut comment = format!("-- {label}:  ").into_bytes();
        if self.client.is_mariadb() {
            comment.extend(commented_briefly(text));
        } else {
            let lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').collect();
            comment.extend(lines.join(&b"\n-- "[..]));
        }
        comment.push(b'\n');
        comment.truncate(COMMENT_BYTES);
        out.extend(comment);
    }

    /// The version comment that guards `SET NAMES utf8mb4` and its like: MySQL's client asks
    /// for 5.5.3, which brought that character set.
    fn utf8mb4_guard(&self) -> &'static str {
        if self.client.is_mariadb() {
            "40101"
        } else {
            "50503"
        }
    }
}

/// The longest comment of either client.
const COMMENT_BYTES: usize = 2047;

fn push(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

/// A name inside a `--` comment: a line break in it must not end the comment.
fn commented(name: &str) -> String {
    name.replace('\n', "\n-- ")
}

/// The same as MariaDB's client does it, which gives up after a kilobyte.
fn commented_briefly(text: &[u8]) -> Vec<u8> {
    let mut comment = Vec::new();
    for &byte in text {
        comment.push(byte);
        if comment.len() >= 1014 {
            push(&mut comment, "...");
            break;
        }
        if byte == b'\n' {
            push(&mut comment, "-- ");
        }
    }
    comment
}

/// The position of `needle`, letter case ignored, at or after `from`.
fn find(haystack: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    haystack
        .get(from..)?
        .windows(needle.len())
        .position(|window| window.eq_ignore_ascii_case(needle))
        .map(|at| at + from)
}
