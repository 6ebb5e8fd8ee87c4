//! Whole objects.

use super::*;

#[tokio::test]
async fn a_put_comes_back_as_it_was_sent() {
    let (server, client) = start().unwrap();
    client
        .put_object()
        .bucket(BUCKET)
        .key("a/b.json")
        .body(ByteStream::from_static(b"{}"))
        .content_type("application/json")
        .storage_class(StorageClass::StandardIa)
        .server_side_encryption(ServerSideEncryption::AwsKms)
        .ssekms_key_id("1234abcd")
        .tagging("run_id=r1&valid_for_etl=true")
        .metadata("origin", "test")
        .send()
        .await
        .unwrap();

    let request = client.head_object().bucket(BUCKET).key("a/b.json");
    let head = request
        .checksum_mode(ChecksumMode::Enabled)
        .send()
        .await
        .unwrap();
    assert_eq!(head.content_length(), Some(2));
    assert_eq!(head.content_type(), Some("application/json"));
    assert_eq!(head.storage_class(), Some(&StorageClass::StandardIa));
    assert_eq!(
        head.server_side_encryption(),
        Some(&ServerSideEncryption::AwsKms)
    );
    assert_eq!(
        head.ssekms_key_id(),
        Some("arn:aws:kms:ap-northeast-1:123456789012:key/1234abcd")
    );
    assert_eq!(head.metadata().unwrap()["origin"], "test");

    let got = client
        .get_object()
        .bucket(BUCKET)
        .key("a/b.json")
        .send()
        .await
        .unwrap();
    assert_eq!(got.body.collect().await.unwrap().into_bytes(), "{}");
    let object = server.object(BUCKET, "a/b.json").unwrap();
    assert_eq!(object.bytes().unwrap(), b"{}");
    assert_eq!(object.tags["valid_for_etl"], "true");
    assert_eq!(server.keys(BUCKET), ["a/b.json"]);
}

#[tokio::test]
async fn a_put_with_a_wrong_checksum_leaves_nothing() {
    let (server, client) = start().unwrap();
    let put = client
        .put_object()
        .bucket(BUCKET)
        .key("k")
        .body(ByteStream::from_static(b"abc"));
    let answer = refusal(put.checksum_crc64_nvme(crc(b"abd")).send().await);
    assert_eq!(answer, (400, "BadDigest".to_owned()));
    assert!(server.object(BUCKET, "k").is_none());
    let get = client.get_object().bucket(BUCKET).key("k").send().await;
    assert_eq!(refusal(get), (404, "NoSuchKey".to_owned()));
}

#[tokio::test]
async fn conditions_hold_on_put_and_completion() {
    let (_server, client) = start().unwrap();
    let put = || {
        client
            .put_object()
            .bucket(BUCKET)
            .key("k")
            .body(ByteStream::from_static(b"1"))
    };
    let first = put().if_none_match("*").send().await.unwrap();
    let exists = (412, "PreconditionFailed".to_owned());
    assert_eq!(refusal(put().if_none_match("*").send().await), exists);
    assert_eq!(refusal(put().if_match("\"0\"").send().await), exists);
    put().if_match(first.e_tag().unwrap()).send().await.unwrap();

    let mut upload = Upload::create(&client, "k").await.unwrap();
    upload.part(1, b"2").await.unwrap();
    assert_eq!(
        refusal(upload.complete().if_none_match("*").send().await),
        exists
    );
    assert_eq!(
        refusal(upload.complete().if_match("\"0\"").send().await),
        exists
    );
    upload
        .complete()
        .if_match(first.e_tag().unwrap())
        .send()
        .await
        .unwrap();

    let missing = client
        .put_object()
        .bucket(BUCKET)
        .key("new")
        .if_match("\"0\"")
        .send()
        .await;
    assert_eq!(refusal(missing).0, 404);
}

#[tokio::test]
async fn strangers_and_wrong_places_are_refused() {
    let (server, client) = start().unwrap();
    let missing = client
        .put_object()
        .bucket("no-such-bucket")
        .key("k")
        .send()
        .await;
    assert_eq!(refusal(missing), (404, "NoSuchBucket".to_owned()));
    let create = client
        .create_multipart_upload()
        .bucket("no-such-bucket")
        .key("k")
        .send()
        .await;
    assert_eq!(refusal(create), (404, "NoSuchBucket".to_owned()));
    let put = client
        .put_object()
        .bucket(BUCKET)
        .key("k")
        .expected_bucket_owner("999999999999");
    assert_eq!(refusal(put.send().await), (403, "AccessDenied".to_owned()));
    let class = client
        .put_object()
        .bucket(BUCKET)
        .key("k")
        .storage_class("COLD".into())
        .send()
        .await;
    assert_eq!(refusal(class), (400, "InvalidStorageClass".to_owned()));
    client
        .head_bucket()
        .bucket(BUCKET)
        .expected_bucket_owner("123456789012")
        .send()
        .await
        .unwrap();
    assert_eq!(
        refusal(client.head_bucket().bucket("no-such-bucket").send().await).0,
        404
    );

    let wrong =
        aws_sdk_s3::config::Credentials::new(e2e::s3::ACCESS_KEY, "wrong", None, None, "test");
    let config = server
        .endpoint()
        .s3_config()
        .credentials_provider(wrong)
        .build();
    let stranger = Client::from_conf(config)
        .put_object()
        .bucket(BUCKET)
        .key("k")
        .send()
        .await;
    assert_eq!(refusal(stranger), (403, "SignatureDoesNotMatch".to_owned()));
    assert_eq!(server.keys(BUCKET), Vec::<String>::new());
}

#[tokio::test]
async fn tags_are_put_and_got() {
    let (server, client) = start().unwrap();
    let tag = Tag::builder()
        .key("source_valid")
        .value("true")
        .build()
        .unwrap();
    let tagging = Tagging::builder().tag_set(tag).build().unwrap();
    let put = || {
        client
            .put_object_tagging()
            .bucket(BUCKET)
            .key("k")
            .tagging(tagging.clone())
    };
    assert_eq!(refusal(put().send().await), (404, "NoSuchKey".to_owned()));
    client
        .put_object()
        .bucket(BUCKET)
        .key("k")
        .tagging("old=1")
        .send()
        .await
        .unwrap();
    put().send().await.unwrap();
    let got = client
        .get_object_tagging()
        .bucket(BUCKET)
        .key("k")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (got.tag_set().len(), got.tag_set()[0].key()),
        (1, "source_valid")
    );
    assert_eq!(server.tags(BUCKET, "k").unwrap()["source_valid"], "true");
}
