//! A CloudWatch in process: `PutMetricData`, by the protocol that the SDK speaks (Smithy
//! RPC v2 in CBOR).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::{Request, Response, StatusCode};
use jiff::{SignedDuration, Timestamp};
use minicbor::data::Type;
use minicbor::{Decoder, Encoder};
use serde_json::{Map, Value, json};

use super::scope;
use crate::http::{AnswerFuture, Handler};

const PATH: &str = "/service/GraniteServiceVersion20100801/operation/PutMetricData";
/// Limits of the service.
const MOST_DATA: usize = 1_000;
const MOST_DIMENSIONS: usize = 30;
const UNITS: [&str; 27] = [
    "Seconds",
    "Microseconds",
    "Milliseconds",
    "Bytes",
    "Kilobytes",
    "Megabytes",
    "Gigabytes",
    "Terabytes",
    "Bits",
    "Kilobits",
    "Megabits",
    "Gigabits",
    "Terabits",
    "Percent",
    "Count",
    "Bytes/Second",
    "Kilobytes/Second",
    "Megabytes/Second",
    "Gigabytes/Second",
    "Terabytes/Second",
    "Bits/Second",
    "Kilobits/Second",
    "Megabits/Second",
    "Gigabits/Second",
    "Terabits/Second",
    "Count/Second",
    "None",
];

/// One figure that was taken.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Datum {
    /// The namespace.
    pub namespace: String,
    /// The metric's name.
    pub name: String,
    /// Dimensions by name.
    pub dimensions: BTreeMap<String, String>,
    /// The value.
    pub value: f64,
    /// The unit.
    pub unit: String,
}

/// A CloudWatch without a port of its own.
#[derive(Debug, Default)]
pub struct CloudWatchDouble {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    data: Vec<Datum>,
    refused: Vec<String>,
    failing: bool,
}

impl CloudWatchDouble {
    /// Answers every request with status 500 from now on.
    pub fn fail(&self) {
        self.state().failing = true;
    }

    /// All figures so far.
    #[must_use]
    pub fn data(&self) -> Vec<Datum> {
        self.state().data.clone()
    }

    /// The newest value of a metric, and its unit.
    #[must_use]
    pub fn newest(&self, name: &str) -> Option<(f64, String)> {
        let state = self.state();
        let found = state.data.iter().rev().find(|datum| datum.name == name)?;
        Some((found.value, found.unit.clone()))
    }

