//! One invocation: what its event asks for is done, told and answered.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use datatransit_spice::gate::GateError;
use datatransit_spice::{Refresh, RefreshConfig, RefreshError, Report, Run, Trigger, Verdict};
use jiff::Timestamp;
use jiff::fmt::strtime;
use jiff::tz::TimeZone;
use lambda_runtime::{Context, LambdaEvent};
use serde_json::{Map, Value, json};
use tokio::time::{Instant, timeout_at};
use tracing::{error, info};

use crate::answer;
use crate::clients::Clients;
use crate::config::{Settings, margin};
use crate::event::{self, Ask, Message, Request, Task};
use crate::failure::Failure;
use crate::metrics::{self, Figures};

/// The function: made once, and asked again and again.
#[derive(Debug)]
pub(crate) struct Function {
    /// An error is told by every invocation, under its name: one in the initialisation
    /// would only be an exit to the service.
    settings: Result<Settings, Failure>,
    clients: Clients,
}

/// How a request ended well.
enum Done {
    /// With a report; a run that is not over has a token.
    Told {
        report: Report,
        token: Option<String>,
    },
    /// With nothing done.
    Ignored(String),
}

impl Function {
    pub(crate) const fn new(settings: Result<Settings, Failure>, clients: Clients) -> Self {
        Self { settings, clients }
    }

    /// Handles an event.
    pub(crate) async fn handle(&self, event: LambdaEvent<Value>) -> Result<Value, Failure> {
        let (began, context) = (Instant::now(), event.context);
        match event::read(event.payload) {
            Ok(Ask::One(request)) => self.answer(request, &context).await,
            Ok(Ask::Batch(messages)) => Ok(self.batch(messages, &context).await),
            Err(failure) => Err(told(failure.into(), began, &context)),
        }
    }

    /// Every message is tried; those that failed go back to the queue, and only those.
    async fn batch(&self, messages: Vec<Message>, context: &Context) -> Value {
        let mut failures = Vec::new();
        for message in messages {
            let began = Instant::now();
            let done = match message.request {
                Ok(request) => self.answer(request, context).await.map(drop),
                Err(failure) => Err(told(failure.into(), began, context)),
            };
            if done.is_err() {
                failures.push(json!({"itemIdentifier": message.id}));
            }
        }
        json!({"batchItemFailures": failures})
    }

    async fn answer(&self, request: Request, context: &Context) -> Result<Value, Failure> {
        let began = Instant::now();
        let by_hand = matches!(request.task, Task::Refresh { answered: true, .. });
        match self.perform(request, context).await {
            Ok(Done::Ignored(why)) => {
                let message = format!("nothing to do: {why}");
                info!("{message}");
                Ok(json!({"message": message, "done": true}))
            }
            Ok(Done::Told { report, token }) => {
                metrics::tell(&figures(&report), &context.request_id);
                info!(verdict = ?report.verdict, "{}", report.summary());
                let answer = answer::of(&report, token, Timestamp::now());
                Ok(Value::Object(match by_hand {
                    true => answer::in_envelope(answer),
                    false => answer,
                }))
            }
            Err(failed) => Err(told(failed, began, context)),
        }
    }

    /// Does what is asked for.
    async fn perform(&self, request: Request, context: &Context) -> Result<Done, Failed> {
        let settings = self.settings.as_ref().map_err(Clone::clone)?;
        let refresh = self
            .clients
            .refresh(settings, &context.invoked_function_arn)?;
        let until = Until::of(context);
        // The service's own retries of an invocation keep its id, as an event's do theirs.
        let id = request.id.unwrap_or_else(|| context.request_id.clone());
        let trigger = Trigger::Event(id);

        let (run, heard) = match request.task {
            Task::Ignore(why) => return Ok(Done::Ignored(why)),
            Task::Poll { token } => {
                let run = refresh.resume(&token);
                let mut run = run.map_err(|error| not_begun(&error))?;
                let report = run.report();
                refresh
                    .wait(&mut run, Some(until.for_a_look(report.unfinished)))
                    .await;
                (run, true)
            }
            Task::Start { changes } => {
                let config = settings.refresh(&changes)?;
                let mut run = self.planned(refresh, config, trigger, until).await?;
                // Time that is over leaves the run as far as it was seen.
                let _ = timeout_at(until.0, refresh.start(&mut run)).await;
                (run, true)
            }
            Task::Refresh { changes, answered } => {
                let config = settings.refresh(&changes)?;
                let mut run = self.planned(refresh, config, trigger, until).await?;
                refresh.wait(&mut run, Some(until.0)).await;
                (run, answered)
            }
            Task::RefreshAfter(objects) => {
                let config = settings.refresh(&Map::new())?;
                if let Some(why) = stranger(&config, &objects) {
                    return Ok(Done::Ignored(why));
                }
                let mut run = self.planned(refresh, config, trigger, until).await?;
                refresh.wait(&mut run, Some(until.0)).await;
                (run, false)
            }
        };
        judge(&run, heard)
    }
}

