//! Doubles for the tests of services that upload, and the contract that every
//! [`ObjectStore`](crate::ObjectStore) must keep.

mod faulty;

pub use faulty::{Fault, FaultPoint, FaultyStore, Operation};
