//! Doubles for the tests of services that upload, and the contract that every
//! [`ObjectStore`](crate::ObjectStore) must keep.

pub mod contract;
mod faulty;
mod mock;

pub use faulty::{Fault, FaultPoint, FaultyStore, Operation};
pub use mock::MockObjectStore;
