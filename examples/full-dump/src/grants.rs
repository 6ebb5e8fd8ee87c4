//! What `SHOW GRANTS` allows, held against what the options need.

use datatransit_dump::{DumpOptions, Flavour, SnapshotKind};

/// A privilege that the options need.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Need {
    privilege: &'static str,
    /// As a person calls it: a database's name, or `*.*`.
    on: String,
    /// As GRANT wants it.
    scope: String,
    /// What for, where the privilege's name does not tell.
    purpose: &'static str,
}

impl Need {
    fn global(privilege: &'static str, purpose: &'static str) -> Self {
        Self {
            privilege,
            on: "*.*".to_owned(),
            scope: "*.*".to_owned(),
            purpose,
        }
    }

    /// Of several grants that match a database the server heeds the most specific
    /// alone: what is missing must be added to the one that is there.
    fn on_database(privilege: &'static str, database: &str, grants: &[Grant]) -> Self {
        let given = grants.iter().find(|grant| grant.is_on(database));
        let scope = match (given, database) {
            (Some(grant), _) => grant.written.clone(),
            (None, "*") => "*.*".to_owned(),
            (None, name) => format!("{}.*", quoted(&escaped(name))),
        };
        Self {
            privilege,
            on: database.to_owned(),
            scope,
            purpose: "",
        }
    }

    /// `PRIVILEGE on DATABASE`, and what for.
    fn told(&self) -> String {
        let Self { privilege, on, .. } = self;
        match self.purpose {
            "" => format!("{privilege} on {on}"),
            purpose => format!("{privilege} on {on} ({purpose})"),
        }
    }
}

/// Which privileges are missing, as far as the grants tell.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Missing {
    /// Each needed by the options.
    pub(crate) needed: Vec<Need>,
    /// Whether roles were granted, whose own grants are not listed: then nothing
    /// that is missing here is certain.
    pub(crate) through_roles: bool,
}

impl Missing {
    /// Names each of them.
    pub(crate) fn told(&self) -> Vec<String> {
        self.needed.iter().map(Need::told).collect()
    }

    /// The statements that give them to an account, which is `CURRENT_USER()`'s
    /// `user@host`; one for each scope.
    pub(crate) fn statements(&self, account: &str) -> Vec<String> {
        let mut scopes: Vec<(&str, Vec<&str>)> = Vec::new();
        for need in &self.needed {
            match scopes.iter_mut().find(|(scope, _)| *scope == need.scope) {
                Some((_, privileges)) => privileges.push(need.privilege),
                None => scopes.push((&need.scope, vec![need.privilege])),
            }
        }
        let (user, host) = account.rsplit_once('@').unwrap_or((account, "%"));
        let account = format!("{}@{}", quoted(user), quoted(host));
        scopes
            .iter()
            .map(|(scope, privileges)| {
                format!("GRANT {} ON {scope} TO {account}", privileges.join(", "))
            })
            .collect()
    }
}

fn quoted(name: &str) -> String {
    format!("`{}`", name.replace('`', "``"))
}

/// The name of a database as the pattern that matches no other.
fn escaped(name: &str) -> String {
    let special = |letter| matches!(letter, '\\' | '_' | '%');
    let letters = name.chars();
    letters
        .flat_map(|letter| special(letter).then_some('\\').into_iter().chain([letter]))
        .collect()
}

