//! From what the passes found to the report.

use std::collections::HashMap;

use super::content::Content;
use super::hash::{hex, sha256_hex};
use super::mask::{self, Rule};
use super::matching::{Found, Kept, KeptContent, Matched};
use super::pairs::{Pair, Sides, key_names};
use super::reasons;
use super::report::{
    ColumnDifference, ComparisonReport, Detail, KeyColumn, MaskedLines, REPORT_VERSION,
    RowDifference, RowDifferenceKind, SideReport, StatementDifference, StatementState,
    TableComparison, TableState, Verdict,
};
use super::row;
use super::statement::{Kind, Object};
use super::summary::{Definitions, Summary, Table};

/// Settings that shape the report.
#[derive(Debug, Clone, Copy)]
pub(super) struct Shape {
    pub(super) content: Content,
    pub(super) show_values: bool,
    pub(super) max_differences: usize,
    pub(super) ignore_auto_increment: bool,
    pub(super) ignore_form: bool,
}

/// Puts the report together; `matched` has what the second pass found, by the pair's index.
pub(super) fn judge(
    sides: &Sides<'_>,
    names: [String; 2],
    pairs: &[Pair<'_>],
    matched: &HashMap<usize, Matched>,
    shape: Shape,
) -> ComparisonReport {
    let tables: Vec<TableComparison> = pairs
        .iter()
        .enumerate()
        .filter_map(|(index, pair)| table(pair, matched.get(&index), shape))
        .collect();
    let (statements, form_of_definitions) = statements(sides, shape);
    let [old_name, new_name] = names;
    let mut report = ComparisonReport {
        report_version: REPORT_VERSION,
        old: side(sides.old, old_name),
        new: side(sides.new, new_name),
        masked: masked(sides),
        tables,
        statements,
        ..ComparisonReport::default()
    };
    let findings = reasons::Findings {
        sides,
        pairs,
        form_of_definitions,
        content: shape.content,
    };
    reasons::complete(&findings, &mut report);
    report.reasons = reasons::explain(&findings, &report);
    let differs = report
        .reasons
        .iter()
        .any(|reason| !(shape.ignore_form && reasons::is_form(reason.kind)));
    report.verdict = if differs {
        Verdict::Different
    } else {
        Verdict::Same
    };
    report
}

fn side(summary: &Summary, name: String) -> SideReport {
    SideReport {
        name,
        stored_bytes: summary.stored.stored_bytes,
        stored_sha256: summary.stored.stored_sha256.clone(),
        compression: summary.stored.compression.into(),
        uncompressed_bytes: summary.stored.text_bytes,
        statements: summary.ended.statements,
        tables: summary.tables.len() as u64,
        rows: summary.rows(),
        complete: !summary.stored.truncated && !summary.ended.truncated,
        flavour: summary.flavour().map(str::to_owned),
        client: summary.client.clone(),
        server: summary.server.clone(),
        dump_completed: summary.dump_completed.clone(),
        charset: summary.charset.clone(),
        newest_updated_at: summary.newest().map(|literal| {
            String::from_utf8_lossy(literal)
                .trim_matches('\'')
                .to_owned()
        }),
    }
}

fn masked(sides: &Sides<'_>) -> Vec<MaskedLines> {
    let lines = |summary: &Summary, rule| summary.masked.get(&rule).copied().unwrap_or_default();
    Rule::ALL
        .into_iter()
        .map(|rule| MaskedLines {
            rule: rule.name().into(),
            old_lines: lines(sides.old, rule),
            new_lines: lines(sides.new, rule),
        })
        .filter(|masked| masked.old_lines + masked.new_lines > 0)
        .collect()
}

fn table(pair: &Pair<'_>, matched: Option<&Matched>, shape: Shape) -> Option<TableComparison> {
    let either = pair.either()?;
    let named = pair
        .old
        .into_iter()
        .chain(pair.new)
        .map(|table| table.database.as_str());
    let mut report = TableComparison {
        database: named.max().unwrap_or_default().to_owned(),
        name: either.name.clone(),
        old_rows: pair.old.map_or(0, |table| table.rows),
        new_rows: pair.new.map_or(0, |table| table.rows),
        old_bytes: pair.old.map_or(0, |table| table.bytes),
        new_bytes: pair.new.map_or(0, |table| table.bytes),
        ..TableComparison::default()
    };
    let exact = |report: &mut TableComparison, old: u64, new: u64, changed: u64| {
        report.rows_only_old = Some(old);
        report.rows_only_new = Some(new);
        report.rows_changed = Some(changed);
    };
    let (Some(old), Some(new)) = (pair.old, pair.new) else {
        report.state = if pair.new.is_none() {
            TableState::OnlyOld
        } else {
            TableState::OnlyNew
        };
        let (old_rows, new_rows) = (report.old_rows, report.new_rows);
        exact(&mut report, old_rows, new_rows, 0);
        return Some(report);
    };
    if pair.rows_equal() {
        report.state = TableState::Same;
        exact(&mut report, 0, 0, 0);
    } else if let Some(matched) = matched.filter(|matched| !matched.overflow) {
        let none = matched.changed + matched.only_old + matched.only_new == 0;
        report.state = match (none, pair.common.is_none() || pair.defined_alike()) {
            (true, true) if matched.moved => TableState::RowOrder,
            (true, true) => TableState::Same,
            _ => TableState::Different,
        };
        exact(
            &mut report,
            matched.only_old,
            matched.only_new,
            matched.changed,
        );
        if old.wanted.is_some() && new.wanted.is_some() {
            report.rows_changed_since = Some(matched.later);
        }
        let columns = Columns::of(pair, shape);
        report.differences = matched
            .found
            .iter()
            .map(|found| columns.row(found))
            .collect();
    } else if pair.common.is_none() && old.multiset == new.multiset && old.rows == new.rows {
        report.state = TableState::RowOrder;
        exact(&mut report, 0, 0, 0);
    } else if old.rows == 0 || new.rows == 0 {
        report.state = TableState::Different;
        exact(&mut report, old.rows, new.rows, 0);
        report.differences = one_sided(old, new, shape.max_differences);
    } else {
        report.state = TableState::Different;
        report.detail = Detail::CountsOnly;
    }
    Some(report)
}

/// The first rows of a table that is empty on the other side.
fn one_sided(old: &Table, new: &Table, most: usize) -> Vec<RowDifference> {
    let rows = old.rows.max(new.rows);
    (1..=rows)
        .take(most)
        .map(|number| RowDifference {
            kind: if old.rows > 0 {
                RowDifferenceKind::OnlyOld
            } else {
                RowDifferenceKind::OnlyNew
            },
            old_row: (old.rows > 0).then_some(number),
            new_row: (new.rows > 0).then_some(number),
            ..RowDifference::default()
        })
        .collect()
}

/// How to read the fields of a table's rows.
struct Columns {
    /// Name, place on the old side, place on the new side; `None` where names are unknown.
    compared: Option<Vec<(String, usize, usize)>>,
    key: Vec<(String, usize, usize)>,
    show_values: bool,
    json: bool,
}

impl Columns {
    fn of(pair: &Pair<'_>, shape: Shape) -> Self {
        let names = |table: Option<&Table>| table.and_then(Table::columns);
        let (olds, news) = (names(pair.old), names(pair.new));
        let compared = pair.common.clone().or_else(|| {
            let names = olds.clone().or_else(|| news.clone())?;
            let places = names.into_iter().enumerate();
            Some(places.map(|(place, name)| (name, place, place)).collect())
        });
        let place = |names: &Option<Vec<String>>, name: &String| {
            names.iter().flatten().position(|other| other == name)
        };
        let key = key_names(pair).into_iter().filter_map(|name| {
            let places = (place(&olds, &name)?, place(&news, &name)?);
            Some((name, places.0, places.1))
        });
        Self {
            compared,
            key: key.collect(),
            show_values: shape.show_values,
            json: shape.content == Content::JsonLines,
        }
    }

    fn row(&self, found: &Found) -> RowDifference {
        let (kind, old, new) = match found {
            Found::Changed(old, new) => (RowDifferenceKind::Changed, Some(old), Some(new)),
            Found::OnlyOld(old) => (RowDifferenceKind::OnlyOld, Some(old), None),
            Found::OnlyNew(new) => (RowDifferenceKind::OnlyNew, None, Some(new)),
        };
        let (old_fields, new_fields) = (Fields::of(old), Fields::of(new));
        let key = self.key.iter().filter_map(|(name, old_place, new_place)| {
            let field = match (&old_fields, &new_fields) {
                (Some(fields), _) => fields.get(*old_place),
                (_, Some(fields)) => fields.get(*new_place),
                _ => None,
            }?;
            Some(KeyColumn {
                name: name.clone(),
                sha256: field.sha256(),
                value: self.show_values.then(|| field.shown()),
            })
        });
        RowDifference {
            kind,
            old_row: old.map(|kept| kept.number),
            new_row: new.map(|kept| kept.number),
            key: key.collect(),
            columns: match (old_fields, new_fields) {
                (Some(old), Some(new)) => self.columns(&old, &new),
                _ => Vec::new(),
            },
        }
    }

    fn columns(&self, old: &Fields<'_>, new: &Fields<'_>) -> Vec<ColumnDifference> {
        if self.json
            && let Some(differences) = self.members(old, new)
        {
            return differences;
        }
        let known = self.compared.as_ref().filter(|known| {
            known.iter().all(|(_, old_place, new_place)| {
                old.get(*old_place).is_some() && new.get(*new_place).is_some()
            })
        });
        let numbered: Vec<(String, usize, usize)>;
        let compared = match known {
            Some(known) => known,
            None => {
                numbered = (0..old.len().max(new.len()))
                    .map(|place| (format!("#{}", place + 1), place, place))
                    .collect();
                &numbered
            }
        };
        compared
            .iter()
            .filter_map(|(name, old_place, new_place)| {
                let (old, new) = (old.get(*old_place), new.get(*new_place));
                let same = match (&old, &new) {
                    // By their text: a number and the same digits as a string are not the same.
                    (Some(Field::Text(old)), Some(Field::Text(new))) => old == new,
                    (old, new) => {
                        old.as_ref().map(Field::identity) == new.as_ref().map(Field::identity)
                    }
                };
                if same {
                    return None;
                }
                Some(self.difference(name, old, new))
            })
            .collect()
    }

    fn difference(
        &self,
        name: &str,
        old: Option<Field<'_>>,
        new: Option<Field<'_>>,
    ) -> ColumnDifference {
        let shown = |field: &Option<Field<'_>>| {
            field
                .as_ref()
                .filter(|_| self.show_values)
                .map(Field::shown)
        };
        ColumnDifference {
            name: name.to_owned(),
            old: shown(&old),
            new: shown(&new),
            old_sha256: old.and_then(|field| field.sha256()),
            new_sha256: new.and_then(|field| field.sha256()),
        }
    }

    /// The members in which two JSON objects differ.
    fn members(&self, old: &Fields<'_>, new: &Fields<'_>) -> Option<Vec<ColumnDifference>> {
        type Members = serde_json::Map<String, serde_json::Value>;
        let parse = |fields: &Fields<'_>| -> Option<Members> {
            let Field::Text(text) = fields.get(0)? else {
                return None;
            };
            serde_json::from_slice(&row::value(text)?).ok()
        };
        let (old, new) = (parse(old)?, parse(new)?);
        let text = |value: Option<&serde_json::Value>| match value? {
            serde_json::Value::Null => None,
            serde_json::Value::String(text) => Some(text.clone()),
            other => Some(other.to_string()),
        };
        let added = new.keys().filter(|name| !old.contains_key(*name));
        let differences: Vec<_> = old
            .keys()
            .chain(added)
            .filter(|name| old.get(*name) != new.get(*name))
            .map(|name| {
                let (old, new) = (text(old.get(name)), text(new.get(name)));
                let digest =
                    |text: &Option<String>| text.as_ref().map(|text| sha256_hex(text.as_bytes()));
                let shown = |text: &Option<String>| {
                    text.as_ref()
                        .filter(|_| self.show_values)
                        .map(|text| cut(text))
                };
                ColumnDifference {
                    name: name.clone(),
                    old_sha256: digest(&old),
                    new_sha256: digest(&new),
                    old: shown(&old),
                    new: shown(&new),
                }
            })
            .collect();
        // Equal members in another order or spelling: the line itself differs.
        (!differences.is_empty()).then_some(differences)
    }
}

