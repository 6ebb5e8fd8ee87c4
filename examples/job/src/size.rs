//! The size gate relative to an earlier day: its manifest, found by its name.

use std::io;

use anyhow::{Context as _, anyhow};
use serde::Deserialize;

use crate::args::GateArgs;
use crate::destination::Destination;
use crate::input::said;
use crate::job::Job;
use crate::metrics::float;
use crate::{ExitCode, Failure};

/// An earlier day's result, as its manifest tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Earlier {
    /// The manifest.
    pub(crate) uri: String,
    pub(crate) stored_bytes: u64,
}

#[derive(Deserialize)]
struct Told {
    dump_size_bytes: u64,
    /// Manifests of the shell job may lack it.
    valid_for_etl: Option<bool>,
}

impl Earlier {
    /// Returns the change to `stored` bytes, in percent of the earlier size: 100 is twice
    /// as much. `None` when the earlier one was empty.
    pub(crate) fn change_percent(&self, stored: u64) -> Option<f64> {
        (self.stored_bytes > 0)
            .then(|| (float(stored) / float(self.stored_bytes) - 1.0) * 100.0)
            .map(|percent| (percent * 10.0).round() / 10.0)
    }

    /// Returns why `stored` bytes are too few or too many, if they are.
    pub(crate) fn refuses(&self, gates: &GateArgs, stored: u64) -> Option<String> {
        let (new, old) = (u128::from(stored) * 100, u128::from(self.stored_bytes));
        let wanted = match (gates.min_size_percent, gates.max_size_percent) {
            (Some(least), _) if new < old * u128::from(least) => format!("at least {least}%"),
            (_, Some(most)) if new > old * u128::from(most) => format!("at most {most}%"),
            _ => return None,
        };
        Some(format!(
            "size off the earlier one: {stored} bytes stored, {wanted} of the {} of {} wanted",
            self.stored_bytes, self.uri
        ))
    }
}

/// Finds the newest valid manifest of the days before, if it is of use to anybody.
///
/// A day marked invalid is passed over: it is no measure.
///
/// # Errors
/// [`ExitCode::Gate`] when a gate is set and what it compares with cannot be read. For
/// the metric alone that is a warning.
pub(crate) async fn earlier(job: &Job) -> Result<Option<Earlier>, Failure> {
    let gates = &job.args.gates;
    let is_gate = gates.min_size_percent.is_some() || gates.max_size_percent.is_some();
    let (Some(template), Some(today)) = (&job.args.destination.manifest, &job.manifest) else {
        return Ok(None);
    };
    if !is_gate && !job.operations.wants_metrics() {
        return Ok(None);
    }
    for days in 1..=gates.size_lookback {
        let Some(when) = job.when.days_before(days.into()) else {
            break;
        };
        let manifest = Destination::resolve(template, "--manifest", &when)?;
        match look(job, &manifest).await {
            Ok(Some(found)) => {
                tracing::info!(
                    manifest = found.uri,
                    stored_bytes = found.stored_bytes,
                    "the size is compared with this"
                );
                return Ok(Some(found));
            }
            Ok(None) => {}
            Err(error) if is_gate => {
                let error = error.context(format!("the size gate: read {manifest}"));
                return Err(Failure::new(ExitCode::Gate, "gates", error).with_remedy(
                    "grant s3:GetObject and s3:ListBucket on the manifests, or leave the gate out",
                ));
            }
            Err(error) => {
                tracing::warn!("no change of size will be told: read {manifest}: {error:#}");
                return Ok(None);
            }
        }
        // A name without a date: there is one manifest only.
        if manifest == *today {
            break;
        }
    }
    tracing::info!(
        days = gates.size_lookback,
        "no earlier valid manifest to compare the size with"
    );
    Ok(None)
}

async fn look(job: &Job, manifest: &Destination) -> anyhow::Result<Option<Earlier>> {
    let Some(text) = read(job, manifest).await? else {
        return Ok(None);
    };
    // Its own words would quote the manifest.
    let told: Told = serde_json::from_slice(&text)
        .map_err(|error| anyhow!("not a manifest (line {})", error.line()))?;
    Ok((told.valid_for_etl != Some(false)).then(|| Earlier {
        uri: manifest.to_string(),
        stored_bytes: told.dump_size_bytes,
    }))
}

/// Returns the bytes, or nothing where nothing is.
async fn read(job: &Job, place: &Destination) -> anyhow::Result<Option<Vec<u8>>> {
    match place {
        Destination::S3 { bucket, key } => {
            let owner = job.args.object.expected_bucket_owner.clone();
            let answer = job.aws.s3().await.get_object().bucket(bucket).key(key);
            let answer = match answer.set_expected_bucket_owner(owner).send().await {
                Ok(answer) => answer,
                Err(error)
                    if error.as_service_error().is_some_and(
                        aws_sdk_s3::operation::get_object::GetObjectError::is_no_such_key,
                    ) =>
                {
                    return Ok(None);
                }
                Err(error) => return Err(anyhow!(said(&error))),
            };
            let bytes = answer.body.collect().await.context("its body broke off")?;
            Ok(Some(bytes.to_vec()))
        }
        Destination::File { directory, name } => {
            match tokio::fs::read(directory.join(name)).await {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(error.into()),
            }
        }
        Destination::Stdout => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gates(least: Option<u32>, most: Option<u32>) -> GateArgs {
        GateArgs {
            min_bytes: None,
            min_size_percent: least,
            max_size_percent: most,
            size_lookback: 7,
            max_staleness: None,
            freshness_column: String::new(),
            datetime_timezone: None,
            on_gate_failure: crate::args::OnGateFailure::Abort,
        }
    }

    #[test]
    fn the_limits_themselves_are_well() {
        let earlier = Earlier {
            uri: "s3://b/m.json".to_owned(),
            stored_bytes: 1_000,
        };
        let gates = gates(Some(50), Some(200));
        for stored in [500, 1_000, 2_000] {
            assert_eq!(earlier.refuses(&gates, stored), None, "{stored}");
        }
        let small = earlier.refuses(&gates, 499).unwrap();
        assert!(
            small.contains("at least 50% of the 1000 of s3://b/m.json"),
            "{small}"
        );
        let large = earlier.refuses(&gates, 2_001).unwrap();
        assert!(large.contains("at most 200%"), "{large}");
        assert_eq!(earlier.change_percent(1_125), Some(12.5));
        assert_eq!(earlier.change_percent(0), Some(-100.0));
    }

    #[test]
    fn an_empty_one_is_no_measure_of_a_change() {
        let earlier = Earlier {
            uri: String::new(),
            stored_bytes: 0,
        };
        assert_eq!(earlier.change_percent(7), None);
        assert_eq!(earlier.refuses(&gates(Some(50), None), 7), None);
    }
}
