//! One login, shared by all connections of a process.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::{sync::Mutex as Turn, time::Instant};

use crate::{
    credentials::{DatabaseCredentials, Overlay},
    error::Error,
    id::{SecretId, Stage},
    rules::TargetRules,
    source::SecretSource,
};

/// No setting needs more than a century, and far less cannot overflow.
const LONGEST: Duration = Duration::from_secs(u32::MAX as u64);

/// How long a login that a rotation has not promoted yet is served.
const BRIDGE_TTL: Duration = Duration::from_secs(60);

/// Keeps one secret's login and reads it again when it is old or refused.
///
/// - **Single flight**: however many tasks ask, one fetch is under way at a
///   time, and all that waited for it share its outcome, be it a failure.
/// - **Generations**: [`invalidate`](Self::invalidate) names the login that a
///   server refused; fifty connections refused with the same one cause one fetch.
/// - **Outages**: when the source cannot be asked, the last login goes on being
///   served until it is `ttl + max_stale` old, and is never taken for fresh. A
///   login that was refused is not served, nor one for which the source has
///   answered no since (gone, access denied, malformed).
/// - A failure is not cached: the next call asks again, except that in an outage
///   with a login to serve, the source is asked every ten seconds only.
#[derive(Debug)]
pub struct CredentialsCache {
    source: Arc<dyn SecretSource>,
    id: SecretId,
    overlay: Overlay,
    rules: TargetRules,
    ttl: Duration,
    jitter: f64,
    max_stale: Duration,
    state: Mutex<State>,
    /// Held while fetching, without `state` being locked. A waiter that is
    /// dropped, or a fetch that is, frees it for the next.
    flight: Turn<()>,
    /// Held while looking for the login that a rotation has put in force.
    pub(crate) rotation: Turn<()>,
}

#[derive(Debug, Default)]
struct State {
    entry: Option<Entry>,
    /// Fetches that came to an end; what a waiter compares.
    ended: u64,
    /// The outcome of the last of them, if it failed.
    failure: Option<Error>,
    /// In an outage: when the source was last asked in vain.
    asked_in_vain: Option<Instant>,
}

#[derive(Debug)]
struct Entry {
    login: Arc<DatabaseCredentials>,
    /// When its fetch began: the login was in force then or later.
    read_at: Instant,
    fresh_for: Duration,
    refused: bool,
}

impl CredentialsCache {
    /// Lifetime of a login unless set otherwise: five minutes.
    pub const DEFAULT_TTL: Duration = Duration::from_secs(300);
    /// Jitter unless set otherwise: up to a tenth.
    pub const DEFAULT_JITTER: f64 = 0.1;
    /// How long past its lifetime a login is served in an outage, unless set
    /// otherwise: one hour.
    pub const DEFAULT_MAX_STALE: Duration = Duration::from_secs(3600);
    /// Pause between two questions to a source that could not be asked, while
    /// there is a login to serve.
    const OUTAGE_PAUSE: Duration = Duration::from_secs(10);

    /// A cache for one secret; nothing is fetched yet.
    pub fn new(source: Arc<dyn SecretSource>, id: SecretId, overlay: Overlay) -> Self {
        Self {
            source,
            id,
            overlay,
            rules: TargetRules::default(),
            ttl: Self::DEFAULT_TTL,
            jitter: Self::DEFAULT_JITTER,
            max_stale: Self::DEFAULT_MAX_STALE,
            state: Mutex::default(),
            flight: Turn::default(),
            rotation: Turn::default(),
        }
    }

    /// Sets how long a login is served before it is read again. Zero reads it
    /// for each call. Default: [`DEFAULT_TTL`](Self::DEFAULT_TTL).
    #[must_use]
    pub fn with_ttl(mut self, ttl: Duration) -> Self {
        self.ttl = ttl.min(LONGEST);
        self
    }

    /// Sets by which part of the lifetime (0 to 1) it may be cut at random, so
    /// that processes started together do not ask together. Values outside, or
    /// not a number, are brought within. Default:
    /// [`DEFAULT_JITTER`](Self::DEFAULT_JITTER).
    #[must_use]
    pub fn with_jitter(mut self, jitter: f64) -> Self {
        self.jitter = if jitter.is_nan() {
            0.0
        } else {
            jitter.clamp(0.0, 1.0)
        };
        self
    }

