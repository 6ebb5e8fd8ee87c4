//! Values of one environment ↔ symbols that hold in all of them.
//!
//! A symbol is `${KIND:NAME}` with a [kind](SymbolKind) that this crate knows. Any
//! other `${…}` is a text: the service itself writes parameters as `${Name}`. A text
//! that looks like a symbol is written with one more dollar, `$${dataset:x}`.
//!
//! The law: `resolve(symbolise(x)) == x` for every document.

use std::collections::{BTreeMap, HashMap};

use crate::{
    environment::{Environment, Symbol, SymbolKind},
    id::Arn,
    json::{Json, Path},
};

/// Members whose values belong to an environment: texts there which are exactly the
/// value of a `${var:…}` are replaced by it. Elsewhere a text is only a text.
const ENVIRONMENT_MEMBERS: [&str; 16] = [
    "Bucket",
    "BucketName",
    "Catalog",
    "ClusterId",
    "DataSetRegion",
    "Database",
    "Domain",
    "Host",
    "Key",
    "ObjectKey",
    "Region",
    "RoleArn",
    "Schema",
    "Url",
    "Warehouse",
    "WorkGroup",
];

/// The symbols of an environment, for many documents.
#[derive(Clone, Debug)]
pub struct Symbols<'a> {
    environment: &'a Environment,
    by_arn: HashMap<&'a str, &'a Symbol>,
    vars: BTreeMap<&'a str, &'a Symbol>,
}

/// A symbol without a value in the environment.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{symbol} has no entry in the environment{}", ShowPath(.path))]
#[non_exhaustive]
pub struct UnknownSymbol {
    /// The symbol.
    pub symbol: Symbol,
    /// Where it stands.
    pub path: Path,
}

struct ShowPath<'a>(&'a Path);

impl std::fmt::Display for ShowPath<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.0.steps().is_empty() {
            return Ok(());
        }
        write!(f, " (at `{}`)", self.0)
    }
}

/// An ARN of the service that stays in a file, since no symbol stands for it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ForeignArn {
    /// The ARN.
    pub arn: String,
    /// Where it stands.
    pub path: Path,
}

impl<'a> Symbols<'a> {
    /// The symbols of this environment.
    pub fn new(environment: &'a Environment) -> Self {
        let mut by_arn = HashMap::new();
        let mut vars = BTreeMap::new();
        for (symbol, value) in &environment.symbols {
            match symbol.kind {
                SymbolKind::Var => drop(vars.entry(value.as_str()).or_insert(symbol)),
                _ => drop(by_arn.entry(value.as_str()).or_insert(symbol)),
            }
        }
        Self {
            environment,
            by_arn,
            vars,
        }
    }

    /// The environment.
    pub fn environment(&self) -> &'a Environment {
        self.environment
    }

    /// Replaces the symbols of a text by their values.
    ///
    /// # Errors
    ///
    /// [`UnknownSymbol`] for the first without a value.
    pub fn resolve_text(&self, text: &str) -> Result<String, UnknownSymbol> {
        resolve_text(self.environment, text)
    }

    /// Replaces the symbols of all texts of a document.
    ///
    /// # Errors
    ///
    /// All symbols without a value; the document is then half resolved.
    pub fn resolve(&self, json: &mut Json) -> Result<(), Vec<UnknownSymbol>> {
        let mut unknown = Vec::new();
        json.map_texts(&mut |path, text| match self.resolve_text(text) {
            Ok(resolved) => (resolved != text).then_some(resolved),
            Err(error) => {
                unknown.push(UnknownSymbol {
                    path: path.clone(),
                    ..error
                });
                None
            }
        });
        if unknown.is_empty() {
            Ok(())
        } else {
            Err(unknown)
        }
    }

    /// A text as it is written in a file: an ARN that has a symbol as the symbol,
    /// what only looks like a symbol with one more dollar.
    pub fn symbolise_text(&self, text: &str) -> String {
        match self.by_arn.get(text) {
            Some(symbol) => symbol.to_string(),
            None => escape(text),
        }
    }

    /// Writes all texts of a document as in a file, and reports the ARNs of
    /// the service that have no symbol. Those of AWS's own themes are the same
    /// everywhere and not reported.
    pub fn symbolise(&self, json: &mut Json) -> Vec<ForeignArn> {
        let mut foreign = Vec::new();
        json.map_texts(&mut |path, text| {
            if is_environment_member(path)
                && let Some(symbol) = self.vars.get(text)
            {
                return Some(symbol.to_string());
            }
            let written = self.symbolise_text(text);
            if written == text && is_foreign(text) {
                foreign.push(ForeignArn {
                    arn: text.to_owned(),
                    path: path.clone(),
                });
            }
            (written != text).then_some(written)
        });
        foreign
    }

    /// Takes over how an earlier document wrote a text, wherever that still
    /// resolves to the same: `${var:…}` within texts, one of two symbols for one
    /// ARN. `json` is a document as in a file, and resolves to the same afterwards.
    pub fn keep_spelling(&self, json: &mut Json, earlier: &Json) {
        json.map_texts(&mut |path, text| {
            let before = earlier.at(path)?.as_str()?;
            if before == text {
                return None;
            }
            let same = self.resolve_text(before).ok()? == self.resolve_text(text).ok()?;
            same.then(|| before.to_owned())
        });
    }
}

