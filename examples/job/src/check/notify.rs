//! Who would hear of a run: that the topic is there, and that webhook and ping can be
//! reached. Nobody is told anything, and nothing here fails a run: so all are warnings.

use std::time::Duration;

use anyhow::{Context as _, anyhow};
use tokio::net::TcpStream;

use crate::aws::Aws;
use crate::input::said;
use crate::job::Job;
use crate::notify::{SecretUrl, TopicArn};

use super::Report;

/// Looks at each that is configured.
pub(super) async fn examine(job: &Job, report: &mut Report) {
    let operations = &job.args.operations;
    for topic in &operations.alert_topic {
        let found = topic_is_there(topic, &job.aws).await;
        told(
            "alert topic",
            found.map(|()| format!("{topic} is there")),
            "check the ARN; grant sns:GetTopicAttributes to have it looked at, and sns:Publish for \
             the alerts themselves",
            report,
        );
    }
    let limit = operations.notify_timeout;
    let webhooks = operations
        .alert_webhook
        .iter()
        .map(|url| ("alert webhook", url));
    let pings = operations.ping.iter().map(|url| ("ping", url));
    for (name, url) in webhooks.chain(pings) {
        let reached = reach(url, &job.aws, limit).await;
        told(
            name,
            reached.map(|()| format!("{} can be reached; nothing was sent", url.described())),
            "check the URL, and that this machine has a way to it",
            report,
        );
    }
}

fn told(
    name: &'static str,
    found: anyhow::Result<String>,
    remedy: &'static str,
    report: &mut Report,
) {
    match found {
        Ok(detail) => report.ok(name, detail),
        Err(error) => report.warn(name, format!("{error:#}"), remedy.to_owned()),
    }
}

async fn topic_is_there(topic: &TopicArn, aws: &Aws) -> anyhow::Result<()> {
    let request = topic.client(aws).await.get_topic_attributes();
    match request.topic_arn(topic.to_string()).send().await {
        Ok(_) => Ok(()),
        Err(error) => Err(anyhow!("look at {topic}: {}", said(&error))),
    }
}

/// Connects and says nothing: a request would be an alert, or a ping.
async fn reach(url: &SecretUrl, aws: &Aws, limit: Duration) -> anyhow::Result<()> {
    let what = url.described();
    let url = url.fetch(aws).await?;
    let host = url.host_str().unwrap_or_default().to_owned();
    let port = url.port_or_known_default().unwrap_or(443);
    // An address of IPv6 has brackets in a URL.
    let host = host.trim_matches(['[', ']']);
    let connected = tokio::time::timeout(limit, TcpStream::connect((host, port))).await;
    connected
        .map_err(|_| anyhow!("no answer within {limit:?}"))
        .and_then(|connected| connected.map_err(anyhow::Error::from))
        .with_context(|| format!("connect to {what}"))?;
    Ok(())
}
