//! All data sets of a run, side by side.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use datatransit_quicksight::wait::{Patience, WaitError};
use futures_util::future::join_all;
use tokio::{
    sync::{Semaphore, SemaphorePermit},
    time::{Instant, sleep, sleep_until, timeout_at},
};
use tokio_util::sync::CancellationToken;

use super::Refresh;
use crate::{
    classify::{Failure, FailureClass},
    config::RefreshConfig,
    ids::Trigger,
    observe::Event,
    report::DataSetReport,
    run::{Item, Run, State, out_of_time},
};

/// How far to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    StartOnly,
    ToTheEnd,
    Cancel,
}

/// Longest time for a call that is made again while the service fails.
const CALL_PATIENCE: Duration = Duration::from_secs(120);

/// One going over a run.
pub(super) struct Drive<'a> {
    pub(super) refresh: &'a Refresh,
    pub(super) trigger: &'a Trigger,
    pub(super) config: &'a RefreshConfig,
    pub(super) deadline: Instant,
    mode: Mode,
    /// The run's own items, so that a dropped future leaves them as they were seen.
    board: Mutex<&'a mut [Item]>,
    permits: Semaphore,
    /// One for each item: cancelled when it is done.
    done: Vec<CancellationToken>,
}

impl Refresh {
    pub(super) async fn drive(&self, run: &mut Run, mode: Mode, until: Option<Instant>) {
        let config = &run.config;
        let deadline = *run
            .deadline
            .get_or_insert_with(|| Instant::now() + config.deadline());
        let places = run.items.len();
        let permits = Semaphore::new(config.concurrency);
        // Those under way have their places before any other.
        let under_way = run
            .items
            .iter()
            .filter(|item| matches!(item.state, State::Going { .. }));
        let mut taken = under_way.count().min(config.concurrency);
        let drive = Drive {
            refresh: self,
            trigger: &run.trigger,
            config,
            deadline,
            mode,
            board: Mutex::new(&mut run.items),
            permits,
            done: (0..places).map(|_| CancellationToken::new()).collect(),
        };
        let limit = until.map_or(deadline, |until| until.min(deadline));
        let work = join_all((0..places).map(|place| {
            let is_going = drive.with(place, |item| matches!(item.state, State::Going { .. }));
            let permit = if is_going && taken > 0 {
                taken -= 1;
                drive.permits.try_acquire().ok()
            } else {
                None
            };
            drive.one(place, permit)
        }));
        tokio::select! {
            _ = work => {}
            () = sleep_until(limit) => {}
        }
        if mode == Mode::ToTheEnd && Instant::now() >= deadline {
            join_all((0..places).map(|place| drive.expire(place, "the run's deadline"))).await;
        }
    }
}

