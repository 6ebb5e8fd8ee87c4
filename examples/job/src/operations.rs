//! What surrounds a run for those who operate it: alerts, pings and metrics, by options
//! that every program here has.

use std::path::Path;
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::Duration;

use clap::Args;
use tokio::task::JoinHandle;

use crate::aws::Aws;
use crate::logs::LogWriter;
use crate::metrics::{self, Figures, MetricsTarget};
use crate::notify::{Notifier, SecretUrl, Story, TopicArn};
use crate::summary::Summary;
use crate::tail::LogTail;
use crate::units::parse_duration;
use crate::{ExitCode, Failure, RunId};

/// Who hears of a run, and how.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Alerts and metrics")]
#[non_exhaustive]
pub struct OperationsArgs {
    /// Name of the job in alerts and metrics [that of the --config file, else the program's]
    #[arg(long, value_name = "NAME")]
    pub job_name: Option<String>,

    /// SNS topic that is told of a failed run; repeatable
    #[arg(long, value_name = "ARN")]
    pub alert_topic: Vec<TopicArn>,

    /// Webhook that a failed run is posted to as JSON, Slack's text in it; repeatable.
    /// The URL, or where it is kept: file:PATH, env:NAME or secretsmanager:ID
    #[arg(long, value_name = "URL")]
    pub alert_webhook: Vec<SecretUrl>,

    /// Last lines of the log that an alert has
    #[arg(
        long,
        value_name = "NUMBER",
        default_value_t = 50,
        value_parser = clap::value_parser!(u16).range(0..=1_000)
    )]
    pub alert_log_lines: u16,

    /// URL that is pinged as healthchecks.io wants it: /start, then itself or /fail;
    /// given as --alert-webhook
    #[arg(long, value_name = "URL")]
    pub ping: Option<SecretUrl>,

    /// Where figures go: emf (a line in the log), cloudwatch (PutMetricData) or
    /// textfile:/DIRECTORY/NAME.prom; repeatable
    #[arg(long, value_name = "TARGET")]
    pub metrics: Vec<MetricsTarget>,

    /// How long alerts, pings and metrics may keep a run from ending
    #[arg(long, value_name = "DURATION", default_value = "10s", value_parser = parse_duration)]
    pub notify_timeout: Duration,

    /// No alert, failed ping or metric when another run holds the lock: for a second
    /// host that stands by
    #[arg(long)]
    pub quiet_when_locked: bool,
}

/// Those options, resolved.
#[derive(Debug)]
pub struct Operations {
    job_name: String,
    run_id: RunId,
    host: String,
    notifier: Notifier,
    metrics: Vec<MetricsTarget>,
    quiet_when_locked: bool,
    tail: LogTail,
    aws: Aws,
    /// Set when the locks were had.
    begun: OnceLock<()>,
    /// The ping that says that the run began, on its way.
    starting: Mutex<Option<JoinHandle<()>>>,
}

impl Operations {
    /// Resolves the options of a run of `program`, configured by the file `config` if by
    /// any. Opens nothing.
    ///
    /// # Errors
    /// A usage failure for what is no URL.
    pub fn resolve(
        args: &OperationsArgs,
        program: &str,
        config: Option<&Path>,
        run_id: &RunId,
        aws: &Aws,
    ) -> Result<Self, Failure> {
        for webhook in &args.alert_webhook {
            webhook.check("--alert-webhook")?;
        }
        if let Some(ping) = &args.ping {
            ping.check("--ping")?;
        }
        let of_file = config.and_then(Path::file_stem);
        let job_name = args
            .job_name
            .clone()
            .or_else(|| of_file.map(|stem| stem.to_string_lossy().into_owned()))
            .unwrap_or_else(|| program.to_owned());
        Ok(Self {
            job_name,
            run_id: run_id.clone(),
            host: host(),
            notifier: Notifier::new(
                args.alert_topic.clone(),
                args.alert_webhook.clone(),
                args.ping.clone(),
                args.notify_timeout,
                run_id,
                aws.clone(),
            ),
            metrics: args.metrics.clone(),
            quiet_when_locked: args.quiet_when_locked,
            tail: LogTail::new(args.alert_log_lines.into()),
            aws: aws.clone(),
            begun: OnceLock::new(),
            starting: Mutex::default(),
        })
    }

    /// Returns where the end of the log is kept.
    #[must_use]
    pub const fn tail(&self) -> &LogTail {
        &self.tail
    }

    /// Whether a change of the size is of use to somebody.
    #[must_use]
    pub(crate) const fn wants_metrics(&self) -> bool {
        !self.metrics.is_empty()
    }

    /// Tells that a run begins, which has its locks; does not wait.
    pub(crate) fn started(&self) {
        // Set once more it stays what it is.
        let _ = self.begun.set(());
        let starting = self.notifier.started(&self.run_id, &self.host);
        *self.starting.lock().unwrap_or_else(PoisonError::into_inner) = starting;
    }

    /// Tells how it went. Takes at most `--notify-timeout`, and changes nothing.
    pub(crate) async fn ended(&self, summary: &Summary, log: &LogWriter) {
        // A lock that was lost on the way is another matter.
        let kept_out = self.begun.get().is_none() && summary.exit_code == ExitCode::Locked.code();
        let stood_by = self.quiet_when_locked && kept_out;
        let starting = self
            .starting
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .take();
        // Before the first of the warnings that may come now.
        let lines = self.tail.lines();
        let story = Story {
            job: &self.job_name,
            run_id: self.run_id.as_str(),
            host: &self.host,
            summary,
            log: &lines,
        };
        let limit = self.notifier.limit;
        let measured = async {
            if !stood_by {
                let figures = Figures::of(summary, &self.job_name, self.run_id.as_str());
                metrics::emit(&self.metrics, &figures, log, &self.aws, limit).await;
            }
        };
        tokio::join!(measured, self.notifier.ended(&story, stood_by, starting));
    }

    /// Says who would hear of a run, by what: for a dry run. Shows no secret.
    #[must_use]
    pub(crate) fn described(&self) -> Vec<(&'static str, Vec<String>)> {
        let topics = self.notifier.topics.iter().map(ToString::to_string);
        let webhooks = self.notifier.webhooks.iter().map(SecretUrl::described);
        let ping = self.notifier.ping.iter().map(SecretUrl::described);
        let metrics = self.metrics.iter().map(ToString::to_string);
        [
            ("alerts", topics.chain(webhooks).collect::<Vec<_>>()),
            ("ping", ping.collect()),
            ("metrics", metrics.collect()),
        ]
        .into_iter()
        .filter(|(_, whom)| !whom.is_empty())
        .collect()
    }

    /// Returns the job's name.
    #[must_use]
    pub fn job_name(&self) -> &str {
        &self.job_name
    }
}

/// Returns this host's name.
#[must_use]
pub fn host() -> String {
    gethostname::gethostname().to_string_lossy().into_owned()
}
