//! The cache: who asks, how often, and what is served in an outage.
//!
//! Time is tokio's paused clock: it moves only when a test says so or when
//! every task waits for it.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

use std::{sync::Arc, time::Duration};

use datatransit_secrets::{
    CredentialsCache, DatabaseCredentials, Error, ErrorKind, Overlay, RawSecret, SecretId,
    SecretSource, Stage, TargetRules,
    testing::{FailingSource, FixedSource},
};
use tokio::time::{advance, sleep};

type Source = Arc<FailingSource<FixedSource>>;

const TTL: Duration = Duration::from_secs(100);
const STALE: Duration = Duration::from_secs(1000);

fn secret(user: &str) -> String {
    format!(r#"{{"host":"h","username":"{user}","password":"p"}}"#)
}

fn source() -> Source {
    Arc::new(FailingSource::new(
        FixedSource::new(secret("u")),
        0,
        ErrorKind::Unreachable,
    ))
}

fn cache(source: &Source) -> CredentialsCache {
    let id = SecretId::new("db").unwrap();
    CredentialsCache::new(
        Arc::<FailingSource<_>>::clone(source),
        id,
        Overlay::default(),
    )
    .with_ttl(TTL)
    .with_jitter(0.0)
    .with_max_stale(STALE)
}

fn turn(source: &Source, user: &str) {
    source.inner().set(Stage::Current, secret(user));
}

fn kind(outcome: Result<Arc<DatabaseCredentials>, Error>) -> ErrorKind {
    outcome.unwrap_err().kind()
}

/// Asks from `n` tasks at once.
async fn ask(
    cache: &Arc<CredentialsCache>,
    n: usize,
) -> Vec<Result<Arc<DatabaseCredentials>, Error>> {
    let tasks: Vec<_> = (0..n)
        .map(|_| {
            let cache = Arc::clone(cache);
            tokio::spawn(async move { cache.current().await })
        })
        .collect();
    let mut outcomes = Vec::new();
    for task in tasks {
        outcomes.push(task.await.unwrap());
    }
    outcomes
}

#[tokio::test(start_paused = true)]
async fn a_login_is_kept_for_its_lifetime_and_no_longer() {
    let source = source();
    let cache = cache(&source);
    let first = cache.current().await.unwrap();
    advance(TTL - Duration::from_millis(1)).await;
    assert!(Arc::ptr_eq(&first, &cache.current().await.unwrap()));
    assert_eq!(source.calls(), 1);
    turn(&source, "v");
    advance(Duration::from_millis(1)).await;
    assert_eq!(cache.current().await.unwrap().username(), "v");
    assert_eq!(source.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn many_on_a_cold_cache_make_one_fetch() {
    let source = source();
    let cache = Arc::new(cache(&source));
    let outcomes = ask(&cache, 100).await;
    assert_eq!(source.calls(), 1);
    let first = outcomes[0].as_ref().unwrap();
    assert!(
        outcomes
            .iter()
            .all(|o| Arc::ptr_eq(first, o.as_ref().unwrap()))
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn many_on_many_threads_make_one_fetch() {
    for _ in 0..50 {
        let source = source();
        let cache = Arc::new(cache(&source));
        let outcomes = ask(&cache, 32).await;
        assert!(outcomes.iter().all(Result::is_ok));
        assert_eq!(source.calls(), 1);
    }
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_shared_by_those_who_waited_and_not_cached() {
    for failing in [ErrorKind::NotFound, ErrorKind::Throttled] {
        let source = source();
        source.fail_next(1, failing);
        let cache = Arc::new(cache(&source));
        for outcome in ask(&cache, 20).await {
            assert_eq!(kind(outcome), failing);
        }
        assert_eq!(source.calls(), 1);
        assert_eq!(cache.current().await.unwrap().username(), "u");
        assert_eq!(source.calls(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn fifty_refusals_of_one_login_make_one_fetch() {
    let source = source();
    let cache = Arc::new(cache(&source));
    let refused = cache.current().await.unwrap();
    turn(&source, "v");
    let tasks: Vec<_> = (0..50_u64)
        .map(|n| {
            let (cache, refused) = (Arc::clone(&cache), Arc::clone(&refused));
            tokio::spawn(async move {
                // Some hear of it late, when the new login is there already.
                sleep(Duration::from_millis(n % 7)).await;
                cache.invalidate(&refused);
                cache.current().await.unwrap().username().to_owned()
            })
        })
        .collect();
    for task in tasks {
        assert_eq!(task.await.unwrap(), "v");
    }
    assert_eq!(source.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_dropped_fetch_or_waiter_leaves_nothing_behind() {
    let source = source();
    let cache = Arc::new(cache(&source));
    let fetching = {
        let cache = Arc::clone(&cache);
        tokio::spawn(async move { cache.current().await })
    };
    let waiting = {
        let cache = Arc::clone(&cache);
        tokio::spawn(async move { cache.current().await })
    };
    let patient = {
        let cache = Arc::clone(&cache);
        tokio::spawn(async move { cache.current().await })
    };
    // One poll each: the first is in its fetch, the others wait for it.
    tokio::task::yield_now().await;
    assert_eq!(source.calls(), 1);
    waiting.abort();
    fetching.abort();
    assert!(fetching.await.unwrap_err().is_cancelled());
    assert!(waiting.await.unwrap_err().is_cancelled());
    assert_eq!(patient.await.unwrap().unwrap().username(), "u");
    assert_eq!(source.calls(), 2);
}

#[tokio::test(start_paused = true)]
async fn in_an_outage_the_last_login_is_served_within_bounds() {
    for outage in [
        ErrorKind::Unreachable,
        ErrorKind::Throttled,
        ErrorKind::Service,
        ErrorKind::NoCredentials,
    ] {
        let source = source();
        let cache = cache(&source);
        cache.current().await.unwrap();
        source.fail_next(usize::MAX, outage);
        let mut age = Duration::ZERO;
        let step = Duration::from_secs(7);
        while age + step < TTL + STALE {
            advance(step).await;
            age += step;
            assert_eq!(cache.current().await.unwrap().username(), "u", "at {age:?}");
        }
        // Served many times in between, and still as old as it is.
        advance(TTL + STALE - age).await;
        assert_eq!(kind(cache.current().await), outage);
        // The source was not asked for every call.
        assert!(source.calls() < 100, "{}", source.calls());
        source.fail_next(0, outage);
        turn(&source, "v");
        assert_eq!(cache.current().await.unwrap().username(), "v");
    }
}

#[tokio::test(start_paused = true)]
async fn the_end_of_an_outage_is_noticed() {
    let source = source();
    let cache = cache(&source);
    cache.current().await.unwrap();
    source.fail_next(1, ErrorKind::Unreachable);
    turn(&source, "v");
    advance(TTL).await;
    assert_eq!(cache.current().await.unwrap().username(), "u");
    advance(Duration::from_secs(9)).await;
    assert_eq!(cache.current().await.unwrap().username(), "u");
    assert_eq!(source.calls(), 2);
    advance(Duration::from_secs(1)).await;
    assert_eq!(cache.current().await.unwrap().username(), "v");
    assert_eq!(source.calls(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_outage_that_is_over_prolongs_no_lifetime() {
    let source = source();
    let cache = cache(&source).with_ttl(Duration::from_secs(2));
    source.fail_next(1, ErrorKind::Unreachable);
    assert_eq!(kind(cache.current().await), ErrorKind::Unreachable);
    assert_eq!(cache.current().await.unwrap().username(), "u");
    turn(&source, "v");
    advance(Duration::from_secs(2)).await;
    assert_eq!(cache.current().await.unwrap().username(), "v");
}

#[tokio::test(start_paused = true)]
async fn a_login_is_as_old_as_the_beginning_of_its_fetch() {
    let slow = Arc::new(Slow(FixedSource::new(secret("u")), TTL * 3 / 4));
    let id = SecretId::new("db").unwrap();
    let cache = CredentialsCache::new(slow, id, Overlay::default())
        .with_ttl(TTL)
        .with_jitter(0.0);
    let first = cache.current().await.unwrap();
    advance(TTL / 8).await;
    assert!(Arc::ptr_eq(&first, &cache.current().await.unwrap()));
    advance(TTL / 8).await;
    assert!(!Arc::ptr_eq(&first, &cache.current().await.unwrap()));
}

/// Takes its time before it asks the source within.
#[derive(Debug)]
struct Slow<S>(S, Duration);

#[async_trait::async_trait]
impl<S: SecretSource> SecretSource for Slow<S> {
    async fn fetch(&self, id: &SecretId, stage: &Stage) -> Result<RawSecret, Error> {
        sleep(self.1).await;
        self.0.fetch(id, stage).await
    }
}

#[tokio::test(start_paused = true)]
async fn a_refused_login_is_not_served_in_an_outage() {
    let source = source();
    let cache = cache(&source);
    let login = cache.current().await.unwrap();
    source.fail_next(usize::MAX, ErrorKind::Unreachable);
    cache.invalidate(&login);
    assert_eq!(kind(cache.current().await), ErrorKind::Unreachable);
    assert_eq!(kind(cache.current().await), ErrorKind::Unreachable);
    assert_eq!(source.calls(), 3);
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_no_ends_the_old_login() {
    for no in [
        ErrorKind::NotFound,
        ErrorKind::AccessDenied,
        ErrorKind::Deleted,
    ] {
        let source = source();
        let cache = cache(&source);
        cache.current().await.unwrap();
        source.fail_next(1, no);
        advance(TTL).await;
        assert_eq!(kind(cache.current().await), no);
        source.fail_next(1, ErrorKind::Unreachable);
        assert_eq!(kind(cache.current().await), ErrorKind::Unreachable);
    }
}

#[tokio::test(start_paused = true)]
async fn zero_forbids_stale_logins() {
    let source = source();
    let cache = cache(&source).with_max_stale(Duration::ZERO);
    cache.current().await.unwrap();
    source.fail_next(1, ErrorKind::Unreachable);
    advance(TTL).await;
    assert_eq!(kind(cache.current().await), ErrorKind::Unreachable);
}

#[tokio::test(start_paused = true)]
async fn jitter_shortens_a_lifetime_and_never_prolongs_it() {
    let mut early = 0;
    for _ in 0..64 {
        let source = source();
        let cache = cache(&source).with_jitter(0.5);
        cache.current().await.unwrap();
        advance(TTL / 2 - Duration::from_millis(1)).await;
        cache.current().await.unwrap();
        assert_eq!(source.calls(), 1);
        advance(TTL / 4).await;
        cache.current().await.unwrap();
        let calls = source.calls();
        early += calls - 1;
        // A lifetime after that read, or after the first one at the latest.
        advance(TTL).await;
        cache.current().await.unwrap();
        assert_eq!(source.calls(), calls + 1);
    }
    // About half of them; none or all is less likely than 1 in 10^18.
    assert!((1..64).contains(&early), "{early}");
}

#[tokio::test(start_paused = true)]
async fn settings_out_of_bounds_do_no_harm() {
    for jitter in [f64::NAN, f64::INFINITY, -1.0, 2.0] {
        let cache = cache(&source())
            .with_ttl(Duration::MAX)
            .with_max_stale(Duration::MAX)
            .with_jitter(jitter);
        assert!(cache.current().await.is_ok());
    }
}

#[tokio::test(start_paused = true)]
async fn rules_are_checked_before_a_login_is_handed_out() {
    let rules = TargetRules::builder().deny_host("H").build().unwrap();
    let source = source();
    let cache = cache(&source).with_rules(rules);
    assert_eq!(kind(cache.current().await), ErrorKind::Refused);
}
