//! The types of columns: which a server and an engine have, and how they are declared.

use crate::model::Column;
use crate::text::string;
use crate::world::{Charset, World};

/// A type, its parameters aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Integer(&'static str),
    Bool,
    Decimal,
    Float(&'static str),
    Bit,
    Year,
    Date,
    Time,
    DateTime,
    Timestamp,
    Char,
    VarChar,
    Text(&'static str),
    Binary,
    VarBinary,
    Blob(&'static str),
    Enum,
    Set,
    Json,
    Geometry(&'static str),
    Uuid,
    Inet4,
    Inet6,
    Vector,
}

/// What a storage engine can hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Engine {
    pub(crate) name: &'static str,
    /// TEXT, BLOB, JSON and geometry.
    pub(crate) large: bool,
    pub(crate) nullable: bool,
    pub(crate) keys: bool,
    /// Generated columns, and defaults that are expressions (MySQL refuses both alike).
    pub(crate) generated: bool,
    pub(crate) descending: bool,
    pub(crate) geometry: bool,
    pub(crate) partitions: bool,
    pub(crate) references: bool,
    pub(crate) versions: bool,
}

const FULL: Engine = Engine {
    name: "InnoDB",
    large: true,
    nullable: true,
    keys: true,
    generated: true,
    descending: true,
    geometry: true,
    partitions: true,
    references: true,
    versions: true,
};

/// The engines of a server, the usual one first and most often.
pub(crate) fn engines(world: &World) -> Vec<Engine> {
    let mariadb = world.is_mariadb();
    let isam = Engine {
        name: "MyISAM",
        // MySQL's partitions are InnoDB's own.
        partitions: mariadb,
        descending: mariadb,
        references: false,
        ..FULL
    };
    let mut engines = vec![
        FULL,
        FULL,
        FULL,
        isam,
        Engine {
            name: "MEMORY",
            large: false,
            geometry: false,
            generated: false,
            descending: false,
            partitions: false,
            versions: false,
            ..isam
        },
        Engine {
            name: "ARCHIVE",
            keys: false,
            generated: false,
            geometry: false,
            partitions: false,
            versions: false,
            ..isam
        },
        Engine {
            name: "CSV",
            nullable: false,
            keys: false,
            generated: false,
            geometry: false,
            partitions: false,
            versions: false,
            ..isam
        },
    ];
    engines.push(Engine {
        name: "Aria",
        ..isam
    });
    engines.push(Engine {
        name: "BLACKHOLE",
        generated: false,
        ..isam
    });
    engines.retain(|engine| world.engines.contains(&engine.name.to_lowercase()));
    engines
}

const GEOMETRIES: &[&str] = &[
    "GEOMETRY",
    "POINT",
    "LINESTRING",
    "POLYGON",
    "MULTIPOINT",
    "MULTILINESTRING",
    "MULTIPOLYGON",
    "GEOMETRYCOLLECTION",
];

/// The types that an engine of a server can hold, the simplest first.
pub(crate) fn kinds(world: &World, engine: Engine) -> Vec<Kind> {
    let mut kinds = vec![
        Kind::Integer("INT"),
        Kind::VarChar,
        Kind::Integer("TINYINT"),
        Kind::Integer("SMALLINT"),
        Kind::Integer("MEDIUMINT"),
        Kind::Integer("BIGINT"),
        Kind::Bool,
        Kind::Decimal,
        Kind::Decimal,
        Kind::Float("FLOAT"),
        Kind::Float("DOUBLE"),
        Kind::Float("DOUBLE"),
        Kind::Bit,
        Kind::Year,
        Kind::Date,
        Kind::Time,
        Kind::DateTime,
        Kind::Timestamp,
        Kind::Char,
        Kind::Char,
        Kind::VarChar,
        Kind::Binary,
        Kind::VarBinary,
        Kind::Enum,
        Kind::Set,
    ];
    if engine.large {
        kinds.extend(["TEXT", "TEXT", "TINYTEXT", "MEDIUMTEXT", "LONGTEXT"].map(Kind::Text));
        kinds.extend(["BLOB", "TINYBLOB", "MEDIUMBLOB", "LONGBLOB"].map(Kind::Blob));
        kinds.push(Kind::Json);
    }
    if engine.geometry {
        kinds.extend(GEOMETRIES.iter().copied().map(Kind::Geometry));
    }
    if world.is_mariadb() {
        kinds.extend([Kind::Uuid, Kind::Inet4, Kind::Inet6]);
    } else if engine.large {
        kinds.push(Kind::Vector);
    }
    kinds
}

impl Kind {
    /// Whether it has a character set.
    pub(crate) fn is_text(self) -> bool {
        matches!(
            self,
            Self::Char | Self::VarChar | Self::Text(_) | Self::Enum | Self::Set
        )
    }

    /// Whether it can be the column of a plain key, or needs a length there.
    pub(crate) fn key_length(self, column: &Column) -> Option<&'static str> {
        match self {
            Self::Json | Self::Geometry(_) | Self::Vector => None,
            Self::Text(_) | Self::Blob(_) => Some("(7)"),
            Self::Binary | Self::VarBinary | Self::Char | Self::VarChar
                if column.width.is_multiple_of(3) && self.length(column) > 3 =>
            {
                Some("(3)")
            }
            _ => Some(""),
        }
    }

    /// Whether a constant may be its default without parentheses.
    pub(crate) fn has_literal_default(self) -> bool {
        !matches!(
            self,
            Self::Text(_) | Self::Blob(_) | Self::Json | Self::Geometry(_) | Self::Vector
        )
    }

    /// Bytes, characters or digits.
    pub(crate) fn length(self, column: &Column) -> usize {
        let width = usize::from(column.width);
        match self {
            Self::Bit => width % 64 + 1,
            Self::Vector => width % 5 + 1,
            Self::Decimal => width % 65 + 1,
            _ => width % 40 + 1,
        }
    }

    /// The digits after the point, at most `length`.
    pub(crate) fn scale(self, column: &Column) -> usize {
        let limit = self.length(column).min(30);
        usize::from(column.scale) % (limit + 1)
    }

    /// Digits of a second.
    fn fraction(column: &Column) -> String {
        match column.scale % 10 {
            digits @ 1..=6 => format!("({digits})"),
            _ => String::new(),
        }
    }

    /// The declaration, character set included.
    pub(crate) fn declaration(self, column: &Column, set: Option<&(&Charset, &str)>) -> String {
        let length = self.length(column);
        let base = match self {
            Self::Integer(name) if column.zerofill => format!("{name}({})", length % 20 + 1),
            Self::Integer(name) => name.into(),
            Self::Bool => "BOOLEAN".into(),
            Self::Decimal => format!("DECIMAL({length},{})", self.scale(column)),
            Self::Float(name) if column.scale.is_multiple_of(3) => {
                let scale = self.scale(column);
                format!("{name}({},{scale})", length.max(scale))
            }
            Self::Float(name) => name.into(),
            Self::Bit => format!("BIT({length})"),
            Self::Year => "YEAR".into(),
            Self::Date => "DATE".into(),
            Self::Time => format!("TIME{}", Self::fraction(column)),
            Self::DateTime => format!("DATETIME{}", Self::fraction(column)),
            Self::Timestamp => format!("TIMESTAMP{}", Self::fraction(column)),
            Self::Char => format!("CHAR({length})"),
            Self::VarChar => format!("VARCHAR({length})"),
            Self::Text(name) | Self::Blob(name) | Self::Geometry(name) => name.into(),
            Self::Binary => format!("BINARY({length})"),
            Self::VarBinary => format!("VARBINARY({})", length * 8),
            Self::Enum => format!("ENUM({})", members(self, column)),
            Self::Set => format!("SET({})", members(self, column)),
            Self::Json => "JSON".into(),
            Self::Uuid => "UUID".into(),
            Self::Inet4 => "INET4".into(),
            Self::Inet6 => "INET6".into(),
            Self::Vector => format!("VECTOR({length})"),
        };
        let numeric = matches!(self, Self::Integer(_) | Self::Decimal | Self::Float(_));
        let mut declaration = base;
        if numeric && column.unsigned {
            declaration.push_str(" UNSIGNED");
        }
        if numeric && column.zerofill {
            declaration.push_str(" ZEROFILL");
        }
        if let (true, Some((charset, collation))) = (self.is_text(), set) {
            declaration.push_str(&format!(
                " CHARACTER SET {} COLLATE {collation}",
                charset.name
            ));
        }
        declaration
    }
}

/// The members of an ENUM or SET: in ASCII, which every set has.
pub(crate) fn member_names(kind: Kind, column: &Column) -> Vec<&'static str> {
    const MEMBERS: &[&str] = &[
        "a", "it's", "b c", "x\\y", "\"q\"", "", "%_", ";", "N", "0", "`t`", "(,)",
    ];
    let count = usize::from(column.width) % MEMBERS.len() + 1;
    MEMBERS[..count]
        .iter()
        .copied()
        // A comma separates the members of a SET's value.
        .filter(|member| kind != Kind::Set || !member.contains(','))
        .collect()
}

fn members(kind: Kind, column: &Column) -> String {
    let names: Vec<String> = member_names(kind, column).into_iter().map(string).collect();
    names.join(",")
}
