//! The pages in a real browser: wide and narrow, light and dark, without a network.

use e2e::browser::{Browser, Scheme};
use serde_json::{Value, json};

use crate::world::{NEWEST, REPORTS, World, compared, day, failed};

/// Every text with too little contrast to what is behind it, and how much.
const CONTRAST: &str = r"
const number = text => text.match(/[\d.]+/g).map(Number);
const light = ([r, g, b]) => {
  const [x, y, z] = [r, g, b].map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * x + 0.7152 * y + 0.0722 * z;
};
const behind = element => {
  for (let at = element; at; at = at.parentElement) {
    const colour = number(getComputedStyle(at).backgroundColor);
    if (colour.length === 3 || colour[3] === 1) return colour;
  }
  return [255, 255, 255];
};
const poor = [], seen = [];
for (const element of document.querySelectorAll('body *')) {
  const own = [...element.childNodes].some(node => node.nodeType === 3 && node.data.trim());
  if (!own || !element.getClientRects().length || ['title', 'desc', 'STYLE'].includes(element.tagName)) continue;
  const style = getComputedStyle(element);
  const ink = number(element instanceof SVGElement ? style.fill : style.color);
  const [a, b] = [light(ink), light(behind(element))].sort((a, b) => b - a);
  const ratio = (a + 0.05) / (b + 0.05);
  seen.push(ratio);
  if (ratio < 4.5) poor.push(`${element.tagName}.${element.className}: ${ratio.toFixed(2)} ${element.textContent.slice(0, 40)}`);
}
return {poor, seen: seen.length};
";

/// A week with everything that a page can show: a good day, a differing one, a
/// failed one, a gap; texts that would be markup.
async fn colourful_week(world: &World) {
    for back in 0..=12 {
        let date = day(back);
        let grown = 1_450_000_000 + u64::try_from(13 - back).unwrap() * 9_000_000;
        let report = match back {
            5 => continue,
            3 => failed(&date),
            0 | 8 => differing(&date, grown),
            _ => compared(&date, "same", grown, grown),
        };
        world.put_day(&date, &report).await;
    }
    world
        .put("comparison/2026-11-20.json", "{\"date\": \"2026-11-20\", ")
        .await;
}

fn differing(date: &str, size: u64) -> Value {
    let mut report = compared(date, "different", size, size + size / 40);
    let comparison = &mut report["comparison"];
    for (side, client) in [
        (
            "old",
            "MySQL dump 10.13  Distrib 8.0.39, for Linux (x86_64)",
        ),
        ("new", "datatransit-dump 0.1.0"),
    ] {
        comparison[side]["client"] = json!(client);
        comparison[side]["dump_completed"] = json!("2026-11-26 5:31:07");
        comparison[side]["charset"] = json!("utf8mb4");
    }
    comparison["reasons"] = json!([
        {"kind": "definitions", "text": "the definition of VIEW `current_tenants` differs"},
        {"kind": "rows", "text": "rows differ in gghouse.tenants (2 changed, 1 only in the new one)"},
        {"kind": "rows_changed", "text": "2 of them were written after the older dump was taken, by updated_at"},
        {"kind": "row_order", "text": "gghouse.movings holds the same rows in another order"},
    ]);
    comparison["masked"] = json!([
        {"rule": "host", "old_lines": 1, "new_lines": 1}, {"rule": "dump-date", "old_lines": 1, "new_lines": 1},
        {"rule": "auto-increment", "old_lines": 9, "new_lines": 9},
    ]);
    let hash = |n: u8| format!("{n:02x}").repeat(32);
    comparison["tables"] = json!([
        {"database": "gghouse", "name": "tenants", "state": "different", "old_rows": 48_211, "new_rows": 48_212,
         "rows_only_old": 0, "rows_only_new": 1, "rows_changed": 2, "rows_changed_since": 3, "detail": "full", "differences": [
            {"kind": "changed", "old_row": 17, "new_row": 17, "key": [{"name": "id", "sha256": hash(1)}], "columns": [
                {"name": "name", "old_sha256": hash(2), "new_sha256": hash(3), "old": "'<script>window.stolen = 1</script>'", "new": "'山田 太郎 & 佐藤 <b>花子</b>'"},
                {"name": "note", "old_sha256": hash(4), "new_sha256": null}]},
            {"kind": "changed", "old_row": 904, "new_row": 905, "key": [{"name": "id", "sha256": hash(5)}], "columns": [
                {"name": "a_column_with_a_rather_long_name_indeed", "old_sha256": hash(6), "new_sha256": hash(7)}]},
            {"kind": "only_new", "new_row": 48_212, "key": [{"name": "id", "sha256": hash(8)}]}]},
        {"database": "gghouse", "name": "<img src=x onerror=window.stolen=1>", "state": "only_new", "old_rows": 0, "new_rows": 3, "detail": "full", "differences": []},
        {"database": "gghouse", "name": "movings", "state": "row_order", "old_rows": 1_204_331, "new_rows": 1_204_331,
         "rows_only_old": 0, "rows_only_new": 0, "rows_changed": 0, "detail": "counts_only", "differences": []},
        {"database": "gghouse", "name": "masters", "state": "same", "old_rows": 9, "new_rows": 9, "detail": "full", "differences": []},
    ]);
    comparison["statements"] = json!([
        {"database": "gghouse", "object": "VIEW `current_tenants`", "state": "different", "first_different_line": 3,
         "old_sha256": hash(9), "new_sha256": hash(10), "old": "CREATE VIEW `x` AS SELECT 1 -- </style><script>window.stolen = 1</script>", "new": "CREATE VIEW `x` AS SELECT 2"},
        {"database": "gghouse", "object": "EVENT `nightly`", "state": "only_old"},
    ]);
    report
}

