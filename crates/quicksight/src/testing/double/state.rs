//! All assets of the account, and how they are named.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::analysis::Analysis;
use super::clock::{Clock, Millis};
use super::dashboard::Dashboard;
use super::dataset::DataSet;
use super::datasource::DataSource;
use super::faults::Faults;
use super::folder::Folder;
use super::identity::Principals;
use super::journal::Journal;
use super::options::DoubleOptions;
use super::permissions::Grants;
use super::progress::AssetError;
use super::protocol::page::{Page, Pages};
use super::protocol::{Input, ServiceError};
use super::theme::Theme;
use super::vpc::VpcConnection;

/// The kinds of assets of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Kind {
    /// `dashboard/…`
    Dashboard,
    /// `analysis/…`
    Analysis,
    /// `dataset/…`
    DataSet,
    /// `datasource/…`
    DataSource,
    /// `theme/…`
    Theme,
    /// `folder/…`
    Folder,
    /// `vpcConnection/…`
    VpcConnection,
}

impl Kind {
    const ALL: [Self; 7] = [
        Self::Dashboard,
        Self::Analysis,
        Self::DataSet,
        Self::DataSource,
        Self::Theme,
        Self::Folder,
        Self::VpcConnection,
    ];

    /// The word in ARNs.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Dashboard => "dashboard",
            Self::Analysis => "analysis",
            Self::DataSet => "dataset",
            Self::DataSource => "datasource",
            Self::Theme => "theme",
            Self::Folder => "folder",
            Self::VpcConnection => "vpcConnection",
        }
    }

    /// `ResourceType` of exceptions. The model's own list has no dashboards, the service has.
    pub(super) fn resource_type(self) -> &'static str {
        match self {
            Self::Dashboard => "DASHBOARD",
            Self::Analysis => "ANALYSIS",
            Self::DataSet => "DATA_SET",
            Self::DataSource => "DATA_SOURCE",
            Self::Theme => "THEME",
            Self::Folder => "FOLDER",
            Self::VpcConnection => "VPC_CONNECTION",
        }
    }

    /// `MemberType` of folders.
    pub(super) fn member_type(self) -> &'static str {
        match self {
            Self::DataSet => "DATASET",
            Self::DataSource => "DATASOURCE",
            other => other.resource_type(),
        }
    }
}

/// What every asset has.
#[derive(Clone, Debug)]
pub(super) struct Common {
    pub(super) name: String,
    pub(super) created: Millis,
    pub(super) updated: Millis,
    pub(super) grants: Grants,
    pub(super) tags: BTreeMap<String, String>,
}

impl Common {
    pub(super) fn new(name: &str, now: Millis) -> Self {
        Self {
            name: name.to_owned(),
            created: now,
            updated: now,
            grants: Grants::new(),
            tags: BTreeMap::new(),
        }
    }
}

/// Everything the double remembers.
pub(super) struct State {
    pub(super) options: DoubleOptions,
    pub(super) clock: Clock,
    pub(super) random: fastrand::Rng,
    pub(super) principals: Principals,
    pub(super) dashboards: BTreeMap<String, Dashboard>,
    pub(super) analyses: BTreeMap<String, Analysis>,
    pub(super) data_sets: BTreeMap<String, DataSet>,
    pub(super) data_sources: BTreeMap<String, DataSource>,
    pub(super) themes: BTreeMap<String, Theme>,
    pub(super) folders: BTreeMap<String, Folder>,
    pub(super) vpc_connections: BTreeMap<String, VpcConnection>,
    /// Failures that wait for the next creation or update of an asset.
    pub(super) failures: BTreeMap<(Kind, String), VecDeque<AssetError>>,
    /// New assets, and how many reads will not find them yet.
    lagging: BTreeMap<(Kind, String), u32>,
    /// Operations that nobody may call.
    pub(super) denied: BTreeSet<String>,
    pub(super) faults: Faults,
    pub(super) journal: Journal,
    pages: Pages,
}

impl State {
    pub(super) fn new(options: DoubleOptions) -> Self {
        let random = fastrand::Rng::with_seed(options.seed);
        Self {
            principals: Principals::new(&options),
            options,
            clock: Clock::default(),
            random,
            dashboards: BTreeMap::new(),
            analyses: BTreeMap::new(),
            data_sets: BTreeMap::new(),
            data_sources: BTreeMap::new(),
            themes: BTreeMap::new(),
            folders: BTreeMap::new(),
            vpc_connections: BTreeMap::new(),
            failures: BTreeMap::new(),
            lagging: BTreeMap::new(),
            denied: BTreeSet::new(),
            faults: Faults::default(),
            journal: Journal::default(),
            pages: Pages::default(),
        }
    }

    pub(super) fn now(&self) -> Millis {
        self.clock.now()
    }

    pub(super) fn arn(&self, kind: Kind, id: &str) -> String {
        let DoubleOptions {
            region, account_id, ..
        } = &self.options;
        format!(
            "arn:aws:quicksight:{region}:{account_id}:{}/{id}",
            kind.word()
        )
    }

    /// The kind and id of an asset of ours, whether it exists or not.
    pub(super) fn parse_arn(&self, arn: &str) -> Option<(Kind, String)> {
        Kind::ALL.into_iter().find_map(|kind| {
            let id = arn.strip_prefix(&self.arn(kind, ""))?;
            (!id.is_empty()).then(|| (kind, id.to_owned()))
        })
    }

