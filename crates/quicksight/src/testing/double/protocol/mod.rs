//! The wire: from a request's bytes to an operation with checked members, and back.
//!
//! Knows the model (`../model/*.txt`) and nothing of what the operations do.

pub(super) mod answer;
pub(super) mod catalogue;
pub(super) mod check;
pub(super) mod input;
pub(super) mod page;
pub(super) mod sigv4;

pub(super) use answer::{Object, Reply, ServiceError};
pub(super) use input::Input;
