//! What a failed run sends out: to an SNS topic, and as JSON to a webhook.

use std::fmt::Write as _;
use std::str::FromStr;
use std::time::Duration;

use anyhow::anyhow;
use aws_sdk_sns::types::MessageAttributeValue;
use serde_json::{Value, json};

use super::{SecretUrl, Story, http};
use crate::aws::Aws;
use crate::input::said;

/// SNS takes 256 KiB, attributes included; the last lines of the log make way.
const MESSAGE_BYTES: usize = 200 << 10;
/// SNS takes subjects of less than 100 characters, of ASCII, without line breaks.
const SUBJECT_CHARACTERS: usize = 99;
/// Slack cuts longer texts off.
const TEXT_CHARACTERS: usize = 3_000;

/// `arn:aws:sns:REGION:ACCOUNT:NAME`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopicArn {
    text: String,
    region: String,
}

impl FromStr for TopicArn {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split(':').collect::<Vec<_>>()[..] {
            ["arn", partition, "sns", region, account, name]
                if partition.starts_with("aws")
                    && !region.is_empty()
                    && account.len() == 12
                    && !name.is_empty()
                    // It wants to know a group of each message, and takes no mail.
                    && !name.ends_with(".fifo") =>
            {
                Ok(Self {
                    text: text.to_owned(),
                    region: region.to_owned(),
                })
            }
            _ => Err("must be arn:aws:sns:REGION:ACCOUNT:NAME of a standard topic".to_owned()),
        }
    }
}

impl TopicArn {
    /// Makes a client in the topic's own region.
    pub(crate) async fn client(&self, aws: &Aws) -> aws_sdk_sns::Client {
        let config = aws_sdk_sns::config::Builder::from(aws.config().await)
            .region(aws_sdk_sns::config::Region::new(self.region.clone()))
            .build();
        aws_sdk_sns::Client::from_conf(config)
    }
}

/// Prints the ARN.
impl std::fmt::Display for TopicArn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.text)
    }
}

/// Publishes to a topic, in the topic's own region.
pub(super) async fn publish(
    topic: &TopicArn,
    story: &Story<'_>,
    aws: &Aws,
    limit: Duration,
) -> anyhow::Result<()> {
    let sending = async {
        let mut request = topic
            .client(aws)
            .await
            .publish()
            .topic_arn(&topic.text)
            .subject(subject(story))
            .message(message(story));
        // For filter policies of subscriptions.
        for (name, value) in [
            ("job", story.job),
            ("stage", story.stage()),
            ("exit_code", &story.summary.exit_code.to_string()),
        ] {
            let value = MessageAttributeValue::builder()
                .data_type("String")
                .string_value(value)
                .build()?;
            request = request.message_attributes(name, value);
        }
        request
            .send()
            .await
            .map_err(|error| anyhow!(said(&error)))?;
        Ok(())
    };
    tokio::time::timeout(limit, sending)
        .await
        .unwrap_or_else(|_| Err(anyhow!("no answer within {limit:?}")))
}

/// Posts to a webhook: Slack's `text`, and every fact by itself.
pub(super) async fn post(
    webhook: &SecretUrl,
    story: &Story<'_>,
    aws: &Aws,
    limit: Duration,
) -> anyhow::Result<()> {
    let url = tokio::time::timeout(limit / 2, webhook.fetch(aws))
        .await
        .map_err(|_| anyhow!("the URL was not to be had within {:?}", limit / 2))??;
    http::post(
        &url,
        "application/json",
        &payload(story).to_string(),
        limit / 2,
    )
    .await
}

fn subject(story: &Story<'_>) -> String {
    let text = format!(
        "{} (exit code {}, {})",
        story.headline(),
        story.summary.exit_code,
        story.stage()
    );
    let text: String = text
        .chars()
        .map(|c| {
            if c == ' ' || c.is_ascii_graphic() {
                c
            } else {
                '?'
            }
        })
        .take(SUBJECT_CHARACTERS)
        .collect();
    text
}