    pub(super) fn common(&self, kind: Kind, id: &str) -> Option<&Common> {
        match kind {
            Kind::Dashboard => self.dashboards.get(id).map(|asset| &asset.common),
            Kind::Analysis => self.analyses.get(id).map(|asset| &asset.common),
            Kind::DataSet => self.data_sets.get(id).map(|asset| &asset.common),
            Kind::DataSource => self.data_sources.get(id).map(|asset| &asset.common),
            Kind::Theme => self.themes.get(id).map(|asset| &asset.common),
            Kind::Folder => self.folders.get(id).map(|asset| &asset.common),
            Kind::VpcConnection => self.vpc_connections.get(id).map(|asset| &asset.common),
        }
    }

    pub(super) fn common_mut(&mut self, kind: Kind, id: &str) -> Option<&mut Common> {
        match kind {
            Kind::Dashboard => self.dashboards.get_mut(id).map(|asset| &mut asset.common),
            Kind::Analysis => self.analyses.get_mut(id).map(|asset| &mut asset.common),
            Kind::DataSet => self.data_sets.get_mut(id).map(|asset| &mut asset.common),
            Kind::DataSource => self.data_sources.get_mut(id).map(|asset| &mut asset.common),
            Kind::Theme => self.themes.get_mut(id).map(|asset| &mut asset.common),
            Kind::Folder => self.folders.get_mut(id).map(|asset| &mut asset.common),
            Kind::VpcConnection => self
                .vpc_connections
                .get_mut(id)
                .map(|asset| &mut asset.common),
        }
    }

    pub(super) fn must_exist(&self, kind: Kind, id: &str) -> Result<&Common, ServiceError> {
        self.common(kind, id)
            .ok_or_else(|| ServiceError::not_found(kind.resource_type(), id))
    }

    pub(super) fn must_be_new(&self, kind: Kind, id: &str) -> Result<(), ServiceError> {
        match self.common(kind, id) {
            Some(_) => Err(ServiceError::exists(kind.resource_type(), id)),
            None => Ok(()),
        }
    }

    /// Refuses while an operation on the asset is in progress.
    pub(super) fn must_rest(&self, kind: Kind, id: &str) -> Result<(), ServiceError> {
        let busy = match kind {
            Kind::Dashboard => self.dashboards.get(id).is_some_and(Dashboard::is_busy),
            Kind::Analysis => self
                .analyses
                .get(id)
                .is_some_and(|asset| asset.progress.is_running()),
            Kind::DataSource => self
                .data_sources
                .get(id)
                .is_some_and(|asset| asset.progress.is_running()),
            Kind::Theme => self.themes.get(id).is_some_and(Theme::is_busy),
            Kind::DataSet | Kind::Folder | Kind::VpcConnection => false,
        };
        if busy {
            let what = kind.resource_type();
            return Err(ServiceError::conflict(format!(
                "an operation on {what} {id} is in progress"
            )));
        }
        Ok(())
    }

    /// The failure somebody asked for, taken.
    pub(super) fn planned_failure(&mut self, kind: Kind, id: &str) -> Option<AssetError> {
        self.failures.get_mut(&(kind, id.to_owned()))?.pop_front()
    }

    /// Ends all work whose time has come.
    pub(super) fn settle(&mut self) {
        let now = self.now();
        let shows = self.options.name_shows;
        let first = self.options.first_success_publishes;
        for dashboard in self.dashboards.values_mut() {
            dashboard.settle(now, shows, first);
        }
        for analysis in self.analyses.values_mut() {
            analysis.settle(now);
        }
        for source in self.data_sources.values_mut() {
            source.settle(now);
        }
        for theme in self.themes.values_mut() {
            theme.settle(now);
        }
    }

    /// Counts a request that names an asset as a look at its progress.
    pub(super) fn poll(&mut self, input: &Input) {
        if let Some(dashboard) = input
            .text("DashboardId")
            .and_then(|id| self.dashboards.get_mut(id))
        {
            dashboard.poll();
        }
        if let Some(analysis) = input
            .text("AnalysisId")
            .and_then(|id| self.analyses.get_mut(id))
        {
            analysis.progress.poll();
        }
        if let Some(source) = input
            .text("DataSourceId")
            .and_then(|id| self.data_sources.get_mut(id))
        {
            source.progress.poll();
        }
        if let Some(theme) = input.text("ThemeId").and_then(|id| self.themes.get_mut(id)) {
            theme.poll();
        }
    }

    /// Notes that an asset is new.
    pub(super) fn begin_lag(&mut self, input: &Input) {
        let reads = self.options.lagging_reads;
        if let Some(asset) = named(input).filter(|_| reads > 0) {
            self.lagging.insert(asset, reads);
        }
    }

    /// Refuses a read of an asset that is not everywhere yet.
    pub(super) fn lag(&mut self, input: &Input) -> Result<(), ServiceError> {
        let Some((kind, id)) = named(input) else {
            return Ok(());
        };
        let absent = ServiceError::not_found(kind.resource_type(), &id);
        match self.lagging.get_mut(&(kind, id)) {
            Some(reads) if *reads > 0 => {
                *reads -= 1;
                Err(absent)
            }
            _ => Ok(()),
        }
    }

    /// One page of a listing.
    pub(super) fn page(
        &mut self,
        listing: &str,
        input: &Input,
        all: Vec<String>,
    ) -> Result<Page, ServiceError> {
        self.pages.page(
            &mut self.random,
            self.options.page_size,
            listing,
            input,
            all,
        )
    }
}

/// The asset that a request names by its id.
fn named(input: &Input) -> Option<(Kind, String)> {
    let names = [
        (Kind::Dashboard, "DashboardId"),
        (Kind::Analysis, "AnalysisId"),
        (Kind::DataSet, "DataSetId"),
        (Kind::DataSource, "DataSourceId"),
        (Kind::Theme, "ThemeId"),
        (Kind::Folder, "FolderId"),
    ];
    names
        .into_iter()
        .find_map(|(kind, name)| Some((kind, input.text(name)?.to_owned())))
}
