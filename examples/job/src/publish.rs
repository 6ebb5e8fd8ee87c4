//! The publication: object, then tags, then the manifest that speaks for both.

use bytes::Bytes;
use datatransit_dump::ManifestFacts;
use datatransit_s3upload::{Guard, Upload, Uploader};

use crate::Failure;
use crate::destination::Destination;
use crate::job::{Job, Source};
use crate::program::Product;
use crate::summary::Summary;

/// What is published, and what is said about it.
pub(crate) struct Publication<'a, S, P> {
    pub(crate) job: &'a Job,
    pub(crate) source: &'a Source<S>,
    pub(crate) product: &'a P,
    /// Why it is not valid; empty when it is.
    pub(crate) reasons: &'a [String],
}

/// Commits the object, sets its tags, commits the manifest.
///
/// Readers trust only the manifest, so a run that ends between the steps has
/// published nothing that counts.
pub(crate) async fn publish<S, P: Product>(
    publication: &Publication<'_, S, P>,
    upload: Upload,
    uploader: Option<&Uploader>,
    manifest_uploader: Option<&Uploader>,
    summary: &mut Summary,
) -> Result<(), Failure> {
    let job = publication.job;
    let receipt = upload.commit().await?;
    summary.published(&receipt);
    let mut facts = publication.facts();
    let etag = receipt.etag.as_deref();
    facts.dump_etag = etag.map(|etag| etag.trim_matches('"').to_owned());
    // Only S3 has tags.
    if let (Destination::S3 { bucket, key, .. }, Some(uploader)) = (&job.destination, uploader) {
        uploader.put_tags(bucket, key, &tags(job, &facts)).await?;
    }
    if let (Some(destination), Some(uploader)) = (&job.manifest, manifest_uploader) {
        let spec = job.args.object.spec(destination, "application/json");
        // Overwritten whatever is there: an older one does not speak for this object.
        let mut upload = uploader.begin(spec, Guard::Overwrite);
        let manifest = publication.product.manifest(facts);
        upload.push(Bytes::from(manifest)).await?;
        upload.commit().await?;
        summary.manifest_published = true;
    }
    Ok(())
}

impl<S, P> Publication<'_, S, P> {
    fn facts(&self) -> ManifestFacts {
        let job = self.job;
        let mut facts = ManifestFacts::default();
        facts.run_id = job.run_id.to_string();
        facts.dump_date = job.when.date();
        facts.dump_key = job.destination.key();
        facts.source_host = self.source.login.host().to_owned();
        facts.source_port = self.source.login.port();
        // The rules were asked before the first socket, required tables before the
        // first byte: what got here comes from the right source.
        facts.source_valid = true;
        facts.invalid_reasons = self.reasons.to_vec();
        facts.time_zone.clone_from(&job.when.zone_name);
        facts.datetime_zone.clone_from(&job.datetime_zone);
        facts
    }
}

/// All of them at once: S3 replaces an object's tags as a whole.
fn tags(job: &Job, facts: &ManifestFacts) -> Vec<(String, String)> {
    let valid = facts.source_valid && facts.invalid_reasons.is_empty();
    let own = [
        ("valid_for_etl", valid.to_string()),
        ("source_valid", facts.source_valid.to_string()),
        ("run_id", facts.run_id.clone()),
    ];
    let given = job.args.object.tag.iter();
    given
        .filter(|tag| own.iter().all(|(name, _)| *name != tag.name))
        .map(|tag| (tag.name.clone(), tag.value.clone()))
        .chain(
            own.iter()
                .map(|(name, value)| ((*name).to_owned(), value.clone())),
        )
        .collect()
}
