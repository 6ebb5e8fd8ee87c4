//! Listings of several pages.

use std::future::Future;

use crate::{
    api::{ApiError, ApiErrorKind},
    json::Json,
};

/// The items of a member of all pages. A token that the service no longer knows
/// makes it begin again, once.
pub(super) async fn all<F, Fut>(
    operation: &'static str,
    member: &str,
    page: F,
) -> Result<Vec<Json>, ApiError>
where
    F: Fn(Option<String>) -> Fut,
    Fut: Future<Output = Result<Json, ApiError>>,
{
    match once(operation, member, &page).await {
        Err(error) if error.kind == ApiErrorKind::InvalidToken => {
            once(operation, member, &page).await
        }
        done => done,
    }
}

async fn once<F, Fut>(
    operation: &'static str,
    member: &str,
    page: &F,
) -> Result<Vec<Json>, ApiError>
where
    F: Fn(Option<String>) -> Fut,
    Fut: Future<Output = Result<Json, ApiError>>,
{
    let mut items = Vec::new();
    let mut token: Option<String> = None;
    loop {
        let answer = page(token.clone()).await?;
        items.extend_from_slice(answer.items(member));
        let Some(next) = next_token(&answer) else {
            return Ok(items);
        };
        if token.as_deref() == Some(next) {
            let problem = "the same page token twice in a row";
            return Err(ApiError::malformed(operation, member, problem));
        }
        token = Some(next.to_owned());
    }
}

/// An empty token ends a listing as none does.
pub(super) fn next_token(answer: &Json) -> Option<&str> {
    answer.text("NextToken").filter(|token| !token.is_empty())
}
