//! What the crate promises, whatever its user and the store do.

use std::{
    future::{Future, poll_fn},
    io,
    pin::pin,
    sync::Arc,
    task::Poll,
    time::Duration,
};

use bytes::Bytes;
use datatransit_s3upload::{
    DirectoryStore, Encryption, ErrorKind, Guard, MemoryStore, ObjectSpec, Stage, Upload,
    UploadConfig, Uploader, Verification,
    store::{Published, StoreErrorKind, StoreProfile},
    testing::{Fault, FaultyStore, MockObjectStore, Operation, contract::sample},
};
use proptest::prelude::*;
use tokio::io::AsyncWriteExt;

const PART: u64 = 100;

fn tiny() -> MemoryStore {
    MemoryStore::new().with_profile(StoreProfile::s3().with_min_part_bytes(PART))
}

fn config() -> UploadConfig {
    UploadConfig::default()
        .with_part_bytes(PART)
        .with_memory_bytes(4 * PART)
}

fn uploader(store: &FaultyStore<MemoryStore>) -> Uploader {
    Uploader::new(Arc::new(store.clone()), config()).expect("the settings are sound")
}

fn begin(uploader: &Uploader) -> Upload {
    uploader.begin(ObjectSpec::new("b", "k"), Guard::Overwrite)
}

async fn assert_nothing_left(uploader: &Uploader, memory: &MemoryStore) {
    let drained = uploader.drain(Duration::from_secs(60)).await;
    assert!(drained.is_clean(), "{drained:?}");
    assert_eq!(memory.open_uploads(), 0);
}

/// Polls a future at most `polls` times and drops it then.
async fn dropped_after<F: Future>(polls: usize, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut left = polls;
    poll_fn(|cx| {
        if left == 0 {
            return Poll::Ready(None);
        }
        left -= 1;
        match future.as_mut().poll(cx) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            // With nothing left to poll, nothing may wait for a waker.
            Poll::Pending if left == 0 => Poll::Ready(None),
            Poll::Pending => Poll::Pending,
        }
    })
    .await
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn published_bytes_are_the_bytes_accepted(
        pieces in prop::collection::vec((0..350_usize, any::<bool>()), 0..12),
        memory in 2..6_u64,
        delays in prop::collection::vec((0..20_usize, 0..50_u64), 0..4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let memory_store = tiny();
            let mut store = FaultyStore::new(memory_store.clone());
            for (at, millis) in delays {
                store = store.with_fault_at(at, Fault::Delay(Duration::from_millis(millis)));
            }
            let uploader =
                Uploader::new(Arc::new(store), config().with_memory_bytes(memory * PART)).unwrap();
            let mut upload = begin(&uploader);
            let mut expected = Vec::new();
            for (salt, (length, as_writer)) in (0..).zip(pieces) {
                let block = sample(length, salt);
                expected.extend_from_slice(&block);
                if as_writer {
                    upload.write_all(&block).await.unwrap();
                    upload.flush().await.unwrap();
                } else {
                    upload.push(block).await.unwrap();
                }
            }
            upload.shutdown().await.unwrap();
            assert_eq!(memory_store.object("b", "k"), None);
            let receipt = upload.commit().await.unwrap();
            assert_eq!(memory_store.object("b", "k").unwrap(), expected);
            assert_eq!(receipt.verification, Verification::Checksum);
            assert_eq!(receipt.size_bytes, expected.len() as u64);
            assert_eq!(receipt.parts == 0, expected.len() as u64 <= PART);
            assert_nothing_left(&uploader, &memory_store).await;
        });
    }
}

