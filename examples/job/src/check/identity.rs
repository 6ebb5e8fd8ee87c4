//! Who AWS takes this machine for.

use anyhow::anyhow;

use crate::aws::Aws;
use crate::input::said;
use crate::{ExitCode, Failure};

use super::Report;

/// Asks STS for the caller's ARN, which needs no permission. The SDK's own time-outs
/// and tries hold.
///
/// # Errors
/// [`ExitCode::Credentials`] when there are none, or AWS does not take them; a usage
/// failure without a region.
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
            let error = anyhow!("ask AWS who the caller is: {}", said(&error));
            Err(
                Failure::new(ExitCode::Credentials, "credentials", error).with_remedy(
                    "give the machine its role, or a profile; in a container on EC2 the metadata \
                     service needs a hop limit of 2; without a way to the internet STS needs an \
                     endpoint in the VPC",
                ),
            )
        }
    }
}

pub(super) async fn examine(aws: &Aws, report: &mut Report) {
    report.add("AWS identity", caller(aws).await);
}
