//! Documents and files keep everything, whatever is in them.

use datatransit_quicksight::{AssetFile, AssetId, AssetKind, Json};
use proptest::prelude::*;

fn numbers() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("1.6565093E9".to_owned()),
        Just("12345678901234567890.12".to_owned()),
        Just("-0".to_owned()),
        "-?(0|[1-9][0-9]{0,40})(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?",
    ]
}

/// The compact text of a document, members distinct, texts of any characters.
fn documents() -> impl Strategy<Value = String> {
    let text = |text: &str| serde_json::to_string(text).expect("a text has a JSON form");
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("true".to_owned()),
        Just("false".to_owned()),
        numbers(),
        ".{0,12}".prop_map(move |value| text(&value)),
        Just("\"${dataset:x} ${Parameter} $${var:y}\"".to_owned()),
    ];
    leaf.prop_recursive(24, 256, 8, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..8)
                .prop_map(|items| format!("[{}]", items.join(","))),
            proptest::collection::btree_map(".{0,8}", inner, 0..8).prop_map(move |members| {
                let members: Vec<_> = members
                    .iter()
                    .map(|(name, value)| format!("{}:{value}", text(name)))
                    .collect();
                format!("{{{}}}", members.join(","))
            }),
        ]
    })
}

proptest! {
    #[test]
    fn documents_are_read_and_written_without_a_change(text in documents()) {
        let json = Json::parse(&text).expect("a document");
        prop_assert_eq!(&Json::parse(&json.to_compact()).expect("its text"), &json);
        prop_assert_eq!(&Json::parse(&json.to_pretty()).expect("its text"), &json);
        // An independent reader finds the same values.
        let ours: serde_json::Value = serde_json::from_str(&json.to_compact()).expect("JSON");
        let theirs: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        prop_assert_eq!(ours, theirs);
    }

    #[test]
    fn canonical_texts_are_canonical(definition in documents(), parameters in documents()) {
        let object = |text: &str| Json::object([("x", Json::parse(text).expect("a document"))]);
        let id = AssetId::new("sales").expect("an identifier");
        let mut file = AssetFile::new(AssetKind::Dashboard, id, "Sales", object(&definition));
        file.publish_options = Some(object(&parameters));
        let text = file.to_text();
        let again = AssetFile::parse(&text).expect("a file");
        prop_assert_eq!(again.to_text(), text);
        prop_assert!(again.definition.same_meaning(&file.definition));
    }
}

#[test]
fn two_megabytes_are_read_and_written_without_a_change() {
    let item = r#"{"Name":"é 日本","Value":12345678901234567890.12,"At":1.6565093E9}"#;
    let items = vec![item; 2 * 1024 * 1024 / item.len() + 1].join(",");
    let text = format!(r#"{{"Items":[{items}]}}"#);
    assert!(text.len() > 2 * 1024 * 1024);
    let json = Json::parse(&text).expect("a document");
    assert!(json.to_compact() == text);
}

#[test]
fn the_order_of_members_of_a_file_makes_no_difference() {
    let one = r#"{"kind":"dashboard","id":"a","name":"A","tags":{"b":"1","a":"2"},"permissions":{"p":["y","x"]},"definition":{"b":1,"a":[2,1]}}"#;
    let two = r#"{"definition":{"a":[2,1],"b":1},"permissions":{"p":["x","y"]},"tags":{"a":"2","b":"1"},"name":"A","id":"a","kind":"dashboard"}"#;
    let (one, two) = (AssetFile::parse(one), AssetFile::parse(two));
    let text = one.expect("a file").to_text();
    assert_eq!(text, two.expect("a file").to_text());
    assert!(text.ends_with("}\n") && !text.contains('\r'));
    assert!(
        text.contains("\"a\": [\n      2,\n      1\n    ]"),
        "order in definitions stays: {text}"
    );
}
