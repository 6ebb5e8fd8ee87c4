//! AWS: configuration, and whose account it is.

use anyhow::{Context as _, anyhow};
use datatransit_job::aws::{Aws, PathStyle};

use crate::Problem;
use crate::exit::Exit;

/// Loads the configuration, and finds out the account if it is not given.
pub(crate) async fn connect(account: Option<&str>) -> Result<(Aws, String), Problem> {
    if let Some(account) = account
        && !(account.len() == 12 && account.bytes().all(|byte| byte.is_ascii_digit()))
    {
        return Err(Problem::usage(anyhow!(
            "--account (QUICKSIGHT_AWS_ACCOUNT_ID) `{account}`: an account has 12 digits"
        )));
    }
    let aws = Aws::new(PathStyle::Auto);
    let config = aws.config().await;
    if config.region().is_none() {
        return Err(Problem::usage(anyhow!(
            "no AWS region is configured: set AWS_REGION"
        )));
    }
    let account = match account {
        Some(account) => account.to_owned(),
        None => caller(config).await?,
    };
    Ok((aws, account))
}

async fn caller(config: &aws_config::SdkConfig) -> Result<String, Problem> {
    let identity = aws_sdk_sts::Client::new(config)
        .get_caller_identity()
        .send();
    // The SDK's error repeats the whole answer under some formats: its class is enough.
    let identity = identity.await.map_err(|error| {
        let said = error
            .as_service_error()
            .and_then(|error| error.meta().code());
        anyhow!(
            "ask STS whose account it is: {}; give --account, or usable AWS credentials",
            said.unwrap_or("no answer, or no AWS credentials")
        )
    });
    identity
        .and_then(|identity| {
            identity
                .account()
                .map(str::to_owned)
                .context("STS names no account; give --account")
        })
        .map_err(|error| Problem {
            exit: Exit::Credentials,
            error,
        })
}
