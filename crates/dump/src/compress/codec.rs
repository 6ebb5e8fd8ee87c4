//! Blocks to compressed blocks.

use std::io::Write;

use flate2::write::GzEncoder;
use libdeflater::{CompressionLvl, Compressor};

use super::Compression;
use crate::error::Error;

/// Compresses one block after the other; one per thread.
pub(crate) enum Encoder {
    /// Hands blocks on.
    Plain,
    /// Each block a gzip member.
    Members {
        compressor: Compressor,
        /// Room for the largest member, kept: the members themselves are made to measure.
        scratch: Vec<u8>,
    },
    /// One gzip member over all blocks.
    Single(Option<Box<GzEncoder<Vec<u8>>>>),
    /// Each block a zstd frame.
    Frames(zstd::bulk::Compressor<'static>),
}

impl Encoder {
    pub(crate) fn new(compression: Compression) -> Result<Self, Error> {
        Ok(match compression {
            Compression::None => Self::Plain,
            Compression::Gzip { level } => {
                let level = CompressionLvl::new(i32::from(level))
                    .map_err(|_| Error::Internal(format!("libdeflate has no level {level}")))?;
                Self::Members {
                    compressor: Compressor::new(level),
                    scratch: Vec::new(),
                }
            }
            Compression::GzipSingle { level } => {
                let level = flate2::Compression::new(u32::from(level));
                Self::Single(Some(Box::new(GzEncoder::new(Vec::new(), level))))
            }
            Compression::Zstd { level } => {
                let mut frames = zstd::bulk::Compressor::new(i32::from(level)).map_err(internal)?;
                frames.include_checksum(true).map_err(internal)?;
                Self::Frames(frames)
            }
        })
    }

    /// Compresses one block. What the codec holds back comes with a later block.
    pub(crate) fn block(&mut self, raw: Vec<u8>) -> Result<Vec<u8>, Error> {
        match self {
            Self::Plain => Ok(raw),
            Self::Members {
                compressor,
                scratch,
            } => {
                let bound = compressor.gzip_compress_bound(raw.len());
                if scratch.len() < bound {
                    scratch.resize(bound, 0);
                }
                let length = compressor
                    .gzip_compress(&raw, scratch)
                    .map_err(|error| Error::Internal(format!("gzip: {error}")))?;
                Ok(scratch[..length].to_vec())
            }
            Self::Single(encoder) => {
                let encoder = encoder
                    .as_mut()
                    .ok_or_else(|| Error::Internal("a block after the last".into()))?;
                encoder.write_all(&raw).map_err(internal)?;
                Ok(std::mem::take(encoder.get_mut()))
            }
            Self::Frames(frames) => frames.compress(&raw).map_err(internal),
        }
    }

    /// Gives what was held back.
    pub(crate) fn finish(&mut self) -> Result<Vec<u8>, Error> {
        match self {
            Self::Single(encoder) => match encoder.take() {
                Some(encoder) => encoder.finish().map_err(internal),
                None => Ok(Vec::new()),
            },
            Self::Plain | Self::Members { .. } | Self::Frames(_) => Ok(Vec::new()),
        }
    }
}

fn internal(error: std::io::Error) -> Error {
    Error::Internal(format!("compress: {error}"))
}
