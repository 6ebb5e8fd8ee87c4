//! Why two sides differ, as far as what was seen can tell.

use std::collections::BTreeSet;

use super::content::Content;
use super::frame::{Frame, FrameItem};
use super::mask::Rule;
use super::pairs::{Pair, Sides, reads_latin1};
use super::report::{
    ComparisonReport, Detail, Reason, ReasonKind, StatementState, TableComparison, TableState,
};
use super::statement::{Kind, Verb};
use super::summary::{Summary, Table};

/// What the explanation looks at besides the report.
pub(super) struct Findings<'a> {
    pub(super) sides: &'a Sides<'a>,
    pub(super) pairs: &'a [Pair<'a>],
    /// Definitions that differ only as the clients' forms do.
    pub(super) form_of_definitions: u64,
    pub(super) content: Content,
}

/// Whether a reason is one of form: the same content, told in other bytes.
pub(super) const fn is_form(kind: ReasonKind) -> bool {
    matches!(
        kind,
        ReasonKind::Flavour
            | ReasonKind::Options
            | ReasonKind::Packing
            | ReasonKind::Charset
            | ReasonKind::Form
    )
}

/// Settles whether each side has its end, where only the other side tells.
pub(super) fn complete(findings: &Findings<'_>, report: &mut ComparisonReport) {
    let (old, new) = (findings.sides.old, findings.sides.new);
    let lacks_end = |side: &Summary, other: &Summary| {
        // A dump with a first comment has a last one.
        let footer = side.count(Frame::ClientLine) > 0
            && side.count(Frame::DumpCompleted) == 0
            && other.count(Frame::DumpCompleted) > 0;
        footer || (side.ended.open_end && !other.ended.open_end)
    };
    report.old.complete &= !lacks_end(old, new);
    report.new.complete &= !lacks_end(new, old);
}

/// All reasons, the weightiest first; none if the sides are the same.
pub(super) fn explain(findings: &Findings<'_>, report: &ComparisonReport) -> Vec<Reason> {
    let mut reasons = Reasons(Vec::new());
    truncated(findings, report, &mut reasons);
    objects(findings, report, &mut reasons);
    columns(findings, &mut reasons);
    definitions(report, &mut reasons);
    rows(findings, report, &mut reasons);
    charset(findings, report, &mut reasons);
    form(findings, report, &mut reasons);
    reasons.0.sort_by_key(|reason| reason.kind);
    reasons.0
}

struct Reasons(Vec<Reason>);

impl Reasons {
    fn push(&mut self, kind: ReasonKind, text: impl Into<String>) {
        self.0.push(Reason {
            kind,
            text: text.into(),
        });
    }

    fn has(&self, kinds: &[ReasonKind]) -> bool {
        self.0.iter().any(|reason| kinds.contains(&reason.kind))
    }
}

fn truncated(findings: &Findings<'_>, report: &ComparisonReport, reasons: &mut Reasons) {
    let sides = [
        ("old", findings.sides.old, &report.old),
        ("new", findings.sides.new, &report.new),
    ];
    for (word, summary, side) in sides {
        if side.complete {
            continue;
        }
        let how = if summary.stored.truncated {
            format!(
                "its {} stream ends inside a member or frame",
                side.compression
            )
        } else if summary.ended.truncated {
            "its text ends inside a statement or record".into()
        } else if summary.ended.open_end {
            "its last line has no end, unlike the other side's".into()
        } else {
            "it lacks the line \"-- Dump completed\" that the other side has".into()
        };
        reasons.push(
            ReasonKind::Truncated,
            format!("the {word} side is cut off: {how}"),
        );
    }
}

