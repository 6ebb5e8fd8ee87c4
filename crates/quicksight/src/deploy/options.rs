//! How a deploy behaves.

use std::time::Duration;

use super::context::Patience;

/// Settings of a deploy. Change what matters, and leave the rest:
///
/// ```
/// use std::time::Duration;
/// use datatransit_quicksight::deploy::DeployOptions;
///
/// let mut options = DeployOptions::default();
/// options.deadline = Duration::from_secs(600);
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct DeployOptions {
    /// Assets under way at once. Default: 4.
    pub concurrency: usize,
    /// How long the whole may take. Default: 30 minutes. What is under way then ends
    /// at a place from which the next run goes on.
    pub deadline: Duration,
    /// How long an asset whose new version is published may go on beyond the
    /// deadline, or until the old one is brought back. Default: 2 minutes.
    pub grace: Duration,
    /// How long a change of the same asset by somebody else is waited for. Default:
    /// 2 minutes.
    pub conflict_patience: Duration,
    /// The first pause between two looks or attempts; later ones are longer.
    /// Default: 1 second.
    pub first_pause: Duration,
    /// The longest such pause. Default: 10 seconds.
    pub longest_pause: Duration,
    /// What becomes of an asset that is read back otherwise than it was sent.
    pub on_mismatch: OnMismatch,
}

impl Default for DeployOptions {
    fn default() -> Self {
        Self {
            concurrency: 4,
            deadline: Duration::from_secs(30 * 60),
            grace: Duration::from_secs(2 * 60),
            conflict_patience: Duration::from_secs(2 * 60),
            first_pause: Duration::from_secs(1),
            longest_pause: Duration::from_secs(10),
            on_mismatch: OnMismatch::default(),
        }
    }
}

impl DeployOptions {
    pub(crate) const fn patience(&self) -> Patience {
        Patience {
            first: self.first_pause,
            longest: self.longest_pause,
            in_all: self.conflict_patience,
        }
    }
}

/// What becomes of an asset that is read back otherwise than it was sent. It is an
/// error either way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum OnMismatch {
    /// What was before is brought back.
    #[default]
    RollBack,
    /// The new version stays published.
    Keep,
}
