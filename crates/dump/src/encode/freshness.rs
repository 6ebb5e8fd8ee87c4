//! The newest value of one column, found in the rows themselves.

use mysql_async::Column;
use mysql_async::consts::ColumnType;

use crate::source::Cells;

/// Watches one column of a result for its newest date.
#[derive(Debug, Default)]
pub(crate) struct Freshness {
    /// The column's place, where the result has it, and whether it is a TIMESTAMP.
    column: Option<(usize, bool)>,
    newest: Vec<u8>,
}

impl Freshness {
    /// Watches the column of this name, if it is one of dates.
    pub(crate) fn of(columns: &[Column], name: Option<&str>) -> Self {
        let column = columns
            .iter()
            .position(|column| {
                name.is_some_and(|name| column.name_str().eq_ignore_ascii_case(name))
                    && is_moment(column.column_type())
            })
            .map(|index| {
                let column_type = columns[index].column_type();
                (index, column_type == ColumnType::MYSQL_TYPE_TIMESTAMP)
            });
        Self {
            column,
            newest: Vec::new(),
        }
    }

    /// Looks at a row.
    pub(crate) fn see(&mut self, row: &impl Cells) {
        if let Some(value) = self.column.and_then(|(index, _)| row.cell(index)) {
            // Dates of one column are of one width, so that the order of bytes is that of time.
            if value > self.newest.as_slice() {
                self.newest.clear();
                self.newest.extend_from_slice(value);
            }
        }
    }

    /// The newest value so far, and whether it is an instant.
    pub(crate) fn newest(&self) -> Option<(bool, String)> {
        let (_, is_instant) = self.column.filter(|_| !self.newest.is_empty())?;
        Some((
            is_instant,
            String::from_utf8_lossy(&self.newest).into_owned(),
        ))
    }
}

fn is_moment(column_type: ColumnType) -> bool {
    matches!(
        column_type,
        ColumnType::MYSQL_TYPE_TIMESTAMP
            | ColumnType::MYSQL_TYPE_DATETIME
            | ColumnType::MYSQL_TYPE_DATE
    )
}
