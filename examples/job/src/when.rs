//! Which day a run stands for, and in whose time zone.

use anyhow::anyhow;
use clap::Args;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _, ZonedDateTime};

use crate::Failure;

/// The options that date a run.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Date")]
#[non_exhaustive]
pub struct WhenArgs {
    /// Zone of the date in names, of log lines and of the manifest's times; a
    /// host in UTC is a day behind at 05:30 in Tokyo
    #[arg(long, value_name = "ZONE", default_value = "Asia/Tokyo")]
    pub timezone: String,

    /// The day the run stands for, instead of today: a backfill or a late rerun
    #[arg(long, value_name = "YYYY-MM-DD")]
    pub date: Option<Date>,
}

/// The moment that names are made from.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct When {
    /// Now, or the start of the day given by `--date`.
    pub moment: ZonedDateTime,
    /// The zone's IANA name.
    pub zone_name: String,
    /// The zone.
    pub zone: TimeZone,
}

impl WhenArgs {
    /// Asks for today in this zone: for a program that has other options for its days.
    #[must_use]
    pub const fn in_zone(timezone: String) -> Self {
        Self {
            timezone,
            date: None,
        }
    }

    /// Resolves the zone and the day.
    ///
    /// # Errors
    /// A usage failure when there is no such zone.
    pub fn resolve(&self, now: Timestamp) -> Result<When, Failure> {
        let zone = TimeZone::get(&self.timezone).map_err(|_| {
            Failure::usage(anyhow!("--timezone: no zone is named {:?}", self.timezone))
                .with_remedy("use an IANA name such as Asia/Tokyo or UTC")
        })?;
        let moment = match self.date {
            Some(date) => date.to_zoned_datetime(zone.clone()).map_err(|error| {
                Failure::usage(anyhow!(
                    "--date: {date} does not begin in that zone: {error}"
                ))
            })?,
            None => now.to_zoned_datetime(zone.clone()),
        };
        Ok(When {
            moment,
            zone_name: self.timezone.clone(),
            zone,
        })
    }
}

impl When {
    /// Returns the same time so many days earlier, if the calendar goes back so far.
    #[must_use]
    pub fn days_before(&self, days: i64) -> Option<Self> {
        let moment = self.moment.checked_sub(days.days()).ok()?;
        Some(Self {
            moment,
            zone_name: self.zone_name.clone(),
            zone: self.zone.clone(),
        })
    }

    /// Returns the day, `YYYY-MM-DD`.
    #[must_use]
    pub fn date(&self) -> String {
        self.moment.date().to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_past_five_in_tokyo_is_the_next_day() {
        let now: Timestamp = "2026-11-22T20:30:00Z".parse().unwrap();
        let date = |timezone: &str, date| {
            WhenArgs {
                timezone: timezone.to_owned(),
                date,
            }
            .resolve(now)
            .unwrap()
            .date()
        };
        assert_eq!(date("Asia/Tokyo", None), "2026-11-23");
        assert_eq!(date("UTC", None), "2026-11-22");
        assert_eq!(
            date("UTC", Some("2026-01-31".parse().unwrap())),
            "2026-01-31"
        );
    }

    #[test]
    fn an_unknown_zone_is_refused() {
        let args = WhenArgs {
            timezone: "Asia/Edo".to_owned(),
            date: None,
        };
        assert!(args.resolve(Timestamp::now()).is_err());
    }
}
