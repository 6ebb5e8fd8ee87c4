//! An event of any kind → what is asked for. Knows no service and no configuration.

use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use aws_lambda_events::event::s3::{S3Event, S3EventRecord};
use aws_lambda_events::event::sqs::SqsEvent;
use percent_encoding::percent_decode_str;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::failure::Failure;

/// What an invocation asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Ask {
    /// One thing, by somebody who may or may not read the answer.
    One(Request),
    /// The messages of a queue, each with an outcome of its own.
    Batch(Vec<Message>),
}

/// A message of a queue.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Message {
    pub(crate) id: String,
    pub(crate) request: Result<Request, Failure>,
}

/// One thing to do.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Request {
    /// Names the event itself, alike in every retry; `None`: the event has no name.
    pub(crate) id: Option<String>,
    pub(crate) task: Task,
}

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Task {
    /// Refresh and wait for the end.
    Refresh {
        /// Members that replace those of the configuration.
        changes: Map<String, Value>,
        /// Whether the caller sees the answer. Where nobody does, only an error is heard.
        answered: bool,
    },
    /// The same, since an object was written.
    RefreshAfter(Object),
    /// Start, and answer at once.
    Start { changes: Map<String, Value> },
    /// Look at what was started before.
    Poll { token: String },
    /// Nothing, for a reason that is worth a line.
    Ignore(String),
}

/// An object on S3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Object {
    pub(crate) bucket: String,
    pub(crate) key: String,
}

/// Reads an event.
///
/// # Errors
///
/// [`Failure::Event`] for one that is not known, [`Failure::Upstream`] for one that
/// says that what the refresh waits for has failed.
pub(crate) fn read(event: Value) -> Result<Ask, Failure> {
    match event {
        Value::Null => Ok(Ask::One(direct(Map::new())?)),
        Value::Object(members) => match members.get("Records").and_then(Value::as_array) {
            Some(records) => match source_of(records) {
                Some("aws:sqs") => batch(Value::Object(members)),
                _ => notification(Value::Object(members)).map(Ask::One),
            },
            None => single(members).map(Ask::One),
        },
        other => Err(Failure::event(format!(
            "{} is no event: send a JSON object",
            kind_of(&other)
        ))),
    }
}

/// An event that asks for one thing.
fn single(members: Map<String, Value>) -> Result<Request, Failure> {
    if members.contains_key("detail-type") {
        event_bridge(Value::Object(members))
    } else if members.get("Event").and_then(Value::as_str) == Some("s3:TestEvent") {
        Ok(Request {
            id: None,
            task: Task::Ignore("the test event of an S3 notification".to_owned()),
        })
    } else {
        direct(members)
    }
}

fn batch(event: Value) -> Result<Ask, Failure> {
    let event: SqsEvent = typed(event, "an SQS batch")?;
    let messages = event.records.into_iter().map(|record| {
        let id = record.message_id.ok_or_else(|| {
            Failure::event("a message of the SQS batch has no messageId".to_owned())
        })?;
        let request = message(record.body.as_deref().unwrap_or_default()).map(|request| Request {
            id: request.id.or_else(|| Some(id.clone())),
            task: unanswered(request.task),
        });
        Ok(Message { id, request })
    });
    Ok(Ask::Batch(messages.collect::<Result<_, Failure>>()?))
}

/// The body of a message: any of the other events.
fn message(body: &str) -> Result<Request, Failure> {
    let value = serde_json::from_str(body).map_err(|error| {
        // Its text may hold parts of the body; where it is wrong is enough.
        Failure::event(format!(
            "the message is no JSON (line {}, column {})",
            error.line(),
            error.column()
        ))
    })?;
    match value {
        Value::Object(members) if members.contains_key("Records") => {
            notification(Value::Object(members))
        }
        Value::Object(members) => single(members),
        other => Err(Failure::event(format!(
            "the message is {}, not a JSON object",
            kind_of(&other)
        ))),
    }
}

/// Nobody reads the answer to a message.
fn unanswered(task: Task) -> Task {
    match task {
        Task::Refresh { changes, .. } => Task::Refresh {
            changes,
            answered: false,
        },
        other => other,
    }
}

/// A notification that a bucket sends by itself.
fn notification(event: Value) -> Result<Request, Failure> {
    if let Some(records) = event["Records"].as_array()
        && source_of(records) != Some("aws:s3")
    {
        return Err(Failure::event(format!(
            "records of {} are not known: send those of S3 or SQS",
            source_of(records).unwrap_or("no source")
        )));
    }
    let event: S3Event = typed(event, "an S3 notification")?;
    let created = |record: &S3EventRecord| {
        let name = record.event_name.as_deref().unwrap_or_default();
        name.starts_with("ObjectCreated:")
    };
    // The service sends one record a notification; more would be for one prefix all the same.
    let Some(record) = event.records.into_iter().rfind(created) else {
        return Ok(Request {
            id: None,
            task: Task::Ignore("no object was created".to_owned()),
        });
    };
    let object = record.s3.object;
    // A form's encoding, unlike in an event of EventBridge.
    let key = object.key.unwrap_or_default().replace('+', " ");
    let key = percent_decode_str(&key).decode_utf8_lossy().into_owned();
    let bucket = record.s3.bucket.name.unwrap_or_default();
    // Delivered twice, a notification has the same sequencer.
    let id = object.sequencer.map(|it| format!("s3-{it}"));
    after(id, bucket, key)
}

