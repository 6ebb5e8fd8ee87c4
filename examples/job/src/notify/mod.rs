//! Telling people and watchdogs how a run went. Whatever goes wrong here is a warning in
//! the log and takes a bounded time: it never changes a run's result.

mod alert;
mod http;
mod ping;
mod secret_url;

use std::time::Duration;

use tokio::task::JoinHandle;

pub use self::alert::TopicArn;
use self::ping::Signal;
pub use self::secret_url::SecretUrl;
use crate::aws::Aws;
use crate::summary::Summary;
use crate::{ExitCode, RunId};

/// A run's end, to be told.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Story<'a> {
    pub(crate) job: &'a str,
    pub(crate) run_id: &'a str,
    pub(crate) host: &'a str,
    pub(crate) summary: &'a Summary,
    pub(crate) log: &'a [String],
}

impl Story<'_> {
    fn headline(&self) -> String {
        format!("datatransit: {} failed", self.job)
    }

    fn stage(&self) -> &str {
        self.summary.stage.unwrap_or("unknown")
    }

    /// The line that a ping carries.
    fn line(&self) -> String {
        let summary = self.summary;
        match &summary.reason {
            None => summary.to_json(),
            Some(reason) => format!(
                "exit code {}, {}: {reason}\nrun {} on {}\n",
                summary.exit_code,
                self.stage(),
                self.run_id,
                self.host
            ),
        }
    }
}

/// Who is told.
#[derive(Debug)]
pub(crate) struct Notifier {
    pub(crate) topics: Vec<TopicArn>,
    pub(crate) webhooks: Vec<SecretUrl>,
    pub(crate) ping: Option<SecretUrl>,
    /// What each of them may take.
    pub(crate) limit: Duration,
    rid: String,
    aws: Aws,
}

impl Notifier {
    pub(crate) fn new(
        topics: Vec<TopicArn>,
        webhooks: Vec<SecretUrl>,
        ping: Option<SecretUrl>,
        limit: Duration,
        run_id: &RunId,
        aws: Aws,
    ) -> Self {
        Self {
            topics,
            webhooks,
            ping,
            limit,
            rid: ping::rid(run_id.as_str()),
            aws,
        }
    }

    /// Tells that a run begins, beside it. Hand what comes back to
    /// [`ended`](Self::ended): a start that arrives after the end would count as a run
    /// that hangs.
    pub(crate) fn started(&self, run_id: &RunId, host: &str) -> Option<JoinHandle<()>> {
        let url = self.ping.clone()?;
        let (rid, aws, limit) = (self.rid.clone(), self.aws.clone(), self.limit);
        let body = format!("run {run_id} on {host}\n");
        Some(tokio::spawn(async move {
            send_ping(&url, Signal::Start, &rid, &body, &aws, limit).await;
        }))
    }

    /// Tells how the run went. `stood_by` is a run that another one kept from its work,
    /// where that is nobody's concern.
    pub(crate) async fn ended(
        &self,
        story: &Story<'_>,
        stood_by: bool,
        started: Option<JoinHandle<()>>,
    ) {
        let failed = story.summary.exit_code != ExitCode::Success.code();
        tokio::join!(
            self.alert(story, failed && !stood_by),
            self.ping(story, failed, stood_by, started)
        );
    }

    async fn alert(&self, story: &Story<'_>, wanted: bool) {
        if !wanted {
            return;
        }
        let topics = self.topics.iter().map(|topic| async move {
            let sent = alert::publish(topic, story, &self.aws, self.limit).await;
            told("alert", &topic.to_string(), sent);
        });
        let webhooks = self.webhooks.iter().map(|webhook| async move {
            let sent = alert::post(webhook, story, &self.aws, self.limit).await;
            told("alert", &webhook.described(), sent);
        });
        tokio::join!(
            futures_util::future::join_all(topics),
            futures_util::future::join_all(webhooks)
        );
    }

    async fn ping(
        &self,
        story: &Story<'_>,
        failed: bool,
        stood_by: bool,
        started: Option<JoinHandle<()>>,
    ) {
        let Some(url) = &self.ping else { return };
        let limit = self.limit / 2;
        if let Some(mut started) = started
            && tokio::time::timeout(limit, &mut started).await.is_err()
        {
            started.abort();
        }
        let signal = match (failed, stood_by) {
            (_, true) => Signal::Log,
            (true, false) => Signal::Failure,
            (false, false) => Signal::Success,
        };
        send_ping(url, signal, &self.rid, &story.line(), &self.aws, limit).await;
    }
}

async fn send_ping(
    url: &SecretUrl,
    signal: Signal,
    rid: &str,
    body: &str,
    aws: &Aws,
    limit: Duration,
) {
    let sending = async {
        let address = url.fetch(aws).await?;
        ping::ping(&address, signal, rid, body, limit).await
    };
    let sent = tokio::time::timeout(limit, sending)
        .await
        .unwrap_or_else(|_| Err(anyhow::anyhow!("no answer within {limit:?}")));
    told("ping", &url.described(), sent);
}

fn told(what: &str, whom: &str, sent: anyhow::Result<()>) {
    match sent {
        Ok(()) => tracing::debug!("{what} sent to {whom}"),
        Err(error) => tracing::warn!("the {what} to {whom} was not sent: {error:#}"),
    }
}