fn is_environment_member(path: &Path) -> bool {
    path.last_name()
        .is_some_and(|name| ENVIRONMENT_MEMBERS.contains(&name))
}

pub(crate) fn is_foreign(text: &str) -> bool {
    text.starts_with("arn:")
        && Arn::parse(text)
            .is_some_and(|arn| arn.service == "quicksight" && !arn.is_managed_by_aws())
}

pub(crate) fn resolve_text(environment: &Environment, text: &str) -> Result<String, UnknownSymbol> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(marker) = Marker::find(rest) {
        if marker.dollars > 1 {
            // One dollar less, and on behind the brace.
            out.push_str(&rest[..marker.start]);
            out.push_str(&rest[marker.start + 1..=marker.brace]);
            rest = &rest[marker.brace + 1..];
            continue;
        }
        let body = &rest[marker.name..];
        let Some(length) = body.find('}') else {
            // Not closed: a text like any other.
            out.push_str(&rest[..marker.name]);
            rest = body;
            continue;
        };
        let symbol = Symbol {
            kind: marker.kind,
            name: body[..length].to_owned(),
        };
        let Some(value) = environment.symbols.get(&symbol) else {
            return Err(UnknownSymbol {
                symbol,
                path: Path::root(),
            });
        };
        out.push_str(&rest[..marker.start]);
        out.push_str(value);
        rest = &body[length + 1..];
    }
    out.push_str(rest);
    Ok(out)
}

fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(marker) = Marker::find(rest) {
        out.push_str(&rest[..marker.start]);
        // What is not closed is no symbol, so it must not get a dollar either, unless
        // it has more than one, of which reading takes one away.
        let closed = rest[marker.name..].contains('}');
        if closed || marker.dollars > 1 {
            out.push('$');
        }
        out.push_str(&rest[marker.start..=marker.brace]);
        rest = &rest[marker.brace + 1..];
    }
    out.push_str(rest);
    out
}

/// A run of dollars, a brace, and a word that makes it look like a symbol.
struct Marker {
    start: usize,
    dollars: usize,
    brace: usize,
    name: usize,
    kind: SymbolKind,
}

