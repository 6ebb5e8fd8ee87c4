//! One holds it at a time, and only its holder changes it.

use datatransit_s3upload::MemoryStore;

use super::*;

fn lock(store: &Arc<MemoryStore>, run_id: &str, lease: Duration) -> RemoteLock {
    let store: Arc<dyn ObjectStore> = Arc::<MemoryStore>::clone(store);
    let address = ObjectAddress::new("bucket", "prod.lock");
    RemoteLock::new(store, address, "some body", run_id.parse().unwrap(), lease)
}

const LONG: Duration = Duration::from_secs(600);

#[tokio::test]
async fn one_holds_it_and_gives_it_back() {
    let store = Arc::new(MemoryStore::new());
    let mut held = lock(&store, "first", LONG).acquire().await.unwrap();
    let refused = lock(&store, "second", LONG).acquire().await.unwrap_err();
    assert!(
        refused.to_string().contains("some_body, run first"),
        "{refused}"
    );
    assert_eq!(Failure::from(refused).exit(), ExitCode::Locked);
    held.renew().await.unwrap();
    assert!(lock(&store, "second", LONG).probe().await.is_err());
    held.release().await.unwrap();
    lock(&store, "second", LONG).probe().await.unwrap();
    lock(&store, "second", LONG).acquire().await.unwrap();
}

#[tokio::test]
async fn runs_of_one_name_keep_each_other_out() {
    let store = Arc::new(MemoryStore::new());
    let _held = lock(&store, "cron", LONG).acquire().await.unwrap();
    assert!(lock(&store, "cron", LONG).acquire().await.is_err());
}

#[tokio::test]
async fn one_that_ran_out_is_taken_and_its_holder_frees_nothing() {
    let store = Arc::new(MemoryStore::new());
    let mut late = lock(&store, "first", Duration::ZERO)
        .acquire()
        .await
        .unwrap();
    let held = lock(&store, "second", LONG).acquire().await.unwrap();
    let lost = late.renew().await.unwrap_err();
    assert!(lost.to_string().contains("run second"), "{lost}");
    late.release().await.unwrap();
    assert!(lock(&store, "third", LONG).acquire().await.is_err());
    held.release().await.unwrap();
    lock(&store, "third", LONG).acquire().await.unwrap();
}

#[tokio::test]
async fn an_object_that_is_no_lock_is_left_alone() {
    let store = Arc::new(MemoryStore::new());
    let body = Bytes::from_static(b"a dump");
    let spec = ObjectSpec::new("bucket", "prod.lock");
    let crc = Crc64::of(&body);
    store
        .put_object(&spec, body, crc, &Guard::CreateOnly)
        .await
        .unwrap();
    let refused = lock(&store, "first", LONG).acquire().await.unwrap_err();
    assert!(refused.to_string().contains("no lock"), "{refused}");
}

#[test]
fn addresses() {
    assert_eq!(s3_address("/run/lock/x", "--lock").unwrap(), None);
    let address = s3_address("s3://b/locks/x", "--lock").unwrap().unwrap();
    assert_eq!((&*address.bucket, &*address.key), ("b", "locks/x"));
    for text in ["s3://b", "s3:///x", "s3://b/", "s3://b/x/"] {
        let refused = s3_address(text, "--lock-uri").unwrap_err();
        assert!(refused.to_string().contains("--lock-uri"), "{text}");
    }
}
