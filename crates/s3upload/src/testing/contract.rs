//! What every [`ObjectStore`] must keep, as something to run: against the
//! doubles, a local server, or the real service.

use std::{fmt::Debug, sync::Arc, time::Duration};

use bytes::Bytes;

use crate::{
    checksum::Crc64,
    config::UploadConfig,
    error::ErrorKind,
    receipt::{Publication, Verification},
    spec::{Guard, ObjectSpec},
    store::{
        ChecksumMode, MultipartUpload, ObjectStore, PartAck, PartBody, Proof, StoreError,
        StoreErrorKind,
    },
    uploader::Uploader,
};

/// A part of the contract that a store may be excused from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// Describes objects sent by one request with their checksum.
    PutChecksums,
    /// Describes objects made of parts with their checksum.
    MultipartChecksums,
    /// Keeps [`Guard`]s.
    Guards,
    /// Lists open uploads.
    ListUploads,
    /// Sets tags.
    Tags,
    /// Refuses an object sent by one request whose bytes do not fit its checksum.
    RefusesDamagedPut,
    /// Refuses parts, and objects made of them, that do not fit their checksums
    /// and lengths.
    RefusesDamagedParts,
    /// Refuses a list that names parts which were not sent.
    RefusesUnknownParts,
}

/// Runs the whole contract on `store`, with keys below `prefix` in `bucket`,
/// except for the rules in `excused`. Returns the names of the checks made.
///
/// The keys must be unused. Objects are left behind; their sizes follow the
/// store's smallest part.
///
/// # Panics
///
/// With the name of the check, when the store breaks the contract.
pub async fn run_all(
    store: Arc<dyn ObjectStore>,
    bucket: &str,
    prefix: &str,
    excused: &[Rule],
) -> Vec<&'static str> {
    let case = Case {
        store,
        bucket: bucket.to_owned(),
        prefix: prefix.to_owned(),
        excused: excused.to_vec(),
    };
    case.missing_object_is_none().await;
    case.put_publishes_exactly_the_bytes().await;
    case.parts_become_visible_only_when_completed().await;
    case.a_part_sent_again_replaces_the_first().await;
    case.an_abort_leaves_nothing().await;
    case.a_completed_upload_is_gone().await;
    let mut checks = vec![
        "missing_object_is_none",
        "put_publishes_exactly_the_bytes",
        "parts_become_visible_only_when_completed",
        "a_part_sent_again_replaces_the_first",
        "an_abort_leaves_nothing",
        "a_completed_upload_is_gone",
    ];
    if case.demands(Rule::RefusesDamagedPut) {
        case.a_damaged_put_is_refused().await;
        checks.push("a_damaged_put_is_refused");
    }
    if case.demands(Rule::RefusesDamagedParts) {
        case.damaged_parts_are_refused().await;
        checks.push("damaged_parts_are_refused");
    }
    if case.demands(Rule::RefusesUnknownParts) {
        case.unknown_parts_are_refused().await;
        checks.push("unknown_parts_are_refused");
    }
    if case.demands(Rule::Guards) {
        case.guards_hold().await;
        checks.push("guards_hold");
    }
    if case.demands(Rule::ListUploads) {
        case.open_uploads_are_listed().await;
        checks.push("open_uploads_are_listed");
    }
    if case.demands(Rule::Tags) {
        case.tags_are_set().await;
        checks.push("tags_are_set");
    }
    case.uploader_commits_and_verifies().await;
    case.uploader_leaves_nothing_when_dropped().await;
    checks.extend([
        "uploader_commits_and_verifies",
        "uploader_leaves_nothing_when_dropped",
    ]);
    checks
}

struct Case {
    store: Arc<dyn ObjectStore>,
    bucket: String,
    prefix: String,
    excused: Vec<Rule>,
}

impl Case {
    fn demands(&self, rule: Rule) -> bool {
        !self.excused.contains(&rule)
    }

    fn spec(&self, name: &str) -> ObjectSpec {
        ObjectSpec::new(&*self.bucket, format!("{}/{name}", self.prefix))
    }

    fn smallest_part(&self) -> usize {
        usize::try_from(self.store.profile().min_part_bytes).unwrap_or(usize::MAX)
    }

    async fn crc_of(&self, spec: &ObjectSpec) -> Option<(u64, Option<Crc64>)> {
        let found = self
            .store
            .head_object(&spec.address, None, ChecksumMode::Enabled)
            .await;
        must("head", found).map(|info| (info.size_bytes, info.crc64nvme))
    }

    async fn assert_absent(&self, spec: &ObjectSpec, when: &str) {
        assert_eq!(self.crc_of(spec).await, None, "an object is there {when}");
    }

