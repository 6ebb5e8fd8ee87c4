//! What a comparison tells while it runs.

/// Receives what happens during a comparison.
///
/// Called from the tasks that read: an implementation must return at once, never block.
pub trait CompareProgress: Send + Sync {
    /// Takes one event.
    fn event(&self, event: &CompareEvent);
}

/// One of the two inputs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(clippy::exhaustive_enums, reason = "a comparison has two sides")]
pub enum Side {
    /// The first.
    Old,
    /// The second.
    New,
}

/// One thing that happened.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum CompareEvent {
    /// Both sides are read from the beginning.
    #[non_exhaustive]
    PassStarted {
        /// 1, or 2 when rows differ and are looked at one by one.
        pass: u8,
    },
    /// Stored bytes of one side were read; sent about once per MiB.
    #[non_exhaustive]
    Read {
        /// Which pass.
        pass: u8,
        /// Which side.
        side: Side,
        /// Bytes of this side read in this pass.
        bytes: u64,
        /// Its size, where the input knows it.
        total: Option<u64>,
    },
}

/// Hears nothing: the default.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Silent;

impl CompareProgress for Silent {
    fn event(&self, _event: &CompareEvent) {}
}