    /// Sets how long past its lifetime a login is served in an outage. Zero
    /// forbids it. Default: [`DEFAULT_MAX_STALE`](Self::DEFAULT_MAX_STALE).
    #[must_use]
    pub fn with_max_stale(mut self, max_stale: Duration) -> Self {
        self.max_stale = max_stale.min(LONGEST);
        self
    }

    /// Sets rules that every login must pass before it is handed out. Default:
    /// everything is allowed.
    #[must_use]
    pub fn with_rules(mut self, rules: TargetRules) -> Self {
        self.rules = rules;
        self
    }

    /// The login in force, from memory or from the source.
    ///
    /// # Errors
    ///
    /// What the source, the parsing or the rules said, if nothing in memory may
    /// be served instead.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time. A fetch that is dropped leaves nothing behind;
    /// the next waiter makes its own.
    pub async fn current(&self) -> Result<Arc<DatabaseCredentials>, Error> {
        let seen = {
            let state = self.state();
            if let Some(login) = self.usable(&state) {
                return Ok(login);
            }
            state.ended
        };
        let _turn = self.flight.lock().await;
        {
            let state = self.state();
            if let Some(login) = self.usable(&state) {
                return Ok(login);
            }
            // A fetch that ended while this call waited answers it too. Without
            // this, a hundred waiters would fail one time-out after the other.
            if let Some(failure) = state.failure.as_ref().filter(|_| state.ended != seen) {
                return Err(failure.clone());
            }
        }
        let begun = Instant::now();
        let outcome = self.read(&Stage::Current).await;
        self.settle(begun, outcome)
    }

    /// Says that a server refused this login. Unless the cache holds another
    /// one already, the next [`current`](Self::current) asks the source.
    pub fn invalidate(&self, login: &Arc<DatabaseCredentials>) {
        if let Some(entry) = &mut self.state().entry
            && Arc::ptr_eq(&entry.login, login)
        {
            entry.refused = true;
        }
    }

    /// Reads and checks the login that has a stage, past the cache.
    pub(crate) async fn read(&self, stage: &Stage) -> Result<Arc<DatabaseCredentials>, Error> {
        let raw = self.source.fetch(&self.id, stage).await?;
        let login = DatabaseCredentials::parse(&raw, &self.overlay)?;
        self.rules.check(&login)?;
        Ok(Arc::new(login))
    }

    /// Serves a login that a server has just accepted although its stage is not
    /// the current one, for a minute.
    pub(crate) fn adopt(&self, login: Arc<DatabaseCredentials>) {
        self.state().entry = Some(Entry {
            login,
            read_at: Instant::now(),
            fresh_for: self.ttl.min(BRIDGE_TTL),
            refused: false,
        });
    }

    fn settle(
        &self,
        begun: Instant,
        outcome: Result<Arc<DatabaseCredentials>, Error>,
    ) -> Result<Arc<DatabaseCredentials>, Error> {
        let mut guard = self.state();
        let state = &mut *guard;
        state.ended = state.ended.wrapping_add(1);
        let error = match outcome {
            Ok(login) => {
                tracing::debug!(origin = %login.origin(), "the database login was read");
                state.failure = None;
                state.asked_in_vain = None;
                state.entry = Some(Entry {
                    login: Arc::clone(&login),
                    read_at: begun,
                    fresh_for: self.ttl.mul_f64(1.0 - self.jitter * fastrand::f64()),
                    refused: false,
                });
                return Ok(login);
            }
            Err(error) => error,
        };
        state.failure = Some(error.clone());
        if error.kind().is_outage() {
            state.asked_in_vain = Some(Instant::now());
            if let Some(login) = self.usable(state) {
                tracing::warn!(%error, origin = %login.origin(), "the last login is served in an outage");
                return Ok(login);
            }
        } else {
            state.entry = None;
        }
        Err(error)
    }

    /// What may be served without asking: a fresh login, or, in an outage, one
    /// within the bounds.
    fn usable(&self, state: &State) -> Option<Arc<DatabaseCredentials>> {
        let entry = state.entry.as_ref().filter(|entry| !entry.refused)?;
        let age = entry.read_at.elapsed();
        let outage = state
            .asked_in_vain
            .is_some_and(|at| at.elapsed() < Self::OUTAGE_PAUSE);
        let bound = if outage {
            self.ttl + self.max_stale
        } else {
            entry.fresh_for
        };
        (age < bound).then(|| Arc::clone(&entry.login))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing in here panics half-way through a change.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
