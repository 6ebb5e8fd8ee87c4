//! Every single fault, and every pair of lost answers, at every call of a
//! three-part upload: it ends in the right object or in none, and nothing stays
//! open unreported.

use std::{sync::Arc, time::Duration};

use bytes::Bytes;
use datatransit_s3upload::{
    Error, Guard, MemoryStore, ObjectSpec, Publication, Receipt, UploadConfig, Uploader,
    store::{StoreErrorKind, StoreProfile},
    testing::{Fault, FaultyStore, Operation, contract::sample},
};

const PART: usize = 100;
const KINDS: [StoreErrorKind; 11] = [
    StoreErrorKind::Server,
    StoreErrorKind::Transport,
    StoreErrorKind::Timeout,
    StoreErrorKind::Throttled,
    StoreErrorKind::BadResponse,
    StoreErrorKind::BadDigest,
    StoreErrorKind::AccessDenied,
    StoreErrorKind::InvalidRequest,
    StoreErrorKind::NoSuchUpload,
    StoreErrorKind::Conflict,
    StoreErrorKind::PreconditionFailed,
];

/// Those that a store may answer with, or that may stand for no answer, after
/// the request has had its effect.
const LOST: [StoreErrorKind; 4] = [
    StoreErrorKind::Server,
    StoreErrorKind::Transport,
    StoreErrorKind::Timeout,
    StoreErrorKind::BadResponse,
];

struct Run {
    memory: MemoryStore,
    store: FaultyStore<MemoryStore>,
    body: Bytes,
    outcome: Result<Receipt, Error>,
}

async fn run(body: Bytes, guard: Guard, attempts: u32, faults: &[(usize, Fault)]) -> Run {
    let memory =
        MemoryStore::new().with_profile(StoreProfile::s3().with_min_part_bytes(PART as u64));
    let mut store = FaultyStore::new(memory.clone());
    for (at, fault) in faults {
        store = store.with_fault_at(*at, fault.clone());
    }
    let config = UploadConfig::default()
        .with_part_bytes(PART as u64)
        .with_memory_bytes(3 * PART as u64)
        .with_max_attempts(attempts);
    let uploader = Uploader::new(Arc::new(store.clone()), config).expect("the settings are sound");
    let mut upload = uploader.begin(ObjectSpec::new("b", "k"), guard);
    let outcome = match upload.push(body.clone()).await {
        Ok(()) => upload.commit().await,
        Err(error) => {
            drop(upload);
            Err(error)
        }
    };
    let drained = uploader.drain(Duration::from_secs(600)).await;
    // An upload whose id was never heard of, and cannot be looked up, is
    // reported without one.
    let reported: Vec<_> = drained
        .unconfirmed
        .iter()
        .map(|left| left.upload_id.as_deref())
        .collect();
    let open = memory.open_uploads();
    assert!(
        reported.len() >= open || reported.contains(&None),
        "{open} uploads are open, reported were {reported:?} ({faults:?})"
    );
    Run {
        memory,
        store,
        body,
        outcome,
    }
}

impl Run {
    /// The object is the right one or not there, and the outcome says which.
    fn assert_whole_or_nothing(&self, what: &str) {
        let object = self.memory.object("b", "k");
        match (&self.outcome, &object) {
            (Ok(receipt), Some(object)) => {
                assert_eq!(object, &self.body, "{what}");
                assert_eq!(receipt.size_bytes, self.body.len() as u64, "{what}");
            }
            (Ok(_), None) => panic!("{what}: a receipt without an object"),
            (Err(error), Some(object)) => {
                assert_eq!(object, &self.body, "{what}");
                assert!(
                    error.may_be_published(),
                    "{what}: published, but reported as not: {error}"
                );
            }
            (Err(_), None) => {}
        }
    }

    /// Whether any of the faults came to be.
    fn reached(&self, call: usize) -> bool {
        self.store.calls().len() > call
    }
}

fn three_parts() -> Bytes {
    sample(2 * PART + 50, 1)
}

#[tokio::test(start_paused = true)]
async fn any_single_fault_ends_in_the_right_object_or_in_none() {
    let mut runs = 0;
    for guard in [Guard::Overwrite, Guard::CreateOnly] {
        for body in [three_parts(), sample(30, 2)] {
            for attempts in [1, 4] {
                for (kind, after) in KINDS
                    .map(|kind| (kind, false))
                    .into_iter()
                    .chain(LOST.map(|kind| (kind, true)))
                {
                    for at in 0.. {
                        let fault = if after {
                            Fault::after(kind)
                        } else {
                            Fault::before(kind)
                        };
                        let what = format!(
                            "{kind:?} at {at}, after effect: {after}, {attempts} attempts, {guard:?}"
                        );
                        let run = run(body.clone(), guard.clone(), attempts, &[(at, fault)]).await;
                        run.assert_whole_or_nothing(&what);
                        runs += 1;
                        if !run.reached(at) {
                            assert!(run.outcome.is_ok(), "{what}");
                            break;
                        }
                        let transient = matches!(
                            kind,
                            StoreErrorKind::Server
                                | StoreErrorKind::Transport
                                | StoreErrorKind::Timeout
                                | StoreErrorKind::Throttled
                                | StoreErrorKind::BadResponse
                                | StoreErrorKind::BadDigest
                        );
                        if transient && attempts > 1 {
                            assert!(run.outcome.is_ok(), "{what}: {:?}", run.outcome);
                        }
                    }
                }
            }
        }
    }
    assert!(runs > 500, "{runs} runs");
}

