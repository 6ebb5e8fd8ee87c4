//! Asking for everything that makes a file.

use std::{collections::BTreeMap, fmt::Display, sync::Arc};

use futures_util::{StreamExt as _, stream};

use super::{Export, ExportCause, ExportError, Exported, SkipReason, Skipped};
use crate::{
    api::{ApiError, QuickSight, ResourceStatus, Summary, VersionRef, list_all},
    environment::Environment,
    file::AssetFile,
    id::{AssetKind, AssetRef},
    json::Json,
    normalize::{Answers, normalize},
    symbols::Symbols,
    wait::{Patience, WaitError, retry},
};

/// Exports assets of one environment.
///
/// A dashboard costs five calls, whatever its size: its description, the definition of
/// the version described (so that both speak of the same one, whoever publishes in
/// between), its permissions, tags and folders. Calls that are throttled are made again
/// until the deadline.
///
/// ```no_run
/// use std::{sync::Arc, time::Duration};
/// use datatransit_quicksight::{AssetKind, Environment, FileStore, QuickSight, export::Exporter, wait::Patience};
///
/// # async fn example(api: Arc<dyn QuickSight>, environment: Environment) -> Result<(), Box<dyn std::error::Error>> {
/// let exporter = Exporter::new(api, environment).with_concurrency(4);
/// let patience = Patience::within(Duration::from_secs(600));
/// let export = exporter.export_all(&[AssetKind::Dashboard], &patience).await?;
/// let store = FileStore::new("dashboards");
/// for done in &export.exported {
///     store.write(&done.file)?;
/// }
/// for error in &export.failed {
///     eprintln!("{error}");
/// }
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct Exporter {
    api: Arc<dyn QuickSight>,
    environment: Environment,
    concurrency: usize,
    version: VersionRef,
    earlier: BTreeMap<AssetRef, AssetFile>,
}

impl Exporter {
    /// Exports from this environment: the published versions, four assets at a time.
    pub fn new(api: Arc<dyn QuickSight>, environment: Environment) -> Self {
        Self {
            api,
            environment,
            concurrency: 4,
            version: VersionRef::Published,
            earlier: BTreeMap::new(),
        }
    }

    /// Sets how many assets are asked for at a time; at least one.
    #[must_use]
    pub fn with_concurrency(mut self, assets: usize) -> Self {
        self.concurrency = assets.max(1);
        self
    }

    /// Sets which version of dashboards is exported.
    #[must_use]
    pub fn with_version(mut self, version: VersionRef) -> Self {
        self.version = version;
        self
    }

    /// Gives the files that were there before: what cannot be read from the service,
    /// and the spelling of symbols, are taken over from them. Their assets can be
    /// referred to by symbols.
    #[must_use]
    pub fn with_earlier(mut self, files: impl IntoIterator<Item = AssetFile>) -> Self {
        self.earlier
            .extend(files.into_iter().map(|file| (file.asset(), file)));
        self
    }

    /// The environment.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Exports one asset, by its identifier in the account.
    ///
    /// # Errors
    ///
    /// [`ExportError`]; also for a definition that the service describes as broken.
    pub async fn export(
        &self,
        asset: &AssetRef,
        patience: &Patience,
    ) -> Result<Exported, ExportError> {
        let environment = self.known([asset]);
        self.one(asset.clone(), &environment, patience).await
    }

    /// Exports these assets, by their identifiers in the account. One that fails
    /// does not keep back the others.
    pub async fn export_these(&self, assets: &[AssetRef], patience: &Patience) -> Export {
        let environment = self.known(assets);
        let mut export = Export::default();
        self.many(assets.to_vec(), &environment, patience, &mut export)
            .await;
        export
    }

    /// Exports every asset of these kinds that has the environment's prefix.
    ///
    /// # Errors
    ///
    /// When a list cannot be read to its end. Failures of single assets are in the
    /// result.
    pub async fn export_all(
        &self,
        kinds: &[AssetKind],
        patience: &Patience,
    ) -> Result<Export, WaitError> {
        let mut export = Export::default();
        let mut assets = Vec::new();
        for kind in kinds {
            for summary in self.list(*kind, patience).await? {
                let asset = AssetRef::new(*kind, summary.id);
                let reason = if summary.status == Some(ResourceStatus::Deleted) {
                    SkipReason::Deleted
                } else if self.environment.logical_id(&asset.id).is_none() {
                    SkipReason::OtherPrefix
                } else {
                    assets.push(asset);
                    continue;
                };
                export.skipped.push(Skipped { asset, reason });
            }
        }
        assets.sort();
        assets.dedup();
        let environment = self.known(&assets);
        self.many(assets, &environment, patience, &mut export).await;
        Ok(export)
    }

    /// Lists the assets of a kind, of all pages, trying again until the deadline.
    ///
    /// # Errors
    ///
    /// When the list cannot be read to its end: never a part of it.
    pub async fn list(
        &self,
        kind: AssetKind,
        patience: &Patience,
    ) -> Result<Vec<Summary>, WaitError> {
        let subject = format!("the list of every {kind}");
        retry(patience, subject, |_| false, || list_all(&*self.api, kind)).await
    }

