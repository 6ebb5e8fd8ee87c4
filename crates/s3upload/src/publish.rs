//! The one step that makes an object appear, what to do when its answer is
//! lost, and the comparison afterwards.

use bytes::Bytes;

use crate::{
    error::{Error, ErrorKind, Stage},
    receipt::{Publication, Verification},
    retry::{Exhausted, with_retries},
    spec::{Encryption, Guard, ObjectSpec},
    store::{
        ChecksumMode, MultipartUpload, ObjectInfo, PartAck, Proof, Published, StoreError,
        StoreErrorKind,
    },
    uploader::{Core, RetryCount},
};

/// How an object is published.
#[derive(Debug)]
pub(crate) enum Act {
    /// In one request.
    Put(Bytes),
    /// Out of parts.
    Complete {
        upload: MultipartUpload,
        parts: Vec<PartAck>,
    },
}

impl Act {
    fn stage(&self) -> Stage {
        match self {
            Self::Put(_) => Stage::Put,
            Self::Complete { .. } => Stage::Complete,
        }
    }

    fn upload(&self) -> Option<&MultipartUpload> {
        match self {
            Self::Put(_) => None,
            Self::Complete { upload, .. } => Some(upload),
        }
    }
}

/// What publishing and comparing found out.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) published: Published,
    pub(crate) publication: Publication,
    pub(crate) verification: Verification,
    pub(crate) encryption: Option<String>,
    pub(crate) kms_key_id: Option<String>,
}

/// Publishes an object and compares it.
pub(crate) struct Publisher<'a> {
    pub(crate) core: &'a Core,
    pub(crate) spec: &'a ObjectSpec,
    pub(crate) guard: &'a Guard,
    pub(crate) proof: Proof,
    pub(crate) retries: &'a RetryCount,
}