/// The fields of a kept row.
enum Fields<'a> {
    Text(&'a [u8], Vec<std::ops::Range<usize>>),
    Long(&'a [row::LongField]),
}

enum Field<'a> {
    Text(&'a [u8]),
    Long(&'a row::LongField),
}

impl<'a> Fields<'a> {
    fn of(kept: Option<&'a Kept>) -> Option<Self> {
        Some(match kept?.content.as_ref()? {
            KeptContent::Text(text) => Self::Text(text, row::fields(text)),
            KeptContent::Long(long) => Self::Long(&long.fields),
        })
    }

    fn len(&self) -> usize {
        match self {
            Self::Text(_, ranges) => ranges.len(),
            Self::Long(fields) => fields.len(),
        }
    }

    fn get(&self, place: usize) -> Option<Field<'a>> {
        match self {
            Self::Text(text, ranges) => ranges
                .get(place)
                .map(|range| Field::Text(&text[range.clone()])),
            Self::Long(fields) => fields.get(place).map(Field::Long),
        }
    }
}

impl Field<'_> {
    fn identity(&self) -> Option<[u8; 32]> {
        match self {
            Self::Text(text) => row::value_sha256(text),
            Self::Long(field) => field.sha256,
        }
    }

    fn sha256(&self) -> Option<String> {
        self.identity().map(|digest| hex(&digest))
    }

    fn shown(&self) -> String {
        match self {
            Self::Text(text) => cut(&String::from_utf8_lossy(text)),
            Self::Long(field) => match &field.text {
                Some(text) => cut(&String::from_utf8_lossy(text)),
                None => "(too long to be kept)".into(),
            },
        }
    }
}

