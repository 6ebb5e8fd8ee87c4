//! Header and footer.

use super::{Layout, commented, push};

/// What the header's comments tell.
#[derive(Debug)]
pub(crate) struct HeaderFacts<'a> {
    pub(crate) host: &'a str,
    pub(crate) database: &'a str,
    pub(crate) server_version: &'a str,
    /// Whether the statistics of InnoDB are among the tables.
    pub(crate) with_statistics: bool,
}

/// MariaDB's first line. A client that does not know it takes it for a comment; the trailing
/// space is part of it.
const SANDBOX: &str = "/*M!999999\\- enable the sandbox mode */ \n";

impl Layout<'_> {
    pub(crate) fn header(&self, out: &mut Vec<u8>, facts: &HeaderFacts<'_>) {
        if self.client.has_sandbox_line() {
            push(out, SANDBOX);
        }
        if !self.options.compact {
            self.header_comments(out, facts);
            self.header_settings(out, facts.with_statistics);
        }
    }

    fn header_comments(&self, out: &mut Vec<u8>, facts: &HeaderFacts<'_>) {
        let (name, protocol) = if self.client.is_mariadb() {
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

    fn header_settings(&self, out: &mut Vec<u8>, with_statistics: bool) {
        if !self.options.log_queries {
            push(
                out,
                "\n/*M!100101 SET LOCAL SQL_LOG_OFF=0, LOCAL LOG_SLOW_QUERY=0 */;",
            );
        }
        if self.sets_charset() {
            push(
                out,
                "\n/*!40101 SET @OLD_CHARACTER_SET_CLIENT=@@CHARACTER_SET_CLIENT */;\n\
                 /*!40101 SET @OLD_CHARACTER_SET_RESULTS=@@CHARACTER_SET_RESULTS */;\n\
                 /*!40101 SET @OLD_COLLATION_CONNECTION=@@COLLATION_CONNECTION */;\n",
            );
            let charset = self.options.charset(self.client);
            push(
                out,
                &format!(
                    "/*!{} SET NAMES {} */;\n",
                    self.utf8mb4_guard(),
                    charset.name()
                ),
            );
        }
        if self.options.tz_utc(self.client) {
            push(
                out,
                "/*!40103 SET @OLD_TIME_ZONE=@@TIME_ZONE */;\n\
                 /*!40103 SET TIME_ZONE='+00:00' */;\n",
            );
        }
        if with_statistics && !self.client.is_mariadb() {
            push(
                out,
                "/*!50606 SET @OLD_INNODB_STATS_AUTO_RECALC=@@INNODB_STATS_AUTO_RECALC */;\n\
                 /*!50606 SET GLOBAL INNODB_STATS_AUTO_RECALC=OFF */;\n",
            );
        }
        if self.options.create_info || self.client.always_leaves_unique_checks() {
            push(
                out,
                "/*!40014 SET @OLD_UNIQUE_CHECKS=@@UNIQUE_CHECKS, UNIQUE_CHECKS=0 */;\n",
            );
        }
        push(
            out,
            "/*!40014 SET @OLD_FOREIGN_KEY_CHECKS=@@FOREIGN_KEY_CHECKS, FOREIGN_KEY_CHECKS=0 */;\n",
        );
        let modes = self.options.compatible.sql_mode();
        let comma = if modes.is_empty() { "" } else { "," };
        push(
            out,
            &format!(
                "/*!40101 SET @OLD_SQL_MODE=@@SQL_MODE, \
                 SQL_MODE='NO_AUTO_VALUE_ON_ZERO{comma}{modes}' */;\n"
            ),
        );
        push(
            out,
            if self.client.sets_note_verbosity() {
                "/*M!100616 SET @OLD_NOTE_VERBOSITY=@@NOTE_VERBOSITY, NOTE_VERBOSITY=0 */;\n"
            } else {
                "/*!40111 SET @OLD_SQL_NOTES=@@SQL_NOTES, SQL_NOTES=0 */;\n"
            },
        );
    }

    /// `now` is local time, `YYYY-MM-DD HH:MM:SS`.
    pub(crate) fn footer(&self, out: &mut Vec<u8>, with_statistics: bool, now: &str) {
        if self.options.compact {
            return;
        }
        if self.options.tz_utc(self.client) {
            push(out, "/*!40103 SET TIME_ZONE=@OLD_TIME_ZONE */;\n");
        }
        if with_statistics && !self.client.is_mariadb() {
            push(
                out,
                "/*!50606 SET GLOBAL INNODB_STATS_AUTO_RECALC=@OLD_INNODB_STATS_AUTO_RECALC */;\n",
            );
        }
        push(
            out,
            "\n/*!40101 SET SQL_MODE=@OLD_SQL_MODE */;\n\
             /*!40014 SET FOREIGN_KEY_CHECKS=@OLD_FOREIGN_KEY_CHECKS */;\n",
        );
        if self.options.create_info || !self.client.is_mariadb() {
            push(out, "/*!40014 SET UNIQUE_CHECKS=@OLD_UNIQUE_CHECKS */;\n");
        }
        if self.sets_charset() {
            push(
                out,
                "/*!40101 SET CHARACTER_SET_CLIENT=@OLD_CHARACTER_SET_CLIENT */;\n\
                 /*!40101 SET CHARACTER_SET_RESULTS=@OLD_CHARACTER_SET_RESULTS */;\n\
                 /*!40101 SET COLLATION_CONNECTION=@OLD_COLLATION_CONNECTION */;\n",
            );
        }
        push(
            out,
            if self.client.sets_note_verbosity() {
                "/*M!100616 SET NOTE_VERBOSITY=@OLD_NOTE_VERBOSITY */;\n\n"
            } else {
                "/*!40111 SET SQL_NOTES=@OLD_SQL_NOTES */;\n\n"
            },
        );
        if self.options.dump_date {
            self.comment(out, &format!("-- Dump completed on {now}\n"));
        } else {
            self.comment(out, "-- Dump completed\n");
        }
    }

    /// Servers of old have no character sets of a session.
    fn sets_charset(&self) -> bool {
        self.options.set_charset && !self.options.compatible.without_charsets()
    }
}