/// Compares the grants with what a dump of the databases needs.
pub(crate) fn missing(
    grants: &[String],
    databases: &[&str],
    options: &DumpOptions,
    snapshot: SnapshotKind,
    flavour: Flavour,
) -> Missing {
    let parsed: Vec<Grant> = grants
        .iter()
        .filter_map(|grant| Grant::parse(grant))
        .collect();
    let mut wanted = vec!["SELECT", "SHOW VIEW"];
    if options.triggers() {
        wanted.push("TRIGGER");
    }
    if options.events() {
        wanted.push("EVENT");
    }
    if snapshot == SnapshotKind::LockTables {
        wanted.push("LOCK TABLES");
    }
    let mut needed = Vec::new();
    for database in databases {
        for privilege in &wanted {
            if !parsed.iter().any(|grant| grant.gives(privilege, database)) {
                needed.push(Need::on_database(privilege, database, &parsed));
            }
        }
    }
    if snapshot == SnapshotKind::GlobalReadLock
        && !parsed.iter().any(|grant| grant.gives("RELOAD", "*"))
    {
        needed.push(Need::global("RELOAD", "the global read lock"));
    }
    if options.routines() && !reads_routines(&parsed, flavour) {
        needed.push(match flavour {
            Flavour::Mariadb => Need {
                on: "mysql.proc".to_owned(),
                scope: "`mysql`.`proc`".to_owned(),
                ..Need::global("SELECT", "routines")
            },
            _ => Need::global("SHOW_ROUTINE", "routines"),
        });
    }
    Missing {
        needed,
        through_roles: grants.iter().any(|grant| is_role(grant)),
    }
}

/// Whether the text of everybody's routines is shown to this user.
fn reads_routines(grants: &[Grant], flavour: Flavour) -> bool {
    let global = |privilege| {
        grants
            .iter()
            .any(|grant| grant.scope == "*.*" && grant.has(privilege))
    };
    if global("SELECT") || global("SHOW_ROUTINE") {
        return true;
    }
    flavour == Flavour::Mariadb
        && grants.iter().any(|grant| {
            (grant.scope == "mysql.proc" || grant.scope == "mysql.*") && grant.has("SELECT")
        })
}

/// One line of `SHOW GRANTS`.
#[derive(Debug)]
struct Grant {
    privileges: Vec<String>,
    /// `*.*`, `database.*` or `database.table`, without quotes.
    scope: String,
    /// The same as the server wrote it.
    written: String,
}

impl Grant {
    /// A role's membership has no ` ON ` and is no grant of a privilege.
    fn parse(line: &str) -> Option<Self> {
        let rest = line.strip_prefix("GRANT ")?;
        let (privileges, rest) = rest.split_once(" ON ")?;
        let (scope, _) = rest.split_once(" TO ")?;
        let privileges = privileges
            .split(',')
            .map(|one| one.trim().to_ascii_uppercase())
            .collect();
        Some(Self {
            privileges,
            scope: scope.replace('`', ""),
            written: scope.to_owned(),
        })
    }

    fn has(&self, privilege: &str) -> bool {
        self.privileges
            .iter()
            .any(|one| one == privilege || one == "ALL PRIVILEGES" || one == "ALL")
    }

    /// A grant on single tables is not counted: it cannot be told from here
    /// whether it covers all that is to be dumped.
    fn gives(&self, privilege: &str, database: &str) -> bool {
        (self.scope == "*.*" || self.is_on(database)) && self.has(privilege)
    }

    /// Whether it is a grant on databases of which this is one.
    fn is_on(&self, database: &str) -> bool {
        let pattern = self.scope.strip_suffix(".*");
        pattern.is_some_and(|pattern| pattern != "*" && matches(pattern, database))
    }
}

/// A granted database's name is a LIKE pattern: `%`, `_`, and `\` before either.
fn matches(pattern: &str, name: &str) -> bool {
    let mut pattern = pattern.chars();
    match pattern.next() {
        None => name.is_empty(),
        Some('%') => (0..=name.len())
            .filter(|at| name.is_char_boundary(*at))
            .any(|at| matches(pattern.as_str(), &name[at..])),
        Some('_') => {
            let mut rest = name.chars();
            rest.next().is_some() && matches(pattern.as_str(), rest.as_str())
        }
        Some(letter) => {
            let literal = if letter == '\\' {
                pattern.next().unwrap_or('\\')
            } else {
                letter
            };
            name.strip_prefix(literal)
                .is_some_and(|rest| matches(pattern.as_str(), rest))
        }
    }
}

