//! From pieces of text and rows to the sink: pack, digest, cut into blocks, compress, write.
//!
//! Three places work at once, each bounded by the one behind it:
//!
//! - the caller's task reads and encodes rows ([`Feeder`]), and gives blocks to the sink
//!   ([`drain`]);
//! - the packing thread joins rows to statements, counts and digests, cuts blocks;
//! - the pool's threads compress.
//!
//! The byte budget: rows between reader and packer hold permits of one semaphore; the
//! blocks behind the packer are a fixed number of fixed size.

use std::sync::Arc;

use sha2::{Digest, Sha256};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::assemble::Assembler;
use crate::compress::{Compression, Exit, Pool};
use crate::encode::RowBatch;
use crate::error::Error;
use crate::options::OptionError;
use crate::pack::InsertForm;
use crate::sink::Sink;

/// Bytes of text in a block: a gzip member's, a zstd frame's.
pub(crate) const BLOCK_BYTES: usize = 1 << 20;
/// Text that a batch of rows holds when it is sent on (a long row makes it longer).
pub(crate) const BATCH_BYTES: usize = 256 << 10;
/// One permit of the budget.
const PERMIT_BYTES: usize = 1 << 10;
/// Pieces that may wait for the packer; the rows among them are bounded by the budget.
const PIECES: usize = 64;

/// What the packer receives.
pub(crate) enum Piece {
    /// The permit, where there is one, is given back when the text is packed.
    Text(Vec<u8>, Option<OwnedSemaphorePermit>),
    BeginRows(InsertForm),
    Rows(RowBatch, OwnedSemaphorePermit),
    EndRows(oneshot::Sender<TableTotals>),
}

/// What is known about one table's rows when they are packed.
#[derive(Debug)]
pub(crate) struct TableTotals {
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

/// What is known about the text when it ends.
#[derive(Debug)]
pub(crate) struct StreamTotals {
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
}

/// What is known about the stored bytes when they end.
#[derive(Debug)]
pub(crate) struct StoredTotals {
    pub(crate) raw_bytes: u64,
    pub(crate) stored_bytes: u64,
    pub(crate) stored_sha256: String,
}

/// The memory unless another is asked for.
pub(crate) const DEFAULT_MEMORY_BYTES: u64 = 64 << 20;

/// Refuses no thread, and too little memory for the threads.
pub(crate) fn check(
    compression: Compression,
    threads: Option<usize>,
    memory_bytes: u64,
) -> Result<(), OptionError> {
    if threads == Some(0) {
        return Err(OptionError::value("threads", "0", "at least 1"));
    }
    let threads = threads.unwrap_or(1);
    let minimum = minimum_memory(compression, threads);
    if memory_bytes < minimum {
        let expected = format!("at least {minimum} bytes for {threads} compressing threads");
        let given = memory_bytes.to_string();
        return Err(OptionError::value("memory", &given, &expected));
    }
    Ok(())
}

/// One thread per core, at most 8, as far as the memory reaches; at least one.
pub(crate) fn default_threads(compression: Compression, memory_bytes: u64) -> usize {
    let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    (1..=cores.min(8))
        .rev()
        .find(|&threads| minimum_memory(compression, threads) <= memory_bytes)
        .unwrap_or(1)
}

/// The least memory with which the stages can work.
fn minimum_memory(compression: Compression, threads: usize) -> u64 {
    fixed_memory(compression.threads(threads)) + 2 * BATCH_BYTES as u64
}

/// The blocks between the packer and the sink, and the one being filled.
fn fixed_memory(threads: usize) -> u64 {
    (Pool::capacity(threads) + 1) * BLOCK_BYTES as u64
}

/// Starts the threads; they end by themselves when either end is dropped.
pub(crate) fn start(
    compression: Compression,
    threads: usize,
    memory_bytes: u64,
) -> Result<(Feeder, Exit), Error> {
    let threads = compression.threads(threads);
    let (entrance, exit) = Pool::start(compression, threads)?.split();
    let (pieces, received) = mpsc::channel(PIECES);
    let (totals, stream_totals) = oneshot::channel();
    std::thread::Builder::new()
        .name("dump-pack".into())
        .spawn(move || {
            if let Some(result) = Assembler::new(entrance).run(received) {
                // The receiver is gone when the dump has failed elsewhere.
                let _: Result<(), _> = totals.send(result);
            }
        })
        .map_err(|error| Error::Internal(format!("start a thread: {error}")))?;
    let dynamic = memory_bytes
        .saturating_sub(fixed_memory(threads))
        .max(2 * BATCH_BYTES as u64);
    let permits = usize::try_from(dynamic / PERMIT_BYTES as u64)
        .unwrap_or(usize::MAX)
        .min(Semaphore::MAX_PERMITS)
        .min(u32::MAX as usize);
    let feeder = Feeder {
        pieces,
        budget: Arc::new(Semaphore::new(permits)),
        permits,
        stream_totals,
    };
    Ok((feeder, exit))
}

/// The entrance for text and rows.
pub(crate) struct Feeder {
    pieces: mpsc::Sender<Piece>,
    budget: Arc<Semaphore>,
    permits: usize,
    stream_totals: oneshot::Receiver<StreamTotals>,
}

impl Feeder {
    /// Text that is printed as it is.
    pub(crate) async fn text(&self, text: Vec<u8>) -> Result<(), Error> {
        self.send(Piece::Text(text, None)).await
    }

