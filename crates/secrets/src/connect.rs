//! Connecting while the password is being changed.

use std::{future::Future, sync::Arc, time::Duration};

use tokio::time::Instant;

use crate::{cache::CredentialsCache, credentials::DatabaseCredentials, error::Error, id::Stage};

/// Bounds of [`CredentialsCache::connect`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ConnectPolicy {
    /// How often in all a server may refuse the login before the call gives up,
    /// one at least. Servers lock accounts and block hosts after too many.
    /// Default: 5.
    pub max_refusals: u32,
    /// How long the call may go on. It is looked at before each pause: an
    /// attempt under way is not cut short. Default: two minutes.
    pub budget: Duration,
    /// The first pause; each further one is twice as long. Default: two seconds.
    pub first_pause: Duration,
    /// The longest pause. Default: thirty seconds.
    pub longest_pause: Duration,
}

impl Default for ConnectPolicy {
    fn default() -> Self {
        Self {
            max_refusals: 5,
            budget: Duration::from_secs(120),
            first_pause: Duration::from_secs(2),
            longest_pause: Duration::from_secs(30),
        }
    }
}

impl ConnectPolicy {
    /// Sets how often the login may be refused.
    #[must_use]
    pub fn with_max_refusals(mut self, max_refusals: u32) -> Self {
        self.max_refusals = max_refusals;
        self
    }

    /// Sets how long the call may go on.
    #[must_use]
    pub fn with_budget(mut self, budget: Duration) -> Self {
        self.budget = budget;
        self
    }
}

/// Why no connection was made.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConnectError<E> {
    /// There is no login to connect with.
    #[error("get the database login")]
    Credentials {
        /// Why.
        source: Error,
    },
    /// Connecting failed for another reason than the login.
    #[error("connect to the database")]
    Open {
        /// The error as the opening function gave it.
        source: E,
    },
    /// Every login that the source has was refused.
    #[error("log in to the database: refused {refusals} times with the secret's versions")]
    #[non_exhaustive]
    LoginRefused {
        /// How often.
        refusals: u32,
        /// The last refusal, as the opening function gave it.
        source: E,
    },
}

impl CredentialsCache {
    /// Opens a connection, and finds the right login while it is being rotated.
    ///
    /// A rotation changes the password in the database first and moves the label
    /// `AWSCURRENT` afterwards; in between, the current version of the secret is
    /// refused. When `open` fails and `is_refusal` says that the login is why
    /// (for MySQL: error 1045 or 1698), the call
    ///
    /// 1. reads `AWSCURRENT` again and tries it if it has changed,
    /// 2. tries `AWSPENDING`, which the database already wants in the midst of a
    ///    rotation,
    /// 3. tries `AWSPREVIOUS`, which a replica that lags may still want,
    /// 4. pauses and begins again, within the policy's bounds.
    ///
    /// A stage that cannot be read, or that holds a login refused in the same
    /// round, is skipped. A login found under 2 or 3 is what
    /// [`current`](Self::current) serves for the next minute, so that other
    /// connections need not look for it. Tasks look one at a time. The bounds
    /// hold per call.
    ///
    /// # Errors
    ///
    /// [`ConnectError`]. Any failure of `open` that is not a refusal ends the
    /// call at once.
    ///
    /// # Cancel safety
    ///
    /// May be dropped at any time; what `open` began is dropped with it.
    pub async fn connect<C, E, F, Fut>(
        &self,
        mut open: F,
        is_refusal: impl Fn(&E) -> bool,
        policy: &ConnectPolicy,
    ) -> Result<C, ConnectError<E>>
    where
        F: FnMut(Arc<DatabaseCredentials>) -> Fut,
        Fut: Future<Output = Result<C, E>>,
    {
        let begun = Instant::now();
        let mut refusals = 0;
        let mut pause = policy.first_pause;
        loop {
            // All that were refused in this round.
            let mut tried: Vec<Arc<DatabaseCredentials>> = Vec::new();
            let mut turn = None;
            let mut refusal = None;
            for step in Step::ALL {
                let found = self.candidate(step, &mut turn, tried.first()).await;
                let Some(login) = found.map_err(|source| ConnectError::Credentials { source })?
                else {
                    continue;
                };
                if tried.iter().any(|other| other.is_same_login(&login)) {
                    tried.push(login);
                    continue;
                }
                match open(Arc::clone(&login)).await {
                    Ok(connection) => {
                        if matches!(step, Step::Other(_)) {
                            tracing::info!(origin = %login.origin(), "the login of another stage is in force");
                            self.adopt(login);
                        }
                        return Ok(connection);
                    }
                    Err(source) if !is_refusal(&source) => {
                        return Err(ConnectError::Open { source });
                    }
                    Err(source) => {
                        refusals += 1;
                        tracing::warn!(origin = %login.origin(), refusals, "the database refused the login");
                        if refusals >= policy.max_refusals {
                            return Err(ConnectError::LoginRefused { refusals, source });
                        }
                        refusal = Some(source);
                        tried.push(login);
                    }
                }
            }
            drop(turn);
            // The next round begins with what the source says by then.
            tried.iter().for_each(|login| self.invalidate(login));
            if let Some(source) = refusal
                && begun.elapsed().saturating_add(pause) > policy.budget
            {
                return Err(ConnectError::LoginRefused { refusals, source });
            }
            tokio::time::sleep(pause).await;
            pause = pause.saturating_mul(2).min(policy.longest_pause);
        }
    }

    /// The login to try at a step; none if there is none.
    async fn candidate<'a>(
        &'a self,
        step: Step,
        turn: &mut Option<tokio::sync::MutexGuard<'a, ()>>,
        refused: Option<&Arc<DatabaseCredentials>>,
    ) -> Result<Option<Arc<DatabaseCredentials>>, Error> {
        match step {
            Step::Cached => self.current().await.map(Some),
            Step::Refreshed => {
                let Some(refused) = refused else {
                    return Ok(None);
                };
                self.invalidate(refused);
                let waited = self.rotation.lock().await;
                // Whoever had the turn before may have found the login.
                let login = self.current().await?;
                if login.is_same_login(refused) {
                    *turn = Some(waited);
                }
                Ok(Some(login))
            }
            Step::Other(stage) => {
                if turn.is_none() {
                    *turn = Some(self.rotation.lock().await);
                }
                let login = self.read(stage).await.inspect_err(|error| {
                    tracing::debug!(%error, "this stage offers no login");
                });
                Ok(login.ok())
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Step {
    Cached,
    Refreshed,
    Other(&'static Stage),
}

impl Step {
    const ALL: [Self; 4] = [
        Self::Cached,
        Self::Refreshed,
        Self::Other(&Stage::Pending),
        Self::Other(&Stage::Previous),
    ];
}