impl Function {
    /// Waits for the gate within the invocation's time, and finds the data sets.
    async fn planned(
        &self,
        refresh: &Refresh,
        config: RefreshConfig,
        trigger: Trigger,
        until: Until,
    ) -> Result<Run, Failed> {
        let refresh = match config.gate {
            Some(_) => &refresh.clone().with_objects(self.clients.objects()),
            None => refresh,
        };
        match timeout_at(until.0, refresh.gate(&config, &trigger)).await {
            Ok(opened) => drop(opened.map_err(|error| not_begun(&error))?),
            Err(_) => {
                let text = "the gate did not open within the function's time limit; nothing was \
                            refreshed: see why the dump is late, or raise the time limit";
                return Err(Failed::plain(Failure::Gate(text.to_owned())));
            }
        }
        match timeout_at(until.0, refresh.plan(config, trigger)).await {
            Ok(planned) => planned.map_err(|error| not_begun(&error)),
            Err(_) => Err(Failed::plain(Failure::Deadline {
                summary: "the data sets could not be looked up within the function's time limit; \
                          nothing was refreshed"
                    .to_owned(),
                report: json!({}),
            })),
        }
    }
}

/// The moment at which an invocation must turn to its answer.
#[derive(Debug, Clone, Copy)]
struct Until(Instant);

impl Until {
    fn of(context: &Context) -> Self {
        let deadline = UNIX_EPOCH + Duration::from_millis(context.deadline);
        let left = deadline
            .duration_since(SystemTime::now())
            .unwrap_or_default();
        Self(Instant::now() + left.saturating_sub(margin(left)))
    }

    /// Enough to look once at so many ingestions at the pace that the service allows.
    fn for_a_look(self, unfinished: usize) -> Instant {
        let data_sets = u32::try_from(unfinished).unwrap_or(u32::MAX);
        let look = Duration::from_secs(3).saturating_add(A_LOOK.saturating_mul(data_sets));
        self.0.min(Instant::now() + look)
    }
}

/// Twice what one look takes by the library's own pace.
const A_LOOK: Duration = Duration::from_millis(500);

/// Why objects are none that the gate waits for; without a gate any will do.
fn stranger(config: &RefreshConfig, objects: &[(String, String)]) -> Option<String> {
    let gate = config.gate.as_ref()?;
    // The configuration was checked: zone and pattern are good.
    let zone = TimeZone::get(&gate.timezone).ok()?;
    let today = Timestamp::now().to_zoned_datetime(zone).date();
    let manifest = strtime::format(&gate.manifest, today).ok()?;
    let written = |(bucket, key): &(String, String)| format!("s3://{bucket}/{key}");
    let all: Vec<String> = objects.iter().map(written).collect();
    let found = all.contains(&manifest);
    (!found).then(|| format!("{} is not today's {manifest}", all.join(", ")))
}

/// Why nothing was begun.
fn not_begun(error: &RefreshError) -> Failed {
    let text = error.to_string();
    Failed::plain(match error {
        RefreshError::Gate(GateError::UpstreamFailed { .. }) => Failure::Upstream(text),
        RefreshError::Gate(GateError::Closed { .. }) => Failure::Gate(text),
        RefreshError::Gate(GateError::Refused { source, .. }) => {
            Failure::Configuration(format!("{text}: {source}"))
        }
        RefreshError::Token(_) => Failure::Event(text),
        _ => Failure::Configuration(text),
    })
}

