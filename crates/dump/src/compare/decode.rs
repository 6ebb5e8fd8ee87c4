//! Stored bytes to blocks of text, on a thread of its own per side.
//!
//! Here it is decided what is a stream that ends too early (a difference) and what is damage
//! (an error): input that runs out inside a gzip member or a zstd frame has ended too early;
//! anything that the codec does not understand, or whose checksum is wrong, is damage, and so
//! are bytes behind the last member that begin no other.

use std::io::{BufRead, ErrorKind as IoKind, Read};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use bytes::{Buf, Bytes, BytesMut};
use flate2::bufread::MultiGzDecoder;
use sha2::{Digest, Sha256};
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::content;
use super::error::Error;
use super::hash::hex;
use super::input::Input;
use super::progress::{CompareEvent, CompareProgress, Side};

/// Stored bytes that are read at once, and text that is handed on at once.
const BLOCK: usize = 512 << 10;
/// Blocks that may wait before each stage.
pub(super) const QUEUE: usize = 3;

/// A block of text, or the end.
pub(super) enum Piece {
    Text(Vec<u8>),
    End(StoredEnd),
}

/// What is known of a side's stored form once all of it was read.
#[derive(Debug, Clone, Default)]
pub(super) struct StoredEnd {
    pub(super) stored_bytes: u64,
    pub(super) stored_sha256: String,
    pub(super) compression: &'static str,
    pub(super) text_bytes: u64,
    /// The codec's stream ends inside a member or frame.
    pub(super) truncated: bool,
}

pub(super) type Pieces = Receiver<Result<Piece, Error>>;

/// Which side is read how, for one pass.
#[derive(Clone)]
pub(super) struct Reading {
    pub(super) input: Arc<dyn Input>,
    pub(super) side: Side,
    pub(super) pass: u8,
    pub(super) progress: Arc<dyn CompareProgress>,
    pub(super) cancellation: CancellationToken,
}

/// Opens the input and starts its decoder; a task of the runtime feeds it until the token is
/// cancelled or the receiver is dropped.
pub(super) fn start(reading: Reading) -> Result<Pieces, Error> {
    let (stored, chunks) = mpsc::channel(QUEUE);
    let (text, pieces) = sync_channel(QUEUE);
    let name = reading.input.name();
    std::thread::Builder::new()
        .name("compare-decode".into())
        .spawn(move || decode(ChunkReader::new(name, chunks), &text))
        .map_err(|error| Error::Internal(format!("start a thread: {error}")))?;
    tokio::spawn(async move {
        if let Err(error) = feed(&reading, &stored).await {
            // Nobody listens any more when this fails.
            let _ = stored.send(Err(error)).await;
        }
    });
    Ok(pieces)
}

async fn feed(reading: &Reading, stored: &mpsc::Sender<Result<Bytes, Error>>) -> Result<(), Error> {
    let name = reading.input.name();
    let cancelled = reading.cancellation.cancelled();
    tokio::pin!(cancelled);
    let opened = tokio::select! {
        opened = reading.input.open() => opened,
        () = &mut cancelled => return Err(Error::Cancelled),
    };
    let mut reader = opened.map_err(|source| Error::input(&name, source))?;
    let total = reading.input.stored_bytes();
    let (mut bytes, mut told) = (0_u64, 0_u64);
    loop {
        let mut chunk = BytesMut::with_capacity(BLOCK);
        // Small reads are gathered: each chunk wakes a thread.
        while chunk.len() < BLOCK {
            let length = tokio::select! {
                length = reader.read_buf(&mut chunk) => length,
                () = &mut cancelled => return Err(Error::Cancelled),
            };
            if length.map_err(|source| Error::input(&name, source))? == 0 {
                break;
            }
        }
        let last = chunk.len() < BLOCK;
        bytes += chunk.len() as u64;
        if last || bytes - told >= 1 << 20 {
            told = bytes;
            reading.progress.event(&CompareEvent::Read {
                pass: reading.pass,
                side: reading.side,
                bytes,
                total,
            });
        }
        if !chunk.is_empty() && stored.send(Ok(chunk.freeze())).await.is_err() {
            return Ok(());
        }
        if last {
            // The end is said: a reader that died must not look like one.
            let _ = stored.send(Ok(Bytes::new())).await;
            return Ok(());
        }
    }
}

/// The chunks as a blocking reader that digests what passes.
struct ChunkReader {
    name: String,
    chunks: mpsc::Receiver<Result<Bytes, Error>>,
    current: Bytes,
    ended: bool,
    failure: Option<Error>,
    digest: Sha256,
    bytes: u64,
}

impl ChunkReader {
    fn new(name: String, chunks: mpsc::Receiver<Result<Bytes, Error>>) -> Self {
        Self {
            name,
            chunks,
            current: Bytes::new(),
            ended: false,
            failure: None,
            digest: Sha256::new(),
            bytes: 0,
        }
    }

    fn end(&self, compression: &'static str, text_bytes: u64, truncated: bool) -> StoredEnd {
        StoredEnd {
            stored_bytes: self.bytes,
            stored_sha256: hex(&self.digest.clone().finalize()),
            compression,
            text_bytes,
            truncated,
        }
    }
}

