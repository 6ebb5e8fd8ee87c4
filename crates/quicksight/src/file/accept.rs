//! Documents in any form to a file.

use super::{AssetFile, FileError, FileForm, members::Members};
use crate::{
    api::{DefinitionError, ResourceStatus},
    id::AssetKind,
    json::{Json, Path},
};

pub(super) fn accept(json: Json) -> Result<AssetFile, FileError> {
    let Json::Object(object) = json else {
        return Err(FileError::UnknownForm);
    };
    let has = |name: &str| object.contains(name);
    let file = if has("kind") {
        canonical(Members::new(object))?
    } else if has("dashboard_id") {
        original(Members::new(object))?
    } else if has("DashboardId") && has("Definition") {
        described(AssetKind::Dashboard, Members::new(object))?
    } else if has("AnalysisId") && has("Definition") {
        described(AssetKind::Analysis, Members::new(object))?
    } else {
        return Err(FileError::UnknownForm);
    };
    refuse_credentials(&file)?;
    Ok(file)
}

fn canonical(mut from: Members) -> Result<AssetFile, FileError> {
    let word = from.text("kind")?;
    let kind = AssetKind::of_word(&word).ok_or_else(|| {
        let known: Vec<_> = AssetKind::ALL.into_iter().map(AssetKind::word).collect();
        from.wrong("kind", format!("must be one of {}", known.join(", ")))
    })?;
    let id = from.id("id")?;
    let name = from.text("name")?;
    let dashboard = kind == AssetKind::Dashboard;
    let visual = dashboard || kind == AssetKind::Analysis;
    let data_set = kind == AssetKind::DataSet;

    let mut file = AssetFile::new(kind, id, name, Json::Null);
    if dashboard || kind == AssetKind::Theme {
        file.description = from.optional_text("description")?;
    }
    if visual {
        file.theme = from.optional_text("theme")?;
        file.validation = from.validation()?;
        file.parameters = from.optional_object("parameters")?;
    }
    if dashboard {
        file.publish_options = from.optional_object("publish_options")?;
        file.links = from.texts("links")?;
        file.link_sharing = from.grants("link_sharing")?;
    }
    if kind.folder_member_type().is_some() {
        file.folders = from.texts("folders")?;
    }
    file.tags = from.tags("tags")?;
    file.permissions = from.grants("permissions")?;
    if kind == AssetKind::DataSource {
        file.secret = from.optional_text("secret")?;
        // Never in an error: they may be credentials.
        if from.take("credentials").is_some() {
            return Err(FileError::LiteralCredentials {
                path: Path::root().name("credentials"),
            });
        }
    }
    if data_set {
        file.refresh_properties = from.optional_object("refresh_properties")?;
        file.schedules = from.schedules("schedules")?;
    }
    file.definition = from.object("definition")?;
    from.done(kind)?;
    Ok(file)
}

fn original(mut from: Members) -> Result<AssetFile, FileError> {
    let id = from.id("dashboard_id")?;
    let name = from.text("name")?;
    let mut file = AssetFile::new(AssetKind::Dashboard, id, name, Json::Null);
    file.form = FileForm::Original;
    // The earlier tool wrote an empty text for none, which the service does not take.
    file.description = from
        .optional_text("description")?
        .filter(|text| !text.is_empty());
    file.permissions = from.grants("permissions")?;
    file.tags = from.tags("tags")?;
    file.definition = from.object("definition")?;
    from.done(AssetKind::Dashboard)?;
    Ok(file)
}

/// The answer of a Describe…Definition, as the command line prints it. Members that are
/// not known are let pass: the service adds some.
fn described(kind: AssetKind, mut from: Members) -> Result<AssetFile, FileError> {
    let errors = from.take("Errors");
    let errors = errors.as_ref().and_then(Json::as_array).unwrap_or_default();
    let errors = DefinitionError::list_from_json(errors).len();
    let status = from.optional_text("ResourceStatus")?;
    let failed = status
        .as_deref()
        .is_some_and(|status| ResourceStatus::from(status).is_failed());
    if errors > 0 || failed {
        return Err(FileError::Broken {
            status: status.unwrap_or_default(),
            errors,
        });
    }
    let id = from.id(kind.id_member())?;
    let name = from.text("Name")?;
    let mut file = AssetFile::new(kind, id, name, Json::Null);
    file.form = FileForm::CommandLine;
    file.theme = from.optional_text("ThemeArn")?;
    file.publish_options = from.optional_object("DashboardPublishOptions")?;
    file.definition = from.object("Definition")?;
    Ok(file)
}

/// Members with which the service takes credentials.
const CREDENTIAL_MEMBERS: [&str; 9] = [
    "Credentials",
    "CredentialPair",
    "KeyPairCredentials",
    "Password",
    "PrivateKey",
    "PrivateKeyPassphrase",
    "WebProxyCredentials",
    "Token",
    "ClientSecret",
];

fn refuse_credentials(file: &AssetFile) -> Result<(), FileError> {
    if file.kind != AssetKind::DataSource {
        return Ok(());
    }
    let mut found = None;
    file.definition.walk(&mut |path, _| {
        let credential = path
            .last_name()
            .is_some_and(|name| CREDENTIAL_MEMBERS.contains(&name));
        if credential && found.is_none() {
            found = Some(Path::root().name("definition").join(path));
        }
    });
    let path = match found {
        Some(path) => path,
        None => match &file.secret {
            Some(secret) if !is_secret_reference(secret) => Path::root().name("secret"),
            _ => return Ok(()),
        },
    };
    Err(FileError::LiteralCredentials { path })
}

