//! What every command has: the day, the run's name, the way to AWS, the stop.

use std::cell::Cell;
use std::time::Duration;

use datatransit_job::aws::Aws;
use datatransit_job::logs;
use datatransit_job::progress::Terminal;
use datatransit_job::when::When;
use datatransit_job::{Failure, RunId, Stop};
use jiff::Timestamp;

use crate::cli::{Cli, StoreArgs};
use crate::output;

/// How long what is under way may go on after a stop: publishing a report.
pub(crate) const GRACE: Duration = Duration::from_secs(15);

/// One run.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) when: When,
    pub(crate) run_id: RunId,
    pub(crate) aws: Aws,
    pub(crate) stop: Stop,
    pub(crate) terminal: Terminal,
    pub(crate) store: StoreArgs,
    pub(crate) json: bool,
    /// Whether standard output has the result already.
    told: Cell<bool>,
}

impl Context {
    /// Resolves what is common to all commands, and starts the log.
    pub(crate) fn new(cli: &impl Cli) -> Result<Self, Failure> {
        let common = cli.common();
        let now = Timestamp::now();
        let when = common.when.resolve(now)?;
        let run_id = common.run.run_id.clone().unwrap_or_else(|| RunId::new(now));
        let terminal = Terminal::new(common.run.log_format);
        logs::install(
            common.run.log_format,
            &run_id,
            &when.zone,
            terminal.log_writer(),
        )?;
        Ok(Self {
            when,
            run_id,
            aws: Aws::new(common.store.s3_path_style),
            stop: Stop::new(),
            terminal,
            store: common.store.clone(),
            json: cli.wants_json(),
            told: Cell::new(false),
        })
    }

    /// Prints the result: a document for machines, or a text.
    ///
    /// # Errors
    /// When standard output does not take it.
    pub(crate) fn tell(&self, text: &str) -> Result<(), Failure> {
        self.told.set(true);
        output::print(text)
    }

    /// Whether the result was printed, or tried to be.
    pub(crate) const fn has_told(&self) -> bool {
        self.told.get()
    }

    /// Now, to the second, with the zone's offset.
    pub(crate) fn generated_at(&self) -> String {
        let now = Timestamp::now().to_zoned_datetime(self.when.zone.clone());
        now.strftime("%Y-%m-%dT%H:%M:%S%:z").to_string()
    }
}
