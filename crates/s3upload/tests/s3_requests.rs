//! What goes over the wire to S3, through the real SDK: shapes of requests, and
//! what its answers are taken for.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_credential_types::provider::{ProvideCredentials, error::CredentialsError, future};
use aws_sdk_s3::{
    Client,
    config::{BehaviorVersion, Credentials, Region},
};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use bytes::Bytes;
use datatransit_s3upload::{
    Crc64, Encryption, Error, ErrorKind, Guard, ObjectSpec, Publication, Receipt, S3Store,
    UploadConfig, Uploader, Verification, testing::contract::sample,
};

const MIB: usize = 1024 * 1024;

/// A request as it would leave the machine.
#[derive(Debug, Clone)]
struct Sent {
    method: String,
    uri: String,
    headers: HashMap<String, String>,
    body: Vec<u8>,
}

impl Sent {
    fn operation(&self) -> &'static str {
        match (
            self.method.as_str(),
            self.uri.split_once('?').map(|(_, query)| query),
        ) {
            ("POST", Some(query)) if query.contains("uploads") => "create",
            ("PUT", Some(query)) if query.contains("partNumber") => "part",
            ("POST", Some(query)) if query.contains("uploadId") => "complete",
            ("DELETE", Some(query)) if query.contains("uploadId") => "abort",
            ("GET", Some(query)) if query.contains("uploadId") => "list_parts",
            ("GET", Some(query)) if query.contains("uploads") => "list_uploads",
            ("PUT", Some(query)) if query.contains("tagging") => "tag",
            ("PUT", _) => "put",
            ("HEAD", _) => "head",
            _ => "other",
        }
    }

    fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    fn text(&self) -> String {
        String::from_utf8(self.body.clone()).expect("the test's own data is sound")
    }
}

/// An answer: status, headers, body; or none at all.
type Answer = Option<(u16, Vec<(&'static str, String)>, String)>;
type Answers = dyn Fn(&Sent, usize) -> Answer + Send + Sync;

/// Records requests and answers them from a function of the request and of how
/// often its operation was asked for before.
#[derive(Clone)]
struct Wire {
    sent: Arc<Mutex<Vec<Sent>>>,
    answers: Arc<Answers>,
}

impl std::fmt::Debug for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wire")
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let sent = Sent {
            method: request.method().to_owned(),
            uri: request.uri().to_owned(),
            headers: request
                .headers()
                .iter()
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .collect(),
            body: request
                .body()
                .bytes()
                .expect("bodies are in memory")
                .to_vec(),
        };
        let before = {
            let mut log = self.sent.lock().expect("the test's own data is sound");
            let before = log
                .iter()
                .filter(|earlier| earlier.operation() == sent.operation())
                .count();
            log.push(sent.clone());
            before
        };
        HttpConnectorFuture::ready(match (self.answers)(&sent, before) {
            None => Err(ConnectorError::io("connection reset".into())),
            Some((status, headers, body)) => {
                let mut response = HttpResponse::new(
                    status.try_into().expect("the test's own data is sound"),
                    SdkBody::from(body),
                );
                for (name, value) in headers {
                    response.headers_mut().insert(name, value);
                }
                Ok(response)
            }
        })
    }
}

