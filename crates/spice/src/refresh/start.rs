//! How an ingestion comes to be under way: found, or started.

use datatransit_quicksight::wait::retry;
use datatransit_quicksight::{ApiErrorKind, wait::WaitError};

use super::{
    drive::{Drive, failure_of},
    history::recent,
};
use crate::{
    classify::{Failure, FailureClass},
    config::OnRunning,
    ids::ingestion_id,
    ingestion::{Ingestion, IngestionStatus},
    observe::Event,
    quota::Quota,
    report::How,
    run::State,
};

impl Drive<'_> {
    /// Brings an item from waiting to going, or to its end.
    pub(super) async fn start(&self, place: usize) {
        let id = self.with(place, |item| item.id.clone());
        let api = &*self.refresh.api;
        let now = (self.refresh.clock)();
        let history = retry(
            &self.patience(),
            format!("the ingestions of data set `{id}`"),
            |_| false,
            || recent(api, &self.refresh.limiter, &id, now),
        )
        .await;
        let history = match history {
            Ok(history) => history,
            Err(error) => return self.fail(place, failure_of(&error)),
        };
        let quota = Quota::count(&history, self.config.daily_quota, now);
        self.with(place, |item| item.quota = Some(quota));

        if self.resume(place, &history) || self.join(place, &history).await {
            return;
        }
        self.create(place, &history).await;
    }

    /// Goes on with what an earlier try of this run has started. Leaves the number of the
    /// next ingestion at one that is free.
    fn resume(&self, place: usize, history: &[Ingestion]) -> bool {
        loop {
            let (id, next) = self.with(place, |item| (item.id.clone(), item.next));
            let own = ingestion_id(self.trigger, &id, next);
            let Some(found) = history.iter().find(|ingestion| ingestion.id == own) else {
                return false;
            };
            let is_bad = matches!(
                found.status,
                IngestionStatus::Failed | IngestionStatus::Cancelled
            );
            let may_help = found
                .error_kind
                .as_deref()
                .is_some_and(|kind| FailureClass::of_ingestion(kind).may_retry());
            if !is_bad || (self.trigger.keeps_failures() && !may_help) {
                self.go(place, &found.id, How::Resumed);
                return true;
            }
            self.with(place, |item| item.next += 1);
        }
    }

    /// Does what is configured about one that somebody else has under way.
    async fn join(&self, place: usize, history: &[Ingestion]) -> bool {
        let running: Vec<&Ingestion> = history
            .iter()
            .filter(|ingestion| !ingestion.status.is_final())
            .collect();
        let Some(newest) = running.first() else {
            return false;
        };
        match self.config.on_running {
            OnRunning::Attach => {
                self.go(place, &newest.id, How::Attached);
                true
            }
            OnRunning::Skip => {
                let reason = format!("ingestion `{}` is under way", newest.id);
                let report = self.with(place, |item| item.skipped(reason));
                self.finish(place, report);
                true
            }
            OnRunning::Queue => false,
            OnRunning::Replace => {
                for ingestion in running {
                    if let Err(failure) = self.cancel(place, &ingestion.id).await {
                        self.fail(place, failure);
                        return true;
                    }
                }
                false
            }
        }
    }

    /// Starts one. It is not in the history: if it exists by now, this call has made it,
    /// the answer to whose first try was lost.
    async fn create(&self, place: usize, history: &[Ingestion]) {
        let (id, mode, next) = self.with(place, |item| (item.id.clone(), item.mode, item.next));
        let own = ingestion_id(self.trigger, &id, next);
        let started = retry(
            &self.patience(),
            format!("the start of ingestion `{own}` of data set `{id}`"),
            |_| false,
            || async {
                self.refresh.limiter.turn().await;
                self.refresh.api.start_ingestion(&id, &own, mode).await
            },
        )
        .await;
        let kind = match &started {
            Ok(_) => return self.begun(place, &own),
            Err(WaitError::Api { source, .. }) => Some(source.kind),
            Err(_) => None,
        };
        match (kind, started) {
            (Some(ApiErrorKind::AlreadyExists), _) => self.begun(place, &own),
            (kind, Err(error)) => {
                if kind == Some(ApiErrorKind::LimitExceeded) {
                    let now = (self.refresh.clock)();
                    let quota = Quota::exhausted(history, self.config.daily_quota, now);
                    self.with(place, |item| item.quota = Some(quota));
                }
                self.fail(place, failure_of(&error));
            }
            (_, Ok(_)) => {}
        }
    }

    fn begun(&self, place: usize, ingestion: &str) {
        self.with(place, |item| {
            item.next += 1;
            if let Some(quota) = &mut item.quota {
                quota.used = quota.used.saturating_add(1);
            }
        });
        self.go(place, ingestion, How::Started);
    }

    /// The item's ingestion is under way.
    pub(super) fn go(&self, place: usize, ingestion: &str, how: How) {
        let id = self.with(place, |item| {
            item.attempts += 1;
            item.state = State::Going {
                ingestion: ingestion.to_owned(),
                how,
                status: None,
            };
            item.id.clone()
        });
        self.tell(&Event::Begun {
            data_set: id.as_str(),
            ingestion,
            how,
        });
    }

    /// Cancels an ingestion and waits until it is over.
    async fn cancel(&self, place: usize, ingestion: &str) -> Result<(), Failure> {
        match self.ask_to_end(place, ingestion).await? {
            Some(_) => Ok(()),
            None => Err(Failure::new(
                FailureClass::Deadline,
                format!("ingestion `{ingestion}`, to be replaced, did not end"),
            )),
        }
    }
}
