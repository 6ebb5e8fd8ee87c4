//! The table of API calls that all policies are made of, held against recorded runs:
//! the real programs against the doubles. Each call that a double saw is allowed by the
//! table, and each action of the table is one that a program made.

mod compare_dumps;
mod dashboards;
mod doctor;
mod full_dump;
mod jobs;
mod quarantine;
mod query_export;
mod spice_refresh;

use std::collections::BTreeSet;

use e2e::aws::AwsDouble;
use e2e::s3::{Call, Operation};
use serde_json::Value;

use crate::example;

/// A kind of resource and an action on it, as in the table.
type Allowed = (String, String);

/// What was seen, or what is allowed.
#[derive(Debug, Default)]
struct Calls(BTreeSet<Allowed>);

impl Calls {
    /// The table's rows of one program.
    fn of_table(binary: &str) -> Self {
        let text = std::fs::read_to_string(example().join("modules/policies/calls.json")).unwrap();
        let table: Value = serde_json::from_str(&text).unwrap();
        let mut calls = Self::default();
        for row in table[binary].as_array().unwrap() {
            for action in row["actions"].as_array().unwrap() {
                calls.add(row["resource"].as_str().unwrap(), action.as_str().unwrap());
            }
        }
        calls
    }

    /// Adds an action, and what AWS does with it in the caller's name: a key of KMS is
    /// used where there is one, and data may be passed on only by whoever may pass it.
    fn add(&mut self, kind: &str, action: &str) {
        let implied: &[(&str, &str)] = match action {
            "secretsmanager:GetSecretValue" => &[("secret_key", "kms:Decrypt")],
            "s3:GetObject" => &[("object_key", "kms:Decrypt")],
            // Decrypt: to complete a multipart upload.
            "s3:PutObject" => &[
                ("object_key", "kms:GenerateDataKey"),
                ("object_key", "kms:Decrypt"),
            ],
            "sns:Publish" => &[
                ("topic_key", "kms:GenerateDataKey"),
                ("topic_key", "kms:Decrypt"),
            ],
            "quicksight:CreateDataSet" | "quicksight:UpdateDataSet" => {
                &[("data_source", "quicksight:PassDataSource")]
            }
            "quicksight:CreateDashboard" | "quicksight:UpdateDashboard" => {
                &[("data_set", "quicksight:PassDataSet")]
            }
            "quicksight:CreateAnalysis" | "quicksight:UpdateAnalysis" => {
                &[("data_set", "quicksight:PassDataSet")]
            }
            _ => &[],
        };
        for (kind, action) in implied.iter().chain(&[(kind, action)]) {
            self.0.insert(((*kind).to_owned(), (*action).to_owned()));
        }
    }

    /// What S3 saw. `places` says which kind of resource lies under which prefix.
    fn add_s3(&mut self, calls: &[Call], places: &[(&str, &str)]) {
        for call in calls {
            if call.operation == Operation::ListObjectsV2 {
                self.add("listing", "s3:ListBucket");
                continue;
            }
            let place = places
                .iter()
                .find(|(prefix, _)| call.key.starts_with(prefix));
            let (_, kind) = place.unwrap_or_else(|| panic!("a call elsewhere: {call:?}"));
            self.add(kind, action_on_object(call.operation));
            if call.headers.contains_key("x-amz-tagging") {
                self.add(kind, "s3:PutObjectTagging");
            }
            // That an object is not there S3 says only to who may list the bucket.
            if matches!(&call.outcome, Some(Err(code)) if ["NoSuchKey", "NotFound"].contains(&code.as_str()))
            {
                self.add("absence", "s3:ListBucket");
            }
        }
    }

    /// What the other services saw. STS's `GetCallerIdentity` needs no permission.
    fn add_others(&mut self, aws: &AwsDouble) {
        for (seen, kind, action) in [
            (
                !aws.secrets().calls().is_empty(),
                "secret",
                "secretsmanager:GetSecretValue",
            ),
            (
                aws.secrets().descriptions() > 0,
                "secret",
                "secretsmanager:DescribeSecret",
            ),
            (
                !aws.cloudwatch().data().is_empty(),
                "metrics",
                "cloudwatch:PutMetricData",
            ),
        ] {
            if seen {
                self.add(kind, action);
            }
        }
        for action in aws.sns().actions() {
            self.add("topic", &format!("sns:{action}"));
        }
    }

    /// The table allows what was seen and, but for `unseen`, nothing else. `unseen` has
    /// to be unseen indeed, each with its reason.
    #[track_caller]
    fn assert_table(&self, binary: &str, unseen: &[(&str, &str, &str)]) {
        let table = Self::of_table(binary).0;
        let refused: Vec<_> = self.0.difference(&table).collect();
        assert!(
            refused.is_empty(),
            "{binary} made calls that the table does not allow: {refused:?}"
        );
        let idle: BTreeSet<_> = table.difference(&self.0).cloned().collect();
        let named: BTreeSet<_> = unseen
            .iter()
            .map(|(kind, action, reason)| {
                assert!(!reason.is_empty());
                ((*kind).to_owned(), (*action).to_owned())
            })
            .collect();
        assert_eq!(
            idle, named,
            "{binary}: left, what no run made; right, what the test says is not made"
        );
    }
}

/// The IAM action of an operation on an object.
fn action_on_object(operation: Operation) -> &'static str {
    match operation {
        Operation::PutObject
        | Operation::CreateMultipartUpload
        | Operation::UploadPart
        | Operation::CompleteMultipartUpload => "s3:PutObject",
        // There is no action HeadObject.
        Operation::GetObject | Operation::HeadObject => "s3:GetObject",
        Operation::AbortMultipartUpload => "s3:AbortMultipartUpload",
        Operation::ListParts => "s3:ListMultipartUploadParts",
        Operation::GetObjectTagging => "s3:GetObjectTagging",
        Operation::PutObjectTagging => "s3:PutObjectTagging",
        Operation::DeleteObject => "s3:DeleteObject",
        other => panic!("{other} is none on an object"),
    }
}

#[test]
fn the_table_names_each_kind_once_and_each_action_once() {
    let text = std::fs::read_to_string(example().join("modules/policies/calls.json")).unwrap();
    let table: Value = serde_json::from_str(&text).unwrap();
    for (binary, rows) in table.as_object().unwrap() {
        let mut kinds = BTreeSet::new();
        for row in rows.as_array().unwrap() {
            assert!(kinds.insert(row["resource"].as_str()), "{binary}: {row}");
            let actions = row["actions"].as_array().unwrap();
            let distinct: BTreeSet<_> = actions.iter().map(Value::as_str).collect();
            assert_eq!(distinct.len(), actions.len(), "{binary}: {row}");
            for action in distinct.into_iter().flatten() {
                assert!(!action.contains('*'), "{binary} allows {action}");
            }
        }
    }
}