impl Publisher<'_> {
    pub(crate) async fn publish(&self, act: Act) -> Result<Outcome, Error> {
        let (published, publication) = match self.attempt(&act).await {
            Ok(published) => (published, Publication::Answered),
            Err(end) => {
                let doubtful =
                    end.may_have_applied || end.error.kind == StoreErrorKind::NoSuchUpload;
                if !doubtful {
                    return Err(self.failed(&act, end));
                }
                (
                    self.resolve(&act, end).await?,
                    Publication::FoundAfterLostAnswer,
                )
            }
        };
        let upload_id = act.upload().map(|upload| upload.upload_id.as_str());
        self.verify(published, publication).await.map_err(|error| {
            error
                .with_address(&self.spec.address)
                .with_upload_id(upload_id)
                .possibly_published()
        })
    }

    async fn attempt(&self, act: &Act) -> Result<Published, Exhausted> {
        let store = &*self.core.store;
        let config = &self.core.config;
        let answered = match act {
            Act::Put(body) => {
                let timeout = config.timeout_for(self.proof.size_bytes);
                with_retries(config, timeout, "put", || {
                    store.put_object(self.spec, body.clone(), self.proof.crc64nvme, self.guard)
                })
                .await
            }
            Act::Complete { upload, parts } => {
                with_retries(config, config.complete_timeout, "complete", || {
                    store.complete_upload(upload, parts, &self.proof, self.guard)
                })
                .await
            }
        };
        self.retries.count(&answered);
        answered.map(|answered| answered.value)
    }

    /// An attempt was not answered, so that the object may be there: looks.
    ///
    /// Equal content alone does not prove that it was this upload, since the
    /// same bytes may have been there before; that the upload is gone from the
    /// store does. For an object sent by one request there is no such witness,
    /// and equal content must do.
    async fn resolve(&self, act: &Act, end: Exhausted) -> Result<Published, Error> {
        let unknown = |end: Exhausted, reason: &'static str| {
            Err(self
                .failed(act, end)
                .with_kind(ErrorKind::Unreachable)
                .with_reason(reason)
                .possibly_published())
        };
        let info = match self.head(None).await {
            Ok(Some(info)) => info,
            Ok(None) => return Err(self.failed(act, end)),
            Err(_) => {
                return unknown(
                    end,
                    "the answer was lost and a look at the object failed too, so it may be published",
                );
            }
        };
        if info.size_bytes != self.proof.size_bytes {
            return Err(self.failed(act, end));
        }
        match info.crc64nvme {
            Some(crc) if crc == self.proof.crc64nvme => {}
            Some(_) => return Err(self.failed(act, end)),
            None => {
                return unknown(
                    end,
                    "the answer was lost, and the store tells no checksum of the object of equal length that is there",
                );
            }
        }
        if let Some(upload) = act.upload() {
            let config = &self.core.config;
            let listed = with_retries(config, config.attempt_timeout, "list_parts", || {
                self.core.store.list_parts(upload)
            });
            match listed.await {
                Err(end) if end.error.kind == StoreErrorKind::NoSuchUpload => {}
                Err(_) => {
                    return unknown(
                        end,
                        "the answer was lost; an equal object is there, but whether the upload is still open cannot be told",
                    );
                }
                Ok(_) => return Err(self.failed(act, end)),
            }
        }
        tracing::warn!(
            bucket = self.spec.address.bucket,
            key = self.spec.address.key,
            error = %end.error,
            "the answer to publishing was lost; the object was found with equal length and checksum"
        );
        Ok(Published {
            etag: info.etag,
            version_id: info.version_id,
        })
    }

    fn failed(&self, act: &Act, end: Exhausted) -> Error {
        let refused = end.error.kind == StoreErrorKind::PreconditionFailed;
        let error = Error::from_store(act.stage(), end.attempts, end.error)
            .with_address(&self.spec.address)
            .with_upload_id(act.upload().map(|upload| upload.upload_id.as_str()));
        match self.guard {
            Guard::Replace { .. } if refused => error
                .with_kind(ErrorKind::Conflict)
                .with_reason("the object is no longer the one that was to be replaced"),
            _ if refused => error.with_reason("there is an object already"),
            _ => error,
        }
    }

    async fn head(&self, version_id: Option<String>) -> Result<Option<ObjectInfo>, StoreFailure> {
        let config = &self.core.config;
        let answered = with_retries(config, config.attempt_timeout, "head", || {
            self.core.store.head_object(
                &self.spec.address,
                version_id.clone(),
                ChecksumMode::Enabled,
            )
        })
        .await;
        self.retries.count(&answered);
        answered
            .map(|answered| answered.value)
            .map_err(|end| (end.attempts, end.error))
    }

    async fn verify(
        &self,
        published: Published,
        publication: Publication,
    ) -> Result<Outcome, Error> {
        let info = self
            .head(published.version_id.clone())
            .await
            .map_err(|(attempts, error)| Error::from_store(Stage::Verify, attempts, error))?
            .ok_or_else(|| {
                Error::new(ErrorKind::Mismatch, Stage::Verify)
                    .with_reason("the store does not know the object it has just published")
            })?;
        let attributes = self.core.profile.keeps_attributes;
        let verification = compare(&published, self.proof, &info)
            .and_then(|verification| {
                if attributes {
                    compare_attributes(self.spec, &info)?;
                }
                Ok(verification)
            })
            .map_err(|reason| Error::new(ErrorKind::Mismatch, Stage::Verify).with_reason(reason))?;
        Ok(Outcome {
            published: Published {
                etag: published.etag.or(info.etag),
                version_id: published.version_id.or(info.version_id),
            },
            publication,
            verification,
            encryption: info.encryption,
            kms_key_id: info.kms_key_id,
        })
    }
}

type StoreFailure = (u32, StoreError);

/// Compares the bytes of the published object with those sent.
fn compare(published: &Published, proof: Proof, info: &ObjectInfo) -> Result<Verification, String> {
    if info.size_bytes != proof.size_bytes {
        return Err(format!(
            "it has {} bytes, {} were sent",
            info.size_bytes, proof.size_bytes
        ));
    }
    let etags = published.etag.as_deref().zip(info.etag.as_deref());
    if let Some((answered, found)) = etags
        && answered.trim_matches('"') != found.trim_matches('"')
    {
        return Err(format!(
            "its etag is {found}, publishing was answered with {answered}: another write to the key got in between"
        ));
    }
    match info.crc64nvme {
        Some(crc) if crc == proof.crc64nvme => Ok(Verification::Checksum),
        Some(crc) => Err(format!(
            "its checksum is {crc}, the bytes sent have {}",
            proof.crc64nvme
        )),
        None if etags.is_some() => Ok(Verification::SizeAndEtag),
        None => Ok(Verification::SizeOnly),
    }
}

