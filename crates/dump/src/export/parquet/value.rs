//! The server's text of a value as the number that Parquet keeps.

use jiff::civil::{Date, DateTime};

/// A DECIMAL's digits without their point, at this scale.
pub(super) fn unscaled(text: &str, scale: usize) -> Option<i128> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if fraction.len() > scale {
        return None;
    }
    let mut number: i128 = 0;
    for digit in whole.bytes().chain(fraction.bytes()) {
        let digit = digit.is_ascii_digit().then(|| i128::from(digit - b'0'))?;
        number = number.checked_mul(10)?.checked_add(digit)?;
    }
    for _ in fraction.len()..scale {
        number = number.checked_mul(10)?;
    }
    Some(sign * number)
}

/// Days since 1970; `None` for a date that is none.
pub(super) fn days(text: &str) -> Option<i32> {
    let date: Date = text.parse().ok()?;
    let epoch = Date::constant(1970, 1, 1);
    let days = date.duration_since(epoch).as_hours() / 24;
    i32::try_from(days).ok()
}

/// A DATETIME or TIMESTAMP as it is printed; `None` for a date that is none.
pub(super) fn local(text: &str) -> Option<DateTime> {
    text.replacen(' ', "T", 1).parse().ok()
}

/// Microseconds since 1970, as if the local time were UTC.
pub(super) fn local_microseconds(text: &str) -> Option<i64> {
    let epoch = DateTime::constant(1970, 1, 1, 0, 0, 0, 0);
    let micros = local(text)?.duration_since(epoch).as_micros();
    i64::try_from(micros).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decimals_are_exact() {
        assert_eq!(unscaled("12.50", 2), Some(1_250));
        assert_eq!(unscaled("-0.01", 2), Some(-1));
        assert_eq!(unscaled("7", 3), Some(7_000));
        assert_eq!(unscaled("0.123", 2), None);
        assert_eq!(unscaled("1e3", 2), None);
        assert_eq!(
            unscaled(&"9".repeat(38), 0),
            Some(99_999_999_999_999_999_999_999_999_999_999_999_999)
        );
        assert_eq!(unscaled(&"9".repeat(40), 0), None);
    }

    #[test]
    fn dates_and_times_are_counted_from_1970() {
        assert_eq!(days("1970-01-01"), Some(0));
        assert_eq!(days("1969-12-31"), Some(-1));
        assert_eq!(days("0001-01-01"), Some(-719_162));
        assert_eq!(days("9999-12-31"), Some(2_932_896));
        assert_eq!(days("0000-00-00"), None);
        assert_eq!(days("2024-02-00"), None);
        assert_eq!(
            local_microseconds("1970-01-01 00:00:01.000002"),
            Some(1_000_002)
        );
        assert_eq!(local_microseconds("1969-12-31 23:59:59"), Some(-1_000_000));
        assert_eq!(local_microseconds("0000-00-00 00:00:00"), None);
    }
}
