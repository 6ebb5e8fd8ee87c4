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
    /// Calls about ingestions per second, of all data sets together. Default: 4.
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

/// Hands out moments to call at.
#[derive(Debug)]
pub(crate) struct Limiter {
    usual: Duration,
    state: Mutex<State>,
}

#[derive(Debug)]
struct State {
    next: Option<Instant>,
    interval: Duration,
}

impl Limiter {
    pub(crate) fn new(pace: &Pace) -> Self {
        let usual = Duration::from_secs(1) / pace.calls_per_second.max(1);
        Self {
            usual,
            state: Mutex::new(State {
                next: None,
                interval: usual,
            }),
        }
    }

    /// Waits for this call's turn. Dropped, it leaves one turn unused.
    pub(crate) async fn turn(&self) {
        let at = {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            let now = Instant::now();
            let at = state.next.map_or(now, |next| next.max(now));
            state.next = Some(at + state.interval);
            at
        };
        sleep_until(at).await;
    }

    /// The service throttles: half as fast, down to a call in four seconds.
    pub(crate) fn slow_down(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.interval = (state.interval * 2)
            .min(Duration::from_secs(4))
            .max(self.usual);
    }

    /// A call went through: a little faster again, up to the usual pace.
    pub(crate) fn speed_up(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.interval = state.interval.mul_f64(0.9).max(self.usual);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn calls_are_spread_over_time_and_slower_when_throttled() {
        let limiter = Limiter::new(&Pace::default());
        let began = Instant::now();
        for _ in 0..5 {
            limiter.turn().await;
        }
        assert_eq!(began.elapsed().as_millis(), 1000);
        limiter.slow_down();
        for _ in 0..3 {
            limiter.turn().await;
        }
        assert_eq!(began.elapsed().as_millis(), 1000 + 250 + 500 + 500);
        for _ in 0..20 {
            limiter.speed_up();
        }
        limiter.turn().await;
        let now = Instant::now();
        limiter.turn().await;
        assert_eq!(now.elapsed().as_millis(), 250);
    }
}
