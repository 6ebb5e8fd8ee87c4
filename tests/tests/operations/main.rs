//! What stands around the programs: schedules, the doctor, the quarantine, and the guide
//! that says what to do.

#![expect(
    clippy::unwrap_used,
    reason = "a scenario whose world cannot be set up has failed"
)]

mod doctor;
mod guide;
mod quarantine;
mod schedules;
mod world;
