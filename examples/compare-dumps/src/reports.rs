//! Reads the daily reports and the consumer's records.

use std::collections::BTreeMap;
use std::io;

use anyhow::{Context as _, anyhow};
use datatransit_job::input::{refused, said};
use datatransit_job::{ExitCode, Failure};
use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::context::Context;
use crate::daily::Daily;
use crate::history::day::{Consumer, ConsumerState};
use crate::history::{Day, State};
use crate::place::Place;

/// A longer document is no report.
const LONGEST: u64 = 64 << 20;

/// What lies at a place.
#[derive(Debug, Default)]
pub(crate) struct Reports {
    /// The newest reports, or why they cannot be read.
    pub(crate) days: BTreeMap<Date, Result<Daily, String>>,
    pub(crate) consumer: Vec<Consumer>,
}

/// A consumer's record, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ConsumerRecord {
    pub(crate) date: Date,
    pub(crate) status: ConsumerStatus,
    #[serde(default)]
    pub(crate) reason: String,
    pub(crate) recorded_at: String,
    pub(crate) run_id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum ConsumerStatus {
    Failed,
    Cleared,
}

impl Reports {
    /// Reads the newest `most` reports, and all records of the consumer.
    ///
    /// # Errors
    /// When the place, or a document in it, cannot be read at all. One that can be
    /// read and is no report is an entry that says so.
    pub(crate) async fn read(
        context: &Context,
        place: &Place,
        most: usize,
    ) -> Result<Self, Failure> {
        let names = list(context, place).await?;
        let mut reports = Self::default();
        let mut days: Vec<(Date, u64)> = names
            .iter()
            .filter_map(|(name, size)| Some((day_of(name, ".json")?, *size)))
            .collect();
        days.sort_unstable();
        let older = days.len().saturating_sub(most);
        for (date, size) in days.split_off(older) {
            let daily = match document(context, place, &format!("{date}.json"), size).await? {
                Ok(bytes) => Daily::parse(&bytes, date),
                Err(reason) => Err(reason),
            };
            if let Err(reason) = &daily {
                tracing::warn!(%date, reason, "a report cannot be read");
            }
            reports.days.insert(date, daily);
        }
        for (name, size) in &names {
            if let Some(date) = day_of(name, ".consumer.json") {
                let read = document(context, place, name, *size).await?;
                reports.consumer.push(consumer(date, read));
            }
        }
        reports.consumer.sort_by_key(|record| record.date);
        Ok(reports)
    }

    /// The days as the rules see them.
    pub(crate) fn history(&self) -> Vec<Day> {
        self.days
            .iter()
            .map(|(date, daily)| match daily {
                Ok(daily) => daily.day(),
                Err(reason) => Day {
                    state: State::Broken,
                    why: Some(reason.clone()),
                    ..Day::missing(*date)
                },
            })
            .collect()
    }

    /// The newest report that can be read.
    pub(crate) fn newest(&self) -> Option<&Daily> {
        self.days
            .values()
            .rev()
            .find_map(|daily| daily.as_ref().ok())
    }
}

/// The day of a document's name, `YYYY-MM-DD` before this ending.
fn day_of(name: &str, ending: &str) -> Option<Date> {
    let stem = name.strip_suffix(ending)?;
    let date: Date = stem.parse().ok()?;
    // Dates have other forms too; they would be read as another name.
    (date.to_string() == stem).then_some(date)
}

fn consumer(date: Date, read: Result<Vec<u8>, String>) -> Consumer {
    let record = read.and_then(|bytes| {
        serde_json::from_slice::<ConsumerRecord>(&bytes)
            .map_err(|_| "no record of a consumer".to_owned())
    });
    match record {
        Ok(record) if record.date == date => Consumer {
            date,
            state: match record.status {
                ConsumerStatus::Failed => ConsumerState::Failed,
                ConsumerStatus::Cleared => ConsumerState::Cleared,
            },
            reason: record.reason,
        },
        Ok(record) => Consumer {
            date,
            state: ConsumerState::Broken,
            reason: format!("it is of {}", record.date),
        },
        Err(reason) => Consumer {
            date,
            state: ConsumerState::Broken,
            reason,
        },
    }
}

fn failed(error: anyhow::Error) -> Failure {
    Failure::new(ExitCode::Source, "reports", error)
}

