//! One column of a row group: its values until the group is full, and its type in the schema.

use parquet::basic::{LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{
    ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, FloatType,
    Int32Type, Int64Type,
};
use parquet::errors::Result;
use parquet::file::writer::SerializedColumnWriter;
use parquet::schema::types::Type;

use super::super::binary::bits;
use super::super::column::{Kind, ResultColumn};
use super::super::zone::Zone;
use super::value;
use crate::error::Error;

/// Digits that fit the 16 bytes of the widest decimal that readers know.
const WIDEST_DECIMAL: u8 = 38;

/// The values of a column; NULLs are in `levels` only.
pub(super) struct ColumnBuffer {
    form: Form,
    values: Values,
    levels: Vec<i16>,
    zone: Zone,
    zero_dates_as_null: bool,
}

enum Values {
    Int32(Vec<i32>),
    Int64(Vec<i64>),
    Float(Vec<f32>),
    Double(Vec<f64>),
    Bytes(Vec<ByteArray>),
    Fixed(Vec<FixedLenByteArray>),
}

/// How the values of a column are kept in Parquet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    Bits,
    Int { bits: i8, signed: bool },
    Decimal { precision: u8, scale: u8 },
    Float,
    Double,
    Date,
    DateTime,
    Instant,
    Text,
    Json,
    Binary,
}

impl Form {
    fn of(kind: Kind) -> Self {
        match kind {
            Kind::Integer { bits, unsigned } => Self::Int {
                bits: match bits {
                    8 => 8,
                    16 => 16,
                    24 | 32 => 32,
                    _ => 64,
                },
                signed: !unsigned,
            },
            Kind::Year => Self::Int {
                bits: 16,
                signed: false,
            },
            Kind::Bit(_) => Self::Bits,
            Kind::Decimal { precision, scale } if precision <= WIDEST_DECIMAL => {
                Self::Decimal { precision, scale }
            }
            Kind::Float => Self::Float,
            Kind::Double => Self::Double,
            Kind::Date => Self::Date,
            Kind::DateTime => Self::DateTime,
            Kind::Timestamp => Self::Instant,
            Kind::Json => Self::Json,
            Kind::Binary => Self::Binary,
            // TIME goes below zero and beyond a day, which no type of Parquet does; a DECIMAL of
            // more digits than readers know stays exact as text.
            Kind::Text | Kind::Time | Kind::Decimal { .. } => Self::Text,
        }
    }

    fn physical(self) -> Physical {
        match self {
            Self::Bits | Self::Int { bits: 64, .. } | Self::DateTime | Self::Instant => {
                Physical::INT64
            }
            Self::Int { .. } | Self::Date => Physical::INT32,
            Self::Decimal { precision, .. } if precision <= 9 => Physical::INT32,
            Self::Decimal { precision, .. } if precision <= 18 => Physical::INT64,
            Self::Decimal { .. } => Physical::FIXED_LEN_BYTE_ARRAY,
            Self::Float => Physical::FLOAT,
            Self::Double => Physical::DOUBLE,
            Self::Text | Self::Json | Self::Binary => Physical::BYTE_ARRAY,
        }
    }

    fn logical(self) -> Option<LogicalType> {
        match self {
            Self::Bits => Some(LogicalType::integer(64, false)),
            Self::Int { bits, signed } => Some(LogicalType::integer(bits, signed)),
            Self::Decimal { precision, scale } => {
                Some(LogicalType::decimal(scale.into(), precision.into()))
            }
            Self::Date => Some(LogicalType::Date),
            Self::DateTime => Some(LogicalType::timestamp(false, TimeUnit::MICROS)),
            Self::Instant => Some(LogicalType::timestamp(true, TimeUnit::MICROS)),
            Self::Text => Some(LogicalType::String),
            Self::Json => Some(LogicalType::Json),
            Self::Float | Self::Double | Self::Binary => None,
        }
    }
}

impl ColumnBuffer {
    pub(super) fn new(
        column: &ResultColumn,
        zone: &Zone,
        zero_dates_as_null: bool,
    ) -> std::result::Result<Self, Error> {
        let form = Form::of(column.kind);
        if form == Form::Instant && matches!(zone, Zone::Changing) {
            return Err(Error::Query {
                reason: format!(
                    "column {:?} is a TIMESTAMP, and the server's zone changes its offset over the \
                     year, so that an instant cannot be told from its text: set the session's \
                     time zone to an offset or a name",
                    column.name
                ),
            });
        }
        let values = match form.physical() {
            Physical::INT32 => Values::Int32(Vec::new()),
            Physical::INT64 => Values::Int64(Vec::new()),
            Physical::FLOAT => Values::Float(Vec::new()),
            Physical::DOUBLE => Values::Double(Vec::new()),
            Physical::FIXED_LEN_BYTE_ARRAY => Values::Fixed(Vec::new()),
            _ => Values::Bytes(Vec::new()),
        };
        Ok(Self {
            form,
            values,
            levels: Vec::new(),
            zone: zone.clone(),
            zero_dates_as_null,
        })
    }

