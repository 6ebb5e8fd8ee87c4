//! The contract, run on every store that this crate brings.

use std::sync::Arc;

use datatransit_s3upload::{
    DirectoryStore, MemoryStore,
    store::StoreProfile,
    testing::{
        FaultyStore,
        contract::{Rule, run_all},
    },
};

#[tokio::test]
async fn memory_store_keeps_the_contract() {
    let checks = run_all(Arc::new(MemoryStore::new()), "b", "p", &[]).await;
    assert_eq!(checks.len(), 14);
}

#[tokio::test]
async fn memory_store_keeps_the_contract_without_checksums() {
    let store = MemoryStore::new()
        .with_profile(StoreProfile::s3().with_min_part_bytes(1_000))
        .without_checksums();
    let excused = [Rule::PutChecksums, Rule::MultipartChecksums];
    run_all(Arc::new(store), "b", "p", &excused).await;
}

#[tokio::test]
async fn faulty_store_without_faults_changes_nothing() {
    let store = FaultyStore::new(MemoryStore::new());
    run_all(Arc::new(store.clone()), "b", "p", &[]).await;
    assert_eq!(store.open_uploads(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn directory_store_keeps_the_contract() {
    let root = tempfile::tempdir().unwrap();
    let store = DirectoryStore::new(root.path().join("objects"));
    run_all(Arc::new(store), "ignored", "p", &[Rule::Tags]).await;
    let left: Vec<_> = std::fs::read_dir(root.path().join("objects"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    assert_eq!(left, ["p"], "temporary files were left behind");
}
