//! Rules for data sets, data sources, themes and folders.

use super::{Report, at};
use crate::{file::AssetFile, id::AssetKind, json::Json};

/// Most schedules of one data set.
const MAX_SCHEDULES: usize = 5;

pub(super) fn check(file: &AssetFile, report: &mut Report<'_>) {
    match file.kind {
        AssetKind::DataSet => data_set(file, report),
        AssetKind::DataSource => need(file, &["Type"], report),
        AssetKind::Theme => need(file, &["BaseThemeId", "Configuration"], report),
        AssetKind::Folder | AssetKind::Analysis | AssetKind::Dashboard => {}
    }
}

fn need(file: &AssetFile, members: &[&str], report: &mut Report<'_>) {
    for name in members {
        if file.definition.get(name).is_none() {
            report.error(at("definition").name(name), "is missing");
        }
    }
}

fn data_set(file: &AssetFile, report: &mut Report<'_>) {
    need(file, &["ImportMode", "PhysicalTableMap"], report);
    let direct = file.definition.text("ImportMode") == Some("DIRECT_QUERY");
    if direct && file.refresh_properties.is_some() {
        let problem = "only a data set in SPICE has refresh properties";
        report.error(at("refresh_properties"), problem);
    }
    let schedules = file.schedules.iter().flatten();
    let count = schedules.clone().count();
    if direct && count > 0 {
        report.error(at("schedules"), "only a data set in SPICE has schedules");
    }
    if count > MAX_SCHEDULES {
        let problem = format!("{count} schedules, at most {MAX_SCHEDULES} are taken");
        report.error(at("schedules"), problem);
    }
    let mut often = 0;
    for (index, (_, schedule)) in schedules.enumerate() {
        let path = at("schedules").index(index);
        let frequency = schedule.get("ScheduleFrequency").unwrap_or(&Json::Null);
        let interval = frequency.text("Interval");
        let place = path.name("ScheduleFrequency");
        match interval {
            None => report.error(place.name("Interval"), "is missing"),
            Some("MINUTE15" | "MINUTE30") => {
                often += 1;
                if schedule.text("RefreshType") != Some("INCREMENTAL_REFRESH") {
                    let problem = "only an incremental refresh can be as often as that";
                    report.error(place.name("Interval"), problem);
                }
            }
            Some("HOURLY") => often += 1,
            Some("WEEKLY" | "MONTHLY") => {
                if frequency.get("RefreshOnDay").is_none() {
                    report.error(place.name("RefreshOnDay"), "is needed for weeks and months");
                }
            }
            Some(_) => {}
        }
        match schedule.text("RefreshType") {
            None => report.error(path.name("RefreshType"), "is missing"),
            Some("INCREMENTAL_REFRESH") if file.refresh_properties.is_none() => {
                let problem =
                    "an incremental refresh needs `refresh_properties` with a look-back window";
                report.error(path.name("RefreshType"), problem);
            }
            Some(_) => {}
        }
    }
    if often > 1 {
        report.error(
            at("schedules"),
            "only one schedule may be as often as every hour",
        );
    }
}
