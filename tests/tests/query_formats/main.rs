//! Exports of queries against the real clients and other readers, on every server that is there.

#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

/// One test for each release, named after it; skipped, in one line, where it is not there.
macro_rules! on_each_release {
    ($(#[$attribute:meta])* $name:ident, $body:path) => {
        $(#[$attribute])*
        mod $name {
            use e2e::database::{Release, shared};

            async fn on(release: Release) {
                if let Some(server) = shared(release).await {
                    $body(server).await;
                }
            }

            #[tokio::test]
            async fn mariadb10() {
                on(Release::MariaDb).await;
            }

            #[tokio::test]
            async fn mariadb11() {
                on(Release::MariaDb11).await;
            }

            #[tokio::test]
            async fn mysql9() {
                on(Release::MySql).await;
            }

            #[tokio::test]
            async fn mysql80() {
                on(Release::MySql80).await;
            }

            #[tokio::test]
            async fn mysql84() {
                on(Release::MySql84).await;
            }
        }
    };
}

mod batch;
mod bench;
mod generated;
mod parameters;
mod readers;
mod reading;
mod samples;
