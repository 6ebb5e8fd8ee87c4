//! One comparison on a page.

use datatransit_dump::compare::{
    ComparisonReport, Detail, RowDifference, SideReport, StatementDifference, StatementState,
    TableComparison, TableState,
};
use datatransit_job::ByteSize;
use maud::{Markup, html};

use super::page::{self, Tone, chip, scroll};
use crate::words;

/// Tables that differ are listed to the end; of the others only their number.
pub(super) fn why(report: &ComparisonReport, tone: Tone) -> Markup {
    let reasons: Vec<String> = report
        .reasons
        .iter()
        .map(|reason| reason.text.clone())
        .collect();
    html! {
        @if !reasons.is_empty() { (page::reasons(tone, "Why", &reasons, None)) }
    }
}

/// The two dumps, what differs, and what was masked.
pub(super) fn details(report: &ComparisonReport) -> Markup {
    let tables = report.tables.iter();
    let differing: Vec<&TableComparison> = tables
        .filter(|table| table.state != TableState::Same)
        .collect();
    html! {
        (sides(report))
        @if !report.tables.is_empty() { (tables_that_differ(report, &differing)) }
        (differences(&differing))
        (statements(&report.statements))
        (masks(report))
    }
}

fn sides(report: &ComparisonReport) -> Markup {
    let (old, new) = (&report.old, &report.new);
    let number =
        |value: fn(&SideReport) -> u64| [words::number(value(old)), words::number(value(new))];
    let bytes = |value: fn(&SideReport) -> u64| {
        [old, new].map(|side| ByteSize::new(value(side)).to_string())
    };
    let text = |value: fn(&SideReport) -> Option<&String>| {
        [old, new].map(|side| value(side).cloned().unwrap_or_default())
    };
    let whole = [old, new].map(|side| {
        if side.complete {
            "yes"
        } else {
            "no, it is cut off"
        }
        .to_owned()
    });
    let rows = [
        ("Name", [old.name.clone(), new.name.clone()]),
        ("Whole", whole),
        ("Tables", number(|side| side.tables)),
        ("Rows", number(|side| side.rows)),
        ("Text", bytes(|side| side.uncompressed_bytes)),
        ("Stored", bytes(|side| side.stored_bytes)),
        (
            "Compression",
            [old.compression.clone(), new.compression.clone()],
        ),
        ("Client", text(|side| side.client.as_ref())),
        ("Server", text(|side| side.server.as_ref())),
        ("Character set", text(|side| side.charset.as_ref())),
        ("Finished", text(|side| side.dump_completed.as_ref())),
        ("Newest row", text(|side| side.newest_updated_at.as_ref())),
    ];
    html! {
        section.card {
            h2 { "The two dumps" }
            (scroll("The two dumps", &html! {
                table.sides {
                    thead { tr {
                        td {}
                        th scope="col" { i.key.old {} "Old" }
                        th scope="col" { i.key.new {} "New" }
                    } }
                    tbody {
                        @for (name, [old, new]) in rows.iter().filter(|(_, values)| values.iter().any(|value| !value.is_empty())) {
                            tr {
                                th scope="row" { (name) }
                                td { (old) }
                                td { (new) }
                            }
                        }
                    }
                }
            }))
        }
    }
}

