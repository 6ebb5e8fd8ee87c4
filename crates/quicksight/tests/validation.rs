//! Every rule of `validate`, by a file that breaks it.

use std::path::PathBuf;

use datatransit_quicksight::{
    AssetFile, Environment,
    validate::{Severity, validate},
};

const ENVIRONMENT: &str = r#"
account = "123456789012"
region = "eu-west-1"
id_prefix = "dev-"
[data_sets]
daily = "ds"
[groups]
g = "g"
[tags]
env = "dev"
"#;

fn findings(text: &str) -> Vec<String> {
    let file = AssetFile::parse(text).expect("a file");
    let environment = Environment::parse(ENVIRONMENT).expect("an environment");
    validate(&[(PathBuf::from("f.json"), file)], Some(&environment))
        .iter()
        .map(ToString::to_string)
        .collect()
}

/// A good dashboard, with members added or replaced.
fn dashboard(members: &str) -> String {
    dashboard_of(
        members,
        r#"{"DataSetIdentifierDeclarations":[{"Identifier":"d","DataSetArn":"${dataset:daily}"}],"Sheets":[{"SheetId":"s","Visuals":[{"BarChartVisual":{"VisualId":"v","C":{"DataSetIdentifier":"d"}}}]}]}"#,
    )
}

fn dashboard_of(members: &str, definition: &str) -> String {
    format!(r#"{{"kind":"dashboard","id":"a","name":"A",{members}"definition":{definition}}}"#)
}

fn expect(text: &str, expected: &[&str]) {
    let found = findings(text);
    for line in expected {
        assert!(
            found.iter().any(|finding| finding.contains(line)),
            "{line} is not in {found:?}"
        );
    }
    assert_eq!(found.len(), expected.len(), "{found:?}");
}

#[test]
fn a_good_file_has_no_findings() {
    expect(&dashboard(r#""permissions":{"${group:g}":"owner"},"#), &[]);
}

#[test]
fn identity() {
    expect(
        &dashboard("").replace(r#""id":"a""#, r#""id":"a b""#),
        &["error f.json: `id`: must be of letters"],
    );
    let long = "x".repeat(510);
    expect(
        &dashboard("").replace(r#""id":"a""#, &format!(r#""id":"{long}""#)),
        &["`id`: is longer"],
    );
    let long = "x".repeat(2049);
    expect(
        &dashboard("").replace(r#""name":"A""#, &format!(r#""name":"{long}""#)),
        &["`name`: must be 1 to 2048"],
    );
    let long = "x".repeat(129);
    expect(
        &format!(
            r#"{{"kind":"data-source","id":"a/b c","name":"{long}","definition":{{"Type":"S3"}}}}"#
        ),
        &["`name`: must be 1 to 128"],
    );
    let long = "x".repeat(513);
    expect(
        &dashboard(&format!(r#""description":"{long}","#)),
        &["`description`: must be 1 to 512"],
    );
    expect(
        &dashboard(r#""description":"","#),
        &["`description`: must be 1 to 512"],
    );
}

#[test]
fn tags() {
    expect(
        &dashboard(r#""tags":{"a":"","aws:b":"c","env":"dev"},"#),
        &[
            "`tags.a`: the value",
            "`aws:` belong to AWS",
            "warning f.json: `tags.env`: the environment sets it",
        ],
    );
    let many: Vec<_> = (0..50).map(|n| format!(r#""t{n}":"v""#)).collect();
    expect(
        &dashboard(&format!(r#""tags":{{{}}},"#, many.join(","))),
        &["`tags`: 51 with the environment's"],
    );
}

#[test]
fn permissions() {
    expect(
        &dashboard(r#""permissions":{"${group:g}":"boss"},"#),
        &[
            "no preset `boss`; there are: owner, viewer",
            "warning f.json: `permissions`: nobody owns it",
        ],
    );
    expect(
        &dashboard(
            r#""permissions":{"${group:g}":"owner","arn:aws:iam::123456789012:role/x":["DescribeDashboard"],"${group:no}":[]},"#,
        ),
        &[
            "does not begin with `quicksight:`",
            "must be a user, a group or a namespace",
            "1 to 20 actions",
            "${group:no} has no entry",
        ],
    );
    expect(
        &dashboard(r#""link_sharing":{"${group:g}":"viewer"},"#),
        &["must be a namespace"],
    );
}

#[test]
fn references() {
    expect(
        &dashboard(r#""theme":"${theme:no}","#),
        &["`theme`: ${theme:no} has no entry"],
    );
    expect(
        &dashboard(r#""theme":"CLASSIC","#),
        &["`theme`: must be the symbol or the ARN of a theme"],
    );
    expect(
        &dashboard(r#""theme":"arn:aws:quicksight::aws:theme/CLASSIC","#),
        &[],
    );
    expect(
        &dashboard(r#""theme":"arn:aws:quicksight:eu-west-1:999999999999:theme/x","#),
        &["error f.json: `theme`: an ARN of another account or region"],
    );
    expect(
        &dashboard(r#""theme":"arn:aws:quicksight:eu-west-1:123456789012:theme/x","#),
        &["warning f.json: `theme`: an ARN of this environment"],
    );
    expect(
        &dashboard("").replace(
            r#""SheetId":"s""#,
            r#""SheetId":"s","Url":"https://x/123456789012/y""#,
        ),
        &["warning f.json: `definition.Sheets[0].Url`: names the account"],
    );
    let six: Vec<_> = (0..6)
        .map(|n| format!(r#""arn:aws:quicksight:eu-west-1:123456789012:analysis/{n}""#))
        .collect();
    let found = findings(&dashboard(&format!(r#""links":[{}],"#, six.join(","))));
    assert!(
        found
            .iter()
            .any(|line| line.contains("at most 5 are taken")),
        "{found:?}"
    );
}

#[test]
fn data_set_identifiers() {
    let declared = r#"{"DataSetIdentifierDeclarations":[{"Identifier":"d","DataSetArn":"${dataset:daily}"},{"Identifier":"d","DataSetArn":"x"},{"DataSetArn":"${dataset:daily}"},{"Identifier":"e","DataSetArn":"${dataset:daily}"}],"Sheets":[{"C":{"DataSetIdentifier":"f"}},{"C":{"DataSetIdentifier":"d"}}]}"#;
    expect(
        &dashboard_of("", declared),
        &[
            "Declarations[1].Identifier`: `d` is declared twice",
            "Declarations[1].DataSetArn`: must be",
            "Declarations[2].Identifier`: is missing",
            "error f.json: `definition.Sheets[0].C.DataSetIdentifier`: `f` is not declared",
            "warning f.json: `definition.DataSetIdentifierDeclarations[3]`: `e` is declared and not used",
        ],
    );
    expect(
        &dashboard_of("", "{}"),
        &["at least one data set must be declared"],
    );
}

#[test]
fn limits_and_doubles_of_definitions() {
    let head = r#""DataSetIdentifierDeclarations":[{"Identifier":"d","DataSetArn":"${dataset:daily}"}],"U":{"DataSetIdentifier":"d"}"#;
    for (name, most) in [
        ("Sheets", 20),
        ("TooltipSheets", 50),
        ("CalculatedFields", 2000),
        ("ParameterDeclarations", 400),
        ("FilterGroups", 2000),
        ("ColumnConfigurations", 2000),
        ("StaticFiles", 200),
    ] {
        let items = vec!["{}"; most + 1].join(",");
        let line = format!(
            "`definition.{name}`: holds {} items, at most {most}",
            most + 1
        );
        expect(
            &dashboard_of("", &format!(r#"{{{head},"{name}":[{items}]}}"#)),
            &[&line],
        );
    }
    for (name, most) in [("Visuals", 75), ("TextBoxes", 100), ("Images", 10)] {
        let items = vec!["{}"; most + 1].join(",");
        expect(
            &dashboard_of(
                "",
                &format!(r#"{{{head},"Sheets":[{{"{name}":[{items}]}}]}}"#),
            ),
            &[&format!("Sheets[0].{name}`: holds")],
        );
    }
    let filters = vec!["{}"; 21].join(",");
    expect(
        &dashboard_of(
            "",
            &format!(r#"{{{head},"FilterGroups":[{{"Filters":[{filters}]}}]}}"#),
        ),
        &["FilterGroups[0].Filters`: holds 21"],
    );
    let long = "x".repeat(32_001);
    expect(
        &dashboard_of(
            "",
            &format!(r#"{{{head},"CalculatedFields":[{{"Expression":"{long}"}}]}}"#),
        ),
        &["CalculatedFields[0].Expression`: 32001"],
    );
    expect(
        &dashboard_of(
            "",
            &format!(
                r#"{{{head},"Sheets":[{{"SheetId":"s","Visuals":[{{"A":{{"VisualId":"v"}}}}]}},{{"SheetId":"s","Visuals":[{{"B":{{"VisualId":"v"}}}}]}}],"FilterGroups":[{{"FilterGroupId":"g"}},{{"FilterGroupId":"g"}}],"CalculatedFields":[{{"DataSetIdentifier":"d","Name":"n"}},{{"DataSetIdentifier":"d","Name":"n"}}]}}"#
            ),
        ),
        &[
            "Sheets[1].SheetId`: `s` stands there twice",
            "Sheets[1].Visuals[0].B.VisualId`: `v` stands",
            "FilterGroups[1].FilterGroupId",
            "CalculatedFields[1].Name",
        ],
    );
}

#[test]
fn other_kinds() {
    expect(
        r#"{"kind":"theme","id":"a","name":"A","definition":{}}"#,
        &["BaseThemeId`: is missing", "Configuration`: is missing"],
    );
    expect(
        r#"{"kind":"data-source","id":"a","name":"A","definition":{}}"#,
        &["Type`: is missing"],
    );
    expect(
        r#"{"kind":"data-set","id":"a","name":"A","definition":{}}"#,
        &["ImportMode`: is missing", "PhysicalTableMap`: is missing"],
    );
    let schedule = |id: &str, rest: &str| format!(r#"{{"ScheduleId":"{id}",{rest}}}"#);
    let data_set = |mode: &str, more: &str, schedules: &[String]| {
        format!(
            r#"{{"kind":"data-set","id":"a","name":"A",{more}"schedules":[{}],"definition":{{"ImportMode":"{mode}","PhysicalTableMap":{{}}}}}}"#,
            schedules.join(",")
        )
    };
    let daily = r#""ScheduleFrequency":{"Interval":"DAILY"},"RefreshType":"FULL_REFRESH""#;
    expect(
        &data_set(
            "DIRECT_QUERY",
            r#""refresh_properties":{},"#,
            &[schedule("a", daily)],
        ),
        &[
            "only a data set in SPICE has refresh properties",
            "only a data set in SPICE has schedules",
        ],
    );
    let six: Vec<_> = (0..6).map(|n| schedule(&n.to_string(), daily)).collect();
    expect(&data_set("SPICE", "", &six), &["6 schedules, at most 5"]);
    expect(
        &data_set(
            "SPICE",
            "",
            &[
                schedule(
                    "a",
                    r#""ScheduleFrequency":{"Interval":"MINUTE15"},"RefreshType":"FULL_REFRESH""#,
                ),
                schedule(
                    "b",
                    r#""ScheduleFrequency":{"Interval":"HOURLY"},"RefreshType":"INCREMENTAL_REFRESH""#,
                ),
                schedule(
                    "c",
                    r#""ScheduleFrequency":{"Interval":"WEEKLY"},"RefreshType":"FULL_REFRESH""#,
                ),
                schedule("d", r#""X":1"#),
            ],
        ),
        &[
            "only an incremental refresh",
            "needs `refresh_properties`",
            "RefreshOnDay`: is needed",
            "Interval`: is missing",
            "RefreshType`: is missing",
            "only one schedule",
        ],
    );
}

#[test]
fn one_asset_has_one_file_and_files_may_name_each_other() {
    let file = AssetFile::parse(&dashboard(r#""links":["${analysis:b}"],"#)).expect("a file");
    let analysis = AssetFile::parse(
        &dashboard("")
            .replace("dashboard", "analysis")
            .replace(r#""id":"a""#, r#""id":"b""#),
    )
    .expect("a file");
    let environment = Environment::parse(ENVIRONMENT).expect("an environment");
    let files = [
        ("1".into(), file.clone()),
        ("2".into(), analysis),
        ("3".into(), file),
    ];
    let found = validate(&files, Some(&environment));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0].severity, Severity::Error);
    assert!(
        found[0]
            .to_string()
            .starts_with("error 3: `id`: dashboard `a` has a file already: `1`"),
        "{}",
        found[0]
    );
}

fn two(dashboard: &str, data_set: &str) -> Vec<String> {
    let files: Vec<_> = [("a.json", dashboard), ("s.json", data_set)]
        .map(|(name, text)| (PathBuf::from(name), AssetFile::parse(text).expect("a file")))
        .into();
    let environment = Environment::parse(ENVIRONMENT).expect("an environment");
    validate(&files, Some(&environment))
        .iter()
        .map(ToString::to_string)
        .filter(|line| line.contains("a.json"))
        .collect()
}

#[test]
fn columns_are_those_of_the_data_sets_file_and_calculated_fields() {
    let data_set = r#"{"kind":"data-set","id":"sales","name":"S","definition":{"ImportMode":"SPICE",
        "PhysicalTableMap":{"t":{"CustomSql":{"Columns":[{"Name":"day"},{"Name":"rent"}]}}}}}"#;
    let definition = |arn: &str| {
        format!(
            r#"{{"DataSetIdentifierDeclarations":[{{"Identifier":"d","DataSetArn":"{arn}"}}],
            "CalculatedFields":[{{"DataSetIdentifier":"d","Name":"net","Expression":"{{rent}} - {{tax}}"}}],
            "FilterGroups":[{{"F":[
                {{"Column":{{"DataSetIdentifier":"d","ColumnName":"day"}}}},
                {{"Column":{{"DataSetIdentifier":"d","ColumnName":"net"}}}},
                {{"Column":{{"DataSetIdentifier":"d","ColumnName":"Day"}}}}]}}]}}"#
        )
    };
    for arn in [
        "${dataset:sales}",
        "arn:aws:quicksight:eu-west-1:123456789012:dataset/dev-sales",
    ] {
        let found = two(&dashboard_of("", &definition(arn)), data_set);
        let found: Vec<_> = found.iter().filter(|line| line.contains("error")).collect();
        assert_eq!(
            found,
            [
                "error a.json: `definition.FilterGroups[0].F[2].Column.ColumnName`: the data set `d` has no column `Day`; there are: day, net, rent",
                "error a.json: `definition.CalculatedFields[0].Expression`: the data set `d` has no column `tax`; there are: day, net, rent",
            ]
        );
    }
    // A data set without a file is not known.
    let found = two(&dashboard_of("", &definition("${dataset:daily}")), data_set);
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn parameters_are_declared_once_and_used() {
    let definition = r#"{"DataSetIdentifierDeclarations":[{"Identifier":"d","DataSetArn":"${dataset:daily}"}],
        "ParameterDeclarations":[{"StringParameterDeclaration":{"Name":"house"}},
            {"IntegerParameterDeclaration":{"Name":"floor"}},{"IntegerParameterDeclaration":{"Name":"idle"}},
            {"StringParameterDeclaration":{"Name":"house"}}],
        "CalculatedFields":[{"DataSetIdentifier":"d","Name":"n","Expression":"${floor} + 1"}],
        "Sheets":[{"SheetId":"s","ParameterControls":[
            {"Dropdown":{"SourceParameterName":"house"}},{"Dropdown":{"SourceParameterName":"home"}}]}]}"#;
    let values = r#""parameters":{"StringParameters":[{"Name":"house","Values":["a"]},{"Name":"city","Values":["b"]}]},"#;
    expect(
        &dashboard_of(values, definition),
        &[
            "error f.json: `definition.ParameterDeclarations[3].StringParameterDeclaration.Name`: `house` is declared twice",
            "error f.json: `definition.Sheets[0].ParameterControls[1].Dropdown.SourceParameterName`: the parameter `home` is not declared",
            "error f.json: `parameters.StringParameters[1].Name`: the parameter `city` is not declared",
            "warning f.json: `definition.ParameterDeclarations[2].IntegerParameterDeclaration.Name`: the parameter `idle` is declared and not used",
        ],
    );
}