/// Looks at one page at both widths and in both schemes. `days` is how many marks
/// the chart must have.
async fn look(browser: &Browser, world: &World, file: &str, verdict: &str, days: u64) {
    let path = world.path(file);
    for (width, scheme) in [
        (1400, Scheme::Light),
        (1400, Scheme::Dark),
        (360, Scheme::Light),
        (360, Scheme::Dark),
    ] {
        browser.view(width, 900, scheme).await.unwrap();
        browser.open(&path).await.unwrap();
        let place = format!("{file} at {width}, {scheme:?}");

        let requests = browser.requests().await.unwrap();
        let fetched: Vec<&String> = requests
            .iter()
            .filter(|url| !url.starts_with("data:"))
            .collect();
        assert_eq!(
            fetched.len(),
            1,
            "{place}: more than the page: {requests:?}"
        );
        assert!(fetched[0].ends_with(file), "{place}: {requests:?}");

        let facts = browser
            .evaluate(
                "const at = document.getElementById('verdict').getBoundingClientRect();
                 const chart = document.querySelector('svg.chart');
                 const bars = [...document.querySelectorAll('svg.chart rect.old, svg.chart rect.new')];
                 return {
                   inner: document.documentElement.clientWidth,
                   content: document.documentElement.scrollWidth,
                   verdict: document.getElementById('verdict').innerText,
                   verdictSeen: at.width > 0 && at.height > 0 && at.left >= 0 && at.right <= innerWidth && at.top >= 0 && at.bottom <= innerHeight,
                   chart: chart ? [chart.getBoundingClientRect().width, chart.getBoundingClientRect().height] : null,
                   chartTitle: chart ? chart.querySelector('title').textContent : '',
                   marks: document.querySelectorAll('svg.chart svg.mark').length,
                   marksSeen: [...document.querySelectorAll('svg.chart svg.mark')].filter(m => m.getBoundingClientRect().width >= 10).length,
                   titles: [...document.querySelectorAll('svg.chart .day > title')].map(t => t.textContent),
                   tallest: Math.max(...bars.map(b => b.getBoundingClientRect().height)),
                   scripts: document.scripts.length,
                   images: document.images.length,
                   stolen: window.stolen ?? null,
                   bareCells: [...document.querySelectorAll('th')].filter(th => !th.scope).length,
                   page: getComputedStyle(document.documentElement).backgroundColor,
                 };",
            )
            .await
            .unwrap();
        assert_eq!(facts["inner"], width, "{place}");
        let content = facts["content"].as_u64().unwrap();
        assert!(
            content <= u64::from(width),
            "{place}: scrolls sideways, {content}"
        );
        assert_eq!(facts["verdict"], verdict, "{place}");
        assert_eq!(facts["verdictSeen"], true, "{place}: {facts}");
        assert!(
            facts["chart"][0].as_f64().unwrap() >= 250.0,
            "{place}: {facts}"
        );
        assert!(
            facts["chart"][1].as_f64().unwrap() >= 150.0,
            "{place}: {facts}"
        );
        assert_ne!(facts["chartTitle"], "", "{place}");
        assert_eq!(facts["marks"], days, "{place}");
        assert_eq!(facts["marksSeen"], days, "{place}");
        assert_eq!(
            facts["titles"].as_array().unwrap().len() as u64,
            days,
            "{place}"
        );
        assert!(
            facts["tallest"].as_f64().unwrap() > 100.0,
            "{place}: {facts}"
        );
        assert_eq!(facts["scripts"], 0, "{place}");
        assert_eq!(facts["images"], 0, "{place}");
        assert_eq!(facts["stolen"], Value::Null, "{place}");
        assert_eq!(facts["bareCells"], 0, "{place}");
        let page = facts["page"].as_str().unwrap();
        let is_dark = page.contains("rgb(1");
        assert_eq!(is_dark, scheme == Scheme::Dark, "{place}: {page}");

        let contrast = browser.evaluate(CONTRAST).await.unwrap();
        assert_eq!(contrast["poor"], json!([]), "{place}");
        assert!(
            contrast["seen"].as_u64().unwrap() > 30,
            "{place}: {contrast}"
        );

        let console = browser.console().await.unwrap();
        assert_eq!(console, [""; 0], "{place}");
        if let Some(directory) = std::env::var_os("PICTURES") {
            let name = format!("{}-{width}-{scheme:?}.png", file.trim_end_matches(".html"));
            let picture = browser.picture().await.unwrap();
            std::fs::write(std::path::Path::new(&directory).join(name), picture).unwrap();
        }
    }
}

