//! `examples/cron`: units, crontab, rotation, and the scripts that bring and take them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use e2e::scratch::Scratch;

/// Each job with its hour and minute in Tokyo.
const TIMES: [(&str, &str); 5] = [
    ("full-dump", "05:30"),
    ("contract_status_30d", "06:01"),
    ("contract_status", "06:05"),
    ("tenants", "06:10"),
    ("movings", "06:12"),
];
const UNITS: &str = "usr/local/lib/systemd/system";
/// Exposure by `systemd-analyze security`, 1.5 of 10 in tenths; lower is safer.
const MOST_EXPOSED: &str = "15";

fn cron() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../examples/cron")
}

/// The program's path, or a word that the test is skipped; with `CI=true` that is red.
fn tool(name: &str) -> Option<PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default();
    let found = path
        .split(':')
        .chain(["/usr/sbin", "/sbin"])
        .map(|directory| Path::new(directory).join(name))
        .find(|path| path.is_file());
    if found.is_none() {
        let required = std::env::var("CI").is_ok_and(|value| value == "true");
        assert!(!required, "{name} is not here: run tests/setup/systemd.sh");
        #[expect(clippy::print_stderr, reason = "a skipped test has to say so")]
        {
            eprintln!("SKIPPED: {name} is not here: run tests/setup/systemd.sh");
        }
    }
    found
}

fn run(command: &mut Command) -> (bool, String) {
    let Output {
        status,
        stdout,
        stderr,
    } = command.output().unwrap();
    let text = [stdout, stderr].concat();
    (status.success(), String::from_utf8(text).unwrap())
}

/// Runs a script of `examples/cron` on a root of its own. Returns what it said.
fn script(name: &str, root: &Path, more: &[&str]) -> String {
    let mut command = Command::new("sh");
    command.arg(cron().join(name)).arg("--destdir").arg(root);
    let (well, said) = run(command.args(more));
    assert!(well, "{name} {more:?}: {said}");
    said
}

/// All that lies below a root: paths, and the contents of files.
fn tree(root: &Path) -> BTreeMap<PathBuf, Option<Vec<u8>>> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    while let Some(directory) = open.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                found.insert(path.clone(), None);
                open.push(path);
            } else {
                found.insert(path.clone(), Some(fs::read(&path).unwrap()));
            }
        }
    }
    found
}

/// A root with the units, the programs they start and the targets they name.
fn installed() -> Scratch {
    let root = Scratch::new("datatransit-schedule-").unwrap();
    script("install.sh", root.path(), &[]);
    let programs = root.path().join("usr/local/bin");
    fs::create_dir_all(&programs).unwrap();
    for name in ["full-dump", "query-export"] {
        fs::write(programs.join(name), "#!/bin/sh\n").unwrap();
        fs::set_permissions(programs.join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    for name in [
        "sysinit",
        "basic",
        "shutdown",
        "timers",
        "network-online",
        "time-sync",
    ] {
        let path = root.path().join(UNITS).join(format!("{name}.target"));
        fs::write(path, "[Unit]\n").unwrap();
    }
    root
}

/// The units as systemd would be asked for them: templates with an instance.
fn units(root: &Path) -> Vec<String> {
    let names = fs::read_dir(root.join(UNITS)).unwrap();
    names
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("datatransit-"))
        .filter(|name| name.ends_with(".timer") || name.ends_with(".service"))
        .map(|name| name.replace("@.service", "@movings.service"))
        .collect()
}

#[test]
fn systemd_finds_nothing_wrong_with_any_unit() {
    let Some(analyze) = tool("systemd-analyze") else {
        return;
    };
    let root = installed();
    let units = units(root.path());
    assert_eq!(units.len(), 8, "{units:?}");
    for unit in units {
        let mut command = Command::new(&analyze);
        command.arg("verify").arg("--recursive-errors=yes");
        command.arg(format!("--root={}", root.path().display()));
        let (well, said) = run(command.arg(format!("/{UNITS}/{unit}")));
        assert!(well && said.is_empty(), "{unit}: {said}");
    }
}

#[test]
fn every_service_is_confined() {
    let Some(analyze) = tool("systemd-analyze") else {
        return;
    };
    let root = installed();
    let units = units(root.path());
    for unit in units.iter().filter(|name| name.ends_with(".service")) {
        let mut command = Command::new(&analyze);
        command.args(["security", "--no-pager", "--offline=true"]);
        command.arg(format!("--threshold={MOST_EXPOSED}"));
        command.arg(format!("--root={}", root.path().display()));
        let (well, said) = run(command.arg(format!("/{UNITS}/{unit}")));
        assert!(well, "{unit}: {said}");
        assert!(said.contains("Overall exposure level"), "{said}");
    }
}

#[test]
fn half_past_five_in_tokyo_is_on_the_day_before_in_utc() {
    let Some(analyze) = tool("systemd-analyze") else {
        return;
    };
    for (job, time) in TIMES {
        let calendar = calendar(job);
        assert_eq!(calendar, format!("*-*-* {time}:00 Asia/Tokyo"), "{job}");
        let mut command = Command::new(&analyze);
        command.env("TZ", "UTC").args(["calendar", &calendar]);
        let (well, said) = run(command.arg("--base-time=2026-11-22 12:00:00 UTC"));
        assert!(well, "{said}");
        let hour: u32 = time[..2].parse::<u32>().unwrap() + 24 - 9;
        let wanted = format!("2026-11-22 {hour}:{}:00 UTC", &time[3..]);
        assert!(said.contains(&wanted), "{job}: {wanted} is not in {said}");
    }
}

/// `OnCalendar=` of a job's timer.
fn calendar(job: &str) -> String {
    let name = match job {
        "full-dump" => "datatransit-full-dump.timer".to_owned(),
        job => format!("datatransit-export@{job}.timer"),
    };
    let text = fs::read_to_string(cron().join("systemd").join(name)).unwrap();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("OnCalendar="));
    line.unwrap().to_owned()
}

