//! What a dump would do.

use super::Dump;
use crate::error::Error;
use crate::failures::Failures;
use crate::plan::Plan;
use crate::report::{ServerIdentity, SnapshotKind};
use crate::source::{Held, Session, read_identity};

/// What a dump would do, found out without reading a row.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Preview {
    /// The server.
    pub server: ServerIdentity,
    /// How consistency would be had.
    pub snapshot: SnapshotKind,
    /// The tables whose rows would be read, in the dump's order.
    pub tables: Vec<PreviewTable>,
    /// Views that would be dumped.
    pub views: usize,
}

/// One table in a [`Preview`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PreviewTable {
    /// The database.
    pub database: String,
    /// The table.
    pub name: String,
    /// The server's estimate of its rows.
    pub estimated_rows: u64,
    /// The server's estimate of its data in bytes.
    pub estimated_bytes: u64,
}

impl Dump {
    /// Connects and lists what a dump would read; sends no row and takes no lock.
    ///
    /// # Errors
    ///
    /// As [`run`](Self::run), up to and with the required tables.
    pub async fn preview(&self) -> Result<Preview, Error> {
        let mut held = Held::new(Session::open(&self.connect).await?);
        let session = held.session()?;
        let heartbeat = session.heartbeat();
        let limit = self.connect.read_timeout();
        let previewed = heartbeat.watch(limit, self.look_ahead(session)).await?;
        held.close().await;
        Ok(previewed)
    }

    async fn look_ahead(&self, session: &mut Session) -> Result<Preview, Error> {
        let server = read_identity(session).await?;
        let client = self.client(&server)?;
        let mut failures = Failures::new(&self.options);
        let plan = Plan::make(
            session,
            &self.selection,
            &self.options,
            client,
            &mut failures,
        )
        .await?;
        plan.require(session, &self.required_tables).await?;
        let tables = plan.databases.iter().flat_map(|database| {
            database
                .objects
                .iter()
                .filter(|entry| entry.has_rows)
                .map(|entry| PreviewTable {
                    database: database.name.clone(),
                    name: entry.name.clone(),
                    estimated_rows: entry.estimated_rows,
                    estimated_bytes: entry.estimated_bytes,
                })
        });
        Ok(Preview {
            server,
            snapshot: SnapshotKind::of(&self.options),
            tables: tables.collect(),
            views: plan.views(),
        })
    }
}