    /// The environment with symbols for what is exported and what has a file.
    fn known<'a>(&self, assets: impl IntoIterator<Item = &'a AssetRef>) -> Environment {
        let logical: Vec<_> = assets
            .into_iter()
            .filter_map(|asset| {
                let id = self.environment.logical_id(&asset.id)?;
                Some(AssetRef::new(asset.kind, id))
            })
            .collect();
        let environment = self.environment.clone();
        environment.with_assets(logical.iter().chain(self.earlier.keys()))
    }

    async fn many(
        &self,
        assets: Vec<AssetRef>,
        environment: &Environment,
        patience: &Patience,
        export: &mut Export,
    ) {
        let ends = stream::iter(assets)
            .map(|asset| self.one(asset, environment, patience))
            .buffered(self.concurrency);
        let mut ends = std::pin::pin!(ends);
        while let Some(end) = ends.next().await {
            match end {
                Ok(exported) => export.exported.push(exported),
                Err(error) => export.failed.push(error),
            }
        }
    }

    async fn one(
        &self,
        asset: AssetRef,
        environment: &Environment,
        patience: &Patience,
    ) -> Result<Exported, ExportError> {
        match self.read(&asset, environment, patience).await {
            Ok(exported) => Ok(exported),
            Err(cause) => Err(ExportError { asset, cause }),
        }
    }

    async fn read(
        &self,
        asset: &AssetRef,
        environment: &Environment,
        patience: &Patience,
    ) -> Result<Exported, ExportCause> {
        let (answers, version) = self.ask(asset, patience).await?;
        let symbols = Symbols::new(environment);
        let normalized = normalize(asset, answers, &symbols)?;
        let mut file = normalized.file;
        if let Some(earlier) = self.earlier.get(&file.asset()) {
            file = file.with_earlier(earlier, &symbols);
        }
        Ok(Exported {
            asset: asset.clone(),
            file,
            version,
            notes: normalized.notes,
        })
    }

    async fn ask(
        &self,
        asset: &AssetRef,
        patience: &Patience,
    ) -> Result<(Answers, Option<u64>), ExportCause> {
        let AssetRef { kind, id } = asset;
        let kind = *kind;
        let api = &*self.api;
        let mut version = None;
        let description = if kind == AssetKind::Dashboard {
            let (description, number) = self.dashboard(asset, patience).await?;
            version = Some(number);
            description
        } else {
            again(patience, asset, || api.describe(kind, id)).await?
        };
        if description.text("Status") == Some("DELETED") {
            return Err(ExportCause::Status(ResourceStatus::Deleted));
        }
        let arn = description.text("Arn").map_or_else(
            || self.environment.arn_of(kind, id).to_string(),
            str::to_owned,
        );
        let definition = match kind {
            AssetKind::Dashboard | AssetKind::Analysis => {
                let version = version.map_or(VersionRef::Latest, VersionRef::Number);
                let ask = || api.definition(kind, id, version);
                Some(again(patience, asset, ask).await?)
            }
            _ => None,
        };
        let permissions = again(patience, asset, || api.permissions(kind, id)).await?;
        let tags = again(patience, asset, || api.tags(&arn)).await?;
        let folders = match kind.folder_member_type() {
            Some(_) => again(patience, asset, || api.folders_of(&arn)).await?,
            None => Vec::new(),
        };
        let mut answers = Answers {
            description,
            definition,
            permissions,
            tags,
            folders,
            ..Answers::default()
        };
        // A data set that queries directly answers these two with an error.
        let spice = answers.description.text("ImportMode") == Some("SPICE");
        if kind == AssetKind::DataSet && spice {
            let properties = again(patience, asset, || api.refresh_properties(id));
            answers.refresh_properties = properties.await?;
            answers.schedules = again(patience, asset, || api.schedules(id)).await?;
        }
        Ok((answers, version))
    }

    /// A dashboard's description and the number of the version it is of.
    async fn dashboard(
        &self,
        asset: &AssetRef,
        patience: &Patience,
    ) -> Result<(Json, u64), ExportCause> {
        let (api, id) = (&*self.api, &asset.id);
        let number = match self.version {
            VersionRef::Published => {
                let ask = || api.describe(AssetKind::Dashboard, id);
                let description = again(patience, asset, ask).await?;
                let number = description.pointer("/Version/VersionNumber");
                let Some(number) = number.and_then(Json::as_u64) else {
                    let problem = "no `Version.VersionNumber` in it";
                    let error = ApiError::malformed("DescribeDashboard", asset, problem);
                    return Err(ExportCause::Api(Box::new(error)));
                };
                return Ok((description, number));
            }
            VersionRef::Number(number) => number,
            VersionRef::Latest => {
                let versions = again(patience, asset, || api.versions(id)).await?;
                let Some(latest) = versions.last() else {
                    let problem = "no version in the list";
                    let error = ApiError::malformed("ListDashboardVersions", asset, problem);
                    return Err(ExportCause::Api(Box::new(error)));
                };
                latest.version
            }
        };
        let ask = || api.describe_version(id, number);
        Ok((again(patience, asset, ask).await?, number))
    }
}

async fn again<T, Fut>(
    patience: &Patience,
    subject: impl Display,
    ask: impl FnMut() -> Fut,
) -> Result<T, ExportCause>
where
    Fut: Future<Output = Result<T, ApiError>>,
{
    Ok(retry(patience, subject, |_| false, ask).await?)
}
