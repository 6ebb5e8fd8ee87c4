//! What a program is that makes one object of what it reads in one database. All
//! else about it is the same for each: see [`launch`](crate::launch) and
//! [`run`](crate::run).

use clap::{ArgMatches, Command};
use datatransit_dump::{Inspection, ManifestFacts};
use datatransit_secrets::DatabaseCredentials;
use jiff::Timestamp;

use crate::Failure;
use crate::check::Report;
use crate::dry_run::Plan;
use crate::job::{Job, Source};
use crate::output::Output;
use crate::summary::Facts;

/// A program, with all that its arguments say.
pub trait Program: Sized {
    /// Its name, as it is called. `full-dump` has `FULL_DUMP_` before its variables.
    const NAME: &'static str;
    /// What it makes, in one word: also the stage of a failure in the midst of it.
    const NOUN: &'static str;
    /// The checks that [`examine`](Self::examine) makes.
    const CHECKS: &'static [&'static str];

    /// What is read.
    type Selection;
    /// What came of it.
    type Product: Product;

    /// Builds the command line.
    fn command() -> Command;

    /// Explains an argument that the command line would only call unexpected.
    #[must_use]
    fn explain(_arguments: &[String]) -> Option<Failure> {
        None
    }

    /// Resolves the arguments. Opens no socket.
    ///
    /// # Errors
    /// A usage failure.
    fn resolve(matches: &ArgMatches) -> Result<Self, Failure>;

    /// Returns what it has in common with the others.
    fn job(&self) -> &Job;

    /// Returns the MIME type of the object.
    fn content_type(&self) -> &'static str;

    /// Decides what the login's user is to read, and asks the rules.
    ///
    /// # Errors
    /// The rule that forbids it, or a usage failure.
    fn select(&self, login: &DatabaseCredentials) -> Result<Self::Selection, Failure>;

    /// Logs what is about to happen.
    fn announce(&self, source: &Source<Self::Selection>);

    /// Reads, and writes the object's bytes. Neither publishes nor aborts.
    fn produce(
        &self,
        source: &Source<Self::Selection>,
        output: &mut Output,
    ) -> impl Future<Output = Result<Self::Product, Failure>>;

    /// Returns why the product is not valid, one sentence each; nothing when it is.
    fn reasons(&self, product: &Self::Product, now: Timestamp) -> Vec<String>;

    /// Connects, and tells what would be read.
    fn plan(&self, source: &Source<Self::Selection>)
    -> impl Future<Output = Result<Plan, Failure>>;

    /// Checks what the user may see of what is to be read.
    fn examine(
        &self,
        source: &Source<Self::Selection>,
        inspection: &Inspection,
        report: &mut Report,
    ) -> impl Future<Output = ()>;
}

/// What was written, and what is to be said about it.
pub trait Product {
    /// Returns the bytes that the output was given.
    fn stored_bytes(&self) -> u64;

    /// Returns its members of the summary.
    fn facts(&self) -> Facts;

    /// Logs that it is made.
    fn announce(&self);

    /// Returns why it must never be published, gates or not.
    fn refusal(&self) -> Option<Failure> {
        None
    }

    /// Returns the manifest's text.
    fn manifest(&self, facts: ManifestFacts) -> String;
}
