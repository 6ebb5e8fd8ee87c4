//! The words and numbers that text and page share.

use datatransit_dump::compare::{ColumnDifference, RowDifference, RowDifferenceKind, TableState};

/// Digits of a hash that are shown: enough to tell two apart by eye.
const SHOWN_DIGITS: usize = 12;

/// `1,234,567`.
pub(crate) fn number(value: u64) -> String {
    let digits = value.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 row`, `1,234 rows`.
pub(crate) fn counted(value: u64, what: &str) -> String {
    let plural = if value == 1 { "" } else { "s" };
    format!("{} {what}{plural}", number(value))
}

/// A number that may not be known.
pub(crate) fn count(value: Option<u64>) -> String {
    value.map_or_else(|| "-".to_owned(), number)
}

/// `+1.25 %`, and `0 %` for what is too little to be seen.
pub(crate) fn percent(change: f64) -> String {
    if change.abs() < 0.005 {
        "0 %".to_owned()
    } else {
        format!("{change:+.2} %")
    }
}

/// `database.object`, or the object alone where no database is named.
pub(crate) fn qualified(database: &str, object: &str) -> String {
    if database.is_empty() {
        object.to_owned()
    } else {
        format!("{database}.{object}")
    }
}

/// How a table compares.
pub(crate) const fn table_state(state: TableState) -> &'static str {
    match state {
        TableState::Same => "same",
        TableState::RowOrder => "other order",
        TableState::OnlyOld => "only in old",
        TableState::OnlyNew => "only in new",
        _ => "different",
    }
}

/// Which row, and what happened to it.
pub(crate) fn row(row: &RowDifference) -> String {
    let place = match (row.old_row, row.new_row) {
        (Some(old), Some(new)) if old != new => {
            format!("row {} ({} in the new one)", number(old), number(new))
        }
        (Some(at), _) | (None, Some(at)) => format!("row {}", number(at)),
        (None, None) => "a row".to_owned(),
    };
    let what = match row.kind {
        RowDifferenceKind::OnlyOld => "is only in the old one",
        RowDifferenceKind::OnlyNew => "is only in the new one",
        _ => "was changed",
    };
    if row.key.is_empty() {
        return format!("{place} {what}");
    }
    let key: Vec<String> = row
        .key
        .iter()
        .map(|column| {
            format!(
                "{} {}",
                column.name,
                value(column.value.as_ref(), column.sha256.as_ref())
            )
        })
        .collect();
    format!("{place} {what}, key {}", key.join(", "))
}

/// A column's value before and after, or what stands for it.
pub(crate) fn values(column: &ColumnDifference) -> (String, String) {
    (
        value(column.old.as_ref(), column.old_sha256.as_ref()),
        value(column.new.as_ref(), column.new_sha256.as_ref()),
    )
}

/// The value where it may be shown, else the beginning of its hash.
fn value(shown: Option<&String>, sha256: Option<&String>) -> String {
    match (shown, sha256) {
        (Some(shown), _) => shown.clone(),
        (None, Some(sha256)) => {
            let digits: String = sha256.chars().take(SHOWN_DIGITS).collect();
            format!("sha256 {digits}")
        }
        (None, None) => "NULL".to_owned(),
    }
}

/// What a rule of the cutover asks.
pub(crate) fn rule(name: &str) -> &str {
    match name {
        "consumer_accepts" => "The consumer accepts the new dumps",
        "failures_in_a_row" => "Not too many bad days in a row",
        "size_to_roll_back" => "No size far off",
        "fresh" => "The newest report is fresh",
        "no_gaps" => "No day is missing",
        "no_failed_run" => "No comparison failed",
        "identical" => "Every day is identical",
        "whole" => "Every dump is whole",
        "sizes" => "Sizes agree",
        "tables" => "The number of tables stays",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_and_changes_signed() {
        assert_eq!(number(0), "0");
        assert_eq!(number(999), "999");
        assert_eq!(number(1_000), "1,000");
        assert_eq!(number(1_234_567), "1,234,567");
        assert_eq!(percent(0.0), "0 %");
        assert_eq!(percent(-0.001), "0 %");
        assert_eq!(percent(1.254), "+1.25 %");
        assert_eq!(percent(-12.0), "-12.00 %");
    }
}
