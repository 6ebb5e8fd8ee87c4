//! The rules, one by one and all at once.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};
use proptest::prelude::*;

use super::day::{Consumer, ConsumerState, percent};
use super::decide::decide;
use super::*;

const NEWEST: Date = date(2026, 11, 26);

fn side(bytes: u64, tables: u64) -> Side {
    Side {
        uncompressed_bytes: bytes,
        stored_bytes: bytes / 5,
        tables,
        rows: bytes / 100,
        complete: true,
    }
}

/// The day so many days before the newest.
fn day(back: i64, state: State) -> Day {
    let compared = matches!(state, State::Same | State::Different);
    Day {
        date: NEWEST - back.days(),
        state,
        why: (state != State::Same).then(|| "as the test wants it".to_owned()),
        old: compared.then(|| side(1_000_000, 12)),
        new: compared.then(|| side(1_000_000, 12)),
        run_id: None,
    }
}

fn week() -> Vec<Day> {
    (0..7).rev().map(|back| day(back, State::Same)).collect()
}

/// A week with some days in other states; `back` counts from the newest.
fn week_with(states: &[(i64, State)]) -> Vec<Day> {
    let mut days = week();
    for (back, state) in states {
        days[usize::try_from(6 - back).unwrap()] = day(*back, *state);
    }
    days.retain(|day| day.state != State::Missing);
    days
}

fn answer(days: Vec<Day>) -> Decision {
    decide(&Rules::default(), NEWEST, days, Vec::new())
}

/// The names of the rules that do not hold.
fn broken(decision: &Decision) -> Vec<&'static str> {
    let broken = decision.checks.iter().filter(|check| !check.holds);
    broken.map(|check| check.rule).collect()
}

fn flag(back: i64, state: ConsumerState) -> Consumer {
    Consumer {
        date: NEWEST - back.days(),
        state,
        reason: "the import stopped".to_owned(),
    }
}

#[test]
fn seven_identical_days_go() {
    let decision = answer(week());
    assert_eq!(decision.answer, Answer::Go, "{:?}", decision.reasons);
    assert!(decision.reasons.is_empty());
    assert_eq!(decision.window_from, Some(NEWEST - 6.days()));
    assert!(decision.checks.iter().all(|check| check.found.len() == 1));
}

#[test]
fn six_days_are_not_seven() {
    let decision = answer(week().split_off(1));
    assert_eq!(decision.answer, Answer::NotYet);
    assert_eq!(broken(&decision), ["no_gaps"]);
    assert!(
        decision.reasons[0].contains("only 6 of the last 7"),
        "{:?}",
        decision.reasons
    );
    assert!(decision.reasons[0].contains("2026-11-20"));
}

#[test]
fn no_day_at_all_is_not_yet() {
    let decision = answer(Vec::new());
    assert_eq!(decision.answer, Answer::NotYet);
    assert_eq!(broken(&decision), ["fresh", "no_gaps"]);
    assert_eq!(decision.newest, None);
}

#[test]
fn one_different_day_within_the_window_is_not_yet() {
    for back in 0..7 {
        let decision = answer(week_with(&[(back, State::Different)]));
        assert_eq!(decision.answer, Answer::NotYet);
        assert_eq!(broken(&decision), ["identical"]);
    }
}

#[test]
fn what_was_before_the_window_is_forgotten() {
    let mut days = week();
    for back in 7..20 {
        days.push(day(back, State::Failed));
    }
    assert_eq!(answer(days).answer, Answer::Go);
}

#[test]
fn a_failed_or_unreadable_day_is_not_yet() {
    for state in [State::Failed, State::Broken] {
        let decision = answer(week_with(&[(3, state)]));
        assert_eq!(decision.answer, Answer::NotYet);
        assert_eq!(broken(&decision), ["no_failed_run"]);
    }
}

#[test]
fn a_gap_is_not_yet_and_is_named() {
    let decision = answer(week_with(&[(2, State::Missing)]));
    assert_eq!(decision.answer, Answer::NotYet);
    assert_eq!(broken(&decision), ["no_gaps"]);
    assert!(decision.reasons[0].contains("2026-11-24"));
    assert_eq!(decision.days.len(), 7, "the gap is shown");
}