/// What a run that was worked on means to its caller: `heard` says whether one listens.
fn judge(run: &Run, heard: bool) -> Result<Done, Failed> {
    let report = run.report();
    let token = (!run.is_over()).then(|| run.token());
    let summary = report.summary();
    let fail = |failure: fn(String, Value) -> Failure, summary: String, token| {
        let told = answer::of(&report, token, Timestamp::now());
        Err(Failed {
            failure: failure(summary, Value::Object(told)),
            report: Some(Box::new(report.clone())),
        })
    };
    let deadline = |summary, report| Failure::Deadline { summary, report };
    let refresh = |summary, report| Failure::Refresh { summary, report };
    match (report.verdict, token) {
        (Verdict::Complete, token) => Ok(Done::Told { report, token }),
        (Verdict::Unfinished, token) if heard => Ok(Done::Told { report, token }),
        (Verdict::Unfinished, token) => {
            let text = format!(
                "{summary}; the function's time is over: invoked with the same event it goes on"
            );
            fail(deadline, text, token)
        }
        (Verdict::Deadline, token) => fail(deadline, summary, token),
        (_, token) => fail(refresh, summary, token),
    }
}

/// A failure, and the run's report if it came to one.
struct Failed {
    failure: Failure,
    report: Option<Box<Report>>,
}

impl Failed {
    const fn plain(failure: Failure) -> Self {
        Self {
            failure,
            report: None,
        }
    }
}

impl From<Failure> for Failed {
    fn from(failure: Failure) -> Self {
        Self::plain(failure)
    }
}

/// Writes a failure down: its line, and its figures.
fn told(failed: Failed, began: Instant, context: &Context) -> Failure {
    let Failed { failure, report } = failed;
    error!(errorType = failure.kind(), "{failure}");
    let mut figures = match &report {
        Some(report) => figures(report),
        None => Figures {
            duration: began.elapsed(),
            ..Figures::default()
        },
    };
    figures.success = Some(false);
    metrics::tell(&figures, &context.request_id);
    failure
}

fn figures(report: &Report) -> Figures {
    let count = |count: usize| u64::try_from(count).unwrap_or(u64::MAX);
    let passed = Timestamp::now().duration_since(report.started_at);
    Figures {
        success: (report.verdict != Verdict::Unfinished).then(|| report.is_complete()),
        refreshed: count(report.refreshed),
        failed: count(report.failed),
        skipped: count(report.skipped),
        rows: report.rows_ingested,
        duration: Duration::try_from(passed).unwrap_or_default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(gate: &Value) -> RefreshConfig {
        let document = json!({"data_sets": [{"all": true}], "gate": gate});
        serde_json::from_value(document).unwrap()
    }

    #[test]
    fn only_todays_manifest_is_what_the_gate_waits_for() {
        let gate = json!({"manifest": "s3://dumps/m_%Y%m%d.json", "timezone": "Asia/Tokyo"});
        let config_with = config(&gate);
        let tokyo = TimeZone::get("Asia/Tokyo").unwrap();
        let today = Timestamp::now().to_zoned_datetime(tokyo);
        let object = |key: String| ("dumps".to_owned(), key);
        let todays = object(today.strftime("m_%Y%m%d.json").to_string());
        let others = object("m_20200101.json".to_owned());
        assert_eq!(stranger(&config_with, &[others.clone(), todays]), None);
        let why = stranger(&config_with, std::slice::from_ref(&others)).unwrap();
        assert!(why.contains("m_20200101.json"), "{why}");
        // Without a gate whatever the rule lets through will do.
        assert_eq!(stranger(&config(&Value::Null), &[others]), None);
    }

    #[test]
    fn a_look_takes_no_longer_than_the_invocation_has() {
        let soon = Until(Instant::now());
        assert_eq!(soon.for_a_look(1000), soon.0);
        let late = Until(Instant::now() + Duration::from_secs(900));
        let look = late.for_a_look(10) - Instant::now();
        assert!((7..=8).contains(&look.as_secs()), "{look:?}");
    }
}