impl BufRead for ChunkReader {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.current.is_empty() && !self.ended {
            match self.chunks.blocking_recv() {
                Some(Ok(chunk)) if chunk.is_empty() => self.ended = true,
                Some(Ok(chunk)) => {
                    self.digest.update(&chunk);
                    self.bytes += chunk.len() as u64;
                    self.current = chunk;
                }
                Some(Err(error)) => {
                    self.failure = Some(error);
                    return Err(std::io::Error::other("the input failed"));
                }
                None => {
                    let what = format!("the reader of {} died", self.name);
                    self.failure = Some(Error::Internal(what));
                    return Err(std::io::Error::other("the input's reader died"));
                }
            }
        }
        Ok(&self.current)
    }

    fn consume(&mut self, amount: usize) {
        self.current.advance(amount);
    }
}

impl Read for ChunkReader {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let available = self.fill_buf()?;
        let length = available.len().min(buffer.len());
        buffer[..length].copy_from_slice(&available[..length]);
        self.consume(length);
        Ok(length)
    }
}

fn decode(mut chunks: ChunkReader, text: &SyncSender<Result<Piece, Error>>) {
    let outcome = match chunks.fill_buf() {
        Ok(start) => match Codec::of(start) {
            Codec::None => pump(chunks, text, "none", |reader| reader),
            Codec::Gzip => pump(MultiGzDecoder::new(chunks), text, "gzip", |reader| {
                reader.get_mut()
            }),
            Codec::Zstd => zstd::stream::read::Decoder::with_buffer(chunks)
                .map_err(|error| Error::Internal(format!("zstd: {error}")))
                .and_then(|reader| pump(reader, text, "zstd", |reader| reader.get_mut())),
            Codec::Other(format, remedy) => Err(Error::UnknownFormat {
                input: chunks.name.clone(),
                format: format.into(),
                remedy: remedy.into(),
            }),
            Codec::Parquet => Err(content::parquet(&chunks.name)),
        },
        Err(error) => Err(chunks
            .failure
            .take()
            .unwrap_or_else(|| Error::Internal(error.to_string()))),
    };
    // The receiver may be gone: then nobody wants to know.
    let _ = text.send(outcome.map(Piece::End));
}

/// Reads everything, in blocks.
fn pump<R: Read>(
    mut reader: R,
    text: &SyncSender<Result<Piece, Error>>,
    compression: &'static str,
    chunks: impl Fn(&mut R) -> &mut ChunkReader,
) -> Result<StoredEnd, Error> {
    let mut text_bytes = 0_u64;
    loop {
        let mut block = vec![0; BLOCK];
        let mut length = 0;
        let mut failure = None;
        while length < BLOCK {
            match reader.read(&mut block[length..]) {
                Ok(0) => break,
                Ok(read) => length += read,
                Err(error) if error.kind() == IoKind::Interrupted => {}
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        let last = length < BLOCK;
        text_bytes += length as u64;
        block.truncate(length);
        if length > 0 && text.send(Ok(Piece::Text(block))).is_err() {
            return Err(Error::Cancelled);
        }
        let chunks = chunks(&mut reader);
        if let Some(error) = failure {
            if let Some(error) = chunks.failure.take() {
                return Err(error);
            }
            if error.kind() == IoKind::UnexpectedEof {
                return Ok(chunks.end(compression, text_bytes, true));
            }
            return Err(Error::Damaged {
                input: chunks.name.clone(),
                text_bytes,
                // The codecs' own messages: they never hold what they decode.
                reason: format!("{compression}: {error}"),
            });
        }
        if last {
            return Ok(chunks.end(compression, text_bytes, false));
        }
    }
}

enum Codec {
    None,
    Gzip,
    Zstd,
    Parquet,
    Other(&'static str, &'static str),
}

impl Codec {
    /// By the first bytes. Input that is nothing but a beginning of a codec's mark was cut off.
    fn of(start: &[u8]) -> Self {
        const ZSTD: &[u8] = &[0x28, 0xB5, 0x2F, 0xFD];
        const REPACK: &str = "unpack it, or store it as gzip, zstd or plain text";
        let cut = |mark: &[u8]| !start.is_empty() && mark.starts_with(start);
        let is = |mark: &[u8]| start.starts_with(mark);
        // A skippable frame is zstd as well; its first byte is 50 to 5F.
        let skippable =
            start.len() >= 4 && start[0] & 0xF0 == 0x50 && start[1..4] == [0x2A, 0x4D, 0x18];
        if is(&[0x1F, 0x8B]) || cut(&[0x1F, 0x8B]) {
            Self::Gzip
        } else if is(ZSTD) || skippable || cut(ZSTD) {
            Self::Zstd
        } else if is(b"PAR1") {
            Self::Parquet
        } else if is(b"BZh") {
            Self::Other("compressed with bzip2", REPACK)
        } else if is(&[0xFD, b'7', b'z', b'X', b'Z', 0]) {
            Self::Other("compressed with xz", REPACK)
        } else if is(b"PK\x03\x04") {
            Self::Other("a ZIP archive", REPACK)
        } else if is(&[0x04, 0x22, 0x4D, 0x18]) {
            Self::Other("compressed with lz4", REPACK)
        } else if is(&[0x89, b'L', b'Z', b'O']) {
            Self::Other("compressed with lzop", REPACK)
        } else {
            Self::None
        }
    }
}
