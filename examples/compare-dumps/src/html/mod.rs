//! The reports as pages: one file each, without scripts and without anything that
//! would have to be fetched, for any width and for light and dark.
//!
//! Everything that comes from a dump goes through the templates, which escape it.

mod chart;
mod comparison;
mod page;

use maud::{Markup, html};

use crate::daily::Daily;
use crate::history::{Answer, Check, Day, Decision, Effect, SizeOf, State};
use crate::place::Place;
use crate::reports::Reports;
use crate::words;
use datatransit_job::ByteSize;

use page::{Banner, Tone};

/// Days that the table lists; the chart shows as many.
const SHOWN_DAYS: usize = 31;

/// The page of one day; `days` are those before and the day itself.
pub(crate) fn day(daily: &Daily, days: &[Day]) -> String {
    let (tone, headline) = match &daily.comparison {
        None => (Tone::Bad, "The comparison failed"),
        Some(report) if report.is_same() => (Tone::Good, "The dumps are the same"),
        Some(_) => (Tone::Warn, "The dumps differ"),
    };
    let date = daily.date.to_string();
    let banner = Banner {
        tone,
        kicker: format!("Comparison of {date}"),
        headline: headline.to_owned(),
        facts: vec![
            format!("run {}", daily.run_id),
            format!("written {}", daily.generated_at),
        ],
    };
    let body = html! {
        @if let Some(error) = &daily.error {
            (page::reasons(tone, "Why", std::slice::from_ref(error), daily.remedy.as_deref()))
        }
        @if let Some(report) = &daily.comparison {
            (comparison::why(report, tone))
        }
        @if days.len() > 1 {
            (sizes_over_days(days, SizeOf::Uncompressed))
        }
        @if let Some(report) = &daily.comparison {
            (comparison::details(report))
        }
    };
    page::document(&format!("{headline} · {date}"), &banner, &body)
}

/// The page of the cutover. `linked` when the days' own pages lie beside it.
pub(crate) fn history(
    decision: &Decision,
    reports: &Reports,
    linked: bool,
    place: &Place,
) -> String {
    let (tone, headline) = match decision.answer {
        Answer::Go => (Tone::Good, "Go"),
        Answer::NotYet => (Tone::Warn, "Not yet"),
        Answer::RollBack => (Tone::Bad, "Roll back"),
    };
    let needed = decision.rules.consecutive_days;
    let advice = match decision.answer {
        Answer::Go => "every rule holds: cut over",
        Answer::NotYet => "keep both jobs running",
        Answer::RollBack => "return to the old job",
    };
    let banner = Banner {
        tone,
        kicker: format!("Cutover on {}", decision.today),
        headline: headline.to_owned(),
        facts: vec![
            advice.to_owned(),
            format!("last {needed} days"),
            place.to_string(),
        ],
    };
    let shown = &decision.days[decision.days.len().saturating_sub(SHOWN_DAYS)..];
    let body = html! {
        @if !decision.reasons.is_empty() {
            (page::reasons(tone, "Why", &decision.reasons, None))
        }
        @if !shown.is_empty() {
            (sizes_over_days(shown, decision.rules.size_of))
        }
        (rules(&decision.checks))
        @if !shown.is_empty() {
            (table_of_days(shown, decision.rules.size_of, linked))
        }
        @if let Some(newest) = reports.newest() {
            @if let Some(report) = &newest.comparison {
                h2.part { "The newest comparison, of " (newest.date) }
                @if !report.is_same() { (comparison::why(report, Tone::Warn)) }
                (comparison::details(report))
            }
        }
    };
    page::document(
        &format!("{headline} · cutover {}", decision.today),
        &banner,
        &body,
    )
}

fn sizes_over_days(days: &[Day], of: SizeOf) -> Markup {
    let which = match of {
        SizeOf::Uncompressed => "Text before compression",
        SizeOf::Stored => "Objects as they are stored",
    };
    html! {
        section.card {
            h2 { "Sizes over days" }
            p.muted { (which) ", the old dump beside the new one." }
            (chart::chart(days, of))
        }
    }
}

fn rules(checks: &[Check]) -> Markup {
    html! {
        section.card {
            h2 { "Rules" }
            ul.rules {
                @for check in checks {
                    @let (tone, word) = match (check.holds, check.effect) {
                        (true, _) => (Tone::Good, "holds"),
                        (false, Effect::NotYet) => (Tone::Warn, "not yet"),
                        (false, Effect::RollBack) => (Tone::Bad, "roll back"),
                    };
                    li {
                        (page::chip(tone, word))
                        div {
                            strong { (words::rule(check.rule)) }
                            @if check.holds {
                                @for found in &check.found { p.muted { (found) } }
                            } @else {
                                p.muted { "see above: " (words::counted(check.found.len() as u64, "reason")) }
                            }
                        }
                    }
                }
            }
        }
    }
}

fn table_of_days(days: &[Day], of: SizeOf, linked: bool) -> Markup {
    html! {
        section.card {
            h2 { "Days" }
            (page::scroll("Days", &html! {
                table {
                    thead { tr {
                        th scope="col" { "Day" }
                        th scope="col" { "Dumps" }
                        th.n scope="col" { "Old" }
                        th.n scope="col" { "New" }
                        th.n scope="col" { "Change" }
                        th.n scope="col" { "Tables" }
                        th.n scope="col" { "Rows" }
                        th scope="col" { "Why" }
                    } }
                    tbody {
                        @for day in days.iter().rev() {
                            tr {
                                th scope="row" {
                                    @if linked && !matches!(day.state, State::Missing | State::Broken) {
                                        a href=(format!("{}.html", day.date)) { (day.date) }
                                    } @else { (day.date) }
                                }
                                td { (page::chip(tone(day.state), day.state.word())) }
                                @match day.sides() {
                                    Some((old, new)) => {
                                        td.n { (ByteSize::new(old.size(of))) }
                                        td.n { (ByteSize::new(new.size(of))) }
                                        td.n { (day.size_change(of).map_or_else(String::new, words::percent)) }
                                        td.n { (words::number(new.tables)) }
                                        td.n { (words::number(new.rows)) }
                                    }
                                    None => {
                                        td.n { "–" } td.n { "–" } td.n { "–" } td.n { "–" } td.n { "–" }
                                    }
                                }
                                td.wide { (day.why.as_deref().unwrap_or_default()) }
                            }
                        }
                    }
                }
            }))
        }
    }
}

/// The colour of a day.
pub(super) const fn tone(state: State) -> Tone {
    match state {
        State::Same => Tone::Good,
        State::Different => Tone::Warn,
        State::Failed | State::Broken => Tone::Bad,
        State::Missing => Tone::Mute,
    }
}
