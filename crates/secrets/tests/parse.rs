//! The shapes of secrets that are read, and what is said of the others.
#![expect(clippy::unwrap_used, reason = "helpers of tests are tests too")]

use datatransit_secrets::{
    DatabaseCredentials, Engine, Error, Fault, Location, Origin, Overlay, RawSecret, SecretId,
    Stage,
};
use proptest::prelude::*;
use secrecy::ExposeSecret as _;

fn origin() -> Origin {
    let id = SecretId::new("prod/db").unwrap();
    Origin::new(id, Location::SecretsManager, Stage::Current)
}

fn parse(text: &str, overlay: &Overlay) -> Result<DatabaseCredentials, Error> {
    DatabaseCredentials::parse(&RawSecret::from_text(text.to_owned(), origin()), overlay)
}

fn faults(text: &str, overlay: &Overlay) -> Vec<(&'static str, Fault)> {
    let error = parse(text, overlay).unwrap_err();
    error.problems().iter().map(|p| (p.key, p.fault)).collect()
}

#[test]
fn the_shape_of_rds_rotation() {
    let login = parse(
        r#"{"engine":"aurora-mysql","host":"db.example","username":"u","password":" p ",
            "dbname":"app","port":"3307","masterarn":"arn:aws:…","ssl":"true","more":{"x":[1]}}"#,
        &Overlay::default(),
    )
    .unwrap();
    assert_eq!(login.to_string(), "u@db.example:3307/app");
    assert_eq!(login.password().expose_secret(), " p ");
    assert_eq!(login.engine(), Engine::AuroraMySql);
    assert_eq!(login.ssl(), Some(true));
    assert_eq!(login.origin(), &origin());
}

#[test]
fn the_shape_of_the_existing_secret() {
    let login = parse(
        r#"{"host":"db","username":"u","password":"p","database":"app","port":3306,"engine":"mysql"}"#,
        &Overlay::default(),
    )
    .unwrap();
    assert_eq!((login.port(), login.database()), (3306, Some("app")));
    assert_eq!(login.ssl(), None);
}

