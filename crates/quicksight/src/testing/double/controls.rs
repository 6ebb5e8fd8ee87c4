//! What tests set up and steer.

use std::time::Duration;

use super::QuickSightDouble;
use super::dataset::IngestionScript;
use super::faults::{Fault, FaultKind, Throttle};
use super::fixtures;
use super::options::{DoubleOptions, Pace};
use super::progress::AssetError;
use super::state::Kind;

impl QuickSightDouble {
    /// Adds a SPICE data set with columns of text, on the data source `warehouse`; returns its ARN.
    ///
    /// A name of a column may have a type: `day:DATETIME`.
    pub fn add_data_set(&self, id: &str, columns: &[&str]) -> String {
        fixtures::add_data_set(&mut self.state(), id, columns, true)
    }

    /// The same, with `DIRECT_QUERY`.
    pub fn add_direct_query_data_set(&self, id: &str, columns: &[&str]) -> String {
        fixtures::add_data_set(&mut self.state(), id, columns, false)
    }

    /// Makes a data set one of an uploaded file: listed, and refused by describe and update.
    pub fn make_uploaded_file(&self, data_set: &str) {
        if let Some(data_set) = self.state().data_sets.get_mut(data_set) {
            data_set.is_uploaded_file = true;
        }
    }

    /// Builds a data set on others of the account, as the console's "use in a new data set" does.
    pub fn build_data_set_on(&self, data_set: &str, others: &[&str]) {
        fixtures::build_data_set_on(&mut self.state(), data_set, others);
    }

    /// Gives an asset another name, unchecked.
    pub fn set_name(&self, kind: Kind, id: &str, name: &str) {
        if let Some(common) = self.state().common_mut(kind, id) {
            name.clone_into(&mut common.name);
        }
    }

    /// Adds a data source, ready for use; returns its ARN.
    pub fn add_data_source(&self, id: &str) -> String {
        fixtures::add_data_source(&mut self.state(), id)
    }

    /// Adds a VPC connection; returns its ARN.
    pub fn add_vpc_connection(&self, id: &str) -> String {
        fixtures::add_vpc_connection(&mut self.state(), id)
    }

    /// Adds a dashboard whose first version is published; returns its ARN. The definition is not looked at.
    pub fn add_dashboard(&self, id: &str, name: &str, definition: &str) -> String {
        fixtures::add_dashboard(&mut self.state(), id, name, definition)
    }

    /// Says of a dashboard's version that readers see that it shows these data sets.
    pub fn show_on_dashboard(&self, dashboard: &str, data_sets: &[&str]) {
        fixtures::show_on_dashboard(&mut self.state(), dashboard, data_sets);
    }

    /// Adds an analysis; returns its ARN. The definition is not looked at.
    pub fn add_analysis(&self, id: &str, name: &str, definition: &str) -> String {
        fixtures::add_analysis(&mut self.state(), id, name, definition)
    }

    /// Adds a theme with an empty configuration on `CLASSIC`; returns its ARN.
    pub fn add_theme(&self, id: &str, name: &str) -> String {
        fixtures::add_theme(&mut self.state(), id, name)
    }

    /// Adds a shared folder at the top; returns its ARN.
    pub fn add_folder(&self, id: &str, name: &str) -> String {
        fixtures::add_folder(&mut self.state(), id, name)
    }

    /// Gives a principal these actions on an asset and no others, unchecked, as somebody in the console
    /// might have done; none takes all away.
    pub fn set_permissions(&self, kind: Kind, id: &str, principal: &str, actions: Vec<String>) {
        if let Some(common) = self.state().common_mut(kind, id) {
            common
                .grants
                .insert(principal.to_owned(), actions.into_iter().collect());
            common.grants.retain(|_, actions| !actions.is_empty());
        }
    }

    /// Sets a tag of an asset, unchecked.
    pub fn set_tag(&self, kind: Kind, id: &str, key: &str, value: &str) {
        if let Some(common) = self.state().common_mut(kind, id) {
            common.tags.insert(key.to_owned(), value.to_owned());
        }
    }

    /// Registers a user of the namespace `default`, whose name may have slashes; returns its ARN.
    pub fn add_user(&self, name: &str) -> String {
        let mut state = self.state();
        state
            .principals
            .users
            .insert(("default".to_owned(), name.to_owned()));
        state.principals.user_arn("default", name)
    }

