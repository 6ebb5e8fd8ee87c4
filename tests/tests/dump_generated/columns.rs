//! Columns: a drawn column in its table, with what does not go together left out.

use crate::kinds::{Engine, Kind, kinds};
use crate::model::{Column, ColumnDefault, Special};
use crate::script::resolved;
use crate::text::{label, quoted, string, text};
use crate::values::Home;
use crate::world::{Charset, World};

/// Where a column stands.
#[derive(Debug)]
pub(crate) struct Surroundings<'a> {
    pub(crate) world: &'a World,
    pub(crate) engine: Engine,
    /// The table's character set.
    pub(crate) charset: &'a Charset,
    /// Whether `id` counts by itself: nothing may then be generated from it.
    pub(crate) auto_increment: bool,
    pub(crate) lossless: bool,
}

/// A column that was turned into SQL.
#[derive(Debug)]
pub(crate) struct Made<'a> {
    pub(crate) name: String,
    pub(crate) definition: String,
    pub(crate) generated: bool,
    /// How it stands in a key, if it can.
    pub(crate) key_part: Option<String>,
    /// Whether the table's checksum survives its values being printed: not what MariaDB
    /// generates, for its client prints that too, and the checksum changes where values are
    /// given for it (10.11.19).
    pub(crate) checksums: bool,
    pub(crate) home: Home<'a>,
}

/// `leads`: the column is the first of the primary key.
pub(crate) fn build<'a>(
    around: &Surroundings<'a>,
    column: &'a Column,
    index: usize,
    leads: bool,
) -> Made<'a> {
    let kind = *column.kind.of(&kinds(around.world, around.engine));
    let name = format!("c{}{index}", label(&column.name));
    let set = column.charset.map(|drawn| {
        let (set, _) = resolved(around.world, drawn);
        (set, drawn.collation.of(&set.collations).as_str())
    });
    let special = special(around, column, kind, leads);
    let generated = matches!(special, Special::Virtual | Special::Stored);
    let nullable =
        around.engine.nullable && !leads && (column.nullable || special == Special::Invisible);
    let expressions = around.world.is_mariadb() || around.engine.generated;
    let default_value = column
        .default
        .as_ref()
        .filter(|_| expressions || kind.has_literal_default());
    let home = Home {
        kind,
        column,
        charset: set.map_or(around.charset, |(set, _)| set),
        nullable,
        has_default: default_value.is_some(),
        lossless: around.lossless,
    };

    let mut definition = format!(
        "{} {}",
        quoted(&name),
        kind.declaration(column, set.as_ref())
    );
    if special == Special::Compressed {
        definition.push_str(if around.world.is_mariadb() {
            " COMPRESSED"
        } else {
            " COLUMN_FORMAT DYNAMIC"
        });
    }
    if generated {
        let stored = if special == Special::Stored {
            "STORED"
        } else {
            "VIRTUAL"
        };
        let expression = expression(kind, around.auto_increment);
        definition.push_str(&format!(" GENERATED ALWAYS AS ({expression}) {stored}"));
    } else {
        definition.push_str(if nullable { " NULL" } else { " NOT NULL" });
        if let Some(value) = default_value {
            let literal = &ColumnDefault::Literal;
            let value = if expressions { value } else { literal };
            definition.push_str(&default(home, value, around.world.is_mariadb()));
        }
    }
    if special == Special::Invisible {
        definition.push_str(" INVISIBLE");
    }
    if let Some(comment) = &column.comment {
        let comment = string(&text(comment, "utf8mb3"));
        definition.push_str(&format!(" COMMENT {comment}"));
    }
    let in_keys = !generated && special != Special::Compressed;
    Made {
        key_part: kind
            .key_length(column)
            .filter(|_| in_keys)
            .map(|length| format!("{}{length}", quoted(&name))),
        checksums: !(generated && around.world.is_mariadb()),
        name,
        definition,
        generated,
        home,
    }
}

fn special(around: &Surroundings<'_>, column: &Column, kind: Kind, leads: bool) -> Special {
    let computable = matches!(
        kind,
        Kind::Integer(_) | Kind::Decimal | Kind::Char | Kind::VarChar | Kind::Text(_)
    );
    let compressible = match kind {
        Kind::Text(_) | Kind::Blob(_) | Kind::VarChar | Kind::VarBinary => true,
        _ => !around.world.is_mariadb(),
    };
    match column.special {
        Special::Virtual | Special::Stored if leads || !computable || !around.engine.generated => {
            Special::None
        }
        Special::Compressed if !compressible || around.engine.name != "InnoDB" || leads => {
            Special::None
        }
        Special::Invisible if !around.engine.nullable || leads => Special::None,
        special => special,
    }
}

