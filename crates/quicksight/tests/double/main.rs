//! The double of QuickSight, driven by the AWS SDK and, as an independent witness, by the AWS CLI.

mod analyses;
mod assets;
mod cli;
mod dashboards;
mod data_sets;
mod data_sources;
mod definitions;
mod faults;
mod folders;
mod ingestions;
mod permissions;
mod protocol;
mod refreshes;

use aws_sdk_quicksight::Client;
use aws_sdk_quicksight::config::retry::RetryConfig;
use aws_sdk_quicksight::config::{
    BehaviorVersion, Config, Credentials, Region, StalledStreamProtectionConfig,
};
use aws_sdk_quicksight::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_quicksight::types::{
    ColumnConfiguration, ColumnIdentifier, DashboardVersionDefinition,
    DataSetIdentifierDeclaration, ResourcePermission, SheetDefinition, Tag,
};
use datatransit_quicksight::testing::double::{DoubleOptions, Kind, QuickSightDouble};

/// A double and a client that never retries.
struct Bench {
    double: QuickSightDouble,
    client: Client,
}

const ACCOUNT: &str = "123456789012";

impl Bench {
    fn new() -> Self {
        Self::with(|_| {})
    }

    fn with(change: impl FnOnce(&mut DoubleOptions)) -> Self {
        let mut options = DoubleOptions::default();
        change(&mut options);
        let double = QuickSightDouble::start(options).expect("a free port");
        let client = client(&double, RetryConfig::disabled());
        Self { double, client }
    }

    /// With a data set `sales` of the columns `day` and `amount`.
    fn with_data_set() -> Self {
        let bench = Self::new();
        bench
            .double
            .add_data_set("sales", &["day:DATETIME", "amount:DECIMAL"]);
        bench
    }

    /// A definition that uses one column of `sales`.
    fn definition(&self, column: &str) -> DashboardVersionDefinition {
        definition(&self.double.arn(Kind::DataSet, "sales"), column)
    }

    /// Creates a dashboard and looks at it until it is done.
    async fn create(&self, id: &str) {
        self.client
            .create_dashboard()
            .aws_account_id(ACCOUNT)
            .dashboard_id(id)
            .name(format!("Name of {id}"))
            .definition(self.definition("amount"))
            .send()
            .await
            .expect("created");
        self.settle(id).await;
    }

    async fn settle(&self, id: &str) {
        for _ in 0..2 {
            let described = self
                .client
                .describe_dashboard()
                .aws_account_id(ACCOUNT)
                .dashboard_id(id)
                .send()
                .await;
            described.expect("described");
        }
    }
}

fn client(double: &QuickSightDouble, retries: RetryConfig) -> Client {
    let (key, secret) = double.credentials();
    let config = Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .endpoint_url(double.endpoint_url())
        .region(Region::new(double.region().to_owned()))
        .credentials_provider(Credentials::new(key, secret, None, None, "double"))
        .retry_config(retries)
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled())
        .build();
    Client::from_conf(config)
}

fn definition(data_set_arn: &str, column: &str) -> DashboardVersionDefinition {
    let declaration = DataSetIdentifierDeclaration::builder()
        .identifier("sales")
        .data_set_arn(data_set_arn)
        .build()
        .expect("a declaration");
    let identifier = ColumnIdentifier::builder()
        .data_set_identifier("sales")
        .column_name(column)
        .build()
        .expect("a column");
    let sheet = SheetDefinition::builder()
        .sheet_id("sheet-1")
        .name("First")
        .build()
        .expect("a sheet");
    DashboardVersionDefinition::builder()
        .data_set_identifier_declarations(declaration)
        .sheets(sheet)
        .column_configurations(ColumnConfiguration::builder().column(identifier).build())
        .build()
        .expect("a definition")
}

fn permission(principal: &str, actions: Vec<String>) -> ResourcePermission {
    ResourcePermission::builder()
        .principal(principal)
        .set_actions(Some(actions))
        .build()
        .expect("a permission")
}

fn tag(key: &str, value: &str) -> Tag {
    Tag::builder().key(key).value(value).build().expect("a tag")
}

/// The exception an answer is, without `Exception`.
fn code<T: std::fmt::Debug, E, R>(result: Result<T, SdkError<E, R>>) -> String
where
    E: ProvideErrorMetadata + std::fmt::Debug,
    R: std::fmt::Debug,
{
    let error = result.expect_err("an exception");
    let code = error
        .code()
        .unwrap_or_else(|| panic!("no service's error: {error:?}"));
    code.trim_end_matches("Exception").to_owned()
}
