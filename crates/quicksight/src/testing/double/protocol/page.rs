//! Pages: a few items each, and tokens that mean nothing to anybody else.

use std::collections::BTreeMap;

use super::{Input, ServiceError};

/// What each token stands for. A token keeps the listing as it was at its first page.
#[derive(Debug, Default)]
pub(crate) struct Pages {
    rest: BTreeMap<String, (String, Vec<String>)>,
}

/// One page, as JSON texts.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) items: Vec<String>,
    pub(crate) next: Option<String>,
}

impl Pages {
    /// The page a request asks for: the first of `all`, or what its token stands for.
    ///
    /// `listing` names the operation and what it lists, so that a token of one is refused by another.
    pub(crate) fn page(
        &mut self,
        random: &mut fastrand::Rng,
        size: usize,
        listing: &str,
        input: &Input,
        all: Vec<String>,
    ) -> Result<Page, ServiceError> {
        let asked = input
            .number("MaxResults")
            .and_then(|most| usize::try_from(most).ok())
            .unwrap_or(100);
        let mut items = match input.text("NextToken") {
            None => all,
            Some(token) => match self.rest.get(token) {
                Some((known, rest)) if known == listing => rest.clone(),
                _ => return Err(ServiceError::token()),
            },
        };
        let rest = items.split_off(items.len().min(asked.min(size.max(1))));
        let next = (!rest.is_empty()).then(|| {
            // With what a query must escape.
            let token = format!("{:032x}+/={:08x}", random.u128(..), random.u32(..));
            self.rest.insert(token.clone(), (listing.to_owned(), rest));
            token
        });
        Ok(Page { items, next })
    }
}
