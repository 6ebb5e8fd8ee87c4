//! Compression: which codec, its encoder for blocks, and the readers that undo it.

mod codec;
mod decode;
mod pool;

pub(crate) use codec::Encoder;
pub use decode::decompressed;
pub(crate) use pool::{Entrance, Exit, Pool};

use crate::options::OptionError;

/// How the SQL is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Compression {
    /// As it is.
    None,
    /// gzip of many members, one per MiB, compressed on several threads by libdeflate.
    ///
    /// Legal gzip, read by `zcat`, Python, Java, Hadoop and Spark. A few readers (Rust's
    /// `flate2::read::GzDecoder`, old JavaScript ones) stop after the first member: for those
    /// there is [`GzipSingle`](Self::GzipSingle).
    Gzip {
        /// 1 (fastest) to 12 (densest).
        level: u8,
    },
    /// gzip of one member, compressed on one thread by zlib-rs.
    GzipSingle {
        /// 1 to 9.
        level: u8,
    },
    /// zstd of many frames, one per MiB, compressed on several threads.
    Zstd {
        /// 1 to 19.
        level: u8,
    },
}

impl Compression {
    /// gzip at the default level: as dense as the `gzip` program at its own default, for half
    /// of its CPU time (the repository's README has the measurements).
    pub const GZIP: Self = Self::Gzip { level: 6 };
    /// gzip of one member at the default level, the `gzip` program's own.
    pub const GZIP_SINGLE: Self = Self::GzipSingle { level: 6 };
    /// zstd at the default level.
    pub const ZSTD: Self = Self::Zstd { level: 3 };

    /// The codec that a key's or file's ending asks for: `.gz`, `.zst`, else none.
    #[must_use]
    pub fn from_key(key: &str) -> Self {
        let ending = key.rsplit_once('.').map_or("", |(_, ending)| ending);
        if ending.eq_ignore_ascii_case("gz") {
            Self::GZIP
        } else if ending.eq_ignore_ascii_case("zst") || ending.eq_ignore_ascii_case("zstd") {
            Self::ZSTD
        } else {
            Self::None
        }
    }

    /// The codec of this name (`none`, `gzip`, `gzip-single`, `zstd`) at its default level.
    ///
    /// # Errors
    ///
    /// [`OptionError`] for any other name.
    pub fn from_name(name: &str) -> Result<Self, OptionError> {
        match name {
            "none" => Ok(Self::None),
            "gzip" => Ok(Self::GZIP),
            "gzip-single" => Ok(Self::GZIP_SINGLE),
            "zstd" => Ok(Self::ZSTD),
            _ => Err(OptionError::value(
                "compression",
                name,
                "none, gzip, gzip-single or zstd",
            )),
        }
    }

    /// The same codec at another level.
    ///
    /// # Errors
    ///
    /// [`OptionError`] for a level that the codec does not have; `none` has none.
    pub fn with_level(self, level: u8) -> Result<Self, OptionError> {
        let (result, highest) = match self {
            Self::None => (Self::None, 0),
            Self::Gzip { .. } => (Self::Gzip { level }, 12),
            Self::GzipSingle { .. } => (Self::GzipSingle { level }, 9),
            Self::Zstd { .. } => (Self::Zstd { level }, 19),
        };
        if (1..=highest).contains(&level) {
            Ok(result)
        } else {
            let expected = format!("a level of {}: 1 to {highest}", self.name());
            Err(OptionError::value(
                "compression-level",
                &level.to_string(),
                &expected,
            ))
        }
    }

    /// The codec's name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Gzip { .. } => "gzip",
            Self::GzipSingle { .. } => "gzip-single",
            Self::Zstd { .. } => "zstd",
        }
    }

    /// The media type of the stored bytes.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::None => "application/sql",
            Self::Gzip { .. } | Self::GzipSingle { .. } => "application/gzip",
            Self::Zstd { .. } => "application/zstd",
        }
    }

    /// How many of the threads offered are of use: one member is made by one thread.
    pub(crate) fn threads(self, offered: usize) -> usize {
        if matches!(self, Self::GzipSingle { .. }) {
            1
        } else {
            offered.max(1)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ending_chooses_the_codec() {
        assert_eq!(
            Compression::from_key("dumps/a_20261123.sql.gz"),
            Compression::GZIP
        );
        assert_eq!(Compression::from_key("a.sql.ZST"), Compression::ZSTD);
        assert_eq!(Compression::from_key("a.sql"), Compression::None);
        assert_eq!(Compression::from_key("gz"), Compression::None);
    }

    #[test]
    fn levels_are_checked_per_codec() {
        assert!(Compression::GZIP.with_level(12).is_ok());
        assert!(Compression::GZIP_SINGLE.with_level(12).is_err());
        assert!(Compression::None.with_level(1).is_err());
        let error = Compression::ZSTD.with_level(0).unwrap_err();
        assert_eq!(
            error.to_string(),
            "--compression-level: \"0\" is not a level of zstd: 1 to 19"
        );
    }
}