#[tokio::test(start_paused = true)]
async fn a_failed_producer_cannot_publish() {
    struct Broken(usize);
    impl tokio::io::AsyncRead for Broken {
        fn poll_read(
            mut self: std::pin::Pin<&mut Self>,
            _cx: &mut std::task::Context<'_>,
            buffer: &mut tokio::io::ReadBuf<'_>,
        ) -> Poll<io::Result<()>> {
            if self.0 == 0 {
                return Poll::Ready(Err(io::Error::other("the dump died")));
            }
            let length = self.0.min(buffer.remaining());
            buffer.put_slice(&vec![7; length]);
            self.0 -= length;
            Poll::Ready(Ok(()))
        }
    }
    for length in [0, 50, 1_000] {
        let memory = tiny();
        let store = FaultyStore::new(memory.clone());
        let uploader = uploader(&store);
        let mut upload = begin(&uploader);
        let copied = tokio::io::copy(&mut Broken(length), &mut upload).await;
        assert!(copied.is_err());
        // What an encoder does on its way out, too.
        upload.shutdown().await.unwrap();
        drop(upload);
        assert_nothing_left(&uploader, &memory).await;
        assert_eq!(memory.object("b", "k"), None);
        assert_eq!(
            store.count(Operation::Put) + store.count(Operation::Complete),
            0
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_publishes_nothing_and_leaves_nothing() {
    let memory = tiny();
    let uploader = uploader(&FaultyStore::new(memory.clone()));
    let mut upload = begin(&uploader);
    let task = tokio::spawn(async move {
        upload.push(sample(750, 1)).await.unwrap();
        panic!("the producer's bug");
    });
    assert!(task.await.unwrap_err().is_panic());
    assert_nothing_left(&uploader, &memory).await;
    assert_eq!(memory.object("b", "k"), None);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_sent_before_a_part_is_full_and_one_part_is_one_request() {
    let store = FaultyStore::new(tiny());
    let uploader = uploader(&store);
    let mut upload = begin(&uploader);
    upload.push(sample(100, 1)).await.unwrap();
    tokio::task::yield_now().await;
    assert_eq!(store.calls(), []);
    let receipt = upload.commit().await.unwrap();
    assert_eq!(store.calls(), [Operation::Put, Operation::Head]);
    assert_eq!((receipt.parts, receipt.upload_id), (0, None));
}

#[tokio::test(start_paused = true)]
async fn bytes_held_never_exceed_the_budget() {
    // No part is ever acknowledged: whatever is accepted is held.
    for memory in [200, 399, 400, 750] {
        let store = FaultyStore::new(tiny()).with_fault_on(Operation::UploadPart, Fault::Hang);
        let config = config().with_memory_bytes(memory);
        let uploader = Uploader::new(Arc::new(store), config).unwrap();
        let mut upload = begin(&uploader);
        let progress = upload.progress();
        let waited =
            tokio::time::timeout(Duration::from_secs(1), upload.push(sample(10_000, 1))).await;
        assert!(waited.is_err(), "the whole block was taken");
        assert!(upload.accepted_bytes() <= memory);
        assert!(
            upload.accepted_bytes() > memory - 2 * PART,
            "the budget is used"
        );
        assert!(progress.borrow().held_bytes <= memory);
    }
}

#[tokio::test(start_paused = true)]
async fn parts_in_flight_are_bounded() {
    let store = FaultyStore::new(tiny()).with_fault_on(Operation::UploadPart, Fault::Hang);
    let config = config().with_memory_bytes(100 * PART).with_max_in_flight(3);
    let uploader = Uploader::new(Arc::new(store.clone()), config).unwrap();
    let mut upload = begin(&uploader);
    let push = upload.push(sample(10_000, 1));
    assert!(
        tokio::time::timeout(Duration::from_secs(1), push)
            .await
            .is_err()
    );
    assert_eq!(store.count(Operation::UploadPart), 3);
}

#[tokio::test(start_paused = true)]
async fn dropped_at_any_poll_it_publishes_all_or_nothing() {
    let body = sample(470, 1);
    let mut published = 0;
    for polls in 0.. {
        let memory = tiny();
        let mut store = FaultyStore::new(memory.clone());
        for at in 0..12 {
            store = store.with_fault_at(at, Fault::Delay(Duration::from_millis(5)));
        }
        let uploader = uploader(&store);
        let mut upload = begin(&uploader);
        let work = async {
            for start in (0..body.len()).step_by(130) {
                upload
                    .push(body.slice(start..body.len().min(start + 130)))
                    .await?;
            }
            upload.commit().await
        };
        let outcome = dropped_after(polls, work).await;
        let finished = outcome.is_some();
        assert_nothing_left(&uploader, &memory).await;
        match memory.object("b", "k") {
            Some(object) => {
                assert_eq!(object, body);
                published += 1;
            }
            None => assert!(!finished),
        }
        if finished {
            break;
        }
    }
    assert!(published >= 1);
}

#[tokio::test(start_paused = true)]
async fn a_torn_push_can_only_be_aborted() {
    let memory = tiny();
    let store = FaultyStore::new(memory.clone())
        .with_fault_on(Operation::UploadPart, Fault::Delay(Duration::from_secs(5)));
    let uploader = uploader(&store);
    let mut upload = begin(&uploader);
    let torn = tokio::time::timeout(Duration::from_secs(1), upload.push(sample(5_000, 1))).await;
    assert!(torn.is_err());
    let error = upload.push(Bytes::from_static(b"more")).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Aborted);
    assert!(upload.write_all(b"more").await.is_err());
    assert!(upload.commit().await.is_err());
    assert_nothing_left(&uploader, &memory).await;
    assert_eq!(memory.object("b", "k"), None);
}

#[tokio::test(start_paused = true)]
async fn a_write_dropped_while_waiting_can_be_repeated() {
    let memory = tiny();
    let store = FaultyStore::new(memory.clone())
        .with_fault_on(Operation::UploadPart, Fault::Delay(Duration::from_secs(5)));
    let uploader = uploader(&store);
    let mut upload = begin(&uploader);
    let body = sample(3_000, 1);
    let mut at = 0;
    while at < body.len() {
        let write = upload.write(&body[at..]);
        if let Ok(written) = tokio::time::timeout(Duration::from_secs(1), write).await {
            at += written.unwrap();
        }
    }
    upload.commit().await.unwrap();
    assert_eq!(memory.object("b", "k"), Some(body));
}

#[tokio::test(start_paused = true)]
async fn many_uploads_with_the_smallest_budget_all_finish() {
    let memory = tiny();
    let config = config().with_memory_bytes(2 * PART);
    let uploader = Uploader::new(Arc::new(memory.clone()), config).unwrap();
    let mut uploads = tokio::task::JoinSet::new();
    for number in 0..50 {
        let mut upload = uploader.begin(
            ObjectSpec::new("b", format!("k{number}")),
            Guard::CreateOnly,
        );
        uploads.spawn(async move {
            upload.push(sample(1_234, number)).await?;
            upload.commit().await
        });
    }
    while let Some(ended) = uploads.join_next().await {
        ended.unwrap().unwrap();
    }
    for number in 0..50 {
        assert_eq!(
            memory.object("b", &format!("k{number}")),
            Some(sample(1_234, number))
        );
    }
}

#[tokio::test(start_paused = true)]
async fn of_two_racing_creations_exactly_one_wins() {
    for length in [30, 530] {
        let memory = tiny();
        let uploader = uploader(&FaultyStore::new(memory.clone()));
        // The same bytes, so that content cannot tell whose object it is.
        let race = async |uploader: &Uploader| {
            let mut upload = uploader.begin(ObjectSpec::new("b", "k"), Guard::CreateOnly);
            upload.push(sample(length, 1)).await.unwrap();
            upload.commit().await
        };
        let (one, other) = tokio::join!(race(&uploader), race(&uploader));
        let (won, lost) = if one.is_ok() {
            (one, other)
        } else {
            (other, one)
        };
        won.unwrap();
        let lost = lost.unwrap_err();
        assert_eq!(lost.kind(), ErrorKind::AlreadyExists);
        assert!(!lost.may_be_published());
        assert_nothing_left(&uploader, &memory).await;
    }
}

#[tokio::test(start_paused = true)]
async fn replacing_demands_the_etag_named() {
    let memory = tiny();
    let uploader = uploader(&FaultyStore::new(memory.clone()));
    let put = async |guard: Guard, salt: u64| {
        let mut upload = uploader.begin(ObjectSpec::new("b", "k"), guard);
        upload.push(sample(300, salt)).await.unwrap();
        upload.commit().await
    };
    let first = put(Guard::CreateOnly, 1).await.unwrap();
    let etag = first.etag.unwrap();
    put(Guard::Replace { etag: etag.clone() }, 2).await.unwrap();
    let error = put(Guard::Replace { etag }, 3).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert_eq!(memory.object("b", "k"), Some(sample(300, 2)));
}

#[tokio::test]
async fn ten_thousand_parts_are_reached_and_not_one_byte_more() {
    let memory = MemoryStore::new().with_profile(StoreProfile::s3().with_min_part_bytes(4));
    let config = config().with_part_bytes(4).with_memory_bytes(8);
    let uploader = Uploader::new(Arc::new(memory.clone()), config).unwrap();
    assert_eq!(uploader.reachable_bytes(), 40_000);

    let mut upload = begin(&uploader);
    upload.push(sample(40_000, 1)).await.unwrap();
    let receipt = upload.commit().await.unwrap();
    assert_eq!(receipt.parts, 10_000);
    assert_eq!(memory.object("b", "k"), Some(sample(40_000, 1)));

    let mut upload = uploader.begin(ObjectSpec::new("b", "more"), Guard::Overwrite);
    upload.push(sample(40_000, 1)).await.unwrap();
    let error = upload.push(sample(1, 2)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::TooLarge);
    assert_eq!(error.stage(), Stage::Write);
    assert!(error.to_string().contains("40000"), "{error}");
    assert!(upload.commit().await.is_err());
    assert_nothing_left(&uploader, &memory).await;
    assert_eq!(memory.object("b", "more"), None);
}

#[tokio::test(start_paused = true)]
async fn an_abort_is_confirmed_and_reported() {
    let memory = tiny();
    let store = FaultyStore::new(memory.clone());
    let uploader = uploader(&store);

    let report = begin(&uploader).abort().await;
    assert!(report.confirmed && report.upload_id.is_none());

    let mut upload = begin(&uploader);
    upload.push(sample(777, 1)).await.unwrap();
    let report = upload.abort().await;
    assert!(report.confirmed, "{report:?}");
    assert!(report.upload_id.is_some());
    assert_eq!(memory.open_uploads(), 0);
    assert!(store.count(Operation::ListParts) >= 1);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_aborted_is_reported_and_tried_again() {
    let memory = tiny();
    let store = FaultyStore::new(memory.clone()).with_fault_on(
        Operation::Abort,
        Fault::before(StoreErrorKind::AccessDenied),
    );
    let uploader = uploader(&store);
    let mut upload = begin(&uploader);
    upload.push(sample(777, 1)).await.unwrap();
    let report = upload.abort().await;
    assert!(!report.confirmed);
    assert_eq!(report.error.unwrap().kind(), ErrorKind::AccessDenied);

    let drained = uploader.drain(Duration::from_secs(5)).await;
    assert_eq!(drained.unconfirmed.len(), 1);
    assert_eq!(drained.unconfirmed[0].upload_id, report.upload_id);
    assert!(drained.unconfirmed[0].reason.contains("access denied"));

    store.heal();
    let drained = uploader.drain(Duration::from_secs(5)).await;
    assert!(drained.is_clean());
    assert_eq!(drained.aborted.len(), 1);
    assert_eq!(memory.open_uploads(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_drain_ends_uploads_that_are_still_written() {
    let memory = tiny();
    let store = FaultyStore::new(memory.clone());
    let uploader = uploader(&store);
    let mut upload = begin(&uploader);
    upload.push(sample(777, 1)).await.unwrap();
    assert_nothing_left(&uploader, &memory).await;
    let error = upload.push(sample(10, 1)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Aborted);
    assert!(upload.commit().await.is_err());
    assert!(begin(&uploader).commit().await.is_err());
    assert_eq!(memory.object("b", "k"), None);
}

#[tokio::test(start_paused = true)]
async fn an_opening_that_is_answered_after_the_drop_is_aborted() {
    let memory = tiny();
    let store = FaultyStore::new(memory.clone())
        .with_fault_on(Operation::Create, Fault::Delay(Duration::from_secs(3)));
    let uploader = uploader(&store);
    let mut upload = begin(&uploader);
    upload.push(sample(250, 1)).await.unwrap();
    drop(upload);
    let drained = uploader.drain(Duration::from_secs(20)).await;
    assert!(drained.is_clean(), "{drained:?}");
    assert_eq!(drained.aborted.len(), 1);
    assert_eq!(memory.open_uploads(), 0);
}

#[tokio::test(start_paused = true)]
async fn an_opening_that_is_never_answered_is_in_the_report() {
    let memory = tiny();
    let store = FaultyStore::new(memory.clone()).with_fault_on(Operation::Create, Fault::Hang);
    let uploader = uploader(&store);
    let mut upload = begin(&uploader);
    upload.push(sample(250, 1)).await.unwrap();
    drop(upload);
    let drained = uploader.drain(Duration::from_secs(20)).await;
    assert!(!drained.is_clean());
    assert_eq!(drained.unconfirmed[0].address.key, "k");
}

#[tokio::test(start_paused = true)]
async fn attributes_that_were_not_applied_are_a_mismatch() {
    let mut mock = MockObjectStore::new();
    mock.expect_profile().returning(StoreProfile::s3);
    mock.expect_put_object()
        .returning(|_, _, _, _| Ok(Published::new("e1")));
    mock.expect_head_object().returning(|_, _, _| {
        let mut info = datatransit_s3upload::ObjectInfo::new(3);
        info.etag = Some("e1".to_owned());
        info.encryption = Some("AES256".to_owned());
        Ok(Some(info))
    });
    let uploader = Uploader::new(Arc::new(mock), UploadConfig::default()).unwrap();
    let spec = ObjectSpec::new("b", "k").with_encryption(Encryption::Kms {
        key_id: "k1".to_owned(),
    });
    let mut upload = uploader.begin(spec, Guard::Overwrite);
    upload.push(Bytes::from_static(b"abc")).await.unwrap();
    let error = upload.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert_eq!(error.stage(), Stage::Verify);
    assert!(error.may_be_published());
    assert!(error.to_string().contains("aws:kms"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn progress_counts_to_the_end() {
    let uploader = uploader(&FaultyStore::new(tiny()));
    let mut upload = begin(&uploader);
    let progress = upload.progress();
    upload.push(sample(1_050, 1)).await.unwrap();
    assert_eq!(progress.borrow().accepted_bytes, 1_050);
    upload.commit().await.unwrap();
    let end = *progress.borrow();
    assert_eq!((end.parts_sent, end.sent_bytes), (11, 1_050));
    assert_eq!((end.parts_in_flight, end.held_bytes), (0, 0));
}

#[tokio::test]
async fn tags_are_stored_or_refused() {
    let memory = MemoryStore::new();
    let uploader = Uploader::new(Arc::new(memory.clone()), UploadConfig::default()).unwrap();
    let spec = ObjectSpec::new("b", "k").with_tag("old", "1");
    uploader
        .begin(spec, Guard::Overwrite)
        .commit()
        .await
        .unwrap();
    uploader
        .put_tags("b", "k", &[("run_id", "r1"), ("valid_for_etl", "true")])
        .await
        .unwrap();
    let tags = memory.tags("b", "k").unwrap();
    assert_eq!(tags[1], ("valid_for_etl".to_owned(), "true".to_owned()));

    let root = tempfile::tempdir().unwrap();
    let files = DirectoryStore::new(root.path());
    let uploader = Uploader::new(Arc::new(files), UploadConfig::default()).unwrap();
    let error = uploader
        .put_tags("b", "k", &[("a", "b")])
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

#[tokio::test]
async fn keys_cannot_leave_the_directory() {
    let root = tempfile::tempdir().unwrap();
    let files = DirectoryStore::new(root.path());
    let uploader = Uploader::new(Arc::new(files), UploadConfig::default()).unwrap();
    for key in [
        "../k",
        "/k",
        "a//b",
        "a/./b",
        "a/../../b",
        "",
        "a/",
        ".datatransit-unfinished/k",
    ] {
        let upload = uploader.begin(ObjectSpec::new("b", key), Guard::Overwrite);
        let error = upload.commit().await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Rejected, "{key}");
    }
}

#[tokio::test]
async fn a_file_appears_whole_with_its_bytes() {
    let root = tempfile::tempdir().unwrap();
    let files = DirectoryStore::new(root.path());
    let config = UploadConfig::default().with_part_bytes(5 << 20);
    let uploader = Uploader::new(Arc::new(files), config).unwrap();
    let body = sample(11 << 20, 1);
    let mut upload = uploader.begin(ObjectSpec::new("b", "d/x.sql.gz"), Guard::CreateOnly);
    upload.push(body.clone()).await.unwrap();
    assert!(!root.path().join("d").exists());
    let receipt = upload.commit().await.unwrap();
    assert_eq!(
        (receipt.parts, receipt.verification),
        (3, Verification::Checksum)
    );
    assert_eq!(std::fs::read(root.path().join("d/x.sql.gz")).unwrap(), body);
    let names: Vec<_> = std::fs::read_dir(root.path()).unwrap().collect();
    assert_eq!(names.len(), 1, "{names:?}");
}

#[tokio::test]
async fn a_store_that_lost_a_part_of_the_file_is_found_out() {
    // A stranger shortens the file between writing and publishing.
    let root = tempfile::tempdir().unwrap();
    let config = UploadConfig::default().with_part_bytes(5 << 20);
    let uploader = Uploader::new(Arc::new(DirectoryStore::new(root.path())), config).unwrap();
    let mut upload = uploader.begin(ObjectSpec::new("b", "k"), Guard::Overwrite);
    upload.push(sample(11 << 20, 1)).await.unwrap();
    let mut progress = upload.progress();
    while progress.borrow_and_update().parts_sent < 2 {
        upload.flush().await.unwrap();
        tokio::task::yield_now().await;
    }
    let unfinished = root.path().join(".datatransit-unfinished");
    let folder = std::fs::read_dir(unfinished)
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(folder.path().join("data"))
        .unwrap();
    file.set_len(1_000).unwrap();
    let error = upload.commit().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert_eq!(error.stage(), Stage::Verify);
}
