//! Same, different, trouble.

use e2e::canary::Canary;
use serde_json::json;

use crate::bench::{Bench, dump, gzip, zstd};

#[tokio::test]
async fn the_same_in_any_compression_and_any_place() {
    let bench = Bench::new();
    let text = dump(500, "x");
    let (first, second) = text.split_at(text.len() / 2);
    bench.write("plain.sql", &text);
    bench.write("packed.sql.gz", gzip(&text));
    bench.write("members.sql.gz", [gzip(first), gzip(second)].concat());
    bench.write("packed.sql.zst", zstd(&text).await);
    bench.put("dumps/x_20261123.sql.gz", gzip(&text)).await;
    bench
        .put("dumps/x_20261123.sql.zst", zstd(&text).await)
        .await;
    let file = format!("file://{}", bench.path("packed.sql.zst").display());
    for (old, new) in [
        ("plain.sql", "packed.sql.gz"),
        ("members.sql.gz", file.as_str()),
        ("s3://dumps-bucket/dumps/x_%Y%m%d.sql.gz", "plain.sql"),
        (
            "s3://dumps-bucket/dumps/x_%Y%m%d.sql.gz",
            "s3://dumps-bucket/dumps/x_%Y%m%d.sql.zst",
        ),
    ] {
        let ran = bench.run(&[old, new, "--date", "2026-11-23"]).await;
        ran.assert_code(0);
        assert!(ran.stdout.starts_with("SAME: "), "{}", ran.stdout);
    }
}

#[tokio::test]
async fn a_difference_is_told_by_place_and_hash_as_text_and_as_json() {
    let bench = Bench::new();
    bench.write("old.sql", dump(20, "one"));
    bench.write("new.sql", dump(21, "two"));
    let text = bench.run(&["old.sql", "new.sql"]).await;
    text.assert_code(1);
    assert!(
        text.stdout.starts_with("DIFFERENT: old.sql and new.sql\n"),
        "{}",
        text.stdout
    );
    assert!(text.stdout.contains("row 7 was changed"), "{}", text.stdout);
    assert!(
        text.stdout.contains("row 21 is only in the new one"),
        "{}",
        text.stdout
    );

    let ran = bench
        .run(&[
            "old.sql",
            "new.sql",
            "--json",
            "--date",
            "2026-11-23",
            "--run-id",
            "r7",
        ])
        .await;
    let report = ran.assert_code(1).json();
    assert_eq!(report["date"], "2026-11-23");
    assert_eq!(report["run_id"], "r7");
    assert_eq!(report["status"], "compared");
    assert!(report["generated_at"].as_str().unwrap().ends_with("+09:00"));
    let comparison = &report["comparison"];
    assert_eq!(comparison["report_version"], 1);
    assert_eq!(comparison["verdict"], "different");
    assert_eq!(comparison["new"]["rows"], 21);
    let table = &comparison["tables"][0];
    assert_eq!(
        (
            &table["name"],
            &table["rows_changed"],
            &table["rows_only_new"]
        ),
        (&json!("people"), &json!(1), &json!(1))
    );
    assert_eq!(table["differences"][0]["columns"][0]["name"], "name");

    let one = bench
        .run(&["old.sql", "new.sql", "--json", "--max-differences", "1"])
        .await;
    let listed = one.json()["comparison"]["tables"][0]["differences"]
        .as_array()
        .unwrap()
        .len();
    assert_eq!(listed, 1);
}

#[tokio::test]
async fn no_value_shows_anywhere_unless_it_is_asked_for() {
    let bench = Bench::new();
    let secrets = ["cAnAry-of-the-old-side", "cAnAry-of-the-new-side"];
    bench.write("old.sql", dump(20, secrets[0]));
    bench.write("new.sql", dump(20, secrets[1]));
    let report = "s3://dumps-bucket/comparison/";
    let usual = [
        "old.sql",
        "new.sql",
        "--report",
        report,
        "--date",
        "2026-11-23",
        "--log-format",
        "json",
    ];
    let documents = || {
        ["json", "html"].map(|ending| {
            let key = format!("comparison/2026-11-23.{ending}");
            bench
                .s3
                .object("dumps-bucket", &key)
                .unwrap()
                .bytes()
                .unwrap()
        })
    };
    for canary in secrets.map(Canary::new) {
        for arguments in [&usual[..], &[&usual[..], &["--json"]].concat()] {
            let mut command = bench.command(arguments);
            command.env("RUST_LOG", "trace");
            let exposure = canary.watch(&mut command).await.unwrap();
            assert_eq!(exposure.status.code(), Some(1));
            exposure.assert_hidden();
            for document in documents() {
                assert_eq!(canary.find(&document), None);
            }
        }
    }
    let shown = bench.run(&[&usual[..], &["--show-values"]].concat()).await;
    shown.assert_code(1);
    for secret in secrets {
        assert!(shown.stdout.contains(secret), "{}", shown.stdout);
        for document in documents() {
            assert!(String::from_utf8(document).unwrap().contains(secret));
        }
    }
}