#[test]
fn crontab_and_timers_name_the_same_jobs_and_times() {
    let text = fs::read_to_string(cron().join("crontab")).unwrap();
    assert!(text.contains("CRON_TZ=Asia/Tokyo"));
    let lines = text
        .lines()
        .filter(|line| line.trim_start().starts_with(|c: char| c.is_ascii_digit()));
    let mut found = BTreeSet::new();
    for line in lines {
        let fields: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(fields[2..6], ["*", "*", "*", "datatransit"], "{line}");
        let (minute, hour): (u32, u32) = (fields[0].parse().unwrap(), fields[1].parse().unwrap());
        let config = fields
            .iter()
            .find_map(|field| field.strip_prefix("/etc/datatransit/"));
        let job = Path::new(config.unwrap()).file_stem().unwrap();
        found.insert((
            job.to_str().unwrap().to_owned(),
            format!("{hour:02}:{minute:02}"),
        ));
    }
    let wanted = TIMES.map(|(job, time)| (job.to_owned(), time.to_owned()));
    assert_eq!(found, BTreeSet::from(wanted));
}

#[test]
fn a_unit_gives_a_run_longer_than_its_own_deadline() {
    let root = installed();
    let limit = |unit: &str| {
        let text = fs::read_to_string(root.path().join(UNITS).join(unit)).unwrap();
        let line = text
            .lines()
            .find_map(|l| l.strip_prefix("TimeoutStartSec="));
        minutes(line.unwrap())
    };
    let etc = root.path().join("etc/datatransit");
    for (job, _) in TIMES {
        let (unit, files) = match job {
            "full-dump" => (
                "datatransit-full-dump.service",
                vec!["full-dump.toml".to_owned()],
            ),
            job => {
                let files = ["old", "sound"].map(|form| format!("{form}/{job}.toml"));
                ("datatransit-export@.service", files.to_vec())
            }
        };
        for file in files {
            let text = fs::read_to_string(etc.join(&file)).unwrap();
            let timeout = text.lines().find_map(|l| l.strip_prefix("timeout = "));
            let timeout = minutes(timeout.unwrap().trim_matches('"'));
            assert!(limit(unit) > timeout, "{file}");
            // Each lock is one of those that are made at boot.
            let lock = text.lines().find_map(|l| l.strip_prefix("lock-file = "));
            let lock = lock.unwrap().trim_matches('"');
            let made = fs::read_to_string(cron().join("systemd/tmpfiles.conf")).unwrap();
            assert!(made.contains(&format!("f {lock} 0600 ")), "{lock}");
        }
    }
}

/// `3h 15min`, `20m` and the like.
fn minutes(text: &str) -> u32 {
    text.split_whitespace()
        .map(|part| {
            let digits = part.trim_end_matches(char::is_alphabetic);
            let number: u32 = digits.parse().unwrap();
            match &part[digits.len()..] {
                "h" => number * 60,
                "m" | "min" => number,
                other => panic!("{other}"),
            }
        })
        .sum()
}

