//! Doubles for the tests of importing services.

pub mod double;
mod mock;

pub use mock::MockQuickSight;