fn after(id: Option<String>, bucket: String, key: String) -> Result<Request, Failure> {
    if bucket.is_empty() || key.is_empty() {
        let text = "the S3 event names no bucket or no key";
        return Err(Failure::event(text.to_owned()));
    }
    Ok(Request {
        id,
        task: Task::RefreshAfter(Object { bucket, key }),
    })
}

fn event_bridge(event: Value) -> Result<Request, Failure> {
    let event: EventBridgeEvent = typed(event, "an EventBridge event")?;
    let detail = &event.detail;
    let text = |pointer: &str| detail.pointer(pointer).and_then(Value::as_str);
    let task = match (event.source.as_str(), event.detail_type.as_str()) {
        (_, "Scheduled Event") => Task::Refresh {
            changes: Map::new(),
            answered: false,
        },
        ("aws.glue", "Glue Job State Change") => {
            glue(text("/jobName"), text("/state"), text("/message"))?
        }
        ("aws.s3", "Object Created") => {
            let bucket = text("/bucket/name").unwrap_or_default().to_owned();
            let key = text("/object/key").unwrap_or_default().to_owned();
            return after(event.id, bucket, key);
        }
        (source, kind) => {
            return Err(Failure::event(format!(
                "the event {kind:?} of {source} is not known: send a schedule's, Glue's \
                 \"Glue Job State Change\" or S3's \"Object Created\""
            )));
        }
    };
    Ok(Request { id: event.id, task })
}

fn glue(job: Option<&str>, state: Option<&str>, said: Option<&str>) -> Result<Task, Failure> {
    let job = job.unwrap_or("without a name");
    match state {
        Some("SUCCEEDED") => Ok(Task::Refresh {
            changes: Map::new(),
            answered: false,
        }),
        Some(state @ ("FAILED" | "TIMEOUT" | "STOPPED" | "ERROR")) => {
            let said = said.map(|said| format!(": {said}")).unwrap_or_default();
            Err(Failure::Upstream(format!(
                "the Glue job {job} is {state}{said}; its data was not refreshed: mend the job \
                 and run it again"
            )))
        }
        Some(state) => Ok(Task::Ignore(format!("the Glue job {job} is {state}"))),
        None => Err(Failure::event(format!(
            "the event of the Glue job {job} has no state"
        ))),
    }
}

/// A direct invocation: `{}`, or members of ours.
fn direct(mut members: Map<String, Value>) -> Result<Request, Failure> {
    let mut take = |name: &str| match members.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) if !text.is_empty() => Ok(Some(text)),
        Some(_) => Err(Failure::event(format!(
            "the event's {name} is not a text, or is empty"
        ))),
    };
    let id = take("trigger")?;
    let action = take("action")?;
    let token = take("token")?;
    let task = match (action.as_deref().unwrap_or("refresh"), token) {
        ("poll", Some(token)) if members.is_empty() => Task::Poll { token },
        ("poll", Some(_)) => {
            let names: Vec<&str> = members.keys().map(String::as_str).collect();
            return Err(Failure::event(format!(
                "\"poll\" takes a token and nothing else: leave out {}",
                names.join(", ")
            )));
        }
        ("poll", None) => {
            let text = "\"poll\" needs the token that \"start\" answered";
            return Err(Failure::event(text.to_owned()));
        }
        (_, Some(_)) => {
            let text = "a token goes with the action \"poll\"";
            return Err(Failure::event(text.to_owned()));
        }
        ("start", None) => Task::Start { changes: members },
        ("refresh", None) => Task::Refresh {
            changes: members,
            answered: true,
        },
        (other, None) => {
            return Err(Failure::event(format!(
                "the action {other:?} is not known: send \"refresh\", \"start\" or \"poll\""
            )));
        }
    };
    Ok(Request { id, task })
}

/// `eventSource`, which other services spell with a capital.
fn source_of(records: &[Value]) -> Option<&str> {
    let first = records.first()?;
    let source = first.get("eventSource").or_else(|| first.get("EventSource"))?;
    source.as_str()
}

fn typed<T: DeserializeOwned>(event: Value, what: &str) -> Result<T, Failure> {
    serde_json::from_value(event)
        .map_err(|error| Failure::event(format!("the event is not {what} as AWS sends it: {error}")))
}

const fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests;
