//! Which servers and databases a job may touch, decided before any socket opens.

use anyhow::anyhow;
use clap::Args;
use datatransit_secrets::{DatabaseCredentials, TargetRules};

use crate::Failure;

/// The options that guard against the wrong source.
#[derive(Clone, Debug, Default, Args)]
#[command(next_help_heading = "Guards on the source")]
#[non_exhaustive]
pub struct TargetArgs {
    /// Refuses hosts that match the pattern (* and ?); wins over --allow-host;
    /// repeatable, or separated by commas
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    pub deny_host: Vec<String>,

    /// Refuses every host that matches no such pattern; repeatable
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    pub allow_host: Vec<String>,

    /// Refuses databases that match the pattern; wins over --allow-database; repeatable
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    pub deny_database: Vec<String>,

    /// Refuses every database that matches no such pattern; repeatable
    #[arg(long, value_name = "PATTERN", value_delimiter = ',')]
    pub allow_database: Vec<String>,
}

impl TargetArgs {
    /// Compiles the patterns.
    ///
    /// # Errors
    /// A usage failure for a pattern that could never match.
    pub fn rules(&self) -> Result<TargetRules, Failure> {
        let mut rules = TargetRules::builder();
        for pattern in &self.deny_host {
            rules = rules.deny_host(pattern);
        }
        for pattern in &self.allow_host {
            rules = rules.allow_host(pattern);
        }
        for pattern in &self.deny_database {
            rules = rules.deny_database(pattern);
        }
        for pattern in &self.allow_database {
            rules = rules.allow_database(pattern);
        }
        rules.build().map_err(Failure::from)
    }

    /// Checks the login's host and every database that is to be read.
    ///
    /// # Errors
    /// [`ExitCode::Source`](crate::ExitCode::Source) with the rule and the name
    /// that it refuses; a usage failure for an impossible pattern.
    pub fn check<'a>(
        &self,
        login: &DatabaseCredentials,
        databases: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), Failure> {
        let rules = self.rules()?;
        rules
            .check_host(login.host())
            .map_err(|error| named(error, login.host()))?;
        for database in databases {
            rules
                .check_database(database)
                .map_err(|error| named(error, database))?;
        }
        Ok(())
    }
}

impl TargetArgs {
    /// Checks the login's host for a job that reads every database there is.
    ///
    /// # Errors
    /// [`ExitCode::Source`](crate::ExitCode::Source) when a rule is about databases: whose
    /// names nobody knows before connecting cannot be checked before that.
    pub fn check_all(&self, login: &DatabaseCredentials) -> Result<(), Failure> {
        if self.allow_database.is_empty() && self.deny_database.is_empty() {
            return self.check(login, []);
        }
        let error =
            anyhow!("--all-databases reads also what --allow-database or --deny-database forbids");
        Err(Failure::new(crate::ExitCode::Source, "target rules", error)
            .with_remedy("name the databases with --databases"))
    }
}

fn named(error: datatransit_secrets::Error, name: &str) -> Failure {
    let remedy = error.remedy().map(str::to_owned);
    let failure = Failure::new(
        crate::ExitCode::Source,
        "target rules",
        anyhow!(error).context(format!("{name} may not be dumped")),
    );
    match remedy {
        Some(remedy) => failure.with_remedy(remedy),
        None => failure,
    }
}
