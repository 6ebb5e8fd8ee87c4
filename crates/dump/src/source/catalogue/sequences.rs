//! Sequences (MariaDB).

use super::super::session::{Results, Session};
use crate::error::Error;
use crate::sql::name as quoted;

/// `CREATE SEQUENCE`, in the server's words.
pub(crate) async fn create_sequence(session: &mut Session, name: &str) -> Result<Vec<u8>, Error> {
    session.set_results(Results::Values).await?;
    let step = format!("read the definition of sequence {name}");
    let sql = format!("SHOW CREATE SEQUENCE {}", quoted(name));
    Ok(session.one(&step, &sql).await?.bytes(1).to_vec())
}

/// The first value of a sequence that no server has taken into its cache.
pub(crate) async fn next_value(
    session: &mut Session,
    name: &str,
) -> Result<Option<Vec<u8>>, Error> {
    let step = format!("read the value of sequence {name}");
    let sql = format!("SELECT next_not_cached_value FROM {}", quoted(name));
    let value = session.one(&step, &sql).await?;
    Ok((!value.is_null(0)).then(|| value.bytes(0).to_vec()))
}
