//! Environment, file and chain.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

use std::{fs, sync::Arc};

use datatransit_secrets::{
    Chain, DatabaseCredentials, EnvSource, ErrorKind, Fault, FileSource, Overlay, SecretId,
    SecretSource, Stage,
    testing::{FailingSource, FixedSource, MockSecretSource},
};
use secrecy::ExposeSecret as _;

const SECRET: &str = r#"{"host":"h","username":"u","password":"p"}"#;

fn id() -> SecretId {
    SecretId::new("label").unwrap()
}

async fn login(source: &dyn SecretSource) -> DatabaseCredentials {
    let raw = source.fetch(&id(), &Stage::Current).await.unwrap();
    DatabaseCredentials::parse(&raw, &Overlay::default()).unwrap()
}

async fn kind(source: &dyn SecretSource, stage: &Stage) -> ErrorKind {
    source.fetch(&id(), stage).await.unwrap_err().kind()
}

#[tokio::test]
async fn the_environment_holds_six_values() {
    let source = EnvSource::from_vars(
        "DB",
        [
            ("DB_HOST", "h"),
            ("DB_PORT", "3307"),
            ("DB_USERNAME", "u"),
            ("DB_PASSWORD", "{\"p\\"),
            ("DB_DATABASE", "app"),
            ("DB_ENGINE", "mariadb"),
            ("DATABASE_HOST", "another prefix"),
        ],
    );
    let login = login(&source).await;
    assert_eq!(login.to_string(), "u@h:3307/app");
    assert_eq!(login.password().expose_secret(), "{\"p\\");
    assert!(login.origin().location().is_local());
    assert_eq!(kind(&source, &Stage::Pending).await, ErrorKind::NotFound);
}

#[tokio::test]
async fn an_environment_without_a_login_has_no_secret() {
    let source = EnvSource::from_vars("DATABASE", [("DATABASE_HOST", "h")]);
    assert_eq!(kind(&source, &Stage::Current).await, ErrorKind::NotFound);
    // No process has variables of this name.
    let source = EnvSource::from_env("DATATRANSIT_NO_SUCH_PREFIX");
    let error = source.fetch(&id(), &Stage::Current).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "fetch secret `label` (AWSCURRENT) from the environment (DATATRANSIT_NO_SUCH_PREFIX_*): not found"
    );
    assert!(error.remedy().unwrap().contains("_PASSWORD"));
}

#[tokio::test]
async fn empty_variables_count_as_unset_except_the_login() {
    let source = EnvSource::from_vars(
        "D",
        [
            ("D_HOST", ""),
            ("D_PORT", ""),
            ("D_USERNAME", "u"),
            ("D_PASSWORD", ""),
        ],
    );
    let raw = source.fetch(&id(), &Stage::Current).await.unwrap();
    let error = DatabaseCredentials::parse(&raw, &Overlay::default()).unwrap_err();
    let faults: Vec<_> = error.problems().iter().map(|p| (p.key, p.fault)).collect();
    assert_eq!(
        faults,
        [("host", Fault::Missing), ("password", Fault::Empty)]
    );
}

#[cfg(unix)]
mod files {
    use std::{
        ffi::OsStr,
        os::unix::{ffi::OsStrExt as _, fs::PermissionsExt as _, fs::symlink},
        path::Path,
    };

    use super::*;

    fn write(path: &Path, text: impl AsRef<[u8]>, mode: u32) {
        fs::write(path, text).unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    #[tokio::test]
    async fn a_private_file_is_read_anew_each_time() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret.json");
        let source = FileSource::new(&path);
        assert_eq!(kind(&source, &Stage::Current).await, ErrorKind::NotFound);
        for (mode, user) in [(0o600, "one"), (0o400, "two")] {
            let _ = fs::remove_file(&path);
            write(&path, SECRET.replace("\"u\"", &format!("\"{user}\"")), mode);
            assert_eq!(login(&source).await.username(), user);
        }
        assert_eq!(kind(&source, &Stage::Previous).await, ErrorKind::NotFound);
        let link = directory.path().join("link");
        symlink(&path, &link).unwrap();
        assert_eq!(login(&FileSource::new(link)).await.username(), "two");
    }

