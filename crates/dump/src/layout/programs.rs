//! Triggers, events and routines: definitions that carry a session of their own.

use super::{Layout, commented, find, push};
use crate::source::catalogue::{Context, Program, RoutineKind};
use crate::sql::name as quoted;

impl Layout<'_> {
    /// Triggers follow their table's rows directly.
    pub(crate) fn trigger(
        &self,
        out: &mut Vec<u8>,
        database: &str,
        collation: &str,
        trigger: &Program,
    ) {
        let Some(definition) = &trigger.definition else {
            return;
        };
        let altered = enter_collation(out, database, collation, &trigger.context, ";");
        enter_charset(out, &trigger.context, ";");
        enter_sql_mode(out, &trigger.sql_mode, ";");
        if self.options.add_drop_trigger {
            // MySQL's client does not quote this name (9.7.4); MariaDB's does.
            let name = if self.flavour.is_mariadb() {
                quoted(&trigger.name)
            } else {
                trigger.name.clone()
            };
            push(
                out,
                &format!("/*!50032 DROP TRIGGER IF EXISTS {name} */;\n"),
            );
        }
        push(out, "DELIMITER ;;\n/*!50003 ");
        out.extend_from_slice(&cover_definer(definition, b" TRIGGER", "50017", "50003"));
        push(
            out,
            if self.flavour.is_mariadb() {
                " \n*/;;\n"
            } else {
                " */;;\n"
            },
        );
        push(out, "DELIMITER ;\n");
        leave_sql_mode(out, ";");
        leave_charset(out, ";");
        if altered {
            alter_collation(out, database, collation, ";");
        }
    }

    /// The events of a database; the comment stands even if there are none.
    pub(crate) fn events(
        &self,
        out: &mut Vec<u8>,
        database: &str,
        collation: &str,
        events: &[Program],
    ) {
        self.comment(
            out,
            &format!(
                "\n--\n-- Dumping events for database '{}'\n--\n",
                commented(database)
            ),
        );
        if events.is_empty() {
            return;
        }
        push(out, "/*!50106 SET @save_time_zone= @@TIME_ZONE */ ;\n");
        let mut delimiter = ";".to_owned();
        for event in events {
            let Some(definition) = &event.definition else {
                continue;
            };
            if self.options.add_drop_table {
                let name = quoted(&event.name);
                // The delimiter of the event before is still in force here.
                push(
                    out,
                    &format!("/*!50106 DROP EVENT IF EXISTS {name} */{delimiter}\n"),
                );
            }
            delimiter = unused_delimiter(definition);
            let d = delimiter.as_str();
            push(out, &format!("DELIMITER {d}\n"));
            let altered = enter_collation(out, database, collation, &event.context, d);
            enter_charset(out, &event.context, d);
            enter_sql_mode(out, &event.sql_mode, d);
            push(
                out,
                &format!(
                    "/*!50003 SET @saved_time_zone      = @@time_zone */ {d}\n\
                     /*!50003 SET time_zone             = '{}' */ {d}\n",
                    event.time_zone
                ),
            );
            push(out, "/*!50106 ");
            out.extend_from_slice(&cover_definer(definition, b" EVENT", "50117", "50106"));
            push(
                out,
                if self.flavour.is_mariadb() {
                    " \n*/ "
                } else {
                    " */ "
                },
            );
            push(out, &format!("{d}\n"));
            push(
                out,
                &format!("/*!50003 SET time_zone             = @saved_time_zone */ {d}\n"),
            );
            leave_sql_mode(out, d);
            leave_charset(out, d);
            if altered {
                alter_collation(out, database, collation, d);
            }
        }
        push(
            out,
            "DELIMITER ;\n/*!50106 SET TIME_ZONE= @save_time_zone */ ;\n",
        );
    }

    pub(crate) fn routines_comment(&self, out: &mut Vec<u8>, database: &str) {
        self.comment(
            out,
            &format!(
                "\n--\n-- Dumping routines for database '{}'\n--\n",
                commented(database)
            ),
        );
    }

    pub(crate) fn routine(
        &self,
        out: &mut Vec<u8>,
        database: &str,
        collation: &str,
        kind: RoutineKind,
        routine: &Program,
    ) {
        let Some(definition) = &routine.definition else {
            return;
        };
        let mariadb = self.flavour.is_mariadb();
        if mariadb {
            enter_sql_mode(out, &routine.sql_mode, ";");
        }
        if self.options.add_drop_table {
            let (keyword, name) = (kind.keyword(), quoted(&routine.name));
            push(
                out,
                &format!("/*!50003 DROP {keyword} IF EXISTS {name} */;\n"),
            );
        }
        let altered = enter_collation(out, database, collation, &routine.context, ";");
        enter_charset(out, &routine.context, ";");
        if !mariadb {
            enter_sql_mode(out, &routine.sql_mode, ";");
        }
        // The delimiter is `;;` also where the body holds one: so print both clients.
        push(out, "DELIMITER ;;\n");
        out.extend_from_slice(definition);
        push(out, if mariadb { "\n;;\n" } else { " ;;\n" });
        push(out, "DELIMITER ;\n");
        leave_sql_mode(out, ";");
        leave_charset(out, ";");
        if altered {
            alter_collation(out, database, collation, ";");
        }
    }
}

