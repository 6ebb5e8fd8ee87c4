//! Triggers, events and routines: definitions that carry a session of their own.

use super::names::Names;
use super::{Layout, commented, find, push};
use crate::source::catalogue::{Context, Program, RoutineKind};

/// The database that the programs are of.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Home<'a> {
    pub(crate) database: &'a str,
    /// `@@collation_database`.
    pub(crate) collation: &'a str,
}

impl Layout<'_> {
    /// Triggers follow their table's rows directly.
    pub(crate) fn trigger(&self, out: &mut Vec<u8>, home: Home<'_>, trigger: &Program) {
        let Some(definition) = &trigger.definition else {
            return;
        };
        let names = self.names.for_triggers();
        let altered = enter_collation(out, names, home, &trigger.context, ";");
        enter_charset(out, &trigger.context, ";");
        enter_sql_mode(out, &trigger.sql_mode, ";");
        if self.options.add_drop_trigger {
            // MySQL's client does not quote this name (9.7.4); MariaDB's does.
            let name = if self.client.is_mariadb() {
                names.shown(&trigger.name)
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
            if self.client.is_mariadb() {
                " \n*/"
            } else {
                " */"
            },
        );
        push(out, ";;\nDELIMITER ;\n");
        leave_sql_mode(out, ";");
        leave_charset(out, ";");
        if altered {
            alter_collation(out, names, home.database, home.collation, ";");
        }
    }

    pub(crate) fn events_comment(&self, out: &mut Vec<u8>, database: &str) {
        self.comment(
            out,
            &format!(
                "\n--\n-- Dumping events for database '{}'\n--\n",
                commented(database)
            ),
        );
    }

    /// The events of a database, after their comment.
    pub(crate) fn events(&self, out: &mut Vec<u8>, home: Home<'_>, events: &[Program]) {
        if events.is_empty() {
            return;
        }
        push(out, "/*!50106 SET @save_time_zone= @@TIME_ZONE */ ;\n");
        let mut before = ";".to_owned();
        for event in events {
            if let Some(definition) = &event.definition {
                before = self.event(out, home, event, definition, &before);
            }
        }
        if !self.client.delimits_each_event() {
            push(out, "DELIMITER ;\n");
        }
        push(out, "/*!50106 SET TIME_ZONE= @save_time_zone */ ;\n");
    }

    /// One event; `before` is the delimiter that the event before left in force. Returns the
    /// one that this event leaves.
    fn event(
        &self,
        out: &mut Vec<u8>,
        home: Home<'_>,
        event: &Program,
        definition: &[u8],
        before: &str,
    ) -> String {
        if self.options.add_drop_table {
            let name = self.names.shown(&event.name);
            push(
                out,
                &format!("/*!50106 DROP EVENT IF EXISTS {name} */{before}\n"),
            );
        }
        let delimiter = unused_delimiter(definition);
        // Either the whole event stands inside the delimiter, or its definition alone.
        let alone = self.client.delimits_each_event();
        let d = if alone { ";" } else { delimiter.as_str() };
        let delimit = |out: &mut Vec<u8>, here: bool, delimiter: &str| {
            if here {
                push(out, &format!("DELIMITER {delimiter}\n"));
            }
        };
        delimit(out, !alone, &delimiter);
        let altered = enter_collation(out, self.names, home, &event.context, d);
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
        delimit(out, alone, &delimiter);
        push(out, "/*!50106 ");
        out.extend_from_slice(&cover_definer(definition, b" EVENT", "50117", "50106"));
        push(
            out,
            if self.client.is_mariadb() {
                " \n*/ "
            } else {
                " */ "
            },
        );
        push(out, &format!("{delimiter}\n"));
        delimit(out, alone, ";");
        push(
            out,
            &format!("/*!50003 SET time_zone             = @saved_time_zone */ {d}\n"),
        );
        leave_sql_mode(out, d);
        leave_charset(out, d);
        if altered {
            alter_collation(out, self.names, home.database, home.collation, d);
        }
        d.to_owned()
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
        home: Home<'_>,
        kind: RoutineKind,
        routine: &Program,
    ) {
        let Some(definition) = &routine.definition else {
            return;
        };
        if definition.is_empty() {
            return;
        }
        let mariadb = self.client.is_mariadb();
        let drop = |out: &mut Vec<u8>| {
            if self.options.add_drop_table {
                let (keyword, name) = (kind.keyword(), self.names.shown(&routine.name));
                let statement = format!("DROP {keyword} IF EXISTS {name}");
                // Libraries came long after the last server that needs the comment.
                push(
                    out,
                    &match kind {
                        RoutineKind::Library => format!("{statement};\n"),
                        _ => format!("/*!50003 {statement} */;\n"),
                    },
                );
            }
        };
        let with_charset = kind != RoutineKind::Library;
        let mut altered = false;
        if mariadb {
            enter_sql_mode(out, &routine.sql_mode, ";");
        }
        drop(out);
        if with_charset {
            altered = enter_collation(out, self.names, home, &routine.context, ";");
            enter_charset(out, &routine.context, ";");
        }
        if !mariadb {
            enter_sql_mode(out, &routine.sql_mode, ";");
        }
        // The delimiter is `;;` also where the body holds one: so print both clients.
        push(out, "DELIMITER ;;\n");
        out.extend_from_slice(definition);
        push(out, if mariadb { "\n;;\n" } else { " ;;\n" });
        push(out, "DELIMITER ;\n");
        leave_sql_mode(out, ";");
        if with_charset {
            leave_charset(out, ";");
        }
        if altered {
            alter_collation(out, self.names, home.database, home.collation, ";");
        }
    }

    /// What MySQL 9's client says of a server that knows no libraries: once in their place, and
    /// again before each routine, which might use one.
    pub(crate) fn no_libraries(&self, out: &mut Vec<u8>, server_version: &str) {
        push(
            out,
            &format!(
                "--\n-- WARNING: can't read the INFORMATION_SCHEMA.libraries table. It's most \
                 probably an old server {server_version}.\n--\n"
            ),
        );
    }

    /// In the place of a routine whose body this user may not see; printed without
    /// `--comments` too.
    pub(crate) fn hidden_routine(
        &self,
        out: &mut Vec<u8>,
        kind: RoutineKind,
        name: &str,
        user: &str,
    ) {
        let (keyword, name) = (kind.keyword(), self.names.shown(name));
        push(
            out,
            &format!(
                "\n-- insufficient privileges to SHOW CREATE {keyword} {name}\n\
                 -- does {} have permissions on mysql.proc?\n\n",
                commented(user)
            ),
        );
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
    names: Names,
    home: Home<'_>,
    context: &Context,
    d: &str,
) -> bool {
    let differs = context.database_collation != home.collation;
    if differs {
        alter_collation(out, names, home.database, &context.database_collation, d);
    }
    differs
}

fn alter_collation(out: &mut Vec<u8>, names: Names, database: &str, collation: &str, d: &str) {
    // A collation's name begins with its character set's, or is it (`binary`).
    let charset = collation.split('_').next().unwrap_or(collation);
    let name = names.shown(database);
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
