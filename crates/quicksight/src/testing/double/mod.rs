//! A double of the service: HTTP on 127.0.0.1, the real protocol, the service's semantics.
//!
//! It shares no code with this crate: a double which reads and writes JSON as the code under
//! test does would prove nothing. It is strict where the service is, and stricter where the
//! service is silent: signatures are verified over the bytes that arrive, bounds and patterns
//! are the model's, and an exception which the model does not give an operation is never answered.
//!
//! ```
//! use datatransit_quicksight::testing::double::{DoubleOptions, QuickSightDouble};
//!
//! let double = QuickSightDouble::start(DoubleOptions::default()).expect("a free port");
//! let data_set = double.add_data_set("daily_activity", &["day:DATETIME", "team", "hours:DECIMAL"]);
//! assert!(double.endpoint_url().starts_with("http://127.0.0.1:"));
//! # let _ = data_set;
//! ```
//!
//! # What is a choice
//!
//! The service's documents leave some points open. Here:
//! - the published version of a dashboard, and its only one, cannot be deleted;
//! - publishing a version in progress is a conflict, publishing a failed one an invalid parameter;
//! - an action for a principal cannot be granted and revoked in one call;
//! - themes and folders, whose operations model no conflict, are never in conflict;
//! - data sets may be deleted while dashboards use them;
//! - an ingestion beside a running one waits in its queue;
//! - what a change of a data set loads does not count towards the quota of refreshes.
//!
//! Templates, topics and asset bundles are not there.

mod analysis;
mod clock;
mod controls;
mod dashboard;
mod dataset;
mod datasource;
mod definition;
mod faults;
mod fixtures;
mod folder;
mod identity;
mod journal;
mod operations;
mod options;
mod permissions;
mod progress;
mod protocol;
mod readings;
mod search;
mod server;
mod service;
mod state;
mod tags;
mod theme;
mod vpc;

use std::fmt;
use std::io;
use std::sync::{Arc, MutexGuard};

pub use dataset::{IngestionEnd, IngestionScript};
pub use faults::{Fault, FaultKind, Throttle};
pub use journal::Call;
pub use options::{DoubleOptions, NameShows, Pace};
pub use progress::AssetError;
pub use state::Kind;

use server::Server;
use service::Service;
use state::State;

/// A running double. Dropping it closes its port and all connections, without waiting.
pub struct QuickSightDouble {
    service: Arc<Service>,
    server: Server,
    account_id: String,
    region: String,
    credentials: (String, String),
}

impl QuickSightDouble {
    /// Listens on a free port of 127.0.0.1, with a runtime of its own.
    ///
    /// # Errors
    ///
    /// When there is no port or no thread to have.
    pub fn start(options: DoubleOptions) -> io::Result<Self> {
        let (account_id, region) = (options.account_id.clone(), options.region.clone());
        let credentials = (
            options.access_key_id.clone(),
            options.secret_access_key.clone(),
        );
        let service = Arc::new(Service::new(State::new(options)));
        let answers: Arc<Service> = Arc::clone(&service);
        Ok(Self {
            service,
            server: Server::start(answers)?,
            account_id,
            region,
            credentials,
        })
    }

    /// `http://127.0.0.1:PORT`.
    #[must_use]
    pub fn endpoint_url(&self) -> String {
        format!("http://{}", self.server.address)
    }

    /// The only account it knows.
    #[must_use]
    pub fn account_id(&self) -> &str {
        &self.account_id
    }

    /// The region of its assets, for which requests must be signed.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.region
    }

    /// The access key it takes, and that key's secret, which protects nothing.
    #[must_use]
    pub fn credentials(&self) -> (&str, &str) {
        (&self.credentials.0, &self.credentials.1)
    }

    /// Environment variables that lead an AWS client here.
    #[must_use]
    pub fn environment(&self) -> Vec<(&'static str, String)> {
        let (key, secret) = self.credentials();
        vec![
            ("AWS_ENDPOINT_URL_QUICKSIGHT", self.endpoint_url()),
            ("AWS_ACCESS_KEY_ID", key.to_owned()),
            ("AWS_SECRET_ACCESS_KEY", secret.to_owned()),
            ("AWS_REGION", self.region.clone()),
            ("AWS_DEFAULT_REGION", self.region.clone()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ]
    }

    /// The state, with all that is due done.
    fn state(&self) -> MutexGuard<'_, State> {
        let mut state = self.service.state();
        state.settle();
        state
    }
}

impl fmt::Debug for QuickSightDouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("QuickSightDouble")
            .field("address", &self.server.address)
            .field("account_id", &self.account_id)
            .field("region", &self.region)
            .finish_non_exhaustive()
    }
}