/// What a generated column is made of.
fn expression(kind: Kind, auto_increment: bool) -> &'static str {
    match (kind, auto_increment) {
        (Kind::Integer(_) | Kind::Decimal, false) => "id % 100",
        (Kind::Integer(_) | Kind::Decimal, true) => "40 + 2",
        (_, false) => "concat('it''s; ', id)",
        (_, true) => "concat('\\\\', 'x')",
    }
}

fn default(home: Home<'_>, value: &ColumnDefault, is_mariadb: bool) -> String {
    match value {
        ColumnDefault::Literal if home.kind.has_literal_default() => {
            format!(" DEFAULT {}", literal_default(home))
        }
        ColumnDefault::Literal if is_mariadb && !matches!(home.kind, Kind::Geometry(_)) => {
            format!(" DEFAULT ({})", fitting_expression(home))
        }
        ColumnDefault::Literal => {
            let value = crate::model::Value::Edge(crate::model::Pick(1));
            format!(" DEFAULT ({})", home.constant(&value))
        }
        // MariaDB refuses an expression whose value does not fit.
        ColumnDefault::Expression(_) if is_mariadb && !matches!(home.kind, Kind::Geometry(_)) => {
            format!(" DEFAULT ({})", fitting_expression(home))
        }
        ColumnDefault::Expression(value) => format!(" DEFAULT ({})", home.constant(value)),
    }
}

fn fitting_expression(home: Home<'_>) -> &'static str {
    if home.charset.name == "swe7" && (home.kind.is_text() || matches!(home.kind, Kind::Blob(_))) {
        return "lower('A')";
    }
    match home.kind {
        Kind::Integer(_) | Kind::Bool | Kind::Bit => "4 - 3",
        Kind::Decimal | Kind::Float(_) => "0 * 1",
        Kind::Year => "2000 + 24",
        Kind::Date | Kind::DateTime | Kind::Timestamp => "'2024-02-29' + INTERVAL 1 DAY",
        Kind::Time => "sec_to_time(61)",
        Kind::Char | Kind::VarChar | Kind::Binary | Kind::VarBinary => "left('\\'x\\\\', 1)",
        Kind::Text(_) | Kind::Blob(_) => "concat('it''s;', '\\\\', 1)",
        Kind::Enum | Kind::Set => "lower('A')",
        Kind::Json => "json_array('it''s', 1.50)",
        Kind::Geometry(_) => unreachable!("its constants are fitting"),
        Kind::Uuid => "concat('00000000-0000-0000-0000-', '000000000001')",
        Kind::Inet4 => "concat('192.0.', '2.1')",
        Kind::Inet6 | Kind::Vector => "concat(':', ':1')",
    }
}

/// A constant that the server takes for the type; out of range it would be refused.
fn literal_default(home: Home<'_>) -> String {
    let fits = home.kind.length(home.column);
    if home.charset.name == "swe7" && home.kind.is_text() {
        // It has no backslash, and no brackets.
        return "'a'".into();
    }
    match home.kind {
        Kind::Integer(_) | Kind::Bool => "7".into(),
        Kind::Decimal | Kind::Float(_) => "0".into(),
        Kind::Bit => "b'1'".into(),
        Kind::Year => "2024".into(),
        Kind::Date => "'2024-02-29'".into(),
        Kind::Time => "'-01:02:03'".into(),
        Kind::DateTime => "'2024-02-29 01:02:03'".into(),
        Kind::Timestamp => match home.column.scale % 10 {
            digits @ 1..=6 => {
                format!("CURRENT_TIMESTAMP({digits}) ON UPDATE CURRENT_TIMESTAMP({digits})")
            }
            _ => "CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP".into(),
        },
        Kind::Char | Kind::VarChar | Kind::Binary | Kind::VarBinary => {
            let text: String = "a'b;\\\"\n\0%".chars().take(fits).collect();
            string(&text)
        }
        Kind::Enum | Kind::Set => "'a'".into(),
        Kind::Uuid => "'00000000-0000-0000-0000-000000000001'".into(),
        Kind::Inet4 => "'192.0.2.1'".into(),
        Kind::Inet6 => "'2001:db8::1'".into(),
        Kind::Text(_) | Kind::Blob(_) | Kind::Json | Kind::Geometry(_) | Kind::Vector => {
            unreachable!("these take expressions only")
        }
    }
}
