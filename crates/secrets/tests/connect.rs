//! Connecting in the middle of a rotation, with a server that knows one password.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use datatransit_secrets::{
    ConnectError, ConnectPolicy, CredentialsCache, DatabaseCredentials, ErrorKind, Overlay,
    SecretId, Stage,
    testing::{FailingSource, FixedSource},
};
use secrecy::ExposeSecret as _;
use tokio::time::Instant;

/// What the server answers.
#[derive(Debug, PartialEq, thiserror::Error)]
enum Answer {
    #[error("access denied")]
    Denied,
    #[error("gone away")]
    Gone,
}

/// A server with the password that is in force, and the attempts it saw.
struct Server {
    password: Mutex<&'static str>,
    attempts: Mutex<Vec<String>>,
    down: bool,
}

impl Server {
    fn new(password: &'static str) -> Arc<Self> {
        Arc::new(Self {
            password: Mutex::new(password),
            attempts: Mutex::default(),
            down: false,
        })
    }

    async fn log_in(&self, login: Arc<DatabaseCredentials>) -> Result<String, Answer> {
        let given = login.password().expose_secret().to_owned();
        self.attempts.lock().unwrap().push(given.clone());
        tokio::task::yield_now().await;
        if self.down {
            return Err(Answer::Gone);
        }
        if given == *self.password.lock().unwrap() {
            Ok(given)
        } else {
            Err(Answer::Denied)
        }
    }

    fn attempts(&self) -> Vec<String> {
        self.attempts.lock().unwrap().clone()
    }
}

type Source = Arc<FailingSource<FixedSource>>;