    async fn assert_holds(&self, spec: &ObjectSpec, body: &[u8], rule: Rule) {
        let (size, crc) = self.crc_of(spec).await.expect("the object is not there");
        assert_eq!(size, body.len() as u64, "length of {}", spec.address);
        if self.demands(rule) {
            assert_eq!(crc, Some(Crc64::of(body)), "checksum of {}", spec.address);
        }
    }

    async fn open(&self, spec: &ObjectSpec) -> MultipartUpload {
        must("create", self.store.create_upload(spec).await)
    }

    async fn send(
        &self,
        upload: &MultipartUpload,
        number: u32,
        offset: usize,
        bytes: &Bytes,
    ) -> PartAck {
        let part = PartBody::new(number, offset as u64, bytes.clone());
        let ack = must("upload part", self.store.upload_part(upload, part).await);
        assert_eq!(ack.number, number, "the number acknowledged");
        ack
    }

    /// Two smallest parts and a short last one.
    async fn send_three(
        &self,
        upload: &MultipartUpload,
        salt: u64,
    ) -> (Bytes, Vec<PartAck>, Proof) {
        let smallest = self.smallest_part();
        let body = sample(smallest * 2 + 17, salt);
        let mut acks = Vec::new();
        for (number, offset) in (1..).zip([0, smallest, smallest * 2]) {
            let bytes = body.slice(offset..body.len().min(offset + smallest));
            acks.push(self.send(upload, number, offset, &bytes).await);
        }
        let proof = Proof::new(body.len() as u64, Crc64::of(&body));
        (body, acks, proof)
    }

    async fn put(&self, spec: &ObjectSpec, body: &Bytes, guard: &Guard) -> Result<(), StoreError> {
        self.store
            .put_object(spec, body.clone(), Crc64::of(body), guard)
            .await
            .map(drop)
    }

    async fn missing_object_is_none(&self) {
        self.assert_absent(&self.spec("missing"), "that nobody wrote")
            .await;
    }

    async fn put_publishes_exactly_the_bytes(&self) {
        for (name, length) in [("put-empty", 0), ("put-one", 1), ("put-some", 70_000)] {
            let (spec, body) = (self.spec(name), sample(length, 1));
            must("put", self.put(&spec, &body, &Guard::Overwrite).await);
            self.assert_holds(&spec, &body, Rule::PutChecksums).await;
        }
        let (spec, body) = (self.spec("put-some"), sample(50_000, 2));
        must("put again", self.put(&spec, &body, &Guard::Overwrite).await);
        self.assert_holds(&spec, &body, Rule::PutChecksums).await;
    }

    async fn parts_become_visible_only_when_completed(&self) {
        let spec = self.spec("multipart");
        let upload = self.open(&spec).await;
        let (body, acks, proof) = self.send_three(&upload, 3).await;
        self.assert_absent(&spec, "before the upload is completed")
            .await;
        let listed = must("list parts", self.store.list_parts(&upload).await);
        assert_eq!(listed.len(), acks.len(), "parts listed");
        assert!(
            listed.is_sorted_by_key(|part| part.number),
            "parts are listed by number"
        );
        let completed = self
            .store
            .complete_upload(&upload, &acks, &proof, &Guard::Overwrite)
            .await;
        must("complete", completed);
        self.assert_holds(&spec, &body, Rule::MultipartChecksums)
            .await;
    }

    async fn a_part_sent_again_replaces_the_first(&self) {
        let spec = self.spec("resent");
        let upload = self.open(&spec).await;
        self.send(&upload, 1, 0, &sample(100, 4)).await;
        let body = sample(100, 5);
        let ack = self.send(&upload, 1, 0, &body).await;
        let proof = Proof::new(100, Crc64::of(&body));
        let completed = self
            .store
            .complete_upload(&upload, &[ack], &proof, &Guard::Overwrite)
            .await;
        must("complete", completed);
        self.assert_holds(&spec, &body, Rule::MultipartChecksums)
            .await;
    }

    async fn an_abort_leaves_nothing(&self) {
        let spec = self.spec("aborted");
        let upload = self.open(&spec).await;
        let (_, acks, proof) = self.send_three(&upload, 6).await;
        must("abort", self.store.abort_upload(&upload).await);
        let completed = self
            .store
            .complete_upload(&upload, &acks, &proof, &Guard::Overwrite)
            .await;
        assert!(completed.is_err(), "an aborted upload was completed");
        self.assert_absent(&spec, "after an abort").await;
        self.assert_gone(&upload).await;
        let late = PartBody::new(4, 0, sample(10, 7));
        let late = self.store.upload_part(&upload, late).await;
        assert!(late.is_err(), "an aborted upload took a part");
    }

