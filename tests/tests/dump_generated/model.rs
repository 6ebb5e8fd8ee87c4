//! A case as plain data: small numbers and lists, so that it shrinks by itself.
//!
//! Nothing here is checked for sense. What the numbers mean on a server, and what does not
//! go together there, is decided when a case is turned into SQL: every case has a meaning
//! on every server, and every smaller case has one, too.

use proptest::collection::vec;
use proptest::option::weighted;
use proptest::prelude::*;

/// An index into a list that is known later only; 0 is the simplest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pick(pub(crate) u16);

impl Pick {
    pub(crate) fn of<T>(self, list: &[T]) -> &T {
        &list[usize::from(self.0) % list.len()]
    }

    /// A number below `limit`.
    pub(crate) fn below(self, limit: u16) -> u16 {
        self.0 % limit
    }
}

/// Characters of a set that is known later only, see [`crate::text::text`].
pub(crate) type Text = Vec<u16>;

/// What is loaded, and how it is dumped.
#[derive(Debug, Clone)]
pub(crate) struct Case {
    pub(crate) database: Text,
    pub(crate) charset: Charset,
    pub(crate) tables: Vec<Table>,
    pub(crate) views: Vec<View>,
    pub(crate) programs: Vec<Program>,
    /// The database's character set, changed after all was made.
    pub(crate) changed_charset: Option<Charset>,
    pub(crate) options: Vec<DrawnOption>,
    pub(crate) form: Form,
    /// Whether our dump is also restored by the server's client.
    pub(crate) restored: bool,
}

/// A character set and one of its collations.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Charset {
    pub(crate) set: Pick,
    pub(crate) collation: Pick,
}

#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) name: Text,
    pub(crate) engine: Pick,
    pub(crate) charset: Option<Charset>,
    pub(crate) comment: Option<Text>,
    pub(crate) key: Pick,
    pub(crate) columns: Vec<Column>,
    pub(crate) secondary: Vec<Secondary>,
    pub(crate) check: bool,
    pub(crate) partitions: Option<Pick>,
    /// Refers to the table before it, where both can.
    pub(crate) refers: bool,
    pub(crate) versioned: bool,
    pub(crate) rows: Rows,
}

/// How many rows, and the steps of their key.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Rows {
    pub(crate) count: u8,
    pub(crate) start: i16,
    pub(crate) step: i8,
}

/// An index on one column, or a table's second unique key.
#[derive(Debug, Clone)]
pub(crate) struct Secondary {
    pub(crate) name: Text,
    pub(crate) column: Pick,
    pub(crate) unique: bool,
    pub(crate) descending: bool,
    pub(crate) comment: Option<Text>,
}

#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) name: Text,
    pub(crate) kind: Pick,
    pub(crate) width: u16,
    pub(crate) scale: u16,
    pub(crate) charset: Option<Charset>,
    pub(crate) unsigned: bool,
    pub(crate) zerofill: bool,
    pub(crate) nullable: bool,
    pub(crate) default: Option<ColumnDefault>,
    pub(crate) special: Special,
    pub(crate) comment: Option<Text>,
    /// Row `i` has the value `i` modulo their number.
    pub(crate) values: Vec<Value>,
}

#[derive(Debug, Clone)]
pub(crate) enum ColumnDefault {
    Literal,
    Expression(Value),
}

/// What a column is besides its type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Special {
    None,
    Invisible,
    Virtual,
    Stored,
    Compressed,
}

/// A value that each type reads in its own way.
#[derive(Debug, Clone)]
pub(crate) enum Value {
    Null,
    /// The keyword DEFAULT.
    Default,
    /// One of the type's own edges.
    Edge(Pick),
    Bits(u64),
    Text(Text),
    Bytes(Vec<u8>),
}

#[derive(Debug, Clone)]
pub(crate) struct View {
    pub(crate) name: Text,
    pub(crate) table: Pick,
    /// Over the view before it, where there is one.
    pub(crate) over_view: bool,
    pub(crate) settings: Pick,
    pub(crate) words: Text,
}

/// A trigger, routine or event; on MariaDB also a sequence or package.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) name: Text,
    pub(crate) kind: Pick,
    pub(crate) table: Pick,
    pub(crate) sql_mode: Pick,
    pub(crate) client_charset: Pick,
    pub(crate) body: Pick,
    pub(crate) words: Text,
}

#[derive(Debug, Clone)]
pub(crate) struct DrawnOption {
    pub(crate) name: Pick,
    pub(crate) value: Pick,
}

/// Which names are given to the client.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Database,
    Databases,
    Tables,
}

/// Any case.
pub(crate) fn case() -> impl Strategy<Value = Case> {
    (
        label(),
        charset(),
        vec(table(), 1..4),
        prop_oneof![3 => Just(Vec::new()), 1 => vec(view(), 1..4)],
        prop_oneof![3 => Just(Vec::new()), 1 => vec(program(), 1..5)],
        weighted(0.1, charset()),
        vec(option(), 0..7),
        prop_oneof![
            Just(Form::Database),
            Just(Form::Databases),
            Just(Form::Tables)
        ],
        prop::bool::weighted(0.15),
    )
        .prop_map(
            |(
                database,
                charset,
                tables,
                views,
                programs,
                changed_charset,
                options,
                form,
                restored,
            )| Case {
                database,
                charset,
                tables,
                views,
                programs,
                changed_charset,
                options,
                form,
                restored,
            },
        )
}

