//! The values of a type: its edges, and what numbers, text and bytes mean to it.

use crate::kinds::{Kind, member_names};
use crate::model::{Column, Pick, Value};
use crate::text::{hex, hex_text, string, text};
use crate::world::Charset;

/// A column as its values see it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Home<'a> {
    pub(crate) kind: Kind,
    pub(crate) column: &'a Column,
    /// The character set that the column ends up with.
    pub(crate) charset: &'a Charset,
    pub(crate) nullable: bool,
    pub(crate) has_default: bool,
    /// Whether the values are only such as a dump can carry to another server: not so
    /// bytes without a meaning in their character set, and an ENUM's error value, which is
    /// printed as the empty string.
    pub(crate) lossless: bool,
}

impl Home<'_> {
    /// The literal of a value.
    pub(crate) fn literal(self, value: &Value) -> String {
        match value {
            Value::Null if self.nullable => "NULL".into(),
            Value::Default if self.nullable || self.has_default => "DEFAULT".into(),
            _ => self.constant(value),
        }
    }

    /// The literal of a value that is neither NULL nor the default.
    pub(crate) fn constant(self, value: &Value) -> String {
        let bits = bits(value);
        match self.kind {
            Kind::Integer(_) | Kind::Bool => match value {
                Value::Edge(edge) => (*edge.of(INTEGERS)).into(),
                _ => (bits.cast_signed() >> (bits % 64)).to_string(),
            },
            Kind::Decimal => match value {
                Value::Edge(edge) => (*edge.of(DECIMALS)).into(),
                _ => decimal(bits),
            },
            // Printed in six digits: another value would be another one afterwards.
            Kind::Float("FLOAT") if self.lossless => format!("{}", f64::from(low_bits(bits)) / 8.0),
            Kind::Float(_) => match value {
                Value::Edge(edge) => match *edge.of(FLOATS) {
                    // Printed as an integer, which has no such zero.
                    "-0e0" if self.lossless => "0".into(),
                    literal => literal.into(),
                },
                _ => float(bits),
            },
            Kind::Bit => hex(&bits.to_be_bytes()[8 - self.kind.length(self.column).div_ceil(8)..]),
            Kind::Year => match value {
                Value::Edge(edge) => (*edge.of(&["0", "1901", "2155", "'00'", "70"])).into(),
                _ => (1901 + bits % 255).to_string(),
            },
            Kind::Date | Kind::DateTime | Kind::Timestamp => match value {
                Value::Edge(edge) => string(edge.of::<&str>(MOMENTS)),
                _ => moment(bits),
            },
            Kind::Time => match value {
                Value::Edge(edge) => string(edge.of::<&str>(TIMES)),
                _ => time(bits),
            },
            Kind::Char | Kind::VarChar | Kind::Text(_) => self.text(value),
            Kind::Binary | Kind::VarBinary | Kind::Blob(_) => hex(&bytes(value)),
            Kind::Enum => match value {
                // Number 0 is the error value, an empty string.
                Value::Edge(_) | Value::Text(_) => {
                    let members = member_names(self.kind, self.column);
                    string(members[low(bits) % members.len()])
                }
                _ if self.lossless => "1".into(),
                _ => (bits % 14).to_string(),
            },
            // The sixth member is empty: printed, it cannot be told from nothing.
            Kind::Set if self.lossless => (bits & 0x1F).to_string(),
            Kind::Set => (bits & 0xFFF).to_string(),
            Kind::Json => json(value),
            Kind::Geometry(name) => geometry(name, bits),
            Kind::Uuid => {
                let high = format!("{:032x}", u128::from(bits) << 64 | u128::from(!bits));
                let part = |from: usize, to: usize| &high[from..to];
                format!(
                    "'{}-{}-{}-{}-{}'",
                    part(0, 8),
                    part(8, 12),
                    part(12, 16),
                    part(16, 20),
                    part(20, 32)
                )
            }
            Kind::Inet4 => {
                let [a, b, c, d, ..] = bits.to_le_bytes();
                format!("'{a}.{b}.{c}.{d}'")
            }
            Kind::Inet6 => match value {
                Value::Edge(edge) => (*edge.of(&["'::'", "'::1'", "'::ffff:192.0.2.1'"])).into(),
                _ => format!("'2001:db8::{:x}:{:x}'", bits & 0xFFFF, bits >> 48),
            },
            Kind::Vector => {
                let one = (bits % 2001) as f64 / 8.0 - 100.0;
                let all = vec![format!("{one:e}"); self.kind.length(self.column)];
                format!("STRING_TO_VECTOR('[{}]')", all.join(","))
            }
        }
    }

    fn text(self, value: &Value) -> String {
        let charset = self.charset.name.as_str();
        let within = |text: String| match self.kind {
            Kind::Char | Kind::VarChar => {
                text.chars().take(self.kind.length(self.column)).collect()
            }
            _ => text,
        };
        match value {
            // Every byte of a set of single bytes, those without a meaning included. MySQL
            // refuses literals with such bytes in ASCII.
            Value::Bytes(bytes)
                if self.charset.max_bytes == 1 && charset != "binary" && !self.lossless =>
            {
                let mask = if charset == "ascii" { 0x7F } else { 0xFF };
                let masked: Vec<u8> = bytes.iter().map(|byte| byte & mask).collect();
                format!("_{charset} {}", hex(&masked))
            }
            Value::Bytes(bytes) => hex_text(&within(String::from_utf8_lossy(bytes).into_owned())),
            Value::Text(picks) => hex_text(&within(text(picks, charset))),
            Value::Edge(edge) => hex_text(&within((*edge.of(TEXTS)).into())),
            _ => string(&bits(value).to_string()),
        }
    }
}