#[test]
fn three_bad_days_up_to_the_newest_roll_back() {
    let decision = answer(week_with(&[
        (2, State::Failed),
        (1, State::Different),
        (0, State::Broken),
    ]));
    assert_eq!(decision.answer, Answer::RollBack);
    assert_eq!(
        broken(&decision),
        ["failures_in_a_row", "no_failed_run", "identical"]
    );
    assert!(
        decision.reasons[0].starts_with("3 bad days"),
        "{:?}",
        decision.reasons
    );
    let two = week_with(&[(1, State::Failed), (0, State::Failed)]);
    assert_eq!(answer(two).answer, Answer::NotYet);
}

#[test]
fn a_gap_neither_ends_nor_makes_a_row_of_failures() {
    let bad = State::Failed;
    let decision = answer(week_with(&[
        (3, bad),
        (2, State::Missing),
        (1, bad),
        (0, bad),
    ]));
    assert_eq!(decision.answer, Answer::RollBack);
    let decision = answer(week_with(&[(2, State::Missing), (1, bad), (0, bad)]));
    assert_eq!(decision.answer, Answer::NotYet);
}

#[test]
fn mended_failures_delay_and_do_not_roll_back() {
    let bad = State::Failed;
    let decision = answer(week_with(&[(3, bad), (2, bad), (1, bad)]));
    assert_eq!(decision.answer, Answer::NotYet);
    assert_eq!(broken(&decision), ["no_failed_run"]);
}

#[test]
fn sizes_five_percent_apart_pass_and_more_do_not() {
    for (bytes, allowed) in [
        (1_050_000, true),
        (1_050_001, false),
        (950_000, true),
        (949_999, false),
    ] {
        let mut days = week();
        for day in &mut days {
            day.new = Some(side(bytes, 12));
        }
        let decision = answer(days);
        assert_eq!(decision.answer == Answer::Go, allowed, "{bytes}");
        if !allowed {
            assert_eq!(broken(&decision), ["sizes"]);
            assert_eq!(decision.reasons.len(), 7);
        }
    }
}

#[test]
fn a_jump_from_day_to_day_is_not_yet_though_both_jumped() {
    let mut days = week();
    for day in &mut days[4..] {
        (day.old, day.new) = (Some(side(1_200_000, 12)), Some(side(1_200_000, 12)));
    }
    let decision = answer(days);
    assert_eq!(decision.answer, Answer::NotYet);
    assert_eq!(broken(&decision), ["sizes"]);
    assert_eq!(decision.reasons.len(), 1);
    assert!(
        decision.reasons[0].contains("120.00 % of that of 2026-11-23"),
        "{:?}",
        decision.reasons
    );
}

#[test]
fn a_size_ten_percent_off_rolls_back_until_a_good_day_follows() {
    for (bytes, rolls_back) in [(1_100_000, false), (1_100_001, true), (899_999, true)] {
        let mut days = week_with(&[(0, State::Different)]);
        days[6].new = Some(side(bytes, 12));
        let decision = answer(days.clone());
        assert_eq!(decision.answer == Answer::RollBack, rolls_back, "{bytes}");

        let mut next = day(-1, State::Same);
        next.old = Some(side(1_000_000, 12));
        days.push(next);
        let later = decide(&Rules::default(), NEWEST + 1.day(), days, Vec::new());
        assert_eq!(later.answer, Answer::NotYet);
    }
}

#[test]
fn stored_sizes_count_only_when_asked_for() {
    let mut days = week();
    for day in &mut days {
        let mut new = side(1_000_000, 12);
        new.stored_bytes = 120_000;
        day.new = Some(new);
    }
    assert_eq!(answer(days.clone()).answer, Answer::Go);
    let rules = Rules {
        size_of: SizeOf::Stored,
        ..Rules::default()
    };
    let decision = decide(&rules, NEWEST, days, Vec::new());
    assert_eq!(broken(&decision), ["sizes"]);
}

