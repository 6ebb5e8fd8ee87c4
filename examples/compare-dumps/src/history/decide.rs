//! The answer: go, not yet, or roll back, with every reason.
//!
//! Three ideas carry the rules:
//!
//! - The **window** is the last `consecutive_days` calendar days up to the newest
//!   report. *Go* needs every one of them reported, whole, identical and of a size
//!   that agrees.
//! - A day is **bad** when it failed or differed; a missing day is neither bad nor
//!   good. Bad days **stand** until a good day follows: a failure that was mended a
//!   day later delays the cutover, but is no reason to roll back any more.
//! - A consumer's flag stands until it is cleared, whatever came after it.

use std::collections::BTreeMap;

use jiff::ToSpan as _;
use jiff::civil::Date;
use serde::Serialize;

use super::day::{Consumer, ConsumerState, Day, State, percent};
use super::rules::{Rules, SizeOf};

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Answer {
    /// Every rule holds: cut over.
    Go,
    /// Some rule does not hold: keep both jobs running.
    NotYet,
    /// The new job does harm: return to the old one.
    RollBack,
}

impl Answer {
    /// The words for people.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::Go => "go",
            Self::NotYet => "not yet",
            Self::RollBack => "roll back",
        }
    }
}

/// What follows when a rule does not hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Effect {
    /// The cutover waits.
    NotYet,
    /// The new job goes back.
    RollBack,
}

/// One rule, held against the days.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Check {
    /// The rule's name, stable.
    pub(crate) rule: &'static str,
    pub(crate) holds: bool,
    /// What follows when it does not hold.
    pub(crate) effect: Effect,
    /// What was found, a sentence each.
    pub(crate) found: Vec<String>,
}

/// The answer and all that led to it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(crate) struct Decision {
    pub(crate) answer: Answer,
    /// The day that the answer is of.
    pub(crate) today: Date,
    /// The newest day with a report.
    pub(crate) newest: Option<Date>,
    /// First day of the window, when there is one.
    pub(crate) window_from: Option<Date>,
    /// Every reason against going, the gravest first; empty for *go*.
    pub(crate) reasons: Vec<String>,
    pub(crate) checks: Vec<Check>,
    pub(crate) rules: Rules,
    /// All days from the first with a report to the newest, gaps filled in.
    pub(crate) days: Vec<Day>,
    pub(crate) consumer: Vec<Consumer>,
}

/// Decides what the days mean on `today`. Of several entries of one day the last counts.
pub(crate) fn decide(
    rules: &Rules,
    today: Date,
    days: impl IntoIterator<Item = Day>,
    consumer: Vec<Consumer>,
) -> Decision {
    let days = with_gaps(days);
    let newest = days.last().map(|day| day.date);
    let window = window(rules, &days);
    let standing = standing(&days);
    let checks = vec![
        consumer_check(&consumer),
        failures_in_a_row(rules, &standing),
        size_to_roll_back(rules, &standing),
        freshness(rules, today, newest),
        no_gaps(rules, &window),
        no_failed_run(&window),
        identical(&window),
        whole(&window),
        sizes(rules, &window),
        tables(rules, &window),
    ];
    let broken: Vec<&Check> = checks.iter().filter(|check| !check.holds).collect();
    let roll_back = |check: &&&Check| check.effect == Effect::RollBack;
    let answer = match (broken.is_empty(), broken.iter().find(roll_back)) {
        (true, _) => Answer::Go,
        (false, None) => Answer::NotYet,
        (false, Some(_)) => Answer::RollBack,
    };
    let (gravest, others): (Vec<&Check>, Vec<&Check>) = broken
        .into_iter()
        .partition(|check| check.effect == Effect::RollBack);
    let reasons = gravest.iter().chain(&others);
    Decision {
        answer,
        today,
        newest,
        window_from: window.first().map(|day| day.date),
        reasons: reasons.flat_map(|check| check.found.clone()).collect(),
        checks,
        rules: rules.clone(),
        days,
        consumer,
    }
}

/// The days from the first to the last, with those that have no report. Of several
/// entries of one day the last counts.
pub(crate) fn with_gaps(days: impl IntoIterator<Item = Day>) -> Vec<Day> {
    let days: BTreeMap<Date, Day> = days.into_iter().map(|day| (day.date, day)).collect();
    filled(&days)
}

fn filled(days: &BTreeMap<Date, Day>) -> Vec<Day> {
    let (Some((first, _)), Some((last, _))) = (days.first_key_value(), days.last_key_value())
    else {
        return Vec::new();
    };
    // Years without a report are a mistaken name, not a gap to be drawn.
    first
        .series(1.day())
        .take_while(|date| date <= last)
        .filter(|date| days.contains_key(date) || (*last - *date).get_days() < LONGEST_GAP)
        .map(|date| {
            days.get(&date)
                .cloned()
                .unwrap_or_else(|| Day::missing(date))
        })
        .collect()
}