#[tokio::test]
async fn pages_are_readable_at_any_width_in_light_and_dark_without_a_network() {
    let Some(browser) = Browser::start().await.unwrap() else {
        return;
    };
    let world = World::new();
    colourful_week(&world).await;
    let asked = world.history(&["--html", "cutover.html"]).await;
    asked.assert_code(1);
    let text = std::fs::read_to_string(world.path("cutover.html")).unwrap();
    assert!(
        text.contains("&lt;script&gt;window.stolen"),
        "the text itself is shown"
    );
    assert!(!text.contains("<script"), "{text}");
    assert!(!text.contains("<img"), "{text}");
    look(&browser, &world, "cutover.html", "Not yet", 13).await;

    let go = World::new();
    for back in 0..7 {
        go.put_day(
            &day(back),
            &compared(&day(back), "same", 1_000_000, 1_000_000),
        )
        .await;
    }
    go.history(&["--html", "go.html"]).await.assert_code(0);
    look(&browser, &go, "go.html", "Go", 7).await;
    let flag = [
        "flag",
        "--reports",
        REPORTS,
        "--date",
        NEWEST,
        "--reason",
        "import stopped",
    ];
    go.run(&flag).await.assert_code(0);
    go.history(&["--html", "back.html"]).await.assert_code(3);
    look(&browser, &go, "back.html", "Roll back", 7).await;
}

#[tokio::test]
async fn the_page_of_a_day_shows_the_days_before_and_the_values_as_text() {
    let Some(browser) = Browser::start().await.unwrap() else {
        return;
    };
    let world = World::new();
    colourful_week(&world).await;
    let table = "CREATE TABLE `t` (\n  `id` int NOT NULL,\n  `n` varchar(99) DEFAULT NULL,\n  PRIMARY KEY (`id`)\n);\n";
    world.write(
        "old.sql",
        &format!("{table}INSERT INTO `t` VALUES (1,'<script>window.stolen = 1</script>');\n"),
    );
    world.write(
        "new.sql",
        &format!("{table}INSERT INTO `t` VALUES (1,'<img src=x onerror=window.stolen=1>');\n"),
    );
    let page = world
        .run(&[
            "old.sql",
            "new.sql",
            "--show-values",
            "--report",
            REPORTS,
            "--date",
            NEWEST,
        ])
        .await;
    page.assert_code(1);
    let object = world
        .s3
        .object("dumps-bucket", &format!("comparison/{NEWEST}.html"))
        .unwrap();
    assert_eq!(
        object.content_type.as_deref(),
        Some("text/html; charset=utf-8")
    );
    std::fs::write(world.path("day.html"), object.bytes().unwrap()).unwrap();
    look(&browser, &world, "day.html", "The dumps differ", 13).await;
    browser.open(&world.path("day.html")).await.unwrap();
    let shown = browser
        .evaluate("return [...document.querySelectorAll('code')].map(code => code.innerText)")
        .await
        .unwrap();
    assert_eq!(
        shown,
        json!([
            "'<script>window.stolen = 1</script>'",
            "'<img src=x onerror=window.stolen=1>'"
        ])
    );
}