#[test]
fn the_number_of_tables_stays() {
    let mut days = week();
    days[3].old = Some(side(1_000_000, 13));
    days[3].new = Some(side(1_000_000, 13));
    let decision = answer(days.clone());
    assert_eq!(decision.answer, Answer::NotYet);
    assert_eq!(broken(&decision), ["tables"]);
    assert_eq!(decision.reasons.len(), 2);

    let rules = |expected_tables| Rules {
        expected_tables,
        ..Rules::default()
    };
    let decided = |expected| decide(&rules(expected), NEWEST, week(), Vec::new()).answer;
    assert_eq!(decided(Some(12)), Answer::Go);
    assert_eq!(decided(Some(13)), Answer::NotYet);
}

#[test]
fn two_dumps_cut_off_or_empty_alike_are_no_good() {
    let mut days = week();
    days[2].old.as_mut().unwrap().complete = false;
    days[2].new.as_mut().unwrap().complete = false;
    let decision = answer(days);
    assert_eq!(broken(&decision), ["whole"]);
    assert_eq!(decision.reasons.len(), 2);

    let mut days = week();
    for day in &mut days {
        (day.old, day.new) = (Some(side(0, 0)), Some(side(0, 0)));
    }
    assert_eq!(broken(&answer(days)), ["whole"]);
}

#[test]
fn the_newest_report_is_of_today_or_yesterday() {
    let on = |back: i64| decide(&Rules::default(), NEWEST + back.days(), week(), Vec::new());
    assert_eq!(on(0).answer, Answer::Go);
    assert_eq!(on(1).answer, Answer::Go);
    let stale = on(2);
    assert_eq!(stale.answer, Answer::NotYet);
    assert_eq!(broken(&stale), ["fresh"]);
    assert!(stale.reasons[0].starts_with("stale"));
    let future = on(-1);
    assert_eq!(broken(&future), ["fresh"]);
    assert!(future.reasons[0].contains("after today"));
}

#[test]
fn a_consumers_flag_rolls_back_until_it_is_cleared() {
    let with = |consumer| decide(&Rules::default(), NEWEST, week(), consumer);
    // However old: nobody has said that it is well again.
    for back in [-1, 0, 3, 30] {
        let decision = with(vec![flag(back, ConsumerState::Failed)]);
        assert_eq!(decision.answer, Answer::RollBack);
        assert_eq!(broken(&decision), ["consumer_accepts"]);
        assert!(decision.reasons[0].contains("the import stopped"));
    }
    let cleared = with(vec![flag(0, ConsumerState::Cleared)]);
    assert_eq!(cleared.answer, Answer::Go);
    let unreadable = with(vec![flag(0, ConsumerState::Broken)]);
    assert_eq!(unreadable.answer, Answer::NotYet);
    let both = vec![
        flag(0, ConsumerState::Broken),
        flag(1, ConsumerState::Failed),
    ];
    assert_eq!(with(both).answer, Answer::RollBack);
}

#[test]
fn other_rules_count() {
    let rules = Rules {
        consecutive_days: 3,
        roll_back_failures: 1,
        max_age_days: 0,
        ..Rules::default()
    };
    let three = week().split_off(4);
    let on = |today| decide(&rules, today, three.clone(), Vec::new()).answer;
    assert_eq!(on(NEWEST), Answer::Go);
    assert_eq!(on(NEWEST + 1.day()), Answer::NotYet);
    let failed = week_with(&[(0, State::Failed)]);
    let decision = decide(&rules, NEWEST, failed, Vec::new());
    assert_eq!(decision.answer, Answer::RollBack);
}

#[test]
fn the_gravest_reasons_come_first() {
    let mut days = week_with(&[(5, State::Different)]);
    days.pop();
    let consumer = vec![flag(0, ConsumerState::Failed)];
    let decision = decide(&Rules::default(), NEWEST + 9.days(), days, consumer);
    assert_eq!(decision.answer, Answer::RollBack);
    assert!(
        decision.reasons[0].contains("consumer"),
        "{:?}",
        decision.reasons
    );
    assert_eq!(decision.reasons.len(), broken(&decision).len());
}

#[test]
fn a_lone_report_of_long_ago_is_not_drawn_as_years_of_gaps() {
    let mut days = week();
    days.push(Day {
        date: date(1999, 1, 1),
        ..day(0, State::Same)
    });
    let decision = answer(days);
    assert_eq!(decision.answer, Answer::Go);
    assert!(decision.days.len() < 402, "{}", decision.days.len());
}

