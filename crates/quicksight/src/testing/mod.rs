//! Doubles for the tests of importing services.

mod mock;

pub use mock::MockQuickSight;
