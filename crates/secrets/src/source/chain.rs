//! Several sources, the first that has the secret.

use std::sync::Arc;

use async_trait::async_trait;

use super::SecretSource;
use crate::{
    error::{Error, ErrorKind},
    id::{SecretId, Stage},
    raw::{Location, RawSecret},
};

/// Asks sources in turn and takes the secret from the first that has it.
///
/// Only [`ErrorKind::NotFound`] goes on to the next source. Any other error
/// stops: a service that cannot be reached must not let a forgotten local file
/// take its place.
#[derive(Debug)]
pub struct Chain {
    sources: Vec<Arc<dyn SecretSource>>,
}

impl Chain {
    /// A chain of the sources, the preferred one first. An empty chain finds nothing.
    pub fn new(sources: Vec<Arc<dyn SecretSource>>) -> Self {
        Self { sources }
    }
}

#[async_trait]
impl SecretSource for Chain {
    async fn fetch(&self, id: &SecretId, stage: &Stage) -> Result<RawSecret, Error> {
        for source in &self.sources {
            match source.fetch(id, stage).await {
                Err(error) if error.kind() == ErrorKind::NotFound => {
                    tracing::debug!(%error, "the next source of the chain is asked");
                }
                outcome => return outcome,
            }
        }
        let location = Location::Chain {
            sources: self.sources.len(),
        };
        Err(Error::fetch(ErrorKind::NotFound, location, id, stage))
    }
}