fn any_state() -> impl Strategy<Value = State> {
    prop_oneof![
        6 => Just(State::Same),
        1 => Just(State::Different),
        1 => Just(State::Failed),
        1 => Just(State::Broken),
        1 => Just(State::Missing),
    ]
}

/// Up to two weeks in any states and near sizes.
fn any_days() -> impl Strategy<Value = Vec<Day>> {
    let one = (
        any_state(),
        940_000_u64..1_060_000,
        940_000_u64..1_060_000,
        11_u64..=12,
    );
    prop::collection::vec(one, 0..14).prop_map(|days| {
        let days = days.into_iter().zip(0_i64..);
        days.filter(|((state, ..), _)| *state != State::Missing)
            .map(|((state, old, new, tables), back)| {
                let mut day = day(back, state);
                if day.old.is_some() {
                    (day.old, day.new) = (Some(side(old, 12)), Some(side(new, tables)));
                }
                day
            })
            .collect()
    })
}

proptest! {
    /// More bad news never makes the answer better.
    #[test]
    fn a_day_that_turns_bad_never_brings_go_nearer(
        days in any_days(),
        index in any::<prop::sample::Index>(),
        bad in prop_oneof![Just(State::Different), Just(State::Failed), Just(State::Broken)],
    ) {
        prop_assume!(!days.is_empty());
        let before = answer(days.clone());
        let mut worse = days;
        let turned = &mut worse[index.index(before.days.iter().filter(|day| day.state != State::Missing).count())];
        prop_assume!(turned.state == State::Same);
        turned.state = bad;
        if bad != State::Different {
            (turned.old, turned.new) = (None, None);
        }
        let after = answer(worse);
        prop_assert!(after.answer >= before.answer, "{before:?}\n{after:?}");
    }

    /// A bad day more, after the newest, is never a reason to go.
    #[test]
    fn a_bad_day_added_is_never_go(days in any_days(), state in prop_oneof![Just(State::Different), Just(State::Failed), Just(State::Broken)]) {
        let before = answer(days.clone());
        let mut more = days;
        more.push(day(-1, state));
        let after = decide(&Rules::default(), NEWEST + 1.day(), more, Vec::new());
        prop_assert_ne!(after.answer, Answer::Go);
        if before.checks[1].holds {
            prop_assert!(after.answer >= Answer::NotYet);
        } else {
            prop_assert_eq!(after.answer, Answer::RollBack);
        }
    }

    /// A flag always rolls back, a missing day never makes *go*.
    #[test]
    fn a_flag_and_a_gap_are_never_go(days in any_days(), back in 0_i64..7) {
        let flagged = decide(&Rules::default(), NEWEST, days.clone(), vec![flag(back, ConsumerState::Failed)]);
        prop_assert_eq!(flagged.answer, Answer::RollBack);
        let gap: Vec<Day> = days.into_iter().filter(|day| day.date != NEWEST - back.days()).collect();
        prop_assert_ne!(answer(gap).answer, Answer::Go);
    }

    /// Go means what it says: seven days, each the same, whole, of its size and tables.
    #[test]
    fn go_only_for_seven_sound_days(days in any_days()) {
        let decision = answer(days);
        let last: Vec<&Day> = decision.days.iter().rev().take(7).collect();
        let sound = last.len() == 7
            && decision.newest.is_some_and(|newest| (NEWEST - newest).get_days() <= 1)
            && last.iter().all(|day| day.state == State::Same)
            && last.iter().all(|day| day.size_change(SizeOf::Uncompressed).is_some_and(|change| change.abs() <= 5.0))
            && last.windows(2).all(|pair| {
                let (new, before) = (pair[0].new.as_ref().unwrap(), pair[1].new.as_ref().unwrap());
                percent(before.uncompressed_bytes, new.uncompressed_bytes).abs() <= 5.0
            })
            && last.iter().all(|day| day.new.as_ref().is_some_and(|new| new.tables == 12));
        prop_assert_eq!(decision.answer == Answer::Go, sound);
        prop_assert_eq!(decision.answer == Answer::Go, decision.reasons.is_empty());
    }
}
