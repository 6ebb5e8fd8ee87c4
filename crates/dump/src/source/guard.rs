//! Work on a connection that can be stopped: by the token, by the watchdog, by a drop.

use std::future::Future;

use tokio_util::sync::CancellationToken;

use super::connect::ConnectOptions;
use super::ending::{Held, Killer};
use super::session::Session;
use crate::error::Error;

/// Opens a session and works on it under the watchdog and the token, with the means to kill
/// it from the side at hand.
///
/// # Cancel safety
///
/// Dropped, it kills the session in a task of the runtime.
pub(crate) async fn guarded<T>(
    options: &ConnectOptions,
    cancelled: &CancellationToken,
    open: impl Future<Output = Result<Session, Error>>,
    work: impl AsyncFnOnce(&mut Session) -> Result<T, Error>,
) -> Result<T, Error> {
    let connect = async {
        let mut held = Held::new(open.await?);
        let killer = Killer::open(options, held.session()?).await?;
        Ok::<_, Error>((held, killer))
    };
    let (mut held, killer) = tokio::select! {
        biased;
        () = cancelled.cancelled() => return Err(Error::Cancelled),
        connected = connect => connected?,
    };
    let session = held.session()?;
    let heartbeat = session.heartbeat();
    let result = tokio::select! {
        biased;
        () = cancelled.cancelled() => Err(Error::Cancelled),
        result = heartbeat.watch(options.read_timeout(), work(session)) => result,
    };
    if result.is_ok() {
        killer.disarm().await;
        held.close().await;
    } else {
        killer.kill().await;
    }
    result
}
