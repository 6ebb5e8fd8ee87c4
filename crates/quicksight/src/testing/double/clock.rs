//! The double's clock: the system's, moved on by tests, or standing still.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Milliseconds since 1970.
pub(super) type Millis = u64;

#[derive(Debug, Default)]
pub(super) struct Clock {
    stopped_at: Option<Millis>,
    ahead: Millis,
}

impl Clock {
    pub(super) fn now(&self) -> Millis {
        self.stopped_at.unwrap_or_else(system) + self.ahead
    }

    pub(super) fn advance(&mut self, by: Duration) {
        self.ahead += millis(by);
    }

    pub(super) fn stop_at(&mut self, epoch_seconds: u64) {
        self.stopped_at = Some(epoch_seconds * 1000);
        self.ahead = 0;
    }
}

pub(super) fn millis(duration: Duration) -> Millis {
    Millis::try_from(duration.as_millis()).unwrap_or(Millis::MAX)
}

fn system() -> Millis {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map(millis)
        .unwrap_or_default()
}

/// Epoch seconds as JSON: whole, fractional or with an exponent, as the service mixes them.
pub(super) fn timestamp(at: Millis) -> String {
    let (seconds, rest) = (at / 1000, at % 1000);
    match seconds % 3 {
        0 => seconds.to_string(),
        1 => format!("{seconds}.{rest:03}"),
        _ => {
            let digits = format!("{seconds}{rest:03}");
            let exponent = seconds.to_string().len() - 1;
            let (first, others) = digits.split_at(1);
            let others = others.trim_end_matches('0');
            format!(
                "{first}.{}E{exponent}",
                if others.is_empty() { "0" } else { others }
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use super::timestamp;

    #[test]
    fn an_exponent_changes_no_second() {
        for seconds in 1_656_509_300_u64..1_656_509_330 {
            let text = timestamp(seconds * 1000 + 250);
            let value: f64 = text.parse().expect("a number");
            assert!((value - seconds as f64).abs() < 0.5, "{seconds}: {text}");
        }
        assert_eq!(timestamp(1_656_509_300_000), "1.6565093E9");
    }
}