    #[tokio::test]
    async fn a_file_that_others_may_touch_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret.json");
        for mode in [0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o644] {
            write(&path, SECRET, mode);
            let source = FileSource::new(&path);
            let error = source.fetch(&id(), &Stage::Current).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Insecure, "{mode:o}");
            assert!(error.remedy().unwrap().contains("chmod 600"));
        }
    }

    #[tokio::test]
    async fn only_a_regular_file_of_a_secrets_size_is_read() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("secret.json");
        assert_eq!(
            kind(&FileSource::new(directory.path()), &Stage::Current).await,
            ErrorKind::Config
        );
        assert_eq!(
            kind(&FileSource::new("/dev/null"), &Stage::Current).await,
            ErrorKind::Config
        );
        write(&path, vec![b' '; 65_537], 0o600);
        let source = FileSource::new(&path);
        assert_eq!(kind(&source, &Stage::Current).await, ErrorKind::Config);
        let padded = SECRET.to_owned() + &" ".repeat(65_536 - SECRET.len());
        write(&path, padded, 0o600);
        assert_eq!(login(&source).await.username(), "u");
    }

    #[tokio::test]
    async fn a_variable_that_is_not_unicode_is_a_wrong_type() {
        let vars = [
            ("D_USERNAME", OsStr::new("u").to_owned()),
            ("D_PASSWORD", OsStr::from_bytes(b"\xff").to_owned()),
        ];
        let source = EnvSource::from_vars("D", vars);
        let raw = source.fetch(&id(), &Stage::Current).await.unwrap();
        let overlay = Overlay::default().with_host("h");
        let error = DatabaseCredentials::parse(&raw, &overlay).unwrap_err();
        assert_eq!(error.problems().len(), 1);
        assert_eq!(error.problems()[0].fault, Fault::WrongType);
    }
}

#[tokio::test]
async fn a_chain_goes_on_after_not_found_only() {
    let absent = Arc::new(FixedSource::empty());
    let present = Arc::new(FixedSource::new(SECRET));
    let chain = Chain::new(vec![
        Arc::<FixedSource>::clone(&absent),
        Arc::<FixedSource>::clone(&present),
    ]);
    assert_eq!(login(&chain).await.username(), "u");
    assert_eq!((absent.calls(), present.calls()), (1, 1));
    assert_eq!(kind(&chain, &Stage::Pending).await, ErrorKind::NotFound);

    for stop in [
        ErrorKind::AccessDenied,
        ErrorKind::Unreachable,
        ErrorKind::Insecure,
    ] {
        let failing = Arc::new(FailingSource::new(FixedSource::empty(), 1, stop));
        let chain = Chain::new(vec![failing, Arc::<FixedSource>::clone(&present)]);
        let calls = present.calls();
        assert_eq!(kind(&chain, &Stage::Current).await, stop);
        assert_eq!(present.calls(), calls);
    }
    assert_eq!(
        kind(&Chain::new(Vec::new()), &Stage::Current).await,
        ErrorKind::NotFound
    );
}

#[tokio::test]
async fn the_mock_states_what_must_be_asked() {
    let mut mock = MockSecretSource::new();
    mock.expect_fetch()
        .withf(|id, stage| id.as_str() == "label" && *stage == Stage::Pending)
        .once()
        .returning(|id, stage| {
            let location = datatransit_secrets::Location::Other("a mock".into());
            Err(datatransit_secrets::Error::fetch(
                ErrorKind::Throttled,
                location,
                id,
                stage,
            ))
        });
    assert_eq!(kind(&mock, &Stage::Pending).await, ErrorKind::Throttled);
}
