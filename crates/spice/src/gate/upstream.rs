//! Events by which AWS says that something upstream has ended: a Glue job, or an object
//! in S3.

use serde_json::Value;

use super::GateError;

/// What an event says.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Upstream {
    /// A run of a Glue job has changed its state.
    #[non_exhaustive]
    Glue {
        /// The job.
        job: String,
        /// The run.
        run_id: String,
        /// The service's word: `SUCCEEDED`, `FAILED`, `TIMEOUT`, `STOPPED`.
        state: String,
        /// What the service says about it.
        message: Option<String>,
    },
    /// Objects were created in S3.
    #[non_exhaustive]
    Objects {
        /// Bucket and key of each.
        created: Vec<(String, String)>,
    },
}

impl Upstream {
    /// Reads an event of EventBridge (`Glue Job State Change`, `Object Created`) or a
    /// notification of S3; `None` for any other.
    pub fn from_event(event: &Value) -> Option<Self> {
        if let Some(records) = event.get("Records").and_then(Value::as_array) {
            let created: Vec<_> = records.iter().filter_map(notified).collect();
            return (!created.is_empty()).then_some(Self::Objects { created });
        }
        let detail = event.get("detail")?;
        let text = |name: &str| detail.get(name).and_then(Value::as_str).map(str::to_owned);
        match (
            event.get("source")?.as_str()?,
            event.get("detail-type")?.as_str()?,
        ) {
            ("aws.glue", "Glue Job State Change") => Some(Self::Glue {
                job: text("jobName")?,
                run_id: text("jobRunId").unwrap_or_default(),
                state: text("state")?,
                message: text("message"),
            }),
            ("aws.s3", "Object Created") => {
                let bucket = detail.pointer("/bucket/name")?.as_str()?.to_owned();
                let key = detail.pointer("/object/key")?.as_str()?.to_owned();
                Some(Self::Objects {
                    created: vec![(bucket, key)],
                })
            }
            _ => None,
        }
    }

    /// Whether it says that what is upstream is done. `false` for a Glue job that has
    /// just begun: another event will come.
    ///
    /// # Errors
    ///
    /// [`GateError::UpstreamFailed`] for a Glue job that ended in any other way.
    pub fn is_done(&self) -> Result<bool, GateError> {
        let Self::Glue {
            job,
            run_id,
            state,
            message,
        } = self
        else {
            return Ok(true);
        };
        match state.as_str() {
            "SUCCEEDED" => Ok(true),
            "STARTING" | "RUNNING" | "STOPPING" | "WAITING" => Ok(false),
            _ => Err(GateError::UpstreamFailed {
                subject: format!("Glue job `{job}` (run {run_id})"),
                state: match message {
                    Some(message) => format!("{state}: {message}"),
                    None => state.clone(),
                },
            }),
        }
    }
}

/// Bucket and key of a record of an S3 notification; keys in it are encoded as in a form.
fn notified(record: &Value) -> Option<(String, String)> {
    let is_creation = record
        .get("eventName")?
        .as_str()?
        .starts_with("ObjectCreated");
    if record.get("eventSource")?.as_str()? != "aws:s3" || !is_creation {
        return None;
    }
    let bucket = record.pointer("/s3/bucket/name")?.as_str()?;
    let key = record.pointer("/s3/object/key")?.as_str()?;
    Some((bucket.to_owned(), decode(key)?))
}

/// Takes `+` and `%XX` back; `None` for what is not UTF-8 then.
fn decode(key: &str) -> Option<String> {
    let bytes = key.as_bytes();
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut place = 0;
    while let Some(&byte) = bytes.get(place) {
        let hex = bytes
            .get(place + 1..place + 3)
            .and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
        match (byte, hex) {
            (b'+', _) => decoded.push(b' '),
            (b'%', Some(byte)) => {
                decoded.push(byte);
                place += 2;
            }
            _ => decoded.push(byte),
        }
        place += 1;
    }
    String::from_utf8(decoded).ok()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn glue(state: &str) -> Upstream {
        Upstream::from_event(&json!({
            "id": "e", "source": "aws.glue", "detail-type": "Glue Job State Change",
            "detail": {"jobName": "nightly", "jobRunId": "jr_1", "state": state, "message": "because"}
        }))
        .unwrap()
    }

    #[test]
    fn a_glue_job_opens_only_when_it_succeeded() {
        assert!(glue("SUCCEEDED").is_done().unwrap());
        assert!(!glue("RUNNING").is_done().unwrap());
        for state in ["FAILED", "TIMEOUT", "STOPPED", "ERROR", "SOMETHING_NEW"] {
            let error = glue(state).is_done().unwrap_err().to_string();
            assert!(
                error.contains("`nightly`") && error.contains(state),
                "{error}"
            );
        }
    }

    #[test]
    fn objects_come_by_two_ways() {
        let expected = |key: &str| Upstream::Objects {
            created: vec![("b".to_owned(), key.to_owned())],
        };
        let bridge = json!({
            "source": "aws.s3", "detail-type": "Object Created",
            "detail": {"bucket": {"name": "b"}, "object": {"key": "a b+c"}}
        });
        assert_eq!(Upstream::from_event(&bridge), Some(expected("a b+c")));
        let notification = json!({"Records": [
            {"eventSource": "aws:s3", "eventName": "ObjectCreated:Put",
             "s3": {"bucket": {"name": "b"}, "object": {"key": "a+b%2Bc%C3%A9"}}},
            {"eventSource": "aws:s3", "eventName": "ObjectRemoved:Delete",
             "s3": {"bucket": {"name": "b"}, "object": {"key": "gone"}}}
        ]});
        assert_eq!(
            Upstream::from_event(&notification),
            Some(expected("a b+cé"))
        );
        assert!(expected("k").is_done().unwrap());
    }

    #[test]
    fn other_events_are_none_of_these() {
        for event in [
            json!({}),
            json!({"source": "aws.events", "detail-type": "Scheduled Event", "detail": {}}),
            json!({"Records": [{"eventSource": "aws:sqs", "body": "{}"}]}),
            json!([1]),
        ] {
            assert_eq!(Upstream::from_event(&event), None, "{event}");
        }
    }
}
