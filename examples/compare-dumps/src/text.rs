//! The reports as text, for a terminal and a cron mail.

use std::fmt::Write as _;

use datatransit_dump::compare::{
    ComparisonReport, Detail, RowDifference, RowDifferenceKind, SideReport, StatementState,
    TableComparison, TableState,
};
use datatransit_job::ByteSize;

use crate::history::{Answer, Check, Day, Decision, Effect};
use crate::words;

/// Differing rows that the text lists of all tables together; JSON and HTML have all.
const LISTED_ROWS: usize = 20;
/// Days that the text lists.
const LISTED_DAYS: usize = 14;

/// A comparison.
pub(crate) fn comparison(report: &ComparisonReport) -> String {
    let mut text = String::new();
    let verdict = if report.is_same() {
        "SAME"
    } else {
        "DIFFERENT"
    };
    line(
        &mut text,
        &format!("{verdict}: {} and {}", report.old.name, report.new.name),
    );
    side(&mut text, "old", &report.old);
    side(&mut text, "new", &report.new);
    if !report.reasons.is_empty() {
        line(&mut text, "\nWhy");
        for reason in &report.reasons {
            line(&mut text, &format!("  - {}", clean(&reason.text)));
        }
    }
    let tables = report.tables.iter();
    let tables: Vec<&TableComparison> = tables
        .filter(|table| table.state != TableState::Same)
        .collect();
    if !tables.is_empty() {
        line(&mut text, "\nTables that differ");
        text.push_str(&table_of_tables(&tables));
    }
    rows(&mut text, &tables);
    if !report.statements.is_empty() {
        line(&mut text, "\nDefinitions that differ");
        for statement in &report.statements {
            let place = words::qualified(&statement.database, &statement.object);
            let how = match (statement.state, statement.first_different_line) {
                (StatementState::OnlyOld, _) => "only in the old one".to_owned(),
                (StatementState::OnlyNew, _) => "only in the new one".to_owned(),
                (StatementState::AutoIncrement, _) => "only AUTO_INCREMENT= differs".to_owned(),
                (_, Some(number)) => format!("differs from its line {number} on"),
                _ => "differs".to_owned(),
            };
            line(&mut text, &format!("  {}: {how}", clean(&place)));
            for (which, value) in [("old", &statement.old), ("new", &statement.new)] {
                if let Some(value) = value {
                    line(&mut text, &format!("    {which} {}", clean(value)));
                }
            }
        }
    }
    if !report.masked.is_empty() {
        let masked: Vec<String> = report
            .masked
            .iter()
            .map(|mask| {
                format!(
                    "{} ({} old, {} new)",
                    mask.rule, mask.old_lines, mask.new_lines
                )
            })
            .collect();
        line(&mut text, &format!("\nMasked lines: {}", masked.join(", ")));
    }
    text
}

fn side(text: &mut String, which: &str, side: &SideReport) {
    let form = if side.compression.is_empty() || side.compression == "none" {
        "plain".to_owned()
    } else {
        side.compression.clone()
    };
    let cut = if side.complete { "" } else { ", CUT OFF" };
    let client = side
        .client
        .as_deref()
        .map_or_else(String::new, |client| format!(", {}", clean(client)));
    line(
        text,
        &format!(
            "  {which}  {} {form}, {} of text, {}, {}{client}{cut}",
            ByteSize::new(side.stored_bytes),
            ByteSize::new(side.uncompressed_bytes),
            words::counted(side.tables, "table"),
            words::counted(side.rows, "row"),
        ),
    );
}

fn table_of_tables(tables: &[&TableComparison]) -> String {
    let head = [
        "table", "how", "old rows", "new rows", "only old", "only new", "changed", "since",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    for table in tables {
        rows.push([
            clean(&words::qualified(&table.database, &table.name)),
            format!(
                "{}{}",
                words::table_state(table.state),
                match table.detail {
                    Detail::CountsOnly => " (counts only)",
                    _ => "",
                }
            ),
            words::number(table.old_rows),
            words::number(table.new_rows),
            words::count(table.rows_only_old),
            words::count(table.rows_only_new),
            words::count(table.rows_changed),
            words::count(table.rows_changed_since),
        ]);
    }
    aligned(&rows, 2)
}

fn rows(text: &mut String, tables: &[&TableComparison]) {
    let all: Vec<(&TableComparison, &RowDifference)> = tables
        .iter()
        .flat_map(|table| table.differences.iter().map(move |row| (*table, row)))
        .collect();
    if all.is_empty() {
        return;
    }
    line(text, "\nFirst differences");
    for (table, row) in all.iter().take(LISTED_ROWS) {
        let name = words::qualified(&table.database, &table.name);
        line(
            text,
            &format!("  {}: {}", clean(&name), clean(&words::row(row))),
        );
        for column in &row.columns {
            let (old, new) = words::values(column);
            line(
                text,
                &format!(
                    "    {}: {} -> {}",
                    clean(&column.name),
                    clean(&old),
                    clean(&new)
                ),
            );
        }
        if row.columns.is_empty() && row.kind == RowDifferenceKind::Changed {
            line(text, "    too long to be looked at column by column");
        }
    }
    if all.len() > LISTED_ROWS {
        let more = all.len() - LISTED_ROWS;
        line(text, &format!("  and {more} more: see --json or --html"));
    }
}

/// The answer on the cutover.
pub(crate) fn decision(decision: &Decision, place: &str) -> String {
    let mut text = String::new();
    let headline = match decision.answer {
        Answer::Go => "GO",
        Answer::NotYet => "NOT YET",
        Answer::RollBack => "ROLL BACK",
    };
    line(
        &mut text,
        &format!(
            "{headline} on {}, by the reports in {place}",
            decision.today
        ),
    );
    if !decision.reasons.is_empty() {
        line(&mut text, "\nWhy");
        for reason in &decision.reasons {
            line(&mut text, &format!("  - {}", clean(reason)));
        }
    }
    line(&mut text, "\nRules");
    for check in &decision.checks {
        line(
            &mut text,
            &format!("  {} {}", mark(check), words::rule(check.rule)),
        );
        if check.holds {
            for found in &check.found {
                line(&mut text, &format!("           {}", clean(found)));
            }
        }
    }
    if !decision.days.is_empty() {
        line(&mut text, "\nDays");
        text.push_str(&days(decision));
    }
    text
}

const fn mark(check: &Check) -> &'static str {
    match (check.holds, check.effect) {
        (true, _) => "ok      ",
        (false, Effect::NotYet) => "not yet ",
        (false, Effect::RollBack) => "ROLLBACK",
    }
}