/// A symbol of a secret, or the ARN of one.
fn is_secret_reference(text: &str) -> bool {
    let symbol = text
        .strip_prefix("${secret:")
        .and_then(|rest| rest.strip_suffix('}'))
        .is_some_and(|name| !name.is_empty() && !name.contains('}'));
    let arn = text.strip_prefix("arn:").is_some_and(|rest| {
        let mut parts = rest.split(':');
        parts.nth(1) == Some("secretsmanager") && parts.nth(2) == Some("secret")
    });
    symbol || arn
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::presets::Grant;

    fn problem(text: &str) -> String {
        AssetFile::parse(text).unwrap_err().to_string()
    }

    #[test]
    fn the_earlier_tools_file_is_taken() {
        let file = AssetFile::parse(
            r#"{"dashboard_id":"sales","name":"Sales","description":"","definition":{"Sheets":[]},
            "permissions":[{"Principal":"arn:aws:quicksight:r:1:group/default/v","Actions":["quicksight:QueryDashboard","quicksight:DescribeDashboard","quicksight:ListDashboardVersions"]}],
            "tags":[{"Key":"a","Value":"b"}]}"#,
        )
        .unwrap();
        assert_eq!(file.form, FileForm::Original);
        assert_eq!(file.description, None);
        let permissions = file.permissions.unwrap();
        assert_eq!(
            permissions["arn:aws:quicksight:r:1:group/default/v"],
            Grant::Preset("viewer".to_owned())
        );
        assert_eq!(file.tags.unwrap()["a"], "b");
        assert_eq!(file.folders, None);
    }

    #[test]
    fn the_command_lines_output_is_taken_and_a_broken_one_refused() {
        let text = r#"{"Status":200,"DashboardId":"sales","Name":"Sales","ResourceStatus":"CREATION_SUCCESSFUL","ThemeArn":"arn:aws:quicksight::aws:theme/CLASSIC","Definition":{"New":1.50},"DashboardPublishOptions":{},"RequestId":"x","SomethingNew":1}"#;
        let file = AssetFile::parse(text).unwrap();
        assert_eq!(file.form, FileForm::CommandLine);
        assert_eq!(file.definition.to_compact(), r#"{"New":1.50}"#);
        assert!(file.publish_options.is_some() && file.permissions.is_none());
        let broken = text.replace("CREATION_SUCCESSFUL", "CREATION_FAILED");
        assert_eq!(
            problem(&broken),
            "the service described the definition as CREATION_FAILED with 0 errors"
        );
        let broken = text.replace(r#""RequestId""#, r#""Errors":[{"Type":"X"}],"RequestId""#);
        assert!(problem(&broken).ends_with("with 1 errors"));
    }

    #[test]
    fn members_that_are_wrong_are_named() {
        for (text, expected) in [
            ("[]", "neither a file of this tool"),
            ("{}", "neither a file of this tool"),
            (r#"{"kind":"x"}"#, "`kind` must be one of folder, theme"),
            (r#"{"kind":"dashboard","id":"a"}"#, "`name` is missing"),
            (
                r#"{"kind":"dashboard","id":"a","name":1}"#,
                "`name` must be a text, not a number",
            ),
            (
                r#"{"kind":"dashboard","id":"a","name":"b","definition":{},"themes":1}"#,
                "`themes` is no member of a file of a dashboard",
            ),
            (
                r#"{"kind":"theme","id":"a","name":"b","definition":{},"theme":"x"}"#,
                "`theme` is no member of a file of a theme",
            ),
            (
                r#"{"kind":"dashboard","id":"a","name":"b","permissions":{"p":1}}"#,
                "`permissions.p` must be a preset or an array of actions",
            ),
            (
                r#"{"kind":"dashboard","id":"a","name":"b","links":[1]}"#,
                "`links[0]` must be a text",
            ),
            (
                r#"{"kind":"dashboard","id":"a","name":"b","validation":"x"}"#,
                "`validation` must be STRICT or LENIENT",
            ),
        ] {
            assert!(problem(text).starts_with(expected), "{}", problem(text));
        }
    }

    #[test]
    fn literal_credentials_are_refused_and_not_repeated() {
        let head = r#"{"kind":"data-source","id":"a","name":"b","#;
        for rest in [
            r#""definition":{"Credentials":{"CredentialPair":{"Username":"hunter","Password":"hunter2"}}}}"#,
            r#""definition":{"DataSourceParameters":{"X":{"Password":"hunter2"}}}}"#,
            r#""secret":"hunter2","definition":{}}"#,
            r#""credentials":{"p":"hunter2"},"definition":{}}"#,
        ] {
            let error = AssetFile::parse(&format!("{head}{rest}")).unwrap_err();
            assert!(matches!(error, FileError::LiteralCredentials { .. }));
            assert!(!format!("{error} {error:?}").contains("hunter"), "{error}");
        }
        for secret in [
            "${secret:aurora}",
            "arn:aws:secretsmanager:eu-west-1:123456789012:secret:prod/db-a1B2c3",
        ] {
            let file =
                AssetFile::parse(&format!(r#"{head}"secret":"{secret}","definition":{{}}}}"#));
            assert_eq!(file.unwrap().secret.as_deref(), Some(secret));
        }
    }
}
