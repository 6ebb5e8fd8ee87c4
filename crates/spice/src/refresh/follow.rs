//! An ingestion, looked at until it is over, and what its end means.

use std::time::Duration;

use datatransit_quicksight::{ApiError, ApiErrorKind, AssetId, wait::retry};
use tokio::time::{Instant, sleep, timeout};

use super::{
    drive::{Drive, failure_of},
    history::recent,
};
use crate::{
    classify::{Failure, FailureClass},
    ingestion::{Ingestion, IngestionStatus},
    observe::Event,
    report::{How, Outcome},
    run::State,
};

/// How long "not found" is taken for "not yet seen".
const UNSEEN: Duration = Duration::from_secs(30);
/// Longest wait for one that was asked to end.
const ENDING: Duration = Duration::from_secs(60);

impl Drive<'_> {
    /// Follows the item's ingestion to its end, and the item to its own, or to another
    /// ingestion. The caller bounds the time.
    pub(super) async fn follow(&self, place: usize) {
        let Some((id, ingestion, how)) = self.going(place) else {
            return;
        };
        match self.watch(place, &id, &ingestion).await {
            Ok(seen) => self.judge(place, &id, how, &seen).await,
            Err(failure) => self.fail(place, failure),
        }
    }

    fn going(&self, place: usize) -> Option<(AssetId, String, How)> {
        self.with(place, |item| match &item.state {
            State::Going { ingestion, how, .. } => Some((item.id.clone(), ingestion.clone(), *how)),
            _ => None,
        })
    }

    /// Looks at an ingestion, more and more seldom, until it is over.
    async fn watch(
        &self,
        place: usize,
        id: &AssetId,
        ingestion: &str,
    ) -> Result<Ingestion, Failure> {
        let pace = &self.refresh.pace;
        let (began, mut pause) = (Instant::now(), pace.first_pause);
        loop {
            match self.look(id, ingestion).await {
                Ok(seen) if seen.status.is_final() => return Ok(seen),
                Ok(seen) => {
                    // A change of state is a sign that the next may be near.
                    if self.saw(place, id, ingestion, &seen.status) {
                        pause = pace.first_pause;
                    }
                }
                Err(error) if passes(&error, began) => {
                    tracing::debug!(data_set = %id, %error, "asking again");
                }
                Err(error) => return Err(Failure::of_api(&error)),
            }
            // Between three quarters and the whole, so that many do not come together.
            sleep(pause.mul_f64(0.75 + fastrand::f64() / 4.0)).await;
            pause = pause.mul_f64(1.5).min(pace.longest_pause);
        }
    }

    async fn look(&self, id: &AssetId, ingestion: &str) -> Result<Ingestion, ApiError> {
        let limiter = &self.refresh.limiter;
        limiter.turn().await;
        let looked = self.refresh.api.ingestion(id, ingestion).await;
        match &looked {
            Err(error) if error.kind == ApiErrorKind::Throttled => limiter.slow_down(),
            Ok(_) => limiter.speed_up(),
            Err(_) => {}
        }
        Ingestion::from_json(&looked?).ok_or_else(|| {
            ApiError::malformed(
                "DescribeIngestion",
                format_args!("ingestion `{ingestion}` of data set `{id}`"),
                "no identifier or no status in it",
            )
        })
    }

    /// Notes a state; whether it is another than before.
    fn saw(&self, place: usize, id: &AssetId, ingestion: &str, seen: &IngestionStatus) -> bool {
        let is_new = self.with(place, |item| match &mut item.state {
            State::Going { status, .. } if status.as_deref() != Some(seen.as_str()) => {
                *status = Some(seen.to_string());
                true
            }
            _ => false,
        });
        if is_new {
            self.tell(&Event::State {
                data_set: id.as_str(),
                ingestion,
                status: seen.as_str(),
            });
        }
        is_new
    }

    /// Decides what the end of an ingestion means for the item.
    async fn judge(&self, place: usize, id: &AssetId, how: How, seen: &Ingestion) {
        let Some(failure) = self.failure(seen) else {
            return self.refreshed(place, seen);
        };
        if failure.class == FailureClass::Superseded {
            match self.newer(id, seen).await {
                Ok(Some(newer)) => {
                    self.with(place, |item| item.attempts -= 1);
                    return self.go(place, &newer, How::Attached);
                }
                Ok(None) => {}
                Err(failure) => return self.fail(place, failure),
            }
        }
        let is_last = self.with(place, |item| item.attempts >= self.config.attempts);
        if failure.may_retry && !is_last {
            self.tell(&Event::Again {
                data_set: id.as_str(),
                reason: &failure.to_string(),
            });
            return self.with(place, |item| item.state = State::Waiting);
        }
        let report = self.with(place, |item| {
            let mut report = item.failed(failure);
            report.tell(seen);
            report.how = Some(how);
            report
        });
        self.finish(place, report);
    }

    fn refreshed(&self, place: usize, seen: &Ingestion) {
        let report = self.with(place, |item| {
            let mut report = item.report(Outcome::Refreshed);
            report.tell(seen);
            report
        });
        self.finish(place, report);
    }

    /// Why an ingestion that is over is not good; `None` when it is.
    fn failure(&self, seen: &Ingestion) -> Option<Failure> {
        let said = seen.error_message.as_deref().unwrap_or("no reason given");
        let class = seen.error_kind.as_deref().map(FailureClass::of_ingestion);
        let failure = match seen.status {
            IngestionStatus::Completed => {
                let (dropped, most) = (
                    seen.rows_dropped.unwrap_or_default(),
                    self.config.max_dropped_rows,
                );
                if dropped <= most {
                    return None;
                }
                let message = format!("{dropped} rows were dropped, {most} are allowed");
                Failure::new(FailureClass::DroppedRows, message)
            }
            IngestionStatus::Cancelled => {
                let class = class.unwrap_or(FailureClass::Cancelled);
                Failure::new(class, format!("it was cancelled: {said}"))
            }
            _ => Failure::new(class.unwrap_or(FailureClass::Unknown), said),
        };
        Some(failure.with_code(seen.error_kind.clone()))
    }

    /// The newest ingestion, if that is another.
    async fn newer(&self, id: &AssetId, than: &Ingestion) -> Result<Option<String>, Failure> {
        let now = (self.refresh.clock)();
        let history = retry(
            &self.patience(),
            format!("the ingestions of data set `{id}`"),
            |_| false,
            || recent(&*self.refresh.api, &self.refresh.limiter, id, now),
        )
        .await
        .map_err(|error| failure_of(&error))?;
        Ok(history
            .into_iter()
            .next()
            .filter(|newest| newest.id != than.id)
            .map(|newest| newest.id))
    }

    /// Asks for the end of an ingestion, and waits a minute at most until it is over;
    /// `None` when it is not by then.
    pub(super) async fn ask_to_end(
        &self,
        place: usize,
        ingestion: &str,
    ) -> Result<Option<Ingestion>, Failure> {
        let id = self.with(place, |item| item.id.clone());
        retry(
            &self.patience(),
            format!("the end of ingestion `{ingestion}` of data set `{id}`"),
            |_| false,
            || async {
                self.refresh.limiter.turn().await;
                match self.refresh.api.cancel_ingestion(&id, ingestion).await {
                    // It has ended by itself in the meantime.
                    Err(error) if error.kind == ApiErrorKind::Invalid => Ok(()),
                    asked => asked.map(drop),
                }
            },
        )
        .await
        .map_err(|error| failure_of(&error))?;
        match timeout(ENDING, self.watch(place, &id, ingestion)).await {
            Ok(seen) => seen.map(Some),
            Err(_) => Ok(None),
        }
    }

    /// Ends an item, and its ingestion, if that is this run's. One that completes in
    /// spite of it counts as what it is.
    pub(super) async fn end(&self, place: usize, why: &str) {
        let Some((_, ingestion, how)) = self.going(place) else {
            return;
        };
        let class = if why.ends_with("passed") {
            FailureClass::Deadline
        } else {
            FailureClass::Cancelled
        };
        if how == How::Attached {
            let message = format!("{why}; ingestion `{ingestion}` of somebody else goes on");
            return self.fail(place, Failure::new(class, message));
        }
        match self.ask_to_end(place, &ingestion).await {
            Ok(Some(seen)) if self.failure(&seen).is_none() => self.refreshed(place, &seen),
            Ok(Some(seen)) => {
                let report = self.with(place, |item| {
                    let message = format!("{why}; ingestion `{ingestion}` was cancelled");
                    let mut report = item.failed(Failure::new(class, message));
                    report.tell(&seen);
                    report
                });
                self.finish(place, report);
            }
            Ok(None) => {
                let message =
                    format!("{why}; ingestion `{ingestion}` was asked to end and has not yet");
                self.fail(place, Failure::new(class, message));
            }
            Err(failure) => {
                let message =
                    format!("{why}; ingestion `{ingestion}` could not be cancelled: {failure}");
                self.fail(place, Failure::new(class, message));
            }
        }
    }
}

/// Whether a look that failed is to be made again. The time for it is the caller's.
fn passes(error: &ApiError, began: Instant) -> bool {
    match error.kind {
        ApiErrorKind::NotFound => began.elapsed() < UNSEEN,
        _ => error.is_retryable(),
    }
}
