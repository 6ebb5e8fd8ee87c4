//! Dashboards: versions made in the background, one of them published.

mod read;
mod write;

use std::collections::BTreeMap;

pub(super) use read::{definition, describe, list, summary, versions};
pub(super) use write::{create, delete, publish, set_links, update};

use super::clock::Millis;
use super::definition::Content;
use super::options::NameShows;
use super::permissions::Grants;
use super::progress::{Phase, Progress};
use super::protocol::ServiceError;
use super::state::{Common, Kind, State};

pub(super) struct Dashboard {
    pub(super) common: Common,
    pub(super) versions: BTreeMap<u64, Version>,
    /// Numbers of removed versions are not used again.
    last_number: u64,
    pub(super) published: Option<u64>,
    published_at: Option<Millis>,
    /// Whom the link opens it to.
    pub(super) links: Grants,
    pub(super) link_entities: Vec<String>,
}

#[derive(Clone)]
pub(super) struct Version {
    name: String,
    created: Millis,
    description: Option<String>,
    pub(super) progress: Progress,
    pub(super) content: Content,
    /// `DashboardPublishOptions`, as it came.
    publish_options: Option<String>,
}

impl Dashboard {
    /// One with a published version.
    pub(super) fn ready(common: Common, content: Content) -> Self {
        let version = Version {
            name: common.name.clone(),
            created: common.created,
            description: None,
            progress: Progress::done(Phase::Creation),
            content,
            publish_options: None,
        };
        Self {
            published_at: Some(common.created),
            common,
            versions: BTreeMap::from([(1, version)]),
            last_number: 1,
            published: Some(1),
            links: Grants::new(),
            link_entities: Vec::new(),
        }
    }

    pub(super) fn is_busy(&self) -> bool {
        self.versions
            .values()
            .any(|version| version.progress.is_running())
    }

    pub(super) fn poll(&mut self) {
        for version in self.versions.values_mut() {
            version.progress.poll();
        }
    }

    pub(super) fn settle(&mut self, now: Millis, shows: NameShows, first_success_publishes: bool) {
        let mut publish = None;
        for (number, version) in &mut self.versions {
            if version.progress.settle(now) && version.progress.is_successful() {
                let first = *number == 1 || (first_success_publishes && self.published.is_none());
                if first {
                    publish = Some(*number);
                }
            }
        }
        if let Some(number) = publish {
            self.publish(number, now, shows);
        }
    }

    fn publish(&mut self, number: u64, now: Millis, shows: NameShows) {
        self.published = Some(number);
        self.published_at = Some(now);
        if shows == NameShows::AtPublish
            && let Some(version) = self.versions.get(&number)
        {
            self.common.name.clone_from(&version.name);
        }
    }
}

fn find<'a>(state: &'a State, id: &str) -> Result<&'a Dashboard, ServiceError> {
    state
        .dashboards
        .get(id)
        .ok_or_else(|| ServiceError::not_found(Kind::Dashboard.resource_type(), id))
}