    /// Text that rows became, of any length. Waits while the budget is spent.
    pub(crate) async fn budgeted_text(&self, text: Vec<u8>) -> Result<(), Error> {
        let permit = self.permit(text.capacity()).await?;
        self.send(Piece::Text(text, Some(permit))).await
    }

    /// The beginning of a table's rows.
    pub(crate) async fn begin_rows(&self, form: InsertForm) -> Result<(), Error> {
        self.send(Piece::BeginRows(form)).await
    }

    /// Rows. Waits while the budget is spent.
    pub(crate) async fn rows(&self, batch: RowBatch) -> Result<(), Error> {
        let held = batch.text.capacity() + batch.lengths.capacity() * size_of::<usize>();
        let permit = self.permit(held).await?;
        self.send(Piece::Rows(batch, permit)).await
    }

    async fn permit(&self, bytes: usize) -> Result<OwnedSemaphorePermit, Error> {
        // What is longer than the whole budget passes alone.
        let wanted = bytes.div_ceil(PERMIT_BYTES).min(self.permits);
        Arc::clone(&self.budget)
            .acquire_many_owned(u32::try_from(wanted).unwrap_or(u32::MAX))
            .await
            .map_err(|_| gone())
    }

    /// The end of a table's rows; waits until they are packed.
    pub(crate) async fn end_rows(&self) -> Result<TableTotals, Error> {
        let (totals, received) = oneshot::channel();
        self.send(Piece::EndRows(totals)).await?;
        received.await.map_err(|_| gone())
    }

    /// The end of the text; waits until it is packed.
    pub(crate) async fn finish(self) -> Result<StreamTotals, Error> {
        drop(self.pieces);
        self.stream_totals.await.map_err(|_| gone())
    }

    async fn send(&self, piece: Piece) -> Result<(), Error> {
        self.pieces.send(piece).await.map_err(|_| gone())
    }
}

/// The packing thread ended early: the sink's side knows why, and says it first.
fn gone() -> Error {
    Error::Internal("a stage of the pipeline ended before its input did".into())
}

/// Gives every block to the sink, in order.
pub(crate) async fn drain<S: Sink>(
    mut exit: Exit,
    sink: &mut S,
    mut stored: impl FnMut(u64),
) -> Result<StoredTotals, Error> {
    let mut digest = Sha256::new();
    let mut totals = StoredTotals {
        raw_bytes: 0,
        stored_bytes: 0,
        stored_sha256: String::new(),
    };
    while let Some(block) = exit.receive().await {
        let block = block?;
        totals.raw_bytes += block.raw_length;
        if block.bytes.is_empty() {
            continue;
        }
        digest.update(&block.bytes);
        let length = block.bytes.len() as u64;
        sink.write(block.bytes)
            .await
            .map_err(|source| Error::Sink { source })?;
        totals.stored_bytes += length;
        stored(totals.stored_bytes);
    }
    totals.stored_sha256 = hex_digest(digest);
    Ok(totals)
}

/// Runs both to their ends, or to the first error that means something.
///
/// When the sink fails, the producer only notices that the pipeline is gone; when the
/// producer fails, the consumer sees a text that ends. Each knows the reason for its own end.
pub(crate) async fn join<A, B>(
    produce: impl Future<Output = Result<A, Error>>,
    consume: impl Future<Output = Result<B, Error>>,
) -> Result<(A, B), Error> {
    tokio::pin!(produce, consume);
    tokio::select! {
        produced = &mut produce => match produced {
            Ok(produced) => Ok((produced, consume.await?)),
            Err(error @ Error::Internal(_)) => match consume.await {
                Err(reason) => Err(reason),
                Ok(_) => Err(error),
            },
            Err(error) => Err(error),
        },
        consumed = &mut consume => {
            let consumed = consumed?;
            Ok((produce.await?, consumed))
        }
    }
}

/// The text that was made and the text that was compressed are counted apart: they must agree.
pub(crate) fn check_totals(made: &StreamTotals, stored: &StoredTotals) -> Result<(), Error> {
    if stored.raw_bytes == made.bytes {
        return Ok(());
    }
    Err(Error::Internal(format!(
        "{} bytes of text were made, {} were compressed",
        made.bytes, stored.raw_bytes
    )))
}

/// A finished digest as lower-case hex.
pub(crate) fn hex_digest(digest: Sha256) -> String {
    use std::fmt::Write;

    digest
        .finalize()
        .iter()
        .fold(String::with_capacity(64), |mut text, byte| {
            // Writing to a String cannot fail.
            let _: std::fmt::Result = write!(text, "{byte:02x}");
            text
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_sinks_reason_wins_over_the_notice_that_it_is_gone() {
        let produce = async { Err::<(), _>(Error::Internal("gone".into())) };
        let consume = async {
            tokio::task::yield_now().await;
            Err::<(), _>(Error::Sink {
                source: "disk full".into(),
            })
        };
        assert_eq!(
            join(produce, consume).await.unwrap_err().kind(),
            crate::ErrorKind::Sink
        );
    }
}
