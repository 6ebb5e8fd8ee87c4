//! What `SHOW GRANTS` allows, held against what the options need.

use datatransit_dump::{DumpOptions, Flavour, SnapshotKind};

/// Which privileges are missing, as far as the grants tell.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Missing {
    /// `PRIVILEGE on DATABASE`, each needed by the options.
    pub(crate) needed: Vec<String>,
    /// Whether roles were granted, whose own grants are not listed: then nothing
    /// that is missing here is certain.
    pub(crate) through_roles: bool,
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
                needed.push(format!("{privilege} on {database}"));
            }
        }
    }
    if snapshot == SnapshotKind::GlobalReadLock
        && !parsed.iter().any(|grant| grant.gives("RELOAD", "*"))
    {
        needed.push("RELOAD on *.* (the global read lock)".to_owned());
    }
    if options.routines() && !reads_routines(&parsed, flavour) {
        needed.push(match flavour {
            Flavour::Mariadb => "SELECT on mysql.proc (routines)".to_owned(),
            _ => "SHOW_ROUTINE on *.* (routines)".to_owned(),
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
        let covers = self.scope == "*.*"
            || self
                .scope
                .strip_suffix(".*")
                .is_some_and(|pattern| matches(pattern, database));
        covers && self.has(privilege)
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
        .needed
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
