//! Header, footer, and what stands between databases.

use super::{Layout, commented, push};
use crate::options::SetGtidPurged;
use crate::sql::name as quoted;

/// What the header's comments tell.
#[derive(Debug)]
pub(crate) struct HeaderFacts<'a> {
    pub(crate) host: &'a str,
    pub(crate) database: &'a str,
    pub(crate) server_version: &'a str,
    /// Whether TIMESTAMPs are in UTC.
    pub(crate) tz_utc: bool,
    /// The GTID set, where the header carries it.
    pub(crate) gtid_executed: Option<&'a str>,
}

/// MariaDB's first line. A client that does not know it takes it for a comment; the trailing
/// space is part of it.
const SANDBOX: &str = "/*M!999999\\- enable the sandbox mode */ \n";

impl Layout<'_> {
    pub(crate) fn header(&self, out: &mut Vec<u8>, facts: &HeaderFacts<'_>) {
        if self.flavour.is_mariadb() {
            push(out, SANDBOX);
        }
        if !self.options.compact {
            self.header_comments(out, facts);
            self.header_settings(out, facts.tz_utc);
        }
        if let Some(gtid) = facts.gtid_executed {
            self.gtid_block(out, gtid);
        }
    }

    fn header_comments(&self, out: &mut Vec<u8>, facts: &HeaderFacts<'_>) {
        let (name, protocol) = if self.flavour.is_mariadb() {
            ("MariaDB", "10.19")
        } else {
            ("MySQL", "10.13")
        };
        let comment = format!(
            "-- {name} dump {protocol}  Distrib datatransit-{version}, for {os} ({arch})\n\
             --\n\
             -- Host: {host}    Database: {database}\n\
             -- ------------------------------------------------------\n\
             -- Server version\t{server}\n",
            version = env!("CARGO_PKG_VERSION"),
            os = std::env::consts::OS,
            arch = std::env::consts::ARCH,
            host = facts.host,
            database = commented(facts.database),
            server = facts.server_version,
        );
        self.comment(out, &comment);
    }

    fn header_settings(&self, out: &mut Vec<u8>, tz_utc: bool) {
        if self.options.set_charset {
            push(
                out,
                "\n/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n\
                 /*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;\n\
                 /*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;\n",
            );
            push(
                out,
                &format!("/*!{} SET NAMES utf8mb4 */;\n", self.utf8mb4_guard()),
            );
        }
        if tz_utc {
            push(
                out,
                "/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;\n\
                 /*!40103 SET TIME_ZONE='+00:00' */;\n",
            );
        }
        if self.switches_unique_checks() {
            push(
                out,
                "/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;\n",
            );
        }
        push(
            out,
            "/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;\n\
             /*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, SQL_MODE='NO_AUTO_VALUE_ON_ZERO' */;\n\
             /*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;\n",
        );
    }

    fn gtid_block(&self, out: &mut Vec<u8>, gtid: &str) {
        push(
            out,
            "SET @MYSQLDUMP_TEMP_LOG_BIN = @@SESSION.SQL_LOG_BIN;\n\
             SET @@SESSION.SQL_LOG_BIN= 0;\n",
        );
        self.comment(
            out,
            "\n--\n-- GTID state at the beginning of the backup \n--\n\n",
        );
        let text = if self.options.set_gtid_purged == SetGtidPurged::Commented {
            format!("/* SET @@GLOBAL.GTID_PURGED='+{gtid}';*/\n")
        } else {
            format!("SET @@GLOBAL.GTID_PURGED=/*!80000 '+'*/ '{gtid}';\n")
        };
        push(out, &text);
    }

    /// `now` is local time, `YYYY-MM-DD HH:MM:SS`.
    pub(crate) fn footer(&self, out: &mut Vec<u8>, tz_utc: bool, gtid: bool, now: &str) {
        if gtid {
            push(
                out,
                "SET @@SESSION.SQL_LOG_BIN = @MYSQLDUMP_TEMP_LOG_BIN;\n",
            );
        }
        if self.options.compact {
            return;
        }
        if tz_utc {
            push(out, "/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;\n");
        }
        push(
            out,
            "\n/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;\n\
             /*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;\n",
        );
        if self.switches_unique_checks() {
            push(out, "/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;\n");
        }
        if self.options.set_charset {
            push(
                out,
                "/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;\n\
                 /*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;\n\
                 /*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;\n",
            );
        }
        push(out, "/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;\n\n");
        if self.options.dump_date {
            self.comment(out, &format!("-- Dump completed on {now}\n"));
        } else {
            self.comment(out, "-- Dump completed\n");
        }
    }

    /// MariaDB's client leaves the checks on where the tables are there already (10.11.19).
    fn switches_unique_checks(&self) -> bool {
        self.options.create_info || !self.flavour.is_mariadb()
    }

    /// A database's beginning; `create` is the server's `CREATE DATABASE`.
    pub(crate) fn database(&self, out: &mut Vec<u8>, database: &str, create: &[u8]) {
        self.current_database(out, database);
        if self.options.create_db {
            if self.options.add_drop_database {
                let name = quoted(database);
                push(
                    out,
                    &format!("\n/*!40000 DROP DATABASE IF EXISTS {name}*/;\n"),
                );
            }
            push(out, "\n");
            out.extend_from_slice(create);
            push(out, ";\n");
        }
        self.use_database(out, database);
    }

    /// A database's second beginning, before its final views.
    pub(crate) fn database_again(&self, out: &mut Vec<u8>, database: &str) {
        self.current_database(out, database);
        self.use_database(out, database);
    }

    fn current_database(&self, out: &mut Vec<u8>, database: &str) {
        let name = commented(&quoted(database));
        self.comment(out, &format!("\n--\n-- Current Database: {name}\n--\n"));
    }

    fn use_database(&self, out: &mut Vec<u8>, database: &str) {
        push(out, &format!("\nUSE {};\n", quoted(database)));
    }
}
