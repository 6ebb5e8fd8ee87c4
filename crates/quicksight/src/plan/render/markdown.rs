//! A plan for a comment on a pull request.

use std::fmt::{self, Write as _};

use super::super::change::cut;
use super::super::{Action, AssetPlan, Plan};
use super::{totals, verdict};

/// Prints a plan as Markdown: a section that folds per asset, and never more bytes
/// than a comment takes.
#[derive(Clone, Copy, Debug)]
pub struct Markdown<'a> {
    plan: &'a Plan,
    limit_bytes: usize,
}

/// What GitHub takes in a comment is 65,536 characters; the rest is for whatever
/// stands around it.
const LIMIT_BYTES: usize = 60_000;

impl<'a> Markdown<'a> {
    /// Prints at most 60,000 bytes.
    pub const fn new(plan: &'a Plan) -> Self {
        Self {
            plan,
            limit_bytes: LIMIT_BYTES,
        }
    }

    /// Sets the most bytes; a head and a last line are printed at any rate.
    #[must_use]
    pub const fn with_limit_bytes(mut self, limit_bytes: usize) -> Self {
        self.limit_bytes = limit_bytes;
        self
    }

    fn section(&self, asset: &AssetPlan, lines: usize) -> String {
        let mut out = String::new();
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "<details><summary>{} <b>{}</b> <code>{}</code> {}: {}</summary>\n\n```diff\n",
            match asset.action {
                Action::Create => "🟢",
                Action::Update => "🟡",
                Action::Unchanged => "⚪",
            },
            asset.kind,
            escaped(&asset.id),
            escaped(&cut(&asset.name, 80)),
            verdict(self.plan, asset),
        );
        for change in asset.changes.iter().take(lines) {
            // `diff` colours by the first character.
            let sign = match change.operation.sign() {
                '+' => '+',
                '-' => '-',
                _ => '!',
            };
            let _ = writeln!(out, "{sign} {}", fenced(&change.to_string()));
        }
        if asset.changes.len() > lines {
            let _ = writeln!(out, "# and {} more", asset.changes.len() - lines);
        }
        for note in &asset.notes {
            let _ = writeln!(out, "# {}", fenced(note));
        }
        out.push_str("```\n\n</details>\n");
        out
    }
}

impl fmt::Display for Markdown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = if self.plan.is_drift { "Drift" } else { "Plan" };
        let head = format!(
            "### {what} for `{}`: {}\n\n",
            fenced(&self.plan.environment),
            totals(self.plan)
        );
        f.write_str(&head)?;
        let shown = self
            .plan
            .assets
            .iter()
            .filter(|asset| asset.action != Action::Unchanged || !asset.notes.is_empty());
        let mut left = self.limit_bytes.saturating_sub(head.len() + 100);
        let mut skipped = 0_usize;
        for asset in shown {
            // The whole section, else a short one, else only its mention at the end.
            let section = [usize::MAX, 100, 20, 3]
                .into_iter()
                .map(|lines| self.section(asset, lines))
                .find(|section| section.len() <= left);
            match section {
                Some(section) => {
                    left -= section.len();
                    f.write_str(&section)?;
                }
                None => skipped += 1,
            }
        }
        if skipped > 0 {
            writeln!(
                f,
                "\n…and {skipped} more assets; the whole plan is in the job's log."
            )?;
        }
        Ok(())
    }
}

/// Text inside an HTML element.
fn escaped(text: &str) -> String {
    clean(text)
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

/// Text inside a fence, which it must not close.
fn fenced(text: &str) -> String {
    clean(text).replace('`', "'")
}

fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}
