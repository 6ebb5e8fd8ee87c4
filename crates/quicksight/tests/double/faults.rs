//! Faults at a call, before or after its effect, and what the journal says of them.

use aws_sdk_quicksight::config::retry::RetryConfig;
use datatransit_quicksight::testing::double::{Fault, FaultKind, Kind, Throttle};

use super::{ACCOUNT, Bench, client, code};

impl Bench {
    async fn try_create(&self, id: &str) -> Result<(), String> {
        let create = self
            .client
            .create_dashboard()
            .aws_account_id(ACCOUNT)
            .dashboard_id(id)
            .name("D");
        let created = create.definition(self.definition("day")).send().await;
        created.map(|_| ()).map_err(|error| format!("{error:?}"))
    }
}

#[tokio::test]
async fn before_the_effect_nothing_happens_and_after_it_everything_has() {
    for kind in [
        FaultKind::Internal,
        FaultKind::Unavailable,
        FaultKind::Throttled,
        FaultKind::Cut,
    ] {
        let bench = Bench::with_data_set();
        bench.double.inject(Fault::new(kind));
        bench.try_create("before").await.expect_err("a fault");
        assert!(bench.double.ids(Kind::Dashboard).is_empty(), "{kind:?}");
        bench.double.inject(Fault::new(kind).after_effect());
        bench.try_create("after").await.expect_err("a fault");
        assert_eq!(bench.double.ids(Kind::Dashboard), ["after"], "{kind:?}");
        bench.try_create("then").await.expect("no more faults");
        let took: Vec<bool> = bench
            .double
            .calls()
            .iter()
            .map(|call| call.took_effect)
            .collect();
        assert_eq!(took, [false, true, true]);
        let status = match kind {
            FaultKind::Internal => Some(500),
            FaultKind::Unavailable => Some(503),
            FaultKind::Throttled => Some(429),
            _ => None,
        };
        assert_eq!(bench.double.calls()[1].status, status);
    }
}

#[tokio::test]
async fn a_truncated_answer_is_an_error_after_the_effect() {
    let bench = Bench::with_data_set();
    bench.double.inject(Fault::new(FaultKind::Truncated));
    let error = bench.try_create("d").await.expect_err("half an answer");
    assert!(!error.contains("CreateDashboardOutput"), "{error}");
    assert_eq!(bench.double.ids(Kind::Dashboard), ["d"]);
    bench
        .double
        .inject(Fault::new(FaultKind::Truncated).on("DescribeDashboardDefinition"));
    let described = || {
        bench
            .client
            .describe_dashboard_definition()
            .aws_account_id(ACCOUNT)
            .dashboard_id("d")
            .send()
    };
    described().await.expect_err("half an answer");
    described().await.expect("a whole one");
}

#[tokio::test]
async fn the_sdk_retries_what_it_should() {
    let bench = Bench::with_data_set();
    let patient = client(
        &bench.double,
        RetryConfig::standard().with_initial_backoff(std::time::Duration::from_millis(1)),
    );
    for kind in [
        FaultKind::Internal,
        FaultKind::Unavailable,
        FaultKind::Throttled,
        FaultKind::Cut,
        FaultKind::Truncated,
    ] {
        bench.double.forget_calls();
        bench
            .double
            .inject(Fault::new(kind).on("ListDashboards").times(2));
        patient
            .list_dashboards()
            .aws_account_id(ACCOUNT)
            .send()
            .await
            .unwrap_or_else(|error| panic!("{kind:?}: {error:?}"));
        assert_eq!(bench.double.counts()["ListDashboards"], 3, "{kind:?}");
    }
}

#[tokio::test]
async fn faults_strike_at_their_call() {
    let bench = Bench::with_data_set();
    bench
        .double
        .inject(Fault::new(FaultKind::Internal).on_writes().at(2));
    bench.try_create("a").await.expect("the first write");
    bench
        .client
        .list_dashboards()
        .aws_account_id(ACCOUNT)
        .send()
        .await
        .expect("a read");
    bench.try_create("b").await.expect_err("the second write");
    bench.try_create("b").await.expect("the third write");
    let writes = bench.double.writes();
    assert_eq!(writes.len(), 3);
    assert_eq!(writes[1].error.as_deref(), Some("InternalFailure"));
    assert_eq!(writes[2].id(), Some("b"));
    assert!(writes[2].members.contains(&"Definition".to_owned()));
    assert_eq!(
        bench
            .double
            .calls()
            .iter()
            .map(|call| call.number)
            .collect::<Vec<_>>(),
        [1, 2, 3, 4]
    );
}

#[tokio::test]
async fn throttling_by_count_and_by_bucket() {
    let bench = Bench::new();
    let list = || {
        bench
            .client
            .list_dashboards()
            .aws_account_id(ACCOUNT)
            .send()
    };
    bench
        .double
        .throttle(Throttle::EveryNth(2), Some("ListDashboards"));
    list().await.expect("listed");
    assert_eq!(code(list().await), "Throttling");
    bench
        .client
        .list_data_sets()
        .aws_account_id(ACCOUNT)
        .send()
        .await
        .expect("not throttled");
    bench.double.throttle(
        Throttle::Bucket {
            per_second: 0.000_001,
            burst: 3,
        },
        None,
    );
    for _ in 0..3 {
        list().await.expect("from the bucket");
    }
    assert_eq!(code(list().await), "Throttling");
    bench.double.clear_faults();
    list().await.expect("listed");
}

#[tokio::test]
async fn an_operation_can_be_denied() {
    let bench = Bench::with_data_set();
    bench.create("d").await;
    bench.double.deny("DescribeDashboard");
    let describe = || {
        bench
            .client
            .describe_dashboard()
            .aws_account_id(ACCOUNT)
            .dashboard_id("d")
            .send()
    };
    let denied = describe().await;
    assert_eq!(
        denied
            .as_ref()
            .err()
            .and_then(|error| error.raw_response())
            .map(|response| response.status().as_u16()),
        Some(401)
    );
    assert_eq!(code(denied), "AccessDenied");
    bench.double.allow("DescribeDashboard");
    describe().await.expect("described");
}

#[tokio::test]
async fn a_client_can_die_at_any_call() {
    let bench = Bench::with_data_set();
    bench.double.cut_after(2);
    bench.try_create("a").await.expect("alive");
    bench.try_create("b").await.expect_err("unheard");
    bench.try_create("c").await.expect_err("dead");
    bench.double.clear_faults();
    assert_eq!(bench.double.ids(Kind::Dashboard), ["a", "b"]);
    bench.double.cut_before(1);
    bench.try_create("d").await.expect_err("dead");
    bench.try_create("d").await.expect_err("dead");
    bench.double.clear_faults();
    bench.try_create("d").await.expect("alive again");
}