fn objects(findings: &Findings<'_>, report: &ComparisonReport, reasons: &mut Reasons) {
    let tables = |state| {
        report
            .tables
            .iter()
            .filter(move |table| table.state == state)
    };
    let others = |state| {
        report
            .statements
            .iter()
            .filter(move |entry| entry.state == state && !entry.object.starts_with("TABLE "))
    };
    for (word, table_state, state) in [
        ("old", TableState::OnlyOld, StatementState::OnlyOld),
        ("new", TableState::OnlyNew, StatementState::OnlyNew),
    ] {
        let mut names: Vec<String> = tables(table_state)
            .map(|table| format!("table {}", table.name))
            .collect();
        names.extend(others(state).map(|entry| entry.object.clone()));
        if !names.is_empty() {
            reasons.push(
                ReasonKind::Objects,
                format!("only the {word} side has {}", listed(&names)),
            );
        }
    }
    let lone = |state| -> Vec<String> {
        // A definition of a table that both sides have rows of.
        let entries = report
            .statements
            .iter()
            .filter(move |entry| entry.state == state);
        let tables = entries.filter(|entry| entry.object.starts_with("TABLE "));
        let both = tables.filter(|entry| {
            report.tables.iter().any(|table| {
                entry.object == format!("TABLE `{}`", table.name)
                    && !matches!(table.state, TableState::OnlyOld | TableState::OnlyNew)
            })
        });
        both.map(|entry| entry.object.clone()).collect()
    };
    for (word, state) in [
        ("old", StatementState::OnlyOld),
        ("new", StatementState::OnlyNew),
    ] {
        let names = lone(state);
        if !names.is_empty() {
            let text = format!(
                "only the {word} side has the definition of {}",
                listed(&names)
            );
            reasons.push(ReasonKind::Definitions, text);
        }
    }
    let content = |summary: &Summary| -> Vec<(Frame, u64)> {
        let items = summary.items.iter().filter(|item| item.frame.is_content());
        items.map(|item| (item.frame, item.hash)).collect()
    };
    let (mut olds, mut news) = (content(findings.sides.old), content(findings.sides.new));
    if olds != news {
        olds.sort_unstable();
        news.sort_unstable();
        if olds == news {
            let text = "tables or other objects come in another order";
            reasons.push(ReasonKind::ObjectOrder, text);
        }
    }
}

fn columns(findings: &Findings<'_>, reasons: &mut Reasons) {
    for pair in findings.pairs {
        let Some((old, new)) = pair.old.zip(pair.new) else {
            continue;
        };
        // By the definitions where both have one: INSERTs may leave generated columns out.
        let names = |table: &Table| match (&old.definition, &new.definition) {
            (Some(_), Some(_)) => table.definition.as_ref().map(|found| found.names()),
            _ => table.columns(),
        };
        let (Some(olds), Some(news)) = (names(old), names(new)) else {
            continue;
        };
        let minus = |left: &[String], right: &[String]| -> Vec<String> {
            left.iter()
                .filter(|name| !right.contains(name))
                .cloned()
                .collect()
        };
        let (dropped, added) = (minus(&olds, &news), minus(&news, &olds));
        let mut parts = Vec::new();
        if !added.is_empty() {
            parts.push(format!("added {}", listed(&added)));
        }
        if !dropped.is_empty() {
            parts.push(format!("dropped {}", listed(&dropped)));
        }
        if parts.is_empty() && olds != news {
            parts.push("moved".into());
        }
        if !parts.is_empty() {
            reasons.push(
                ReasonKind::Columns,
                format!("columns of table {}: {}", old.name, parts.join("; ")),
            );
        }
    }
}

fn definitions(report: &ComparisonReport, reasons: &mut Reasons) {
    let of = |state| -> Vec<String> {
        let entries = report
            .statements
            .iter()
            .filter(|entry| entry.state == state);
        entries.map(|entry| entry.object.clone()).collect()
    };
    let different = of(StatementState::Different);
    if !different.is_empty() {
        let text = format!("the definition differs of {}", listed(&different));
        reasons.push(ReasonKind::Definitions, text);
    }
    let next = of(StatementState::AutoIncrement);
    if !next.is_empty() {
        reasons.push(
            ReasonKind::AutoIncrement,
            format!(
                "only the next AUTO_INCREMENT value differs in {}",
                listed(&next)
            ),
        );
    }
}

