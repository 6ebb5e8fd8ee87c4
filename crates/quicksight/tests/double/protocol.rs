//! The wire: signatures, accounts, bytes of definitions, members nobody knows.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use aws_sdk_quicksight::config::interceptors::{
    BeforeTransmitInterceptorContextMut, FinalizerInterceptorContextRef,
};
use aws_sdk_quicksight::config::{ConfigBag, Intercept, Region, RuntimeComponents};
use aws_sdk_quicksight::error::BoxError;
use aws_smithy_types::body::SdkBody;
use datatransit_quicksight::testing::double::Kind;

use super::{ACCOUNT, Bench, code};

/// Sends another body than the SDK's.
#[derive(Debug)]
struct Body {
    text: String,
    is_signed: bool,
}

impl Body {
    fn put(&self, context: &mut BeforeTransmitInterceptorContextMut<'_>) {
        let request = context.request_mut();
        request
            .headers_mut()
            .insert("content-length", self.text.len().to_string());
        *request.body_mut() = SdkBody::from(self.text.clone());
    }
}

impl Intercept for Body {
    fn name(&self) -> &'static str {
        "Body"
    }

    fn modify_before_signing(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if self.is_signed {
            self.put(context);
        }
        Ok(())
    }

    fn modify_before_transmit(
        &self,
        context: &mut BeforeTransmitInterceptorContextMut<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        if !self.is_signed {
            self.put(context);
        }
        Ok(())
    }
}

/// Keeps the body of the answer.
#[derive(Clone, Debug, Default)]
struct Answer(Arc<Mutex<String>>);

impl Answer {
    fn text(&self) -> String {
        self.0.lock().expect("a lock").clone()
    }
}

impl Intercept for Answer {
    fn name(&self) -> &'static str {
        "Answer"
    }

    fn read_after_execution(
        &self,
        context: &FinalizerInterceptorContextRef<'_>,
        _: &RuntimeComponents,
        _: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let bytes = context
            .response()
            .and_then(|response| response.body().bytes())
            .unwrap_or_default();
        *self.0.lock().expect("a lock") = String::from_utf8_lossy(bytes).into_owned();
        Ok(())
    }
}

/// Creates a dashboard from the text of a definition.
async fn create_raw(
    bench: &Bench,
    id: &str,
    definition: &str,
    is_signed: bool,
) -> Result<(), String> {
    let text = format!("{{\"Name\":\"D\",\"Definition\":{definition}}}");
    let create = bench
        .client
        .create_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id(id)
        .name("D");
    let created = create
        .customize()
        .interceptor(Body { text, is_signed })
        .send()
        .await;
    match created {
        Ok(_) => Ok(()),
        Err(error) => Err(code::<(), _, _>(Err(error))),
    }
}

#[tokio::test]
async fn a_definition_is_kept_to_the_byte() {
    let bench = Bench::with_data_set();
    let arn = bench.double.arn(Kind::DataSet, "sales");
    let definition = format!(
        r#"{{ "DataSetIdentifierDeclarations":[{{"Identifier":"sales","DataSetArn":"{arn}"}}],
        "Unknown": {{"Big": 123456789012345678901234567890, "Exact": 1.50E-7, "Time": 1.6565093E9, "Text": "ü\u00fc/\/"}}, "Sheets":[]}}"#
    );
    create_raw(&bench, "d", &definition, true)
        .await
        .expect("created");
    assert_eq!(
        bench.double.definition("d", 1).as_deref(),
        Some(definition.as_str())
    );
    let answer = Answer::default();
    let describe = bench
        .client
        .describe_dashboard_definition()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d");
    describe
        .customize()
        .interceptor(answer.clone())
        .send()
        .await
        .expect("described");
    assert!(answer.text().contains(&definition), "{}", answer.text());
    assert!(!answer.text().contains("\"Status\""), "{}", answer.text());
}

