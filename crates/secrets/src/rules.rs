//! Which hosts and databases may be touched at all.

use std::net::{IpAddr, Ipv6Addr};

use crate::{
    credentials::DatabaseCredentials,
    error::{Error, Refusal, Subject},
    pattern::Pattern,
};

/// Allow and deny patterns for hosts and databases.
///
/// `*` stands for any number of characters (dots included), `?` for one. A
/// match with a deny pattern refuses, whatever else is allowed. Once there is an
/// allow pattern for hosts (or for databases), what matches none is refused.
///
/// Hosts are compared in any case of letters, without the dot that may end a
/// full name; addresses in their shortest spelling. Databases are compared as
/// they are spelled, except that a deny pattern also matches in another case of
/// letters: on a server that folds names they would be the same database.
///
/// The check is of names. It cannot know that two names lead to the same
/// server: ask the server who it is after connecting, too.
///
/// ```
/// use datatransit_secrets::TargetRules;
///
/// let rules = TargetRules::builder()
///     .allow_host("*.cluster-ro-*.rds.amazonaws.com")
///     .deny_database("mysql")
///     .build()?;
/// assert!(rules.check_host("db.cluster-ro-c0ffee.ap-northeast-1.rds.amazonaws.com").is_ok());
/// assert!(rules.check_host("db.cluster-c0ffee.ap-northeast-1.rds.amazonaws.com").is_err());
/// assert!(rules.check_database("MySQL").is_err());
/// # Ok::<(), datatransit_secrets::Error>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TargetRules {
    hosts: Lists,
    databases: Lists,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Lists {
    allow: Vec<Pattern>,
    deny: Vec<Pattern>,
}

impl TargetRules {
    /// Begins with no pattern, which allows everything.
    pub fn builder() -> TargetRulesBuilder {
        TargetRulesBuilder::default()
    }

    /// Checks a host.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`], which names the pattern and not the host.
    pub fn check_host(&self, host: &str) -> Result<(), Error> {
        let host = normal_host(host);
        self.hosts
            .check(
                |pattern| pattern.matches(&host),
                |pattern| pattern.matches(&host),
            )
            .map_err(|refusal| Error::Refused {
                subject: Subject::Host,
                refusal,
            })
    }

    /// Checks a database.
    ///
    /// # Errors
    ///
    /// [`Error::Refused`], which names the pattern and not the database.
    pub fn check_database(&self, name: &str) -> Result<(), Error> {
        let folded = name.to_lowercase();
        self.databases
            .check(
                |pattern| pattern.matches(name),
                |pattern| pattern.matches(&folded),
            )
            .map_err(|refusal| Error::Refused {
                subject: Subject::Database,
                refusal,
            })
    }

    /// Checks the host of a login and its database, if it names one.
    ///
    /// # Errors
    ///
    /// As [`check_host`](Self::check_host) and [`check_database`](Self::check_database).
    pub fn check(&self, login: &DatabaseCredentials) -> Result<(), Error> {
        self.check_host(login.host())?;
        login
            .database()
            .map_or(Ok(()), |name| self.check_database(name))
    }
}

impl Lists {
    fn check(
        &self,
        allowed: impl Fn(&Pattern) -> bool,
        denied: impl Fn(&Pattern) -> bool,
    ) -> Result<(), Refusal> {
        if let Some(pattern) = self.deny.iter().find(|pattern| denied(pattern)) {
            return Err(Refusal::Denied {
                pattern: pattern.written().to_owned(),
            });
        }
        if self.allow.is_empty() || self.allow.iter().any(allowed) {
            return Ok(());
        }
        let patterns = self.allow.iter().map(|p| p.written().to_owned()).collect();
        Err(Refusal::NotAllowed { patterns })
    }
}

/// Collects patterns for [`TargetRules`].
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct TargetRulesBuilder {
    allow_hosts: Vec<String>,
    deny_hosts: Vec<String>,
    allow_databases: Vec<String>,
    deny_databases: Vec<String>,
}

impl TargetRulesBuilder {
    /// Allows hosts that match the pattern, and refuses those that match no allow pattern.
    pub fn allow_host(mut self, pattern: impl Into<String>) -> Self {
        self.allow_hosts.push(pattern.into());
        self
    }

    /// Refuses hosts that match the pattern.
    pub fn deny_host(mut self, pattern: impl Into<String>) -> Self {
        self.deny_hosts.push(pattern.into());
        self
    }

    /// Allows databases that match the pattern, and refuses those that match no allow pattern.
    pub fn allow_database(mut self, pattern: impl Into<String>) -> Self {
        self.allow_databases.push(pattern.into());
        self
    }

    /// Refuses databases that match the pattern.
    pub fn deny_database(mut self, pattern: impl Into<String>) -> Self {
        self.deny_databases.push(pattern.into());
        self
    }

    /// Checks the patterns: a deny pattern that can never match would protect nothing.
    ///
    /// # Errors
    ///
    /// [`Error::Config`] for an empty pattern, a host pattern with a character
    /// that no host name or address has, and a database pattern with white space
    /// at an end or a control character.
    pub fn build(self) -> Result<TargetRules, Error> {
        Ok(TargetRules {
            hosts: Lists {
                allow: host_patterns(&self.allow_hosts)?,
                deny: host_patterns(&self.deny_hosts)?,
            },
            databases: Lists {
                allow: database_patterns(&self.allow_databases, str::to_owned)?,
                deny: database_patterns(&self.deny_databases, str::to_lowercase)?,
            },
        })
    }
}