fn rows(findings: &Findings<'_>, report: &ComparisonReport, reasons: &mut Reasons) {
    let of = |state| {
        report
            .tables
            .iter()
            .filter(move |table| table.state == state)
    };
    let told = |table: &TableComparison| {
        let counts = [
            (table.rows_changed, "changed"),
            (table.rows_only_old, "only old"),
            (table.rows_only_new, "only new"),
        ];
        let counts: Vec<String> = counts
            .iter()
            .filter_map(|(count, word)| {
                count
                    .filter(|count| *count > 0)
                    .map(|count| format!("{count} {word}"))
            })
            .collect();
        match (table.detail, counts.is_empty()) {
            (Detail::CountsOnly, _) => {
                format!(
                    "{} ({} rows, now {}; not compared one by one)",
                    table.name, table.old_rows, table.new_rows
                )
            }
            (_, true) => table.name.clone(),
            _ => format!("{} ({})", table.name, counts.join(", ")),
        }
    };
    // A table whose columns differ may hold the same rows otherwise.
    let different: Vec<String> = of(TableState::Different)
        .filter(|table| {
            table.detail == Detail::CountsOnly
                || [table.rows_changed, table.rows_only_old, table.rows_only_new]
                    .iter()
                    .any(|count| count.is_none_or(|count| count > 0))
        })
        .map(told)
        .collect();
    if !different.is_empty() {
        reasons.push(
            ReasonKind::Rows,
            format!("rows differ in {}", listed(&different)),
        );
    }
    let moved: Vec<String> = of(TableState::RowOrder)
        .map(|table| table.name.clone())
        .collect();
    if !moved.is_empty() {
        let text = format!("the same rows come in another order in {}", listed(&moved));
        reasons.push(ReasonKind::RowOrder, text);
    }
    let since = report.tables.iter().filter_map(|table| {
        let since = table.rows_changed_since.filter(|count| *count > 0)?;
        let all = [table.rows_changed, table.rows_only_old, table.rows_only_new];
        let all: u64 = all.into_iter().flatten().sum();
        Some(format!("{since} of {all} in {}", table.name))
    });
    let since: Vec<String> = since.collect();
    if !since.is_empty() {
        let earlier = match super::pairs::Earlier::of(findings.sides.old, findings.sides.new) {
            super::pairs::Earlier::Old => "old",
            super::pairs::Earlier::New => "new",
        };
        reasons.push(
            ReasonKind::RowsChanged,
            format!(
                "differing rows were written after the {earlier} side was taken, by their \
                 freshness column: {}",
                listed(&since)
            ),
        );
    }
}

fn charset(findings: &Findings<'_>, report: &ComparisonReport, reasons: &mut Reasons) {
    let (old, new) = (findings.sides.old, findings.sides.new);
    let (Some(first), Some(second)) = (&old.charset, &new.charset) else {
        return;
    };
    if first == second {
        return;
    }
    let read = reads_latin1(old, new) || reads_latin1(new, old);
    let rows = if read && report.rows_are_same() {
        ": the rows are the same once each side is read in its own"
    } else {
        ""
    };
    reasons.push(
        ReasonKind::Charset,
        format!("the text is in another character set: {first} (old), {second} (new){rows}"),
    );
}

