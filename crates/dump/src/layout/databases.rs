//! What stands between databases.

use super::{Layout, commented};
use crate::plan::is_system;

impl Layout<'_> {
    /// A database's beginning; `create` is the server's `CREATE DATABASE`.
    pub(crate) fn database(&self, out: &mut Vec<u8>, database: &str, create: &[u8]) {
        self.current_database(out, database);
        if self.saves_log_output(database) {
            self.push(
                out,
                "\n/*!50106 SET @save_log_output=@@LOG_OUTPUT*/;\n\
                 /*M!100203 EXECUTE IMMEDIATE IF(@@LOG_OUTPUT='TABLE' AND \
                 (@@LOG_SLOW_QUERY=1 OR @@GENERAL_LOG=1),\"SET GLOBAL LOG_OUTPUT='NONE'\", \
                 \"DO 0\") */;\n",
            );
        }
        if self.options.create_db {
            if self.options.add_drop_database {
                let name = self.names.shown(database);
                self.push(
                    out,
                    &format!("\n/*!40000 DROP DATABASE IF EXISTS {name}*/;\n"),
                );
            }
            self.push(out, "\n");
            out.extend_from_slice(create);
            self.push(out, ";\n");
        }
        self.use_database(out, database);
    }

    /// What MariaDB's client prints after the logs of the `mysql` database.
    pub(crate) fn after_logs(&self, out: &mut Vec<u8>) {
        if self.client.is_mariadb() && self.options.add_drop_database {
            self.push(
                out,
                "\n/*!50106 SET GLOBAL LOG_OUTPUT=@save_log_output*/;\n\n",
            );
        }
    }

    /// A database's second beginning, before its final views.
    pub(crate) fn database_again(&self, out: &mut Vec<u8>, database: &str) {
        self.current_database(out, database);
        self.use_database(out, database);
    }

    pub(crate) fn flush_privileges(&self, out: &mut Vec<u8>) {
        // This comment is printed under --skip-comments too.
        self.push(
            out,
            "\n--\n-- Flush Grant Tables \n--\n\n/*! FLUSH PRIVILEGES */;\n",
        );
    }

    fn saves_log_output(&self, database: &str) -> bool {
        self.client.is_mariadb() && self.options.add_drop_database && is_system(database)
    }

    fn current_database(&self, out: &mut Vec<u8>, database: &str) {
        let name = commented(&self.names.shown(database));
        self.comment(out, &format!("\n--\n-- Current Database: {name}\n--\n"));
    }

    fn use_database(&self, out: &mut Vec<u8>, database: &str) {
        self.push(out, &format!("\nUSE {};\n", self.names.shown(database)));
    }
}