impl Marker {
    fn find(text: &str) -> Option<Self> {
        let mut from = 0;
        loop {
            let brace = from + text[from..].find("${")? + 1;
            from = brace + 1;
            let Some((word, _)) = text[from..].split_once(':') else {
                return None;
            };
            let Some(kind) = SymbolKind::of_word(word) else {
                continue;
            };
            let dollars = text[..brace]
                .bytes()
                .rev()
                .take_while(|b| *b == b'$')
                .count();
            return Some(Self {
                start: brace - dollars,
                dollars,
                brace,
                name: from + word.len() + 1,
                kind,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::id::AssetKind;

    const DAILY: &str = "arn:aws:quicksight:r:123456789012:dataset/daily";

    fn environment() -> Environment {
        Environment::new("123456789012", "r")
            .with_symbol(SymbolKind::Asset(AssetKind::DataSet), "daily", DAILY)
            .with_symbol(SymbolKind::Var, "schema", "app_dev")
    }

    #[test]
    fn parameters_of_the_service_are_no_symbols() {
        let environment = environment();
        let symbols = Symbols::new(&environment);
        for text in [
            "${Region} and ${State}",
            "$${x}",
            "${dataset",
            "${dataset:daily",
            "$",
            "${",
            "ifelse(${p:q}>1)",
        ] {
            assert_eq!(symbols.symbolise_text(text), text);
            assert_eq!(symbols.resolve_text(text).unwrap(), text);
        }
    }

    #[test]
    fn what_looks_like_a_symbol_gets_one_more_dollar() {
        let environment = environment();
        let symbols = Symbols::new(&environment);
        for (text, written) in [
            (DAILY, "${dataset:daily}"),
            ("${dataset:daily}", "$${dataset:daily}"),
            ("$${dataset:daily}", "$$${dataset:daily}"),
            ("a ${var:x} ${P} ${user:y}", "a $${var:x} ${P} $${user:y}"),
        ] {
            assert_eq!(symbols.symbolise_text(text), written);
            assert_eq!(symbols.resolve_text(written).unwrap(), text);
        }
    }

    #[test]
    fn vars_replace_only_values_of_members_that_belong_to_an_environment() {
        let environment = environment();
        let symbols = Symbols::new(&environment);
        let text = r#"{"Schema":"app_dev","Title":"app_dev","A":"arn:aws:quicksight:r:1:dataset/x","B":"arn:aws:quicksight::aws:theme/CLASSIC"}"#;
        let mut json = Json::parse(text).unwrap();
        let foreign = symbols.symbolise(&mut json);
        assert_eq!(json.text("Schema"), Some("${var:schema}"));
        assert_eq!(json.text("Title"), Some("app_dev"));
        assert_eq!(foreign.len(), 1);
        assert_eq!(foreign[0].path.to_string(), "A");

        let earlier = Json::parse(r#"{"Title":"${var:schema}","A":"${var:schema}"}"#).unwrap();
        symbols.keep_spelling(&mut json, &earlier);
        assert_eq!(json.text("Title"), Some("${var:schema}"));
        symbols.resolve(&mut json).unwrap();
        assert_eq!(json.to_compact(), text);
    }

    #[test]
    fn every_symbol_without_a_value_is_named_with_its_place() {
        let environment = environment();
        let mut json = Json::parse(r#"{"a":["${theme:no}"],"b":"x${group:no}"}"#).unwrap();
        let errors = Symbols::new(&environment).resolve(&mut json).unwrap_err();
        let shown: Vec<String> = errors.iter().map(ToString::to_string).collect();
        assert_eq!(
            shown,
            [
                "${theme:no} has no entry in the environment (at `a[0]`)",
                "${group:no} has no entry in the environment (at `b`)"
            ]
        );
    }

    fn texts() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            Just("$".to_owned()),
            Just("{".to_owned()),
            Just("}".to_owned()),
            Just("dataset:".to_owned()),
            Just("var:schema".to_owned()),
            Just("daily".to_owned()),
            Just(DAILY.to_owned()),
            Just("app_dev".to_owned()),
            Just(":".to_owned()),
            ".{0,3}",
        ];
        proptest::collection::vec(piece, 0..8).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn resolving_undoes_symbolising(texts in proptest::collection::vec(texts(), 1..4)) {
            let environment = environment();
            let symbols = Symbols::new(&environment);
            let document = Json::object([("Schema", Json::array(texts.clone())), ("Host", Json::from(texts[0].as_str()))]);
            let mut written = document.clone();
            symbols.symbolise(&mut written);
            symbols.resolve(&mut written).unwrap();
            prop_assert_eq!(written, document);
        }
    }
}
