//! The figures, for people and for programs.

use serde_json::{Value, json};

use crate::machine::Machine;
use crate::measure::Measured;
use crate::rounds::{Results, Runs};
use crate::statistics::Spread;
use crate::world::World;

const MB: f64 = 1e6;

/// One line on standard output.
#[expect(clippy::print_stdout, reason = "printing is what a bench is for")]
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// Why nothing, or nothing more, is measured.
#[expect(clippy::print_stderr, reason = "a program's last words")]
pub(crate) fn complain(text: &str) {
    eprintln!("full_dump bench: {text}");
}

/// Machine, data and table.
pub(crate) fn print(machine: &Machine, world: &World, results: &Results) {
    line("");
    line(&format!("Machine: {}.", machine.text()));
    line(&format!(
        "Data: {} rows in {} tables, {:.1} MB of SQL; every object held the same SQL \
         (SHA-256 {}).",
        world.loaded.rows,
        world.loaded.tables.len(),
        results.content.bytes as f64 / MB,
        results.content.sha256
    ));
    line(&format!(
        "Median (least–most) of {} rounds of the first two, {} of the others; ratios to the \
         first are medians of the ratios within a round. CPU: user and system time of all \
         processes of the pipeline; RSS: the sum of their peaks; the server's CPU is its own \
         column. Meanwhile other programs used {:.0} % of the machine (median).",
        results
            .contenders
            .first()
            .map_or(0, |entry| entry.runs.len()),
        results
            .contenders
            .last()
            .map_or(0, |entry| entry.runs.len()),
        foreign_share(machine, results) * 100.0
    ));
    line("");
    line(
        "| pipeline | wall s | MB/s of SQL | CPU s | server CPU s | peak RSS MB | stored MB \
         | wall × | CPU × | RSS × | stored × |",
    );
    line("|---|---|---|---|---|---|---|---|---|---|---|");
    for entry in &results.contenders {
        line(&row(entry, results));
    }
    line("");
}

fn row(entry: &Runs, results: &Results) -> String {
    let figures = Figures::of(entry, results);
    format!(
        "| {} | {:.2} | {:.0} | {:.2} | {:.2} | {:.0} | {:.1} | {:.2} | {:.2} | {:.2} | {:.2} |",
        entry.contender.label(),
        figures.wall,
        figures.speed.median,
        figures.cpu,
        figures.server_cpu,
        figures.rss,
        figures.stored,
        figures.wall_ratio.median,
        figures.cpu_ratio.median,
        figures.rss_ratio.median,
        figures.stored_ratio
    )
}

/// Everything as JSON; seconds, megabytes of 10^6 bytes.
pub(crate) fn json(machine: &Machine, world: &World, results: &Results) -> Value {
    let contenders: Vec<Value> = results
        .contenders
        .iter()
        .map(|entry| {
            let figures = Figures::of(entry, results);
            json!({
                "name": entry.contender.name,
                "pipeline": entry.contender.label().replace('\\', ""),
                "headline": entry.contender.headline,
                "wall_seconds": figures.wall.json(),
                "sql_mb_per_second": figures.speed.json(),
                "client_cpu_seconds": figures.cpu.json(),
                "server_cpu_seconds": figures.server_cpu.json(),
                "s3_double_cpu_seconds": figures.s3_cpu.json(),
                "peak_rss_mb": figures.rss.json(),
                "stored_bytes": entry.stored_bytes,
                "ratio_to_first": {
                    "wall": figures.wall_ratio.json(),
                    "client_cpu": figures.cpu_ratio.json(),
                    "peak_rss": figures.rss_ratio.json(),
                    "stored": figures.stored_ratio,
                },
                "runs": entry.runs.iter().map(run).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "machine": machine.json(),
        "rows": world.loaded.rows,
        "sql_bytes": results.content.bytes,
        "sql_sha256": results.content.sha256,
        "foreign_cpu_share": foreign_share(machine, results),
        "contenders": contenders,
    })
}

fn run(run: &Measured) -> Value {
    json!({
        "wall_seconds": run.wall_seconds,
        "client_cpu_seconds": run.client_cpu_seconds,
        "server_cpu_seconds": run.server_cpu_seconds,
        "s3_double_cpu_seconds": run.s3_cpu_seconds,
        "foreign_cpu_seconds": run.foreign_cpu_seconds,
        "peak_rss_bytes": run.peak_rss_bytes,
    })
}

struct Figures {
    wall: Spread,
    speed: Spread,
    cpu: Spread,
    server_cpu: Spread,
    s3_cpu: Spread,
    rss: Spread,
    stored: f64,
    wall_ratio: Spread,
    cpu_ratio: Spread,
    rss_ratio: Spread,
    stored_ratio: f64,
}

impl Figures {
    fn of(entry: &Runs, results: &Results) -> Self {
        let peer = &results.contenders[0];
        let spread = |value: fn(&Measured) -> f64| Spread::of(entry.runs.iter().map(value));
        let ratio = |value: fn(&Measured) -> f64| {
            let rounds = entry.runs.iter().zip(&peer.runs);
            Spread::of(rounds.map(|(ours, theirs)| value(ours) / value(theirs)))
        };
        let megabytes = results.content.bytes as f64 / MB;
        Self {
            wall: spread(|run| run.wall_seconds),
            speed: Spread::of(entry.runs.iter().map(|run| megabytes / run.wall_seconds)),
            cpu: spread(|run| run.client_cpu_seconds),
            server_cpu: spread(|run| run.server_cpu_seconds),
            s3_cpu: spread(|run| run.s3_cpu_seconds),
            rss: spread(rss),
            stored: entry.stored_bytes as f64 / MB,
            wall_ratio: ratio(|run| run.wall_seconds),
            cpu_ratio: ratio(|run| run.client_cpu_seconds),
            rss_ratio: ratio(rss),
            stored_ratio: entry.stored_bytes as f64 / peer.stored_bytes as f64,
        }
    }
}

fn rss(run: &Measured) -> f64 {
    run.peak_rss_bytes.values().sum::<u64>() as f64 / MB
}

/// How much of all cores' time went to none of ours.
fn foreign_share(machine: &Machine, results: &Results) -> f64 {
    let cores = u32::try_from(machine.cores()).map_or(1.0, f64::from);
    let runs = results.contenders.iter().flat_map(|entry| &entry.runs);
    Spread::of(runs.map(|run| run.foreign_cpu_seconds / run.wall_seconds / cores)).median
}
