//! One pace for all calls about ingestions, however many data sets are waited for.

use std::{sync::Mutex, sync::PoisonError, time::Duration};

use tokio::time::{Instant, sleep_until};

/// How often the service is asked.
///
/// The service documents 5 calls of `ListIngestions` per second and user, and no rate for
/// the others.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Pace {
    /// Calls about ingestions per second, of all data sets together; ten more may come at
    /// once after a rest. Of `ListIngestions` half as many, and three at once: by default
    /// no second sees more than five. Default: 4.
    pub calls_per_second: u32,
    /// First pause between two looks at one ingestion. Default: 2 seconds.
    pub first_pause: Duration,
    /// Longest pause between two looks; each is half as long again as the one before it.
    /// Default: 30 seconds.
    pub longest_pause: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            calls_per_second: 4,
            first_pause: Duration::from_secs(2),
            longest_pause: Duration::from_secs(30),
        }
    }
}

impl Pace {
    /// Sets the pauses.
    #[must_use]
    pub fn with_pauses(mut self, first: Duration, longest: Duration) -> Self {
        self.first_pause = first;
        self.longest_pause = longest;
        self
    }

    /// Sets the calls per second, at least 1.
    #[must_use]
    pub fn with_calls_per_second(mut self, calls: u32) -> Self {
        self.calls_per_second = calls.max(1);
        self
    }
}

/// Calls at once after a rest.
const BURST: u32 = 10;
/// The same of `ListIngestions`.
const BURST_OF_LISTS: u32 = 3;

/// Hands out moments to call at.
#[derive(Debug)]
pub(crate) struct Limiter {
    calls: Line,
    lists: Line,
}

impl Limiter {
    pub(crate) fn new(pace: &Pace) -> Self {
        let usual = Duration::from_secs(1) / pace.calls_per_second.max(1);
        Self {
            calls: Line::new(usual, BURST),
            lists: Line::new(usual * 2, BURST_OF_LISTS),
        }
    }

    /// Waits for this call's turn. Dropped, it leaves one turn unused.
    pub(crate) async fn turn(&self) {
        self.calls.turn().await;
    }

    /// Waits for the turn of a call of `ListIngestions`. Dropped, it leaves one unused.
    pub(crate) async fn turn_to_list(&self) {
        self.lists.turn().await;
    }

    /// The service throttles: half as fast, down to a call in four seconds, and no more
    /// calls at once.
    pub(crate) fn slow_down(&self) {
        self.calls.slow_down();
        self.lists.slow_down();
    }

    /// A call went through: a little faster again, up to the usual pace.
    pub(crate) fn speed_up(&self) {
        self.calls.speed_up();
        self.lists.speed_up();
    }
}

/// Moments of one kind of call.
#[derive(Debug)]
struct Line {
    usual: Duration,
    burst: u32,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    next: Option<Instant>,
    interval: Duration,
}

impl Line {
    fn new(usual: Duration, burst: u32) -> Self {
        Self {
            usual,
            burst,
            state: Mutex::new(State {
                next: None,
                interval: usual,
            }),
        }
    }

    async fn turn(&self) {
        let at = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            // Turns that were not taken lately are still there, up to the burst.
            let saved = state.interval * (self.burst - 1);
            let earliest = if state.interval > self.usual {
                now
            } else {
                now.checked_sub(saved).unwrap_or(now)
            };
            let at = state.next.map_or(earliest, |next| next.max(earliest));
            state.next = Some(at + state.interval);
            at
        };
        sleep_until(at).await;
    }

    fn slow_down(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.interval = (state.interval * 2)
            .min(Duration::from_secs(4))
            .max(self.usual);
    }

    fn speed_up(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.interval = state.interval.mul_f64(0.9).max(self.usual);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn calls_are_spread_over_time_after_the_first_few() {
        // Of a clock that has run for a while.
        tokio::time::advance(Duration::from_secs(60)).await;
        let limiter = Limiter::new(&Pace::default());
        let began = Instant::now();
        for _ in 0..BURST {
            limiter.turn().await;
        }
        assert_eq!(began.elapsed().as_millis(), 0);
        for _ in 0..4 {
            limiter.turn().await;
        }
        assert_eq!(began.elapsed().as_millis(), 1000);
    }

    #[tokio::test(start_paused = true)]
    async fn no_second_sees_more_than_five_lists() {
        tokio::time::advance(Duration::from_secs(60)).await;
        let limiter = Limiter::new(&Pace::default());
        let mut moments = Vec::new();
        for round in 0..3 {
            for _ in 0..10 {
                limiter.turn_to_list().await;
                moments.push(Instant::now());
            }
            tokio::time::advance(Duration::from_millis(700 * round)).await;
        }
        for (place, &moment) in moments.iter().enumerate() {
            let within = moments[place..].iter();
            let within = within.filter(|&&it| it - moment < Duration::from_secs(1));
            assert!(within.count() <= 5);
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_throttled_service_is_asked_more_slowly_and_then_as_before() {
        tokio::time::advance(Duration::from_secs(60)).await;
        let limiter = Limiter::new(&Pace::default());
        limiter.slow_down();
        limiter.turn().await;
        let began = Instant::now();
        for _ in 0..2 {
            limiter.turn().await;
        }
        assert_eq!(began.elapsed().as_millis(), 1000);
        for _ in 0..20 {
            limiter.speed_up();
        }
        tokio::time::advance(Duration::from_secs(60)).await;
        let began = Instant::now();
        for _ in 0..=BURST {
            limiter.turn().await;
        }
        assert_eq!(began.elapsed().as_millis(), 250);
    }
}