    async fn a_completed_upload_is_gone(&self) {
        let spec = self.spec("completed");
        let upload = self.open(&spec).await;
        let (_, acks, proof) = self.send_three(&upload, 8).await;
        let completed = self
            .store
            .complete_upload(&upload, &acks, &proof, &Guard::Overwrite)
            .await;
        must("complete", completed);
        self.assert_gone(&upload).await;
    }

    async fn assert_gone(&self, upload: &MultipartUpload) {
        match self.store.list_parts(upload).await {
            Ok(parts) => assert!(parts.is_empty(), "parts of an upload that is gone"),
            Err(error) => assert_eq!(error.kind, StoreErrorKind::NoSuchUpload),
        }
    }

    async fn a_damaged_put_is_refused(&self) {
        let spec = self.spec("damaged");
        let put = self
            .store
            .put_object(
                &spec,
                sample(100, 9),
                Crc64::of(b"other"),
                &Guard::Overwrite,
            )
            .await;
        assert!(put.is_err(), "a damaged object was accepted");
        self.assert_absent(&spec, "though its bytes were damaged")
            .await;
    }

    async fn damaged_parts_are_refused(&self) {
        let spec = self.spec("damaged-parts");
        let upload = self.open(&spec).await;
        let mut part = PartBody::new(1, 0, sample(100, 10));
        part.crc64nvme = Crc64::of(b"other");
        let sent = self.store.upload_part(&upload, part).await;
        assert!(sent.is_err(), "a damaged part was accepted");
        let (_, acks, proof) = self.send_three(&upload, 11).await;
        for (wrong, what) in [
            (Proof::new(proof.size_bytes + 1, proof.crc64nvme), "length"),
            (
                Proof::new(proof.size_bytes, Crc64::of(b"other")),
                "checksum",
            ),
        ] {
            let completed = self
                .store
                .complete_upload(&upload, &acks, &wrong, &Guard::Overwrite)
                .await;
            assert!(completed.is_err(), "completed in spite of a wrong {what}");
            self.assert_absent(&spec, "in spite of a wrong proof").await;
        }
        must("abort", self.store.abort_upload(&upload).await);
    }

    async fn unknown_parts_are_refused(&self) {
        let spec = self.spec("unknown-parts");
        let upload = self.open(&spec).await;
        let (_, acks, proof) = self.send_three(&upload, 12).await;
        let mut unsent = acks.clone();
        unsent.push(PartAck::new(4, "never", 1));
        let mut other = acks.clone();
        other[1].etag = "other".to_owned();
        let mut swapped = acks;
        swapped.swap(0, 1);
        for (wrong, what) in [
            (unsent, "a part that was not sent"),
            (other, "another etag"),
            (swapped, "parts out of order"),
            (Vec::new(), "no part at all"),
        ] {
            let completed = self
                .store
                .complete_upload(&upload, &wrong, &proof, &Guard::Overwrite)
                .await;
            assert!(completed.is_err(), "completed with {what}");
        }
        self.assert_absent(&spec, "out of wrong parts").await;
        must("abort", self.store.abort_upload(&upload).await);
    }

    async fn guards_hold(&self) {
        let (spec, first, second) = (self.spec("guarded"), sample(20, 13), sample(30, 14));
        must("create", self.put(&spec, &first, &Guard::CreateOnly).await);
        let again = self.put(&spec, &second, &Guard::CreateOnly).await;
        assert_refused(again);
        let upload = self.open(&spec).await;
        let ack = self.send(&upload, 1, 0, &second).await;
        let proof = Proof::new(second.len() as u64, Crc64::of(&second));
        let acks = [ack];
        let complete = async |guard: &Guard| {
            self.store
                .complete_upload(&upload, &acks, &proof, guard)
                .await
        };
        assert_refused(complete(&Guard::CreateOnly).await);
        let wrong = Guard::Replace {
            etag: "\"0123456789abcdef0123456789abcdef\"".to_owned(),
        };
        assert_refused(complete(&wrong).await);
        self.assert_holds(&spec, &first, Rule::PutChecksums).await;
        let found = must(
            "head",
            self.store
                .head_object(&spec.address, None, ChecksumMode::Disabled)
                .await,
        );
        let etag = found
            .and_then(|info| info.etag)
            .expect("an object without an etag cannot be replaced under guard");
        must("replace", complete(&Guard::Replace { etag }).await);
        self.assert_holds(&spec, &second, Rule::MultipartChecksums)
            .await;
    }

