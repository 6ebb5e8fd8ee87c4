//! Doubles for the tests of importing services.
//!
//! The mock of the service is [`MockQuickSight`], its double that speaks HTTP
//! [`double`](datatransit_quicksight::testing::double).

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use async_trait::async_trait;
pub use datatransit_quicksight::testing::MockQuickSight;

use crate::{
    gate::{Objects, ObjectsError},
    observe::{Event, Observer},
};

mockall::mock! {
    /// A store whose every read must be expected (`mockall`).
    #[derive(Debug)]
    pub Objects {}

    #[async_trait]
    impl Objects for Objects {
        async fn read(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, ObjectsError>;
    }
}

/// Objects in memory. Clones share them.
#[derive(Clone, Debug, Default)]
pub struct MemoryObjects(Arc<Mutex<Stored>>);

/// Bytes by bucket and key.
type Stored = BTreeMap<(String, String), Vec<u8>>;

impl MemoryObjects {
    /// Puts an object.
    pub fn put(&self, bucket: &str, key: &str, bytes: impl Into<Vec<u8>>) {
        let place = (bucket.to_owned(), key.to_owned());
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(place, bytes.into());
    }
}

#[async_trait]
impl Objects for MemoryObjects {
    async fn read(&self, bucket: &str, key: &str) -> Result<Option<Vec<u8>>, ObjectsError> {
        let place = (bucket.to_owned(), key.to_owned());
        let objects = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(objects.get(&place).cloned())
    }
}

/// Writes down what happens, one line each.
#[derive(Clone, Debug, Default)]
pub struct Recorder(Arc<Mutex<Vec<String>>>);

impl Recorder {
    /// Returns the lines.
    pub fn lines(&self) -> Vec<String> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Observer for Recorder {
    fn on(&self, event: &Event<'_>) {
        let line = match event {
            Event::GateClosed { reason } => format!("closed: {reason}"),
            Event::Begun { data_set, how, .. } => format!("{data_set}: {how}"),
            Event::State {
                data_set, status, ..
            } => format!("{data_set}: {status}"),
            Event::Again { data_set, reason } => format!("{data_set}: again: {reason}"),
            Event::Done(report) => format!("{}: {}", report.data_set, report.outcome),
        };
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(line);
    }
}
