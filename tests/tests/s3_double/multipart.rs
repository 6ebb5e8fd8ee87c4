//! Multipart uploads.

use super::*;

#[tokio::test]
async fn a_multipart_upload_is_whole_and_proven() {
    let (server, client) = start().unwrap();
    let (first, last) = (vec![b'x'; MIN_PART], vec![b'y'; 1000]);
    let mut upload = Upload::create(&client, "dump").await.unwrap();
    // Out of order: S3 sorts them.
    upload.part(2, &last).await.unwrap();
    upload.part(1, &first).await.unwrap();
    let listed = client
        .list_parts()
        .bucket(BUCKET)
        .key("dump")
        .upload_id(&upload.id)
        .send()
        .await
        .unwrap();
    let numbers: Vec<_> = listed
        .parts()
        .iter()
        .map(|part| part.part_number().unwrap())
        .collect();
    assert_eq!(numbers, [1, 2]);
    upload.parts.reverse();

    let whole = [first, last].concat();
    let done = upload
        .complete()
        .checksum_type(ChecksumType::FullObject)
        .checksum_crc64_nvme(crc(&whole))
        .mpu_object_size(i64::try_from(whole.len()).unwrap())
        .send()
        .await
        .unwrap();
    assert!(done.e_tag().unwrap().ends_with("-2\""));
    assert_eq!(
        server.object(BUCKET, "dump").unwrap().bytes().unwrap(),
        whole
    );
    assert_eq!(server.open_uploads(), []);

    let request = client.head_object().bucket(BUCKET).key("dump");
    let head = request
        .checksum_mode(ChecksumMode::Enabled)
        .send()
        .await
        .unwrap();
    assert_eq!(head.checksum_crc64_nvme(), Some(crc(&whole).as_str()));
    assert_eq!(head.checksum_type(), Some(&ChecksumType::FullObject));
    assert_eq!(head.e_tag(), done.e_tag());
    let again = refusal(upload.complete().send().await);
    assert_eq!(again, (404, "NoSuchUpload".to_owned()));
}

#[tokio::test]
async fn a_part_is_refused_for_its_checksum_or_its_number() {
    let (_server, client) = start().unwrap();
    let upload = Upload::create(&client, "k").await.unwrap();
    let part = |number: i32| {
        let part = client
            .upload_part()
            .bucket(BUCKET)
            .key("k")
            .upload_id(&upload.id);
        part.part_number(number)
            .body(ByteStream::from_static(b"abc"))
    };
    let wrong = refusal(part(1).checksum_crc64_nvme(crc(b"abd")).send().await);
    assert_eq!(wrong, (400, "BadDigest".to_owned()));
    for number in [0, 10_001] {
        let answer = refusal(part(number).checksum_crc64_nvme(crc(b"abc")).send().await);
        assert_eq!(answer, (400, "InvalidArgument".to_owned()));
    }
    // Not the algorithm that the upload was created with.
    let other = refusal(
        part(1)
            .checksum_algorithm(ChecksumAlgorithm::Crc32)
            .send()
            .await,
    );
    assert_eq!(other, (400, "InvalidRequest".to_owned()));
    part(10_000)
        .checksum_crc64_nvme(crc(b"abc"))
        .send()
        .await
        .unwrap();
    let listed = client
        .list_parts()
        .bucket(BUCKET)
        .key("k")
        .upload_id(&upload.id)
        .send()
        .await
        .unwrap();
    assert_eq!(listed.parts().len(), 1);
}

