//! How far an upload is, for whoever watches.

/// How far an upload is. All sizes in bytes of the object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct UploadProgress {
    /// Bytes taken in.
    pub accepted_bytes: u64,
    /// Bytes that the store has acknowledged.
    pub sent_bytes: u64,
    /// Parts that the store has acknowledged.
    pub parts_sent: u32,
    /// Parts under way.
    pub parts_in_flight: u32,
    /// Memory held: the buffer being filled and the parts under way.
    pub held_bytes: u64,
    /// Attempts beyond the first, over all requests.
    pub retries: u64,
}
