//! No secret shows in what is sent out, and none of the secret URLs in what is logged.

use std::os::unix::fs::PermissionsExt as _;

use e2e::canary::Canary;
use e2e::services::Behaviour;

use crate::bench::{Bench, GOOD};

#[tokio::test]
async fn neither_the_password_nor_a_url_shows_anywhere() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let marker = format!("hOoK{:016x}", fastrand::u64(..));
    let keep = |name: &str, path: &str| {
        let file = bench.path(name);
        std::fs::write(&file, bench.hooks.url(path)).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o600)).unwrap();
        format!("file:{}", file.display())
    };
    let webhook = keep("webhook", &format!("/hook/{marker}"));
    let ping = keep("ping", &format!("/ping/{marker}"));
    let (password, url) = (Canary::new(&bench.password), Canary::new(&marker));
    // Taken, refused, and without an answer: each has words of its own.
    for behaviour in [
        Behaviour::Normal,
        Behaviour::Status(403),
        Behaviour::Disconnect,
    ] {
        bench.hooks.behave(behaviour);
        let mut command = bench.job(GOOD);
        command
            .args(["--min-rows", "9", "--alert-topic", &bench.topic])
            .args(["--alert-webhook", &webhook, "--ping", &ping])
            .args(["--metrics", "cloudwatch", "--metrics", "emf"])
            .args(["--alert-log-lines", "1000", "--notify-timeout", "4s"])
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "full");
        let exposure = password.watch(&mut command).await.unwrap();
        exposure.assert_hidden();
        assert_eq!(exposure.status.code(), Some(9));
        for (place, bytes) in [("log", &exposure.stderr), ("stdout", &exposure.stdout)] {
            assert_eq!(url.find(bytes), None, "{place}, {behaviour:?}");
        }
    }
    let sent: Vec<String> = bench.published().into_iter().map(|it| it.message).collect();
    let posted = bench
        .hooks
        .requests()
        .into_iter()
        .map(|request| request.body);
    let everything: Vec<String> = sent.into_iter().chain(posted).collect();
    assert!(everything.len() >= 6, "{everything:?}");
    for text in everything {
        assert_eq!(password.find(text.as_bytes()), None);
        assert_eq!(url.find(text.as_bytes()), None);
    }
}
