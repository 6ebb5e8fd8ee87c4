//! The answer to `GetProviderSchema`, in the wire form of protocol buffers.
//!
//! By hand, for it is one message: `tfplugin6.proto` of Terraform's plugin protocol,
//! whose field numbers stand here beside their names.

use anyhow::{Context as _, Result};
use serde_json::Value;

/// The one provider's part of `terraform providers schema -json`.
pub(super) fn parse(text: &str) -> Result<Value> {
    let mut document: Value = serde_json::from_str(text)?;
    let providers = document["provider_schemas"].as_object_mut();
    let provider = providers.and_then(|providers| providers.values_mut().next());
    provider
        .map(Value::take)
        .context("the schema names no provider")
}

/// `GetProviderSchema.Response`.
pub(super) fn schema_response(provider: &Value) -> Vec<u8> {
    let mut message = Vec::new();
    bytes(&mut message, 1, &schema(&provider["provider"])); // provider
    for (number, part) in [(2, "resource_schemas"), (3, "data_source_schemas")] {
        for (name, of) in members(&provider[part]) {
            // An entry of a map is a message of its key (1) and value (2).
            let mut entry = Vec::new();
            bytes(&mut entry, 1, name.as_bytes());
            bytes(&mut entry, 2, &schema(of));
            bytes(&mut message, number, &entry);
        }
    }
    message
}

fn schema(of: &Value) -> Vec<u8> {
    let mut message = Vec::new();
    varint_field(&mut message, 1, of["version"].as_u64().unwrap_or_default()); // version
    bytes(&mut message, 2, &block(&of["block"])); // block
    message
}

fn block(of: &Value) -> Vec<u8> {
    let mut message = Vec::new();
    for (name, attribute) in members(&of["attributes"]) {
        let mut field = Vec::new();
        bytes(&mut field, 1, name.as_bytes()); // name
        bytes(&mut field, 2, attribute["type"].to_string().as_bytes()); // type, as JSON
        for (number, mark) in [
            (4, "required"),
            (5, "optional"),
            (6, "computed"),
            (7, "sensitive"),
            (9, "deprecated"),
            (11, "write_only"),
        ] {
            varint_field(&mut field, number, u64::from(attribute[mark] == true));
        }
        bytes(&mut message, 2, &field); // attributes
    }
    for (name, nested) in members(&of["block_types"]) {
        let nesting = match nested["nesting_mode"].as_str() {
            Some("single") => 1,
            Some("list") => 2,
            Some("set") => 3,
            Some("map") => 4,
            Some("group") => 5,
            _ => 0, // INVALID, and Terraform says so
        };
        let mut field = Vec::new();
        bytes(&mut field, 1, name.as_bytes()); // type_name
        bytes(&mut field, 2, &block(&nested["block"])); // block
        varint_field(&mut field, 3, nesting); // nesting
        for (number, bound) in [(4, "min_items"), (5, "max_items")] {
            varint_field(
                &mut field,
                number,
                nested[bound].as_u64().unwrap_or_default(),
            );
        }
        bytes(&mut message, 3, &field); // block_types
    }
    message
}

fn members(object: &Value) -> impl Iterator<Item = (&String, &Value)> {
    object.as_object().into_iter().flatten()
}

/// A field of bytes, text or a message.
fn bytes(message: &mut Vec<u8>, number: u64, content: &[u8]) {
    varint(message, number << 3 | 2);
    varint(message, content.len() as u64);
    message.extend_from_slice(content);
}

/// A field of a number, which is left out when it is zero.
fn varint_field(message: &mut Vec<u8>, number: u64, value: u64) {
    if value != 0 {
        varint(message, number << 3);
        varint(message, value);
    }
}

fn varint(message: &mut Vec<u8>, mut value: u64) {
    while value > 0x7F {
        message.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    message.push(value.to_le_bytes()[0]);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_attribute_is_written_as_protoc_writes_it() {
        let provider = json!({
            "provider": {"version": 0, "block": {}},
            "resource_schemas": {"t": {"version": 1, "block": {
                "attributes": {"a": {"type": ["set", "string"], "required": true}},
            }}},
        });
        let attribute = b"\x0a\x01a\x12\x10[\"set\",\"string\"]\x20\x01";
        let expected = [
            b"\x0a\x02\x12\x00".as_slice(), // provider: an empty block
            b"\x12\x22\x0a\x01t\x12\x1d",   // an entry of 34 bytes: key, value of 29
            b"\x08\x01\x12\x19\x12\x17",    // version 1, block of 25, attribute of 23
            attribute,
        ]
        .concat();
        assert_eq!(schema_response(&provider), expected);
    }

    #[test]
    fn long_lengths_take_two_bytes() {
        let mut message = Vec::new();
        bytes(&mut message, 1, &[0; 300]);
        assert_eq!(message[..3], [0x0a, 0xac, 0x02]);
    }
}
