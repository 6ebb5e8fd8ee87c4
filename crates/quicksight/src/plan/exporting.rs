//! Reads many assets as files.

use futures_util::stream::StreamExt as _;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::api::QuickSight;
use crate::deploy::{self, Context, DeployOptions};
use crate::environment::Environment;
use crate::file::AssetFile;
use crate::id::AssetRef;

use super::PlanError;

/// An asset as a file.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Export {
    /// The file.
    pub file: AssetFile,
    /// What a person should look at.
    pub notes: Vec<String>,
}

/// Reads assets of an account as files, several at once.
#[derive(Debug)]
pub struct Exporting<'a> {
    api: &'a dyn QuickSight,
    environment: &'a Environment,
    options: DeployOptions,
    cancel: CancellationToken,
}

impl<'a> Exporting<'a> {
    /// For an environment, whose symbols the files use.
    pub fn new(api: &'a dyn QuickSight, environment: &'a Environment) -> Self {
        Self {
            api,
            environment,
            options: DeployOptions::default(),
            cancel: CancellationToken::new(),
        }
    }

    /// Sets concurrency, deadline and pauses.
    #[must_use]
    pub fn with_options(mut self, options: DeployOptions) -> Self {
        self.options = options;
        self
    }

    /// Sets what ends it early.
    #[must_use]
    pub fn with_cancel(mut self, cancel: CancellationToken) -> Self {
        self.cancel = cancel;
        self
    }

    /// Reads each asset, by its identifier in the account, and hands it on in the order
    /// given: `None` is one that is not there. One that fails does not end the others,
    /// and is never handed on as one that is empty.
    pub async fn each(
        &self,
        assets: &[AssetRef],
        mut done: impl FnMut(&AssetRef, Result<Option<Export>, PlanError>),
    ) {
        let deadline = Instant::now() + self.options.deadline;
        let context = Context::new(self.api, self.options.patience(), deadline, &self.cancel);
        let mut all = futures_util::stream::iter(assets)
            .map(|asset| async move { (asset, self.one(context, asset).await) })
            .buffered(self.options.concurrency.max(1));
        while let Some((asset, export)) = all.next().await {
            done(asset, export);
        }
    }

    async fn one(
        &self,
        context: Context<'_>,
        asset: &AssetRef,
    ) -> Result<Option<Export>, PlanError> {
        context.check()?;
        let Some(live) = deploy::read(&context, asset, self.environment).await? else {
            return Ok(None);
        };
        match live.file {
            Some(file) => Ok(Some(Export {
                file,
                notes: live.notes,
            })),
            None => Err(PlanError::Unreadable(format!(
                "{asset} cannot be exported: {}",
                live.note().unwrap_or_default()
            ))),
        }
    }
}
