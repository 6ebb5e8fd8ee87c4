//! This machine's clock, against AWS's and the database's.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::anyhow;
use aws_sdk_s3::config::interceptors::BeforeDeserializationInterceptorContextRef;
use aws_sdk_s3::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_s3::error::BoxError;
use jiff::Timestamp;

use crate::{ExitCode, Failure};

use super::Report;

/// From here on a difference is worth a word, in seconds.
const NOTABLE: i64 = 30;
/// AWS refuses signatures that are five minutes off; S3, a quarter of an hour.
const REFUSED: i64 = 300;

/// The newest answer's date, in seconds before (negative) or after this machine's.
#[derive(Clone, Debug, Default)]
pub(super) struct SeenDate(Arc<Mutex<Option<i64>>>);

impl SeenDate {
    fn offset(&self) -> Option<i64> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Reads the header `Date` of every answer, refusals among them.
impl Intercept for SeenDate {
    fn name(&self) -> &'static str {
        "the date of answers"
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let date = context.response().headers().get("date");
        let date = date.and_then(|text| jiff::fmt::rfc2822::parse(text).ok());
        if let Some(date) = date {
            let offset = date.timestamp().as_second() - Timestamp::now().as_second();
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(offset);
        }
        Ok(())
    }
}

/// Judges this machine's clock by AWS's.
pub(super) fn examine_aws(seen: &SeenDate, report: &mut Report) {
    if let Some(offset) = seen.offset() {
        judge_aws(offset, report);
    }
}

fn judge_aws(offset: i64, report: &mut Report) {
    let name = "clock";
    let detail = format!("this machine is {} AWS", said(offset));
    let remedy = "let chrony or systemd-timesyncd set the clock, from 169.254.169.123 on EC2";
    match offset.abs() {
        REFUSED.. => {
            let failure = Failure::new(ExitCode::Credentials, "clock", anyhow!(detail));
            report.fail(
                name,
                &failure.with_remedy(format!("AWS refuses such signatures: {remedy}")),
            );
        }
        NOTABLE.. => report.warn(name, detail, remedy.to_owned()),
        _ => report.ok(name, detail),
    }
}

/// Judges the server's clock, by which `updated_at` is written, and names its zone.
pub(super) fn examine_server(server: Timestamp, zone: &str, report: &mut Report) {
    judge_server(
        server.as_second() - Timestamp::now().as_second(),
        zone,
        report,
    );
}

fn judge_server(offset: i64, zone: &str, report: &mut Report) {
    let name = "server's clock";
    let detail = format!("this machine is {} it; its zone is {zone}", said(offset));
    if offset.abs() < NOTABLE {
        report.ok(name, detail);
    } else {
        let remedy = "set the clock of one of them: --max-staleness compares the two";
        report.warn(name, detail, remedy.to_owned());
    }
}

/// Tells how far this machine is from a clock that is `offset` seconds ahead of it.
fn said(offset: i64) -> String {
    match offset {
        // Both tell whole seconds.
        -1..=1 => "together with".to_owned(),
        2.. => format!("{offset} s behind"),
        _ => format!("{} s ahead of", offset.unsigned_abs()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_told_from_a_wrong_clock() {
        for (offset, exit, words) in [
            (0, ExitCode::Success, "together with AWS"),
            (-1, ExitCode::Success, "together with AWS"),
            (29, ExitCode::Success, "29 s behind AWS"),
            (299, ExitCode::Success, "warning  clock"),
            (-300, ExitCode::Credentials, "300 s ahead of AWS"),
        ] {
            let mut report = Report::default();
            judge_aws(offset, &mut report);
            assert_eq!(report.exit(), exit, "{offset}");
            assert!(report.to_text().contains(words), "{}", report.to_text());
        }
    }

    #[test]
    fn a_servers_wrong_clock_is_a_warning_with_its_zone() {
        let mut report = Report::default();
        judge_server(86_400, "SYSTEM (UTC)", &mut report);
        let text = report.to_text();
        assert_eq!(report.exit(), ExitCode::Success);
        assert!(text.contains("warning  server's clock"), "{text}");
        assert!(text.contains("SYSTEM (UTC)"), "{text}");
    }
}