    async fn open_uploads_are_listed(&self) {
        let spec = self.spec("listed");
        let upload = self.open(&spec).await;
        let listed = must("list", self.store.list_uploads(&spec.address).await);
        assert!(
            listed.iter().any(|open| {
                open.upload_id == upload.upload_id && open.address.key == spec.address.key
            }),
            "an open upload is not listed"
        );
        must("abort", self.store.abort_upload(&upload).await);
        let listed = must("list", self.store.list_uploads(&spec.address).await);
        assert!(
            listed.iter().all(|open| open.upload_id != upload.upload_id),
            "an aborted upload is listed"
        );
    }

    async fn tags_are_set(&self) {
        let spec = self.spec("tagged").with_tag("first", "1");
        must(
            "put",
            self.put(&spec, &sample(10, 15), &Guard::Overwrite).await,
        );
        let tags = [("valid".to_owned(), "true".to_owned())];
        must("tag", self.store.put_tags(&spec.address, &tags).await);
        let missing = self.spec("not-there");
        let missing = self.store.put_tags(&missing.address, &tags).await;
        assert!(missing.is_err(), "an object that is not there was tagged");
    }

    fn uploader(&self) -> Uploader {
        let smallest = self.store.profile().min_part_bytes;
        let config = UploadConfig::default()
            .with_part_bytes(smallest)
            .with_memory_bytes(smallest * 3)
            .with_retry_waits(Duration::from_millis(10), Duration::from_millis(100));
        must("configure", Uploader::new(Arc::clone(&self.store), config))
    }

    async fn uploader_commits_and_verifies(&self) {
        let smallest = self.smallest_part();
        let uploader = self.uploader();
        for (name, length, parts, rule) in [
            ("whole-empty", 0, 0, Rule::PutChecksums),
            ("whole-part", smallest, 0, Rule::PutChecksums),
            ("whole-parts", smallest * 3 + 5, 4, Rule::MultipartChecksums),
        ] {
            let (spec, body) = (self.spec(name), sample(length, 16));
            let mut upload = uploader.begin(spec.clone(), Guard::Overwrite);
            for start in (0..length).step_by(100_000) {
                let block = body.slice(start..length.min(start + 100_000));
                must("push", upload.push(block).await);
            }
            let receipt = must("commit", upload.commit().await);
            assert_eq!(receipt.size_bytes, length as u64);
            assert_eq!(receipt.parts, parts, "parts of {name}");
            assert_eq!(receipt.crc64nvme, Crc64::of(&body));
            assert_eq!(receipt.publication, Publication::Answered);
            if self.demands(rule) {
                assert_eq!(receipt.verification, Verification::Checksum);
            }
            self.assert_holds(&spec, &body, rule).await;
        }
        if self.demands(Rule::Guards) {
            let spec = self.spec("whole-parts");
            let mut upload = uploader.begin(spec, Guard::CreateOnly);
            must("push", upload.push(sample(smallest * 2, 17)).await);
            let error = upload
                .commit()
                .await
                .expect_err("an object was overwritten");
            assert_eq!(error.kind(), ErrorKind::AlreadyExists);
        }
        let drained = uploader.drain(Duration::from_secs(30)).await;
        assert!(drained.is_clean(), "{drained:?}");
    }

    async fn uploader_leaves_nothing_when_dropped(&self) {
        let spec = self.spec("dropped");
        let uploader = self.uploader();
        let mut upload = uploader.begin(spec.clone(), Guard::Overwrite);
        let body = sample(self.smallest_part() * 2 + 1, 18);
        must("push", upload.push(body).await);
        drop(upload);
        let drained = uploader.drain(Duration::from_secs(30)).await;
        assert!(drained.is_clean(), "{drained:?}");
        assert_eq!(drained.aborted.len(), 1, "uploads aborted");
        self.assert_absent(&spec, "though the upload was dropped")
            .await;
        for upload in &drained.aborted {
            self.assert_gone(upload).await;
        }
    }
}

/// Bytes that do not repeat within any part, different for each salt.
pub fn sample(length: usize, salt: u64) -> Bytes {
    let mut random = fastrand::Rng::with_seed(salt);
    let mut bytes = vec![0; length];
    random.fill(&mut bytes);
    Bytes::from(bytes)
}

fn must<T, E: Debug>(what: &str, outcome: Result<T, E>) -> T {
    match outcome {
        Ok(value) => value,
        Err(error) => panic!("{what} failed: {error:?}"),
    }
}

fn assert_refused<T: Debug>(outcome: Result<T, StoreError>) {
    match outcome {
        Err(error) => assert_eq!(error.kind, StoreErrorKind::PreconditionFailed),
        Ok(done) => panic!("a guard did not hold: {done:?}"),
    }
}