fn tables_that_differ(report: &ComparisonReport, differing: &[&TableComparison]) -> Markup {
    let same = report.tables.len() - differing.len();
    let same = match same {
        0 => "No table holds the same rows in the same order.".to_owned(),
        1 => "One table holds the same rows in the same order.".to_owned(),
        n => format!(
            "{} tables hold the same rows in the same order.",
            words::number(n as u64)
        ),
    };
    html! {
        section.card {
            h2 { "Tables" }
            p.muted { (same) }
            @if !differing.is_empty() {
                (scroll("Tables that differ", &html! {
                    table {
                        thead { tr {
                            th scope="col" { "Table" }
                            th scope="col" { "Rows are" }
                            th.n scope="col" { "Old" }
                            th.n scope="col" { "New" }
                            th.n scope="col" { "Only old" }
                            th.n scope="col" { "Only new" }
                            th.n scope="col" { "Changed" }
                            th.n scope="col" title="Of these, written after the older dump was taken" { "Since" }
                        } }
                        tbody {
                            @for table in differing {
                                tr {
                                    th scope="row" { (words::qualified(&table.database, &table.name)) }
                                    td {
                                        (chip(Tone::Warn, words::table_state(table.state)))
                                        @if table.detail == Detail::CountsOnly { span.muted { " counts only" } }
                                    }
                                    td.n { (words::number(table.old_rows)) }
                                    td.n { (words::number(table.new_rows)) }
                                    td.n { (words::count(table.rows_only_old)) }
                                    td.n { (words::count(table.rows_only_new)) }
                                    td.n { (words::count(table.rows_changed)) }
                                    td.n { (words::count(table.rows_changed_since)) }
                                }
                            }
                        }
                    }
                }))
            }
        }
    }
}

fn differences(differing: &[&TableComparison]) -> Markup {
    html! {
        @if differing.iter().any(|table| !table.differences.is_empty()) {
            section.card {
                h2 { "First differences" }
                @for table in differing.iter().filter(|table| !table.differences.is_empty()) {
                    h3 { (words::qualified(&table.database, &table.name)) }
                    ol.rows {
                        @for row in &table.differences { li { (difference(row)) } }
                    }
                }
            }
        }
    }
}

fn difference(row: &RowDifference) -> Markup {
    html! {
        p { (words::row(row)) }
        @if !row.columns.is_empty() {
            dl.columns {
                @for column in &row.columns {
                    @let (old, new) = words::values(column);
                    div {
                        dt { (column.name) }
                        dd { code.was { (old) } span.arrow aria-label="became" { " → " } code.is { (new) } }
                    }
                }
            }
        }
    }
}

fn statements(statements: &[StatementDifference]) -> Markup {
    html! {
        @if !statements.is_empty() {
            section.card {
                h2 { "Definitions" }
                (scroll("Definitions that differ", &html! {
                    table {
                        thead { tr {
                            th scope="col" { "Object" }
                            th scope="col" { "How" }
                            th.n scope="col" { "From line" }
                        } }
                        tbody {
                            @for statement in statements {
                                tr {
                                    th scope="row" { (words::qualified(&statement.database, &statement.object)) }
                                    td { (chip(Tone::Warn, how(statement.state))) }
                                    td.n { (words::count(statement.first_different_line)) }
                                }
                            }
                        }
                    }
                }))
                @for statement in statements.iter().filter(|statement| statement.old.is_some() || statement.new.is_some()) {
                    details {
                        summary { (words::qualified(&statement.database, &statement.object)) }
                        @for (which, text) in [("Old", &statement.old), ("New", &statement.new)] {
                            @if let Some(text) = text { h3 { (which) } pre tabindex="0" { (text) } }
                        }
                    }
                }
            }
        }
    }
}

const fn how(state: StatementState) -> &'static str {
    match state {
        StatementState::AutoIncrement => "AUTO_INCREMENT= only",
        StatementState::OnlyOld => "only in old",
        StatementState::OnlyNew => "only in new",
        _ => "different",
    }
}

fn masks(report: &ComparisonReport) -> Markup {
    html! {
        @if !report.masked.is_empty() {
            section.card {
                h2 { "Masked lines" }
                p.muted { "Differ from run to run, and were not compared." }
                (scroll("Masked lines", &html! {
                    table {
                        thead { tr {
                            th scope="col" { "Rule" }
                            th.n scope="col" { "Old" }
                            th.n scope="col" { "New" }
                        } }
                        tbody {
                            @for mask in &report.masked {
                                tr {
                                    th scope="row" { (mask.rule) }
                                    td.n { (words::number(mask.old_lines)) }
                                    td.n { (words::number(mask.new_lines)) }
                                }
                            }
                        }
                    }
                }))
            }
        }
    }
}
