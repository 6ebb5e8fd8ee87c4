//! An SNS in process: `Publish` and `GetTopicAttributes`, by the query protocol, answered
//! in XML.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};

use super::scope;
use crate::http::{Answer, AnswerFuture, Handler};

/// SNS's limit for message and attributes together.
const MOST_BYTES: usize = 256 << 10;

/// A message that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Notification {
    /// The topic's ARN.
    pub topic: String,
    /// The subject, if there was one.
    pub subject: Option<String>,
    /// The message.
    pub message: String,
    /// Attributes of type `String`, by name.
    pub attributes: BTreeMap<String, String>,
}

/// An SNS without a port of its own.
#[derive(Debug, Default)]
pub struct SnsDouble {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    topics: BTreeSet<String>,
    published: Vec<Notification>,
    refused: Vec<String>,
    actions: BTreeSet<String>,
    failing: bool,
}

impl SnsDouble {
    /// Makes a topic in a region; returns its ARN.
    pub fn create_topic(&self, region: &str, name: &str) -> String {
        let arn = format!("arn:aws:sns:{region}:123456789012:{name}");
        self.state().topics.insert(arn.clone());
        arn
    }

    /// Answers every request with status 500 from now on.
    pub fn fail(&self) {
        self.state().failing = true;
    }

    /// All messages so far.
    #[must_use]
    pub fn published(&self) -> Vec<Notification> {
        self.state().published.clone()
    }

    /// The actions that were asked for, by the API's own names.
    #[must_use]
    pub fn actions(&self) -> BTreeSet<String> {
        self.state().actions.clone()
    }

    /// The codes of all requests that were refused.
    #[must_use]
    pub fn refused(&self) -> Vec<String> {
        self.state().refused.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn act(&self, region: &str, fields: &BTreeMap<String, String>) -> Result<String, Refusal> {
        let mut state = self.state();
        if state.failing {
            return Err(Refusal(
                500,
                "InternalError",
                "as the test wants it".to_owned(),
            ));
        }
        let field = |name: &str| fields.get(name).map(String::as_str);
        state.actions.extend(field("Action").map(str::to_owned));
        let looks = field("Action") == Some("GetTopicAttributes");
        let known = looks || field("Action") == Some("Publish");
        if !known || field("Version") != Some("2010-03-31") {
            return Err(Refusal(400, "InvalidAction", "no such action".to_owned()));
        }
        let invalid = |what: &str| {
            Refusal(
                400,
                "InvalidParameter",
                format!("Invalid parameter: {what}"),
            )
        };
        let topic = field("TopicArn").ok_or_else(|| invalid("TopicArn or TargetArn"))?;
        if topic.split(':').nth(3) != Some(region) {
            return Err(invalid("TopicArn"));
        }
        if !state.topics.contains(topic) {
            return Err(Refusal(404, "NotFound", "Topic does not exist".to_owned()));
        }
        if looks {
            return Ok(attributes_of(topic));
        }
        let message = field("Message").unwrap_or_default();
        if message.is_empty() {
            return Err(invalid("Empty message"));
        }
        let attributes = attributes(fields).ok_or_else(|| invalid("MessageAttributes"))?;
        let size: usize = attributes
            .iter()
            .map(|(name, value)| name.len() + "String".len() + value.len())
            .sum();
        if message.len() + size > MOST_BYTES {
            return Err(invalid("Message too long"));
        }
        if field("Subject").is_some_and(|subject| !is_subject(subject)) {
            return Err(invalid("Subject"));
        }
        state.published.push(Notification {
            topic: topic.to_owned(),
            subject: field("Subject").map(str::to_owned),
            message: message.to_owned(),
            attributes,
        });
        Ok(format!(
            "<PublishResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><PublishResult>\
             <MessageId>00000000-0000-4000-8000-{:012}</MessageId></PublishResult>\
             <ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></PublishResponse>",
            state.published.len()
        ))
    }
}

fn attributes_of(topic: &str) -> String {
    format!(
        "<GetTopicAttributesResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
         <GetTopicAttributesResult><Attributes><entry><key>TopicArn</key><value>{topic}</value>\
         </entry></Attributes></GetTopicAttributesResult><ResponseMetadata><RequestId>r</RequestId>\
         </ResponseMetadata></GetTopicAttributesResponse>"
    )
}

/// Status, code and message of an error.
struct Refusal(u16, &'static str, String);

/// Less than 100 characters of ASCII, none of them a control character, no space first.
fn is_subject(text: &str) -> bool {
    (1..100).contains(&text.len())
        && text.bytes().all(|b| b == b' ' || b.is_ascii_graphic())
        && !text.starts_with(' ')
}

/// `None` when one of them is not as SNS takes it.
fn attributes(fields: &BTreeMap<String, String>) -> Option<BTreeMap<String, String>> {
    let mut found = BTreeMap::new();
    for number in 1.. {
        let prefix = format!("MessageAttributes.entry.{number}");
        let Some(name) = fields.get(&format!("{prefix}.Name")) else {
            break;
        };
        let is_name = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
        let value = fields.get(&format!("{prefix}.Value.StringValue"))?;
        let is_text = fields.get(&format!("{prefix}.Value.DataType"))? == "String";
        if name.is_empty() || !name.chars().all(is_name) || value.is_empty() || !is_text {
            return None;
        }
        found.insert(name.clone(), value.clone());
    }
    Some(found)
}

impl Handler for SnsDouble {
    fn handle(self: Arc<Self>, request: Request<Incoming>) -> AnswerFuture {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.ok()?.to_bytes();
            let fields: BTreeMap<String, String> =
                form_urlencoded::parse(&body).into_owned().collect();
            let outcome = match scope(&parts.headers) {
                Ok(scope) if scope.service == "sns" => self.act(scope.region, &fields),
                Ok(_) => Err(Refusal(
                    403,
                    "SignatureDoesNotMatch",
                    "another service's".to_owned(),
                )),
                Err(code) => Err(Refusal(403, code, "not signed".to_owned())),
            };
            self.answer(outcome)
        })
    }
}