    /// The codes of all requests that were refused.
    #[must_use]
    pub fn refused(&self) -> Vec<String> {
        self.state().refused.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn put(&self, body: &[u8]) -> Result<(), Refusal> {
        let mut state = self.state();
        if state.failing {
            return Err(Refusal(500, "InternalServiceFault"));
        }
        let request =
            decode(&mut Decoder::new(body)).ok_or(Refusal(400, "SerializationException"))?;
        let data = taken(&request, Timestamp::now())?;
        state.data.extend(data);
        Ok(())
    }
}

/// Status and code of an error.
#[derive(Debug, PartialEq, Eq)]
struct Refusal(u16, &'static str);

const INVALID: Refusal = Refusal(400, "InvalidParameterValue");
const MISSING: Refusal = Refusal(400, "MissingParameter");

fn taken(request: &Value, now: Timestamp) -> Result<Vec<Datum>, Refusal> {
    let namespace = request["Namespace"].as_str().ok_or(MISSING)?;
    let is_theirs = namespace.starts_with("AWS/") || namespace.starts_with(':');
    if !(1..=255).contains(&namespace.len()) || is_theirs {
        return Err(INVALID);
    }
    let data = request["MetricData"].as_array().ok_or(MISSING)?;
    if data.is_empty() || data.len() > MOST_DATA {
        return Err(INVALID);
    }
    data.iter()
        .map(|datum| one(namespace, datum, now))
        .collect()
}

fn one(namespace: &str, datum: &Value, now: Timestamp) -> Result<Datum, Refusal> {
    let name = datum["MetricName"].as_str().ok_or(MISSING)?;
    let value = datum["Value"].as_f64().ok_or(INVALID)?;
    let unit = datum["Unit"].as_str().unwrap_or("None");
    let given = datum["Dimensions"].as_array().cloned().unwrap_or_default();
    let mut dimensions = BTreeMap::new();
    for dimension in &given {
        let part = |name: &str| dimension[name].as_str().ok_or(MISSING);
        let (name, value) = (part("Name")?, part("Value")?);
        let is_text =
            |text: &str, most| text.is_ascii() && !text.trim().is_empty() && text.len() <= most;
        if !is_text(name, 255) || !is_text(value, 1_024) || name.starts_with(':') {
            return Err(INVALID);
        }
        dimensions.insert(name.to_owned(), value.to_owned());
    }
    let at = datum["Timestamp"]
        .as_f64()
        .map(SignedDuration::from_secs_f64);
    let is_time = at.is_none_or(|at| {
        let age = SignedDuration::from_secs(now.as_second()) - at;
        age < SignedDuration::from_hours(14 * 24) && age > SignedDuration::from_hours(-2)
    });
    let is_name = (1..=255).contains(&name.len()) && name.is_ascii();
    let is_number = value.abs() <= 2_f64.powi(360);
    if !is_name || !is_number || !is_time || !UNITS.contains(&unit) || given.len() > MOST_DIMENSIONS
    {
        return Err(INVALID);
    }
    Ok(Datum {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
        dimensions,
        value,
        unit: unit.to_owned(),
    })
}

/// CBOR as JSON: what a request can hold. `None` for anything else.
fn decode(from: &mut Decoder<'_>) -> Option<Value> {
    Some(match from.datatype().ok()? {
        Type::Map | Type::MapIndef => {
            let mut map = Map::new();
            let length = from.map().ok()?;
            while more(from, length, map.len())? {
                let key = from.str().ok()?.to_owned();
                map.insert(key, decode(from)?);
            }
            Value::Object(map)
        }
        Type::Array | Type::ArrayIndef => {
            let mut array = Vec::new();
            let length = from.array().ok()?;
            while more(from, length, array.len())? {
                array.push(decode(from)?);
            }
            Value::Array(array)
        }
        Type::Tag => {
            from.tag().ok()?;
            decode(from)?
        }
        Type::String => from.str().ok()?.into(),
        Type::Bool => from.bool().ok()?.into(),
        Type::F32 => json!(from.f32().ok()?),
        Type::F64 => json!(from.f64().ok()?),
        Type::U8 | Type::U16 | Type::U32 | Type::U64 => from.u64().ok()?.into(),
        Type::I8 | Type::I16 | Type::I32 | Type::I64 => from.i64().ok()?.into(),
        _ => return None,
    })
}

/// Whether another entry follows; takes the end mark of what has no length.
fn more(from: &mut Decoder<'_>, length: Option<u64>, seen: usize) -> Option<bool> {
    if let Some(length) = length {
        return Some(u64::try_from(seen).ok()? < length);
    }
    if from.datatype().ok()? == Type::Break {
        from.set_position(from.position() + 1);
        return Some(false);
    }
    Some(true)
}

/// An error as the protocol has it.
fn complaint(code: &str) -> Vec<u8> {
    let mut encoder = Encoder::new(Vec::new());
    let kind = format!("com.amazonaws.cloudwatch#{code}");
    // Writing to a Vec cannot fail.
    let _ = encoder
        .map(2)
        .and_then(|it| it.str("__type"))
        .and_then(|it| it.str(&kind))
        .and_then(|it| it.str("message"))
        .and_then(|it| it.str(code));
    encoder.into_writer()
}

impl Handler for CloudWatchDouble {
    fn handle(self: Arc<Self>, request: Request<Incoming>) -> AnswerFuture {
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let body = body.collect().await.ok()?.to_bytes();
            let header = |name: &str| parts.headers.get(name).and_then(|it| it.to_str().ok());
            let outcome = match scope(&parts.headers) {
                Err(code) => Err(Refusal(403, code)),
                Ok(scope) if scope.service != "monitoring" => {
                    Err(Refusal(403, "SignatureDoesNotMatch"))
                }
                Ok(_)
                    if parts.uri.path() != PATH
                        || header("smithy-protocol") != Some("rpc-v2-cbor")
                        || header("content-type") != Some("application/cbor") =>
                {
                    Err(Refusal(400, "UnknownOperationException"))
                }
                Ok(_) => self.put(&body),
            };
            let (status, body) = match outcome {
                Ok(()) => (200, Vec::new()),
                Err(Refusal(status, code)) => {
                    self.state().refused.push(code.to_owned());
                    (status, complaint(code))
                }
            };
            Response::builder()
                .status(StatusCode::from_u16(status).ok()?)
                .header("smithy-protocol", "rpc-v2-cbor")
                .header("content-type", "application/cbor")
                .body(s3s::Body::from(body))
                .ok()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_cloudwatch_refuses() {
        let now = Timestamp::now();
        let good = json!({
            "MetricName": "Success", "Value": 1.0, "Unit": "Count",
            "Timestamp": now.as_second(), "Dimensions": [{"Name": "Job", "Value": "x"}],
        });
        let put = |namespace: &str, data: Value| {
            taken(&json!({"Namespace": namespace, "MetricData": data}), now).map(|it| it.len())
        };
        assert_eq!(put("datatransit", json!([good, good])), Ok(2));
        assert_eq!(put("AWS/S3", json!([good])), Err(INVALID));
        assert_eq!(put("datatransit", json!([])), Err(INVALID));
        let many = vec![good.clone(); MOST_DATA + 1];
        assert_eq!(put("datatransit", json!(many)), Err(INVALID));
        for (member, value) in [
            ("Unit", json!("Furlongs")),
            ("Timestamp", json!(now.as_second() - 15 * 86_400)),
            ("Value", json!(null)),
            ("Dimensions", json!([{"Name": "Job", "Value": "日"}])),
            ("Dimensions", json!([{"Name": "Job", "Value": " "}])),
        ] {
            let mut bad = good.clone();
            bad[member] = value;
            assert_eq!(put("datatransit", json!([bad])), Err(INVALID), "{member}");
        }
    }
}
