//! One POST, tried again while that may help, and an error without the URL.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use reqwest::{Client, StatusCode, Url, redirect};

/// How often a POST is tried.
const ATTEMPTS: u32 = 3;
/// The wait before the second; doubles.
const FIRST_WAIT: Duration = Duration::from_millis(300);

/// Posts a text. `limit` is what all tries together may take; one alone gets half of it,
/// so that a server that hangs once is asked again.
pub(super) async fn post(
    url: &Url,
    content_type: &'static str,
    body: &str,
    limit: Duration,
) -> anyhow::Result<()> {
    let client = Client::builder()
        .timeout(limit / 2)
        // Followed, a redirect would hand the secret in the path to somebody else.
        .redirect(redirect::Policy::none())
        .user_agent(concat!("datatransit/", env!("CARGO_PKG_VERSION")))
        .build()
        .map_err(reqwest::Error::without_url)
        .context("prepare HTTP")?;
    let tries = async {
        let mut wait = FIRST_WAIT;
        for attempt in 1.. {
            let sent = client
                .post(url.clone())
                .header("content-type", content_type)
                .body(body.to_owned())
                .send()
                .await
                .map_err(reqwest::Error::without_url);
            let error = match sent {
                Ok(answer) if answer.status().is_success() => return Ok(()),
                Ok(answer) => {
                    let status = answer.status();
                    let error = anyhow!("HTTP {}", status.as_u16());
                    let may_help =
                        status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
                    if !may_help {
                        return Err(error);
                    }
                    error
                }
                Err(error) => error.into(),
            };
            if attempt == ATTEMPTS {
                return Err(error);
            }
            tokio::time::sleep(wait).await;
            wait *= 2;
        }
        unreachable!("the last try returns")
    };
    tokio::time::timeout(limit, tries)
        .await
        .unwrap_or_else(|_| Err(anyhow!("no answer within {limit:?}")))
}
