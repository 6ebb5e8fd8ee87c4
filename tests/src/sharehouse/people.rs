//! Rows of the tenants, their contracts, their moves and their rent.

use serde_json::json;
use tokio::sync::mpsc;

use super::insert::{Batch, LoaderGone, Table, Values};
use super::words::*;
use super::world::World;

pub(super) fn generate(world: &mut World, batches: &mpsc::Sender<Batch>) -> Result<(), LoaderGone> {
    tenants(world, batches)?;
    contracts(world, batches)?;
    movings(world, batches)?;
    payments(world, batches)
}

fn tenants(world: &mut World, batches: &mpsc::Sender<Batch>) -> Result<(), LoaderGone> {
    let count = world.counts.tenants;
    let mut table = Table::new(
        "tenants (code, last_name, first_name, kana, gender, birthday, nationality_id, email, phone, address, \
         occupation, emergency_contact, visa_expires_on, newsletter, note, created_at, updated_at)",
        batches,
    );
    for index in 0..count {
        let (last, first) = world.person();
        let (created, updated) = world.times(index, count);
        let email = world.email(last, first);
        let phone = (!world.one_in(12)).then(|| world.phone());
        // Mostly Japanese, the first of the list.
        let nationality = if world.random.u8(0..10) < 7 {
            1
        } else {
            world.random.usize(2..=NATIONALITIES.len())
        };
        let (prefecture, ward, town) = *world.pick(AREAS);
        let address = format!(
            "{prefecture}{ward}{town}{}-{}",
            world.random.u8(1..8),
            world.random.u8(1..30)
        );
        let contact = (!world.one_in(4)).then(|| {
            let relative = world.pick(FIRST_NAMES);
            json!({"name": format!("{} {}", last.0, relative.0), "phone": world.phone(), "続柄": *world.pick(&["父", "母", "兄", "友人"])})
        });
        let visa = (nationality != 1).then(|| world.clock.day_ago(-world.random.i64(10..1200)));
        let birthday = (!world.one_in(20)).then(|| {
            world
                .clock
                .day_ago(365 * 18 + world.random.i64(0..365 * 30))
        });
        let note = world.note();
        table.row(
            Values::default()
                .plain(format_args!("T{:08}", index + 1))
                .text(last.0)
                .text(first.0)
                .text(format!("{} {}", last.1, first.1))
                .plain(world.pick(&["female", "female", "male", "male", "other", "no_answer"]))
                .optional(birthday, Values::plain)
                .number(nationality)
                .text(email)
                .optional(phone, Values::text)
                .text(address)
                .text(world.pick(OCCUPATIONS))
                .optional(contact.map(|contact| contact.to_string()), Values::text)
                .optional(visa, Values::plain)
                .number(u8::from(world.random.bool()))
                .optional(note, Values::text)
                .plain(created)
                .plain(updated),
        )?;
    }
    table.flush()
}

fn contracts(world: &mut World, batches: &mpsc::Sender<Batch>) -> Result<(), LoaderGone> {
    let (count, tenants, rooms) = (
        world.counts.contracts,
        world.counts.tenants,
        world.counts.rooms,
    );
    let mut table = Table::new(
        "contracts (tenant_id, room_id, contract_no, kind, starts_on, ends_on, cancelled_at, rent, deposit, \
         guarantor, terms, signed_at, created_at, updated_at)",
        batches,
    );
    for index in 0..count {
        let (created, updated) = world.times(index, count);
        let months = *world.pick(&[3, 6, 12, 12, 12, 24]);
        let rent = world.random.i32(38..92) * 1000;
        let starts = created.date();
        let ends = starts.saturating_add(jiff::Span::new().months(months));
        let cancelled = world.one_in(9).then_some(updated);
        let signed = (!world.one_in(30)).then_some(created);
        let guarantor = world.one_in(3).then(|| {
            let (last, first) = world.person();
            format!("{} {}", last.0, first.0)
        });
        let terms = json!({
            "months": months,
            "discount": world.one_in(5).then_some(0.05),
            "options": {"駐輪場": world.random.bool(), "布団レンタル": world.random.bool()},
            "備考": if world.one_in(10) { "フリーレント \"1か月\"" } else { "" },
        });
        table.row(
            Values::default()
                .number(world.id(tenants))
                .number(world.id(rooms))
                .plain(format_args!("C{}-{:07}", starts.year(), index + 1))
                .plain(world.pick(&["new", "new", "new", "renewal", "transfer"]))
                .plain(starts)
                .plain(ends)
                .optional(cancelled, Values::plain)
                .number(rent)
                .number(format_args!("{}.50", rent / 2))
                .optional(guarantor, Values::text)
                .text(terms.to_string())
                .optional(signed, Values::plain)
                .plain(created)
                .plain(updated),
        )?;
    }
    table.flush()
}

fn movings(world: &mut World, batches: &mpsc::Sender<Batch>) -> Result<(), LoaderGone> {
    let counts = world.counts;
    let count = counts.movings;
    let mut table = Table::new(
        "movings (contract_id, tenant_id, from_room_id, to_room_id, staff_id, kind, scheduled_on, done_at, \
         key_returned, cleaning_fee, memo, created_at, updated_at)",
        batches,
    );
    for index in 0..count {
        let (created, updated) = world.times(index, count);
        let kind = *world.pick(&["move_in", "move_in", "move_out", "move_out", "room_change"]);
        let from = (kind != "move_in").then(|| world.id(counts.rooms));
        let to = (kind != "move_out").then(|| world.id(counts.rooms));
        let staff = (!world.one_in(10)).then(|| world.id(counts.staff));
        let done = (!world.one_in(12)).then_some(updated);
        let fee = if kind == "move_out" {
            world.random.u32(10..31) * 1000
        } else {
            0
        };
        let memo = world.note();
        table.row(
            Values::default()
                .number(world.id(counts.contracts))
                .number(world.id(counts.tenants))
                .optional(from, Values::number)
                .optional(to, Values::number)
                .optional(staff, Values::number)
                .plain(kind)
                .plain(created.date())
                .optional(done, Values::plain)
                .number(u8::from(kind == "move_out" && done.is_some()))
                .number(fee)
                .optional(memo, Values::text)
                .plain(created)
                .plain(updated),
        )?;
    }
    table.flush()
}

fn payments(world: &mut World, batches: &mpsc::Sender<Batch>) -> Result<(), LoaderGone> {
    let (count, contracts) = (world.counts.payments, world.counts.contracts);
    let mut table = Table::new(
        "payments (contract_id, payment_method_id, billing_month, amount, fee, status, reference, paid_at, \
         created_at, updated_at)",
        batches,
    );
    for index in 0..count {
        let (created, updated) = world.times(index, count);
        let month = created.date().first_of_month();
        let status = *world.pick(&[
            "paid", "paid", "paid", "paid", "paid", "paid", "late", "billed", "refunded",
        ]);
        let paid = (status != "billed").then_some(updated);
        table.row(
            Values::default()
                .number(world.id(contracts))
                .number(world.random.usize(1..=PAYMENT_METHODS.len()))
                .plain(month)
                .number(world.random.u32(46..108) * 1000)
                .number(world.pick(&["0.00", "0.00", "110.00", "330.00", "440.50"]))
                .plain(status)
                .plain(format_args!(
                    "P{:04}{:02}{:07}",
                    month.year(),
                    month.month(),
                    index % 10_000_000
                ))
                .optional(paid, Values::plain)
                .plain(created)
                .plain(updated),
        )?;
    }
    table.flush()
}