fn pick() -> impl Strategy<Value = Pick> {
    any::<u16>().prop_map(Pick)
}

/// Mostly plain, so that a failure is read with ease.
fn label() -> impl Strategy<Value = Text> {
    prop_oneof![2 => vec((0..16_u16).prop_map(|n| n * 4), 0..6), 1 => vec(any::<u16>(), 0..14)]
}

fn words() -> impl Strategy<Value = Text> {
    prop_oneof![4 => vec(any::<u16>(), 0..20), 1 => vec(any::<u16>(), 20..120)]
}

fn charset() -> impl Strategy<Value = Charset> {
    // Half of all in the default collation: the others are printed in another form.
    let collation = prop_oneof![Just(Pick(0)), pick()];
    (pick(), collation).prop_map(|(set, collation)| Charset { set, collation })
}

fn table() -> impl Strategy<Value = Table> {
    let shape = (
        label(),
        prop_oneof![3 => Just(Pick(0)), 2 => pick()],
        weighted(0.5, charset()),
        weighted(0.2, words()),
        pick(),
        vec(column(), 0..6),
    );
    let extras = (
        vec(secondary(), 0..3),
        prop::bool::weighted(0.2),
        weighted(0.15, pick()),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.1),
        rows(),
    );
    (shape, extras).prop_map(
        |(
            (name, engine, charset, comment, key, columns),
            (secondary, check, partitions, refers, versioned, rows),
        )| Table {
            name,
            engine,
            charset,
            comment,
            key,
            columns,
            secondary,
            check,
            partitions,
            refers,
            versioned,
            rows,
        },
    )
}

fn rows() -> impl Strategy<Value = Rows> {
    let count = prop_oneof![1 => Just(0_u8), 8 => 1..12_u8, 3 => 12..250_u8];
    let step = prop_oneof![3 => Just(1_i8), 1 => Just(-1_i8), 1 => Just(7_i8)];
    (count, 0..1000_i16, step).prop_map(|(count, start, step)| Rows { count, start, step })
}

fn secondary() -> impl Strategy<Value = Secondary> {
    (
        label(),
        pick(),
        prop::bool::weighted(0.2),
        prop::bool::weighted(0.2),
        weighted(0.1, words()),
    )
        .prop_map(|(name, column, unique, descending, comment)| Secondary {
            name,
            column,
            unique,
            descending,
            comment,
        })
}

fn column() -> impl Strategy<Value = Column> {
    let kind = (
        label(),
        pick(),
        any::<u16>(),
        any::<u16>(),
        weighted(0.6, charset()),
    );
    let attributes = (
        prop::bool::weighted(0.3),
        prop::bool::weighted(0.15),
        prop::bool::weighted(0.7),
        weighted(
            0.3,
            prop_oneof![
                Just(ColumnDefault::Literal),
                value().prop_map(ColumnDefault::Expression)
            ],
        ),
        prop_oneof![
            12 => Just(Special::None),
            1 => Just(Special::Invisible),
            1 => Just(Special::Virtual),
            1 => Just(Special::Stored),
            1 => Just(Special::Compressed),
        ],
        weighted(0.1, words()),
    );
    (kind, attributes, vec(value(), 1..8)).prop_map(
        |(
            (name, kind, width, scale, charset),
            (unsigned, zerofill, nullable, default, special, comment),
            values,
        )| Column {
            name,
            kind,
            width,
            scale,
            charset,
            unsigned,
            zerofill,
            nullable,
            default,
            special,
            comment,
            values,
        },
    )
}

fn value() -> impl Strategy<Value = Value> {
    let bytes = prop_oneof![4 => vec(any::<u8>(), 0..24), 1 => vec(any::<u8>(), 24..300)];
    prop_oneof![
        1 => Just(Value::Null),
        1 => Just(Value::Default),
        5 => pick().prop_map(Value::Edge),
        3 => any::<u64>().prop_map(Value::Bits),
        4 => words().prop_map(Value::Text),
        3 => bytes.prop_map(Value::Bytes),
    ]
}

fn view() -> impl Strategy<Value = View> {
    (label(), pick(), any::<bool>(), pick(), words()).prop_map(
        |(name, table, over_view, settings, words)| View {
            name,
            table,
            over_view,
            settings,
            words,
        },
    )
}

fn program() -> impl Strategy<Value = Program> {
    (label(), pick(), pick(), pick(), pick(), pick(), words()).prop_map(
        |(name, kind, table, sql_mode, client_charset, body, words)| Program {
            name,
            kind,
            table,
            sql_mode,
            client_charset,
            body,
            words,
        },
    )
}

fn option() -> impl Strategy<Value = DrawnOption> {
    (pick(), pick()).prop_map(|(name, value)| DrawnOption { name, value })
}
