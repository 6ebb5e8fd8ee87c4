//! Bytes on the wire, held by a server that only records and repeats.

use std::{
    convert::Infallible,
    sync::{Arc, Mutex},
};

use datatransit_quicksight::{
    ApiErrorKind, AssetId, AssetKind, Json,
    api::{Access as _, Assets as _, Dashboards as _, Refreshing as _, VersionRef},
};
use http_body_util::{BodyExt as _, Full};
use hyper::{Request, Response, body::Incoming, service::service_fn};
use hyper_util::rt::TokioIo;

use super::{ACCOUNT, api};

#[derive(Clone, Debug)]
struct Seen {
    method: String,
    uri: String,
    length: Option<usize>,
    authorization: String,
    body: Vec<u8>,
}

#[derive(Clone)]
struct Answer {
    status: u16,
    error: Option<&'static str>,
    body: Arc<Vec<u8>>,
}

impl Answer {
    fn ok(body: impl Into<Vec<u8>>) -> Self {
        Self {
            status: 200,
            error: None,
            body: Arc::new(body.into()),
        }
    }

    fn fails(status: u16, error: &'static str, body: &str) -> Self {
        Self {
            status,
            error: Some(error),
            body: Arc::new(body.into()),
        }
    }
}

/// Gives the answers in turn, the last for ever, and keeps what was asked.
struct Wire {
    endpoint: String,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl Wire {
    async fn new(answers: Vec<Answer>) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0")
            .await
            .expect("a port");
        let endpoint = format!("http://{}", listener.local_addr().expect("an address"));
        let seen: Arc<Mutex<Vec<Seen>>> = Arc::default();
        let kept = Arc::clone(&seen);
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                let (kept, answers) = (Arc::clone(&kept), answers.clone());
                let service = service_fn(move |request: Request<Incoming>| {
                    let (kept, answers) = (Arc::clone(&kept), answers.clone());
                    async move { Ok::<_, Infallible>(answer(request, &kept, &answers).await) }
                });
                let connection = hyper::server::conn::http1::Builder::new();
                tokio::spawn(connection.serve_connection(TokioIo::new(socket), service));
            }
        });
        Self { endpoint, seen }
    }

    fn api(&self) -> Arc<datatransit_quicksight::AwsQuickSight> {
        api(&self.endpoint, ("AKID", "secret"))
    }

    fn seen(&self) -> Vec<Seen> {
        self.seen.lock().expect("not poisoned").clone()
    }
}

async fn answer(
    request: Request<Incoming>,
    kept: &Mutex<Vec<Seen>>,
    answers: &[Answer],
) -> Response<Full<bytes::Bytes>> {
    let header = |name: &str| {
        let value = request.headers().get(name)?;
        Some(value.to_str().expect("ASCII").to_owned())
    };
    let length = header("content-length").map(|length| length.parse().expect("a number"));
    let authorization = header("authorization").unwrap_or_default();
    let (method, uri) = (request.method().to_string(), request.uri().to_string());
    let body = request
        .into_body()
        .collect()
        .await
        .expect("a body")
        .to_bytes()
        .to_vec();
    let index = {
        let mut kept = kept.lock().expect("not poisoned");
        kept.push(Seen {
            method,
            uri,
            length,
            authorization,
            body,
        });
        (kept.len() - 1).min(answers.len() - 1)
    };
    let answer = &answers[index];
    let mut response = Response::builder()
        .status(answer.status)
        .header("x-amzn-requestid", format!("request-{index}"));
    if let Some(error) = answer.error {
        response = response.header("x-amzn-errortype", error);
    }
    let body = bytes::Bytes::from(answer.body.as_ref().clone());
    response.body(Full::new(body)).expect("a response")
}

fn id(text: &str) -> AssetId {
    AssetId::new(text).expect("an identifier")
}

