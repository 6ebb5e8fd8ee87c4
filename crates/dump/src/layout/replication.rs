//! GTIDs, positions, and the statements that stop and start a replica.

use super::{Layout, push};
use crate::options::{SetGtidPurged, SourceData, Terminology};
use crate::source::Position;

impl Layout<'_> {
    /// What stands directly after the header.
    pub(crate) fn replication_header(
        &self,
        out: &mut Vec<u8>,
        gtid_executed: Option<&str>,
        position: Option<&Position>,
    ) {
        if self.options.apply_replica_statements {
            self.replica_statement(out, "stop");
        }
        if let Some(gtid) = gtid_executed {
            self.gtid_block(out, gtid);
        }
        if let Some((position, form)) = position.zip(self.options.source_data) {
            if self.client.is_mariadb() {
                self.mariadb_position(out, position, form);
            } else {
                self.mysql_position(out, position, form);
            }
        }
    }

    /// What stands directly before the footer.
    pub(crate) fn replication_footer(
        &self,
        out: &mut Vec<u8>,
        with_gtid: bool,
        position: Option<&Position>,
    ) {
        if with_gtid {
            push(
                out,
                "SET @@SESSION.SQL_LOG_BIN = @MYSQLDUMP_TEMP_LOG_BIN;\n",
            );
        }
        let gtid = position.and_then(|position| position.gtid.as_deref());
        if let Some((gtid, form)) = gtid.zip(self.options.source_data) {
            self.mariadb_gtid(out, gtid, form);
        }
        if self.options.apply_replica_statements {
            self.replica_statement(out, "start");
        }
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

    fn says_source(&self) -> bool {
        self.client.says_source() && self.options.terminology != Terminology::Before8023
    }

    fn mysql_position(&self, out: &mut Vec<u8>, position: &Position, form: SourceData) {
        self.comment(
            out,
            "\n--\n-- Position to start replication or point-in-time recovery from\n--\n\n",
        );
        let (statement, word) = if self.says_source() {
            ("CHANGE REPLICATION SOURCE", "SOURCE")
        } else {
            ("CHANGE MASTER", "MASTER")
        };
        let Position { file, offset, .. } = position;
        push(
            out,
            &format!(
                "{}{statement} TO {word}_LOG_FILE='{file}', {word}_LOG_POS={offset};\n",
                dashes(form)
            ),
        );
    }

    fn mariadb_position(&self, out: &mut Vec<u8>, position: &Position, form: SourceData) {
        let by_gtid = self.options.gtid;
        if by_gtid {
            push(
                out,
                &format!(
                    "{}CHANGE MASTER TO MASTER_USE_GTID=slave_pos;\n",
                    dashes(form)
                ),
            );
            self.comment(
                out,
                "\n-- A corresponding to the above master-data CHANGE-MASTER settings to the \
                 slave gtid state is printed later in the file.\n",
            );
        }
        self.comment(
            out,
            "\n--\n-- Alternately, following is the position of the binary logging from SHOW \
             MASTER STATUS at point of backup.\n\
             -- Use this when creating a slave of the master server where the backup was made.\n\
             -- The new server will be connecting to the master server where the backup was \
             taken.\n--\n\n",
        );
        let Position { file, offset, .. } = position;
        let prefix = if by_gtid { "-- " } else { dashes(form) };
        push(
            out,
            &format!(
                "{prefix}CHANGE MASTER TO MASTER_LOG_FILE='{file}', MASTER_LOG_POS={offset};\n"
            ),
        );
        if !by_gtid {
            self.comment(
                out,
                "\n-- A corresponding to the above master-data CHANGE-MASTER settings to the \
                 slave gtid state is printed as comments later in the file.\n",
            );
        }
    }

    fn mariadb_gtid(&self, out: &mut Vec<u8>, gtid: &str, form: SourceData) {
        self.comment(
            out,
            "\n-- The deferred gtid setting for slave corresponding to the master-data \
             CHANGE-MASTER follows\n\n\
             -- Preferably use GTID to start replication from GTID position:\n\n",
        );
        let prefix = if self.options.gtid {
            dashes(form)
        } else {
            "-- "
        };
        push(
            out,
            &format!("{prefix}SET GLOBAL gtid_slave_pos='{gtid}';\n"),
        );
    }

    fn replica_statement(&self, out: &mut Vec<u8>, verb: &str) {
        // The comment keeps to the client's own words whatever --output-as-version says.
        let (word, end) = if self.client.is_mariadb() {
            ("slave", ")")
        } else if self.client.says_source() {
            ("replica", "")
        } else {
            ("slave", "")
        };
        self.comment(
            out,
            &format!("\n--\n-- {verb} {word} statement to make a recovery dump{end}\n--\n\n"),
        );
        let what = if self.client.is_mariadb() {
            "ALL SLAVES"
        } else if self.says_source() {
            "REPLICA"
        } else {
            "SLAVE"
        };
        push(out, &format!("{} {what};\n", verb.to_uppercase()));
    }
}

/// What makes a statement a comment.
fn dashes(form: SourceData) -> &'static str {
    match form {
        SourceData::Statement => "",
        SourceData::Commented => "-- ",
    }
}
