//! Options of the real clients that have no place here, and the way out of each. Those about
//! the dump's content are refused by the dump crate itself.

const LOGIN: &str = "the login comes from --credentials";
const PASSWORD: &str =
    "a password in the arguments is seen by every user of the machine: use --credentials";
const FILES: &str = "the login comes from --credentials, the options from --config";
const TCP: &str = "the connection is always TCP: name --host and --port";
const COMPRESSION: &str = "the link inside a VPC is faster than the compression";
const TLS: &str = "say --ssl-mode, and name the authority with --ssl-ca; there are no client \
                   certificates, and TLS 1.2 and 1.3 choose their ciphers";
const PLUGINS: &str = "the driver knows the servers' own ways to log in";
const LOG: &str = "the log is on standard error; RUST_LOG=debug says more";

pub(crate) const REFUSED: &[(&str, &str)] = &[
    ("bind-address", "leave it to the machine's routes"),
    ("character-sets-dir", "the driver brings its character sets"),
    ("compress", COMPRESSION),
    ("compression-algorithms", COMPRESSION),
    ("debug", LOG),
    ("debug-check", LOG),
    ("debug-info", LOG),
    ("default-auth", PLUGINS),
    ("defaults-extra-file", FILES),
    ("defaults-file", FILES),
    ("defaults-group-suffix", FILES),
    ("enable-cleartext-plugin", PLUGINS),
    ("get-server-public-key", PLUGINS),
    ("log-error", LOG),
    ("login-path", LOGIN),
    ("max-allowed-packet", "rows of up to 1 GiB are always read"),
    (
        "network-timeout",
        "say --connect-timeout and --read-timeout",
    ),
    ("no-defaults", "no option file of MySQL's is read"),
    ("no-login-paths", LOGIN),
    ("pass", PASSWORD),
    ("password", PASSWORD),
    ("password1", PASSWORD),
    ("password2", PASSWORD),
    ("password3", PASSWORD),
    ("pipe", TCP),
    ("plugin-dir", PLUGINS),
    ("print-defaults", FILES),
    ("protocol", TCP),
    ("result-file", "name the result with --to"),
    ("server-public-key-path", PLUGINS),
    ("socket", TCP),
    ("ssl", TLS),
    ("ssl-capath", TLS),
    ("ssl-cert", TLS),
    ("ssl-cipher", TLS),
    ("ssl-crl", TLS),
    ("ssl-crlpath", TLS),
    ("ssl-fips-mode", TLS),
    ("ssl-fp", TLS),
    ("ssl-fplist", TLS),
    ("ssl-key", TLS),
    ("ssl-session-data", TLS),
    ("ssl-session-data-continue-on-failed-reuse", TLS),
    ("ssl-verify-server-cert", TLS),
    ("tls-ciphersuites", TLS),
    ("tls-sni-servername", TLS),
    ("tls-version", TLS),
    ("verbose", LOG),
    (
        "zstd-compression-level",
        "say --compression and --compression-level",
    ),
];

/// The short forms of what is refused, here or by the dump crate.
const SHORT: &[(char, &str)] = &[
    ('C', "compress"),
    ('D', "dir"),
    ('F', "flush-logs"),
    ('S', "socket"),
    ('T', "tab"),
    ('X', "xml"),
    ('p', "password"),
    ('r', "result-file"),
    ('v', "verbose"),
];

/// What to do instead of an option, by its long name; `None` for one that is not refused here.
pub(crate) fn way_out(name: &str) -> Option<&'static str> {
    REFUSED
        .iter()
        .find(|(refused, _)| *refused == name)
        .map(|(_, way_out)| *way_out)
}

/// The long name of a refused short option.
pub(crate) fn short(argument: &str) -> Option<&'static str> {
    let letter = argument.strip_prefix('-')?.chars().next()?;
    SHORT
        .iter()
        .find(|(short, _)| *short == letter)
        .map(|(_, name)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_forms_are_those_of_the_real_clients() {
        assert_eq!(short("-psecret"), Some("password"));
        assert_eq!(short("-X"), Some("xml"));
        assert_eq!(short("--xml"), None);
        assert_eq!(short("-B"), None);
        assert_eq!(short("gghouse"), None);
    }

    #[test]
    fn names_are_sorted_and_unique() {
        assert!(REFUSED.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
