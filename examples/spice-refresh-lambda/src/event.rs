//! An event of any kind → what is asked for. Knows no client and no configuration.

use aws_lambda_events::event::eventbridge::EventBridgeEvent;
use aws_lambda_events::event::sqs::SqsEvent;
use datatransit_spice::gate::upstream::Upstream;
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
    /// The same, since objects were written: the bucket and key of each.
    RefreshAfter(Vec<(String, String)>),
    /// Start, and answer at once.
    Start { changes: Map<String, Value> },
    /// Look at what was started before.
    Poll { token: String },
    /// Nothing, for a reason that is worth a line.
    Ignore(String),
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
                _ => notification(&Value::Object(members)).map(Ask::One),
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
            notification(&Value::Object(members))
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

/// What AWS says of a Glue job or of objects in S3.
fn upstream(event: &Value, id: Option<String>) -> Result<Option<Request>, Failure> {
    let Some(upstream) = Upstream::from_event(event) else {
        return Ok(None);
    };
    let done = upstream
        .is_done()
        .map_err(|error| Failure::Upstream(error.to_string()))?;
    let task = match upstream {
        Upstream::Objects { created, .. } => Task::RefreshAfter(created),
        Upstream::Glue { job, state, .. } if !done => {
            Task::Ignore(format!("the Glue job {job} is {state}"))
        }
        _ => Task::Refresh {
            changes: Map::new(),
            answered: false,
        },
    };
    Ok(Some(Request { id, task }))
}

/// A notification that a bucket sends by itself.
fn notification(event: &Value) -> Result<Request, Failure> {
    let records = event["Records"].as_array();
    let records = records.map(Vec::as_slice).unwrap_or_default();
    let source = source_of(records).unwrap_or("no source");
    if source != "aws:s3" {
        return Err(Failure::event(format!(
            "records of {source} are not known: send those of S3 or SQS"
        )));
    }
    // Delivered twice, a notification has the same sequencer.
    let sequencer = event.pointer("/Records/0/s3/object/sequencer");
    let id = sequencer
        .and_then(Value::as_str)
        .map(|it| format!("s3-{it}"));
    let request = upstream(event, id)?;
    Ok(request.unwrap_or_else(|| Request {
        id: None,
        task: Task::Ignore("no object was created".to_owned()),
    }))
}

fn event_bridge(event: Value) -> Result<Request, Failure> {
    let id = event["id"].as_str().map(str::to_owned);
    if let Some(request) = upstream(&event, id)? {
        return Ok(request);
    }
    let event: EventBridgeEvent = typed(event, "an EventBridge event")?;
    if event.detail_type == "Scheduled Event" {
        let task = Task::Refresh {
            changes: Map::new(),
            answered: false,
        };
        return Ok(Request { id: event.id, task });
    }
    Err(Failure::event(format!(
        "the event {:?} of {} is not known, or lacks what it must say: send a schedule's, Glue's \
         \"Glue Job State Change\" or S3's \"Object Created\"",
        event.detail_type, event.source
    )))
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
    let source = first
        .get("eventSource")
        .or_else(|| first.get("EventSource"))?;
    source.as_str()
}

fn typed<T: DeserializeOwned>(event: Value, what: &str) -> Result<T, Failure> {
    serde_json::from_value(event).map_err(|error| {
        Failure::event(format!("the event is not {what} as AWS sends it: {error}"))
    })
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