#[tokio::test]
async fn exports_are_compared_by_their_format() {
    let bench = Bench::new();
    bench.write("a.csv", "id;name\n1;x\n2;y\n");
    bench.write("b.csv", "id;name\r\n\"1\";\"x\"\r\n2;\"y\"\r\n");
    bench.write("a.csv.gz", gzip("id;name\n1;x\n2;y\n"));
    let usual = ["--delimiter", ";", "--json"];
    let same = bench
        .run(&[&["a.csv", "a.csv.gz"][..], &usual].concat())
        .await;
    assert_eq!(same.assert_code(0).json()["comparison"]["old"]["rows"], 2);
    // The same records in another form are not the same file.
    let form = bench.run(&[&["a.csv", "b.csv"][..], &usual].concat()).await;
    let comparison = form.assert_code(1).json()["comparison"].clone();
    assert_eq!(comparison["reasons"][0]["kind"], "form");
    assert_eq!(comparison["tables"][0]["state"], "same");
    bench.write("a.txt", "id\tname\n1\tx\n");
    bench.write("b.txt", "id\tname\n1\tz\n");
    let ran = bench
        .run(&["a.txt", "b.txt", "--content", "mysql-batch", "--json"])
        .await;
    let table = ran.assert_code(1).json()["comparison"]["tables"][0].clone();
    assert_eq!(
        table["differences"][0]["columns"][0]["name"], "name",
        "{table}"
    );
    let bare = bench
        .run(&[
            "a.txt",
            "b.txt",
            "--content",
            "mysql-batch",
            "--header",
            "false",
            "--json",
        ])
        .await;
    assert_eq!(bare.assert_code(1).json()["comparison"]["old"]["rows"], 2);
    bench
        .run(&["a.csv", "a.txt"])
        .await
        .assert_trouble(&["two formats", "--content"]);
    bench.write("c.parquet", "x");
    bench
        .run(&["c.parquet", "c.parquet"])
        .await
        .assert_trouble(&["Parquet"]);
}

#[tokio::test]
async fn the_next_auto_increment_is_masked_when_asked() {
    let bench = Bench::new();
    let table = |next: u32| {
        format!(
            "CREATE TABLE `t` (\n  `id` int NOT NULL AUTO_INCREMENT,\n  PRIMARY KEY (`id`)\n) ENGINE=InnoDB AUTO_INCREMENT={next} DEFAULT CHARSET=utf8mb4;\nINSERT INTO `t` VALUES (1);\n"
        )
    };
    bench.write("old.sql", table(7));
    bench.write("new.sql", table(9));
    bench.run(&["old.sql", "new.sql"]).await.assert_code(1);
    let masked = bench
        .run(&["old.sql", "new.sql", "--ignore-auto-increment"])
        .await;
    masked.assert_code(0);
    assert!(
        masked.stdout.contains("auto-increment (1 old, 1 new)"),
        "{}",
        masked.stdout
    );
}

#[tokio::test]
async fn damage_and_what_is_no_dump_are_trouble() {
    let bench = Bench::new();
    bench.write("old.sql", dump(20, "x"));
    let mut damaged = gzip(dump(2_000, "x"));
    let middle = damaged.len() / 2;
    damaged[middle..middle + 40].fill(0xff);
    bench.write("damaged.sql.gz", damaged);
    bench
        .run(&["old.sql", "damaged.sql.gz"])
        .await
        .assert_trouble(&["damaged.sql.gz is damaged"]);
    bench.write("page.sql", "<html>\n<body>no dump</body>\n");
    bench
        .run(&["old.sql", "page.sql"])
        .await
        .assert_trouble(&["page.sql"]);
    bench
        .run(&["old.sql", "."])
        .await
        .assert_trouble(&["directory"]);
}

#[tokio::test]
async fn a_dump_that_ends_early_is_different_and_said_to_be_cut_off() {
    let bench = Bench::new();
    let text = dump(2_000, "x");
    bench.write("old.sql", &text);
    let packed = gzip(&text);
    bench.write("new.sql.gz", &packed[..packed.len() / 2]);
    let ran = bench.run(&["old.sql", "new.sql.gz", "--json"]).await;
    let comparison = ran.assert_code(1).json()["comparison"].clone();
    assert_eq!(comparison["new"]["complete"], false);
    assert_eq!(comparison["reasons"][0]["kind"], "truncated");
}