fn host_patterns(written: &[String]) -> Result<Vec<Pattern>, Error> {
    let fits = |c: char| c.is_alphanumeric() || "-._:%*?".contains(c);
    let pattern = |text: &String| {
        let normal = normal_host(text);
        if normal.is_empty() || !text.chars().all(fits) {
            return Err(Error::Config {
                setting: "host pattern",
                reason: "is empty or has a character that no host has (only * and ? are wildcards)",
            });
        }
        Ok(Pattern::new(text, &normal))
    };
    written.iter().map(pattern).collect()
}

fn database_patterns(
    written: &[String],
    normal: impl Fn(&str) -> String,
) -> Result<Vec<Pattern>, Error> {
    let pattern = |text: &String| {
        if text.is_empty() || text.trim() != text || text.chars().any(char::is_control) {
            return Err(Error::Config {
                setting: "database pattern",
                reason: "is empty, or has white space at an end or a control character",
            });
        }
        Ok(Pattern::new(text, &normal(text)))
    };
    written.iter().map(pattern).collect()
}

/// Lower case, without a final dot; addresses in the spelling of the standard library.
fn normal_host(host: &str) -> String {
    let host = host.strip_suffix('.').unwrap_or(host);
    let bracketless = host.strip_prefix('[').and_then(|h| h.strip_suffix(']'));
    let host = bracketless.unwrap_or(host);
    match host.parse::<IpAddr>() {
        Ok(IpAddr::V6(v6)) => unmapped(v6).to_string(),
        Ok(v4) => v4.to_string(),
        Err(_) => host.to_lowercase(),
    }
}

/// `::ffff:10.0.0.1` leads to `10.0.0.1`.
fn unmapped(v6: Ipv6Addr) -> IpAddr {
    v6.to_ipv4_mapped().map_or(IpAddr::V6(v6), IpAddr::V4)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rules(lists: [&[&str]; 4]) -> TargetRules {
        let mut builder = TargetRules::builder();
        for pattern in lists[0] {
            builder = builder.allow_host(*pattern);
        }
        for pattern in lists[1] {
            builder = builder.deny_host(*pattern);
        }
        for pattern in lists[2] {
            builder = builder.allow_database(*pattern);
        }
        for pattern in lists[3] {
            builder = builder.deny_database(*pattern);
        }
        builder.build().unwrap()
    }

    #[test]
    fn no_rule_allows_everything() {
        let rules = TargetRules::default();
        assert!(rules.check_host("anything").is_ok());
        assert!(rules.check_database("anything").is_ok());
    }

    #[test]
    fn deny_wins_over_allow_and_names_its_pattern() {
        let rules = rules([&["*.example"], &["*Prod*"], &[], &[]]);
        assert!(rules.check_host("dev.example").is_ok());
        let error = rules.check_host("db.PROD.example").unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Refused);
        assert_eq!(
            error.to_string(),
            "connect: the host is denied by the pattern `*Prod*`"
        );
    }

    #[test]
    fn an_allow_list_refuses_all_others() {
        let rules = rules([&["a.example", "b.example"], &[], &["app"], &[]]);
        assert!(rules.check_host("B.Example.").is_ok());
        assert_eq!(
            rules.check_host("c.example").unwrap_err().to_string(),
            "connect: the host matches none of the allowed patterns `a.example`, `b.example`"
        );
        assert!(rules.check_database("app").is_ok());
        assert!(rules.check_database("other").is_err());
    }

    #[test]
    fn hosts_are_the_same_in_any_case_with_or_without_the_final_dot() {
        let rules = rules([&[], &["DB.example.", "2001:DB8:0::1", "10.0.0.1"], &[], &[]]);
        for host in [
            "db.example",
            "DB.EXAMPLE.",
            "2001:db8::1",
            "[2001:db8:0:0::1]",
            "10.0.0.1",
            "::ffff:10.0.0.1",
        ] {
            assert!(rules.check_host(host).is_err(), "{host}");
        }
        assert!(rules.check_host("db.example.org").is_ok());
    }

    #[test]
    fn case_of_a_database_matters_to_allow_and_not_to_deny() {
        let rules = rules([&[], &[], &["App*"], &["AppSecret"]]);
        assert!(rules.check_database("App1").is_ok());
        assert!(rules.check_database("app1").is_err());
        for name in ["AppSecret", "APPSECRET", "Appsecret"] {
            let error = rules.check_database(name).unwrap_err().to_string();
            assert!(
                error.contains("denied by the pattern `AppSecret`"),
                "{error}"
            );
        }
    }

    #[test]
    fn patterns_that_could_never_match_are_refused() {
        for pattern in [
            "",
            ".",
            "db example",
            "db.example ",
            "[ab].example",
            "mysql://db",
        ] {
            assert!(
                TargetRules::builder().deny_host(pattern).build().is_err(),
                "{pattern}"
            );
        }
        for pattern in ["", " app", "app\n"] {
            assert!(
                TargetRules::builder()
                    .deny_database(pattern)
                    .build()
                    .is_err()
            );
        }
    }

    proptest! {
        #[test]
        fn a_denied_name_is_never_allowed(
            name in "[a-zA-Z]{1,6}", allow in "[a-zA-Z*?]{1,6}", upper in any::<bool>(),
        ) {
            let denied = if upper { name.to_uppercase() } else { name.to_lowercase() };
            let rules = rules([&[&allow], &[&denied], &[&allow], &[&denied]]);
            prop_assert!(rules.check_host(&name).is_err());
            prop_assert!(rules.check_database(&name).is_err());
        }
    }
}