impl HttpClient for Wire {
    fn http_connector(
        &self,
        _settings: &HttpConnectorSettings,
        _components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl Wire {
    fn new(answers: impl Fn(&Sent, usize) -> Answer + Send + Sync + 'static) -> Self {
        Self {
            sent: Arc::default(),
            answers: Arc::new(answers),
        }
    }

    fn sent(&self, operation: &str) -> Vec<Sent> {
        let log = self.sent.lock().expect("the test's own data is sound");
        log.iter()
            .filter(|sent| sent.operation() == operation)
            .cloned()
            .collect()
    }

    fn operations(&self) -> Vec<&'static str> {
        self.sent
            .lock()
            .expect("the test's own data is sound")
            .iter()
            .map(Sent::operation)
            .collect()
    }

    fn uploader(&self, endpoint: &str) -> Uploader {
        let config = aws_sdk_s3::Config::builder()
            .behavior_version(BehaviorVersion::v2026_01_12())
            .region(Region::new("ap-northeast-1"))
            .credentials_provider(Credentials::new("AKID", "SECRETCANARY", None, None, "test"))
            .endpoint_url(endpoint)
            .force_path_style(true)
            .http_client(self.clone())
            .build();
        let config_of_upload = UploadConfig::default()
            .with_part_bytes(5 * MIB as u64)
            .with_memory_bytes(15 * MIB as u64)
            .with_max_attempts(4);
        let store = S3Store::new(Client::from_conf(config));
        Uploader::new(Arc::new(store), config_of_upload).expect("the test's own data is sound")
    }
}

fn ok(headers: Vec<(&'static str, String)>, body: &str) -> Answer {
    Some((200, headers, body.to_owned()))
}

fn fail(status: u16, code: &str) -> Answer {
    Some((
        status,
        vec![("x-amz-request-id", "REQ1".to_owned())],
        format!("<Error><Code>{code}</Code><Message>m</Message></Error>"),
    ))
}

const CREATED: &str =
    "<InitiateMultipartUploadResult><UploadId>UP1</UploadId></InitiateMultipartUploadResult>";
const COMPLETED: &str =
    "<CompleteMultipartUploadResult><ETag>\"done-3\"</ETag></CompleteMultipartUploadResult>";

/// A server on which everything goes well, holding `body` at the end.
fn well(body: Bytes) -> impl Fn(&Sent, usize) -> Answer + Send + Sync {
    move |sent, _| match sent.operation() {
        "create" => ok(vec![], CREATED),
        "part" => ok(vec![("etag", format!("\"{}\"", sent.body.len()))], ""),
        "complete" => ok(vec![("x-amz-version-id", "V1".to_owned())], COMPLETED),
        "put" => ok(vec![("etag", "\"done-3\"".to_owned())], ""),
        "head" => ok(
            vec![
                ("content-length", body.len().to_string()),
                ("etag", "\"done-3\"".to_owned()),
                ("x-amz-checksum-crc64nvme", Crc64::of(&body).to_base64()),
                ("x-amz-checksum-type", "FULL_OBJECT".to_owned()),
                ("content-type", "application/gzip".to_owned()),
                ("x-amz-server-side-encryption", "aws:kms".to_owned()),
                (
                    "x-amz-server-side-encryption-aws-kms-key-id",
                    "arn:aws:kms:ap-northeast-1:111122223333:key/k1".to_owned(),
                ),
            ],
            "",
        ),
        "abort" => Some((204, vec![], String::new())),
        "list_parts" => fail(404, "NoSuchUpload"),
        "list_uploads" => ok(vec![], "<ListMultipartUploadsResult/>"),
        _ => ok(vec![], ""),
    }
}

fn spec() -> ObjectSpec {
    ObjectSpec::new("bucket", "dumps/x.sql.gz")
        .with_content_type("application/gzip")
        .with_storage_class("STANDARD_IA")
        .with_encryption(Encryption::Kms {
            key_id: "k1".to_owned(),
        })
        .with_tag("run id", "r&1")
        .with_metadata("job", "nightly")
        .with_expected_bucket_owner("111122223333")
}

async fn upload(uploader: &Uploader, body: &Bytes, guard: Guard) -> Result<Receipt, Error> {
    let mut upload = uploader.begin(spec(), guard);
    upload.push(body.clone()).await?;
    upload.commit().await
}

#[tokio::test]
async fn a_multipart_upload_sends_checksums_length_and_guard() {
    let body = sample(11 * MIB, 1);
    let wire = Wire::new(well(body.clone()));
    let uploader = wire.uploader("https://s3.example.com");
    let receipt = upload(&uploader, &body, Guard::CreateOnly).await.unwrap();
    assert_eq!(receipt.verification, Verification::Checksum);
    assert_eq!(receipt.version_id.as_deref(), Some("V1"));
    assert_eq!(receipt.encryption.as_deref(), Some("aws:kms"));
    assert_eq!((receipt.parts, receipt.retries), (3, 0));

    let create = &wire.sent("create")[0];
    assert_eq!(create.header("x-amz-checksum-algorithm"), Some("CRC64NVME"));
    assert_eq!(create.header("x-amz-checksum-type"), Some("FULL_OBJECT"));
    assert_eq!(create.header("content-type"), Some("application/gzip"));
    assert_eq!(create.header("x-amz-storage-class"), Some("STANDARD_IA"));
    assert_eq!(
        create.header("x-amz-server-side-encryption"),
        Some("aws:kms")
    );
    assert_eq!(create.header("x-amz-tagging"), Some("run%20id=r%261"));
    assert_eq!(create.header("x-amz-meta-job"), Some("nightly"));
    assert_eq!(create.header("if-none-match"), None);

    let mut parts = wire.sent("part");
    parts.sort_by(|a, b| a.uri.cmp(&b.uri));
    assert_eq!(parts.len(), 3);
    for part in &parts {
        let crc = Crc64::of(&part.body).to_base64();
        assert_eq!(part.header("x-amz-checksum-crc64nvme"), Some(&*crc));
        assert_plain_body(part);
        assert_eq!(
            part.header("x-amz-content-sha256"),
            Some("UNSIGNED-PAYLOAD")
        );
    }
    let concatenated: Vec<u8> = parts.iter().flat_map(|part| part.body.clone()).collect();
    assert_eq!(concatenated, body);

    let complete = &wire.sent("complete")[0];
    let crc = Crc64::of(&body).to_base64();
    assert_eq!(complete.header("x-amz-checksum-crc64nvme"), Some(&*crc));
    assert_eq!(complete.header("x-amz-checksum-type"), Some("FULL_OBJECT"));
    let length = body.len().to_string();
    assert_eq!(complete.header("x-amz-mp-object-size"), Some(&*length));
    assert_eq!(complete.header("if-none-match"), Some("*"));
    assert_eq!(complete.text().matches("<ChecksumCRC64NVME>").count(), 3);

    let head = &wire.sent("head")[0];
    assert_eq!(head.header("x-amz-checksum-mode"), Some("ENABLED"));
    assert!(head.uri.contains("versionId=V1"), "{}", head.uri);
    for sent in wire.sent.lock().unwrap().iter() {
        assert_eq!(
            sent.header("x-amz-expected-bucket-owner"),
            Some("111122223333"),
            "{}",
            sent.operation()
        );
    }
}

#[tokio::test]
async fn a_small_object_is_one_request_with_the_same_care() {
    let body = sample(1_000, 1);
    let wire = Wire::new(well(body.clone()));
    let uploader = wire.uploader("https://s3.example.com");
    let guard = Guard::Replace {
        etag: "\"old\"".to_owned(),
    };
    let receipt = upload(&uploader, &body, guard).await.unwrap();
    assert_eq!((receipt.parts, receipt.size_bytes), (0, 1_000));
    assert_eq!(wire.operations(), ["put", "head"]);
    let put = &wire.sent("put")[0];
    let crc = Crc64::of(&body).to_base64();
    assert_eq!(put.header("x-amz-checksum-crc64nvme"), Some(&*crc));
    assert_eq!(put.header("x-amz-content-sha256"), Some("UNSIGNED-PAYLOAD"));
    assert_eq!(put.header("if-match"), Some("\"old\""));
    assert_eq!(put.body, body);
    assert_plain_body(put);
}

#[tokio::test]
async fn over_plain_http_the_body_is_signed() {
    let body = sample(6 * MIB, 1);
    for body in [body, sample(100, 2)] {
        let wire = Wire::new(well(body.clone()));
        let uploader = wire.uploader("http://127.0.0.1:9000");
        upload(&uploader, &body, Guard::Overwrite).await.unwrap();
        for sent in wire.sent("part").iter().chain(&wire.sent("put")) {
            let hash = sent.header("x-amz-content-sha256").unwrap();
            assert_eq!(hash.len(), 64, "{hash}");
            assert_plain_body(sent);
        }
    }
}

fn assert_plain_body(sent: &Sent) {
    assert_eq!(sent.header("content-encoding"), None);
    assert_eq!(sent.header("x-amz-trailer"), None);
    assert_eq!(sent.header("x-amz-decoded-content-length"), None);
    assert_eq!(sent.header("x-amz-sdk-checksum-algorithm"), None);
    // No second checksum beside ours.
    let checksums: Vec<_> = sent
        .headers
        .keys()
        .filter(|name| name.starts_with("x-amz-checksum-"))
        .collect();
    assert_eq!(checksums, ["x-amz-checksum-crc64nvme"]);
}

#[tokio::test(start_paused = true)]
async fn a_throttled_part_is_sent_again_and_counted() {
    let body = sample(6 * MIB, 1);
    let fine = well(body.clone());
    let wire = Wire::new(move |sent, before| match (sent.operation(), before) {
        ("part", 0) => fail(503, "SlowDown"),
        ("part", 1) => None,
        _ => fine(sent, before),
    });
    let uploader = wire.uploader("https://s3.example.com");
    let receipt = upload(&uploader, &body, Guard::Overwrite).await.unwrap();
    assert_eq!(receipt.retries, 2);
    assert_eq!(wire.sent("part").len(), 4);
}

#[tokio::test(start_paused = true)]
async fn an_error_inside_a_successful_completion_is_an_error() {
    let body = sample(6 * MIB, 1);
    let fine = well(body.clone());
    let wire = Wire::new(move |sent, before| match (sent.operation(), before) {
        ("complete", 0) => ok(vec![], "<Error><Code>InternalError</Code></Error>"),
        ("complete", 1) => ok(vec![], "<Error><Code>SlowDown</Code></Error>"),
        _ => fine(sent, before),
    });
    let uploader = wire.uploader("https://s3.example.com");
    let receipt = upload(&uploader, &body, Guard::Overwrite).await.unwrap();
    assert_eq!(receipt.retries, 2);
    assert_eq!(receipt.publication, Publication::Answered);
}

#[tokio::test(start_paused = true)]
async fn a_completion_whose_answer_was_lost_is_looked_up() {
    let body = sample(6 * MIB, 1);
    for (second, found) in [("NoSuchUpload", true), ("NoSuchUpload", false)] {
        let fine = well(if found {
            body.clone()
        } else {
            sample(6 * MIB, 9)
        });
        let wire = Wire::new(move |sent, before| match (sent.operation(), before) {
            ("complete", 0) => None,
            ("complete", _) => fail(404, second),
            _ => fine(sent, before),
        });
        let uploader = wire.uploader("https://s3.example.com");
        let outcome = upload(&uploader, &body, Guard::Overwrite).await;
        if found {
            let receipt = outcome.unwrap();
            assert_eq!(receipt.publication, Publication::FoundAfterLostAnswer);
            assert_eq!(receipt.etag.as_deref(), Some("\"done-3\""));
        } else {
            let error = outcome.unwrap_err();
            assert_eq!(error.code(), Some("NoSuchUpload"));
            assert!(!error.may_be_published());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn guards_and_denials_are_told_apart_and_abort() {
    for (status, code, kind) in [
        (412, "PreconditionFailed", ErrorKind::AlreadyExists),
        (409, "ConditionalRequestConflict", ErrorKind::Conflict),
        (403, "AccessDenied", ErrorKind::AccessDenied),
        (400, "InvalidPart", ErrorKind::Rejected),
    ] {
        let body = sample(6 * MIB, 1);
        let fine = well(body.clone());
        let wire = Wire::new(move |sent, before| match sent.operation() {
            "complete" => fail(status, code),
            _ => fine(sent, before),
        });
        let uploader = wire.uploader("https://s3.example.com");
        let error = upload(&uploader, &body, Guard::CreateOnly)
            .await
            .unwrap_err();
        assert_eq!(error.kind(), kind);
        assert_eq!(error.code(), Some(code));
        assert_eq!(error.http_status(), Some(status));
        assert_eq!(error.request_id(), Some("REQ1"));
        assert_eq!(error.upload_id(), Some("UP1"));
        assert!(error.to_string().contains("UP1"), "{error}");
        assert_eq!(wire.sent("complete").len(), 1);
        assert!(wire.sent("head").is_empty());
        let drained = uploader.drain(Duration::from_secs(10)).await;
        assert!(drained.is_clean());
        assert_eq!(wire.sent("abort").len(), 1);
        assert_eq!(wire.sent("list_parts").len(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_damaged_object_is_found_by_the_comparison() {
    let body = sample(6 * MIB, 1);
    let mut other = body.to_vec();
    other[0] ^= 1;
    let wire = Wire::new(well(Bytes::from(other)));
    let uploader = wire.uploader("https://s3.example.com");
    let error = upload(&uploader, &body, Guard::Overwrite)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Mismatch);
    assert!(error.may_be_published());
    assert!(wire.sent("abort").is_empty(), "it is published, not open");
}

#[tokio::test(start_paused = true)]
async fn parts_that_stay_after_an_abort_are_aborted_again() {
    let body = sample(6 * MIB, 1);
    let fine = well(body.clone());
    let wire = Wire::new(move |sent, before| match (sent.operation(), before) {
        ("list_parts", 0) => ok(
            vec![],
            "<ListPartsResult><Part><PartNumber>1</PartNumber><ETag>e</ETag><Size>5</Size></Part></ListPartsResult>",
        ),
        _ => fine(sent, before),
    });
    let uploader = wire.uploader("https://s3.example.com");
    let mut upload = uploader.begin(spec(), Guard::Overwrite);
    upload.push(body).await.unwrap();
    let report = upload.abort().await;
    assert!(report.confirmed);
    assert_eq!(report.upload_id.as_deref(), Some("UP1"));
    assert_eq!(wire.sent("abort").len(), 2);
}

#[tokio::test(start_paused = true)]
async fn no_secret_and_no_raw_answer_is_in_an_error() {
    let wire = Wire::new(|sent, _| {
        match sent.operation() {
        "put" => Some((
            403,
            vec![],
            "<Error><Code>SignatureDoesNotMatch</Code><Message>m</Message><StringToSign>BODYCANARY</StringToSign></Error>".to_owned(),
        )),
        _ => ok(vec![], ""),
    }
    });
    let uploader = wire.uploader("https://s3.example.com");
    let error = upload(&uploader, &sample(10, 1), Guard::Overwrite)
        .await
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AccessDenied);
    let shown = format!("{error} {error:?} {uploader:?}");
    assert!(!shown.contains("CANARY"), "{shown}");
    assert_eq!(wire.sent("put").len(), 1, "a wrong key is not tried again");
}

/// A credential provider that fails, quoting what it read.
#[derive(Debug)]
struct NoCredentials;

impl ProvideCredentials for NoCredentials {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::ready(Err(CredentialsError::provider_error(
            "cannot parse FILECANARY",
        )))
    }
}

#[tokio::test]
async fn missing_credentials_are_named_and_their_source_is_not_quoted() {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new("ap-northeast-1"))
        .credentials_provider(NoCredentials)
        .http_client(Wire::new(|_, _| None))
        .build();
    let store = S3Store::new(Client::from_conf(config));
    let uploader = Uploader::new(Arc::new(store), UploadConfig::default()).unwrap();
    let error = uploader.head("b", "k").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::AccessDenied, "{error:?}");
    assert_eq!(error.attempts(), 1);
    assert!(!format!("{error:?}").contains("CANARY"), "{error:?}");
}

#[tokio::test]
async fn tags_are_replaced_by_one_request() {
    let wire = Wire::new(|_, _| ok(vec![], ""));
    let uploader = wire.uploader("https://s3.example.com");
    uploader
        .put_tags(
            "bucket",
            "k",
            &[("valid_for_etl", "true"), ("run_id", "r1")],
        )
        .await
        .unwrap();
    let tag = &wire.sent("tag")[0];
    assert!(
        tag.text()
            .contains("<Key>valid_for_etl</Key><Value>true</Value>")
    );
}

#[tokio::test]
async fn a_missing_object_is_none() {
    let wire = Wire::new(|_, _| Some((404, vec![], String::new())));
    let uploader = wire.uploader("https://s3.example.com");
    assert_eq!(uploader.head("bucket", "k").await.unwrap(), None);
}

#[tokio::test]
async fn listings_are_read_to_their_last_page() {
    let page = |marker: &str, id: &str, more: bool| {
        format!(
            "<ListMultipartUploadsResult><IsTruncated>{more}</IsTruncated><NextKeyMarker>{marker}</NextKeyMarker><NextUploadIdMarker>{id}</NextUploadIdMarker><Upload><Key>k</Key><UploadId>{id}</UploadId><Initiated>2026-11-23T00:00:00Z</Initiated></Upload></ListMultipartUploadsResult>"
        )
    };
    let wire = Wire::new(move |_, before| match before {
        0 => ok(vec![], &page("k", "U1", true)),
        _ => ok(vec![], &page("k", "U2", false)),
    });
    let uploader = wire.uploader("https://s3.example.com");
    let listed = uploader.list_uploads("bucket", "k").await.unwrap();
    let ids: Vec<_> = listed.iter().map(|open| open.upload_id.as_str()).collect();
    assert_eq!(ids, ["U1", "U2"]);
    assert!(listed[0].initiated.is_some());
    assert!(
        wire.sent("list_uploads")[1]
            .uri
            .contains("upload-id-marker=U1")
    );
}
