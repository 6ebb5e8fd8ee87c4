//! Taking bytes in and sending parts out, within the memory budget.

use std::{
    sync::Arc,
    task::{Context, Poll},
};

use bytes::BytesMut;
use futures_util::FutureExt;
use tokio::{runtime::Handle, task::JoinSet, time::Instant};

use super::{
    Upload,
    part::{Opening, PartTask},
};
use crate::{
    error::{Error, ErrorKind, Stage},
    progress::UploadProgress,
    proof::{Fold, SentPart},
    registry::EntryId,
    spec::ObjectSpec,
    uploader::{Core, RetryCount},
};

/// A small object should not cost a whole part's memory: its buffer starts this
/// size and is replaced by one of full size when outgrown.
const FIRST_BUFFER_BYTES: usize = 64 * 1024;

/// A part being filled.
#[derive(Debug)]
pub(super) struct Buffer {
    pub(super) bytes: BytesMut,
    pub(super) target: usize,
}

/// What exists once the first part was full.
#[derive(Debug)]
pub(super) struct Multipart {
    pub(super) entry: EntryId,
    pub(super) opening: Opening,
    pub(super) tasks: JoinSet<Result<SentPart, Error>>,
    /// Acknowledged out of order.
    pub(super) early: Vec<SentPart>,
    pub(super) dispatched: u32,
    pub(super) dispatched_bytes: u64,
    pub(super) in_flight_bytes: u64,
    pub(super) runtime: Handle,
}

impl Upload {
    /// Waits until the buffer has room for at least one byte.
    pub(super) fn poll_space(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        loop {
            self.check_alive()?;
            self.poll_parts(cx)?;
            if let Some(buffer) = &self.buffer {
                if buffer.bytes.len() < buffer.target {
                    return Poll::Ready(Ok(()));
                }
                // Only now that another byte has come: an object of exactly one
                // part is sent by one request.
                self.dispatch();
                continue;
            }
            let Some(bytes) = self.schedule.next_bytes() else {
                let reachable = self.accepted_bytes;
                let memory = self.core.config.memory_bytes;
                return Poll::Ready(Err(self.fail(
                    Error::new(ErrorKind::TooLarge, Stage::Write).with_reason(format!(
                        "more than the {reachable} bytes that a memory budget of {memory} bytes reaches"
                    )),
                )));
            };
            let (in_flight, in_flight_bytes) = self.in_flight();
            if in_flight >= self.core.config.max_in_flight
                || in_flight_bytes.saturating_add(bytes) > self.core.config.memory_bytes
            {
                // At least one part is under way, and `poll_parts` has left the
                // waker with it: the budget holds two parts of any size.
                return Poll::Pending;
            }
            // The budget, and so a part, was checked to fit the address space.
            let target = usize::try_from(bytes).unwrap_or(usize::MAX);
            let first = self.multipart.is_none();
            self.buffer = Some(Buffer {
                bytes: BytesMut::with_capacity(if first {
                    target.min(FIRST_BUFFER_BYTES)
                } else {
                    target
                }),
                target,
            });
            self.schedule.advance();
            self.started.get_or_insert_with(Instant::now);
        }
    }

    /// Copies as much of `block` as the buffer takes; `poll_space` has made room.
    pub(super) fn fill(&mut self, block: &[u8]) -> usize {
        let Some(buffer) = &mut self.buffer else {
            return 0;
        };
        let taken = block.len().min(buffer.target - buffer.bytes.len());
        let block = &block[..taken];
        if buffer.bytes.len() + taken > buffer.bytes.capacity() {
            let mut whole = BytesMut::with_capacity(buffer.target);
            whole.extend_from_slice(&buffer.bytes);
            buffer.bytes = whole;
        }
        buffer.bytes.extend_from_slice(block);
        self.rolling.update(block);
        self.accepted_bytes += taken as u64;
        if buffer.bytes.len() == buffer.target && self.multipart.is_some() {
            self.dispatch();
        }
        self.report_progress();
        taken
    }

