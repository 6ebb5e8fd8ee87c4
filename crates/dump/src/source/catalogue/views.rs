//! Views.

use super::super::session::{Results, Session};
use super::programs::Context;
use crate::error::Error;
use crate::sql::{name as quoted, string};

/// What the clauses of a view are made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct ViewDefinition {
    /// `CREATE VIEW`, in the server's words and bytes.
    pub(crate) definition: Vec<u8>,
    pub(crate) check_option: String,
    pub(crate) definer: String,
    pub(crate) security_type: String,
    pub(crate) context: Context,
}

/// `CREATE VIEW`, in the server's words and bytes; it is to be had for an invalid view too.
pub(crate) async fn create_view(session: &mut Session, view: &str) -> Result<Vec<u8>, Error> {
    session.prepare_definitions().await?;
    session.set_results(Results::Definitions).await?;
    let sql = format!("SHOW CREATE TABLE {}", quoted(view));
    let row = session
        .one(&format!("read the definition of view {view}"), &sql)
        .await?;
    Ok(row.bytes(1).to_vec())
}

/// The names of a view's columns, which only a valid view has.
pub(crate) async fn view_columns(session: &mut Session, view: &str) -> Result<Vec<String>, Error> {
    session.prepare_definitions().await?;
    session.set_results(Results::Definitions).await?;
    let sql = format!("SHOW FIELDS FROM {}", quoted(view));
    let rows = session
        .rows(&format!("read the columns of view {view}"), &sql)
        .await?;
    Ok(rows.iter().map(|row| row.text(0)).collect())
}

/// The rest of what is needed to print a view of the current database.
pub(crate) async fn view_facts(
    session: &mut Session,
    view: &str,
    definition: Vec<u8>,
) -> Result<ViewDefinition, Error> {
    let sql = format!(
        "SELECT CHECK_OPTION, DEFINER, SECURITY_TYPE, CHARACTER_SET_CLIENT, COLLATION_CONNECTION \
         FROM INFORMATION_SCHEMA.VIEWS WHERE TABLE_NAME = {} AND TABLE_SCHEMA = DATABASE()",
        string(view)
    );
    let row = session
        .one(&format!("read the definition of view {view}"), &sql)
        .await?;
    Ok(ViewDefinition {
        definition,
        check_option: row.text(0),
        definer: row.text(1),
        security_type: row.text(2),
        context: Context {
            client_charset: row.text(3),
            connection_collation: row.text(4),
            database_collation: String::new(),
        },
    })
}