/// Two megabytes of what typed clients lose: numbers, members and values they don't know.
fn large_definition() -> String {
    let item = r#"{"N":12345678901234567890.12,"At":1.6565093E9,"Unheard":{"Of":["é",null,-0]},"Visibility":"SOMEWHAT"}"#;
    let items = vec![item; 2 * 1024 * 1024 / item.len() + 1].join(",");
    format!(
        r#"{{"DataSetIdentifierDeclarations":[],"Zebra":1,"Aardvark":[{items}],"Sheets":[{{"SheetId":"s","New":1.50}}]}}"#
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn a_definition_comes_and_goes_as_it_is_on_the_wire() {
    let definition = large_definition();
    let body = format!(
        r#"{{"DashboardId":"a","Definition":{definition},"ResourceStatus":"NOBODY_KNOWS","RequestId":"r"}}"#
    );
    let created = r#"{"Arn":"arn:aws:quicksight:eu-west-1:123456789012:dashboard/a","VersionArn":"arn:aws:quicksight:eu-west-1:123456789012:dashboard/a/version/12","CreationStatus":"CREATION_IN_PROGRESS"}"#;
    let wire = Wire::new(vec![Answer::ok(body.clone()), Answer::ok(created)]).await;
    let api = wire.api();

    let read = api
        .definition(AssetKind::Dashboard, &id("a"), VersionRef::Published)
        .await
        .expect("an answer");
    assert!(read.to_compact() == body, "not a byte differs");

    let request = Json::object([
        ("Name", Json::from("A")),
        ("Definition", read.get("Definition").expect("it").clone()),
    ]);
    let done = api
        .update(AssetKind::Dashboard, &id("a"), &request)
        .await
        .expect("updated");
    assert_eq!(done.version, Some(12));
    assert_eq!(done.request_id.as_deref(), Some("request-1"));

    let seen = wire.seen();
    assert_eq!(
        seen[0].uri,
        format!("/accounts/{ACCOUNT}/dashboards/a/definition?alias-name=%24PUBLISHED")
    );
    assert_eq!(seen[1].method, "PUT");
    assert!(seen[1].body == format!(r#"{{"Name":"A","Definition":{definition}}}"#).into_bytes());
    assert_eq!(seen[1].length, Some(seen[1].body.len()));
    assert!(
        seen[1]
            .authorization
            .contains("/eu-west-1/quicksight/aws4_request"),
        "{}",
        seen[1].authorization
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn identifiers_and_arns_are_one_segment_of_the_path() {
    let wire = Wire::new(vec![Answer::ok(r#"{"DataSet":{},"Tags":[],"Folders":[]}"#)]).await;
    let api = wire.api();
    let arn = "arn:aws:quicksight:eu-west-1:123456789012:dataset/a/b c";
    api.describe(AssetKind::DataSet, &id("a/b é"))
        .await
        .expect("described");
    api.tags(arn).await.expect("tags");
    api.folders_of(arn).await.expect("folders");
    api.untag(arn, &["a".into(), "b c".into()])
        .await
        .expect("untagged");
    api.publish(&id("a"), 12).await.expect("published");
    let uris: Vec<_> = wire.seen().iter().map(|seen| seen.uri.clone()).collect();
    let encoded = "arn%3Aaws%3Aquicksight%3Aeu-west-1%3A123456789012%3Adataset%2Fa%2Fb%20c";
    assert_eq!(
        uris,
        [
            format!("/accounts/{ACCOUNT}/data-sets/a%2Fb%20%C3%A9"),
            format!("/resources/{encoded}/tags"),
            format!("/accounts/{ACCOUNT}/resource/{encoded}/folders?max-results=100"),
            format!("/resources/{encoded}/tags?keys=a&keys=b%20c"),
            format!("/accounts/{ACCOUNT}/dashboards/a/versions/12"),
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_of_zero_never_deletes_a_dashboard() {
    let wire = Wire::new(vec![Answer::ok("{}")]).await;
    let error = wire
        .api()
        .delete_version(&id("a"), 0)
        .await
        .expect_err("refused");
    assert_eq!(error.kind, ApiErrorKind::Invalid);
    assert!(wire.seen().is_empty());
    wire.api()
        .delete_version(&id("a"), 3)
        .await
        .expect("deleted");
    assert_eq!(
        wire.seen()[0].uri,
        format!("/accounts/{ACCOUNT}/dashboards/a?version-number=3")
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn throttling_is_tried_again_and_a_quota_that_is_used_up_is_not() {
    let throttled = Answer::fails(429, "ThrottlingException", r#"{"Message":"slow"}"#);
    let wire = Wire::new(vec![
        throttled.clone(),
        throttled,
        Answer::ok(r#"{"RefreshSchedules":[]}"#),
    ])
    .await;
    wire.api()
        .schedules(&id("a"))
        .await
        .expect("the third attempt");
    assert_eq!(wire.seen().len(), 3);

    let quota = Answer::fails(
        409,
        "LimitExceededException:http://x/",
        r#"{"Message":"5 schedules","RequestId":"r"}"#,
    );
    let wire = Wire::new(vec![quota]).await;
    let error = wire
        .api()
        .create_schedule(&id("a"), &Json::object([("ScheduleId", "s")]))
        .await
        .expect_err("a quota");
    assert_eq!(error.kind, ApiErrorKind::LimitExceeded);
    assert_eq!(wire.seen().len(), 1, "no second attempt");
    assert_eq!(
        error.to_string(),
        "CreateRefreshSchedule data set `a`: a quota is used up (raise it, or delete what nobody needs): 5 schedules (LimitExceededException, http status 409, request id request-0)"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_is_sent_again_with_every_attempt() {
    let busy = Answer::fails(500, "InternalFailureException", "{}");
    let wire = Wire::new(vec![busy, Answer::ok("{}")]).await;
    let body = Json::object([("Name", "A")]);
    wire.api()
        .update(AssetKind::Folder, &id("f"), &body)
        .await
        .expect("updated");
    let seen = wire.seen();
    assert_eq!(seen.len(), 2);
    assert!(seen.iter().all(|seen| seen.body == br#"{"Name":"A"}"#));
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_keep_what_the_service_said() {
    for (answer, kind, line) in [
        (
            Answer::fails(401, "AccessDeniedException", r#"{"Message":"not you"}"#),
            ApiErrorKind::AccessDenied,
            "DescribeDashboard dashboard `a`: access denied: not you (AccessDeniedException, http status 401, request id request-0)",
        ),
        (
            Answer { status: 400, error: None, body: Arc::new(br#"{"__type":"com.x#InvalidParameterValueException","message":"m","Errors":[{"Type":"PARAMETER_NOT_FOUND","ViolatedEntities":[{"Path":"sheet/x"}]}]}"#.to_vec()) },
            ApiErrorKind::Invalid,
            "DescribeDashboard dashboard `a`: refused as invalid: m; PARAMETER_NOT_FOUND at sheet/x (InvalidParameterValueException, http status 400, request id request-0)",
        ),
        (
            Answer::fails(418, "NewException", "teapot"),
            ApiErrorKind::Invalid,
            "DescribeDashboard dashboard `a`: refused as invalid (NewException, http status 418, request id request-0)",
        ),
        (
            Answer::ok(r#"{"Dashboards":1}"#),
            ApiErrorKind::Malformed,
            "DescribeDashboard dashboard `a`: the answer was not understood: no `Dashboard` in it",
        ),
    ] {
        let wire = Wire::new(vec![answer]).await;
        let error = wire.api().describe(AssetKind::Dashboard, &id("a")).await.expect_err("an error");
        assert_eq!(error.kind, kind);
        assert_eq!(error.to_string(), line);
        assert_eq!(wire.seen().len(), 1);
    }
    let nobody = api("http://127.0.0.1:1", ("AKID", "secret"));
    let error = nobody
        .describe(AssetKind::Dashboard, &id("a"))
        .await
        .expect_err("nobody there");
    assert_eq!(error.kind, ApiErrorKind::Unreachable);
    assert!(error.may_have_applied() && error.is_retryable());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_is_not_known_any_more_begins_the_listing_again_once() {
    let page = |token: &str| {
        Answer::ok(format!(
            r#"{{"DashboardVersionSummaryList":[{{"VersionNumber":1,"Status":"CREATION_SUCCESSFUL"}}],"NextToken":"{token}"}}"#
        ))
    };
    let last = Answer::ok(
        r#"{"DashboardVersionSummaryList":[{"VersionNumber":2,"Status":"CREATION_FAILED"}]}"#,
    );
    let stale = Answer::fails(400, "InvalidNextTokenException", "{}");
    let wire = Wire::new(vec![page("a"), stale.clone(), page("b"), last]).await;
    let versions = wire.api().versions(&id("a")).await.expect("all pages");
    assert_eq!(
        versions
            .iter()
            .map(|version| version.version)
            .collect::<Vec<_>>(),
        [1, 2]
    );
    let wire = Wire::new(vec![page("a"), stale.clone(), page("b"), stale]).await;
    let error = wire.api().versions(&id("a")).await.expect_err("twice");
    assert_eq!(error.kind, ApiErrorKind::InvalidToken);
    let wire = Wire::new(vec![page("a"), page("a")]).await;
    let error = wire.api().versions(&id("a")).await.expect_err("a circle");
    assert_eq!(error.kind, ApiErrorKind::Malformed);
}
