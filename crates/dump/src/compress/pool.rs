//! Threads that compress blocks, in order without a queue to sort.
//!
//! Block k goes to thread k mod N and is taken back from there: N threads work at once,
//! and the order of the blocks is kept by construction. All channels are bounded.

use bytes::Bytes;
use tokio::sync::mpsc;

use super::{Compression, Encoder};
use crate::error::Error;

/// Blocks that may wait before, and behind, each thread.
const QUEUE: usize = 2;

/// A block after its codec.
#[derive(Debug)]
pub(crate) struct Compressed {
    pub(crate) bytes: Bytes,
    /// How many uncompressed bytes went in.
    pub(crate) raw_length: u64,
}

/// The entrance and the exit of the pool.
pub(crate) struct Pool {
    inputs: Vec<mpsc::Sender<Vec<u8>>>,
    outputs: Vec<mpsc::Receiver<Result<Compressed, Error>>>,
}

impl Pool {
    /// Starts the threads. They end when the entrance, or the exit, is dropped.
    pub(crate) fn start(compression: Compression, threads: usize) -> Result<Self, Error> {
        let threads = compression.threads(threads);
        let mut pool = Self {
            inputs: Vec::new(),
            outputs: Vec::new(),
        };
        for index in 0..threads {
            let encoder = Encoder::new(compression)?;
            let (input, blocks) = mpsc::channel(QUEUE);
            let (results, output) = mpsc::channel(QUEUE);
            std::thread::Builder::new()
                .name(format!("dump-compress-{index}"))
                .spawn(move || compress(encoder, blocks, &results))
                .map_err(|error| Error::Internal(format!("start a thread: {error}")))?;
            pool.inputs.push(input);
            pool.outputs.push(output);
        }
        Ok(pool)
    }

    /// The most blocks that are inside at once, waiting or in work, in either form.
    pub(crate) fn capacity(threads: usize) -> u64 {
        threads as u64 * (2 * QUEUE as u64 + 1)
    }

    pub(crate) fn split(self) -> (Entrance, Exit) {
        (
            Entrance {
                inputs: self.inputs,
                next: 0,
            },
            Exit {
                outputs: self.outputs,
                next: 0,
            },
        )
    }
}

/// Where blocks go in; on a thread of its own, never on an async one.
pub(crate) struct Entrance {
    inputs: Vec<mpsc::Sender<Vec<u8>>>,
    next: usize,
}

impl Entrance {
    /// Gives a block in; `false` when the exit is gone.
    pub(crate) fn send(&mut self, block: Vec<u8>) -> bool {
        let sent = self.inputs[self.next].blocking_send(block).is_ok();
        self.next = (self.next + 1) % self.inputs.len();
        sent
    }
}

/// Where they come out, in order.
pub(crate) struct Exit {
    outputs: Vec<mpsc::Receiver<Result<Compressed, Error>>>,
    next: usize,
}

impl Exit {
    /// The next block; `None` after the last.
    ///
    /// A thread that died looks like the end: the receiver compares totals.
    pub(crate) async fn receive(&mut self) -> Option<Result<Compressed, Error>> {
        let block = self.outputs[self.next].recv().await;
        self.next = (self.next + 1) % self.outputs.len();
        block
    }
}

fn compress(
    mut encoder: Encoder,
    mut blocks: mpsc::Receiver<Vec<u8>>,
    results: &mpsc::Sender<Result<Compressed, Error>>,
) {
    while let Some(raw) = blocks.blocking_recv() {
        let raw_length = raw.len() as u64;
        let result = encoder.block(raw).map(|bytes| Compressed {
            bytes: bytes.into(),
            raw_length,
        });
        let failed = result.is_err();
        if results.blocking_send(result).is_err() || failed {
            return;
        }
    }
    let rest = encoder.finish().map(|bytes| Compressed {
        bytes: bytes.into(),
        raw_length: 0,
    });
    if !matches!(&rest, Ok(block) if block.bytes.is_empty()) {
        // Nobody may be there any more to hear it.
        let _: Result<(), _> = results.blocking_send(rest);
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    async fn round_trip(compression: Compression, threads: usize, blocks: Vec<Vec<u8>>) -> Vec<u8> {
        let (mut entrance, mut exit) = Pool::start(compression, threads).unwrap().split();
        let feeder = std::thread::spawn(move || {
            for block in blocks {
                assert!(entrance.send(block));
            }
        });
        let mut stored = Vec::new();
        while let Some(block) = exit.receive().await {
            stored.extend_from_slice(&block.unwrap().bytes);
        }
        feeder.join().unwrap();
        stored
    }

    fn blocks() -> Vec<Vec<u8>> {
        (0..23_u32)
            .map(|n| format!("block {n:05} ").repeat(500).into_bytes())
            .collect()
    }

    #[tokio::test]
    async fn members_keep_their_order_on_any_number_of_threads() {
        for threads in [1, 2, 5] {
            let stored = round_trip(Compression::GZIP, threads, blocks()).await;
            let mut text = Vec::new();
            flate2::read::MultiGzDecoder::new(stored.as_slice())
                .read_to_end(&mut text)
                .unwrap();
            assert_eq!(text, blocks().concat());
        }
    }

    #[tokio::test]
    async fn a_single_member_is_read_by_a_reader_of_one() {
        let stored = round_trip(Compression::GZIP_SINGLE, 4, blocks()).await;
        let mut text = Vec::new();
        flate2::read::GzDecoder::new(stored.as_slice())
            .read_to_end(&mut text)
            .unwrap();
        assert_eq!(text, blocks().concat());
    }

    #[tokio::test]
    async fn frames_are_read_as_one_stream() {
        let stored = round_trip(Compression::ZSTD, 3, blocks()).await;
        assert_eq!(
            zstd::stream::decode_all(stored.as_slice()).unwrap(),
            blocks().concat()
        );
    }

    #[tokio::test]
    async fn the_entrance_hears_that_the_exit_is_gone() {
        let (mut entrance, exit) = Pool::start(Compression::None, 1).unwrap().split();
        drop(exit);
        let refused = std::thread::spawn(move || (0..20).any(|_| !entrance.send(vec![0; 10])));
        assert!(refused.join().unwrap());
    }
}
