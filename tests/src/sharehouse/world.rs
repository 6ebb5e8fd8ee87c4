//! What all generators draw from.

use fastrand::Rng;
use jiff::civil::DateTime;

use super::clock::Clock;
use super::words::{FIRST_NAMES, INQUIRIES, LAST_NAMES, MAIL_DOMAINS, NOTES, Name};

/// How many rows each table gets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Counts {
    pub(super) staff: u64,
    pub(super) apartments: u64,
    pub(super) rooms: u64,
    pub(super) tenants: u64,
    pub(super) contracts: u64,
    pub(super) movings: u64,
    pub(super) inquiries: u64,
    pub(super) messages: u64,
    pub(super) tours: u64,
    pub(super) repairs: u64,
    pub(super) payments: u64,
}

impl Counts {
    /// At least `rows` altogether, in the proportions of a company that has been
    /// at it for eight years.
    pub(super) fn of(rows: u64) -> Self {
        let share = |percent: u64| (rows * percent / 100).max(10);
        let apartments = (rows / 1500).max(10);
        let mut counts = Self {
            staff: 15 + rows / 5000,
            apartments,
            rooms: apartments * 14,
            tenants: share(10),
            contracts: share(13),
            movings: share(15),
            inquiries: share(14),
            messages: share(13),
            tours: share(5),
            repairs: share(3),
            payments: 0,
        };
        counts.payments = rows.saturating_sub(counts.without_payments()).max(10);
        counts
    }

    const fn without_payments(&self) -> u64 {
        self.staff
            + self.apartments
            + self.rooms
            + self.tenants
            + self.contracts
            + self.movings
            + self.inquiries
            + self.messages
            + self.tours
            + self.repairs
    }
}

/// The state of one generation: the same seed draws the same rows.
#[derive(Debug)]
pub(super) struct World {
    pub(super) random: Rng,
    pub(super) clock: Clock,
    pub(super) counts: Counts,
}

impl World {
    pub(super) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.random.usize(0..from.len())]
    }

    /// The id of some row of a table with that many.
    pub(super) fn id(&mut self, count: u64) -> u64 {
        self.random.u64(1..=count)
    }

    /// Once in `n` times.
    pub(super) fn one_in(&mut self, n: u32) -> bool {
        self.random.u32(0..n) == 0
    }

    /// When row `index` of `count` was created and last changed.
    pub(super) fn times(&mut self, index: u64, count: u64) -> (DateTime, DateTime) {
        let age = Clock::age(&mut self.random, index, count);
        let change = Clock::age_of_change(&mut self.random, age, index, count);
        (self.clock.ago(age), self.clock.ago(change))
    }

    pub(super) fn person(&mut self) -> (&'static Name, &'static Name) {
        (self.pick(LAST_NAMES), self.pick(FIRST_NAMES))
    }

    pub(super) fn email(&mut self, last: &Name, first: &Name) -> String {
        let domain = self.pick(MAIL_DOMAINS);
        match self.random.u8(0..3) {
            0 => format!("{}.{}@{domain}", first.2, last.2),
            1 => format!("{}{}@{domain}", last.2, self.random.u16(1..2000)),
            _ => format!(
                "{}_{}{:02}@{domain}",
                first.2,
                last.2,
                self.random.u8(60..100)
            ),
        }
    }

    pub(super) fn phone(&mut self) -> String {
        let kind = *self.pick(&["090", "080", "070", "03"]);
        format!(
            "{kind}-{:04}-{:04}",
            self.random.u16(0..10_000),
            self.random.u16(0..10_000)
        )
    }

    /// Most rows have no note, some have several.
    pub(super) fn note(&mut self) -> Option<String> {
        let count = match self.random.u8(0..10) {
            0..=5 => return None,
            6..=8 => 1,
            _ => self.random.usize(2..4),
        };
        let notes: Vec<&str> = (0..count).map(|_| *self.pick(NOTES)).collect();
        Some(notes.join(if self.one_in(5) { "\r\n" } else { "\n" }))
    }

    /// The language and the text of an inquiry.
    pub(super) fn inquiry(&mut self) -> (&'static str, String) {
        let languages: [usize; 10] = [0, 0, 0, 0, 0, 0, 1, 1, 2, 3];
        let (language, [openings, wishes, endings]) = &INQUIRIES[*self.pick(&languages)];
        let (opening, ending) = (*self.pick(openings), *self.pick(endings));
        let wishes: Vec<&str> = (0..self.random.usize(1..4))
            .map(|_| *self.pick(wishes))
            .collect();
        (
            language,
            format!("{opening}\n{}\n\n{ending}", wishes.join("\n")),
        )
    }
}
