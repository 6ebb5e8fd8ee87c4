//! A MySQL server that follows a script: for what no real server does on demand.
//!
//! It speaks the client/server protocol 4.1 (handshake, login, text results; no TLS, no
//! prepared statements) and has a small [`World`]: a database of a few tables that answers
//! what a dump asks, of either flavour, recognised by what is asked for and not by its exact
//! text. On top of it a test lays its script:
//!
//! - other [answers](ScriptedServer::answer) to chosen queries;
//! - a [`Fault`] [at a row](ScriptedServer::fault_at_row) of a table,
//!   [at the n-th query](ScriptedServer::fault_at_query), or
//!   [at a byte](ScriptedServer::fault_at_byte) of all that is sent;
//! - [bytes that dribble](ScriptedServer::dribble) in one at a time.
//!
//! A query that nobody recognises is answered with an error that carries its text, and is
//! remembered in [`unrecognised`](ScriptedServer::unrecognised).
//!
//! What it is not: it checks no password, knows no privileges, ignores conditions and orders,
//! and keeps no transaction.

mod answers;
mod connection;
mod handshake;
mod packets;
mod script;
mod text;
mod wire;
mod world;

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use anyhow::{Context as _, Result};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

pub use self::script::{Answer, Fault, Matcher, ResultSet};
pub use self::world::{Column, Row, Table, World};

use self::connection::serve;
use self::script::Shared;

/// A scripted server on a free port of 127.0.0.1, on threads of its own. Dropping it closes
/// the port and all connections.
pub struct ScriptedServer {
    address: SocketAddr,
    shared: Arc<Shared>,
    runtime: Option<Runtime>,
}

impl ScriptedServer {
    /// Starts a server of this world, without a script.
    ///
    /// # Errors
    ///
    /// Without a port or threads.
    pub fn start(world: World) -> Result<Self> {
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("scripted-mysql")
            .enable_all()
            .build()
            .context("the runtime of the scripted server")?;
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let listener = {
            let _entered = runtime.enter();
            TcpListener::from_std(listener)?
        };
        let shared = Arc::new(Shared::new(world));
        runtime.spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            address,
            shared,
            runtime: Some(runtime),
        })
    }

    /// `127.0.0.1`.
    #[must_use]
    pub fn host(&self) -> String {
        self.address.ip().to_string()
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.address.port()
    }

    /// Answers matching queries so from now on, whatever the world says. Of several that
    /// match, the one given last wins.
    pub fn answer(&self, matcher: Matcher, answer: Answer) {
        self.shared.script().answers.push((matcher, answer));
    }

    /// Places a fault before row `row` (from 0) whenever the rows of `table` are read; the
    /// number of rows is the place before the result's end.
    pub fn fault_at_row(&self, table: &str, row: usize, fault: Fault) {
        let place = (table.to_owned(), row);
        self.shared.script().row_faults.insert(place, fault);
    }

    /// Places a fault where the answer to the `index`-th query of all connections (from 0)
    /// would begin.
    pub fn fault_at_query(&self, index: usize, fault: Fault) {
        self.shared.script().query_faults.insert(index, fault);
    }

    /// Places a fault after this many bytes of all that the server sends, over all
    /// connections. It strikes once, the connection that sends that byte.
    ///
    /// [`Fault::Reset`], [`Fault::Close`], [`Fault::Stall`] and [`Fault::Silence`] alone can
    /// strike between any two bytes; any other closes the connection.
    pub fn fault_at_byte(&self, offset: u64, fault: Fault) {
        self.shared.script().cut = Some((offset, fault));
    }

    /// Sends every byte by itself from now on.
    pub fn dribble(&self) {
        self.shared.script().dribbling = true;
    }

    /// How many bytes were sent, over all connections.
    #[must_use]
    pub fn bytes_sent(&self) -> u64 {
        self.shared.script().sent
    }

    /// All queries, in the order in which they came.
    #[must_use]
    pub fn queries(&self) -> Vec<String> {
        self.shared.script().queries.clone()
    }

    /// The connections that clients killed, by number; the first of all is 1.
    #[must_use]
    pub fn kills(&self) -> Vec<u32> {
        self.shared.script().kills.clone()
    }

    /// The queries that neither the script nor the world knew.
    #[must_use]
    pub fn unrecognised(&self) -> Vec<String> {
        self.shared.script().unrecognised.clone()
    }

    /// Waits until no client is connected.
    ///
    /// # Cancel safety
    ///
    /// Safe.
    pub async fn until_idle(&self) {
        let mut open = self.shared.open.subscribe();
        // Fails only without a sender, which `self` holds.
        let _ = open.wait_for(|count| *count == 0).await;
    }
}

impl Drop for ScriptedServer {
    fn drop(&mut self) {
        // Waiting is forbidden where this may well be dropped: in an async test.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl fmt::Debug for ScriptedServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScriptedServer")
            .field("address", &self.address)
            .finish_non_exhaustive()
    }
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    let mut number = 0;
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            continue;
        };
        number += 1;
        // Counted here, before the client can learn that it is connected.
        let guest = shared.welcome(number);
        tokio::spawn(serve(stream, guest));
    }
}
