//! The publication: object, then tags, then the manifest that speaks for both.

use bytes::Bytes;
use datatransit_dump::{DumpReport, Manifest, ManifestFacts};
use datatransit_job::Failure;
use datatransit_job::destination::Destination;
use datatransit_s3upload::{Guard, Upload, Uploader};

use crate::job::{Job, Target};
use crate::summary::Summary;

/// What is published, and what is said about it.
pub(crate) struct Publication<'a> {
    pub(crate) job: &'a Job,
    pub(crate) target: &'a Target,
    pub(crate) report: &'a DumpReport,
    /// Why the dump is not valid; empty when it is.
    pub(crate) reasons: &'a [String],
}

/// Commits the object, sets its tags, commits the manifest.
///
/// Readers trust only the manifest, so a run that ends between the steps has
/// published nothing that counts.
pub(crate) async fn publish(
    publication: &Publication<'_>,
    upload: Upload,
    uploader: Option<&Uploader>,
    manifest_uploader: Option<&Uploader>,
    summary: &mut Summary,
) -> Result<(), Failure> {
    let job = publication.job;
    let receipt = upload.commit().await?;
    summary.published(&receipt);
    let manifest = publication.manifest();
    // Only S3 has tags.
    if let (Destination::S3 { bucket, key, .. }, Some(uploader)) = (&job.destination, uploader) {
        uploader
            .put_tags(bucket, key, &publication.tags(&manifest))
            .await?;
    }
    if let (Some(destination), Some(uploader)) = (&job.manifest, manifest_uploader) {
        let spec = job.cli.object.spec(destination, "application/json");
        // Overwritten whatever is there: an older one does not speak for this dump.
        let mut upload = uploader.begin(spec, Guard::Overwrite);
        upload.push(Bytes::from(manifest.to_json())).await?;
        upload.commit().await?;
        summary.manifest_published = true;
    }
    Ok(())
}

impl Publication<'_> {
    fn manifest(&self) -> Manifest {
        let job = self.job;
        let mut facts = ManifestFacts::default();
        facts.run_id = job.run_id.to_string();
        facts.dump_date = job.when.date();
        facts.dump_key = job.destination.key();
        facts.source_host = self.target.login.host().to_owned();
        facts.source_port = self.target.login.port();
        // The rules were asked before the first socket, the required tables
        // before the first byte: a dump that got here comes from the right source.
        facts.source_valid = true;
        facts.invalid_reasons = self.reasons.to_vec();
        facts.time_zone.clone_from(&job.when.zone_name);
        facts.datetime_zone.clone_from(&job.datetime_zone);
        Manifest::new(self.report, facts)
    }

    /// All of them at once: S3 replaces an object's tags as a whole.
    fn tags(&self, manifest: &Manifest) -> Vec<(String, String)> {
        let own = [
            ("valid_for_etl", manifest.valid_for_etl.to_string()),
            ("source_valid", manifest.source_valid.to_string()),
            ("run_id", self.job.run_id.to_string()),
        ];
        let given = self.job.cli.object.tag.iter();
        given
            .filter(|tag| own.iter().all(|(name, _)| *name != tag.name))
            .map(|tag| (tag.name.clone(), tag.value.clone()))
            .chain(
                own.iter()
                    .map(|(name, value)| ((*name).to_owned(), value.clone())),
            )
            .collect()
    }
}