#[tokio::test]
async fn a_definition_may_be_large_and_deep() {
    let bench = Bench::with_data_set();
    let arn = bench.double.arn(Kind::DataSet, "sales");
    let large = vec!["[0.10, {\"ü\": -1E-7}]"; 100_000].join(",");
    let deep = format!("{}1.0{}", "[".repeat(120), "]".repeat(120));
    let definition = format!(
        r#"{{"DataSetIdentifierDeclarations":[{{"Identifier":"sales","DataSetArn":"{arn}"}}],"Large":[{large}],"Deep":{deep}}}"#
    );
    assert!(definition.len() > 2_000_000, "{}", definition.len());
    create_raw(&bench, "d", &definition, true)
        .await
        .expect("created");
    let answer = Answer::default();
    let describe = bench
        .client
        .describe_dashboard_definition()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d");
    describe
        .customize()
        .interceptor(answer.clone())
        .send()
        .await
        .expect("described");
    assert!(answer.text().contains(&definition));
}

#[tokio::test]
async fn a_body_changed_after_signing_is_refused() {
    let bench = Bench::with_data_set();
    let arn = bench.double.arn(Kind::DataSet, "sales");
    let definition = format!(
        r#"{{"DataSetIdentifierDeclarations":[{{"Identifier":"sales","DataSetArn":"{arn}"}}]}}"#
    );
    assert_eq!(
        create_raw(&bench, "d", &definition, false).await,
        Err("InvalidSignature".to_owned())
    );
    assert!(bench.double.ids(Kind::Dashboard).is_empty());
    create_raw(&bench, "d", &definition, true)
        .await
        .expect("created");
}

