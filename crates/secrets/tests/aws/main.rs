//! The AWS source: what it sends, what it makes of the answers, and that nothing
//! of a secret shows on the way.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

mod canary;
mod source;
mod wire;
