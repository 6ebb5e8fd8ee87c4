//! Numbers as texts.

use std::fmt;

/// A number of JSON, as the text in which it was written.
///
/// Equality is that of the texts; [`Number::same_value`] compares values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Number(Box<str>);

impl Number {
    /// Accepts a text by JSON's rules for numbers: `-0.5`, `1.6565093E9`.
    pub fn new(text: &str) -> Option<Self> {
        is_number(text.as_bytes()).then(|| Self(text.into()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The value, if it is written as an integer without a sign and fits.
    pub fn as_u64(&self) -> Option<u64> {
        self.0.parse().ok()
    }

    /// The value, if it is written as an integer and fits.
    pub fn as_i64(&self) -> Option<i64> {
        self.0.parse().ok()
    }

    /// Whether both are the same number, compared as exact decimals.
    pub fn same_value(&self, other: &Self) -> bool {
        if self.0 == other.0 {
            return true;
        }
        match (Decimal::of(&self.0), Decimal::of(&other.0)) {
            (Some(one), Some(two)) => one == two,
            // An exponent beyond 64 bits: only the text can tell.
            _ => false,
        }
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<u64> for Number {
    fn from(value: u64) -> Self {
        Self(value.to_string().into())
    }
}

impl From<i64> for Number {
    fn from(value: i64) -> Self {
        Self(value.to_string().into())
    }
}

/// JSON's grammar: `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`.
fn is_number(text: &[u8]) -> bool {
    let mut rest = text.strip_prefix(b"-").unwrap_or(text);
    let whole = digits(&mut rest);
    if whole == 0 || (whole > 1 && text[text.len() - rest.len() - whole] == b'0') {
        return false;
    }
    if let Some(fraction) = rest.strip_prefix(b".") {
        rest = fraction;
        if digits(&mut rest) == 0 {
            return false;
        }
    }
    if let [b'e' | b'E', exponent @ ..] = rest {
        rest = match exponent {
            [b'+' | b'-', unsigned @ ..] => unsigned,
            _ => exponent,
        };
        if digits(&mut rest) == 0 {
            return false;
        }
    }
    rest.is_empty()
}

fn digits(rest: &mut &[u8]) -> usize {
    let count = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    *rest = &rest[count..];
    count
}

/// `digits × 10^exponent`, the digits without zeros at either end.
#[derive(PartialEq, Eq)]
struct Decimal {
    negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    fn of(text: &str) -> Option<Self> {
        let (negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i64>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all = format!("{whole}{fraction}");
        let without_tail = all.trim_end_matches('0');
        let tail = i64::try_from(all.len() - without_tail.len()).ok()?;
        let exponent = exponent
            .checked_sub(i64::try_from(fraction.len()).ok()?)?
            .checked_add(tail)?;
        let digits = without_tail.trim_start_matches('0').to_owned();
        // Minus zero is zero.
        let zero = digits.is_empty();
        Some(Self {
            negative: negative && !zero,
            digits,
            exponent: if zero { 0 } else { exponent },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_numbers_of_json_are_numbers() {
        for text in [
            "0",
            "-0",
            "10",
            "1.5",
            "1.6565093E9",
            "1e-7",
            "1E+2",
            "12345678901234567890.12",
        ] {
            assert_eq!(Number::new(text).unwrap().as_str(), text);
        }
        for text in [
            "", "-", "01", "-01", "1.", ".5", "+1", "1e", "1e+", "0x1", "NaN", " 1", "1 ",
        ] {
            assert!(Number::new(text).is_none(), "{text}");
        }
    }

    #[test]
    fn values_are_compared_exactly() {
        let same = |one, two| {
            Number::new(one)
                .unwrap()
                .same_value(&Number::new(two).unwrap())
        };
        assert!(same("1", "1.0"));
        assert!(same("10e-1", "1"));
        assert!(same("1.6565093E9", "1656509300"));
        assert!(same("-0", "0.000e5"));
        assert!(!same("1", "-1"));
        assert!(!same("12345678901234567890.12", "12345678901234567890.13"));
        assert!(!same("9007199254740993", "9007199254740992"));
        assert!(!same("1e99999999999999999999", "2e99999999999999999999"));
    }
}
