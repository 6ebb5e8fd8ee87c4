//! Where rows and definitions come from: the only room that talks to a server.

pub(crate) mod catalogue;
mod connect;
mod ending;
mod guard;
mod heartbeat;
mod identity;
mod position;
mod rows;
mod session;
mod snapshot;

pub use connect::{ConnectOptions, Tls};
pub(crate) use ending::Held;
pub(crate) use guard::guarded;
pub(crate) use identity::read_identity;
pub use identity::{Inspection, inspect};
pub(crate) use position::Position;
pub(crate) use rows::{Cells, RowSource, TableRows};
pub(crate) use session::{Bound, Results, Session};
pub(crate) use snapshot::Snapshot;