/// Days without a report are shown as far back as this.
const LONGEST_GAP: i32 = 400;

/// The last days up to the newest, as many as must be in order; those before the
/// first report are missing.
fn window(rules: &Rules, days: &[Day]) -> Vec<Day> {
    let Some(newest) = days.last().map(|day| day.date) else {
        return Vec::new();
    };
    let known: BTreeMap<Date, &Day> = days.iter().map(|day| (day.date, day)).collect();
    let mut window: Vec<Day> = (0..i64::from(rules.consecutive_days))
        .filter_map(|back| newest.checked_sub(back.days()).ok())
        .map(|date| {
            known
                .get(&date)
                .map_or_else(|| Day::missing(date), |day| (*day).clone())
        })
        .collect();
    window.reverse();
    window
}

/// The bad days that no good day has followed, oldest first.
fn standing(days: &[Day]) -> Vec<Day> {
    let mut standing: Vec<Day> = days
        .iter()
        .rev()
        .take_while(|day| day.state != State::Same)
        .filter(|day| day.state.is_bad())
        .cloned()
        .collect();
    standing.reverse();
    standing
}

fn check(rule: &'static str, effect: Effect, against: Vec<String>, otherwise: String) -> Check {
    let holds = against.is_empty();
    Check {
        rule,
        holds,
        effect,
        found: if holds { vec![otherwise] } else { against },
    }
}

fn consumer_check(consumer: &[Consumer]) -> Check {
    let flagged: Vec<String> = consumer
        .iter()
        .filter(|record| record.state == ConsumerState::Failed)
        .map(|record| format!("{}: the consumer failed: {}", record.date, record.reason))
        .collect();
    let unreadable: Vec<String> = consumer
        .iter()
        .filter(|record| record.state == ConsumerState::Broken)
        .map(|record| {
            format!(
                "{}: the consumer's record cannot be read: {}",
                record.date, record.reason
            )
        })
        .collect();
    // What cannot be read may be a flag: enough to wait, not enough to roll back.
    let effect = if flagged.is_empty() && !unreadable.is_empty() {
        Effect::NotYet
    } else {
        Effect::RollBack
    };
    let cleared = consumer
        .iter()
        .filter(|record| record.state == ConsumerState::Cleared)
        .count();
    let otherwise = match cleared {
        0 => "no consumer was flagged as failed".to_owned(),
        1 => "the one flag of a consumer was cleared".to_owned(),
        n => format!("all {n} flags of consumers were cleared"),
    };
    check(
        "consumer_accepts",
        effect,
        [flagged, unreadable].concat(),
        otherwise,
    )
}

fn failures_in_a_row(rules: &Rules, standing: &[Day]) -> Check {
    let limit = usize::from(rules.roll_back_failures);
    let mut against = Vec::new();
    if standing.len() >= limit {
        let list: Vec<String> = standing
            .iter()
            .map(|day| format!("{} {}", day.date, day.state.word()))
            .collect();
        against.push(format!(
            "{} without a good one since: {}",
            bad_days(standing.len()),
            list.join(", ")
        ));
    }
    let otherwise = format!(
        "{} up to the newest, {limit} would mean to roll back",
        bad_days(standing.len())
    );
    check("failures_in_a_row", Effect::RollBack, against, otherwise)
}

fn bad_days(count: usize) -> String {
    match count {
        0 => "no bad day".to_owned(),
        1 => "1 bad day".to_owned(),
        n => format!("{n} bad days"),
    }
}

fn size_to_roll_back(rules: &Rules, standing: &[Day]) -> Check {
    let limit = rules.roll_back_size_percent;
    let against = standing
        .iter()
        .filter_map(|day| {
            let change = day.size_change(rules.size_of)?;
            (change.abs() > limit).then(|| {
                format!(
                    "{}: the new dump's size is {} of the old one's, {limit} % off would mean to roll back",
                    day.date,
                    off(change),
                )
            })
        })
        .collect();
    let otherwise = format!("no size is more than {limit} % off that of the old dump");
    check("size_to_roll_back", Effect::RollBack, against, otherwise)
}

fn freshness(rules: &Rules, today: Date, newest: Option<Date>) -> Check {
    let allowed = i32::from(rules.max_age_days);
    let mut against = Vec::new();
    match newest {
        None => against.push("no day has a report".to_owned()),
        Some(newest) => match (today - newest).get_days() {
            age if age < 0 => against.push(format!(
                "the newest report is of {newest}, after today ({today})"
            )),
            age if age > allowed => against.push(format!(
                "stale: the newest report is of {newest}, {age} days before today ({today}); {allowed} allowed"
            )),
            _ => {}
        },
    }
    let otherwise = newest.map_or_else(String::new, |newest| {
        format!("the newest report is of {newest}, today is {today}")
    });
    check("fresh", Effect::NotYet, against, otherwise)
}