/// Compares what was asked for with what the store applied.
fn compare_attributes(spec: &ObjectSpec, info: &ObjectInfo) -> Result<(), String> {
    let differs = |what: &str, asked: Option<&str>, found: Option<&str>| match asked {
        Some(asked) if found != Some(asked) => Err(format!(
            "its {what} is {}, asked for was {asked}",
            found.unwrap_or("not set")
        )),
        _ => Ok(()),
    };
    differs(
        "content type",
        spec.content_type.as_deref(),
        info.content_type.as_deref(),
    )?;
    differs(
        "content encoding",
        spec.content_encoding.as_deref(),
        info.content_encoding.as_deref(),
    )?;
    let asked = match &spec.encryption {
        Encryption::BucketDefault => None,
        Encryption::S3 => Some("AES256"),
        Encryption::Kms { .. } => Some("aws:kms"),
    };
    differs("encryption", asked, info.encryption.as_deref())?;
    match (&spec.encryption, &info.kms_key_id) {
        (Encryption::Kms { key_id }, Some(applied)) if !same_key(key_id, applied) => {
            Err(format!("its key is {applied}, asked for was {key_id}"))
        }
        _ => Ok(()),
    }
}

/// Whether a key as asked for can be the key that S3 names, always by its ARN.
fn same_key(asked: &str, applied: &str) -> bool {
    let id = |key: &str| key.rsplit('/').next().unwrap_or_default().to_owned();
    // What an alias stands for is not known here.
    asked.starts_with("alias/")
        || asked.contains(":alias/")
        || asked == applied
        || (!(asked.starts_with("arn:") && applied.starts_with("arn:")) && id(asked) == id(applied))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checksum::Crc64;

    #[test]
    fn keys_are_compared_across_their_spellings() {
        let arn = "arn:aws:kms:ap-northeast-1:111122223333:key/1234-ab";
        assert!(same_key(arn, arn));
        assert!(same_key("1234-ab", arn));
        assert!(same_key("alias/dumps", arn));
        assert!(!same_key("1234-ac", arn));
        assert!(!same_key(
            "arn:aws:kms:us-east-1:111122223333:key/1234-ab",
            arn
        ));
    }

    #[test]
    fn a_store_without_checksums_is_named_honestly() {
        let proof = Proof::new(3, Crc64::of(b"abc"));
        let mut info = ObjectInfo::new(3);
        assert_eq!(
            compare(&Published::default(), proof, &info),
            Ok(Verification::SizeOnly)
        );
        info.etag = Some("\"e\"".to_owned());
        assert_eq!(
            compare(&Published::new("e"), proof, &info),
            Ok(Verification::SizeAndEtag)
        );
        info.crc64nvme = Some(Crc64::of(b"abc"));
        assert_eq!(
            compare(&Published::new("e"), proof, &info),
            Ok(Verification::Checksum)
        );
    }

    #[test]
    fn any_difference_is_a_mismatch() {
        let proof = Proof::new(3, Crc64::of(b"abc"));
        let mut info = ObjectInfo::new(4);
        assert!(compare(&Published::default(), proof, &info).is_err());
        info.size_bytes = 3;
        info.crc64nvme = Some(Crc64::of(b"abd"));
        assert!(compare(&Published::default(), proof, &info).is_err());
        info.crc64nvme = None;
        info.etag = Some("other".to_owned());
        assert!(compare(&Published::new("e"), proof, &info).is_err());

        let spec = ObjectSpec::new("b", "k").with_encryption(Encryption::Kms {
            key_id: "k1".to_owned(),
        });
        assert!(compare_attributes(&spec, &info).is_err());
        info.encryption = Some("aws:kms".to_owned());
        info.kms_key_id = Some("arn:aws:kms:r:1:key/k2".to_owned());
        assert!(compare_attributes(&spec, &info).is_err());
        info.kms_key_id = Some("arn:aws:kms:r:1:key/k1".to_owned());
        assert_eq!(compare_attributes(&spec, &info), Ok(()));
    }
}
