//! A plan for a terminal.

use std::fmt;

use super::super::change::cut;
use super::super::{Action, AssetPlan, Change, Operation, Plan};
use super::{totals, verdict};

/// Prints a plan for people, a line per change.
#[derive(Clone, Copy, Debug)]
pub struct Text<'a> {
    plan: &'a Plan,
    colour: bool,
    unchanged: bool,
}

impl<'a> Text<'a> {
    /// Prints without colour, and names only what differs.
    pub const fn new(plan: &'a Plan) -> Self {
        Self {
            plan,
            colour: false,
            unchanged: false,
        }
    }

    /// Colours what comes, goes and changes, with ANSI sequences.
    #[must_use]
    pub const fn with_colour(mut self, colour: bool) -> Self {
        self.colour = colour;
        self
    }

    /// Names unchanged assets too.
    #[must_use]
    pub const fn with_unchanged(mut self, unchanged: bool) -> Self {
        self.unchanged = unchanged;
        self
    }

    fn paint(&self, operation: Operation) -> (&'static str, &'static str) {
        match (self.colour, operation) {
            (false, _) => ("", ""),
            (true, Operation::Added) => ("\x1b[32m", "\x1b[0m"),
            (true, Operation::Removed) => ("\x1b[31m", "\x1b[0m"),
            (true, _) => ("\x1b[33m", "\x1b[0m"),
        }
    }

    fn head(&self, f: &mut fmt::Formatter<'_>, asset: &AssetPlan) -> fmt::Result {
        let operation = match asset.action {
            Action::Create => Operation::Added,
            _ => Operation::Changed,
        };
        let sign = match asset.action {
            Action::Create => '+',
            Action::Update => '~',
            Action::Unchanged => '=',
        };
        let (on, off) = match asset.action {
            Action::Unchanged => ("", ""),
            _ => self.paint(operation),
        };
        let (bold, plain) = if self.colour {
            ("\x1b[1m", "\x1b[0m")
        } else {
            ("", "")
        };
        writeln!(
            f,
            "{on}{sign}{off} {bold}{} {}{plain} \"{}\"  {}",
            asset.kind,
            clean(&asset.id),
            clean(&cut(&asset.name, 80)),
            verdict(self.plan, asset),
        )
    }

    fn line(&self, f: &mut fmt::Formatter<'_>, change: &Change) -> fmt::Result {
        let (on, off) = self.paint(change.operation);
        writeln!(
            f,
            "    {on}{}{off} {}",
            change.operation.sign(),
            clean(&change.to_string()),
        )
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for asset in &self.plan.assets {
            if asset.action == Action::Unchanged && asset.notes.is_empty() && !self.unchanged {
                continue;
            }
            self.head(f, asset)?;
            for change in &asset.changes {
                self.line(f, change)?;
            }
            for note in &asset.notes {
                writeln!(f, "    ! {}", clean(note))?;
            }
        }
        writeln!(
            f,
            "{}: {}.",
            clean(&self.plan.environment),
            totals(self.plan)
        )
    }
}

/// Names come from an account that others write to: no control character of
/// theirs reaches a terminal.
fn clean(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}