/// The names of all documents right there, with their sizes.
async fn list(context: &Context, place: &Place) -> Result<Vec<(String, u64)>, Failure> {
    match place {
        Place::S3 { bucket, prefix } => list_bucket(context, place, bucket, prefix).await,
        Place::Directory(path) => {
            let entries = std::fs::read_dir(path)
                .with_context(|| format!("read the directory {}", path.display()))
                .map_err(|error| failed(error).with_remedy("see whether the name is right"))?;
            let mut names = Vec::new();
            for entry in entries {
                let entry = entry.map_err(|error| failed(anyhow!(error)))?;
                if let (Ok(name), Ok(found)) = (entry.file_name().into_string(), entry.metadata()) {
                    names.push((name, found.len()));
                }
            }
            Ok(names)
        }
    }
}

async fn list_bucket(
    context: &Context,
    place: &Place,
    bucket: &str,
    prefix: &str,
) -> Result<Vec<(String, u64)>, Failure> {
    if context.aws.config().await.region().is_none() {
        return Err(Failure::usage(anyhow!("no AWS region is configured"))
            .with_remedy("set AWS_REGION, or a region in the profile"));
    }
    let client = context.aws.s3().await;
    let mut names = Vec::new();
    let mut token = None;
    loop {
        let page = client
            .list_objects_v2()
            .bucket(bucket)
            .prefix(prefix)
            // What lies in folders below is none of ours.
            .delimiter("/")
            .set_continuation_token(token.take())
            .set_expected_bucket_owner(context.store.expected_bucket_owner.clone())
            .send()
            .await
            .map_err(|error| {
                failed(anyhow!("list {place}: {}", said(&error))).with_remedy(
                    "grant s3:ListBucket on the bucket, and see whether its name is right",
                )
            })?;
        for object in page.contents() {
            let name = object.key().and_then(|key| key.strip_prefix(prefix));
            let size = object.size().and_then(|size| u64::try_from(size).ok());
            if let Some(name) = name {
                names.push((name.to_owned(), size.unwrap_or_default()));
            }
        }
        match page.next_continuation_token() {
            Some(next) => token = Some(next.to_owned()),
            None => return Ok(names),
        }
    }
}

/// One document's bytes; the inner error is one that the rules may judge.
async fn document(
    context: &Context,
    place: &Place,
    name: &str,
    size: u64,
) -> Result<Result<Vec<u8>, String>, Failure> {
    if size > LONGEST {
        return Ok(Err(format!("{size} bytes are too many for a report")));
    }
    match place {
        Place::Directory(path) => match std::fs::read(path.join(name)) {
            Ok(bytes) => Ok(Ok(bytes)),
            Err(error) if error.kind() == io::ErrorKind::IsADirectory => {
                Ok(Err("it is a directory".to_owned()))
            }
            Err(error) => Err(failed(
                anyhow!(error).context(format!("read {name} of {place}")),
            )),
        },
        Place::S3 { bucket, prefix } => {
            let shown = format!("{place}{name}");
            let answer = context
                .aws
                .s3()
                .await
                .get_object()
                .bucket(bucket)
                .key(format!("{prefix}{name}"))
                .set_expected_bucket_owner(context.store.expected_bucket_owner.clone())
                .send()
                .await
                .map_err(|error| refused(&shown, &error))?;
            let bytes = answer
                .body
                .collect()
                .await
                .with_context(|| format!("read {shown}"))
                .map_err(failed)?;
            Ok(Ok(bytes.to_vec()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_dates_are_names_of_days() {
        assert_eq!(
            day_of("2026-11-23.json", ".json"),
            Some(jiff::civil::date(2026, 11, 23))
        );
        for name in [
            "20261123.json",
            "2026-11-31.json",
            "2026-11-23.consumer.json",
            "x.json",
            ".json",
        ] {
            assert_eq!(day_of(name, ".json"), None, "{name}");
        }
        assert!(day_of("2026-11-23.consumer.json", ".consumer.json").is_some());
    }

    #[test]
    fn a_record_that_cannot_be_read_is_not_passed_over() {
        let date = jiff::civil::date(2026, 11, 23);
        let state = |text: &str| consumer(date, Ok(text.as_bytes().to_vec())).state;
        let record = |day: &str, status: &str| {
            format!(
                r#"{{"date":"{day}","status":"{status}","reason":"x","recorded_at":"t","run_id":"r"}}"#
            )
        };
        assert_eq!(
            state(&record("2026-11-23", "failed")),
            ConsumerState::Failed
        );
        assert_eq!(
            state(&record("2026-11-23", "cleared")),
            ConsumerState::Cleared
        );
        assert_eq!(
            state(&record("2026-11-22", "cleared")),
            ConsumerState::Broken
        );
        assert_eq!(state("{}"), ConsumerState::Broken);
    }
}