impl SnsDouble {
    fn answer(&self, outcome: Result<String, Refusal>) -> Answer {
        let (status, body) = match outcome {
            Ok(body) => (200, body),
            Err(Refusal(status, code, message)) => {
                self.state().refused.push(code.to_owned());
                let kind = if status < 500 { "Sender" } else { "Receiver" };
                (
                    status,
                    format!(
                        "<ErrorResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"><Error>\
                         <Type>{kind}</Type><Code>{code}</Code><Message>{message}</Message></Error>\
                         <RequestId>r</RequestId></ErrorResponse>"
                    ),
                )
            }
        };
        Response::builder()
            .status(StatusCode::from_u16(status).ok()?)
            .header("content-type", "text/xml")
            .body(s3s::Body::from(body))
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fields(pairs: &[(&str, &str)]) -> BTreeMap<String, String> {
        let given = [
            ("Action", "Publish"),
            ("Version", "2010-03-31"),
            ("TopicArn", "arn:aws:sns:eu-west-1:123456789012:t"),
            ("Message", "m"),
        ];
        given
            .iter()
            .chain(pairs)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    #[test]
    fn refuses_what_sns_refuses() {
        let double = SnsDouble::default();
        let refused = |pairs: &[(&str, &str)], region| {
            double.act(region, &fields(pairs)).map_err(|it| it.1).err()
        };
        assert_eq!(refused(&[], "eu-west-1"), Some("NotFound"));
        double.create_topic("eu-west-1", "t");
        assert_eq!(refused(&[], "eu-west-1"), None);
        assert_eq!(refused(&[], "us-east-1"), Some("InvalidParameter"));
        let attribute = [
            ("MessageAttributes.entry.1.Name", "job"),
            ("MessageAttributes.entry.1.Value.DataType", "String"),
            ("MessageAttributes.entry.1.Value.StringValue", ""),
        ];
        assert_eq!(refused(&attribute, "eu-west-1"), Some("InvalidParameter"));
        for (name, value) in [
            ("Message", ""),
            ("Message", &"x".repeat(MOST_BYTES + 1)),
            ("Subject", &"x".repeat(100)),
            ("Subject", "two\nlines"),
            ("Subject", "日"),
        ] {
            let refused = refused(&[(name, value)], "eu-west-1");
            assert_eq!(refused, Some("InvalidParameter"), "{name}");
        }
        assert_eq!(double.published().len(), 1);
    }
}
