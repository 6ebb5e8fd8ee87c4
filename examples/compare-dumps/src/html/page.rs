//! The frame of every page and its small pieces.

use maud::{DOCTYPE, Markup, PreEscaped, html};

const STYLE: &str = include_str!("style.css");

/// The page fetches nothing and runs nothing, whatever a dump's text may try.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; \
                      base-uri 'none'; form-action 'none'";

/// What a colour says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Tone {
    Good,
    Warn,
    Bad,
    Mute,
}

impl Tone {
    /// The class in the style sheet.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Mute => "mute",
        }
    }

    /// The same without colour.
    const fn sign(self) -> &'static str {
        match self {
            Self::Good => "✓",
            Self::Warn => "≠",
            Self::Bad => "✕",
            Self::Mute => "–",
        }
    }
}

/// The top of a page: the answer.
pub(super) struct Banner {
    pub(super) tone: Tone,
    pub(super) kicker: String,
    pub(super) headline: String,
    pub(super) facts: Vec<String>,
}

/// A whole page.
pub(super) fn document(title: &str, banner: &Banner, body: &Markup) -> String {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                link rel="icon" href="data:,";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header class=(format!("banner {}", banner.tone.class())) {
                    div.sign aria-hidden="true" { (sign(banner)) }
                    div {
                        p.kicker { (banner.kicker) }
                        h1 #verdict { (banner.headline) }
                        p.facts { @for fact in &banner.facts { span { (fact) } } }
                    }
                }
                main { (body) }
                footer { p { "Written by compare-dumps " (env!("CARGO_PKG_VERSION")) "." } }
            }
        }
    }
    .into_string()
}

fn sign(banner: &Banner) -> &'static str {
    match banner.tone {
        // On a page that only asks to wait, "unequal" would be wrong.
        Tone::Warn if banner.headline.starts_with("Not") => "…",
        tone => tone.sign(),
    }
}

/// A list of reasons, and what to do.
pub(super) fn reasons(
    tone: Tone,
    heading: &str,
    reasons: &[String],
    remedy: Option<&str>,
) -> Markup {
    html! {
        section class=(format!("card edge {}", tone.class())) {
            h2 { (heading) }
            ul.reasons { @for reason in reasons { li { (reason) } } }
            @if let Some(remedy) = remedy {
                p.muted { "What to do: " (remedy) }
            }
        }
    }
}

/// A word on its colour.
pub(super) fn chip(tone: Tone, word: &str) -> Markup {
    html! { span class=(format!("chip {}", tone.class())) { (word) } }
}

/// A wide thing that scrolls by itself, so that the page does not.
pub(super) fn scroll(label: &str, inner: &Markup) -> Markup {
    html! {
        div.scroll tabindex="0" role="region" aria-label=(label) { (inner) }
    }
}
