//! Schemas and rows, as scripts for the real client.

mod common;
mod mariadb;
mod mysql;

pub(crate) use common::{NAMES, PROGRAMS, TYPES};
pub(crate) use mariadb::{MARIADB, MARIADB_11};
pub(crate) use mysql::{MYSQL, MYSQL_9};
