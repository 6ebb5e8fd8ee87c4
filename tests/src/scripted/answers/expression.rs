//! Expressions that need no table.

use super::super::text::{behind, strings};
use super::super::world::World;

/// An instant long past, as every clock of the double has it.
const NOW: &str = "2026-11-23 05:00:00";

/// The value of an expression, loosely: by what it mentions.
pub(super) fn value(world: &World, expression: &str, connection: u32) -> Option<String> {
    let text = without_alias(expression);
    if let Some(variable) = text.strip_prefix("@@") {
        let lower = variable.to_ascii_lowercase();
        let name = ["global.", "session.", "local."]
            .iter()
            .find_map(|scope| lower.strip_prefix(scope))
            .unwrap_or(&lower);
        return world.variable(name).map(str::to_owned);
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) && !text.is_empty() {
        return Some(text.to_owned());
    }
    if text.starts_with('\'') {
        return strings(text).into_iter().next();
    }
    let upper = text.to_ascii_uppercase();
    let known: &[(&str, &dyn Fn() -> String)] = &[
        // The outermost function is what counts.
        ("DATE_FORMAT(", &|| "2026-11-23T05:00:00.000000Z".into()),
        ("TIMESTAMPDIFF(", &|| "0".into()),
        ("TIMEDIFF(", &|| "00:00:00".into()),
        ("UNIX_TIMESTAMP(", &|| "1795410000".into()),
        ("UTC_TIMESTAMP", &|| NOW.into()),
        ("CURRENT_TIMESTAMP", &|| NOW.into()),
        ("NOW(", &|| NOW.into()),
        ("SYSDATE(", &|| NOW.into()),
        ("CURRENT_USER", &|| "scripted@%".into()),
        ("USER(", &|| "scripted@127.0.0.1".into()),
        ("DATABASE()", &|| world.database.clone()),
        ("SCHEMA()", &|| world.database.clone()),
        ("VERSION()", &|| world.version().into()),
        ("CONNECTION_ID()", &|| connection.to_string()),
    ];
    known
        .iter()
        .find(|(begin, _)| upper.starts_with(begin))
        .map(|(_, value)| value())
}

/// An expression without ` AS name`.
pub(super) fn without_alias(expression: &str) -> &str {
    super::super::text::around(expression, "AS").map_or(expression, |(before, _)| before)
}

/// The select list without the words that may stand before it.
pub(super) fn without_modifiers(list: &str) -> &str {
    ["SQL_NO_CACHE", "DISTINCT", "ALL"]
        .iter()
        .fold(list, |list, word| behind(list, word).unwrap_or(list))
}
