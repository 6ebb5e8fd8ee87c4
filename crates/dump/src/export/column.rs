//! The columns of a result: what the server says of them, and what kind of value they hold.

use mysql_async::Column;
use mysql_async::consts::{ColumnFlags, ColumnType};

/// The number of the character set `binary`, which marks columns without a character set.
const BINARY: u16 = 63;
/// Bytes of a character in results, which come in utf8mb4.
const WIDEST: u32 = 4;
/// How a FLOAT or DOUBLE without fixed decimals tells its decimals.
const NOT_FIXED: u8 = 31;

/// A column of a result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct ResultColumn {
    pub(super) name: String,
    pub(super) kind: Kind,
    /// The type as a definition would have it.
    pub(super) mysql_type: String,
    pub(super) nullable: bool,
}

/// What kind of value a column holds, as far as a format has to know.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Integer {
        bits: u8,
        unsigned: bool,
    },
    Decimal {
        precision: u8,
        scale: u8,
    },
    Float,
    Double,
    Year,
    /// So many bits, as bytes.
    Bit(u8),
    Date,
    Time,
    DateTime,
    /// An instant, printed in the session's zone.
    Timestamp,
    Text,
    Json,
    /// Bytes without a character set, spatial values and vectors among them.
    Binary,
}

impl Kind {
    pub(super) fn is_number(self) -> bool {
        matches!(
            self,
            Self::Integer { .. } | Self::Decimal { .. } | Self::Float | Self::Double | Self::Year
        )
    }
}

impl ResultColumn {
    pub(super) fn all(columns: &[Column]) -> Vec<Self> {
        columns.iter().map(Self::of).collect()
    }

    fn of(column: &Column) -> Self {
        let flags = column.flags();
        Self {
            name: column.name_str().into_owned(),
            kind: kind(column),
            mysql_type: type_name(column),
            nullable: !flags.contains(ColumnFlags::NOT_NULL_FLAG),
        }
    }
}

fn kind(column: &Column) -> Kind {
    use ColumnType as T;
    let unsigned = column.flags().contains(ColumnFlags::UNSIGNED_FLAG);
    let integer = |bits| Kind::Integer { bits, unsigned };
    match column.column_type() {
        T::MYSQL_TYPE_TINY => integer(8),
        T::MYSQL_TYPE_SHORT => integer(16),
        T::MYSQL_TYPE_INT24 => integer(24),
        T::MYSQL_TYPE_LONG => integer(32),
        T::MYSQL_TYPE_LONGLONG => integer(64),
        T::MYSQL_TYPE_DECIMAL | T::MYSQL_TYPE_NEWDECIMAL => {
            let (precision, scale) = decimal(column);
            Kind::Decimal { precision, scale }
        }
        T::MYSQL_TYPE_FLOAT => Kind::Float,
        T::MYSQL_TYPE_DOUBLE => Kind::Double,
        T::MYSQL_TYPE_YEAR => Kind::Year,
        T::MYSQL_TYPE_BIT => Kind::Bit(u8::try_from(column.column_length()).unwrap_or(64)),
        T::MYSQL_TYPE_DATE | T::MYSQL_TYPE_NEWDATE => Kind::Date,
        T::MYSQL_TYPE_TIME | T::MYSQL_TYPE_TIME2 => Kind::Time,
        T::MYSQL_TYPE_DATETIME | T::MYSQL_TYPE_DATETIME2 => Kind::DateTime,
        T::MYSQL_TYPE_TIMESTAMP | T::MYSQL_TYPE_TIMESTAMP2 => Kind::Timestamp,
        T::MYSQL_TYPE_JSON => Kind::Json,
        T::MYSQL_TYPE_GEOMETRY | T::MYSQL_TYPE_VECTOR => Kind::Binary,
        T::MYSQL_TYPE_NULL => Kind::Text,
        _ if column.character_set() == BINARY => Kind::Binary,
        _ => Kind::Text,
    }
}

/// Precision and scale: the length counts the sign and the point too.
fn decimal(column: &Column) -> (u8, u8) {
    let scale = column.decimals();
    let sign = u32::from(!column.flags().contains(ColumnFlags::UNSIGNED_FLAG));
    let point = u32::from(scale > 0);
    let digits = column.column_length().saturating_sub(sign + point);
    (u8::try_from(digits.clamp(1, 65)).unwrap_or(65), scale)
}

fn type_name(column: &Column) -> String {
    use ColumnType as T;
    let flags = column.flags();
    let length = column.column_length();
    let binary = column.character_set() == BINARY;
    let fraction = |name: &str| match column.decimals() {
        0 | NOT_FIXED => name.to_owned(),
        digits => format!("{name}({digits})"),
    };
    let counted = |characters: &str, bytes: &str| {
        if binary {
            format!("{bytes}({length})")
        } else {
            format!("{characters}({})", length / WIDEST)
        }
    };
    let mut name = match column.column_type() {
        T::MYSQL_TYPE_TINY => "tinyint".to_owned(),
        T::MYSQL_TYPE_SHORT => "smallint".to_owned(),
        T::MYSQL_TYPE_INT24 => "mediumint".to_owned(),
        T::MYSQL_TYPE_LONG => "int".to_owned(),
        T::MYSQL_TYPE_LONGLONG => "bigint".to_owned(),
        T::MYSQL_TYPE_DECIMAL | T::MYSQL_TYPE_NEWDECIMAL => {
            let (precision, scale) = decimal(column);
            format!("decimal({precision},{scale})")
        }
        T::MYSQL_TYPE_FLOAT => "float".to_owned(),
        T::MYSQL_TYPE_DOUBLE => "double".to_owned(),
        T::MYSQL_TYPE_YEAR => return "year".to_owned(),
        T::MYSQL_TYPE_BIT => return format!("bit({length})"),
        T::MYSQL_TYPE_DATE | T::MYSQL_TYPE_NEWDATE => "date".to_owned(),
        T::MYSQL_TYPE_TIME | T::MYSQL_TYPE_TIME2 => fraction("time"),
        T::MYSQL_TYPE_DATETIME | T::MYSQL_TYPE_DATETIME2 => fraction("datetime"),
        T::MYSQL_TYPE_TIMESTAMP | T::MYSQL_TYPE_TIMESTAMP2 => return fraction("timestamp"),
        T::MYSQL_TYPE_JSON => "json".to_owned(),
        T::MYSQL_TYPE_GEOMETRY => "geometry".to_owned(),
        T::MYSQL_TYPE_VECTOR => "vector".to_owned(),
        T::MYSQL_TYPE_NULL => "null".to_owned(),
        _ if flags.contains(ColumnFlags::ENUM_FLAG) => "enum".to_owned(),
        _ if flags.contains(ColumnFlags::SET_FLAG) => "set".to_owned(),
        T::MYSQL_TYPE_STRING => counted("char", "binary"),
        T::MYSQL_TYPE_VAR_STRING | T::MYSQL_TYPE_VARCHAR => counted("varchar", "varbinary"),
        _ if binary => "blob".to_owned(),
        _ => "text".to_owned(),
    };
    if flags.contains(ColumnFlags::UNSIGNED_FLAG) && kind(column).is_number() {
        name.push_str(" unsigned");
    }
    name
}
