//! One upload: takes bytes in, cuts them into parts, has them sent, and
//! publishes on request.
//!
//! A single owner cuts and numbers the parts, so their order cannot depend on
//! timing. Parts are sent by tasks; how many there may be follows from the
//! memory budget alone, counted here and nowhere else.

mod intake;
mod part;

use std::{
    future::poll_fn,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
};

use bytes::{Buf, Bytes};
use tokio::{io::AsyncWrite, sync::watch, time::Instant};

use self::{
    intake::{Buffer, Multipart},
    part::drained,
};
use crate::{
    checksum::{Crc64, RollingCrc64},
    cleanup::clean,
    error::{Error, ErrorKind, Stage},
    plan::PartSchedule,
    progress::UploadProgress,
    proof::Fold,
    publish::{Act, Publisher},
    receipt::Receipt,
    spec::{Guard, ObjectSpec},
    store::Proof,
    uploader::{AbortReport, Core, RetryCount},
};

/// An object on its way: bytes go in by [`push`](Self::push) or as an
/// [`AsyncWrite`], and nothing appears at the key before [`commit`](Self::commit).
///
/// `flush` and `shutdown` of the writer publish nothing and wait for nothing:
/// they report a failure if one has happened. (An encoder shuts its inner writer
/// down on error paths, too; a truncated stream must not become an object.)
///
/// # Memory
///
/// At most [`UploadConfig::memory_bytes`](crate::UploadConfig) per upload, parts
/// being sent included. When they are used up, `push` and `poll_write` wait.
///
/// # Drop
///
/// Nothing is published. Parts under way are cancelled and the multipart upload
/// is aborted in the background; [`Uploader::drain`](crate::Uploader::drain)
/// waits for that and tells what could not be confirmed.
#[derive(Debug)]
pub struct Upload {
    core: Arc<Core>,
    spec: ObjectSpec,
    guard: Guard,
    schedule: PartSchedule,
    buffer: Option<Buffer>,
    rolling: RollingCrc64,
    accepted_bytes: u64,
    started: Option<Instant>,
    multipart: Option<Multipart>,
    fold: Fold,
    failure: Option<Error>,
    /// A `push` was dropped when it had taken a part of its block.
    torn: bool,
    progress: watch::Sender<UploadProgress>,
    retries: RetryCount,
}

impl Upload {
    pub(crate) fn new(core: Arc<Core>, spec: ObjectSpec, guard: Guard) -> Self {
        let schedule = core.config.schedule(spec.expected_bytes, &core.profile);
        let reachable_bytes = schedule.reachable_bytes();
        tracing::info!(
            bucket = spec.address.bucket,
            key = spec.address.key,
            memory_bytes = core.config.memory_bytes,
            first_part_bytes = schedule.next_bytes(),
            reachable_bytes,
            "upload begins"
        );
        if let Some(expected_bytes) = spec.expected_bytes
            && expected_bytes > reachable_bytes
        {
            tracing::warn!(
                expected_bytes,
                reachable_bytes,
                memory_bytes = core.config.memory_bytes,
                "the expected size is beyond the reach of the memory budget"
            );
        }
        Self {
            core,
            spec,
            guard,
            schedule,
            buffer: None,
            rolling: RollingCrc64::new(),
            accepted_bytes: 0,
            started: None,
            multipart: None,
            fold: Fold::new(),
            failure: None,
            torn: false,
            progress: watch::Sender::new(UploadProgress::default()),
            retries: RetryCount::default(),
        }
    }

    /// Takes in a block of any size, waiting while the memory budget is used up.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::TooLarge`] at the first byte beyond what the budget's part
    /// schedule reaches; whatever made a part fail for good; and
    /// [`ErrorKind::Aborted`] after [`Uploader::drain`](crate::Uploader::drain)
    /// or a torn `push`. The upload is then lost: every further call fails.
    ///
    /// # Panics
    ///
    /// Outside a Tokio runtime, once the first part is full.
    ///
    /// # Cancel safety
    ///
    /// Dropped before it has taken anything, it may be called again with the same
    /// block. Dropped in the middle of a block, how much was taken is not known
    /// to the caller, so the upload refuses everything but being aborted: it can
    /// not publish a stream with a gap. `poll_write` has no such middle.
    pub async fn push(&mut self, mut block: Bytes) -> Result<(), Error> {
        self.check_whole()?;
        while !block.is_empty() {
            poll_fn(|cx| self.poll_space(cx)).await?;
            let taken = self.fill(&block);
            block.advance(taken);
            self.torn = !block.is_empty();
        }
        Ok(())
    }