    /// The column's field in the schema. All are optional: what the server calls NOT NULL may be
    /// NULL in an outer join, and a date may become it.
    pub(super) fn field(&self, name: &str) -> Result<Type> {
        let mut field = Type::primitive_type_builder(name, self.form.physical())
            .with_repetition(Repetition::OPTIONAL)
            .with_logical_type(self.form.logical());
        if let Form::Decimal { precision, scale } = self.form {
            field = field
                .with_precision(precision.into())
                .with_scale(scale.into());
            if self.form.physical() == Physical::FIXED_LEN_BYTE_ARRAY {
                field = field.with_length(16);
            }
        }
        field.build()
    }

    pub(super) fn written_as(&self) -> String {
        match self.form {
            Form::Bits => "UINT(64)".into(),
            Form::Int { bits, signed: true } => format!("INT({bits})"),
            Form::Int { bits, .. } => format!("UINT({bits})"),
            Form::Decimal { precision, scale } => format!("DECIMAL({precision},{scale})"),
            Form::Float => "FLOAT".into(),
            Form::Double => "DOUBLE".into(),
            Form::Date => "DATE".into(),
            Form::DateTime => "TIMESTAMP(MICROS), local".into(),
            Form::Instant => "TIMESTAMP(MICROS), UTC".into(),
            Form::Text => "STRING".into(),
            Form::Json => "JSON".into(),
            Form::Binary => "BYTE_ARRAY".into(),
        }
    }

    /// Keeps a value back; returns the bytes that it takes, or what is wrong with it.
    pub(super) fn push(&mut self, cell: Option<&[u8]>) -> std::result::Result<usize, String> {
        let Some(bytes) = cell else {
            self.levels.push(0);
            return Ok(LEVEL_BYTES);
        };
        let held = self.value(bytes)?;
        self.levels.push(i16::from(held.is_some()));
        Ok(held.unwrap_or_default() + LEVEL_BYTES)
    }

    /// Keeps a value that is not NULL; `None` for a date that becomes NULL.
    fn value(&mut self, bytes: &[u8]) -> std::result::Result<Option<usize>, String> {
        if let Values::Bytes(values) = &mut self.values {
            if self.form != Form::Binary && std::str::from_utf8(bytes).is_err() {
                return Err("it is not UTF-8".into());
            }
            values.push(bytes.to_vec().into());
            return Ok(Some(bytes.len() + size_of::<ByteArray>()));
        }
        let is_date = matches!(self.form, Form::Date | Form::DateTime | Form::Instant);
        match self.number(bytes) {
            Some(size) => Ok(Some(size)),
            None if is_date && self.zero_dates_as_null => Ok(None),
            None if is_date => Err("it is no date of the calendar: make NULL of such".into()),
            None => Err("it does not fit the column's type".into()),
        }
    }

    fn number(&mut self, bytes: &[u8]) -> Option<usize> {
        // BIT comes as bytes; everything else as text.
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        let form = self.form;
        match &mut self.values {
            Values::Int32(values) => {
                values.push(match form {
                    Form::Date => value::days(text)?,
                    Form::Decimal { scale, .. } => {
                        i32::try_from(value::unscaled(text, scale.into())?).ok()?
                    }
                    // Unsigned ones are kept by their bits.
                    Form::Int { signed: false, .. } => text.parse::<u32>().ok()?.cast_signed(),
                    _ => text.parse().ok()?,
                });
                Some(size_of::<i32>())
            }
            Values::Int64(values) => {
                values.push(match form {
                    Form::Bits => bits(bytes).cast_signed(),
                    Form::DateTime => value::local_microseconds(text)?,
                    Form::Instant => self.zone.microseconds(value::local(text)?)?,
                    Form::Decimal { scale, .. } => {
                        i64::try_from(value::unscaled(text, scale.into())?).ok()?
                    }
                    Form::Int { signed: false, .. } => text.parse::<u64>().ok()?.cast_signed(),
                    _ => text.parse().ok()?,
                });
                Some(size_of::<i64>())
            }
            Values::Float(values) => {
                values.push(text.parse().ok()?);
                Some(size_of::<f32>())
            }
            Values::Double(values) => {
                values.push(text.parse().ok()?);
                Some(size_of::<f64>())
            }
            Values::Fixed(values) => {
                let Form::Decimal { scale, .. } = form else {
                    return None;
                };
                let number = value::unscaled(text, scale.into())?;
                values.push(ByteArray::from(number.to_be_bytes().to_vec()).into());
                Some(size_of::<FixedLenByteArray>() + size_of::<i128>())
            }
            Values::Bytes(_) => None,
        }
    }

    /// Gives the values to the row group, and keeps none.
    pub(super) fn write(&mut self, writer: &mut SerializedColumnWriter<'_>) -> Result<()> {
        let levels = Some(self.levels.as_slice());
        match &mut self.values {
            Values::Int32(values) => {
                writer
                    .typed::<Int32Type>()
                    .write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Int64(values) => {
                writer
                    .typed::<Int64Type>()
                    .write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Float(values) => {
                writer
                    .typed::<FloatType>()
                    .write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Double(values) => {
                writer
                    .typed::<DoubleType>()
                    .write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Bytes(values) => {
                writer
                    .typed::<ByteArrayType>()
                    .write_batch(values, levels, None)?;
                values.clear();
            }
            Values::Fixed(values) => {
                writer
                    .typed::<FixedLenByteArrayType>()
                    .write_batch(values, levels, None)?;
                values.clear();
            }
        }
        self.levels.clear();
        Ok(())
    }
}

const LEVEL_BYTES: usize = size_of::<i16>();
