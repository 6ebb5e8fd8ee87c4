//! Who AWS takes this machine for.

use anyhow::anyhow;
use aws_sdk_sts::error::SdkError;

use crate::aws::Aws;
use crate::input::said;
use crate::{ExitCode, Failure};

use super::Report;

/// Asks STS for the caller's ARN, which needs no permission. The SDK's own time-outs
/// and tries hold.
///
/// # Errors
/// [`ExitCode::Credentials`] when there are none, or AWS does not take them;
/// [`ExitCode::Other`] when it cannot be reached; a usage failure without a region.
pub async fn caller(aws: &Aws) -> Result<String, Failure> {
    let config = aws.config().await;
    if config.region().is_none() {
        return Err(Failure::usage(anyhow!("no AWS region is configured"))
            .with_remedy("set AWS_REGION, or a region in the profile"));
    }
    let answer = aws_sdk_sts::Client::new(config)
        .get_caller_identity()
        .send()
        .await;
    match answer {
        Ok(identity) => Ok(identity.arn().unwrap_or("an unnamed caller").to_owned()),
        Err(error) => {
            let unreachable = matches!(
                &error,
                SdkError::DispatchFailure(cause) if cause.is_io() || cause.is_timeout()
            );
            let (exit, remedy) = if unreachable {
                (ExitCode::Other, UNREACHABLE)
            } else {
                (ExitCode::Credentials, UNKNOWN)
            };
            let error = anyhow!("ask AWS who the caller is: {}", said(&error));
            Err(Failure::new(exit, "credentials", error).with_remedy(remedy))
        }
    }
}

const UNKNOWN: &str = "give the machine its role, or a profile; in a container on EC2 the metadata \
                       service needs a hop limit of 2";
const UNREACHABLE: &str = "a subnet without a way out needs a VPC endpoint for STS; a run does \
                           without it";

/// STS is asked by nobody but this check: where it cannot be reached a run may go well.
pub(super) async fn examine(aws: &Aws, report: &mut Report) {
    let name = "AWS identity";
    match caller(aws).await {
        Err(failure) if failure.exit() == ExitCode::Other => {
            report.warn(name, failure.reason(), UNREACHABLE.to_owned());
        }
        result => {
            report.add(name, result);
        }
    }
}
