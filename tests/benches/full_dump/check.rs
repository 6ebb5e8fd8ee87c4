//! What is in a stored object.

use std::path::Path;

use anyhow::Result;
use async_compression::tokio::bufread::{GzipDecoder, ZstdDecoder};
use sha2::{Digest as _, Sha256};
use tokio::fs::File;
use tokio::io::{AsyncBufRead, AsyncRead, AsyncReadExt as _, BufReader};

/// How an object is packed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    None,
    Gzip,
    Zstd,
}

impl Codec {
    /// The ending of a key.
    pub(crate) const fn ending(self) -> &'static str {
        match self {
            Self::None => "sql",
            Self::Gzip => "sql.gz",
            Self::Zstd => "sql.zst",
        }
    }

    fn reader(self, file: impl AsyncBufRead + Unpin + 'static) -> Box<dyn AsyncRead + Unpin> {
        match self {
            Self::None => Box::new(file),
            Self::Gzip => {
                let mut decoder = GzipDecoder::new(file);
                decoder.multiple_members(true);
                Box::new(decoder)
            }
            Self::Zstd => {
                let mut decoder = ZstdDecoder::new(file);
                decoder.multiple_members(true);
                Box::new(decoder)
            }
        }
    }
}

/// The SQL in an object, by its length and SHA-256.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Content {
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

/// Unpacks an object.
pub(crate) async fn content(path: &Path, codec: Codec) -> Result<Content> {
    let mut reader = codec.reader(BufReader::with_capacity(1 << 20, File::open(path).await?));
    let mut digest = Sha256::new();
    let mut bytes = 0;
    let mut block = vec![0; 1 << 20];
    while let length @ 1.. = reader.read(&mut block).await? {
        digest.update(&block[..length]);
        bytes += u64::try_from(length)?;
    }
    let sha256 = digest
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    Ok(Content { bytes, sha256 })
}
