//! The migration's own question: does the new job's object hold what the old job's did?

use std::process::Stdio;

use e2e::canary::Canary;
use e2e::database::shared_mariadb;
use tokio::process::Command;

use crate::bench::{BUCKET, Bench, gzip};

const SCHEMA: &str = "
CREATE TABLE tenants (
  id INT NOT NULL AUTO_INCREMENT, name VARCHAR(100) NOT NULL, note TEXT, photo VARBINARY(64),
  updated_at DATETIME NOT NULL, PRIMARY KEY (id)
) COMMENT='semi;colon';
INSERT INTO tenants (name, note, photo, updated_at) VALUES
  ('山田 太郎', 'line one\\nline two; still two', X'00FF270A5C', '2026-11-22 23:10:00'),
  ('O''Brien', NULL, NULL, '2026-11-23 04:00:00');
INSERT INTO tenants (name, note, updated_at) SELECT CONCAT('tenant ', seq), MD5(seq), '2026-11-23 05:00:00' FROM seq_1_to_5000;
CREATE VIEW current_tenants AS SELECT id, name FROM tenants;
";

#[tokio::test]
async fn mariadb_dump_and_gzip_and_full_dump_are_the_same_and_a_late_row_is_found() {
    let Some(server) = shared_mariadb().await else {
        return;
    };
    let database = server.create_database("gghouse").await.unwrap();
    server
        .run_sql(&format!("USE {database};\n{SCHEMA}"))
        .await
        .unwrap();
    let user = format!("cron_{database}");
    let password = format!("cAnAry{:016x}", fastrand::u64(..));
    let grant = format!("SELECT, SHOW VIEW, TRIGGER, EVENT, LOCK TABLES ON `{database}`.*");
    let routines = "SELECT ON `mysql`.`proc`";
    server
        .create_user(&user, &password, &[&grant, routines])
        .await
        .unwrap();
    let bench = Bench::new();

    // The options of the old job, as mariadb-dump knows them.
    let old_job: Vec<&str> = [&["-B", database.as_str()], e2e::production::OPTIONS].concat();
    let old = server.dump(&old_job).await.unwrap();
    assert!(old.success(), "{}", old.stderr);
    bench
        .put("dumps/gghouse_20261123.sql.gz", gzip(&old.stdout))
        .await;

    let secret = serde_json::json!({"host": server.host(), "port": server.port(), "username": user, "password": password});
    let secret_file = bench.path("secret.json");
    std::fs::write(&secret_file, secret.to_string()).unwrap();
    std::fs::set_permissions(
        &secret_file,
        std::os::unix::fs::PermissionsExt::from_mode(0o600),
    )
    .unwrap();
    let run_new_job = || async {
        let output = Command::new(e2e::binary::binary("full-dump"))
            .args([
                "--credentials",
                &format!("file:{}", secret_file.display()),
                "--date",
                "2026-11-23",
            ])
            .args([
                "--to",
                "s3://dumps-bucket/dumps-new/gghouse_%Y%m%d.sql.zst",
                "-B",
                &database,
            ])
            .args(e2e::production::OPTIONS)
            .env_clear()
            .envs(bench.s3.endpoint().env())
            .stdin(Stdio::null())
            .output()
            .await
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    };
    run_new_job().await;
    let compare = [
        "s3://dumps-bucket/dumps/gghouse_%Y%m%d.sql.gz",
        "s3://dumps-bucket/dumps-new/gghouse_%Y%m%d.sql.zst",
        "--date",
        "2026-11-23",
        "--report",
        "s3://dumps-bucket/comparison/",
    ];
    let canary = Canary::new(&password);
    let exposure = canary.watch(&mut bench.command(&compare)).await.unwrap();
    exposure.assert_hidden();
    assert_eq!(
        exposure.status.code(),
        Some(0),
        "{}\n{}",
        String::from_utf8_lossy(&exposure.stdout),
        String::from_utf8_lossy(&exposure.stderr)
    );
    let report = bench.document("comparison/2026-11-23.json").unwrap();
    assert_eq!(report["comparison"]["old"]["rows"], 5_002);
    assert_eq!(report["comparison"]["new"]["compression"], "zstd");

    // Later the same day a row is changed: the next run of the new job has it.
    let late = format!(
        "USE {database}; UPDATE tenants SET note = 'late', updated_at = '2026-11-23 23:59:00' WHERE id = 7;"
    );
    server.run_sql(&late).await.unwrap();
    run_new_job().await;
    let ran = bench.run(&compare).await;
    ran.assert_code(1);
    let table =
        bench.document("comparison/2026-11-23.json").unwrap()["comparison"]["tables"][0].clone();
    assert_eq!(table["rows_changed"], 1, "{table}");
    let names: Vec<&str> = table["differences"][0]["columns"]
        .as_array()
        .unwrap()
        .iter()
        .map(|column| column["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["note", "updated_at"]);
    assert_eq!(bench.s3.keys(BUCKET).len(), 4);
}