fn form(findings: &Findings<'_>, report: &ComparisonReport, reasons: &mut Reasons) {
    let (old, new) = (findings.sides.old, findings.sides.new);
    if findings.content != Content::Sql {
        if old.text_digest != new.text_digest && reasons.0.is_empty() {
            let text = "the same records with other quotes, line ends or byte order mark";
            reasons.push(ReasonKind::Form, text);
        }
        return;
    }
    let (flavours, clients) = ((old.flavour(), new.flavour()), same_rows(findings));
    if let (Some(first), Some(second)) = flavours
        && first != second
    {
        let same = if report.rows_are_same() {
            "; the rows are the same by value"
        } else {
            ""
        };
        reasons.push(
            ReasonKind::Flavour,
            format!("the clients' forms differ: {first} (old), {second} (new){same}"),
        );
    }
    let options = options(findings);
    if !options.is_empty() {
        reasons.push(
            ReasonKind::Options,
            format!("other options, by what can be seen: {}", options.join(", ")),
        );
    }
    let packed: Vec<String> = clients
        .iter()
        .filter(|(old, new)| old.statements != new.statements)
        .map(|(old, _)| old.name.clone())
        .collect();
    if !packed.is_empty()
        && !options
            .iter()
            .any(|option| option.contains("extended-insert"))
    {
        reasons.push(
            ReasonKind::Packing,
            format!(
                "the same rows are in other statements in {}",
                listed(&packed)
            ),
        );
    }
    let explained = [
        ReasonKind::Flavour,
        ReasonKind::Options,
        ReasonKind::Packing,
        ReasonKind::Objects,
        ReasonKind::ObjectOrder,
        ReasonKind::Truncated,
    ];
    let items_differ = old.items_digest != new.items_digest || old.item_count != new.item_count;
    if items_differ && !reasons.has(&explained) {
        let places = first_items(&old.items, &new.items).map_or_else(String::new, |(old, new)| {
            let line = |item: Option<FrameItem>| {
                item.map_or_else(|| "the end".into(), |item| format!("line {}", item.line))
            };
            format!(", first {} (old), {} (new)", line(old), line(new))
        });
        reasons.push(
            ReasonKind::Form,
            format!("lines that are neither rows nor definitions differ{places}"),
        );
    }
    let forms_differ =
        findings.form_of_definitions > 0 || clients.iter().any(|(old, new)| old.form != new.form);
    if forms_differ
        && !reasons.has(&explained)
        && !reasons.has(&[ReasonKind::Form, ReasonKind::Columns])
    {
        let text = "the same rows or definitions are written in another form";
        reasons.push(ReasonKind::Form, text);
    }
    // Nothing was masked and nothing was found, and still.
    let nothing_masked = old.masked.is_empty() && new.masked.is_empty();
    if reasons.0.is_empty() && nothing_masked && old.text_digest != new.text_digest {
        reasons.push(
            ReasonKind::Form,
            "bytes differ that are no part of a statement",
        );
    }
}

/// The tables whose rows are equal.
fn same_rows<'a>(findings: &'a Findings<'a>) -> Vec<(&'a Table, &'a Table)> {
    findings
        .pairs
        .iter()
        .filter(|pair| pair.rows_equal())
        .filter_map(|pair| pair.old.zip(pair.new))
        .collect()
}

/// The first items in which two sequences differ.
fn first_items(
    old: &[FrameItem],
    new: &[FrameItem],
) -> Option<(Option<FrameItem>, Option<FrameItem>)> {
    let most = old.len().max(new.len());
    (0..most)
        .map(|at| (old.get(at).copied(), new.get(at).copied()))
        .find(|(old, new)| {
            let known = |item: &Option<FrameItem>| item.map(|item| (item.frame, item.hash));
            known(old) != known(new)
        })
}

