//! What a dump does when the server misbehaves as no real server does on demand: the scripted
//! double errs amid a result, resets, closes, falls silent, sends packets that are wrong,
//! cut off, or split at 16 MiB, and every byte by itself.
//!
//! In each case the dump is whole, or it fails with an error of the right kind that names the
//! table, looks like no whole dump, publishes nothing, and leaves no task, thread or
//! connection behind.

mod bench;
mod double;
mod faults;
mod offsets;
mod queries;
mod splits;
mod stalls;
