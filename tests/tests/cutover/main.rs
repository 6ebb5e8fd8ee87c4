//! The cutover as the operator decides it: daily reports, made by the real program,
//! read by the real program, and its page looked at in a real browser.

#![expect(
    clippy::unwrap_used,
    reason = "a scenario whose world cannot be set up has failed"
)]

mod answers;
mod flags;
mod page;
mod world;
