//! SIGINT and SIGTERM: the first asks the run to stop, the second ends the
//! process at once.

use anyhow::Context as _;
use tokio::signal::unix::{SignalKind, signal};

use crate::{ExitCode, Failure, Stop, StopCause};

/// Installs the handlers; call it once, early, inside the runtime.
///
/// After the first signal the work is cancelled through `stop` and cleans up
/// (a multipart upload is aborted, a running query is killed). A second signal
/// of either kind exits at once with that signal's code, leaving the clean-up
/// to the bucket's lifecycle rule.
///
/// # Errors
/// [`ExitCode::Other`] when the operating system refuses a handler.
pub fn listen(stop: &Stop) -> Result<(), Failure> {
    let install = |kind| {
        signal(kind)
            .context("install a signal handler")
            .map_err(|error| Failure::new(ExitCode::Other, "start", error))
    };
    let mut interrupt = install(SignalKind::interrupt())?;
    let mut terminate = install(SignalKind::terminate())?;
    let stop = stop.clone();
    tokio::spawn(async move {
        let mut seen = false;
        loop {
            let cause = tokio::select! {
                Some(()) = interrupt.recv() => StopCause::Interrupted,
                Some(()) = terminate.recv() => StopCause::Terminated,
                else => return,
            };
            if seen {
                tracing::error!(signal = cause.reason(), "second signal, ending at once");
                std::process::exit(i32::from(cause.exit().code()));
            }
            seen = true;
            tracing::warn!(
                signal = cause.reason(),
                "stopping; a second signal ends at once"
            );
            stop.request(cause);
        }
    });
    Ok(())
}