fn days(decision: &Decision) -> String {
    let head = [
        "day", "how", "old size", "new size", "change", "tables", "rows",
    ];
    let mut rows = vec![head.map(str::to_owned)];
    let earlier = decision.days.len().saturating_sub(LISTED_DAYS);
    for day in &decision.days[earlier..] {
        rows.push(day_row(day, decision));
    }
    aligned(&rows, 2)
}

fn day_row(day: &Day, decision: &Decision) -> [String; 7] {
    let of = decision.rules.size_of;
    let (old, new) = (day.old.as_ref(), day.new.as_ref());
    let size = |side: Option<&crate::history::Side>| {
        side.map_or_else(
            || "-".to_owned(),
            |side| ByteSize::new(side.size(of)).to_string(),
        )
    };
    [
        day.date.to_string(),
        day.state.word().to_owned(),
        size(old),
        size(new),
        day.size_change(of)
            .map_or_else(|| "-".to_owned(), words::percent),
        new.map_or_else(|| "-".to_owned(), |side| words::number(side.tables)),
        new.map_or_else(|| "-".to_owned(), |side| words::number(side.rows)),
    ]
}

/// Lays rows out in columns: the first `left` to the left, the others to the right.
fn aligned<const N: usize>(rows: &[[String; N]], left: usize) -> String {
    let widths: Vec<usize> = (0..N)
        .map(|column| {
            let lengths = rows.iter().map(|row| row[column].chars().count());
            lengths.max().unwrap_or_default()
        })
        .collect();
    let mut text = String::new();
    for row in rows {
        let mut out = String::from(" ");
        for (column, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[column] - cell.chars().count());
            if column < left {
                let _ = write!(out, " {cell}{pad}");
            } else {
                let _ = write!(out, "  {pad}{cell}");
            }
            if column + 1 == left {
                out.push(' ');
            }
        }
        line(&mut text, out.trim_end());
    }
    text
}

fn line(text: &mut String, line: &str) {
    text.push_str(line);
    text.push('\n');
}

/// A name in a dump may hold what a terminal would obey.
fn clean(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            let escaped = c.is_control();
            let (plain, hidden) = if escaped {
                (None, Some(c.escape_default()))
            } else {
                (Some(c), None)
            };
            plain.into_iter().chain(hidden.into_iter().flatten())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned() {
        let row = |cells: [&str; 3]| cells.map(str::to_owned);
        let rows = [row(["table", "how", "rows"]), row(["日本", "same", "7"])];
        assert_eq!(
            aligned(&rows, 2),
            "  table how    rows\n  日本    same      7\n"
        );
    }

    #[test]
    fn a_name_cannot_steer_the_terminal() {
        assert_eq!(clean("a\x1b[31mb\nc"), "a\\u{1b}[31mb\\nc");
    }

    fn report(json: &str) -> ComparisonReport {
        serde_json::from_str(json).unwrap()
    }

    #[test]
    fn the_verdict_comes_first_and_what_is_equal_is_not_listed() {
        let text = comparison(&report(
            r#"{"verdict":"same","old":{"name":"a","complete":true},"new":{"name":"b","complete":true},
                "tables":[{"name":"t","state":"same"}],"masked":[{"rule":"host","old_lines":1,"new_lines":1}]}"#,
        ));
        assert!(text.starts_with("SAME: a and b\n"), "{text}");
        assert!(!text.contains("Tables"), "{text}");
        assert!(text.contains("Masked lines: host (1 old, 1 new)"), "{text}");
    }

    #[test]
    fn a_difference_is_told_with_its_place_and_hashes() {
        let text = comparison(&report(
            r#"{"verdict":"different","reasons":[{"kind":"rows","text":"1 row was changed"}],
                "tables":[{"database":"d","name":"t","state":"different","old_rows":1200,"new_rows":1200,
                  "rows_changed":1,"rows_only_old":0,"rows_only_new":0,"differences":[{"kind":"changed",
                  "old_row":7,"new_row":8,"key":[{"name":"id","sha256":"ffeeddccbbaa99887766"}],
                  "columns":[{"name":"c","old_sha256":"00112233445566778899","new_sha256":null}]}]}]}"#,
        ));
        assert!(text.starts_with("DIFFERENT"), "{text}");
        assert!(text.contains("  - 1 row was changed\n"), "{text}");
        assert!(text.contains("d.t"), "{text}");
        assert!(text.contains("1,200"), "{text}");
        assert!(text.contains("row 7 (8 in the new one)"), "{text}");
        assert!(text.contains("c: sha256 001122334455 -> NULL"), "{text}");
    }
}
