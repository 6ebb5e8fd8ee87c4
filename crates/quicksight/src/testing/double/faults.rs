//! Faults on purpose: at which call, before or after its effect, and what the client sees.

use std::time::Instant;

/// What the client sees of a fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FaultKind {
    /// 500 `InternalFailureException`.
    Internal,
    /// 503 `ResourceUnavailableException`.
    Unavailable,
    /// 429 `ThrottlingException`.
    Throttled,
    /// 409 `ConflictException`: somebody else's change is in progress.
    Conflict,
    /// 409 `LimitExceededException`: a quota is used up.
    LimitExceeded,
    /// The connection ends without an answer.
    Cut,
    /// The connection ends in the middle of the answer's body. Always after the effect.
    Truncated,
}

/// One fault, for the `n`-th call after its injection which it is meant for.
///
/// ```
/// use datatransit_quicksight::testing::double::{Fault, FaultKind};
///
/// let fault = Fault::new(FaultKind::Cut).on("CreateDashboard").at(2).after_effect();
/// # let _ = fault;
/// ```
#[derive(Clone, Debug)]
pub struct Fault {
    kind: FaultKind,
    operation: Option<String>,
    writes_only: bool,
    at: u64,
    times: u64,
    after_effect: bool,
    seen: u64,
}

impl Fault {
    /// A fault of the next call of any operation, before its effect.
    #[must_use]
    pub fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            operation: None,
            writes_only: false,
            at: 1,
            times: 1,
            after_effect: kind == FaultKind::Truncated,
            seen: 0,
        }
    }

    /// Counts and strikes calls of one operation only.
    #[must_use]
    pub fn on(mut self, operation: impl Into<String>) -> Self {
        self.operation = Some(operation.into());
        self
    }

    /// Counts and strikes only calls that change something.
    #[must_use]
    pub fn on_writes(mut self) -> Self {
        self.writes_only = true;
        self
    }

    /// Strikes the `n`-th such call, counted from 1 since the injection.
    #[must_use]
    pub fn at(mut self, n: u64) -> Self {
        self.at = n.max(1);
        self
    }

    /// Strikes so many such calls in a row; `u64::MAX` is all from there on.
    #[must_use]
    pub fn times(mut self, times: u64) -> Self {
        self.times = times;
        self
    }

    /// Lets the call take effect first.
    #[must_use]
    pub fn after_effect(mut self) -> Self {
        self.after_effect = true;
        self
    }

    fn strikes(&mut self, operation: &str, is_write: bool) -> bool {
        let meant = self.operation.as_ref().is_none_or(|name| name == operation);
        if !meant || (self.writes_only && !is_write) {
            return false;
        }
        self.seen += 1;
        self.seen >= self.at && self.seen - self.at < self.times
    }
}

/// When calls are refused with 429, beside injected faults.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Throttle {
    /// Every `n`-th call.
    EveryNth(u64),
    /// A bucket of `burst` calls, filled again at `per_second` of real time.
    Bucket {
        /// Calls per second.
        per_second: f64,
        /// Calls the full bucket holds.
        burst: u32,
    },
}

/// All faults waiting to strike.
#[derive(Debug, Default)]
pub(super) struct Faults {
    waiting: Vec<Fault>,
    throttle: Option<Limit>,
}

#[derive(Debug)]
struct Limit {
    throttle: Throttle,
    operation: Option<String>,
    seen: u64,
    tokens: f64,
    filled: Instant,
}

/// What strikes a call.
#[derive(Clone, Copy, Debug)]
pub(super) struct Strike {
    pub(super) kind: FaultKind,
    pub(super) after_effect: bool,
}

impl Faults {
    pub(super) fn inject(&mut self, fault: Fault) {
        self.waiting.push(fault);
    }

    pub(super) fn clear(&mut self) {
        self.waiting.clear();
        self.throttle = None;
    }

    pub(super) fn throttle(&mut self, throttle: Throttle, operation: Option<&str>) {
        let tokens = match throttle {
            Throttle::Bucket { burst, .. } => f64::from(burst),
            Throttle::EveryNth(_) => 0.0,
        };
        self.throttle = Some(Limit {
            throttle,
            operation: operation.map(str::to_owned),
            seen: 0,
            tokens,
            filled: Instant::now(),
        });
    }

    /// What strikes this call. Every fault counts it, the first that strikes wins.
    pub(super) fn strike(&mut self, operation: &str, is_write: bool) -> Option<Strike> {
        let mut strike = None;
        for fault in &mut self.waiting {
            if fault.strikes(operation, is_write) && strike.is_none() {
                strike = Some(Strike {
                    kind: fault.kind,
                    after_effect: fault.after_effect,
                });
            }
        }
        let throttled = self
            .throttle
            .as_mut()
            .is_some_and(|limit| limit.refuses(operation));
        strike.or_else(|| {
            throttled.then_some(Strike {
                kind: FaultKind::Throttled,
                after_effect: false,
            })
        })
    }
}

impl Limit {
    fn refuses(&mut self, operation: &str) -> bool {
        if self
            .operation
            .as_ref()
            .is_some_and(|name| name != operation)
        {
            return false;
        }
        self.seen += 1;
        match self.throttle {
            Throttle::EveryNth(n) => self.seen.is_multiple_of(n),
            Throttle::Bucket { per_second, burst } => {
                let now = Instant::now();
                let gained = now.duration_since(self.filled).as_secs_f64() * per_second;
                self.tokens = (self.tokens + gained).min(f64::from(burst));
                self.filled = now;
                let empty = self.tokens < 1.0;
                if !empty {
                    self.tokens -= 1.0;
                }
                empty
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_counts_only_what_it_is_meant_for() {
        let mut faults = Faults::default();
        faults.inject(Fault::new(FaultKind::Cut).on("B").at(2).times(2));
        let struck: Vec<bool> = ["A", "B", "B", "A", "B", "B"]
            .iter()
            .map(|operation| faults.strike(operation, true).is_some())
            .collect();
        assert_eq!(struck, [false, false, true, false, true, false]);
    }

    #[test]
    fn every_nth_call_is_throttled() {
        let mut faults = Faults::default();
        faults.throttle(Throttle::EveryNth(3), None);
        let struck: Vec<bool> = (0..6)
            .map(|_| faults.strike("A", false).is_some())
            .collect();
        assert_eq!(struck, [false, false, true, false, false, true]);
    }
}