#[tokio::test(start_paused = true)]
async fn any_two_lost_answers_end_in_the_right_object_or_in_none() {
    for guard in [Guard::Overwrite, Guard::CreateOnly] {
        for attempts in [1, 2, 4] {
            for first in 0..8 {
                for second in first + 1..12 {
                    let faults =
                        [first, second].map(|at| (at, Fault::after(StoreErrorKind::Transport)));
                    let run = run(three_parts(), guard.clone(), attempts, &faults).await;
                    run.assert_whole_or_nothing(&format!("{first} and {second}, {guard:?}"));
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fails_for_good_leaves_nothing_behind_or_says_so() {
    for operation in [
        Operation::Create,
        Operation::UploadPart,
        Operation::Complete,
        Operation::Head,
    ] {
        for fault in [
            Fault::before(StoreErrorKind::Server),
            Fault::after(StoreErrorKind::Server),
            Fault::Hang,
        ] {
            let memory = MemoryStore::new()
                .with_profile(StoreProfile::s3().with_min_part_bytes(PART as u64));
            let store = FaultyStore::new(memory.clone()).with_fault_on(operation, fault.clone());
            let config = UploadConfig::default()
                .with_part_bytes(PART as u64)
                .with_memory_bytes(2 * PART as u64)
                .with_max_attempts(3);
            let uploader = Uploader::new(Arc::new(store.clone()), config).unwrap();
            let mut upload = uploader.begin(ObjectSpec::new("b", "k"), Guard::CreateOnly);
            let outcome = match upload.push(three_parts()).await {
                Ok(()) => upload.commit().await.map(|receipt| receipt.publication),
                Err(error) => {
                    drop(upload);
                    Err(error)
                }
            };
            let drained = uploader.drain(Duration::from_secs(600)).await;
            assert!(drained.unconfirmed.len() >= memory.open_uploads());
            match (memory.object("b", "k"), outcome) {
                (Some(object), Ok(publication)) => {
                    assert_eq!(object, three_parts());
                    assert_eq!(publication, Publication::FoundAfterLostAnswer);
                }
                (Some(object), Err(error)) => {
                    assert_eq!(object, three_parts());
                    assert!(error.may_be_published(), "{operation:?} {fault:?}: {error}");
                }
                (None, Ok(_)) => panic!("{operation:?} {fault:?}: a receipt without an object"),
                (None, Err(error)) => assert!(error.attempts() >= 1, "{error}"),
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_the_completion_is_cleared_up_and_flagged() {
    let run = run(
        three_parts(),
        Guard::CreateOnly,
        4,
        &[(4, Fault::after(StoreErrorKind::Transport))],
    )
    .await;
    assert_eq!(run.store.calls()[4], Operation::Complete);
    let receipt = run.outcome.unwrap();
    assert_eq!(receipt.publication, Publication::FoundAfterLostAnswer);
    assert_eq!(receipt.parts, 3);
    assert!(receipt.retries >= 1);
}

#[tokio::test(start_paused = true)]
async fn a_lost_answer_to_the_opening_leaves_an_id_in_the_report() {
    let memory =
        MemoryStore::new().with_profile(StoreProfile::s3().with_min_part_bytes(PART as u64));
    let store =
        FaultyStore::new(memory.clone()).with_fault_at(0, Fault::after(StoreErrorKind::Transport));
    let config = UploadConfig::default()
        .with_part_bytes(PART as u64)
        .with_memory_bytes(2 * PART as u64);
    let uploader = Uploader::new(Arc::new(store), config).unwrap();
    let mut upload = uploader.begin(ObjectSpec::new("b", "k"), Guard::Overwrite);
    upload.push(three_parts()).await.unwrap();
    let receipt = upload.commit().await.unwrap();
    assert_eq!(memory.object("b", "k"), Some(three_parts()));

    let drained = uploader.drain(Duration::from_secs(10)).await;
    let [left] = &drained.unconfirmed[..] else {
        panic!("{drained:?}");
    };
    assert!(left.upload_id.is_some());
    assert_ne!(left.upload_id, receipt.upload_id);
    assert_eq!(left.address.key, "k");

    // By hand, once it is clear whose it is.
    let listed = uploader.list_uploads("b", "k").await.unwrap();
    uploader.abort_upload(&listed[0]).await.unwrap();
    assert_eq!(memory.open_uploads(), 0);
    assert!(uploader.drain(Duration::from_secs(10)).await.is_clean());
}