fn no_gaps(rules: &Rules, window: &[Day]) -> Check {
    let missing: Vec<String> = window
        .iter()
        .filter(|day| day.state == State::Missing)
        .map(|day| day.date.to_string())
        .collect();
    let needed = usize::from(rules.consecutive_days);
    let mut against = Vec::new();
    if !missing.is_empty() {
        against.push(format!(
            "only {} of the last {needed} days have a report; none of: {}",
            window.len() - missing.len(),
            missing.join(", ")
        ));
    } else if window.len() < needed {
        against.push(format!("0 of {needed} days have a report"));
    }
    let otherwise = format!("each of the last {needed} days has a report");
    check("no_gaps", Effect::NotYet, against, otherwise)
}

fn no_failed_run(window: &[Day]) -> Check {
    let against = window
        .iter()
        .filter(|day| day.state.is_failed())
        .map(|day| {
            let what = match day.state {
                State::Broken => "the report cannot be read",
                _ => "the comparison failed",
            };
            format!("{}: {what}{}", day.date, because(day))
        })
        .collect();
    let otherwise = "no comparison failed".to_owned();
    check("no_failed_run", Effect::NotYet, against, otherwise)
}

fn because(day: &Day) -> String {
    day.why
        .as_deref()
        .map_or_else(String::new, |why| format!(": {why}"))
}

fn identical(window: &[Day]) -> Check {
    let against = window
        .iter()
        .filter(|day| day.state == State::Different)
        .map(|day| format!("{}: the dumps differ{}", day.date, because(day)))
        .collect();
    let same = window.iter().filter(|day| day.state == State::Same).count();
    let otherwise = format!("{same} days compared, all identical");
    check("identical", Effect::NotYet, against, otherwise)
}

/// Two dumps that were cut off at the same place are the same, and no good.
fn whole(window: &[Day]) -> Check {
    let mut against = Vec::new();
    for day in window {
        let Some((old, new)) = day.sides() else {
            continue;
        };
        for (which, side) in [("old", old), ("new", new)] {
            if !side.complete {
                against.push(format!("{}: the {which} dump is cut off", day.date));
            } else if side.uncompressed_bytes == 0 {
                against.push(format!("{}: the {which} dump is empty", day.date));
            }
        }
    }
    check(
        "whole",
        Effect::NotYet,
        against,
        "every dump is whole and not empty".to_owned(),
    )
}

fn sizes(rules: &Rules, window: &[Day]) -> Check {
    let limit = rules.max_size_change_percent;
    let mut against = Vec::new();
    let mut most: f64 = 0.0;
    let mut before: Option<(Date, u64)> = None;
    for day in window {
        let Some((old, new)) = day.sides() else {
            continue;
        };
        let (old, new) = (old.size(rules.size_of), new.size(rules.size_of));
        let change = percent(old, new);
        most = most.max(change.abs());
        if change.abs() > limit {
            against.push(format!(
                "{}: the new dump's size is {} of the old one's, {limit} % off allowed",
                day.date,
                off(change)
            ));
        }
        if let Some((date, size)) = before {
            let change = percent(size, new);
            most = most.max(change.abs());
            if change.abs() > limit {
                against.push(format!(
                    "{}: the new dump's size is {} of that of {date}, {limit} % off allowed",
                    day.date,
                    off(change)
                ));
            }
        }
        before = Some((day.date, new));
    }
    let which = match rules.size_of {
        SizeOf::Uncompressed => "uncompressed",
        SizeOf::Stored => "stored",
    };
    let otherwise = format!(
        "{which} sizes are at most {most:.2} % off, from old to new and from day to day; {limit} % allowed"
    );
    check("sizes", Effect::NotYet, against, otherwise)
}

/// `112.3 %`: what a size is of another.
fn off(change: f64) -> String {
    format!("{:.2} %", 100.0 + change)
}

fn tables(rules: &Rules, window: &[Day]) -> Check {
    let mut against = Vec::new();
    let mut expected = rules.expected_tables;
    for day in window {
        let Some((old, new)) = day.sides() else {
            continue;
        };
        let wanted = *expected.get_or_insert(old.tables);
        for (which, side) in [("old", old), ("new", new)] {
            if side.tables != wanted {
                let origin = match rules.expected_tables {
                    Some(_) => "expected",
                    None => "on the first day",
                };
                against.push(format!(
                    "{}: the {which} dump has {} tables, {wanted} {origin}",
                    day.date, side.tables
                ));
            }
        }
    }
    let otherwise = match expected {
        Some(1) => "1 table each day".to_owned(),
        Some(tables) => format!("{tables} tables each day"),
        None => "no day has tables to count".to_owned(),
    };
    check("tables", Effect::NotYet, against, otherwise)
}