    /// Sends what is left, proves that the parts are the stream that came in,
    /// publishes the object, and compares it with what was sent.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::AlreadyExists`] or [`ErrorKind::Conflict`] by the guard;
    /// [`ErrorKind::Mismatch`] if proof or comparison fails; otherwise as the
    /// store answers. Unless [`Error::may_be_published`] says otherwise nothing
    /// is at the key and the upload is being aborted in the background.
    ///
    /// # Cancel safety
    ///
    /// Dropped before the store was asked to publish, nothing is published.
    /// Dropped afterwards, the object is either published whole or not at all,
    /// and nobody is told which.
    pub async fn commit(mut self) -> Result<Receipt, Error> {
        self.check_whole()?;
        self.check_alive()?;
        let started = *self.started.get_or_insert_with(Instant::now);
        let stream = Proof::new(self.accepted_bytes, self.rolling.value());
        let (act, parts) = match &self.multipart {
            None => (self.prepare_put(stream)?, 0),
            Some(_) => self.prepare_complete(stream).await?,
        };
        let upload_id = match &act {
            Act::Put(_) => None,
            Act::Complete { upload, .. } => Some(upload.upload_id.clone()),
        };
        let publisher = Publisher {
            core: &self.core,
            spec: &self.spec,
            guard: &self.guard,
            proof: stream,
            retries: &self.retries,
        };
        let outcome = match publisher.publish(act).await {
            Ok(outcome) => outcome,
            Err(error) => {
                if error.stage() == Stage::Verify {
                    // Published: there is nothing to abort.
                    self.strike_off();
                }
                return Err(self.fail(error));
            }
        };
        self.strike_off();
        self.report_progress();
        let receipt = Receipt {
            bucket: self.spec.address.bucket.clone(),
            key: self.spec.address.key.clone(),
            version_id: outcome.published.version_id,
            etag: outcome.published.etag,
            size_bytes: stream.size_bytes,
            parts,
            upload_id,
            crc64nvme: stream.crc64nvme,
            verification: outcome.verification,
            publication: outcome.publication,
            encryption: outcome.encryption,
            kms_key_id: outcome.kms_key_id,
            elapsed: started.elapsed(),
            retries: self.retries.total(),
        };
        tracing::info!(
            bucket = receipt.bucket,
            key = receipt.key,
            size_bytes = receipt.size_bytes,
            parts = receipt.parts,
            crc64nvme = %receipt.crc64nvme,
            verification = ?receipt.verification,
            retries = receipt.retries,
            "object published"
        );
        Ok(receipt)
    }

    /// Gives the upload up and waits until the store confirms that nothing of it
    /// is left.
    ///
    /// # Cancel safety
    ///
    /// Safe: aborting goes on in the background.
    pub async fn abort(mut self) -> AbortReport {
        let mut report = AbortReport {
            address: self.spec.address.clone(),
            upload_id: None,
            confirmed: true,
            error: None,
        };
        let Some(cleaning) = self.abandon() else {
            return report;
        };
        let outcome = match cleaning.await {
            Ok(outcome) => outcome,
            Err(_) => Err(Error::new(ErrorKind::Internal, Stage::Abort)
                .with_address(&report.address)
                .with_reason("the aborting task was cut off")),
        };
        match outcome {
            Ok(upload_id) => report.upload_id = upload_id,
            Err(error) => {
                report.upload_id = error.upload_id().map(str::to_owned);
                report.confirmed = false;
                report.error = Some(error);
            }
        }
        report
    }

    /// Watches how far the upload is.
    pub fn progress(&self) -> watch::Receiver<UploadProgress> {
        self.progress.subscribe()
    }

    /// Bytes taken in so far.
    pub fn accepted_bytes(&self) -> u64 {
        self.accepted_bytes
    }

    fn prepare_put(&mut self, stream: Proof) -> Result<Act, Error> {
        let body = self
            .buffer
            .take()
            .map(|buffer| buffer.bytes.freeze())
            .unwrap_or_default();
        let sent = Proof::new(body.len() as u64, Crc64::of(&body));
        if sent != stream {
            return Err(self.fail(
                Error::new(ErrorKind::Mismatch, Stage::Prove)
                    .with_reason("the buffer is not the stream that came in"),
            ));
        }
        Ok(Act::Put(body))
    }