/// The options that only one side shows signs of, as a person would name them.
fn options(findings: &Findings<'_>) -> Vec<String> {
    let (old, new) = (findings.sides.old, findings.sides.new);
    let mut found = Vec::new();
    let mut note = |option: &str, old: bool, new: bool| {
        if old != new {
            let word = if old { "old" } else { "new" };
            found.push(format!("{option} (only {word})"));
        }
        old != new
    };
    let shows = |frame| (old.count(frame) > 0, new.count(frame) > 0);
    let bare = |side: &Summary| side.count(Frame::Checks) == 0 && side.count(Frame::Comment) == 0;
    let compact = note("--compact", bare(old), bare(new));
    let tables = old.has(Kind::Table) && new.has(Kind::Table);
    let data = old.rows() > 0 && new.rows() > 0;
    if !compact {
        for (option, frame, sense) in [
            ("--comments", Frame::Comment, true),
            ("--set-charset", Frame::SetCharset, true),
            ("--tz-utc", Frame::TimeZone, true),
        ] {
            let (old, new) = shows(frame);
            note(option, old && sense, new && sense);
        }
        if tables {
            let (old, new) = shows(Frame::DropTable);
            note("--add-drop-table", old, new);
        }
        if data {
            let (old, new) = shows(Frame::Lock);
            note("--add-locks", old, new);
            let (old, new) = shows(Frame::Keys);
            note("--disable-keys", old, new);
        }
        if old.count(Frame::DumpCompleted) > 0 && new.count(Frame::DumpCompleted) > 0 {
            let dated = |side: &Summary| side.masked.contains_key(&Rule::DumpDate);
            note("--dump-date", dated(old), dated(new));
        }
    }
    for (option, frame) in [
        ("--no-autocommit", Frame::Autocommit),
        ("--databases", Frame::Use),
        ("--set-gtid-purged", Frame::Gtid),
        ("--source-data", Frame::Position),
        ("--order-by-primary", Frame::OrderBy),
        ("--where", Frame::Where),
        ("--column-statistics", Frame::Histogram),
    ] {
        let (old, new) = shows(frame);
        note(option, old, new);
    }
    let kinds = |side: &Summary, kinds: &[Kind]| kinds.iter().any(|kind| side.has(*kind));
    for (option, list) in [
        ("--triggers", &[Kind::Trigger][..]),
        ("--routines", &[Kind::Function, Kind::Procedure]),
        ("--events", &[Kind::Event]),
    ] {
        note(option, kinds(old, list), kinds(new, list));
    }
    if old.rows() > 0 || new.rows() > 0 {
        let none = |side: &Summary| side.rows() == 0 && side.has(Kind::Table);
        note("--no-data", none(old), none(new));
        let none = |side: &Summary| side.rows() > 0 && !side.has(Kind::Table);
        note("--no-create-info", none(old), none(new));
    }
    // Of tables that both sides have rows of.
    let both: Vec<(&Table, &Table)> = findings
        .pairs
        .iter()
        .filter_map(|pair| pair.old.zip(pair.new))
        .filter(|(old, new)| old.rows > 0 && new.rows > 0)
        .collect();
    let any = |test: &dyn Fn(&Table) -> bool| {
        (
            both.iter().any(|(old, _)| test(old)),
            both.iter().any(|(_, new)| test(new)),
        )
    };
    let all = |test: &dyn Fn(&Table) -> bool| {
        (
            !both.is_empty() && both.iter().all(|(old, _)| test(old)),
            !both.is_empty() && both.iter().all(|(_, new)| test(new)),
        )
    };
    let (old, new) = any(&|table| table.hexes > 0);
    note("--hex-blob", old, new);
    let (old, new) = all(&|table| table.listed.is_some());
    note("--complete-insert", old, new);
    let (old, new) = any(&|table| table.verb == Verb::Replace);
    note("--replace", old, new);
    let (old, new) = any(&|table| table.verb == Verb::InsertIgnore);
    note("--insert-ignore", old, new);
    if both.iter().any(|(old, new)| old.rows > 1 && new.rows > 1) {
        let (old, new) = any(&|table| table.most_rows > 1);
        note("--extended-insert", old, new);
    }
    found
}

/// The first few, and how many more.
fn listed(names: &[String]) -> String {
    const MOST: usize = 8;
    let unique: BTreeSet<&String> = names.iter().collect();
    let mut seen = BTreeSet::new();
    let first: Vec<&str> = names
        .iter()
        .filter(|name| seen.insert(*name))
        .take(MOST)
        .map(String::as_str)
        .collect();
    match unique.len().saturating_sub(MOST) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
