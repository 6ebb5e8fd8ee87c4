//! The text of a dump around its rows: comments, definitions, sessions saved and restored.
//!
//! Every literal of the format is in this room, in the form that the real client of the
//! flavour prints. It knows options and definitions, and no server.

mod frame;
mod programs;
mod tables;
mod views;

pub(crate) use frame::HeaderFacts;

use crate::flavour::Flavour;
use crate::options::DumpOptions;

/// Writes the parts of a dump.
#[derive(Debug)]
pub(crate) struct Layout<'a> {
    options: &'a DumpOptions,
    flavour: Flavour,
}

impl<'a> Layout<'a> {
    pub(crate) fn new(options: &'a DumpOptions, flavour: Flavour) -> Self {
        Self { options, flavour }
    }

    pub(crate) fn flavour(&self) -> Flavour {
        self.flavour
    }

    /// A comment and the blank lines that belong to it; gone without `--comments`.
    fn comment(&self, out: &mut Vec<u8>, text: &str) {
        if self.options.comments {
            push(out, text);
        }
    }

    /// The version comment that guards `SET NAMES utf8mb4` and its like: MySQL's client asks
    /// for 5.5.3, which brought that character set.
    fn utf8mb4_guard(&self) -> &'static str {
        if self.flavour.is_mariadb() {
            "40101"
        } else {
            "50503"
        }
    }
}

fn push(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

/// A name inside a `--` comment: a line break in it must not end the comment.
fn commented(name: &str) -> String {
    name.replace('\n', "\n-- ")
}

/// The position of `needle`, letter case ignored, at or after `from`.
fn find(haystack: &[u8], needle: &[u8], from: usize) -> Option<usize> {
    haystack
        .get(from..)?
        .windows(needle.len())
        .position(|window| window.eq_ignore_ascii_case(needle))
        .map(|at| at + from)
}
