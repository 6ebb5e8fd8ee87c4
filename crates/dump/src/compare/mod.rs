//! Two dumps, or two exports, side by side.

mod content;
mod error;
mod input;
mod progress;
mod report;

pub use content::Content;
pub use error::{Error, ErrorKind, InputError};
pub use input::{BoxFuture, Input, InputReader, PathInput};
pub use progress::{CompareEvent, CompareProgress, Side};
pub use report::{
    ColumnDifference, ComparisonReport, Detail, KeyColumn, MaskedLines, REPORT_VERSION, Reason,
    ReasonKind, RowDifference, RowDifferenceKind, SideReport, StatementDifference, StatementState,
    TableComparison, TableState, Verdict,
};