#[tokio::test]
async fn a_completion_is_refused_for_each_thing_wrong_in_it() {
    let (server, client) = start().unwrap();
    let big = vec![b'x'; MIN_PART];
    let mut upload = Upload::create(&client, "k").await.unwrap();
    upload.part(1, &big).await.unwrap();
    upload.part(2, b"small").await.unwrap();
    upload.part(3, b"end").await.unwrap();
    let parts = upload.parts.clone();
    let wrong_etag = CompletedPart::builder()
        .part_number(1)
        .e_tag("\"0\"")
        .build();
    let wrong_sum = CompletedPart::builder()
        .part_number(1)
        .set_e_tag(parts[0].e_tag.clone());
    let wrong_sum = wrong_sum.checksum_crc64_nvme(crc(b"other")).build();
    let one = || upload.complete_with(parts[..1].to_vec());

    for (what, request, code) in [
        ("no part", upload.complete_with(vec![]), "MalformedXML"),
        (
            "order",
            upload.complete_with(vec![parts[1].clone(), parts[0].clone()]),
            "InvalidPartOrder",
        ),
        (
            "twice",
            upload.complete_with(vec![parts[0].clone(), parts[0].clone()]),
            "InvalidPartOrder",
        ),
        (
            "etag",
            upload.complete_with(vec![wrong_etag]),
            "InvalidPart",
        ),
        (
            "sum of a part",
            upload.complete_with(vec![wrong_sum]),
            "InvalidPart",
        ),
        (
            "gap",
            upload.complete_with(vec![parts[0].clone(), parts[2].clone()]),
            "InvalidRequest",
        ),
        (
            "small part in the middle",
            upload.complete(),
            "EntityTooSmall",
        ),
        ("size", one().mpu_object_size(1), "InvalidRequest"),
        (
            "sum of the whole",
            one().checksum_crc64_nvme(crc(b"other")),
            "BadDigest",
        ),
    ] {
        assert_eq!(
            refusal(request.send().await),
            (400, code.to_owned()),
            "{what}"
        );
    }
    // None of these cost the upload or made an object.
    assert_eq!(server.open_uploads().len(), 1);
    assert!(server.object(BUCKET, "k").is_none());
    one().checksum_crc64_nvme(crc(&big)).send().await.unwrap();
}

#[tokio::test]
async fn of_two_creations_at_once_one_wins() {
    let (_server, client) = start().unwrap();
    let (mut a, mut b) = (
        Upload::create(&client, "k").await.unwrap(),
        Upload::create(&client, "k").await.unwrap(),
    );
    a.part(1, b"a").await.unwrap();
    b.part(1, b"b").await.unwrap();
    let (a, b) = tokio::join!(
        a.complete().if_none_match("*").send(),
        b.complete().if_none_match("*").send()
    );
    assert_eq!(usize::from(a.is_ok()) + usize::from(b.is_ok()), 1);
}

#[tokio::test]
async fn uploads_are_listed_until_they_are_aborted() {
    let (server, client) = start().unwrap();
    let mut ids = Vec::new();
    for key in ["dumps/b", "dumps/a", "other"] {
        let mut upload = Upload::create(&client, key).await.unwrap();
        upload.part(1, b"x").await.unwrap();
        ids.push(upload.id);
    }
    let list = |prefix: &'static str| {
        client
            .list_multipart_uploads()
            .bucket(BUCKET)
            .prefix(prefix)
    };
    let page = list("dumps/").max_uploads(1).send().await.unwrap();
    assert_eq!(
        (page.uploads()[0].key(), page.is_truncated()),
        (Some("dumps/a"), Some(true))
    );
    let rest = list("dumps/")
        .key_marker(page.next_key_marker().unwrap())
        .upload_id_marker(page.next_upload_id_marker().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(
        (rest.uploads().len(), rest.uploads()[0].key()),
        (1, Some("dumps/b"))
    );
    assert_eq!(server.open_uploads().len(), 3);

    let abort = || {
        client
            .abort_multipart_upload()
            .bucket(BUCKET)
            .key("dumps/b")
            .upload_id(&ids[0])
    };
    abort().send().await.unwrap();
    assert_eq!(
        refusal(abort().send().await),
        (404, "NoSuchUpload".to_owned())
    );
    assert_eq!(list("dumps/").send().await.unwrap().uploads().len(), 1);
    let part = client
        .upload_part()
        .bucket(BUCKET)
        .key("dumps/b")
        .upload_id(&ids[0])
        .part_number(2);
    let late = refusal(part.body(ByteStream::from_static(b"late")).send().await);
    assert_eq!(late, (404, "NoSuchUpload".to_owned()));
}
