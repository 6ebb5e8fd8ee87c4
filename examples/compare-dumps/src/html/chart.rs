//! Sizes over days, as inline SVG: two bars and a mark for each day.
//!
//! Places are percentages and letters are not scaled, so the chart fills any width
//! and stays readable; with many days it scrolls by itself.

use datatransit_job::ByteSize;
use maud::{Markup, html};

use super::page::scroll;
use super::tone;
use crate::history::{Day, SizeOf, State};
use crate::words;

/// Heights in pixels: of the plot, of what is above it, and of the whole.
const PLOT: f64 = 190.0;
const TOP: f64 = 10.0;
const HEIGHT: f64 = 258.0;
/// The least width of a day in pixels: its label must fit.
const LEAST_DAY: usize = 36;

/// Draws the days, oldest first.
pub(super) fn chart(days: &[Day], of: SizeOf) -> Markup {
    let sizes = days.iter().filter_map(Day::sides);
    let largest = sizes
        .map(|(old, new)| old.size(of).max(new.size(of)))
        .max()
        .unwrap_or_default();
    let (step, top) = scale(largest);
    let least = days.len() * LEAST_DAY;
    html! {
        figure {
            div.plot {
                // Apart from the plot, so that it stays when that scrolls.
                svg.axis aria-hidden="true" width="62" height=(HEIGHT) {
                    @for line in 0..=(top / step) {
                        text.scale x="54" y=(px(TOP + PLOT - height(line * step, top) + 4.0)) {
                            (ByteSize::new(line * step))
                        }
                    }
                }
                (scroll("Sizes over days", &html! {
                    svg.chart role="img" aria-labelledby="chart-title chart-text" width="100%"
                        height=(HEIGHT) style=(format!("min-width:{least}px")) {
                        title #chart-title { "Sizes of the old and the new dump over days" }
                        desc #chart-text { (summary(days)) }
                        @for line in 0..=(top / step) {
                            @let y = TOP + PLOT - height(line * step, top);
                            line.grid x1="0" x2="100%" y1=(px(y)) y2=(px(y)) {}
                        }
                        @for (index, day) in days.iter().enumerate() {
                            (column(day, index, days.len(), top, of))
                        }
                    }
                }))
            }
            figcaption {
                span { i.key.old {} "old dump" }
                span { i.key.new {} "new dump" }
                span { (key(State::Same)) "same" }
                span { (key(State::Different)) "different" }
                span { (key(State::Failed)) "failed" }
                span { (key(State::Missing)) "no report" }
            }
        }
    }
}

/// One day: its bars, its mark, its name, and all of it in words.
fn column(day: &Day, index: usize, count: usize, top: u64, of: SizeOf) -> Markup {
    let slot = 100.0 / as_f64(count as u64);
    let left = slot * as_f64(index as u64);
    let bar = slot * 0.26;
    let base = TOP + PLOT;
    html! {
        g class=(format!("day {}", tone(day.state).class())) {
            title { (words_of(day, of)) }
            rect.hit x=(pc(left)) width=(pc(slot)) y="0" height=(HEIGHT) {}
            @if let Some((old, new)) = day.sides() {
                @let (old, new) = (height(old.size(of), top), height(new.size(of), top));
                rect.old x=(pc(slot.mul_add(0.23, left))) width=(pc(bar)) y=(px(base - old)) height=(px(old)) rx="2" {}
                rect.new x=(pc(slot.mul_add(0.51, left))) width=(pc(bar)) y=(px(base - new)) height=(px(new)) rx="2" {}
            }
            svg.mark x=(pc(slot.mul_add(0.5, left))) y=(px(base + 20.0)) overflow="visible" data-day=(day.date) data-state=(day.state.word()) {
                (shape(day.state))
            }
            text.name x=(pc(slot.mul_add(0.5, left))) y=(px(base + 50.0)) { (day.date.strftime("%m-%d")) }
        }
    }
}

