//! How an uploader behaves: memory, retries, deadlines. Data only.

use std::time::Duration;

use crate::{
    error::Error,
    plan::{MIN_BUFFERS, PartSchedule},
    store::StoreProfile,
};

const MIB: u64 = 1024 * 1024;

/// Settings of an [`Uploader`](crate::Uploader). `Default` suits a nightly dump
/// over any network.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct UploadConfig {
    /// Bytes that one upload may hold, being filled and being sent together.
    /// Default 64 MiB, smallest 10 MiB on S3.
    ///
    /// It decides the largest part and with it how large an object of unknown
    /// length can become: see [`Uploader::reachable_bytes`](crate::Uploader::reachable_bytes).
    pub memory_bytes: u64,
    /// Size of the first 1,000 parts, and the size up to which an object is sent
    /// by one request. Default 8 MiB; lowered when the budget does not hold two.
    pub part_bytes: u64,
    /// Parts that are being sent at the same time, at most. Default 16; the
    /// budget may allow fewer.
    pub max_in_flight: usize,
    /// Attempts per request, the first included. Default 8.
    pub max_attempts: u32,
    /// Upper bound of the wait before the first retry; doubles with each further
    /// one. The wait is drawn evenly from zero to the bound. Default 250 ms.
    pub retry_base: Duration,
    /// Upper bound of any wait between attempts. Default 20 s.
    pub retry_cap: Duration,
    /// Time given to one attempt of any request, apart from what its body needs.
    /// Default 30 s.
    pub attempt_timeout: Duration,
    /// The slowest transfer still worth waiting for: a body adds its length
    /// divided by this to the attempt's time. Default 256 KiB/s.
    pub min_bytes_per_second: u64,
    /// Time given to one attempt of putting the parts together, during which S3
    /// may be silent for minutes. Default 5 min.
    pub complete_timeout: Duration,
}

impl Default for UploadConfig {
    fn default() -> Self {
        Self {
            memory_bytes: 64 * MIB,
            part_bytes: 8 * MIB,
            max_in_flight: 16,
            max_attempts: 8,
            retry_base: Duration::from_millis(250),
            retry_cap: Duration::from_secs(20),
            attempt_timeout: Duration::from_secs(30),
            min_bytes_per_second: 256 * 1024,
            complete_timeout: Duration::from_secs(300),
        }
    }
}

impl UploadConfig {
    /// Sets the memory budget of one upload, in bytes.
    #[must_use]
    pub fn with_memory_bytes(mut self, bytes: u64) -> Self {
        self.memory_bytes = bytes;
        self
    }

    /// Sets the size of the first parts, in bytes.
    #[must_use]
    pub fn with_part_bytes(mut self, bytes: u64) -> Self {
        self.part_bytes = bytes;
        self
    }

    /// Sets how many parts may be under way at the same time.
    #[must_use]
    pub fn with_max_in_flight(mut self, parts: usize) -> Self {
        self.max_in_flight = parts;
        self
    }

    /// Sets the number of attempts per request, the first included.
    #[must_use]
    pub fn with_max_attempts(mut self, attempts: u32) -> Self {
        self.max_attempts = attempts;
        self
    }

    /// Sets the bounds of the waits between attempts.
    #[must_use]
    pub fn with_retry_waits(mut self, base: Duration, cap: Duration) -> Self {
        self.retry_base = base;
        self.retry_cap = cap;
        self
    }

    /// Sets the time given to one attempt, apart from what its body needs.
    #[must_use]
    pub fn with_attempt_timeout(mut self, timeout: Duration) -> Self {
        self.attempt_timeout = timeout;
        self
    }

    pub(crate) fn check(&self, profile: &StoreProfile) -> Result<(), Error> {
        let least = profile.min_part_bytes.saturating_mul(MIN_BUFFERS);
        if self.memory_bytes < least {
            return Err(Error::config(format!(
                "a memory budget of {} bytes is too small: {MIN_BUFFERS} parts of the smallest size, {least} bytes, must fit",
                self.memory_bytes
            )));
        }
        if self.part_bytes < profile.min_part_bytes || self.part_bytes > profile.max_part_bytes {
            return Err(Error::config(format!(
                "a part size of {} bytes is out of range: the store takes {} to {}",
                self.part_bytes, profile.min_part_bytes, profile.max_part_bytes
            )));
        }
        if usize::try_from(self.memory_bytes).is_err() {
            return Err(Error::config(
                "the memory budget exceeds this machine's address space".to_owned(),
            ));
        }
        if self.max_in_flight == 0 || self.max_attempts == 0 || self.min_bytes_per_second == 0 {
            return Err(Error::config(
                "parts in flight, attempts and the slowest transfer rate must be at least 1"
                    .to_owned(),
            ));
        }
        Ok(())
    }

    pub(crate) fn schedule(
        &self,
        expected_bytes: Option<u64>,
        profile: &StoreProfile,
    ) -> PartSchedule {
        PartSchedule::new(self.memory_bytes, self.part_bytes, expected_bytes, profile)
    }

    /// The time of one attempt that carries `body_bytes`.
    pub(crate) fn timeout_for(&self, body_bytes: u64) -> Duration {
        self.attempt_timeout + Duration::from_secs(body_bytes / self.min_bytes_per_second)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;

    #[test]
    fn the_smallest_budget_is_two_smallest_parts() {
        let config = UploadConfig::default().with_memory_bytes(10 * MIB);
        config.check(&StoreProfile::s3()).unwrap();
        assert_eq!(
            config.schedule(None, &StoreProfile::s3()).next_bytes(),
            Some(5 * MIB)
        );

        let error = config
            .with_memory_bytes(10 * MIB - 1)
            .check(&StoreProfile::s3())
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("10485760"), "{error}");
    }

    #[test]
    fn impossible_settings_are_refused() {
        let profile = StoreProfile::s3();
        for config in [
            UploadConfig::default().with_part_bytes(1),
            UploadConfig::default().with_part_bytes(6 << 30),
            UploadConfig::default().with_max_in_flight(0),
            UploadConfig::default().with_max_attempts(0),
        ] {
            assert_eq!(
                config.check(&profile).unwrap_err().kind(),
                ErrorKind::Config
            );
        }
    }

    #[test]
    fn a_longer_body_gets_a_longer_attempt() {
        let config = UploadConfig::default();
        assert_eq!(config.timeout_for(0), Duration::from_secs(30));
        assert_eq!(config.timeout_for(8 * MIB), Duration::from_secs(62));
    }
}
