//! The stores' contract against a server that refuses what S3 refuses, through the real SDK.

use std::sync::Arc;

use datatransit_s3upload::testing::contract;
use datatransit_s3upload::{ObjectStore, S3Store};
use e2e::s3::{S3Options, S3Server};

#[tokio::test]
async fn the_s3_store_keeps_every_rule_of_the_contract() {
    let server = S3Server::start(S3Options::with_buckets(&["contract"])).unwrap();
    let store: Arc<dyn ObjectStore> = Arc::new(S3Store::new(server.endpoint().s3_client()));
    let checked = contract::run_all(store, "contract", "run/", &[]).await;
    assert!(checked.len() > 10, "{checked:?}");
    assert!(server.open_uploads().is_empty());
}
