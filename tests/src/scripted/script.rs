//! What the server was told to do, and what it remembers of what happened.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::world::{Column, Row, World};

/// What goes wrong in the place of the next packet.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// An ERR packet, which ends the result; the connection lives on.
    Error {
        /// The server's error number.
        code: u16,
        /// The server's message.
        message: String,
    },
    /// The connection is reset (RST).
    Reset,
    /// The connection is closed in good order (FIN).
    Close,
    /// Nothing more is sent; the connection stays open. `KILL` still frees it.
    Stall,
    /// Nothing more is sent on any connection, and no login is answered.
    Silence,
    /// The packet bears the number of the one after it.
    WrongSequence,
    /// Half of the packet, then FIN.
    TruncatedPacket,
    /// A packet that is whole by its length, but the last byte of its content is missing.
    ShortPayload,
    /// A packet without content.
    EmptyPacket,
}

impl Fault {
    /// An ERR packet with this number.
    #[must_use]
    pub fn error(code: u16, message: &str) -> Self {
        Self::Error {
            code,
            message: message.to_owned(),
        }
    }
}

/// Which queries an answer is for.
#[derive(Clone)]
pub struct Matcher(Arc<dyn Fn(&str) -> bool + Send + Sync>);

impl Matcher {
    /// The query of exactly this text.
    pub fn exact(text: impl Into<String>) -> Self {
        let text = text.into();
        Self(Arc::new(move |query| query == text))
    }

    /// The queries for which this holds.
    pub fn when(holds: impl Fn(&str) -> bool + Send + Sync + 'static) -> Self {
        Self(Arc::new(holds))
    }

    pub(super) fn matches(&self, query: &str) -> bool {
        (self.0)(query)
    }
}

impl fmt::Debug for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Matcher")
    }
}

/// The answer to a query.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum Answer {
    /// OK.
    Ok,
    /// A result.
    Rows(ResultSet),
    /// Something else.
    Fault(Fault),
}

/// A result of the text protocol.
#[derive(Debug, Clone)]
pub struct ResultSet {
    pub(super) columns: Vec<Column>,
    pub(super) rows: Arc<Vec<Row>>,
    /// By the row before which they strike.
    pub(super) faults: BTreeMap<usize, Fault>,
}

impl ResultSet {
    /// A result of these columns and rows; a row may well have another number of cells.
    #[must_use]
    pub fn new(columns: Vec<Column>, rows: impl Into<Arc<Vec<Row>>>) -> Self {
        Self {
            columns,
            rows: rows.into(),
            faults: BTreeMap::new(),
        }
    }

    /// Places a fault before this row; the number of rows is the place before the end.
    #[must_use]
    pub fn with_fault(mut self, row: usize, fault: Fault) -> Self {
        self.faults.insert(row, fault);
        self
    }
}

/// What all connections share.
pub(super) struct Shared {
    pub(super) world: World,
    script: Mutex<Script>,
    /// How many clients are connected.
    pub(super) open: watch::Sender<usize>,
}

/// The script and the log.
#[derive(Default)]
pub(super) struct Script {
    pub(super) answers: Vec<(Matcher, Answer)>,
    pub(super) row_faults: BTreeMap<(String, usize), Fault>,
    pub(super) query_faults: BTreeMap<usize, Fault>,
    pub(super) cut: Option<(u64, Fault)>,
    pub(super) dribbling: bool,
    /// Whether [`Fault::Silence`] has struck.
    pub(super) silent: bool,
    pub(super) sent: u64,
    pub(super) queries: Vec<String>,
    pub(super) kills: Vec<u32>,
    pub(super) unrecognised: Vec<String>,
    connections: HashMap<u32, CancellationToken>,
}

impl Shared {
    pub(super) fn new(world: World) -> Self {
        Self {
            world,
            script: Mutex::default(),
            open: watch::Sender::new(0),
        }
    }

    pub(super) fn script(&self) -> MutexGuard<'_, Script> {
        self.script.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts a client in.
    pub(super) fn welcome(self: &Arc<Self>, number: u32) -> Guest {
        let killed = CancellationToken::new();
        self.script().connections.insert(number, killed.clone());
        self.open.send_modify(|count| *count += 1);
        Guest {
            number,
            killed,
            shared: Arc::clone(self),
        }
    }

    /// Ends a connection; `false` if there is none of this number.
    pub(super) fn kill(&self, number: u32) -> bool {
        let mut script = self.script();
        script.kills.push(number);
        let victim = script.connections.get(&number).cloned();
        victim.is_some_and(|killed| {
            killed.cancel();
            true
        })
    }
}

/// A connected client; dropping this counts it out.
pub(super) struct Guest {
    pub(super) number: u32,
    pub(super) killed: CancellationToken,
    pub(super) shared: Arc<Shared>,
}

impl Drop for Guest {
    fn drop(&mut self) {
        self.shared.script().connections.remove(&self.number);
        self.shared.open.send_modify(|count| *count -= 1);
    }
}