fn message(story: &Story<'_>) -> String {
    let mut text = format!("{}\n\n", story.headline());
    let code = story.summary.exit_code.to_string();
    let lines = [
        ("reason", story.summary.reason.as_deref()),
        ("remedy", story.summary.remedy.as_deref()),
        ("stage", story.summary.stage),
        ("exit code", Some(code.as_str())),
        ("run", Some(story.run_id)),
        ("host", Some(story.host)),
        ("day", story.summary.dump_date.as_deref()),
        ("destination", story.summary.dump_uri.as_deref()),
    ];
    // Writing to a String cannot fail.
    for (name, value) in lines {
        if let Some(value) = value {
            let _ = writeln!(text, "{name:<12} {value}");
        }
    }
    let _ = writeln!(text, "{:<12} {:.1} s", "after", story.summary.seconds);
    if !story.log.is_empty() {
        text.push_str("\nThe end of the log:\n");
    }
    cut(&mut text, MESSAGE_BYTES);
    let mut left = MESSAGE_BYTES - text.len();
    let kept = story.log.iter().rev().take_while(|line| {
        let fits = line.len() < left;
        left = left.saturating_sub(line.len() + 1);
        fits
    });
    for line in story.log.iter().skip(story.log.len() - kept.count()) {
        text.push_str(line);
        text.push('\n');
    }
    text
}

fn payload(story: &Story<'_>) -> Value {
    let summary = story.summary;
    let mut text = format!("{} on {}", story.headline(), story.host);
    for part in [&summary.reason, &summary.remedy].into_iter().flatten() {
        let _ = write!(text, "\n{part}");
    }
    let text: String = text.chars().take(TEXT_CHARACTERS).collect();
    json!({
        "text": text,
        "job": story.job,
        "run_id": story.run_id,
        "host": story.host,
        "status": summary.status,
        "exit_code": summary.exit_code,
        "stage": summary.stage,
        "reason": summary.reason,
        "remedy": summary.remedy,
        "dump_date": summary.dump_date,
        "dump_uri": summary.dump_uri,
        "seconds": summary.seconds,
        "log": story.log,
    })
}

fn cut(text: &mut String, most: usize) {
    let mut end = text.len().min(most);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    text.truncate(end);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::Summary;
    use crate::{ExitCode, Failure};

    fn summary() -> Summary {
        let mut summary = Summary::default();
        let failure = Failure::new(ExitCode::Gate, "gates", anyhow!("too\nsmall 日"))
            .with_remedy("look at the source");
        summary.fail(&failure);
        summary
    }

    fn story<'a>(summary: &'a Summary, log: &'a [String]) -> Story<'a> {
        Story {
            job: "日tenants",
            run_id: "run-7",
            host: "h",
            summary,
            log,
        }
    }

    #[test]
    fn topics_are_arns_of_sns() {
        let topic: TopicArn = "arn:aws-cn:sns:cn-north-1:123456789012:t".parse().unwrap();
        assert_eq!(topic.region, "cn-north-1");
        for text in [
            "t",
            "arn:aws:sqs:r:123456789012:t",
            "arn:aws:sns::123456789012:t",
            "arn:aws:sns:r:123456789012:t.fifo",
        ] {
            assert!(text.parse::<TopicArn>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_subject_is_what_sns_takes() {
        let summary = summary();
        let subject = subject(&story(&summary, &[]));
        assert_eq!(subject, "datatransit: ?tenants failed (exit code 9, gates)");
    }

    #[test]
    fn a_message_keeps_the_end_of_a_log_that_is_too_long() {
        let summary = summary();
        let log: Vec<String> = (0..300)
            .map(|n| format!("{n} {}", "x".repeat(1_000)))
            .collect();
        let message = message(&story(&summary, &log));
        assert!(message.len() <= MESSAGE_BYTES);
        assert!(message.contains("reason       too\nsmall 日"));
        assert!(message.contains("\n299 x") && !message.contains("\n0 x"));
    }

    #[test]
    fn a_payload_has_the_text_and_every_fact() {
        let (summary, log) = (summary(), ["last words".to_owned()]);
        let payload = payload(&story(&summary, &log));
        let text = payload["text"].as_str().unwrap();
        assert!(text.starts_with("datatransit: 日tenants failed on h\ntoo\nsmall 日\n"));
        assert_eq!(payload["exit_code"], 9);
        assert_eq!(payload["stage"], "gates");
        assert_eq!(payload["log"][0], "last words");
    }
}
