//! Rows of the houses and of the tables that everything refers to.

use serde_json::json;
use tokio::sync::mpsc;

use super::insert::{Batch, LoaderGone, Table, Values};
use super::words::*;
use super::world::World;

pub(super) fn generate(world: &mut World, batches: &mpsc::Sender<Batch>) -> Result<(), LoaderGone> {
    masters(batches)?;
    stations(world, batches)?;
    staff(world, batches)?;
    apartments(world, batches)?;
    access(world, batches)?;
    rooms(world, batches)
}

fn masters(batches: &mpsc::Sender<Batch>) -> Result<(), LoaderGone> {
    let text = |value: &str| (!value.is_empty()).then(|| value.to_owned());
    let mut table = Table::new("nationalities (code, name, name_en)", batches);
    for (code, name, english) in NATIONALITIES {
        table.row(Values::default().text(code).text(name).text(english))?;
    }
    table.flush()?;
    let mut table = Table::new("areas (prefecture, ward, sort_order)", batches);
    for (order, (prefecture, ward, _)) in AREAS.iter().enumerate() {
        table.row(
            Values::default()
                .text(prefecture)
                .text(ward)
                .number(order * 10),
        )?;
    }
    table.flush()?;
    let mut table = Table::new("railway_lines (company, name, color)", batches);
    for (company, name, color) in LINES {
        table.row(Values::default().text(company).text(name).text(color))?;
    }
    table.flush()?;
    let mut table = Table::new("room_types (code, name, capacity, description)", batches);
    for (code, name, description) in ROOM_TYPES {
        let capacity = if *code == "share" { 2 } else { 1 };
        table.row(
            Values::default()
                .text(code)
                .text(name)
                .number(capacity)
                .text(description),
        )?;
    }
    table.flush()?;
    let mut table = Table::new("payment_methods (code, name)", batches);
    for (code, name, _) in PAYMENT_METHODS {
        table.row(Values::default().text(code).text(name))?;
    }
    table.flush()?;
    let mut table = Table::new("inquiry_sources (name, url)", batches);
    for (name, url, _) in SOURCES {
        table.row(
            Values::default()
                .text(name)
                .optional(text(url), Values::text),
        )?;
    }
    table.flush()?;
    let mut table = Table::new("schema_migrations (version)", batches);
    for number in 0..40 {
        table.row(Values::default().plain(format_args!(
            "{}{:02}15093000",
            2018 + number / 8,
            1 + number % 12
        )))?;
    }
    table.flush()
}

fn stations(world: &mut World, batches: &mpsc::Sender<Batch>) -> Result<(), LoaderGone> {
    let mut table = Table::new(
        "stations (railway_line_id, name, latitude, longitude)",
        batches,
    );
    for (index, name) in STATIONS.iter().enumerate() {
        let values = Values::default().number(1 + index % LINES.len()).text(name);
        table.row(place(world, values))?;
    }
    table.flush()
}

fn staff(world: &mut World, batches: &mpsc::Sender<Batch>) -> Result<(), LoaderGone> {
    let count = world.counts.staff;
    let mut table = Table::new(
        "staff (name, kana, email, role, permissions, password_digest, hired_on, working_from, active, \
         created_at, updated_at)",
        batches,
    );
    for index in 0..count {
        let (last, first) = world.person();
        let (created, updated) = world.times(index, count);
        let mut digest = [0; 32];
        world.random.fill(&mut digest);
        table.row(
            Values::default()
                .text(format!("{} {}", last.0, first.0))
                .text(format!("{} {}", last.1, first.1))
                .text(format!("{}.{}{index}@gghouse.example.jp", first.2, last.2))
                .plain(world.pick(&["admin", "manager", "sales", "sales", "support", "cleaning"]))
                .plain(world.pick(&[
                    "",
                    "tenants",
                    "tenants,contracts",
                    "tenants,contracts,payments,reports",
                ]))
                .bytes(&digest)
                .plain(created.date())
                .plain(world.pick(&["09:30:00", "10:00:00", "13:00:00"]))
                .number(u8::from(!world.one_in(6)))
                .plain(created)
                .plain(updated),
        )?;
    }
    table.flush()
}

