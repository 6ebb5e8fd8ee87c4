//! Figures of a run, for those who watch many: CloudWatch, by lines in the log or by its
//! API, and Prometheus, by a file for node_exporter.
//!
//! As with alerts, a figure that cannot be handed over is a warning, never a failure.

mod cloudwatch;
mod emf;
mod textfile;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use jiff::Timestamp;
use tracing_subscriber::fmt::MakeWriter as _;

use crate::aws::Aws;
use crate::logs::LogWriter;
use crate::summary::Summary;

/// The namespace in CloudWatch.
pub const NAMESPACE: &str = "datatransit";
/// The one dimension: the job's name.
pub const DIMENSION: &str = "Job";

/// Where figures go.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum MetricsTarget {
    /// A line in CloudWatch's embedded metric format, on standard error.
    Emf,
    /// `PutMetricData`.
    CloudWatch,
    /// A file for Prometheus' textfile collector.
    Textfile(PathBuf),
}

impl FromStr for MetricsTarget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "emf" => Ok(Self::Emf),
            None if text == "cloudwatch" => Ok(Self::CloudWatch),
            // Other endings are passed over by the collector.
            Some(("textfile", path))
                if Path::new(path).extension().is_some_and(|it| it == "prom") =>
            {
                Ok(Self::Textfile(PathBuf::from(path)))
            }
            _ => Err("must be emf, cloudwatch or textfile:/DIRECTORY/NAME.prom".to_owned()),
        }
    }
}

/// Prints it as it is named on a command line.
impl std::fmt::Display for MetricsTarget {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Emf => f.write_str("emf"),
            Self::CloudWatch => f.write_str("cloudwatch"),
            Self::Textfile(path) => write!(f, "textfile:{}", path.display()),
        }
    }
}

/// The figures of a run that has ended.
#[derive(Clone, Debug)]
pub(crate) struct Figures<'a> {
    pub(crate) job: &'a str,
    pub(crate) run_id: &'a str,
    pub(crate) ended_at: Timestamp,
    pub(crate) exit_code: u8,
    pub(crate) seconds: f64,
    pub(crate) stored_bytes: Option<u64>,
    pub(crate) rows: Option<u64>,
    pub(crate) retries: Option<u64>,
    pub(crate) size_change_percent: Option<f64>,
}

/// What a figure counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Unit {
    Count,
    Seconds,
    Bytes,
    Percent,
}

impl Unit {
    /// CloudWatch's name of it.
    const fn name(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Seconds => "Seconds",
            Self::Bytes => "Bytes",
            Self::Percent => "Percent",
        }
    }
}

impl<'a> Figures<'a> {
    pub(crate) fn of(summary: &'a Summary, job: &'a str, run_id: &'a str) -> Self {
        Self {
            job,
            run_id,
            ended_at: Timestamp::now(),
            exit_code: summary.exit_code,
            seconds: summary.seconds,
            stored_bytes: summary.count("dump_size_bytes"),
            rows: summary.count("rows"),
            retries: summary.upload_retries(),
            size_change_percent: summary.size_change_percent,
        }
    }

    const fn succeeded(&self) -> bool {
        self.exit_code == 0
    }

    /// The value of the dimension: CloudWatch takes ASCII, and no more than this.
    fn dimension(&self) -> String {
        self.job
            .chars()
            .map(|c| {
                if c == ' ' || c.is_ascii_graphic() {
                    c
                } else {
                    '?'
                }
            })
            .take(1_024)
            .collect()
    }

    /// The series in CloudWatch. What is not known is left out, not 0.
    fn series(&self) -> Vec<(&'static str, Unit, f64)> {
        let success = if self.succeeded() { 1.0 } else { 0.0 };
        let all = [
            ("Success", Unit::Count, Some(success)),
            ("Failure", Unit::Count, Some(1.0 - success)),
            ("DurationSeconds", Unit::Seconds, Some(self.seconds)),
            ("StoredBytes", Unit::Bytes, self.stored_bytes.map(float)),
            ("Rows", Unit::Count, self.rows.map(float)),
            ("Retries", Unit::Count, self.retries.map(float)),
            ("SizeChangePercent", Unit::Percent, self.size_change_percent),
        ];
        all.into_iter()
            .filter_map(|(name, unit, value)| Some((name, unit, value?)))
            .collect()
    }
}

/// Exact up to 2^53, which is more bytes than an object holds.
#[expect(
    clippy::cast_precision_loss,
    reason = "CloudWatch and Prometheus have no other number"
)]
pub(crate) fn float(count: u64) -> f64 {
    count as f64
}

/// Hands the figures to each target, within `limit`.
pub(crate) async fn emit(
    targets: &[MetricsTarget],
    figures: &Figures<'_>,
    log: &LogWriter,
    aws: &Aws,
    limit: Duration,
) {
    for target in targets {
        let emitted = match target {
            MetricsTarget::Emf => log
                .make_writer()
                .write_all(emf::line(figures).as_bytes())
                .map_err(anyhow::Error::from),
            MetricsTarget::CloudWatch => cloudwatch::put(figures, aws, limit).await,
            MetricsTarget::Textfile(path) => textfile::write(path, figures),
        };
        if let Err(error) = emitted {
            tracing::warn!("the metrics did not get to {target}: {error:#}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn figures(exit_code: u8) -> Figures<'static> {
        Figures {
            job: "ten\"ants",
            run_id: "run-7",
            ended_at: "2026-11-22T20:31:00.5Z".parse().unwrap(),
            exit_code,
            seconds: 1.5,
            stored_bytes: Some(1_559),
            rows: Some(6),
            retries: None,
            size_change_percent: Some(-12.5),
        }
    }

    #[test]
    fn targets_are_three() {
        for text in ["emf", "cloudwatch", "textfile:/var/lib/x/tenants.prom"] {
            let target: MetricsTarget = text.parse().unwrap();
            assert_eq!(target.to_string(), text);
        }
        for text in ["", "statsd", "textfile:", "textfile:/var/x.txt", "emf:x"] {
            assert!(text.parse::<MetricsTarget>().is_err(), "{text}");
        }
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let names: Vec<&str> = figures(0).series().iter().map(|(name, ..)| *name).collect();
        assert_eq!(
            names,
            [
                "Success",
                "Failure",
                "DurationSeconds",
                "StoredBytes",
                "Rows",
                "SizeChangePercent"
            ]
        );
        let failed = figures(9).series();
        assert_eq!((failed[0].2, failed[1].2), (0.0, 1.0));
    }
}
