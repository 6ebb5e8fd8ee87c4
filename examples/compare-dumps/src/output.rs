//! What goes out: standard output, and documents that are published whole.

use std::io::{self, Write as _};

use anyhow::{Context as _, anyhow};
use bytes::Bytes;
use datatransit_job::destination::Destination;
use datatransit_job::object::{address, uploader};
use datatransit_job::when::When;
use datatransit_job::{ByteSize, ExitCode, Failure};
use datatransit_s3upload::{Encryption, Guard, ObjectSpec};
use serde::Serialize;

use crate::context::Context;

/// What an upload may hold; a report is a fraction of it.
const MEMORY: ByteSize = ByteSize::mib(16);

/// Indented JSON with a final newline.
#[expect(
    clippy::expect_used,
    reason = "plain members always serialise: texts, numbers, lists of such"
)]
pub(crate) fn pretty(document: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(document).expect("plain members");
    text.push('\n');
    text
}

/// Prints to standard output.
///
/// # Errors
/// [`ExitCode::Other`]: a result that nobody could be told is no result.
pub(crate) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .context("write to standard output")
        .map_err(|error| Failure::new(ExitCode::Other, "output", error))
}

/// Names one document: `s3://BUCKET/KEY`, `file:///PATH` or a path, conversions
/// filled in.
///
/// # Errors
/// A usage failure that names the option.
pub(crate) fn destination(text: &str, option: &str, when: &When) -> Result<Destination, Failure> {
    let named = if text.contains("://") {
        text.to_owned()
    } else {
        file_url(text, option)?
    };
    let destination = Destination::resolve(&named, option, when)?;
    if destination.is_stdout() {
        return Err(
            Failure::usage(anyhow!("{option} cannot be standard output"))
                .with_remedy("name s3://BUCKET/KEY, file:///PATH or a path"),
        );
    }
    Ok(destination)
}

/// A path as the URL that stands for it.
pub(crate) fn file_url(path: &str, option: &str) -> Result<String, Failure> {
    let absolute = std::path::absolute(path)
        .with_context(|| format!("{option} {path}"))
        .map_err(Failure::usage)?;
    let mut url = format!("file://{}", absolute.display());
    if path.ends_with('/') && !url.ends_with('/') {
        url.push('/');
    }
    Ok(url)
}

/// Publishes a document in place of whatever is there.
///
/// # Errors
/// [`ExitCode::Upload`] with the name.
pub(crate) async fn publish(
    context: &Context,
    destination: &Destination,
    content_type: &str,
    text: String,
) -> Result<(), Failure> {
    let Some(uploader) = uploader(destination, &context.aws, MEMORY).await? else {
        return Err(Failure::usage(anyhow!(
            "standard output is no place for a document"
        )));
    };
    let (bucket, key) = address(destination);
    let mut spec = ObjectSpec::new(bucket, key);
    if matches!(destination, Destination::S3 { .. }) {
        spec = spec.with_content_type(content_type);
        if let Some(key_id) = &context.store.sse_kms_key_id {
            spec = spec.with_encryption(Encryption::Kms {
                key_id: key_id.clone(),
            });
        }
        if let Some(account) = &context.store.expected_bucket_owner {
            spec = spec.with_expected_bucket_owner(account);
        }
    }
    let mut upload = uploader.begin(spec, Guard::Overwrite);
    upload.push(Bytes::from(text)).await?;
    upload.commit().await?;
    tracing::info!(document = %destination, "published");
    Ok(())
}

/// The media type of a report.
pub(crate) const JSON: &str = "application/json";
/// The media type of a page.
pub(crate) const HTML: &str = "text/html; charset=utf-8";