const INTEGERS: &[&str] = &[
    "0",
    "1",
    "-1",
    "-128",
    "127",
    "255",
    "-32768",
    "32767",
    "65535",
    "-8388608",
    "16777215",
    "-2147483648",
    "4294967295",
    "-9223372036854775808",
    "9223372036854775807",
    "18446744073709551615",
];

const DECIMALS: &[&str] = &[
    "0",
    "-0.0",
    "1.5",
    "-0.000000000000000000000000000001",
    "99999999999999999999999999999999999999999999999999999999999999999",
    "-99999999999999999999999999999999999.999999999999999999999999999999",
    "12345678901234567890123456789012345.123456789012345678901234567891",
    "0.5",
    "-1e-10",
];

const FLOATS: &[&str] = &[
    "0",
    "-0e0",
    "1",
    "0.1",
    "-2.5",
    "1.7976931348623157e308",
    "-1.7976931348623157e308",
    "1e308",
    "2.2250738585072014e-308",
    "5e-324",
    "3.4028234663852886e38",
    "-3.40282e38",
    "1.17549435e-38",
    "1e-45",
    "16777217",
    "1e15",
    "123456789012345680",
    "1e14",
    "0.0001",
    "9.9999994e-5",
    "999999.5",
    "33333333.333333332",
];

const MOMENTS: &[&str] = &[
    "0000-00-00 00:00:00",
    "1970-01-01 00:00:01",
    "2038-01-19 03:14:07.999999",
    "9999-12-31 23:59:59.999999",
    "1000-01-01 00:00:00",
    "2024-02-29 12:34:56.789012",
    "2024-02-30 00:00:00",
    "2024-00-00 00:00:00",
    "2024-12-31 23:59:59.9999995",
    "0001-01-01 00:00:00",
    "no date",
];

const TIMES: &[&str] = &[
    "00:00:00",
    "-838:59:59.999999",
    "838:59:59",
    "23:59:59.9999995",
    "-00:00:00.000001",
    "12:34:56.5",
    "900:00:00",
];

const TEXTS: &[&str] = &[
    "",
    " ",
    "a",
    "  trailing  ",
    "NULL",
    "0",
    "it's \"quoted\" \\ and\\n",
    "line\nbreak\r\n\ttab\0nul\u{1a}end",
    "x'; DROP TABLE y; -- ",
    "*/ /*!50000 x */",
    "INSERT INTO `t` VALUES (1);\n-- Dump completed on",
    "\\",
    "'",
    "%_",
];

/// Byte sequences that a scanner for UTF-8 meets at its branches.
const BROKEN: &[&[u8]] = &[
    b"",
    b"\x00",
    b"\xC2\x80\xC3",
    b"\xE3\x81\x82",
    b"\xED\xA0\x80",
    b"\xE3\x5C\x27",
    b"\xF0\x9F\x27\x0A",
    b"\xE3\xE3\x81\x82",
    b"\xC0\x80\x80\xF8",
    b"\xF5\x80\x80\x80",
    b"\xF4\x8F\xBF\xBF\xF4\x90\x80\x80",
    b"\xE0\x9F\xBF\xE0\xA0\x80\xEF\xBF\xBF",
    b"\xF0\x8F\xBF\xBF\xF0\x90\x80\x80",
    b"\xDF\xBF\xDF",
    b"\xC1\xBF\xC2",
    b"\0\n\r\\'\"\x1a\t\x08\x7f",
    b"0x00",
    b"\xFF\xFE\xFD",
];

