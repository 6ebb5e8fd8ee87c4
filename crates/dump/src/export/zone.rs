//! The zone in which the session prints instants.

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

use crate::error::Error;
use crate::source::Session;

/// The session's zone, as far as it is known.
#[derive(Debug, Clone)]
pub(super) enum Zone {
    /// Its rules are known.
    Known(
        #[cfg_attr(
            not(feature = "parquet"),
            expect(dead_code, reason = "only Parquet keeps instants")
        )]
        TimeZone,
    ),
    /// The server's own, whose offset changes: an instant cannot be told from its text alone.
    Changing,
}

impl Zone {
    /// The instant that a TIMESTAMP's text stands for, in microseconds since 1970.
    #[cfg(feature = "parquet")]
    pub(super) fn microseconds(&self, local: DateTime) -> Option<i64> {
        let Self::Known(zone) = self else {
            return None;
        };
        // Within the hour that a change of clocks repeats, the text tells no instant.
        let instant = zone.to_ambiguous_zoned_datetime(local).unambiguous().ok()?;
        Some(instant.timestamp().as_microsecond())
    }
}

/// Finds out which zone `@@session.time_zone` is.
///
/// A server's `SYSTEM` has an abbreviation at most, which names no zone: its offsets at several
/// instants tell whether it is a fixed one.
pub(super) async fn read(session: &mut Session) -> Result<Zone, Error> {
    let step = "read the session's time zone";
    let name = session
        .one(step, "SELECT @@session.time_zone")
        .await?
        .text(0);
    if let Some(offset) = parse_offset(&name) {
        return Ok(Zone::Known(TimeZone::fixed(offset)));
    }
    if let Ok(zone) = TimeZone::get(&name) {
        return Ok(Zone::Known(zone));
    }
    // January and July of a past year and of a present one: summer time shows in one of them.
    let texts: Vec<String> = PROBES
        .iter()
        .map(|seconds| format!("FROM_UNIXTIME({seconds})"))
        .collect();
    let row = session
        .one(step, &format!("SELECT {}", texts.join(", ")))
        .await?;
    let offsets = PROBES.iter().enumerate().map(|(index, seconds)| {
        let local: DateTime = row.text(index).replacen(' ', "T", 1).parse().ok()?;
        let utc = TimeZone::UTC.to_timestamp(local).ok()?.as_second();
        i32::try_from(utc - seconds).ok()
    });
    let offsets: Option<Vec<i32>> = offsets.collect();
    let fixed = offsets.and_then(|offsets| {
        let first = *offsets.first()?;
        let same = offsets.iter().all(|offset| *offset == first);
        same.then(|| Offset::from_seconds(first).ok()).flatten()
    });
    Ok(fixed.map_or(Zone::Changing, |offset| {
        Zone::Known(TimeZone::fixed(offset))
    }))
}

/// 2000-01-15, 2000-07-15, 2026-01-15, 2026-07-15, all at noon UTC.
const PROBES: [i64; 4] = [947_937_600, 963_662_400, 1_768_478_400, 1_784_116_800];

/// `+09:00`, as `@@time_zone` has it.
fn parse_offset(text: &str) -> Option<Offset> {
    let (sign, rest) = match text.split_at_checked(1)? {
        ("+", rest) => (1, rest),
        ("-", rest) => (-1, rest),
        _ => return None,
    };
    let (hours, minutes) = rest.split_once(':')?;
    let seconds = hours.parse::<i32>().ok()? * 3_600 + minutes.parse::<i32>().ok()? * 60;
    Offset::from_seconds(sign * seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_read() {
        let seconds = |text| parse_offset(text).map(Offset::seconds);
        assert_eq!(seconds("+09:00"), Some(32_400));
        assert_eq!(seconds("-03:30"), Some(-12_600));
        assert_eq!(seconds("SYSTEM"), None);
        assert_eq!(seconds(""), None);
    }

    #[test]
    fn the_probes_are_in_winter_and_in_summer() {
        for (seconds, month) in PROBES.iter().zip([1, 7, 1, 7]) {
            let time = jiff::Timestamp::from_second(*seconds).unwrap();
            assert_eq!(time.to_zoned_datetime(TimeZone::UTC).month(), month);
        }
    }
}