    /// Hands the buffer over to a task of its own.
    pub(super) fn dispatch(&mut self) {
        let Some(buffer) = self.buffer.take() else {
            return;
        };
        let bytes = buffer.bytes.freeze();
        let multipart = match &mut self.multipart {
            Some(multipart) => multipart,
            None => {
                let multipart = Multipart::open(&self.core, &self.spec, &self.retries);
                self.multipart.insert(multipart)
            }
        };
        let size = bytes.len() as u64;
        multipart.dispatched += 1;
        multipart.tasks.spawn_on(
            PartTask {
                core: Arc::clone(&self.core),
                opening: multipart.opening.clone(),
                number: multipart.dispatched,
                offset: multipart.dispatched_bytes,
                bytes,
                retries: self.retries.clone(),
            }
            .run(),
            &multipart.runtime,
        );
        multipart.dispatched_bytes += size;
        multipart.in_flight_bytes += size;
    }

    /// Takes in all parts that have ended; leaves the waker with the others.
    pub(super) fn poll_parts(&mut self, cx: &mut Context<'_>) -> Result<(), Error> {
        loop {
            let Some(multipart) = &mut self.multipart else {
                return Ok(());
            };
            let Poll::Ready(Some(ended)) = multipart.tasks.poll_join_next(cx) else {
                return Ok(());
            };
            let outcome = ended.unwrap_or_else(|_| {
                Err(Error::new(ErrorKind::Internal, Stage::UploadPart)
                    .with_reason("the task that sent a part was lost"))
            });
            let folded = outcome.and_then(|part| {
                multipart.in_flight_bytes -= part.size_bytes;
                multipart.early.push(part);
                fold_in_order(&mut self.fold, &mut multipart.early)
            });
            if let Err(error) = folded {
                return Err(self.fail(error));
            }
            self.report_progress();
        }
    }

    pub(super) fn poll_all_parts(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Error>> {
        self.poll_parts(cx)?;
        match self.in_flight() {
            (0, _) => Poll::Ready(Ok(())),
            _ => Poll::Pending,
        }
    }

    pub(super) fn in_flight(&self) -> (usize, u64) {
        self.multipart.as_ref().map_or((0, 0), |multipart| {
            (multipart.tasks.len(), multipart.in_flight_bytes)
        })
    }

    pub(super) fn report_progress(&self) {
        let (parts, in_flight_bytes) = self.in_flight();
        let buffered = self
            .buffer
            .as_ref()
            .map_or(0, |buffer| buffer.bytes.capacity() as u64);
        let sent_bytes = self.fold.size_bytes()
            + self.multipart.as_ref().map_or(0, |multipart| {
                multipart.early.iter().map(|part| part.size_bytes).sum()
            });
        let early = self
            .multipart
            .as_ref()
            .map_or(0, |multipart| multipart.early.len());
        self.progress.send_replace(UploadProgress {
            accepted_bytes: self.accepted_bytes,
            sent_bytes,
            parts_sent: (self.fold.next_number() - 1)
                .saturating_add(u32::try_from(early).unwrap_or(u32::MAX)),
            parts_in_flight: u32::try_from(parts).unwrap_or(u32::MAX),
            held_bytes: in_flight_bytes + buffered,
            retries: self.retries.total(),
        });
    }
}

impl Multipart {
    fn open(core: &Arc<Core>, spec: &ObjectSpec, retries: &RetryCount) -> Self {
        let runtime = Handle::current();
        let entry = core.registry.enter(&spec.address);
        let opening = runtime
            .spawn(Arc::clone(core).open(entry, spec.clone(), retries.clone()))
            .map(|ended| {
                ended.unwrap_or_else(|_| {
                    Err(Error::new(ErrorKind::Internal, Stage::Create)
                        .with_reason("the task that opened the upload was lost"))
                })
            })
            .boxed()
            .shared();
        Self {
            entry,
            opening,
            tasks: JoinSet::new(),
            early: Vec::new(),
            dispatched: 0,
            dispatched_bytes: 0,
            in_flight_bytes: 0,
            runtime,
        }
    }
}

/// Folds the parts that are next in order.
fn fold_in_order(fold: &mut Fold, early: &mut Vec<SentPart>) -> Result<(), Error> {
    while let Some(at) = early
        .iter()
        .position(|part| part.number <= fold.next_number())
    {
        fold.push(early.swap_remove(at))
            .map_err(|reason| Error::new(ErrorKind::Mismatch, Stage::Prove).with_reason(reason))?;
    }
    Ok(())
}
