//! A marker in the secret shows nowhere: not in errors, `Debug` output or logs,
//! the AWS SDK's own at their most talkative level included.

use std::{
    io,
    sync::{Arc, Mutex},
};

use aws_sdk_secretsmanager::config::{
    BehaviorVersion, Credentials, Region, SharedCredentialsProvider, retry::RetryConfig,
};
use datatransit_secrets::{
    AwsSource, CredentialsCache, DatabaseCredentials, EnvSource, Error, Location, Origin, Overlay,
    RawSecret, SecretId, SecretSource, Stage, TargetRules, testing::FixedSource,
};
use proptest::prelude::*;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};
use tracing_subscriber::fmt::MakeWriter;

use crate::wire::{Answer, Wire};

/// All that was logged, in memory.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self {
        self.clone()
    }
}

/// Runs on this thread with everything logged at TRACE.
fn traced<T>(work: impl Future<Output = T>) -> (T, String) {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt()
        .with_max_level(tracing::Level::TRACE)
        .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
        .with_ansi(false)
        .with_writer(log.clone())
        .finish();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let outcome = tracing::subscriber::with_default(subscriber, || runtime.block_on(work));
    (outcome, log.text())
}

fn origin() -> Origin {
    let id = SecretId::new("prod/db").unwrap();
    Origin::new(id, Location::SecretsManager, Stage::Current)
}

fn shown(error: &Error) -> String {
    format!(
        "{error} {error:?} {error:#?} {:?} {:?}",
        error.remedy(),
        error.problems()
    )
}

/// Marks that occur nowhere else, and survive any spelling that keeps letters.
fn marker() -> impl Strategy<Value = String> {
    "zq[a-z0-9]{14}qz"
}

/// Secrets in all shapes that a person may store, right and wrong.
fn secrets(marker: String) -> impl Strategy<Value = String> {
    let key = prop_oneof![
        Just("password"),
        Just("pass"),
        Just("username"),
        Just("host"),
        Just("port"),
        Just("dbname"),
        Just("database"),
        Just("engine"),
        Just("ssl"),
        Just("other"),
    ];
    let value = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("3306".to_owned()),
        Just("\"u\"".to_owned()),
        Just(format!("\"{marker}\"")),
        Just(format!("[\"{marker}\"]")),
        Just(format!("{{\"{marker}\":1}}")),
        Just(format!("\"\\u0000{marker}\"")),
        Just(format!("\"a b {marker}\\n\"")),
        Just(marker.clone()),
    ];
    let object = proptest::collection::vec((key, value), 0..8).prop_map(|pairs| {
        let pairs: Vec<_> = pairs.iter().map(|(k, v)| format!("\"{k}\":{v}")).collect();
        format!("{{{}}}", pairs.join(","))
    });
    let text = marker;
    prop_oneof![
        4 => object,
        1 => Just(text.clone()),
        1 => Just(format!("\"{text}\"")),
        1 => Just(format!("{{\"{text}\":1}}")),
        1 => Just(format!("{{\"password\":\"{text}")),
        1 => Just(format!("password={text}")),
        1 => Just(format!("{{\"host\":\"h\",\"username\":\"u\",\"password\":\"{text}\"}}")),
    ]
}

fn case() -> impl Strategy<Value = (String, String)> {
    marker().prop_flat_map(|marker| (Just(marker.clone()), secrets(marker)))
}

