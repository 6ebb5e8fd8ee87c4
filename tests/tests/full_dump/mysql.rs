//! The job against a real MySQL, which brings certificates: TLS in all its modes.

use mysql_async::prelude::Queryable as _;

use crate::bench::{Bench, Outcome, production, unpack};

#[tokio::test]
async fn the_production_job_equals_mysqldump() {
    let Some(bench) = Bench::mysql().await else {
        return;
    };
    let arguments = [
        "--ssl-mode",
        "REQUIRED",
        "--require-table",
        "tenants,movings",
    ];
    bench.run(&arguments).await.assert_code(0);
    let text = unpack(&bench.dump().unwrap()).await;
    let arguments = [&["-B", bench.database.as_str()][..], &production()].concat();
    let reference = bench.reference(&arguments).await;
    assert_eq!(
        String::from_utf8_lossy(&text),
        String::from_utf8_lossy(&reference)
    );
    let manifest = bench.manifest().unwrap();
    assert_eq!(manifest["server"]["flavour"], "mysql");
    assert!(manifest["server"]["server_uuid"].is_string());
    assert_eq!(
        manifest["source_table_max_updated_at"],
        "2026-11-23T05:12:33+09:00"
    );
}

/// The lines of `--check` about the login and its encryption.
async fn login(bench: &Bench, arguments: &[&str]) -> (Outcome, String) {
    let arguments = [&["--check", "--json"], arguments].concat();
    let outcome = bench.run(&arguments).await;
    let report = outcome.summary();
    let checks = report["checks"].as_array().unwrap();
    let wanted = checks
        .iter()
        .filter(|check| check["name"] == "login" || check["name"] == "TLS");
    let said: Vec<&str> = wanted
        .map(|check| check["detail"].as_str().unwrap())
        .collect();
    (outcome, said.join("; "))
}

#[tokio::test]
async fn ssl_modes_are_what_they_say() {
    let Some(bench) = Bench::mysql().await else {
        return;
    };
    let mut connection = bench.server.connect().await.unwrap();
    let directory: String = connection
        .query_first("SELECT @@datadir")
        .await
        .unwrap()
        .unwrap();
    connection.disconnect().await.unwrap();
    let authority = format!("{directory}ca.pem");
    assert!(
        std::fs::exists(&authority).unwrap(),
        "MySQL makes its own authority"
    );

    let (outcome, said) = login(&bench, &["--ssl-mode", "REQUIRED"]).await;
    assert_eq!(outcome.code, Some(0), "{said}");
    assert!(said.contains("encrypted with"), "{said}");
    // The certificate is made out to no host at all.
    let arguments = ["--ssl-mode", "VERIFY_IDENTITY", "--ssl-ca", &authority];
    let (outcome, said) = login(&bench, &arguments).await;
    assert_eq!(outcome.code, Some(4), "{said}");
    assert!(said.contains("not valid for name"), "{said}");
    // Signed by nobody that the public authorities know.
    let (outcome, said) = login(&bench, &["--ssl-mode", "VERIFY_IDENTITY"]).await;
    assert_eq!(outcome.code, Some(4), "{said}");

    let mut secret = bench.secret();
    secret["ssl"] = true.into();
    bench.put_secret(&secret);
    let (_, said) = login(&bench, &[]).await;
    assert!(
        said.contains("encrypted with"),
        "a secret that asks for TLS gets it: {said}"
    );
}
