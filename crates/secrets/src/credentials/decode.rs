//! From a secret's text to the few values that are read from it.
//!
//! Neither serde's derive nor its errors can be used here: an error about a
//! wrong type repeats the value, and one about a secret that is plain text
//! repeats all of it. So the object is cut into raw pieces first, and each piece
//! of interest is looked at by hand; of an error only its existence is used.

use std::fmt;

use secrecy::ExposeSecret;
use serde::de::{Deserializer as _, MapAccess, Visitor};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::{
    error::{Fault, Problem},
    raw::{Payload, RawSecret},
};

/// A value, as far as its JSON type matters here.
pub(super) enum Scalar {
    Text(Zeroizing<String>),
    /// The number's own spelling.
    Number(Zeroizing<String>),
    Bool(bool),
    /// Array, object, or text that is not Unicode.
    Other,
}

/// The values found, under the key each was found by; null is left out.
pub(super) type Values = Vec<(&'static str, Scalar)>;

/// Reads the values of the given keys, in the order of the secret.
pub(super) fn decode(
    raw: &RawSecret,
    keys: impl Fn(&str) -> Option<&'static str>,
) -> Result<Values, Problem> {
    match &raw.payload {
        Payload::Text(text) => decode_text(text.expose_secret(), keys),
        Payload::Bytes(bytes) => {
            let Ok(text) = std::str::from_utf8(bytes.expose_secret()) else {
                return Err(Problem::new(
                    "secret",
                    Fault::Binary,
                    "must be a JSON object in UTF-8",
                ));
            };
            decode_text(text, keys)
        }
        Payload::Pairs(pairs) => Ok(pairs
            .iter()
            .map(|(key, value)| {
                let scalar = value.as_ref().map_or(Scalar::Other, |text| {
                    Scalar::Text(Zeroizing::new(text.expose_secret().to_owned()))
                });
                (*key, scalar)
            })
            .collect()),
    }
}

fn decode_text(text: &str, keys: impl Fn(&str) -> Option<&'static str>) -> Result<Values, Problem> {
    let not_json = |_| Problem::new("secret", Fault::NotJson, "must be a JSON object");
    // A byte order mark is what some editors put in front of a file.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut deserializer = serde_json::Deserializer::from_str(text);
    let values = deserializer
        .deserialize_map(ObjectVisitor { keys })
        .map_err(not_json)?;
    deserializer.end().map_err(not_json)?;
    Ok(values)
}

struct ObjectVisitor<K> {
    keys: K,
}

impl<'de, K: Fn(&str) -> Option<&'static str>> Visitor<'de> for ObjectVisitor<K> {
    type Value = Values;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Values, A::Error> {
        let mut values = Vec::new();
        while let Some(key) = map.next_key::<Zeroizing<String>>()? {
            let piece = map.next_value::<&'de RawValue>()?;
            if let Some(key) = (self.keys)(&key)
                && let Some(scalar) = scalar(piece.get())
            {
                values.push((key, scalar));
            }
        }
        Ok(values)
    }
}

/// The value of one piece of well-formed JSON; none for null.
fn scalar(piece: &str) -> Option<Scalar> {
    Some(match piece.as_bytes().first() {
        Some(b'"') => match serde_json::from_str::<Zeroizing<String>>(piece) {
            Ok(text) => Scalar::Text(text),
            Err(_) => Scalar::Other,
        },
        Some(b't') => Scalar::Bool(true),
        Some(b'f') => Scalar::Bool(false),
        Some(b'n') | None => return None,
        Some(b'[' | b'{') => Scalar::Other,
        Some(_) => Scalar::Number(Zeroizing::new(piece.to_owned())),
    })
}
