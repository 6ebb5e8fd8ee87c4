//! The password shows nowhere: not in logs at the noisiest level, errors, the
//! summary, the manifest, the objects, nor in the process's arguments and
//! environment, of runs that end well and of runs that do not.

use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use serde_json::{Value, json};
use tokio::process::Command;

use crate::bench::{BUCKET, Bench, MANIFEST, Outcome, SECRET, TO, production, unpack};
use crate::proxy::{Proxy, Trick};

/// The password in every spelling that a careless program might print.
fn spellings(password: &str) -> Vec<String> {
    let json = Value::from(password).to_string();
    let debug = format!("{password:?}");
    let url: String = password
        .bytes()
        .map(|byte| match byte {
            byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect();
    let hex: String = password.bytes().map(|byte| format!("{byte:02x}")).collect();
    // The marker alone would do, were it not for quoting in its middle.
    let marker: String = password
        .chars()
        .take_while(char::is_ascii_alphanumeric)
        .collect();
    vec![
        password.to_owned(),
        json.trim_matches('"').to_owned(),
        debug.trim_matches('"').to_owned(),
        url,
        hex,
        marker,
    ]
}

#[track_caller]
fn assert_clean(what: &str, bytes: &[u8], password: &str) {
    for spelling in spellings(password) {
        let found = bytes
            .windows(spelling.len())
            .any(|window| window == spelling.as_bytes());
        // Not printed: a test's output is a place to leak, too.
        assert!(!found, "the password is in {what}");
    }
}

fn write_private(path: &Path, content: &str) {
    use std::io::Write as _;
    let mut file = std::fs::File::options()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .unwrap();
    file.write_all(content.as_bytes()).unwrap();
}

fn job(bench: &Bench, credentials: &str) -> Command {
    let mut command = bench.command();
    command
        .env("RUST_LOG", "trace")
        .env("RUST_BACKTRACE", "full")
        .args([
            "--credentials",
            credentials,
            "--to",
            TO,
            "--manifest",
            MANIFEST,
        ])
        .args(["--date", "2026-11-23", "-B"])
        .arg(&bench.database)
        .args(production());
    command
}

/// Runs until the rows are asked for, looks into the process, lets it go on.
async fn observed(bench: &Bench, proxy: &Proxy, mut command: Command) -> Outcome {
    let child = command.spawn().unwrap();
    let pid = child.id().unwrap();
    // The log fills its pipe at this level: it must be read while we wait.
    let finished = tokio::spawn(child.wait_with_output());
    proxy.reached().await;
    for name in ["cmdline", "environ"] {
        let bytes = std::fs::read(format!("/proc/{pid}/{name}")).unwrap();
        assert!(!bytes.is_empty());
        assert_clean(name, &bytes, &bench.password);
    }
    proxy.release();
    Outcome::of(finished.await.unwrap().unwrap())
}

fn assert_outcome_clean(bench: &Bench, outcome: &Outcome) {
    assert!(!outcome.stderr.is_empty());
    assert_clean("the log", outcome.stderr.as_bytes(), &bench.password);
    assert_clean("standard output", &outcome.stdout, &bench.password);
}

/// Both sources with this secret, at a proxy that lets us look.
async fn both_sources(bench: &Bench, secret: &mut Value) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for (number, kind) in ["secretsmanager", "file"].into_iter().enumerate() {
        let proxy = Proxy::start(bench.server.port(), "START TRANSACTION", Trick::Hold).await;
        secret["port"] = json!(proxy.port);
        let credentials = if kind == "file" {
            let path = bench.path(&format!("login-{number}.json"));
            write_private(&path, &secret.to_string());
            format!("file:{}", path.display())
        } else {
            bench.put_secret(secret);
            format!("secretsmanager:{SECRET}")
        };
        outcomes.push(observed(bench, &proxy, job(bench, &credentials)).await);
    }
    outcomes
}

#[tokio::test]
async fn a_passing_run_shows_no_password() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let mut secret = bench.secret();
    for outcome in both_sources(&bench, &mut secret).await {
        outcome.assert_code(0);
        assert!(
            outcome.stderr.contains("TRACE"),
            "the log is not at its noisiest"
        );
        assert_outcome_clean(&bench, &outcome);
    }
    for key in bench.aws.s3().keys(BUCKET) {
        let bytes = bench
            .aws
            .s3()
            .object(BUCKET, &key)
            .unwrap()
            .bytes()
            .unwrap();
        assert_clean(&key, &bytes, &bench.password);
    }
    assert_clean(
        "the dump",
        &unpack(&bench.dump().unwrap()).await,
        &bench.password,
    );
}

#[tokio::test]
async fn a_failing_run_shows_no_password() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let failing = |secret: Value| {
        let bench = &bench;
        async move {
            bench.put_secret(&secret);
            let path = bench.path(&format!("login-{}.json", fastrand::u64(..)));
            write_private(&path, &secret.to_string());
            let mut outcomes = Vec::new();
            for credentials in [
                format!("secretsmanager:{SECRET}"),
                format!("file:{}", path.display()),
            ] {
                outcomes.push(Outcome::of(
                    job(bench, &credentials).output().await.unwrap(),
                ));
            }
            outcomes
        }
    };
    let password = bench.password.as_str();
    let with = |name: &str, value: Value| {
        let mut secret = bench.secret();
        secret[name] = value;
        secret
    };
    for (secret, code) in [
        // The server refuses the login.
        (with("username", json!("nobody")), 4),
        // Not a login at all, with the password where it does not belong.
        (with("port", json!(password)), 3),
        (with("host", json!([password])), 3),
        (json!([password]), 3),
        (json!(password), 3),
    ] {
        for outcome in failing(secret).await {
            outcome.assert_failure(code);
            assert_outcome_clean(&bench, &outcome);
        }
    }
    // Fails amid the dump, with the login in use.
    let trick = Trick::CutAfter(100);
    let proxy = Proxy::start(bench.server.port(), "FROM `tenants`", trick).await;
    for outcome in failing(with("port", json!(proxy.port))).await {
        outcome.assert_failure(7);
        assert_outcome_clean(&bench, &outcome);
    }
}

#[tokio::test]
async fn a_password_in_the_wrong_place_is_refused_and_not_repeated() {
    let Some(bench) = Bench::new().await else {
        return;
    };
    let password = bench.password.as_str();
    let secret = bench.secret().to_string();
    let config = bench.path("job.toml");
    write_private(&config, &format!("password = '''{password}'''\n"));
    for arguments in [
        vec![format!("--password={password}")],
        vec![format!("-p{password}")],
        vec!["--credentials".to_owned(), secret],
        vec!["--credentials".to_owned(), password.to_owned()],
        vec!["--config".to_owned(), config.display().to_string()],
    ] {
        let mut command = bench.command();
        command.args(&arguments).args(["--to", TO, "gghouse"]);
        let outcome = Outcome::of(command.output().await.unwrap());
        outcome.assert_failure(2);
        assert_outcome_clean(&bench, &outcome);
    }
}

#[tokio::test]
async fn the_sdks_switch_that_logs_secrets_is_refused() {
    let Some(bench) = Bench::empty().await else {
        return;
    };
    let outcome = bench
        .job()
        .env("LOG_SENSITIVE_BODIES", "true")
        .output()
        .await
        .unwrap();
    Outcome::of(outcome).assert_failure(2);
    assert_eq!(bench.aws.secrets().calls(), []);
}
