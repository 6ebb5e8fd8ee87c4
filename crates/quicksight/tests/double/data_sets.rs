//! Data sets and their columns.

use aws_sdk_quicksight::operation::create_data_set::builders::CreateDataSetFluentBuilder;
use aws_sdk_quicksight::types::{
    DataSetFilterAttribute, DataSetImportMode, DataSetSearchFilter, FilterOperator, InputColumn,
    InputColumnDataType, LogicalTable, LogicalTableSource, PhysicalTable, ProjectOperation,
    RelationalTable, RenameColumnOperation, TransformOperation,
};
use datatransit_quicksight::testing::double::Kind;

use super::{ACCOUNT, Bench, code};

#[expect(deprecated, reason = "what is written as data sets are today")]
fn create(bench: &Bench, id: &str, mode: DataSetImportMode) -> CreateDataSetFluentBuilder {
    let source = bench.double.add_data_source("warehouse");
    let column = |name: &str, kind| {
        InputColumn::builder()
            .name(name)
            .r#type(kind)
            .build()
            .expect("a column")
    };
    let table = RelationalTable::builder()
        .data_source_arn(source)
        .name("sales")
        .input_columns(column("day", InputColumnDataType::Datetime))
        .input_columns(column("amount", InputColumnDataType::Decimal))
        .input_columns(column("secret", InputColumnDataType::String))
        .build()
        .expect("a table");
    let rename = RenameColumnOperation::builder()
        .column_name("amount")
        .new_column_name("total")
        .build()
        .expect("a renaming");
    let project = ProjectOperation::builder()
        .projected_columns("day")
        .projected_columns("total")
        .build()
        .expect("a projection");
    let logical = LogicalTable::builder()
        .alias("Sales")
        .source(
            LogicalTableSource::builder()
                .physical_table_id("t1")
                .build(),
        )
        .data_transforms(TransformOperation::RenameColumnOperation(rename))
        .data_transforms(TransformOperation::ProjectOperation(project))
        .build()
        .expect("a logical table");
    let create = bench
        .client
        .create_data_set()
        .aws_account_id(ACCOUNT)
        .data_set_id(id)
        .name("Sales")
        .import_mode(mode);
    create
        .physical_table_map("t1", PhysicalTable::RelationalTable(table))
        .logical_table_map("l1", logical)
}

#[tokio::test]
async fn columns_follow_the_transformations_and_spice_is_loaded() {
    let bench = Bench::new();
    let created = create(&bench, "s/1", DataSetImportMode::Spice)
        .send()
        .await
        .expect("created");
    let ingestion = created.ingestion_id().expect("an ingestion").to_owned();
    assert!(
        created
            .ingestion_arn()
            .expect("an ARN")
            .ends_with(&format!(":dataset/s/1/ingestion/{ingestion}"))
    );
    let described = bench
        .client
        .describe_data_set()
        .aws_account_id(ACCOUNT)
        .data_set_id("s/1")
        .send()
        .await
        .expect("described");
    let data_set = described.data_set().expect("a data set");
    let columns: Vec<_> = data_set
        .output_columns()
        .iter()
        .filter_map(|column| column.name())
        .collect();
    assert_eq!(columns, ["day", "total"]);
    assert_eq!(data_set.physical_table_map().map(|map| map.len()), Some(1));
    assert_eq!(
        bench.double.ingestions("s/1"),
        [(ingestion, "INITIALIZED".to_owned())]
    );
    assert_eq!(
        code(create(&bench, "s/1", DataSetImportMode::Spice).send().await),
        "ResourceExists"
    );

    let direct = create(&bench, "direct", DataSetImportMode::DirectQuery)
        .send()
        .await
        .expect("created");
    assert_eq!(direct.ingestion_id(), None);
    let update = bench
        .client
        .update_data_set()
        .aws_account_id(ACCOUNT)
        .data_set_id("direct")
        .name("Now SPICE")
        .import_mode(DataSetImportMode::Spice);
    let tables = data_set.physical_table_map().cloned();
    let updated = update
        .set_physical_table_map(tables)
        .send()
        .await
        .expect("updated");
    assert!(updated.ingestion_id().is_some());
    let list = bench
        .client
        .list_data_sets()
        .aws_account_id(ACCOUNT)
        .send()
        .await
        .expect("listed");
    assert_eq!(list.data_set_summaries().len(), 2);
}

#[tokio::test]
#[expect(deprecated, reason = "what is written as data sets are today")]
async fn what_a_data_set_stands_on_must_exist() {
    let bench = Bench::new();
    let source = LogicalTableSource::builder()
        .data_set_arn(bench.double.arn(Kind::DataSet, "absent"))
        .build();
    let logical = LogicalTable::builder()
        .alias("X")
        .source(source)
        .build()
        .expect("a logical table");
    let create = create(&bench, "s", DataSetImportMode::Spice).logical_table_map("l2", logical);
    assert_eq!(code(create.send().await), "InvalidParameterValue");
    assert!(bench.double.ids(Kind::DataSet).is_empty());
}

#[tokio::test]
async fn searches_and_uploaded_files() {
    let bench = Bench::with_data_set();
    bench.double.add_data_set("old sales", &["a"]);
    let filter = |operator| {
        let filter = DataSetSearchFilter::builder()
            .name(DataSetFilterAttribute::DatasetName)
            .operator(operator)
            .value("sales");
        filter.build().expect("a filter")
    };
    let search = |operator| {
        bench
            .client
            .search_data_sets()
            .aws_account_id(ACCOUNT)
            .filters(filter(operator))
            .max_results(1)
            .send()
    };
    let found = search(FilterOperator::StringLike).await.expect("searched");
    assert_eq!(found.data_set_summaries().len(), 1);
    let rest = bench
        .client
        .search_data_sets()
        .aws_account_id(ACCOUNT)
        .filters(filter(FilterOperator::StringLike));
    let rest = rest
        .set_next_token(found.next_token().map(str::to_owned))
        .send()
        .await
        .expect("searched");
    assert_eq!(
        (rest.data_set_summaries().len(), rest.next_token()),
        (1, None)
    );
    assert_eq!(
        code(search(FilterOperator::StringEquals).await),
        "InvalidParameterValue"
    );
    bench.double.make_uploaded_file("sales");
    let described = bench
        .client
        .describe_data_set()
        .aws_account_id(ACCOUNT)
        .data_set_id("sales")
        .send()
        .await;
    assert_eq!(code(described), "InvalidParameterValue");
}
