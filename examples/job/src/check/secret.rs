//! What the secret tells of itself: its age, and whether a rotation is under way.

use anyhow::anyhow;
use aws_sdk_secretsmanager::config::Region;
use aws_sdk_secretsmanager::error::ProvideErrorMetadata as _;
use aws_sdk_secretsmanager::operation::describe_secret::DescribeSecretOutput;
use aws_sdk_secretsmanager::primitives::DateTime;
use datatransit_secrets::SecretId;
use jiff::Timestamp;

use crate::aws::Aws;
use crate::input::said;

use super::Report;

const NAME: &str = "secret";
const PENDING: &str = "AWSPENDING";
const CURRENT: &str = "AWSCURRENT";

/// Describes the secret. A run does not need that right, so its lack is no failure.
pub(super) async fn examine(aws: &Aws, id: &SecretId, report: &mut Report) {
    let config = aws.config().await;
    let mut builder = aws_sdk_secretsmanager::config::Builder::from(config);
    if let Some(region) = region_of(id) {
        builder = builder.region(Region::new(region.to_owned()));
    }
    let client = aws_sdk_secretsmanager::Client::from_conf(builder.build());
    match client.describe_secret().secret_id(id.as_str()).send().await {
        Ok(secret) if is_rotating(&secret) => report.warn(
            NAME,
            format!("{}; a rotation is under way, or broke off", facts(&secret)),
            "look at the log of the rotation's function; see that the user of the version \
             AWSPENDING can log in, and rotate again"
                .to_owned(),
        ),
        Ok(secret) => report.ok(NAME, facts(&secret)),
        Err(error) if error.code() == Some("AccessDeniedException") => report.skip_because(
            NAME,
            "its age is not shown without secretsmanager:DescribeSecret, which a run does not need"
                .to_owned(),
        ),
        Err(error) => {
            report.skip_because(NAME, anyhow!("describe {id}: {}", said(&error)).to_string())
        }
    }
}

/// An ARN's own region counts, as when the secret is fetched.
fn region_of(id: &SecretId) -> Option<&str> {
    let id = id.as_str();
    if id.starts_with("arn:") {
        id.split(':').nth(3)
    } else {
        None
    }
}

/// A version that is pending and not also the current one.
fn is_rotating(secret: &DescribeSecretOutput) -> bool {
    let versions = secret.version_ids_to_stages().into_iter().flatten();
    versions.into_iter().any(|(_, stages)| {
        stages.iter().any(|stage| stage == PENDING) && stages.iter().all(|stage| stage != CURRENT)
    })
}

fn facts(secret: &DescribeSecretOutput) -> String {
    let changed = secret.last_changed_date().or(secret.created_date());
    let mut facts = vec![match changed {
        Some(date) => format!("changed {}", ago(date)),
        None => "never changed".to_owned(),
    }];
    if secret.rotation_enabled() == Some(true) {
        facts.push(match secret.last_rotated_date() {
            Some(date) => format!("rotated {}", ago(date)),
            None => "rotation is on, none has ended yet".to_owned(),
        });
        if let Some(date) = secret.next_rotation_date() {
            facts.push(format!("the next rotation by {}", day(date)));
        }
    } else {
        facts.push("rotation is off".to_owned());
    }
    facts.join(", ")
}

fn ago(date: &DateTime) -> String {
    let days = (Timestamp::now().as_second() - date.secs()).div_euclid(86_400);
    format!("{} ({} days ago)", day(date), days.max(0))
}

fn day(date: &DateTime) -> String {
    let moment = Timestamp::from_second(date.secs()).unwrap_or(Timestamp::UNIX_EPOCH);
    moment.strftime("%Y-%m-%d").to_string()
}
