//! One look at a manifest.

use jiff::{SignedDuration, Timestamp};
use serde::Deserialize;

use super::{Closed, GateError, GateOpened, Objects, Place};

/// The members that the gate reads; a manifest has many more.
#[derive(Debug, Deserialize)]
struct Manifest {
    valid_for_etl: bool,
    generated_at: Timestamp,
    #[serde(default)]
    run_id: Option<String>,
    #[serde(default)]
    dump_date: Option<String>,
    #[serde(default)]
    invalid_reasons: Vec<String>,
}

pub(super) enum Look {
    Open(GateOpened),
    Closed(Closed),
    Never(GateError),
}

pub(super) async fn look(
    objects: &dyn Objects,
    place: &Place,
    max_age_hours: u32,
    now: Timestamp,
) -> Look {
    let bytes = match objects.read(&place.bucket, &place.key).await {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Look::Closed(Closed::Missing),
        Err(error) if error.may_pass => {
            return Look::Closed(Closed::Unreadable {
                reason: error.message,
            });
        }
        Err(source) => {
            return Look::Never(GateError::Refused {
                manifest: place.to_string(),
                source,
            });
        }
    };
    match serde_json::from_slice(&bytes) {
        Ok(manifest) => {
            judge(manifest, place, max_age_hours, now).map_or_else(Look::Closed, Look::Open)
        }
        // Errors of `serde_json` may repeat values of the document: its place is enough.
        Err(error) => Look::Closed(Closed::NotAManifest {
            problem: format!(
                "line {}, column {}: JSON with `valid_for_etl` and `generated_at` is expected",
                error.line(),
                error.column()
            ),
        }),
    }
}

fn judge(
    manifest: Manifest,
    place: &Place,
    max_age_hours: u32,
    now: Timestamp,
) -> Result<GateOpened, Closed> {
    if !manifest.valid_for_etl {
        return Err(Closed::NotValid {
            reasons: manifest.invalid_reasons,
        });
    }
    let max_age = SignedDuration::from_hours(i64::from(max_age_hours));
    if now.duration_since(manifest.generated_at) > max_age {
        return Err(Closed::Stale {
            generated_at: manifest.generated_at,
            max_age_hours,
        });
    }
    if let (Some(wanted), Some(dump_date)) = (place.day, &manifest.dump_date)
        && *dump_date != wanted.to_string()
    {
        return Err(Closed::OtherDay {
            dump_date: dump_date.clone(),
            wanted,
        });
    }
    Ok(GateOpened {
        manifest: place.to_string(),
        run_id: manifest.run_id,
        dump_date: manifest.dump_date,
        generated_at: manifest.generated_at,
    })
}
