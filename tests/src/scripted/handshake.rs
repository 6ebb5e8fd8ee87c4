//! Greeting and login: any name and any password are welcome.

use std::io;

use super::wire::Wire;
use super::world::World;
use crate::database::Flavour;

/// What the server can do: `LONG_PASSWORD` (as MySQL has it, and without MariaDB's extension),
/// `FOUND_ROWS`, `LONG_FLAG`, `CONNECT_WITH_DB`, `PROTOCOL_41`, `TRANSACTIONS`,
/// `SECURE_CONNECTION`, `MULTI_STATEMENTS`, `MULTI_RESULTS`, `PLUGIN_AUTH` and
/// `PLUGIN_AUTH_LENENC_CLIENT_DATA`.
const CAPABILITIES: u32 =
    1 | 2 | 4 | 8 | 1 << 9 | 1 << 13 | 1 << 15 | 1 << 16 | 1 << 17 | 1 << 19 | 1 << 21;
/// `DEPRECATE_EOF`.
const DEPRECATE_EOF: u32 = 1 << 24;
/// The server's default character set.
const UTF8MB4_GENERAL_CI: u8 = 45;

/// Greets the client and lets it in. Returns whether results end in an OK packet.
pub(super) async fn log_in(wire: &mut Wire<'_>, world: &World, number: u32) -> io::Result<bool> {
    let mut offered = CAPABILITIES;
    if world.deprecate_eof {
        offered |= DEPRECATE_EOF;
    }
    wire.packet(&greeting(world, offered, number), None).await?;
    wire.flush().await?;
    let login = wire.receive().await?;
    let wanted = login
        .first_chunk()
        .map_or(0, |bytes| u32::from_le_bytes(*bytes));
    if world.flavour == Flavour::MySql && sent_a_password(&login) {
        // caching_sha2_password: the server remembers this user, and needs to know no more.
        wire.packet(&[1, 3], None).await?;
    }
    wire.packet(&super::packets::ok(), None).await?;
    wire.flush().await?;
    Ok(offered & wanted & DEPRECATE_EOF != 0)
}

fn greeting(world: &World, capabilities: u32, number: u32) -> Vec<u8> {
    let [low_1, low_2, high_1, high_2] = capabilities.to_le_bytes();
    let plugin = match world.flavour {
        Flavour::MariaDb => "mysql_native_password",
        Flavour::MySql => "caching_sha2_password",
    };
    let mut payload = vec![10];
    payload.extend_from_slice(world.greeted_version().as_bytes());
    payload.push(0);
    payload.extend_from_slice(&number.to_le_bytes());
    payload.extend_from_slice(b"nonsense\0");
    payload.extend_from_slice(&[low_1, low_2, UTF8MB4_GENERAL_CI]);
    payload.extend_from_slice(&super::packets::STATUS.to_le_bytes());
    payload.extend_from_slice(&[high_1, high_2, 21]);
    payload.extend_from_slice(&[0; 10]);
    payload.extend_from_slice(b"more of this\0");
    payload.extend_from_slice(plugin.as_bytes());
    payload.push(0);
    payload
}

/// Whether the login packet holds a scrambled password: its length stands behind the
/// capabilities, the packet size, the character set, 23 zeros and the name.
fn sent_a_password(login: &[u8]) -> bool {
    let name_on = login.get(32..).unwrap_or_default();
    let mut rest = name_on.splitn(2, |byte| *byte == 0);
    let behind_name = rest.nth(1).unwrap_or_default();
    behind_name.first().is_some_and(|length| *length > 0)
}
