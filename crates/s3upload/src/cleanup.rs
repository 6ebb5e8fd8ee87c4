//! Aborting a multipart upload until the store confirms that nothing of it is
//! left. S3 may finish a part that was under way after it has answered the
//! abort; only a look at the parts tells.

use std::sync::Arc;

use crate::{
    error::{Error, ErrorKind, Stage},
    registry::EntryId,
    retry::with_retries,
    store::{MultipartUpload, StoreErrorKind},
    uploader::Core,
};

/// Aborts an abandoned upload of the registry and strikes it off once confirmed.
/// Does nothing if somebody else is at it or its id is not known yet.
pub(crate) async fn clean(core: Arc<Core>, id: EntryId) -> Result<(), Error> {
    match core.registry.start_cleaning(id) {
        Some(upload) => clean_claimed(core, id, upload).await,
        None => Ok(()),
    }
}

/// The same for an upload that the caller has claimed from the registry.
pub(crate) async fn clean_claimed(
    core: Arc<Core>,
    id: EntryId,
    upload: MultipartUpload,
) -> Result<(), Error> {
    let claim = Claim { core: &core, id };
    let outcome = abort_and_confirm(&core, &upload).await;
    std::mem::forget(claim);
    match &outcome {
        Ok(()) => {
            tracing::debug!(
                key = upload.address.key,
                upload_id = upload.upload_id,
                "upload aborted"
            );
            core.registry.confirmed(id);
        }
        Err(error) => {
            tracing::error!(
                bucket = upload.address.bucket,
                key = upload.address.key,
                upload_id = upload.upload_id,
                %error,
                cause = error.cause_text(),
                "a multipart upload could not be aborted"
            );
            core.registry.cleaning_failed(id, error.with_cause_text());
        }
    }
    outcome
}

/// Gives an upload back to the registry when its cleaning is cut off, as when
/// the runtime shuts down.
struct Claim<'a> {
    core: &'a Core,
    id: EntryId,
}

impl Drop for Claim<'_> {
    fn drop(&mut self) {
        self.core
            .registry
            .cleaning_failed(self.id, "aborting was cut off".to_owned());
    }
}

/// Aborts an upload until its parts are seen to be gone.
pub(crate) async fn abort_and_confirm(core: &Core, upload: &MultipartUpload) -> Result<(), Error> {
    let config = &core.config;
    let fail = |stage, attempts, error| {
        Error::from_store(stage, attempts, error)
            .with_address(&upload.address)
            .with_upload_id(Some(&upload.upload_id))
    };
    for _ in 0..config.max_attempts {
        let aborted = with_retries(config, config.attempt_timeout, "abort", || {
            core.store.abort_upload(upload)
        });
        match aborted.await {
            Ok(_) => {}
            Err(end) if is_gone(end.error.kind) => {}
            Err(end) => return Err(fail(Stage::Abort, end.attempts, end.error)),
        }
        let listed = with_retries(config, config.attempt_timeout, "list_parts", || {
            core.store.list_parts(upload)
        });
        match listed.await {
            Ok(answer) if answer.value.is_empty() => return Ok(()),
            Ok(answer) => tracing::debug!(
                upload_id = upload.upload_id,
                parts = answer.value.len(),
                "parts arrived after the abort, aborting again"
            ),
            Err(end) if is_gone(end.error.kind) => return Ok(()),
            // A store that cannot list is taken at its word about the abort.
            Err(end) if end.error.kind == StoreErrorKind::Unsupported => return Ok(()),
            Err(end) => return Err(fail(Stage::List, end.attempts, end.error)),
        }
        tokio::time::sleep(config.retry_base).await;
    }
    Err(Error::new(ErrorKind::Unreachable, Stage::Abort)
        .with_address(&upload.address)
        .with_upload_id(Some(&upload.upload_id))
        .with_reason("parts are still there after every abort"))
}

fn is_gone(kind: StoreErrorKind) -> bool {
    matches!(
        kind,
        StoreErrorKind::NoSuchUpload | StoreErrorKind::NotFound
    )
}