fn is_role(line: &str) -> bool {
    line.starts_with("GRANT ") && !line.contains(" ON ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(names: &[&str]) -> DumpOptions {
        let mut options = DumpOptions::default();
        for name in names {
            options.apply(name, None).unwrap();
        }
        options
    }

    fn needed(grants: &[&str], names: &[&str], snapshot: SnapshotKind) -> Vec<String> {
        let grants: Vec<String> = grants.iter().map(|grant| (*grant).to_owned()).collect();
        missing(
            &grants,
            &["gghouse"],
            &options(names),
            snapshot,
            Flavour::Mysql,
        )
        .told()
    }

    #[test]
    fn one_database_is_enough() {
        let grants = [
            "GRANT USAGE ON *.* TO `cron`@`%`",
            "GRANT SELECT, LOCK TABLES, SHOW VIEW, EVENT, TRIGGER ON `gghouse`.* TO `cron`@`%`",
        ];
        assert_eq!(
            needed(&grants, &["events"], SnapshotKind::LockTables),
            [""; 0]
        );
        assert_eq!(
            needed(&grants, &["routines"], SnapshotKind::ConsistentSnapshot),
            ["SHOW_ROUTINE on *.* (routines)"]
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let grants = ["GRANT SELECT ON `gghouse`.* TO `cron`@`%`"];
        assert_eq!(
            needed(&grants, &["skip-triggers"], SnapshotKind::LockTables),
            ["SHOW VIEW on gghouse", "LOCK TABLES on gghouse"]
        );
        assert_eq!(
            needed(
                &["GRANT ALL PRIVILEGES ON *.* TO `root`@`localhost`"],
                &["routines"],
                SnapshotKind::LockTables
            ),
            [""; 0]
        );
    }

    fn statements(grants: &[&str], database: &str) -> Vec<String> {
        let grants: Vec<String> = grants.iter().map(|grant| (*grant).to_owned()).collect();
        let found = missing(
            &grants,
            &[database],
            &options(&["routines"]),
            SnapshotKind::ConsistentSnapshot,
            Flavour::Mariadb,
        );
        found.statements("cron@10.0.%")
    }

    #[test]
    fn the_remedy_is_a_statement_for_each_scope() {
        assert_eq!(
            statements(&["GRANT USAGE ON *.* TO `cron`@`10.0.%`"], "gg_house"),
            [
                r"GRANT SELECT, SHOW VIEW, TRIGGER ON `gg\_house`.* TO `cron`@`10.0.%`",
                "GRANT SELECT ON `mysql`.`proc` TO `cron`@`10.0.%`",
            ]
        );
    }

    #[test]
    fn what_is_missing_joins_the_grant_that_is_there() {
        let grant = "GRANT SELECT ON `gg_house`.* TO `cron`@`10.0.%`";
        assert_eq!(
            statements(&[grant], "gg_house")[0],
            "GRANT SHOW VIEW, TRIGGER ON `gg_house`.* TO `cron`@`10.0.%`"
        );
    }

    #[test]
    fn a_role_makes_the_answer_uncertain() {
        let grants = ["GRANT `reader`@`%` TO `cron`@`%`".to_owned()];
        let found = missing(
            &grants,
            &["d"],
            &options(&[]),
            SnapshotKind::ConsistentSnapshot,
            Flavour::Mysql,
        );
        assert!(found.through_roles && !found.needed.is_empty());
    }

    #[test]
    fn database_names_are_patterns() {
        assert!(matches("gg\\_house", "gg_house"));
        assert!(!matches("gg\\_house", "ggxhouse"));
        assert!(matches("gg_house", "ggxhouse"));
        assert!(matches("gg%", "gghouse"));
        assert!(matches("%", ""));
        assert!(!matches("gg", "gghouse"));
        assert!(matches("日_語", "日本語"));
    }
}
