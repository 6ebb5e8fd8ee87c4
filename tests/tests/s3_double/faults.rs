//! The script of faults.

use super::*;

#[tokio::test]
async fn the_script_of_faults_is_played() {
    let (server, client) = start().unwrap();
    let put = |key: &str| {
        client
            .put_object()
            .bucket(BUCKET)
            .key(key)
            .body(ByteStream::from_static(b"1"))
            .send()
    };

    server.add_fault(
        FaultRule::slow_down(Operation::PutObject)
            .nth(2)
            .key_containing("dump"),
    );
    put("dump-1").await.unwrap();
    put("manifest").await.unwrap();
    assert_eq!(refusal(put("dump-2").await), (503, "SlowDown".to_owned()));
    put("dump-3").await.unwrap();
    server.clear_faults();

    server.add_fault(FaultRule::new(Operation::PutObject, Effect::Disconnect));
    assert_eq!(refusal(put("gone").await).0, 0);
    assert!(server.object(BUCKET, "gone").is_none());
    server.clear_faults();

    server.add_fault(FaultRule::new(Operation::PutObject, Effect::LoseAnswer));
    assert_eq!(refusal(put("there").await).0, 0);
    assert!(server.object(BUCKET, "there").is_some());
    server.clear_faults();

    server.add_fault(FaultRule::access_denied(Operation::HeadObject));
    assert_eq!(
        refusal(
            client
                .head_object()
                .bucket(BUCKET)
                .key("there")
                .send()
                .await
        )
        .0,
        403
    );
    let calls = server.calls();
    assert_eq!(server.call_count(Operation::PutObject), 6);
    assert_eq!(
        calls.last().unwrap().outcome,
        Some(Err("AccessDenied".to_owned()))
    );
    assert!(!calls[0].headers.contains_key("authorization"));
    let used: Vec<Operation> = server.operations().into_iter().collect();
    assert_eq!(used, [Operation::HeadObject, Operation::PutObject]);
}

#[tokio::test]
async fn a_completion_can_fail_late_or_conflict() {
    let (server, client) = start().unwrap();
    let complete = Operation::CompleteMultipartUpload;
    for committed in [false, true] {
        let mut upload = Upload::create(&client, "k").await.unwrap();
        upload.part(1, b"x").await.unwrap();
        server.add_fault(FaultRule::new(complete, Effect::ErrorInOk { committed }));
        assert_eq!(
            refusal(upload.complete().send().await),
            (200, "InternalError".to_owned())
        );
        assert_eq!(server.object(BUCKET, "k").is_some(), committed);
        server.clear_faults();
    }
    let mut upload = Upload::create(&client, "k2").await.unwrap();
    upload.part(1, b"x").await.unwrap();
    server.add_fault(FaultRule::conflict(complete).nth(1));
    let answer = refusal(upload.complete().send().await);
    assert_eq!(answer, (409, "ConditionalRequestConflict".to_owned()));
}

#[tokio::test]
async fn a_held_call_waits_for_its_release() {
    let (server, client) = start().unwrap();
    server.add_fault(FaultRule::new(Operation::PutObject, Effect::Hold));
    let put = tokio::spawn(client.put_object().bucket(BUCKET).key("k").send());
    server.wait_for_calls(Operation::PutObject, 1).await;
    assert!(server.object(BUCKET, "k").is_none() && !put.is_finished());
    server.release_held();
    put.await.unwrap().unwrap();
    assert!(server.object(BUCKET, "k").is_some());
}

#[tokio::test]
async fn a_cut_body_breaks_off_after_what_was_asked_for() {
    let (server, client) = start().unwrap();
    let put = client.put_object().bucket(BUCKET).key("k");
    let body = ByteStream::from_static(b"0123456789");
    put.body(body).send().await.unwrap();
    server.add_fault(FaultRule::new(Operation::GetObject, Effect::CutBody(4)).nth(1));
    let get = || client.get_object().bucket(BUCKET).key("k");
    let mut cut = get().send().await.unwrap().body;
    let mut received = Vec::new();
    let broken = loop {
        match cut.try_next().await {
            Ok(Some(bytes)) => received.extend_from_slice(&bytes),
            Ok(None) => break false,
            Err(_) => break true,
        }
    };
    assert!(broken);
    assert_eq!(received, b"0123");
    let rest = get().range("bytes=4-").send().await.unwrap().body;
    assert_eq!(rest.collect().await.unwrap().to_vec(), b"456789");
}

#[tokio::test]
async fn a_read_on_condition_gets_that_object_or_none() {
    let (server, client) = start().unwrap();
    let put = |text: &'static [u8]| {
        let put = client.put_object().bucket(BUCKET).key("k");
        put.body(ByteStream::from_static(text)).send()
    };
    put(b"one").await.unwrap();
    let etag = server.object(BUCKET, "k").unwrap().etag;
    let get = || client.get_object().bucket(BUCKET).key("k").if_match(&etag);
    get().send().await.unwrap();
    put(b"two").await.unwrap();
    assert_eq!(
        refusal(get().send().await),
        (412, "PreconditionFailed".to_owned())
    );
}