    /// Registers a group of the namespace `default`; returns its ARN.
    pub fn add_group(&self, name: &str) -> String {
        let mut state = self.state();
        state
            .principals
            .groups
            .insert(("default".to_owned(), name.to_owned()));
        state.principals.group_arn("default", name)
    }

    /// Registers a namespace beside `default`; returns its ARN.
    pub fn add_namespace(&self, name: &str) -> String {
        let mut state = self.state();
        state.principals.namespaces.insert(name.to_owned());
        state.principals.namespace_arn(name)
    }

    /// Takes a user or group away. What it was granted stays, as it does at the service.
    pub fn remove_principal(&self, arn: &str) {
        let mut state = self.state();
        let principals = &mut state.principals;
        let users: Vec<_> = principals
            .users
            .iter()
            .filter(|(n, name)| principals.user_arn(n, name) != arn)
            .cloned()
            .collect();
        let groups: Vec<_> = principals
            .groups
            .iter()
            .filter(|(n, name)| principals.group_arn(n, name) != arn)
            .cloned()
            .collect();
        principals.users = users.into_iter().collect();
        principals.groups = groups.into_iter().collect();
    }

    /// Changes settings from here on.
    pub fn configure(&self, change: impl FnOnce(&mut DoubleOptions)) {
        change(&mut self.state().options);
    }

    /// Sets how long creations and updates take from here on.
    pub fn set_pace(&self, pace: Pace) {
        self.state().options.pace = pace;
    }

    /// Lets the next creation or update of an asset fail; several wait in line.
    pub fn fail_next(&self, kind: Kind, id: &str, error: AssetError) {
        self.state()
            .failures
            .entry((kind, id.to_owned()))
            .or_default()
            .push_back(error);
    }

    /// Says what becomes of the next ingestion of a data set; several wait in line.
    pub fn script_next_ingestion(&self, data_set: &str, script: IngestionScript) {
        if let Some(data_set) = self.state().data_sets.get_mut(data_set) {
            data_set.ingestions.next_scripts.push_back(script);
        }
    }

    /// Says what becomes of all ingestions of a data set that have no script of their own.
    pub fn script_ingestions(&self, data_set: &str, script: IngestionScript) {
        if let Some(data_set) = self.state().data_sets.get_mut(data_set) {
            data_set.ingestions.script = script;
        }
    }

    /// Starts an ingestion as a schedule would.
    pub fn start_scheduled_ingestion(&self, data_set: &str, id: &str) {
        let mut state = self.state();
        let now = state.now();
        if let Some(data_set) = state.data_sets.get_mut(data_set) {
            data_set.ingestions.start_scheduled(id, now);
        }
    }

    /// Moves the double's clock on: quota windows, recovery windows, [`Pace::Time`].
    pub fn advance(&self, by: Duration) {
        self.state().clock.advance(by);
    }

    /// Stops the double's clock at a time; [`advance`](Self::advance) still moves it.
    pub fn stop_clock_at(&self, epoch_seconds: u64) {
        self.state().clock.stop_at(epoch_seconds);
    }

    /// Adds a fault.
    pub fn inject(&self, fault: Fault) {
        self.state().faults.inject(fault);
    }

    /// Cuts the `n`-th call from now before it takes effect, and every later one: the client has died there.
    pub fn cut_before(&self, n: u64) {
        self.inject(Fault::new(FaultKind::Cut).at(n).times(u64::MAX));
    }

    /// Lets the `n`-th call from now take effect unheard, and cuts every later one: the client has died there.
    pub fn cut_after(&self, n: u64) {
        self.inject(Fault::new(FaultKind::Cut).at(n).after_effect());
        self.inject(Fault::new(FaultKind::Cut).at(n + 1).times(u64::MAX));
    }

    /// Takes all faults and throttling away.
    pub fn clear_faults(&self) {
        self.state().faults.clear();
    }

    /// Refuses calls with 429, of one operation or of all.
    pub fn throttle(&self, throttle: Throttle, operation: Option<&str>) {
        self.state().faults.throttle(throttle, operation);
    }

    /// Answers an operation with `AccessDeniedException`.
    pub fn deny(&self, operation: &str) {
        self.state().denied.insert(operation.to_owned());
    }

    /// Takes [`deny`](Self::deny) back.
    pub fn allow(&self, operation: &str) {
        self.state().denied.remove(operation);
    }
}
