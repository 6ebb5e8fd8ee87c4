//! Sequences (MariaDB).

use super::super::session::{Results, Session};
use crate::error::Error;
use crate::sql::name as quoted;

/// A sequence of the current database.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct SequenceDefinition {
    /// `CREATE SEQUENCE`, in the server's words.
    pub(crate) definition: Vec<u8>,
    /// The first value that no server has taken into its cache.
    pub(crate) next_value: Option<Vec<u8>>,
}

pub(crate) async fn sequence(
    session: &mut Session,
    name: &str,
) -> Result<SequenceDefinition, Error> {
    session.set_results(Results::Values).await?;
    let step = format!("read the definition of sequence {name}");
    let created = session
        .one(&step, &format!("SHOW CREATE SEQUENCE {}", quoted(name)))
        .await?;
    let sql = format!("SELECT next_not_cached_value FROM {}", quoted(name));
    let value = session.one(&step, &sql).await?;
    Ok(SequenceDefinition {
        definition: created.bytes(1).to_vec(),
        next_value: (!value.is_null(0)).then(|| value.bytes(0).to_vec()),
    })
}