fn bytes(value: &Value) -> Vec<u8> {
    match value {
        Value::Edge(Pick(edge)) if edge % 16 == 15 => (0..=255).collect(),
        Value::Edge(edge) => edge.of(BROKEN).to_vec(),
        Value::Bytes(bytes) => bytes.clone(),
        Value::Text(picks) => text(picks, "utf8mb4").into_bytes(),
        _ => bits(value).to_be_bytes().to_vec(),
    }
}

/// Some number that the value stands for.
fn bits(value: &Value) -> u64 {
    let fold = |seed: u64, next: u64| (seed.rotate_left(7) ^ next).wrapping_mul(0x0100_0000_01B3);
    match value {
        Value::Null | Value::Default => 0,
        Value::Edge(Pick(edge)) => u64::from(*edge),
        Value::Bits(bits) => *bits,
        Value::Text(picks) => picks.iter().map(|&pick| u64::from(pick)).fold(0, fold),
        Value::Bytes(bytes) => bytes.iter().map(|&byte| u64::from(byte)).fold(0, fold),
    }
}

fn low(bits: u64) -> usize {
    usize::from(low_bits(bits))
}

fn low_bits(bits: u64) -> u16 {
    u16::try_from(bits % 4096).expect("twelve bits")
}

fn decimal(bits: u64) -> String {
    let digits = format!("{bits:020}{:020}", bits.rotate_left(29));
    let (whole, fraction) = digits.split_at(low(bits) % 40);
    let sign = if bits.is_multiple_of(3) { "-" } else { "" };
    format!("{sign}{whole}0.{fraction}0")
}

fn float(bits: u64) -> String {
    // Half of them of everyday size, half any number there is.
    let number = if bits.is_multiple_of(2) {
        (bits >> 40) as f64 / 64.0 - 1000.0
    } else {
        f64::from_bits(bits)
    };
    if number.is_finite() {
        format!("{number:e}")
    } else {
        "1e-300".into()
    }
}

fn moment(bits: u64) -> String {
    let part = |shift: u32, limit: u64| (bits >> shift) % limit;
    format!(
        "'{:04}-{:02}-{:02} {:02}:{:02}:{:02}.{:06}'",
        1970 + part(0, 68),
        1 + part(6, 12),
        1 + part(10, 28),
        part(16, 24),
        part(22, 60),
        part(28, 60),
        part(34, 1_000_000)
    )
}

fn time(bits: u64) -> String {
    let sign = if bits.is_multiple_of(3) { "-" } else { "" };
    format!(
        "'{sign}{}:{:02}:{:02}.{:06}'",
        bits % 839,
        (bits >> 10) % 60,
        (bits >> 16) % 60,
        (bits >> 22) % 1_000_000
    )
}

fn json(value: &Value) -> String {
    const DOCUMENTS: &[&str] = &[
        "{}",
        "[]",
        "null",
        "true",
        "0",
        "-0.0",
        "1e308",
        "\"\"",
        r#"{"b": [1, 2.50, {"c": null}], "a": "v\n\"q\" \\ é😀"}"#,
        r#"  [ [ [ ] ] , { "k" : 18446744073709551615 } ]  "#,
        r#"{"a": 1, "a": 2, "": "\u0000\u001f\ud83d\ude00"}"#,
        "1.0000000000000000001",
        "\"it's; -- */\"",
    ];
    let document = match value {
        Value::Edge(edge) => (*edge.of(DOCUMENTS)).to_owned(),
        Value::Text(picks) => {
            let text = text(picks, "utf8mb4");
            serde_json::json!({ "k": text, "あ": [text, [text]] }).to_string()
        }
        _ => bits(value).to_string(),
    };
    hex_text(&document)
}

fn geometry(name: &str, bits: u64) -> String {
    let x = float(bits & !1);
    let y = float((bits >> 8) & !1);
    let ring = "(0 0,1.5 0,1.5 1.25,0 0)";
    let wkt = match name {
        "LINESTRING" => format!("LINESTRING({x} {y},1 1)"),
        "POLYGON" => format!("POLYGON({ring})"),
        "MULTIPOINT" => format!("MULTIPOINT({x} {y},0 0)"),
        "MULTILINESTRING" => format!("MULTILINESTRING(({x} {y},1 2),(0 0,1 1))"),
        "MULTIPOLYGON" => format!("MULTIPOLYGON(({ring}))"),
        "GEOMETRYCOLLECTION" => format!("GEOMETRYCOLLECTION(POINT({x} {y}),POLYGON({ring}))"),
        _ => format!("POINT({x} {y})"),
    };
    if bits.is_multiple_of(4) && name == "GEOMETRY" {
        // 4326 bounds its degrees in MySQL.
        return "ST_GeomFromText('POINT(35.6 139.7)',4326)".into();
    }
    format!("ST_GeomFromText('{wkt}')")
}
