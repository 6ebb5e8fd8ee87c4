//! Where secrets come from.

#[cfg(feature = "aws")]
mod aws;
#[cfg(feature = "aws")]
mod aws_fault;
mod chain;
mod env;
mod file;

use std::fmt::Debug;

use async_trait::async_trait;

#[cfg(feature = "aws")]
pub use aws::AwsSource;
pub use chain::Chain;
pub use env::EnvSource;
pub use file::FileSource;

use crate::{
    error::Error,
    id::{SecretId, Stage},
    raw::RawSecret,
};

/// A place that hands out secrets.
///
/// Implementations do not cache; that is the
/// [`CredentialsCache`](crate::CredentialsCache)'s part. With the feature
/// `testing` the module `testing` has doubles, among them a `mockall` mock.
#[async_trait]
pub trait SecretSource: Send + Sync + Debug {
    /// Reads the version of the secret that has the stage now.
    ///
    /// # Errors
    ///
    /// [`ErrorKind::NotFound`](crate::ErrorKind::NotFound) if there is no such
    /// secret or no version with this stage; other kinds as the failure
    /// demands. An error never holds a value of the secret.
    ///
    /// # Cancel safety
    ///
    /// Reading changes nothing: the future may be dropped at any time.
    async fn fetch(&self, id: &SecretId, stage: &Stage) -> Result<RawSecret, Error>;
}
