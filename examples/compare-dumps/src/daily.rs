//! The report of one day, as it is kept: a comparison, or that there was none.

use datatransit_dump::compare::{ComparisonReport, SideReport};
use datatransit_job::Failure;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::history::{Day, Side, State};

/// One day's report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Daily {
    /// The day that the dumps are of.
    pub(crate) date: Date,
    pub(crate) run_id: String,
    /// When, with the zone's offset.
    pub(crate) generated_at: String,
    pub(crate) status: Status,
    /// Why there is no comparison.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
    /// What to do about that, where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) remedy: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) comparison: Option<ComparisonReport>,
}

/// How the run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Status {
    Compared,
    Failed,
}

/// How many of a comparison's reasons stand for it in a line.
const REASONS_IN_LINE: usize = 3;

impl Daily {
    /// Wraps what a run found, or why it found nothing.
    pub(crate) fn new(context: &Context, result: Result<ComparisonReport, &Failure>) -> Self {
        let (status, error, remedy, comparison) = match result {
            Ok(report) => (Status::Compared, None, None, Some(report)),
            Err(failure) => (
                Status::Failed,
                Some(failure.reason()),
                failure.remedy().map(str::to_owned),
                None,
            ),
        };
        Self {
            date: context.when.moment.date(),
            run_id: context.run_id.to_string(),
            generated_at: context.generated_at(),
            status,
            error,
            remedy,
            comparison,
        }
    }

    /// Reads a report, which must be that of `date`.
    ///
    /// # Errors
    /// Why it is none, without its text.
    pub(crate) fn parse(bytes: &[u8], date: Date) -> Result<Self, String> {
        let daily: Self = serde_json::from_slice(bytes).map_err(|error| {
            format!(
                "no report of a comparison ({:?} at line {}, column {})",
                error.classify(),
                error.line(),
                error.column()
            )
        })?;
        if daily.date != date {
            return Err(format!("it is the report of {}", daily.date));
        }
        if (daily.status == Status::Compared) != daily.comparison.is_some() {
            return Err("its status and its content contradict each other".to_owned());
        }
        Ok(daily)
    }

    /// The document as it is stored.
    pub(crate) fn to_json(&self) -> String {
        crate::output::pretty(self)
    }

    /// The day as the rules see it.
    pub(crate) fn day(&self) -> Day {
        let mut day = Day::missing(self.date);
        day.run_id = Some(self.run_id.clone());
        let Some(report) = &self.comparison else {
            day.state = State::Failed;
            day.why.clone_from(&self.error);
            return day;
        };
        day.old = Some(side(&report.old));
        day.new = Some(side(&report.new));
        if report.is_same() {
            day.state = State::Same;
        } else {
            day.state = State::Different;
            let reasons: Vec<&str> = report
                .reasons
                .iter()
                .take(REASONS_IN_LINE)
                .map(|reason| reason.text.trim_end_matches('.'))
                .collect();
            let more = report.reasons.len().saturating_sub(REASONS_IN_LINE);
            let mut why = reasons.join("; ");
            if more > 0 {
                why.push_str(&format!("; and {more} more"));
            }
            day.why = (!why.is_empty()).then_some(why);
        }
        day
    }
}

fn side(report: &SideReport) -> Side {
    Side {
        uncompressed_bytes: report.uncompressed_bytes,
        stored_bytes: report.stored_bytes,
        tables: report.tables,
        rows: report.rows,
        complete: report.complete,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    const DAY: Date = date(2026, 11, 23);

    fn text(status: &str, rest: &str) -> String {
        format!(
            r#"{{"date":"2026-11-23","run_id":"r","generated_at":"x","status":"{status}"{rest}}}"#
        )
    }

    #[test]
    fn a_report_is_read_back_and_an_unknown_member_passed_over() {
        let text = text("compared", r#","later":1,"comparison":{"verdict":"same"}"#);
        let daily = Daily::parse(text.as_bytes(), DAY).unwrap();
        assert_eq!(daily.day().state, State::Same);
        assert_eq!(Daily::parse(daily.to_json().as_bytes(), DAY), Ok(daily));
    }

    #[test]
    fn what_contradicts_itself_is_no_report() {
        for (text, reason) in [
            (text("compared", ""), "contradict"),
            (text("failed", r#","comparison":{}"#), "contradict"),
            (text("well", ""), "no report"),
            (text("failed", "").replace("11-23", "11-22"), "2026-11-22"),
            (String::new(), "no report"),
            ("{\"date\": \"canary".to_owned(), "no report"),
        ] {
            let error = Daily::parse(text.as_bytes(), DAY).unwrap_err();
            assert!(error.contains(reason), "{text}: {error}");
            assert!(!error.contains("canary"));
        }
    }

    #[test]
    fn a_day_that_differs_says_why_in_one_line() {
        let reasons: Vec<String> = (1..=5)
            .map(|n| format!(r#"{{"kind":"rows","text":"reason {n}."}}"#))
            .collect();
        let comparison = format!(r#","comparison":{{"reasons":[{}]}}"#, reasons.join(","));
        let daily = Daily::parse(text("compared", &comparison).as_bytes(), DAY).unwrap();
        let why = daily.day().why.unwrap();
        assert_eq!(why, "reason 1; reason 2; reason 3; and 2 more");
    }
}
