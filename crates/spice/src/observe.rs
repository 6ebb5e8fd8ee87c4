//! Who is told what happens, while it happens.

use std::fmt;

use crate::report::{DataSetReport, How};

/// Something that happened in a run.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// The gate is still closed.
    #[non_exhaustive]
    GateClosed {
        /// Why.
        reason: &'a str,
    },
    /// An ingestion is under way, started or found.
    #[non_exhaustive]
    Begun {
        /// The data set's identifier.
        data_set: &'a str,
        /// The ingestion.
        ingestion: &'a str,
        /// Whose it is.
        how: How,
    },
    /// An ingestion was seen in another state.
    #[non_exhaustive]
    State {
        /// The data set's identifier.
        data_set: &'a str,
        /// The ingestion.
        ingestion: &'a str,
        /// The service's word.
        status: &'a str,
    },
    /// An ingestion failed, and another will be started.
    #[non_exhaustive]
    Again {
        /// The data set's identifier.
        data_set: &'a str,
        /// Why the last one failed.
        reason: &'a str,
    },
    /// A data set is done.
    Done(&'a DataSetReport),
}

/// Is told what happens. Called between two steps of a run: it must not block.
pub trait Observer: Send + Sync + fmt::Debug {
    /// Something happened.
    fn on(&self, event: &Event<'_>);
}

/// Hears nothing.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Silent;

impl Observer for Silent {
    fn on(&self, _event: &Event<'_>) {}
}