#[test]
fn what_is_installed_can_be_taken_away_without_a_trace() {
    for kind in [&[][..], &["--cron"], &["--prefix", "/opt/datatransit"]] {
        let root = Scratch::new("datatransit-schedule-").unwrap();
        fs::create_dir_all(root.path().join("etc/cron.d")).unwrap();
        fs::write(root.path().join("etc/cron.d/other"), "another's\n").unwrap();
        let before = tree(root.path());

        let would = script("install.sh", root.path(), &[kind, &["--dry-run"]].concat());
        assert!(would.contains("would write /etc/datatransit/full-dump.toml"));
        assert_eq!(tree(root.path()), before, "a dry run changes nothing");

        script("install.sh", root.path(), kind);
        let after = tree(root.path());
        assert!(after.len() > before.len() + 20);
        let again = script("install.sh", root.path(), kind);
        assert!(!again.contains("write "), "{again}");
        assert_eq!(tree(root.path()), after, "the second time changes nothing");

        let prefix = if kind.contains(&"--prefix") {
            kind
        } else {
            &[]
        };
        script(
            "uninstall.sh",
            root.path(),
            &[prefix, &["--dry-run"]].concat(),
        );
        assert_eq!(tree(root.path()), after, "a dry run changes nothing");
        script("uninstall.sh", root.path(), prefix);
        assert_eq!(tree(root.path()), before);
        let twice = script("uninstall.sh", root.path(), prefix);
        assert!(twice.contains("Nothing to do"), "{twice}");
    }
}

#[test]
fn an_edited_file_is_neither_overwritten_nor_removed() {
    let root = Scratch::new("datatransit-schedule-").unwrap();
    let etc = root.path().join("etc/datatransit");
    fs::create_dir_all(&etc).unwrap();
    fs::write(etc.join("full-dump.toml"), "# theirs\n").unwrap();
    let said = script("install.sh", root.path(), &[]);
    assert!(
        said.contains("kept /etc/datatransit/full-dump.toml"),
        "{said}"
    );

    let edited = etc.join("old/movings.toml");
    fs::write(&edited, "# edited\n").unwrap();
    let said = script("install.sh", root.path(), &[]);
    assert!(
        said.contains("kept /etc/datatransit/old/movings.toml"),
        "{said}"
    );
    let said = script("uninstall.sh", root.path(), &[]);
    assert!(said.contains("kept /etc/datatransit/old/movings.toml: it was edited"));

    let left = tree(&etc);
    let files: Vec<&[u8]> = left.values().flatten().map(Vec::as_slice).collect();
    assert_eq!(files, [&b"# theirs\n"[..], b"# edited\n"]);
}

#[test]
fn another_prefix_is_in_the_units() {
    let root = Scratch::new("datatransit-schedule-").unwrap();
    script("install.sh", root.path(), &["--prefix", "/opt/dt"]);
    let units = root.path().join("opt/dt/lib/systemd/system");
    let unit = fs::read_to_string(units.join("datatransit-full-dump.service")).unwrap();
    assert!(unit.contains("ExecStart=/opt/dt/bin/full-dump "));
    for (path, content) in tree(root.path()) {
        let text = String::from_utf8(content.unwrap_or_default()).unwrap();
        assert!(!text.contains("/usr/local/"), "{}", path.display());
    }
}

#[test]
fn logrotate_takes_its_file() {
    let Some(logrotate) = tool("logrotate") else {
        return;
    };
    let root = Scratch::new("datatransit-schedule-").unwrap();
    let logs = root.path().join("log");
    fs::create_dir(&logs).unwrap();
    fs::write(logs.join("movings.log"), "{}\n").unwrap();
    let text = fs::read_to_string(cron().join("logrotate")).unwrap();
    let directory = "/var/log/datatransit/";
    assert!(text.contains(directory));
    // Neither the directory nor the user is on this machine; all else is as it is shipped.
    let here: Vec<String> = text
        .lines()
        .filter(|line| !line.trim_start().starts_with("su "))
        .map(|line| line.replace(directory, &format!("{}/", logs.display())))
        .map(|line| line.replace(" datatransit datatransit", ""))
        .collect();
    let file = root.path().join("logrotate");
    fs::write(&file, here.join("\n") + "\n").unwrap();
    let mut command = Command::new(logrotate);
    command.arg("--debug").arg("--force").arg(&file);
    let (well, said) = run(command.arg("--state").arg(root.path().join("state")));
    assert!(well, "{said}");
    assert!(!said.contains("error:"), "{said}");
    assert!(said.contains("log needs rotating"), "{said}");
}

#[test]
fn an_alert_is_told_even_where_nothing_can_be_sent() {
    let mut command = Command::new("sh");
    command.arg(cron().join("systemd/alert"));
    command.arg("datatransit-export@movings.service");
    command.env("MONITOR_EXIT_STATUS", "9");
    command
        .env_remove("ALERT_TOPIC")
        .env_remove("ALERT_WEBHOOK");
    let (well, said) = run(&mut command);
    assert!(well, "{said}");
    assert!(said.starts_with("<1>datatransit-export@movings.service failed"));
    assert!(said.contains("exit code 9"));
    // A way that does not work is a failure of the alert, after it was told.
    let (well, said) = run(command.env("ALERT_WEBHOOK", "http://127.0.0.1:1/canary"));
    assert!(!well && said.starts_with("<1>"), "{said}");
}
