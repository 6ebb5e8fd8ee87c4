//! Pings in the manner of healthchecks.io: `URL/start`, `URL`, `URL/fail`, `URL/log`.

use std::time::Duration;

use anyhow::anyhow;
use reqwest::Url;

use super::http;

/// What a ping says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Signal {
    /// A run begins.
    Start,
    /// It ended well.
    Success,
    /// It did not.
    Failure,
    /// Something is told that changes nothing.
    Log,
}

impl Signal {
    const fn ending(self) -> Option<&'static str> {
        match self {
            Self::Start => Some("start"),
            Self::Success => None,
            Self::Failure => Some("fail"),
            Self::Log => Some("log"),
        }
    }
}

/// Sends one ping; `rid` lets the service tell runs apart and time them.
pub(super) async fn ping(
    url: &Url,
    signal: Signal,
    rid: &str,
    body: &str,
    limit: Duration,
) -> anyhow::Result<()> {
    let url = address(url, signal, rid)?;
    http::post(&url, "text/plain; charset=utf-8", body, limit).await
}

fn address(url: &Url, signal: Signal, rid: &str) -> anyhow::Result<Url> {
    let mut url = url.clone();
    if let Some(ending) = signal.ending() {
        url.path_segments_mut()
            .map_err(|()| anyhow!("the URL takes no path"))?
            .pop_if_empty()
            .push(ending);
    }
    url.query_pairs_mut().append_pair("rid", rid);
    Ok(url)
}

/// Makes the run's id for pings, which must be a UUID: the run's own name where it is
/// one, else one by chance (version 4).
pub(super) fn rid(run_id: &str) -> String {
    let groups: Vec<&str> = run_id.split('-').collect();
    let is_uuid = groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
        && groups
            .iter()
            .all(|group| group.bytes().all(|b| b.is_ascii_hexdigit()));
    if is_uuid {
        return run_id.to_ascii_lowercase();
    }
    let chance = fastrand::u128(..);
    let bits = (chance & !(0xf << 76) & !(0x3 << 62)) | (0x4 << 76) | (0x2 << 62);
    let hex = format!("{bits:032x}");
    format!(
        "{}-{}-{}-{}-{}",
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_keep_the_path_and_the_query() {
        let at = |text: &str, signal| {
            let url: Url = text.parse().unwrap();
            address(&url, signal, "r").unwrap().to_string()
        };
        assert_eq!(
            at("https://h/uuid", Signal::Success),
            "https://h/uuid?rid=r"
        );
        assert_eq!(
            at("https://h/uuid/", Signal::Start),
            "https://h/uuid/start?rid=r"
        );
        assert_eq!(
            at("https://h/key/slug?create=1", Signal::Failure),
            "https://h/key/slug/fail?create=1&rid=r"
        );
    }

    #[test]
    fn a_run_id_that_is_a_uuid_is_kept_and_others_get_one() {
        let uuid = "0F178997-0000-4000-8000-00000000000A";
        assert_eq!(rid(uuid), uuid.to_lowercase());
        let made = rid("20261122T203000Z-0f178997");
        assert_eq!(rid(&made), made);
        assert_eq!(&made[14..15], "4");
        assert!("89ab".contains(&made[19..20]), "{made}");
    }
}