/// Answers of the service around a secret: whole, cut short, of the wrong shape.
fn answers(secret: &str) -> Vec<Answer> {
    let quoted = serde_json::to_string(secret).unwrap();
    let whole = format!(r#"{{"ARN":"arn","Name":"db","VersionId":"1","SecretString":{quoted}}}"#);
    let cut = whole[..whole.len() - 2].to_owned();
    vec![
        Answer::Http(200, whole.clone().into_bytes()),
        Answer::Http(200, cut.into_bytes()),
        Answer::Http(
            200,
            format!(r#"{{"SecretString":[{quoted}]}}"#).into_bytes(),
        ),
        Answer::Http(200, format!(r#"{{"SecretBinary":{quoted}}}"#).into_bytes()),
        Answer::Http(200, secret.as_bytes().to_vec()),
        Answer::Http(500, whole.into_bytes()),
    ]
}

/// What a caller can see of a login: all of it, where the marker is not in the
/// parts that are shown on purpose.
fn visible(login: &DatabaseCredentials, marker: &str) -> String {
    let public = [Some(login.host()), Some(login.username()), login.database()];
    if public.iter().flatten().any(|text| text.contains(marker)) {
        return String::new();
    }
    format!("{login} {login:?} {login:#?} {}", login.origin())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn no_error_or_debug_output_shows_it((marker, secret) in case(), binary in any::<bool>()) {
        let raw = if binary {
            RawSecret::from_bytes(secret.into_bytes(), origin())
        } else {
            RawSecret::from_text(secret, origin())
        };
        let debug = format!("{raw:?} {raw:#?}");
        prop_assert!(!debug.contains(&marker));
        let overlays = [
            Overlay::default(),
            Overlay::default().with_host("h").with_port(1).with_username("u").with_database("d"),
        ];
        for overlay in overlays {
            let text = match DatabaseCredentials::parse(&raw, &overlay) {
                Err(error) => shown(&error),
                Ok(login) => {
                    let rules = TargetRules::builder()
                        .allow_host("none").deny_database("*").build().unwrap();
                    let refused = rules.check(&login).unwrap_err();
                    shown(&refused) + &visible(&login, &marker)
                }
            };
            prop_assert!(!text.contains(&marker), "{}", text.replace(&marker, "<the marker>"));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_log_shows_it((marker, secret) in case()) {
        for answer in answers(&secret) {
            let source = Arc::new(AwsSource::new(Wire::new(answer).client()));
            let id = SecretId::new("db").unwrap();
            let cache = CredentialsCache::new(Arc::<AwsSource>::clone(&source), id, Overlay::default());
            let (outcome, mut log) = traced(cache.current());
            match outcome {
                Err(error) => log += &shown(&error),
                Ok(login) => log += &visible(&login, &marker),
            }
            log += &format!("{cache:?} {source:?}");
            // The cache shows the login it holds, host and user on purpose.
            let login = cache_login(&secret);
            if login.is_none_or(|login| !visible(&login, &marker).is_empty()) {
                prop_assert_eq!(lines_with(&log, &marker), Vec::<String>::new());
            }
        }
    }
}

/// The lines of a log that show the marker, with something else in its place.
fn lines_with(log: &str, marker: &str) -> Vec<String> {
    log.lines()
        .filter(|line| line.contains(marker))
        .map(|line| line.replace(marker, "<the marker>"))
        .collect()
}

fn cache_login(secret: &str) -> Option<DatabaseCredentials> {
    let raw = RawSecret::from_text(secret.to_owned(), origin());
    DatabaseCredentials::parse(&raw, &Overlay::default()).ok()
}

/// Serves one answer per connection on a free port.
async fn serve(listener: TcpListener, status: u16, body: Vec<u8>) {
    while let Ok((mut socket, _)) = listener.accept().await {
        let mut request = Vec::new();
        // Up to the end of the request's body, a JSON object without nested ones.
        while !request.ends_with(b"}") {
            if socket.read_buf(&mut request).await.unwrap() == 0 {
                break;
            }
        }
        let head = format!(
            "HTTP/1.1 {status} X\r\ncontent-type: application/x-amz-json-1.1\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        socket.write_all(head.as_bytes()).await.unwrap();
        socket.write_all(&body).await.unwrap();
    }
}

#[test]
fn no_log_shows_it_over_a_real_connection() {
    let marker = "zq0123456789qz";
    let secret = format!(r#"{{"host":"h","username":"u","password":"{marker}"}}"#);
    let mut read = 0;
    for answer in answers(&secret) {
        let Answer::Http(status, body) = answer else {
            panic!("all of them are answers")
        };
        let (outcome, log) = traced(async {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let endpoint = format!("http://{}", listener.local_addr().unwrap());
            tokio::spawn(serve(listener, status, body));
            let config = aws_types::SdkConfig::builder()
                .behavior_version(BehaviorVersion::v2026_01_12())
                .region(Region::new("eu-west-1"))
                .endpoint_url(endpoint)
                .retry_config(RetryConfig::disabled())
                .credentials_provider(SharedCredentialsProvider::new(Credentials::new(
                    "AKID",
                    "key of the caller",
                    None,
                    None,
                    "test",
                )))
                .build();
            let source = AwsSource::from_sdk_config(&config);
            let id = SecretId::new("db").unwrap();
            source.fetch(&id, &Stage::Current).await
        });
        // The SDK's own connection was logged too.
        assert!(log.contains("hyper_util"), "{log}");
        assert_eq!(lines_with(&log, marker), Vec::<String>::new());
        match outcome {
            Ok(_) => read += 1,
            Err(error) => assert!(!shown(&error).contains(marker)),
        }
    }
    assert!(read > 0);
}

#[tokio::test]
async fn an_error_does_not_repeat_what_the_service_said() {
    // The SDK itself logs the service's error texts at TRACE; no real service
    // puts a secret there.
    let marker = "zq0123456789qz";
    for body in [
        format!(r#"{{"__type":"Oops","message":"{marker}"}}"#),
        format!(r#"{{"__type":"{marker} {marker}","message":"m"}}"#),
    ] {
        let source = AwsSource::new(Wire::new(Answer::Http(400, body.into())).client());
        let id = SecretId::new("db").unwrap();
        let error = source.fetch(&id, &Stage::Current).await.unwrap_err();
        assert!(!shown(&error).contains(marker));
    }
}

#[test]
fn the_log_is_listened_to() {
    // Were TRACE not captured, the property above would hold for nothing.
    let source = AwsSource::new(Wire::ok(r#"{"Name":"db","SecretString":"{}"}"#).client());
    let id = SecretId::new("db").unwrap();
    let (outcome, log) = traced(source.fetch(&id, &Stage::Current));
    assert!(outcome.is_ok());
    assert!(log.contains("TRACE") && log.contains("REDACTED"), "{log}");
    assert!(log.contains("a secret was read"));
}

#[tokio::test]
async fn sources_do_not_show_what_they_hold() {
    let marker = "zq0123456789qz";
    let environment = EnvSource::from_vars("D", [("D_USERNAME", "u"), ("D_PASSWORD", marker)]);
    let fixed = FixedSource::new(format!(r#"{{"host":"h","user":"u","pass":"{marker}"}}"#));
    let id = SecretId::new("db").unwrap();
    let sources: [&dyn SecretSource; 2] = [&environment, &fixed];
    for source in sources {
        let raw = source.fetch(&id, &Stage::Current).await.unwrap();
        assert!(!format!("{source:?} {source:#?} {raw:?}").contains(marker));
    }
}
