//! The operations and their shapes, read from the tables in `../model`.
//!
//! A table has a block per operation or shape, ended by an empty line:
//!
//! ```text
//! CreateThing POST /accounts/{AwsAccountId}/things/{ThingId}
//!   ! ResourceExists InvalidParameterValue      errors the operation may answer
//!   ThingId! path text 1..512 ~word             a label of the path; `!` is required
//!   MaxResults query max-results integer 1..100
//!   Tags list 1..200 of @Tag                    in the body; `@` refers to a shape
//! ```

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Every operation the double knows.
pub(crate) struct Catalogue {
    pub(crate) operations: Vec<Operation>,
    pub(crate) shapes: BTreeMap<&'static str, Vec<Member>>,
}

pub(crate) struct Operation {
    pub(crate) name: &'static str,
    pub(crate) method: &'static str,
    pub(crate) path: Vec<Segment>,
    /// Names of the exceptions it may answer, without `Exception`.
    pub(crate) errors: Vec<&'static str>,
    pub(crate) members: Vec<Member>,
}

impl Operation {
    /// Whether it changes anything: searches are POST, but read.
    pub(crate) fn is_write(&self) -> bool {
        self.method != "GET" && !self.name.starts_with("Search")
    }
}

#[derive(Clone, Copy)]
pub(crate) enum Segment {
    Literal(&'static str),
    Label(&'static str),
}

pub(crate) struct Member {
    pub(crate) name: &'static str,
    pub(crate) required: bool,
    pub(crate) place: Place,
    pub(crate) kind: Kind,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Path,
    Query(&'static str),
    Body,
}

pub(crate) enum Kind {
    Text(Bounds, Option<&'static str>),
    One(Vec<&'static str>),
    Integer(Bounds),
    Number,
    Flag,
    /// An object which is kept as it came.
    Document,
    Structure(&'static str),
    List(Bounds, Box<Self>),
    Map(Bounds, Box<Self>),
}

/// Both ends belong to the range.
#[derive(Clone, Copy, Default)]
pub(crate) struct Bounds {
    pub(crate) least: Option<u64>,
    pub(crate) most: Option<u64>,
}

impl Bounds {
    pub(crate) fn hold(self, value: u64) -> bool {
        self.least.is_none_or(|least| value >= least) && self.most.is_none_or(|most| value <= most)
    }

    /// `1..512`, as in the tables.
    pub(crate) fn text(self) -> String {
        let end = |bound: Option<u64>| bound.map(|bound| bound.to_string()).unwrap_or_default();
        format!("{}..{}", end(self.least), end(self.most))
    }
}

static CATALOGUE: LazyLock<Catalogue> = LazyLock::new(|| {
    let mut catalogue = Catalogue {
        operations: Vec::new(),
        shapes: BTreeMap::new(),
    };
    for table in [
        include_str!("../model/account.txt"),
        include_str!("../model/analyses.txt"),
        include_str!("../model/dashboards.txt"),
        include_str!("../model/datasets.txt"),
        include_str!("../model/datasources.txt"),
        include_str!("../model/folders.txt"),
        include_str!("../model/shapes.txt"),
        include_str!("../model/shapes-datasets.txt"),
        include_str!("../model/shapes-datasources.txt"),
        include_str!("../model/themes.txt"),
    ] {
        catalogue.read(table);
    }
    catalogue
});

impl Catalogue {
    /// The tables, read once.
    pub(crate) fn get() -> &'static Self {
        &CATALOGUE
    }

    /// The operation of a method and a path's encoded segments, with the labels decoded.
    pub(crate) fn route(
        &'static self,
        method: &str,
        segments: &[String],
    ) -> Option<(&'static Operation, BTreeMap<&'static str, String>)> {
        self.operations.iter().find_map(|operation| {
            if operation.method != method || operation.path.len() != segments.len() {
                return None;
            }
            let mut labels = BTreeMap::new();
            for (expected, found) in operation.path.iter().zip(segments) {
                match expected {
                    Segment::Literal(literal) if literal == found => {}
                    Segment::Literal(_) => return None,
                    Segment::Label(_) if found.is_empty() => return None,
                    Segment::Label(name) => {
                        labels.insert(*name, found.clone());
                    }
                }
            }
            Some((operation, labels))
        })
    }

    fn read(&mut self, table: &'static str) {
        for block in table.split("\n\n") {
            let mut lines = block.lines().filter(|line| !line.starts_with('#'));
            let Some(head) = lines.next().filter(|head| !head.is_empty()) else {
                continue;
            };
            let mut errors = Vec::new();
            let mut members = Vec::new();
            for line in lines {
                match line.trim().strip_prefix("! ") {
                    Some(names) => errors.extend(names.split(' ')),
                    None => members.push(member(line.trim())),
                }
            }
            let mut words = head.split(' ');
            let name = words.next().unwrap_or_default();
            match (words.next(), words.next()) {
                (Some(method), Some(path)) => self.operations.push(Operation {
                    name,
                    method,
                    path: path
                        .trim_start_matches('/')
                        .split('/')
                        .map(segment)
                        .collect(),
                    errors,
                    members,
                }),
                _ => {
                    self.shapes.insert(name, members);
                }
            }
        }
    }
}

fn segment(text: &'static str) -> Segment {
    match text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'))
    {
        Some(label) => Segment::Label(label),
        None => Segment::Literal(text),
    }
}

fn member(line: &'static str) -> Member {
    let (name, mut rest) = line.split_once(' ').expect("a member has a kind");
    let mut place = Place::Body;
    if let Some(after) = rest.strip_prefix("path ") {
        place = Place::Path;
        rest = after;
    } else if let Some(after) = rest.strip_prefix("query ") {
        let (key, after) = after.split_once(' ').expect("a query member has a kind");
        place = Place::Query(key);
        rest = after;
    }
    Member {
        name: name.trim_end_matches('!'),
        required: name.ends_with('!'),
        place,
        kind: kind(rest),
    }
}

fn kind(text: &'static str) -> Kind {
    let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
    match word {
        "text" => {
            let (range, pattern) = rest
                .split_once('~')
                .map_or((rest, None), |(range, pattern)| (range, Some(pattern)));
            Kind::Text(bounds(range), pattern)
        }
        "one" => Kind::One(rest.split('|').collect()),
        "integer" => Kind::Integer(bounds(rest)),
        "number" => Kind::Number,
        "flag" => Kind::Flag,
        "document" => Kind::Document,
        "list" | "map" => {
            let (range, of) = rest.split_once("of ").expect("a list or map says of what");
            let of = Box::new(kind(of));
            if word == "list" {
                Kind::List(bounds(range), of)
            } else {
                Kind::Map(bounds(range), of)
            }
        }
        _ => Kind::Structure(word.strip_prefix('@').expect("a kind of the table")),
    }
}

fn bounds(text: &str) -> Bounds {
    let Some((least, most)) = text.trim().split_once("..") else {
        return Bounds::default();
    };
    Bounds {
        least: least.parse().ok(),
        most: most.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn references(kind: &Kind) -> Option<&'static str> {
        match kind {
            Kind::Structure(name) => Some(name),
            Kind::List(_, of) | Kind::Map(_, of) => references(of),
            _ => None,
        }
    }

    #[test]
    fn every_shape_referred_to_is_in_a_table() {
        let catalogue = Catalogue::get();
        let members = catalogue
            .operations
            .iter()
            .flat_map(|operation| &operation.members)
            .chain(catalogue.shapes.values().flatten());
        let mut seen = 0;
        for member in members {
            if let Some(name) = references(&member.kind) {
                seen += 1;
                assert!(catalogue.shapes.contains_key(name), "{name}");
            }
        }
        assert!(seen > 100, "{seen}");
    }

    #[test]
    fn a_label_is_one_segment_and_every_label_is_a_member() {
        let catalogue = Catalogue::get();
        let segments = ["accounts", "1", "dashboards", "a/b", "versions", "7"].map(str::to_owned);
        let (operation, labels) = catalogue.route("PUT", &segments).expect("a route");
        assert_eq!(operation.name, "UpdateDashboardPublishedVersion");
        assert_eq!(labels["DashboardId"], "a/b");
        for operation in &catalogue.operations {
            for segment in &operation.path {
                if let Segment::Label(label) = segment {
                    let known = operation
                        .members
                        .iter()
                        .any(|member| member.name == *label && member.place == Place::Path);
                    assert!(
                        known || *label == "AwsAccountId",
                        "{}: {label}",
                        operation.name
                    );
                }
            }
        }
    }
}