/// A mark that is told from the others without its colour.
fn shape(state: State) -> Markup {
    html! {
        @match state {
            State::Same => { circle r="6" {} path.cut d="M-3 0l2 2.4l4-4.6" {} }
            State::Different => { path d="M0-8L8 0L0 8L-8 0Z" {} path.cut d="M-3.2-1.6h6.4M-3.2 1.6h6.4" {} }
            State::Failed | State::Broken => { rect x="-7" y="-7" width="14" height="14" rx="2" {} path.cut d="M-3-3l6 6M3-3l-6 6" {} }
            State::Missing => { circle.hollow r="6" {} }
        }
    }
}

/// The mark in the key below the chart.
fn key(state: State) -> Markup {
    html! {
        svg class=(format!("key day {}", tone(state).class())) width="18" height="18" viewBox="-9 -9 18 18" aria-hidden="true" {
            (shape(state))
        }
    }
}

fn words_of(day: &Day, of: SizeOf) -> String {
    let sizes = day.sides().map(|(old, new)| {
        format!(
            ": old {}, new {} ({})",
            ByteSize::new(old.size(of)),
            ByteSize::new(new.size(of)),
            day.size_change(of).map_or_else(String::new, words::percent)
        )
    });
    let why = day.why.as_ref().map(|why| format!(". {why}"));
    format!(
        "{} {}{}{}",
        day.date,
        day.state.word(),
        sizes.unwrap_or_default(),
        why.unwrap_or_default()
    )
}

fn summary(days: &[Day]) -> String {
    let count = |wanted: fn(State) -> bool| days.iter().filter(|day| wanted(day.state)).count();
    format!(
        "{} days: {} the same, {} different, {} failed, {} without a report",
        days.len(),
        count(|state| state == State::Same),
        count(|state| state == State::Different),
        count(State::is_failed),
        count(|state| state == State::Missing),
    )
}

/// The distance of the lines, and the top of the scale: two to five lines of a
/// round number of bytes.
fn scale(largest: u64) -> (u64, u64) {
    let largest = largest.max(1);
    let unit = [1_u64 << 40, 1 << 30, 1 << 20, 1 << 10, 1]
        .into_iter()
        .find(|unit| largest >= *unit)
        .unwrap_or(1);
    let mut step = unit;
    // Down for few units, up for many: 1, 2, 5, 10, 20, 50, …
    while largest / step < 2 && step % 2 == 0 {
        step /= 2;
    }
    let mut factors = [2_u64, 5, 10].into_iter().cycle();
    let mut decade = step;
    while largest.div_ceil(step) > 5 {
        let factor = factors.next().unwrap_or(10);
        step = decade.saturating_mul(factor);
        if factor == 10 {
            decade = step;
        }
    }
    (step, largest.div_ceil(step).saturating_mul(step))
}

fn height(size: u64, top: u64) -> f64 {
    as_f64(size) / as_f64(top.max(1)) * PLOT
}

#[expect(
    clippy::cast_precision_loss,
    reason = "pixels: 15 digits are more than enough"
)]
const fn as_f64(value: u64) -> f64 {
    value as f64
}

fn px(value: f64) -> String {
    format!("{value:.1}")
}

fn pc(value: f64) -> String {
    format!("{value:.3}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scale_has_few_round_lines_and_holds_the_largest() {
        for largest in [
            0,
            1,
            3,
            999,
            1 << 10,
            6_526,
            5 << 20,
            1_234_567_890,
            700 << 30,
            30 << 40,
        ] {
            let (step, top) = scale(largest);
            assert!(top >= largest, "{largest}");
            assert!((1..=5).contains(&(top / step)), "{largest}: {step} {top}");
            assert_eq!(top % step, 0);
        }
        assert_eq!(scale(1_200 << 20), (512 << 20, 1536 << 20));
        assert_eq!(scale(47 << 20), (10 << 20, 50 << 20));
    }
}