    async fn prepare_complete(&mut self, stream: Proof) -> Result<(Act, u32), Error> {
        self.dispatch();
        poll_fn(|cx| self.poll_all_parts(cx)).await?;
        let Some(multipart) = &self.multipart else {
            return Err(self.fail(drained()));
        };
        let (entry, parts) = (multipart.entry, multipart.dispatched);
        let opening = multipart.opening.clone();
        if let Err(reason) = self.fold.prove(parts, stream) {
            return Err(
                self.fail(Error::new(ErrorKind::Mismatch, Stage::Prove).with_reason(reason))
            );
        }
        let upload = match opening.await {
            Ok(upload) => upload,
            Err(error) => return Err(self.fail(error)),
        };
        if !self.core.registry.start_commit(entry) {
            return Err(self.fail(drained()));
        }
        let acks = self.fold.acks();
        Ok((
            Act::Complete {
                upload,
                parts: acks,
            },
            parts,
        ))
    }

    fn check_whole(&mut self) -> Result<(), Error> {
        if self.torn {
            return Err(self.fail(
                Error::new(ErrorKind::Aborted, Stage::Write)
                    .with_reason("an earlier push was dropped in the middle of its block"),
            ));
        }
        Ok(())
    }

    fn check_alive(&mut self) -> Result<(), Error> {
        if let Some(failure) = &self.failure {
            return Err(failure.clone());
        }
        if self.core.closing.is_cancelled() {
            return Err(self.fail(drained()));
        }
        Ok(())
    }

    /// Makes the failure final and starts to clean up at once.
    fn fail(&mut self, error: Error) -> Error {
        let error = if error.address().is_none() {
            let upload_id = self.upload_id();
            error
                .with_address(&self.spec.address)
                .with_upload_id(upload_id.as_deref())
        } else {
            error
        };
        self.failure = Some(error.clone());
        // Whoever drains or aborts learns of the outcome from the registry.
        drop(self.abandon());
        error
    }

    fn upload_id(&self) -> Option<String> {
        let opened = self.multipart.as_ref()?.opening.peek()?;
        Some(opened.as_ref().ok()?.upload_id.clone())
    }

    /// The object is published: nothing of this upload may be aborted.
    fn strike_off(&mut self) {
        if let Some(multipart) = self.multipart.take() {
            self.core.registry.remove(multipart.entry);
        }
    }

    /// Cancels the parts and has the upload aborted in a task of its own, which
    /// answers with its id.
    fn abandon(&mut self) -> Option<tokio::task::JoinHandle<Result<Option<String>, Error>>> {
        self.buffer = None;
        let Multipart {
            entry,
            opening,
            mut tasks,
            runtime,
            ..
        } = self.multipart.take()?;
        let core = Arc::clone(&self.core);
        core.registry.abandon(entry);
        Some(runtime.spawn(async move {
            tasks.shutdown().await;
            match opening.await {
                Ok(upload) => {
                    clean(Arc::clone(&core), entry).await?;
                    if core.registry.contains(entry) {
                        return Err(Error::new(ErrorKind::Unreachable, Stage::Abort)
                            .with_address(&upload.address)
                            .with_upload_id(Some(&upload.upload_id))
                            .with_reason("it is being aborted by somebody else"));
                    }
                    Ok(Some(upload.upload_id))
                }
                // Not opened, or not known to be: the registry says which.
                Err(error) if core.registry.contains(entry) => Err(error),
                Err(_) => Ok(None),
            }
        }))
    }
}

impl Drop for Upload {
    fn drop(&mut self) {
        drop(self.abandon());
    }
}

impl AsyncWrite for Upload {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        block: &[u8],
    ) -> Poll<std::io::Result<usize>> {
        let this = self.get_mut();
        if block.is_empty() {
            return Poll::Ready(Ok(0));
        }
        this.check_whole()?;
        ready!(this.poll_space(cx))?;
        Poll::Ready(Ok(this.fill(block)))
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        let this = self.get_mut();
        this.check_alive()?;
        this.poll_parts(cx)?;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<std::io::Result<()>> {
        self.poll_flush(cx)
    }
}