fn enter_charset(out: &mut Vec<u8>, context: &Context, d: &str) {
    let Context {
        client_charset: client,
        connection_collation: collation,
        ..
    } = context;
    push(
        out,
        &format!(
            "/*!50003 SET @saved_cs_client      = @@character_set_client */ {d}\n\
             /*!50003 SET @saved_cs_results     = @@character_set_results */ {d}\n\
             /*!50003 SET @saved_col_connection = @@collation_connection */ {d}\n\
             /*!50003 SET character_set_client  = {client} */ {d}\n\
             /*!50003 SET character_set_results = {client} */ {d}\n\
             /*!50003 SET collation_connection  = {collation} */ {d}\n"
        ),
    );
}

fn leave_charset(out: &mut Vec<u8>, d: &str) {
    push(
        out,
        &format!(
            "/*!50003 SET character_set_client  = @saved_cs_client */ {d}\n\
             /*!50003 SET character_set_results = @saved_cs_results */ {d}\n\
             /*!50003 SET collation_connection  = @saved_col_connection */ {d}\n"
        ),
    );
}

fn enter_sql_mode(out: &mut Vec<u8>, sql_mode: &str, d: &str) {
    push(
        out,
        &format!(
            "/*!50003 SET @saved_sql_mode       = @@sql_mode */ {d}\n\
             /*!50003 SET sql_mode              = '{sql_mode}' */ {d}\n"
        ),
    );
}

fn leave_sql_mode(out: &mut Vec<u8>, d: &str) {
    push(
        out,
        &format!("/*!50003 SET sql_mode              = @saved_sql_mode */ {d}\n"),
    );
}

/// Moves the database to the collation under which the object was made, if it has another
/// one now; tells whether it did.
fn enter_collation(
    out: &mut Vec<u8>,
    database: &str,
    current: &str,
    context: &Context,
    d: &str,
) -> bool {
    let differs = context.database_collation != current;
    if differs {
        alter_collation(out, database, &context.database_collation, d);
    }
    differs
}

fn alter_collation(out: &mut Vec<u8>, database: &str, collation: &str, d: &str) {
    // A collation's name begins with its character set's, or is it (`binary`).
    let charset = collation.split('_').next().unwrap_or(collation);
    let name = quoted(database);
    push(
        out,
        &format!("ALTER DATABASE {name} CHARACTER SET {charset} COLLATE {collation} {d}\n"),
    );
}

/// Gives the DEFINER clause a version comment of its own.
///
/// A definition in which no definer is found is printed as it is.
fn cover_definer(definition: &[u8], keyword: &[u8], inner: &str, outer: &str) -> Vec<u8> {
    let positions = find(definition, b" DEFINER", 0)
        .and_then(|definer| find(definition, keyword, definer).map(|at| (definer, at)));
    let Some((definer, object)) = positions else {
        return definition.to_vec();
    };
    let mut covered = Vec::with_capacity(definition.len() + 32);
    covered.extend_from_slice(&definition[..definer]);
    push(&mut covered, &format!("*/ /*!{inner}"));
    covered.extend_from_slice(&definition[definer..object]);
    push(&mut covered, &format!("*/ /*!{outer}"));
    covered.extend_from_slice(&definition[object..]);
    covered
}

/// `;;`, or the first longer run of semicolons that the body does not hold.
///
/// Both real clients search for ever when a body holds `;;`.
fn unused_delimiter(definition: &[u8]) -> String {
    let mut delimiter = ";;".to_owned();
    while find(definition, delimiter.as_bytes(), 0).is_some() {
        delimiter.push(';');
    }
    delimiter
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_definer_gets_a_comment_of_its_own() {
        let covered = cover_definer(
            b"CREATE DEFINER=`root`@`localhost` trigger tt before insert on b",
            b" TRIGGER",
            "50017",
            "50003",
        );
        assert_eq!(
            String::from_utf8(covered).unwrap(),
            "CREATE*/ /*!50017 DEFINER=`root`@`localhost`*/ /*!50003 trigger tt before insert on b"
        );
        assert_eq!(
            cover_definer(b"CREATE TRIGGER t", b" TRIGGER", "1", "2"),
            b"CREATE TRIGGER t"
        );
    }

    #[test]
    fn the_delimiter_outgrows_the_body() {
        assert_eq!(unused_delimiter(b"select 1"), ";;");
        assert_eq!(unused_delimiter(b"select ';;;'"), ";;;;");
    }
}