#[test]
fn a_secret_managed_by_rds_is_completed_by_configuration() {
    let overlay = Overlay::default()
        .with_host("db")
        .with_database("app")
        .with_engine(Engine::MariaDb);
    let login = parse(r#"{"username":"u","password":"p"}"#, &overlay).unwrap();
    assert_eq!(login.to_string(), "u@db:3306/app");
    assert_eq!(login.engine(), Engine::MariaDb);
}

#[test]
fn null_counts_as_absent_and_unknown_keys_are_ignored() {
    let login = parse(
        "\u{feff}{\"host\":\"db\",\"port\":null,\"dbname\":null,\"user\":\"u\",\"pass\":\"p\",\"\":1}",
        &Overlay::default(),
    )
    .unwrap();
    assert_eq!(login.to_string(), "u@db:3306");
}

#[test]
fn all_problems_at_once_in_a_fixed_order() {
    let text = r#"{"ssl":"perhaps","engine":"postgres","dbname":"","password":7,"port":"many"}"#;
    assert_eq!(
        faults(text, &Overlay::default()),
        [
            ("host", Fault::Missing),
            ("port", Fault::WrongType),
            ("username", Fault::Missing),
            ("password", Fault::WrongType),
            ("dbname", Fault::Empty),
            ("engine", Fault::OutOfRange),
            ("ssl", Fault::OutOfRange),
        ]
    );
    let error = parse(r#"{"host":"db","port":0}"#, &Overlay::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "use secret `prod/db` from AWS Secrets Manager (AWSCURRENT): \
         port: not acceptable (must be a whole number from 1 to 65535, or such a number as text); \
         username: missing (not in the secret nor in the configuration); \
         password: missing (not in the secret)"
    );
    assert!(error.remedy().is_some());
}

#[test]
fn ports() {
    let fault = |port: &str| {
        let text = format!(r#"{{"host":"h","username":"u","password":"p","port":{port}}}"#);
        match parse(&text, &Overlay::default()) {
            Ok(login) => Ok(login.port()),
            Err(error) => Err(error.problems()[0].fault),
        }
    };
    assert_eq!(fault("1"), Ok(1));
    assert_eq!(fault("\"65535\""), Ok(65535));
    for port in ["0", "65536", "-1", "\"0\"", "99999999999999999999"] {
        assert_eq!(fault(port), Err(Fault::OutOfRange), "{port}");
    }
    for port in [
        "3306.0", "1e3", "true", "[]", "{}", "\" 1\"", "\"+1\"", "\"x\"",
    ] {
        assert_eq!(fault(port), Err(Fault::WrongType), "{port}");
    }
    assert_eq!(fault("\"\""), Err(Fault::Empty));
}

#[test]
fn hosts_are_names_or_addresses() {
    let ok = |host: &str| {
        let overlay = Overlay::default().with_host(host);
        parse(r#"{"username":"u","password":"p"}"#, &overlay).is_ok()
    };
    for host in ["db", "db.example.", "10.0.0.1", "::1", "fe80::1%eth0"] {
        assert!(ok(host), "{host}");
    }
    for host in [
        "",
        ".",
        "db:3306",
        "mysql://db",
        "db/app",
        "u@db",
        "a b",
        "a,b",
        "db\n",
    ] {
        assert!(!ok(host), "{host}");
    }
}

#[test]
fn a_password_may_hold_anything_but_nothing_and_nul() {
    for password in [" ", "\\n\\t", "\u{1F511}", "\\u0001", "'\\\"`;--"] {
        let text = format!(r#"{{"host":"h","username":"u","password":"{password}"}}"#);
        assert!(parse(&text, &Overlay::default()).is_ok(), "{password:?}");
    }
    let with = |password: &str| {
        let text = format!(r#"{{"host":"h","username":"u","password":{password}}}"#);
        faults(&text, &Overlay::default())
    };
    assert_eq!(with("\"\""), [("password", Fault::Empty)]);
    assert_eq!(with("\"a\\u0000b\""), [("password", Fault::OutOfRange)]);
    assert_eq!(with("\"\\ud800\""), [("password", Fault::WrongType)]);
}

#[test]
fn every_alias_and_every_pair_of_aliases() {
    let rows: [&[&str]; 3] = [
        &["username", "user", "db_username", "dbUser"],
        &["password", "pass", "db_password", "dbPassword"],
        &["database", "dbname", "dbName"],
    ];
    for row in rows {
        for first in row {
            for second in row.iter().filter(|second| *second != first) {
                // The overlay is not forced; the other fields come from the usual keys.
                let rest: String = rows
                    .iter()
                    .filter(|other| other[0] != row[0])
                    .map(|other| format!(r#","{}":"same""#, other[0]))
                    .collect();
                let text = |a: &str, b: &str| {
                    format!(r#"{{"host":"h","{first}":"{a}","{second}":"{b}"{rest}}}"#)
                };
                assert!(parse(&text("x", "x"), &Overlay::default()).is_ok());
                let faults = faults(&text("x", "y"), &Overlay::default());
                assert_eq!(faults.len(), 1);
                assert_eq!(faults[0].1, Fault::Conflict);
            }
        }
    }
    let twice = r#"{"host":"a","host":"b","username":"u","password":"p"}"#;
    assert_eq!(
        faults(twice, &Overlay::default()),
        [("host", Fault::Conflict)]
    );
}

#[test]
fn a_disagreement_with_configuration_is_an_error_unless_forced() {
    let text = r#"{"host":"DB.Example.","port":3306,"username":"u","password":"p","dbname":"app"}"#;
    let same = Overlay::default().with_host("db.example").with_port(3306);
    assert!(parse(text, &same).is_ok());
    let other = Overlay::default()
        .with_host("other")
        .with_port(3307)
        .with_username("v")
        .with_database("App");
    assert_eq!(
        faults(text, &other),
        [
            ("host", Fault::Conflict),
            ("port", Fault::Conflict),
            ("username", Fault::Conflict),
            ("database", Fault::Conflict),
        ]
    );
    let login = parse(text, &other.forced()).unwrap();
    assert_eq!(login.to_string(), "v@other:3307/App");
}

#[test]
fn a_forced_value_hides_a_faulty_one() {
    let text = r#"{"host":"","port":"x","username":"u","password":"p"}"#;
    let overlay = Overlay::default().with_host("db").with_port(1);
    assert_eq!(
        faults(text, &overlay),
        [("host", Fault::Empty), ("port", Fault::WrongType)]
    );
    assert_eq!(
        parse(text, &overlay.forced()).unwrap().to_string(),
        "u@db:1"
    );
}

#[test]
fn a_faulty_configured_value_does_not_hide_the_secrets() {
    let text = r#"{"host":"a b","username":"u","password":"p"}"#;
    assert_eq!(
        faults(text, &Overlay::default().with_host("c d").with_port(0)),
        [
            ("host", Fault::OutOfRange),
            ("host", Fault::OutOfRange),
            ("port", Fault::OutOfRange),
        ]
    );
}

#[test]
fn text_that_is_no_object() {
    for text in [
        "",
        "hunter2",
        "\"hunter2\"",
        "[]",
        "3",
        "{",
        "{\"a\":1}x",
        "{\"a\":}",
    ] {
        let expected = [("secret", Fault::NotJson)];
        assert_eq!(faults(text, &Overlay::default()), expected, "{text}");
    }
    let deep = format!("{{\"x\":{}1{}}}", "[".repeat(9_000), "]".repeat(9_000));
    assert_eq!(
        faults(&deep, &Overlay::default())[0],
        ("host", Fault::Missing)
    );
}

#[test]
fn binary_secrets_are_json_in_utf8_or_refused() {
    let parse = |bytes: &[u8]| {
        let raw = RawSecret::from_bytes(bytes.to_vec(), origin());
        DatabaseCredentials::parse(&raw, &Overlay::default())
    };
    assert!(parse(br#"{"host":"h","username":"u","password":"p"}"#).is_ok());
    let error = parse(b"{\"password\":\"\xff\"}").unwrap_err();
    assert_eq!(error.problems()[0].fault, Fault::Binary);
}

#[test]
fn a_secret_that_is_no_login_shows_its_text_to_who_asks_for_it() {
    let text = RawSecret::from_text("https://example.com/t0ken".to_owned(), origin());
    assert_eq!(text.expose_text(), Some("https://example.com/t0ken"));
    assert!(!format!("{text:?}").contains("t0ken"));
    let bytes = RawSecret::from_bytes(b"t0ken".to_vec(), origin());
    assert_eq!(bytes.expose_text(), Some("t0ken"));
    let binary = RawSecret::from_bytes(b"\xff".to_vec(), origin());
    assert_eq!(binary.expose_text(), None);
}

/// Writes any text as a JSON string, most of it escaped.
fn json(text: &str) -> String {
    let units = text.encode_utf16().map(|unit| format!("\\u{unit:04x}"));
    format!("\"{}\"", units.collect::<String>())
}

proptest! {
    #[test]
    fn parsing_is_total(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let raw = RawSecret::from_bytes(bytes, origin());
        let _outcome = DatabaseCredentials::parse(&raw, &Overlay::default());
    }

    #[test]
    fn parsing_is_total_on_what_resembles_json(text in r#"[{}\[\]:,"\\ua-z0-9.eE+\-]{0,60}"#) {
        let secret = format!(r#"{{"password":{text},"port":{text}}}"#);
        let raw = RawSecret::from_text(secret, origin());
        prop_assert!(DatabaseCredentials::parse(&raw, &Overlay::default()).is_err());
    }

    #[test]
    fn what_is_accepted_comes_back_as_it_was(
        host in "[a-z][a-z0-9.-]{0,20}[a-z]",
        port in 1_u16..,
        username in "[^\\p{C}]{1,16}",
        password in "[^\0]{1,40}",
        database in proptest::option::of("[^\\p{C}]{1,16}"),
        numeric in any::<bool>(),
    ) {
        let port_text = if numeric { port.to_string() } else { format!("\"{port}\"") };
        let database_text = database.as_deref().map_or("null".to_owned(), json);
        let text = format!(
            r#"{{"host":{},"port":{port_text},"username":{},"password":{},"dbname":{database_text}}}"#,
            json(&host), json(&username), json(&password),
        );
        let login = parse(&text, &Overlay::default()).unwrap();
        prop_assert_eq!(login.host(), host);
        prop_assert_eq!(login.port(), port);
        prop_assert_eq!(login.username(), username);
        prop_assert_eq!(login.password().expose_secret(), password);
        prop_assert_eq!(login.database(), database.as_deref());
    }
}