fn apartments(world: &mut World, batches: &mpsc::Sender<Batch>) -> Result<(), LoaderGone> {
    let count = world.counts.apartments;
    let staff = world.counts.staff;
    let mut table = Table::new(
        "apartments (area_id, manager_id, code, name, address, built_year, floors, latitude, longitude, \
         features, amenities, entrance_code, rules, thumbnail, opened_on, closed_on, created_at, updated_at)",
        batches,
    );
    for index in 0..count {
        let area = world.random.usize(0..AREAS.len());
        let (prefecture, ward, town) = AREAS[area];
        let (created, updated) = world.times(index, count);
        let manager = (!world.one_in(8)).then(|| world.id(staff));
        let closed = world.one_in(15).then(|| world.clock.day_ago(30));
        let amenities: Vec<&str> = AMENITIES
            .iter()
            .copied()
            .filter(|_| world.random.bool())
            .collect();
        let amenities = json!({
            "items": amenities,
            "wifi": {"ssid": format!("GG-{index:04}"), "mbps": world.random.u16(1..11) * 100},
            "キッチン": world.random.u8(1..4),
        });
        let rules: Vec<&str> = RULES.iter().copied().filter(|_| !world.one_in(4)).collect();
        let code = [
            world.random.u8(0..10),
            0x00,
            0x27,
            0x5c,
            world.random.u8(..),
        ];
        let values = Values::default()
            .number(area + 1)
            .optional(manager, Values::number)
            .plain(format_args!("GG{:04}", index + 1))
            .text(format!(
                "{town}{}{}",
                world.pick(HOUSE_NAMES),
                1 + index / 160
            ))
            .text(format!(
                "{prefecture}{ward}{town}{}-{}-{}",
                world.random.u8(1..8),
                world.random.u8(1..30),
                world.random.u8(1..20)
            ))
            .number(world.random.u16(1965..2024))
            .number(world.random.u8(2..9));
        table.row(
            place(world, values)
                .plain(world.pick(&[
                    "",
                    "women_only",
                    "pets,garden",
                    "parking",
                    "theater,gym,study_room",
                ]))
                .text(amenities.to_string())
                .bytes(&code)
                .text(rules.join("\n"))
                .bytes(&thumbnail(world))
                .plain(created.date())
                .optional(closed, Values::plain)
                .plain(created)
                .plain(updated),
        )?;
    }
    table.flush()
}

fn access(world: &mut World, batches: &mpsc::Sender<Batch>) -> Result<(), LoaderGone> {
    let mut table = Table::new(
        "apartment_stations (apartment_id, station_id, walk_minutes)",
        batches,
    );
    for apartment in 1..=world.counts.apartments {
        let first = world.random.usize(0..STATIONS.len());
        for step in 0..world.random.usize(1..4) {
            let station = 1 + (first + step * 7) % STATIONS.len();
            let minutes = world.random.u8(2..19);
            table.row(
                Values::default()
                    .number(apartment)
                    .number(station)
                    .number(minutes),
            )?;
        }
    }
    table.flush()
}

fn rooms(world: &mut World, batches: &mpsc::Sender<Batch>) -> Result<(), LoaderGone> {
    let (count, apartments) = (world.counts.rooms, world.counts.apartments);
    let mut table = Table::new(
        "rooms (apartment_id, room_type_id, number, floor, area_m2, rent, common_fee, deposit, status, \
         equipment, note, created_at, updated_at)",
        batches,
    );
    let per_apartment = count / apartments;
    for index in 0..count {
        let (created, updated) = world.times(index, count);
        let (floor, door) = (1 + index % per_apartment / 5, 1 + index % per_apartment % 5);
        let rent = world.random.i32(38..92) * 1000;
        let note = world.note();
        table.row(
            Values::default()
                .number(1 + index / per_apartment)
                .number(world.random.usize(1..=ROOM_TYPES.len()))
                .plain(format_args!("{floor}{door:02}"))
                .number(floor)
                .number(f64::from(world.random.u16(450..2400)) / 100.0)
                .number(rent)
                .number(world.random.i32(8..16) * 1000)
                .number(format_args!("{}.00", rent / 2))
                .plain(world.pick(&[
                    "occupied", "occupied", "occupied", "occupied", "vacant", "reserved", "repair",
                ]))
                .number(world.random.u8(..))
                .optional(note, Values::text)
                .plain(created)
                .plain(updated),
        )?;
    }
    table.flush()
}

/// Somewhere in greater Tokyo.
fn place(world: &mut World, values: Values) -> Values {
    values
        .number(format_args!("35.{:06}", world.random.u32(550_000..850_000)))
        .number(format_args!(
            "139.{:06}",
            world.random.u32(550_000..850_000)
        ))
}

/// The head of a JPEG and as much of a body as the tables can bear: bytes of every
/// value, among them those that a dump has to escape.
fn thumbnail(world: &mut World) -> Vec<u8> {
    let mut bytes =
        b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00".to_vec();
    bytes.extend(0..=255_u8);
    let noise = world.random.usize(64..400);
    bytes.extend((0..noise).map(|_| world.random.u8(..)));
    bytes.extend(b"\xff\xd9");
    bytes
}