/// The beginning of a value that is shown.
fn cut(text: &str) -> String {
    const MOST: usize = 1000;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// The definitions that differ, and how many differ in form only.
fn statements(sides: &Sides<'_>, shape: Shape) -> (Vec<StatementDifference>, u64) {
    type Name<'k> = (Kind, &'k str, &'k str, u32);
    fn name<'k>(sides: &Sides<'_>, entry: &'k Definitions) -> Name<'k> {
        let Object {
            database,
            kind,
            name,
        } = &entry.object;
        let database = sides.database(database.as_deref().unwrap_or_default());
        (*kind, database, name, entry.occurrence)
    }
    let mut news: HashMap<Name<'_>, &Definitions> = HashMap::new();
    for entry in &sides.new.objects {
        news.insert(name(sides, entry), entry);
    }
    let mut found = Vec::new();
    let mut form = 0;
    for old in &sides.old.objects {
        let Some(new) = news.remove(&name(sides, old)) else {
            found.push(statement(Some(old), None, StatementState::OnlyOld, shape));
            continue;
        };
        let without = usize::from(shape.ignore_auto_increment);
        if old.exact[without] == new.exact[without] {
            continue;
        }
        if old.plain[without] == new.plain[without] {
            form += 1;
        } else {
            let state = if old.plain[1] == new.plain[1] {
                StatementState::AutoIncrement
            } else {
                StatementState::Different
            };
            found.push(statement(Some(old), Some(new), state, shape));
        }
    }
    for new in &sides.new.objects {
        if news.contains_key(&name(sides, new)) {
            found.push(statement(None, Some(new), StatementState::OnlyNew, shape));
        }
    }
    (found, form)
}

fn statement(
    old: Option<&Definitions>,
    new: Option<&Definitions>,
    state: StatementState,
    shape: Shape,
) -> StatementDifference {
    let text = |side: Option<&Definitions>| {
        let text = side.and_then(|entry| entry.text.as_deref());
        text.filter(|_| shape.show_values)
            .map(|text| String::from_utf8_lossy(text).into_owned())
    };
    let object = old.or(new).map(|entry| &entry.object);
    StatementDifference {
        database: object
            .and_then(|object| object.database.clone())
            .unwrap_or_default(),
        object: object.map(Object::title).unwrap_or_default(),
        state,
        first_different_line: old.zip(new).and_then(|(old, new)| {
            first_different_line(old.text.as_deref()?, new.text.as_deref()?, shape)
        }),
        old_sha256: old.map(|entry| entry.sha256.clone()),
        new_sha256: new.map(|entry| entry.sha256.clone()),
        old: text(old),
        new: text(new),
    }
}

fn first_different_line(old: &[u8], new: &[u8], shape: Shape) -> Option<u64> {
    let comparable = |text: &[u8]| match mask::auto_increment(text) {
        Some(range) if shape.ignore_auto_increment => {
            [&text[..range.start], &text[range.end..]].concat()
        }
        _ => text.to_vec(),
    };
    let (old, new) = (comparable(old), comparable(new));
    let lines = |text: &[u8]| -> Vec<Vec<u8>> {
        text.split(|byte| *byte == b'\n')
            .map(<[u8]>::to_vec)
            .collect()
    };
    let (old, new) = (lines(&old), lines(&new));
    let most = old.len().max(new.len());
    (0..most)
        .find(|&line| old.get(line) != new.get(line))
        .map(|line| line as u64 + 1)
}
