//! Triggers, events and routines.

use super::Run;
use crate::error::Error;
use crate::layout::Home;
use crate::source::catalogue::{self, RoutineKind};

impl Run<'_, '_> {
    pub(super) async fn triggers(
        &mut self,
        database: &str,
        table: &str,
        text: &mut Vec<u8>,
    ) -> Result<(), Error> {
        if !self.executor.options.triggers {
            return Ok(());
        }
        let client = self.executor.client.flavour();
        let triggers = catalogue::triggers(self.session, table, client).await;
        let Some(triggers) = self.failures.tolerate(triggers)? else {
            return Ok(());
        };
        if triggers.is_empty() {
            return Ok(());
        }
        let collation = self.collation().await?;
        for trigger in &triggers {
            if trigger.definition.is_none() {
                self.failures.forgive(hidden("trigger", &trigger.name))?;
            }
            let home = Home {
                database,
                collation: &collation,
            };
            self.layout.trigger(text, home, trigger);
        }
        Ok(())
    }

    pub(super) async fn events(&mut self, database: &str, text: &mut Vec<u8>) -> Result<(), Error> {
        self.layout.events_comment(text, database);
        let events = catalogue::events(self.session, database).await;
        let Some(events) = self.failures.tolerate(events)? else {
            return Ok(());
        };
        let collation = self.collation().await?;
        let home = Home {
            database,
            collation: &collation,
        };
        self.layout.events(text, home, &events);
        Ok(())
    }

    pub(super) async fn routines(
        &mut self,
        database: &str,
        text: &mut Vec<u8>,
    ) -> Result<(), Error> {
        self.layout.routines_comment(text, database);
        let collation = self.collation().await?;
        let home = Home {
            database,
            collation: &collation,
        };
        let executor = self.executor;
        let mut knows_libraries = true;
        for &kind in RoutineKind::of(executor.server.flavour, executor.client) {
            let routines = catalogue::routines(self.session, database, kind).await;
            let Some(routines) = self.failures.tolerate(routines)? else {
                return Ok(());
            };
            let Some(routines) = routines else {
                knows_libraries = false;
                self.layout.no_libraries(text, &executor.server.version);
                continue;
            };
            for routine in &routines {
                if !knows_libraries {
                    self.layout.no_libraries(text, &executor.server.version);
                }
                if routine.definition.is_none() {
                    self.layout
                        .hidden_routine(text, kind, &routine.name, executor.user);
                    self.failures
                        .forgive(hidden(&kind.keyword().to_lowercase(), &routine.name))?;
                }
                self.layout.routine(text, home, kind, routine);
            }
        }
        Ok(())
    }

    async fn collation(&mut self) -> Result<String, Error> {
        if let Some(collation) = &self.collation {
            return Ok(collation.clone());
        }
        let collation = catalogue::database_collation(self.session).await?;
        self.collation = Some(collation.clone());
        Ok(collation)
    }
}

/// A definition that the user may not read is no reason to print a dump without it.
fn hidden(kind: &str, name: &str) -> Error {
    Error::AccessDenied {
        step: format!("read the definition of {kind} {name}"),
        code: 0,
        message: "the user may not see its body: grant SHOW_ROUTINE (MySQL 8.0.20 and later) or \
                  SELECT on mysql.proc (MariaDB), or dump as its definer"
            .into(),
    }
}