fn secret(password: &str) -> String {
    format!(r#"{{"host":"h","username":"u","password":"{password}"}}"#)
}

fn source(stages: &[(Stage, &str)]) -> Source {
    let fixed = FixedSource::empty();
    for (stage, password) in stages {
        fixed.set(stage.clone(), secret(password));
    }
    Arc::new(FailingSource::new(fixed, 0, ErrorKind::Unreachable))
}

fn cache(source: &Source) -> CredentialsCache {
    let id = SecretId::new("db").unwrap();
    CredentialsCache::new(
        Arc::<FailingSource<_>>::clone(source),
        id,
        Overlay::default(),
    )
}

async fn connect(
    cache: &CredentialsCache,
    server: &Arc<Server>,
    policy: &ConnectPolicy,
) -> Result<String, ConnectError<Answer>> {
    let open = |login| {
        let server = Arc::clone(server);
        async move { server.log_in(login).await }
    };
    cache
        .connect(open, |answer| *answer == Answer::Denied, policy)
        .await
}

#[tokio::test(start_paused = true)]
async fn without_a_rotation_there_is_one_attempt() {
    let (source, server) = (source(&[(Stage::Current, "a")]), Server::new("a"));
    let cache = cache(&source);
    let policy = ConnectPolicy::default();
    assert_eq!(connect(&cache, &server, &policy).await.unwrap(), "a");
    assert_eq!((server.attempts().len(), source.calls()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_rotation_that_is_over_needs_one_refresh() {
    let (source, server) = (source(&[(Stage::Current, "a")]), Server::new("b"));
    let cache = cache(&source);
    cache.current().await.unwrap();
    source.inner().set(Stage::Current, secret("b"));
    source.inner().set(Stage::Previous, secret("a"));
    let policy = ConnectPolicy::default();
    assert_eq!(connect(&cache, &server, &policy).await.unwrap(), "b");
    assert_eq!(server.attempts(), ["a", "b"]);
    assert_eq!(source.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn in_the_midst_of_a_rotation_the_pending_login_is_found_and_kept() {
    let source = source(&[(Stage::Current, "a"), (Stage::Pending, "b")]);
    let (cache, server) = (cache(&source), Server::new("b"));
    let policy = ConnectPolicy::default();
    let begun = Instant::now();
    assert_eq!(connect(&cache, &server, &policy).await.unwrap(), "b");
    assert_eq!(server.attempts(), ["a", "b"]);
    assert_eq!(begun.elapsed(), Duration::ZERO);
    // The next connection need not look for it, for a minute.
    assert_eq!(connect(&cache, &server, &policy).await.unwrap(), "b");
    assert_eq!(server.attempts().len(), 3);
    tokio::time::advance(Duration::from_secs(60)).await;
    let login = cache.current().await.unwrap();
    assert_eq!(login.origin().stage(), &Stage::Current);
}

#[tokio::test(start_paused = true)]
async fn a_server_that_lags_behind_still_takes_the_previous_login() {
    let source = source(&[(Stage::Current, "b"), (Stage::Previous, "a")]);
    let (cache, server) = (cache(&source), Server::new("a"));
    let policy = ConnectPolicy::default();
    assert_eq!(connect(&cache, &server, &policy).await.unwrap(), "a");
    assert_eq!(server.attempts(), ["b", "a"]);
}

#[tokio::test(start_paused = true)]
async fn many_connections_share_what_one_has_found() {
    let source = source(&[(Stage::Current, "a"), (Stage::Pending, "b")]);
    let (cache, server) = (Arc::new(cache(&source)), Server::new("b"));
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let (cache, server) = (Arc::clone(&cache), Arc::clone(&server));
            tokio::spawn(async move {
                connect(&cache, &server, &ConnectPolicy::default())
                    .await
                    .unwrap()
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), "b");
    }
    // AWSCURRENT twice and AWSPENDING once, for all of them.
    assert_eq!(source.calls(), 3);
    let refused = server.attempts().iter().filter(|a| *a == "a").count();
    assert_eq!(refused, 50);
}

#[tokio::test(start_paused = true)]
async fn refusals_are_bounded_and_no_login_is_tried_twice_in_a_round() {
    let source = source(&[
        (Stage::Current, "a"),
        (Stage::Pending, "a"),
        (Stage::Previous, "c"),
    ]);
    let (cache, server) = (cache(&source), Server::new("none of them"));
    let policy = ConnectPolicy::default().with_max_refusals(3);
    let begun = Instant::now();
    let error = connect(&cache, &server, &policy).await.unwrap_err();
    assert!(
        matches!(
            &error,
            ConnectError::LoginRefused {
                refusals: 3,
                source: Answer::Denied,
                ..
            }
        ),
        "{error:?}"
    );
    assert_eq!(server.attempts(), ["a", "c", "a"]);
    assert_eq!(begun.elapsed(), Duration::from_secs(2));
}

#[tokio::test(start_paused = true)]
async fn the_budget_bounds_the_time() {
    let source = source(&[(Stage::Current, "a")]);
    let (cache, server) = (cache(&source), Server::new("b"));
    let policy = ConnectPolicy::default()
        .with_max_refusals(u32::MAX)
        .with_budget(Duration::from_secs(59));
    let begun = Instant::now();
    let error = connect(&cache, &server, &policy).await.unwrap_err();
    // Pauses of 2, 4, 8, 16 seconds; the next would end after the budget.
    assert!(matches!(
        error,
        ConnectError::LoginRefused { refusals: 5, .. }
    ));
    assert_eq!(begun.elapsed(), Duration::from_secs(30));
}

#[tokio::test(start_paused = true)]
async fn a_rotation_that_finishes_meanwhile_is_seen_after_a_pause() {
    let source = source(&[(Stage::Current, "a")]);
    let (cache, server) = (cache(&source), Server::new("b"));
    let finish = {
        let source = Arc::clone(&source);
        tokio::spawn(async move {
            tokio::time::sleep(Duration::from_secs(5)).await;
            source.inner().set(Stage::Current, secret("b"));
        })
    };
    let policy = ConnectPolicy::default();
    assert_eq!(connect(&cache, &server, &policy).await.unwrap(), "b");
    // After pauses of two and four seconds; each round begins with a new look.
    assert_eq!(server.attempts(), ["a", "a", "b"]);
    finish.await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn another_failure_than_a_refusal_ends_the_call() {
    let source = source(&[(Stage::Current, "a")]);
    let cache = cache(&source);
    let server = Arc::new(Server {
        password: Mutex::new("a"),
        attempts: Mutex::default(),
        down: true,
    });
    let error = connect(&cache, &server, &ConnectPolicy::default()).await;
    assert!(matches!(
        error,
        Err(ConnectError::Open {
            source: Answer::Gone
        })
    ));
    assert_eq!(server.attempts().len(), 1);

    source.fail_next(1, ErrorKind::AccessDenied);
    let login = cache.current().await.unwrap();
    cache.invalidate(&login);
    let error = connect(&cache, &server, &ConnectPolicy::default()).await;
    assert!(matches!(error, Err(ConnectError::Credentials { .. })));
}
