//! The refresh: planned, started, followed to the end.

mod drive;
mod follow;
mod history;
mod start;

use std::{fmt, sync::Arc};

use datatransit_quicksight::{Access, Assets, Refreshing};
// Futures of the rooms behind are boxed: the compiler does not see through so many that
// they are `Send`.
use futures_util::FutureExt as _;
use jiff::Timestamp;
use tokio::time::Instant;

use crate::{
    config::{ConfigError, RefreshConfig},
    gate::{GateError, GateOpened, Objects},
    graph::Cycle,
    ids::Trigger,
    limiter::{Limiter, Pace},
    observe::{Observer, Silent},
    report::Report,
    run::{Run, TokenError},
    select::select,
};

/// What a refresh needs of QuickSight. Implemented for whatever implements the three
/// traits: [`AwsQuickSight`](datatransit_quicksight::AwsQuickSight), and the mock.
pub trait Spice: Assets + Access + Refreshing {}

impl<T: Assets + Access + Refreshing + ?Sized> Spice for T {}

/// Refreshes data sets in SPICE.
///
/// One value is good for any number of runs; calls of all of them share one pace.
#[derive(Clone)]
pub struct Refresh {
    api: Arc<dyn Spice>,
    objects: Option<Arc<dyn Objects>>,
    observer: Arc<dyn Observer>,
    pace: Pace,
    limiter: Arc<Limiter>,
    clock: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl Refresh {
    /// Refreshes data sets of this account and region.
    pub fn new(api: Arc<dyn Spice>) -> Self {
        let pace = Pace::default();
        Self {
            api,
            objects: None,
            observer: Arc::new(Silent),
            limiter: Arc::new(Limiter::new(&pace)),
            pace,
            clock: Arc::new(Timestamp::now),
        }
    }

    /// Sets where the gate's manifests are read.
    #[must_use]
    pub fn with_objects(mut self, objects: Arc<dyn Objects>) -> Self {
        self.objects = Some(objects);
        self
    }

    /// Sets who is told what happens.
    #[must_use]
    pub fn with_observer(mut self, observer: Arc<dyn Observer>) -> Self {
        self.observer = observer;
        self
    }

    /// Sets how often the service is asked.
    #[must_use]
    pub fn with_pace(mut self, pace: Pace) -> Self {
        self.limiter = Arc::new(Limiter::new(&pace));
        self.pace = pace;
        self
    }

    /// Sets the clock that quotas, dates and the age of manifests are reckoned by.
    /// Default: the system's. Waits are on tokio's clock.
    #[must_use]
    pub fn with_clock(mut self, clock: Arc<dyn Fn() -> Timestamp + Send + Sync>) -> Self {
        self.clock = clock;
        self
    }

    /// Does all of it: waits for the gate, if one is configured, plans, starts, and waits
    /// until every data set is done or time is over.
    ///
    /// Data sets that fail are no error of this call: see the report.
    ///
    /// # Errors
    ///
    /// [`RefreshError`], before anything was started.
    ///
    /// # Cancel safety
    ///
    /// A dropped future leaves ingestions under way. A run of the same trigger finds them
    /// again.
    pub async fn run(
        &self,
        config: RefreshConfig,
        trigger: Trigger,
    ) -> Result<Report, RefreshError> {
        config.check()?;
        self.gate(&config, &trigger).await?;
        let mut run = self.plan(config, trigger).await?;
        self.wait(&mut run, None).await;
        Ok(run.report())
    }

    /// Waits until the gate opens; at once, with `None`, when none is configured.
    ///
    /// # Errors
    ///
    /// [`RefreshError::Gate`] when its patience is over, and for what waiting cannot mend.
    ///
    /// # Cancel safety
    ///
    /// Only reads.
    pub async fn gate(
        &self,
        config: &RefreshConfig,
        trigger: &Trigger,
    ) -> Result<Option<GateOpened>, RefreshError> {
        let Some(gate) = &config.gate else {
            return Ok(None);
        };
        let objects = self.objects.as_deref().ok_or(GateError::NoObjects)?;
        let opened = gate
            .wait(objects, trigger.day(), &*self.clock, &*self.observer)
            .boxed()
            .await?;
        Ok(Some(opened))
    }

    /// Finds out which data sets are meant and in which order, and starts nothing.
    ///
    /// What is not found is an entry of the report, and no error.
    ///
    /// # Errors
    ///
    /// [`RefreshError::Config`] and [`RefreshError::Cycle`].
    ///
    /// # Cancel safety
    ///
    /// Only reads.
    pub async fn plan(&self, config: RefreshConfig, trigger: Trigger) -> Result<Run, RefreshError> {
        config.check()?;
        let now = (self.clock)();
        let selected = select(&*self.api, &config.data_sets).boxed().await;
        Ok(Run::new(config, trigger, selected, now)?)
    }

    /// Starts what can be started now, and waits for no ingestion: up to
    /// `concurrency`, and nothing that is built on what is not done yet.
    ///
    /// # Cancel safety
    ///
    /// As [`wait`](Self::wait).
    pub async fn start(&self, run: &mut Run) {
        self.drive(run, drive::Mode::StartOnly, None).boxed().await;
    }

    /// Goes on: starts what is left, and waits until every data set is done, until the
    /// run's deadline has passed, or until `until`, whichever comes first. In the last
    /// case [`Run::is_over`] is false, and another call goes on.
    ///
    /// # Cancel safety
    ///
    /// The run is at any time as far as it was seen. Dropped within a call that starts an
    /// ingestion, it may have been started: the next call finds it by its identifier.
    pub async fn wait(&self, run: &mut Run, until: Option<Instant>) {
        self.drive(run, drive::Mode::ToTheEnd, until).boxed().await;
    }

    /// Cancels the ingestions which this run has started and which are under way, waits a
    /// minute at most for each until it is over, and ends the run.
    ///
    /// # Cancel safety
    ///
    /// Those that were asked to end will.
    pub async fn cancel(&self, run: &mut Run) {
        self.drive(run, drive::Mode::Cancel, None).boxed().await;
    }

    /// Reads a token, as [`Run::from_token`], by this value's clock.
    ///
    /// # Errors
    ///
    /// [`RefreshError::Token`].
    pub fn resume(&self, token: &str) -> Result<Run, RefreshError> {
        Ok(Run::from_token_at(token, (self.clock)())?)
    }
}

impl fmt::Debug for Refresh {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Refresh")
            .field("api", &self.api)
            .field("objects", &self.objects)
            .field("pace", &self.pace)
            .finish_non_exhaustive()
    }
}

/// Why nothing was started.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RefreshError {
    /// The configuration cannot be used.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// Data sets are built on each other in a circle.
    #[error(transparent)]
    Cycle(#[from] Cycle),
    /// The gate did not open.
    #[error(transparent)]
    Gate(#[from] GateError),
    /// The text is no resume token.
    #[error(transparent)]
    Token(#[from] TokenError),
}
