//! The boundary between the driver and the encoder: rows as cells of bytes.
//!
//! Everything after this room knows only [`RowSource`] and [`Cells`], so that another
//! reader (one that decodes packets itself, or N of them) can take the driver's place.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;

use mysql_async::{Column, QueryResult, Row, TextProtocol, Value};

use super::heartbeat::Heartbeat;
use crate::error::Error;

/// A table's rows, one after the other.
pub(crate) trait RowSource: Send {
    /// One row.
    type Row: Cells;

    /// The next row, or `None` after the last.
    fn next_row(&mut self) -> impl Future<Output = Result<Option<Self::Row>, Error>> + Send;
}

/// The cells of a row, as the text protocol gives them.
pub(crate) trait Cells {
    /// A cell's bytes; `None` is NULL.
    fn cell(&self, index: usize) -> Option<&[u8]>;
}

impl Cells for Row {
    fn cell(&self, index: usize) -> Option<&[u8]> {
        match self.as_ref(index) {
            Some(Value::Bytes(bytes)) => Some(bytes),
            // The text protocol knows only bytes and NULL.
            _ => None,
        }
    }
}

/// Rows that arrive on a [`Session`](super::Session).
pub(crate) struct TableRows<'a> {
    result: QueryResult<'a, 'static, TextProtocol>,
    heartbeat: Arc<Heartbeat>,
    step: String,
    waited: bool,
}

impl<'a> TableRows<'a> {
    pub(super) fn new(
        result: QueryResult<'a, 'static, TextProtocol>,
        heartbeat: Arc<Heartbeat>,
        step: &str,
    ) -> Self {
        Self {
            result,
            heartbeat,
            step: step.to_owned(),
            waited: false,
        }
    }

    /// The result's columns.
    pub(crate) fn columns(&self) -> &[Column] {
        self.result.columns_ref()
    }

    /// Whether another result follows the one that was read to its end.
    pub(crate) fn has_more_results(&self) -> bool {
        !self.result.is_empty()
    }

    /// Whether the last row had to be waited for: most are there already, and come
    /// without a look at a clock.
    pub(crate) fn waited(&self) -> bool {
        self.waited
    }

    /// The connection's sign of life, for waits that span many rows.
    pub(crate) fn heartbeat(&self) -> Arc<Heartbeat> {
        Arc::clone(&self.heartbeat)
    }
}

impl RowSource for TableRows<'_> {
    type Row = Row;

    async fn next_row(&mut self) -> Result<Option<Row>, Error> {
        self.heartbeat.beat();
        self.waited = false;
        let mut next = pin!(self.result.next());
        let waited = &mut self.waited;
        let next = poll_fn(|context| {
            let polled = next.as_mut().poll(context);
            *waited |= polled.is_pending();
            polled
        });
        next.await
            .map_err(|error| Error::from_driver(self.step.as_str(), &error))
    }
}