impl Drive<'_> {
    /// Works on an item; never over an await.
    pub(super) fn with<T>(&self, place: usize, work: impl FnOnce(&mut Item) -> T) -> T {
        let mut board = self.board.lock().unwrap_or_else(PoisonError::into_inner);
        work(&mut board[place])
    }

    pub(super) fn tell(&self, event: &Event<'_>) {
        self.refresh.observer.on(event);
    }

    /// Ends an item.
    pub(super) fn finish(&self, place: usize, report: DataSetReport) {
        self.tell(&Event::Done(&report));
        self.with(place, |item| item.state = State::Done(Box::new(report)));
    }

    /// Ends an item that failed.
    pub(super) fn fail(&self, place: usize, failure: Failure) {
        let report = self.with(place, |item| item.failed(failure));
        self.finish(place, report);
    }

    /// One data set, as far as this going over the run goes.
    async fn one(&self, place: usize, mut permit: Option<SemaphorePermit<'_>>) {
        loop {
            let (is_done, is_going) = self.with(place, |item| {
                (item.is_done(), matches!(item.state, State::Going { .. }))
            });
            if is_done {
                break;
            }
            match (self.mode, is_going) {
                (Mode::Cancel, true) => self.end(place, "the run was cancelled").await,
                (Mode::Cancel, false) => self.fail(
                    place,
                    Failure::new(
                        FailureClass::Cancelled,
                        "the run was cancelled before its turn",
                    ),
                ),
                (Mode::StartOnly, true) => {
                    // It keeps its place until it is over.
                    permit.into_iter().for_each(SemaphorePermit::forget);
                    return;
                }
                (Mode::ToTheEnd, true) => {
                    let deadline = self.item_deadline(place);
                    if timeout_at(deadline, self.follow(place)).await.is_err() {
                        self.expire(place, "its deadline").await;
                    }
                }
                (_, false) => {
                    if !self.is_ready(place).await {
                        return;
                    }
                    if permit.is_none() && !self.is_blocked(place) {
                        permit = match self.mode {
                            Mode::StartOnly => self.permits.try_acquire().ok(),
                            _ => self.permits.acquire().await.ok(),
                        };
                        if permit.is_none() {
                            return;
                        }
                    }
                    self.begin(place).await;
                }
            }
        }
        self.done[place].cancel();
    }

    /// Waits for what the item is built on; `false` where that is not to be waited for.
    async fn is_ready(&self, place: usize) -> bool {
        for other in self.with(place, |item| item.after.clone()) {
            if self.mode == Mode::StartOnly {
                if !self.with(other, |item| item.is_done()) {
                    return false;
                }
            } else {
                self.done[other].cancelled().await;
            }
        }
        true
    }

    /// Ends the item if what it is built on was not refreshed.
    fn is_blocked(&self, place: usize) -> bool {
        let after = self.with(place, |item| item.after.clone());
        let blocking: Vec<String> = after
            .into_iter()
            .filter_map(|other| {
                self.with(other, |item| {
                    item.blocks().then(|| format!("`{}`", item.id))
                })
            })
            .collect();
        if blocking.is_empty() {
            return false;
        }
        let message = format!("it is built on {}, not refreshed", blocking.join(", "));
        self.fail(place, Failure::new(FailureClass::Dependency, message));
        true
    }

    async fn begin(&self, place: usize) {
        if self.is_blocked(place) || self.with(place, |item| item.is_done()) {
            return;
        }
        let now = (self.refresh.clock)();
        self.with(place, |item| {
            if item.begun_at.is_none() {
                item.begun_at = Some(now);
                item.deadline = Instant::now().checked_add(self.config.data_set_deadline());
            }
        });
        let pause = Duration::from_secs(self.config.retry_pause_seconds);
        let is_another = self.with(place, |item| item.attempts > 0);
        let work = async {
            if is_another {
                sleep(pause).await;
            }
            self.start(place).await;
        };
        if timeout_at(self.item_deadline(place), work).await.is_err() {
            self.expire(place, "its deadline").await;
        }
    }

    /// The nearer of the item's and the run's.
    pub(super) fn item_deadline(&self, place: usize) -> Instant {
        self.with(place, |item| item.deadline)
            .map_or(self.deadline, |deadline| deadline.min(self.deadline))
    }

    /// Patience for one call.
    pub(super) fn patience(&self) -> Patience {
        let first = self
            .refresh
            .pace
            .first_pause
            .min(Duration::from_millis(500));
        Patience::within(CALL_PATIENCE).with_pauses(first, Duration::from_secs(10))
    }

    /// Ends an item whose time is over.
    async fn expire(&self, place: usize, whose: &str) {
        let (is_done, is_going) = self.with(place, |item| {
            (item.is_done(), matches!(item.state, State::Going { .. }))
        });
        if is_done {
            return;
        }
        if is_going && self.config.cancel_on_deadline {
            self.end(place, &format!("{whose} passed")).await;
        } else {
            let failure = self.with(place, |item| out_of_time(item, whose));
            self.fail(place, failure);
        }
    }
}

/// The reason of a call that failed, or that failed for too long.
pub(super) fn failure_of(error: &WaitError) -> Failure {
    match error {
        WaitError::Api { source, .. } => Failure::of_api(source),
        WaitError::Deadline {
            last_error: Some(error),
            ..
        } => Failure::of_api(error),
        other => Failure::new(FailureClass::Internal, other.to_string()),
    }
}
