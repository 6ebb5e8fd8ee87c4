//! What was and is under way for a data set.

use datatransit_quicksight::{ApiError, ApiErrorKind, AssetId, Refreshing, api::PageToken};
use jiff::Timestamp;

use crate::{ingestion::Ingestion, limiter::Limiter, quota::WINDOW};

/// Pages of one listing, at most: a bound for a service that never ends one.
const MAX_PAGES: usize = 100;

/// Lists ingestions, the newest first: all that are under way, all of the quota's window,
/// and some older ones.
///
/// The service begins with the newest without promising it. So the listing ends behind a
/// page on which all are over, older than the window, and in that order.
pub(super) async fn recent(
    api: &(impl Refreshing + ?Sized),
    limiter: &Limiter,
    data_set: &AssetId,
    now: Timestamp,
) -> Result<Vec<Ingestion>, ApiError> {
    let listed = match pages(api, limiter, data_set, now).await {
        // The token has grown old: once more from the first page.
        Err(error) if error.kind == ApiErrorKind::InvalidToken => {
            pages(api, limiter, data_set, now).await
        }
        listed => listed,
    };
    let mut listed = listed?;
    listed.sort_by_key(|ingestion| std::cmp::Reverse(ingestion.created_at));
    Ok(listed)
}

async fn pages(
    api: &(impl Refreshing + ?Sized),
    limiter: &Limiter,
    data_set: &AssetId,
    now: Timestamp,
) -> Result<Vec<Ingestion>, ApiError> {
    let mut listed = Vec::new();
    let mut next: Option<PageToken> = None;
    for _ in 0..MAX_PAGES {
        limiter.turn_to_list().await;
        let page = api.ingestions_page(data_set, next.take()).await?;
        let items: Vec<Ingestion> = page.items.iter().filter_map(Ingestion::from_json).collect();
        let is_past = is_past(&items, now);
        listed.extend(items);
        match page.next {
            Some(token) if !is_past => next = Some(token),
            _ => break,
        }
    }
    Ok(listed)
}

/// Whether a page has only what is over and out of the window, the newest first.
fn is_past(items: &[Ingestion], now: Timestamp) -> bool {
    !items.is_empty()
        && items.is_sorted_by(|one, next| one.created_at >= next.created_at)
        && items.iter().all(|ingestion| {
            ingestion.status.is_final()
                && ingestion
                    .created_at
                    .is_some_and(|created| now.duration_since(created) > WINDOW)
        })
}
