//! Rows of what people write and report: inquiries, messages, tours, repairs.

use serde_json::json;
use tokio::sync::mpsc;

use super::insert::{Batch, LoaderGone, Table, Values};
use super::words::*;
use super::world::World;

pub(super) fn generate(world: &mut World, batches: &mpsc::Sender<Batch>) -> Result<(), LoaderGone> {
    inquiries(world, batches)?;
    messages(world, batches)?;
    tours(world, batches)?;
    repairs(world, batches)
}

fn inquiries(world: &mut World, batches: &mpsc::Sender<Batch>) -> Result<(), LoaderGone> {
    let counts = world.counts;
    let count = counts.inquiries;
    let mut table = Table::new(
        "inquiries (inquiry_source_id, apartment_id, staff_id, name, email, phone, language, desired_from, \
         budget, body, user_agent, ip_address, status, created_at, updated_at)",
        batches,
    );
    for index in 0..count {
        let (last, first) = world.person();
        let (created, updated) = world.times(index, count);
        let (language, body) = world.inquiry();
        let apartment = (!world.one_in(3)).then(|| world.id(counts.apartments));
        let staff = (!world.one_in(7)).then(|| world.id(counts.staff));
        let email = world.email(last, first);
        let phone = world.random.bool().then(|| world.phone());
        let from = world.random.bool().then(|| created.date());
        let budget = world.random.bool().then(|| world.random.u32(8..20) * 5000);
        let agent = (!world.one_in(9)).then(|| *world.pick(USER_AGENTS));
        let address = [203, 0, 113, world.random.u8(..)];
        table.row(
            Values::default()
                .number(world.random.usize(1..=SOURCES.len()))
                .optional(apartment, Values::number)
                .optional(staff, Values::number)
                .text(format!("{} {}", last.0, first.0))
                .text(email)
                .optional(phone, Values::text)
                .plain(language)
                .optional(from, Values::plain)
                .optional(budget, Values::number)
                .text(body)
                .optional(agent, Values::text)
                .bytes(&address)
                .plain(world.pick(&["open", "answered", "answered", "tour", "won", "lost"]))
                .plain(created)
                .plain(updated),
        )?;
    }
    table.flush()
}

fn messages(world: &mut World, batches: &mpsc::Sender<Batch>) -> Result<(), LoaderGone> {
    let (count, inquiries) = (world.counts.messages, world.counts.inquiries);
    let mut table = Table::new(
        "inquiry_messages (inquiry_id, direction, body, sent_at, created_at, updated_at)",
        batches,
    );
    for index in 0..count {
        let (created, updated) = world.times(index, count);
        let outgoing = world.random.u8(0..3) > 0;
        let body = if outgoing {
            let (staff, _) = world.person();
            format!("{}\n\n担当: {}", world.pick(REPLIES), staff.0)
        } else {
            world.inquiry().1
        };
        table.row(
            Values::default()
                .number(world.id(inquiries))
                .plain(if outgoing { "out" } else { "in" })
                .text(body)
                .plain(format_args!("{created}.{:03}", world.random.u16(0..1000)))
                .plain(created)
                .plain(updated),
        )?;
    }
    table.flush()
}

fn tours(world: &mut World, batches: &mpsc::Sender<Batch>) -> Result<(), LoaderGone> {
    let counts = world.counts;
    let count = counts.tours;
    let mut table = Table::new(
        "tours (inquiry_id, room_id, staff_id, starts_at, length, result, impression, created_at, updated_at)",
        batches,
    );
    for index in 0..count {
        let (created, updated) = world.times(index, count);
        let staff = (!world.one_in(10)).then(|| world.id(counts.staff));
        let result = (!world.one_in(6))
            .then(|| *world.pick(&["applied", "thinking", "declined", "no_show"]));
        let impression = world.note();
        table.row(
            Values::default()
                .number(world.id(counts.inquiries))
                .number(world.id(counts.rooms))
                .optional(staff, Values::number)
                .plain(created)
                .plain(world.pick(&["00:30:00", "00:45:00", "01:00:00"]))
                .optional(result, Values::plain)
                .optional(impression, Values::text)
                .plain(created)
                .plain(updated),
        )?;
    }
    table.flush()
}

fn repairs(world: &mut World, batches: &mpsc::Sender<Batch>) -> Result<(), LoaderGone> {
    let counts = world.counts;
    let count = counts.repairs;
    let mut table = Table::new(
        "repairs (room_id, tenant_id, category, description, photos, cost, reported_at, done_on, created_at, \
         updated_at)",
        batches,
    );
    for index in 0..count {
        let (created, updated) = world.times(index, count);
        let (category, description) = *world.pick(REPAIR_KINDS);
        let tenant = (!world.one_in(5)).then(|| world.id(counts.tenants));
        let photos: Vec<String> = (0..world.random.usize(0..3))
            .map(|n| format!("repairs/{}/{index}-{n}.jpg", created.year()))
            .collect();
        let photos = (!photos.is_empty()).then(|| json!(photos).to_string());
        let cost = world
            .random
            .bool()
            .then(|| format!("{}.{:02}", world.random.u32(1..90) * 500, 0));
        let done = (!world.one_in(6)).then(|| updated.date());
        table.row(
            Values::default()
                .number(world.id(counts.rooms))
                .optional(tenant, Values::number)
                .text(category)
                .text(description)
                .optional(photos, Values::text)
                .optional(cost, Values::number)
                .plain(created)
                .optional(done, Values::plain)
                .plain(created)
                .plain(updated),
        )?;
    }
    table.flush()
}