#[tokio::test]
async fn malformed_bodies_are_refused() {
    let bench = Bench::with_data_set();
    for (definition, expected) in [
        ("[]", "Serialization"),
        ("{", "Serialization"),
        ("{}", "InvalidParameterValue"),
        (r#"{"DataSetIdentifierDeclarations":{}}"#, "Serialization"),
        (
            r#"{"DataSetIdentifierDeclarations":[{"Identifier":"s"}]}"#,
            "InvalidParameterValue",
        ),
        (
            r#"{"DataSetIdentifierDeclarations":[{"Identifier":"s","DataSetArn":"a"}],"Sheets":[{"SheetId":"a b"}]}"#,
            "InvalidParameterValue",
        ),
        (
            r#"{"DataSetIdentifierDeclarations":[{"Identifier":"s","DataSetArn":"a"}],"Sheets":[{"SheetId":"a","Visuals":[{"TableVisual":{}}]}]}"#,
            "InvalidParameterValue",
        ),
        (
            r#"{"DataSetIdentifierDeclarations":[{"Identifier":"s","DataSetArn":"a"}]},"Tagz":[]"#,
            "InvalidParameterValue",
        ),
    ] {
        // The last one adds a member beside the definition.
        assert_eq!(
            create_raw(&bench, "d", definition, true).await,
            Err(expected.to_owned()),
            "{definition}"
        );
    }
    assert!(bench.double.ids(Kind::Dashboard).is_empty());
}

#[tokio::test]
async fn a_member_that_comes_twice_is_refused() {
    let bench = Bench::with_data_set();
    let twice = r#"{"DataSetIdentifierDeclarations":[]},"Name":"Again","Tags":[]"#;
    assert_eq!(
        create_raw(&bench, "d", twice, true).await,
        Err("Serialization".to_owned())
    );
}

#[tokio::test]
async fn assets_can_be_put_in_place_without_a_request() {
    let bench = Bench::new();
    let arn = bench.double.add_dashboard("d", "D", r#"{"Anything": 1.0}"#);
    bench.double.add_analysis("a", "A", "{}");
    bench.double.add_theme("t", "T");
    bench.double.add_folder("f", "F");
    bench.double.set_tag(Kind::Dashboard, "d", "team", "data");
    let described = bench
        .client
        .describe_dashboard()
        .aws_account_id(ACCOUNT)
        .dashboard_id("d")
        .send()
        .await
        .expect("described");
    assert_eq!(
        described.dashboard().and_then(|dashboard| dashboard.arn()),
        Some(arn.as_str())
    );
    assert_eq!(bench.double.published_version("d"), Some(1));
    bench
        .client
        .describe_analysis()
        .aws_account_id(ACCOUNT)
        .analysis_id("a")
        .send()
        .await
        .expect("described");
    bench
        .client
        .describe_theme()
        .aws_account_id(ACCOUNT)
        .theme_id("t")
        .send()
        .await
        .expect("described");
    bench
        .client
        .describe_folder()
        .aws_account_id(ACCOUNT)
        .folder_id("f")
        .send()
        .await
        .expect("described");
    let tags = bench
        .client
        .list_tags_for_resource()
        .resource_arn(&arn)
        .send()
        .await
        .expect("listed");
    assert_eq!(tags.tags()[0].key(), "team");
    bench.double.set_permissions(
        Kind::Dashboard,
        "d",
        "arn:gone",
        vec!["quicksight:DescribeDashboard".to_owned()],
    );
    assert_eq!(bench.double.permissions(Kind::Dashboard, "d").len(), 1);
    bench
        .double
        .set_permissions(Kind::Dashboard, "d", "arn:gone", Vec::new());
    assert!(bench.double.permissions(Kind::Dashboard, "d").is_empty());
}

#[tokio::test]
async fn only_our_account_and_region_are_served() {
    let bench = Bench::new();
    let other = bench
        .client
        .list_dashboards()
        .aws_account_id("999999999999")
        .send()
        .await;
    assert_eq!(code(other), "AccessDenied");
    let elsewhere = bench
        .client
        .list_dashboards()
        .aws_account_id(ACCOUNT)
        .customize();
    let elsewhere = elsewhere.config_override(
        aws_sdk_quicksight::config::Builder::new().region(Region::new("us-east-1")),
    );
    assert_eq!(code(elsewhere.send().await), "InvalidSignature");
}

#[tokio::test]
async fn unknown_members_come_in_every_answer() {
    let bench = Bench::with_data_set();
    bench
        .double
        .configure(|options| options.adds_unknown_members = true);
    let answer = Answer::default();
    let list = bench
        .client
        .list_data_sets()
        .aws_account_id(ACCOUNT)
        .customize();
    let list = list
        .interceptor(answer.clone())
        .send()
        .await
        .expect("listed");
    assert_eq!(list.data_set_summaries().len(), 1);
    assert!(
        answer.text().contains("MemberOfTheFuture"),
        "{}",
        answer.text()
    );
}

fn bare(bench: &Bench, request: &str) -> String {
    let address = bench.double.endpoint_url().replace("http://", "");
    let mut stream = TcpStream::connect(address).expect("a connection");
    stream.write_all(request.as_bytes()).expect("sent");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).expect("an answer");
    answer
}

#[test]
fn an_unsigned_request_and_an_unknown_path_are_refused() {
    let bench = Bench::new();
    let answer = bare(
        &bench,
        "GET /accounts/123456789012/dashboards HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    );
    assert!(answer.starts_with("HTTP/1.1 403 "), "{answer}");
    let lower = answer.to_ascii_lowercase();
    assert!(
        lower.contains("x-amzn-errortype: invalidsignatureexception:http"),
        "{answer}"
    );
    assert!(lower.contains("x-amzn-requestid: "), "{answer}");
    let answer = bare(
        &bench,
        "GET /accounts/123456789012/boards HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n",
    );
    assert!(
        answer.starts_with("HTTP/1.1 404 ") && answer.contains("no operation is GET"),
        "{answer}"
    );
    assert_eq!(bench.double.calls()[1].operation, "?");
}

#[tokio::test]
async fn dropping_it_closes_the_port() {
    let bench = Bench::new();
    let address = bench.double.endpoint_url().replace("http://", "");
    bench
        .client
        .list_dashboards()
        .aws_account_id(ACCOUNT)
        .send()
        .await
        .expect("listed");
    drop(bench.double);
    for _ in 0..200 {
        if TcpStream::connect(&address).is_err() {
            return;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    panic!("{address} still answers");
}
