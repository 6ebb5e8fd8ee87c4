//! The rules by which values of a secret and of configuration become a login.

use std::net::Ipv6Addr;

use zeroize::Zeroizing;

use super::{
    DatabaseCredentials, Engine, Overlay,
    decode::{Scalar, Values, decode},
};
use crate::{
    error::{Fault, Problem},
    raw::{RawSecret, wrap},
};

/// A value of the login and the keys it may stand under, the usual one first.
struct Field {
    keys: &'static [&'static str],
    expected: &'static str,
}

const HOST: Field = Field {
    keys: &["host"],
    expected: "must be a host name or address, without port, scheme or path",
};
const PORT: Field = Field {
    keys: &["port"],
    expected: "must be a whole number from 1 to 65535, or such a number as text",
};
const USERNAME: Field = Field {
    keys: &["username", "user", "db_username", "dbUser"],
    expected: "must be a text without control characters",
};
const PASSWORD: Field = Field {
    keys: &["password", "pass", "db_password", "dbPassword"],
    expected: "must be a text without NUL",
};
const DATABASE: Field = Field {
    keys: &["database", "dbname", "dbName"],
    expected: "must be a text without control characters",
};
const ENGINE: Field = Field {
    keys: &["engine"],
    expected: "must be mysql, aurora-mysql, aurora or mariadb",
};
const SSL: Field = Field {
    keys: &["ssl"],
    expected: "must be true or false",
};
const FIELDS: [&Field; 7] = [&HOST, &PORT, &USERNAME, &PASSWORD, &DATABASE, &ENGINE, &SSL];

const ALIASES_DIFFER: &str = "stated more than once, with different values";
const OVERLAY_DIFFERS: &str = "the secret and the configuration state different values";

pub(super) fn resolve(
    raw: &RawSecret,
    overlay: &Overlay,
) -> Result<DatabaseCredentials, Vec<Problem>> {
    let known = |key: &str| {
        let mut keys = FIELDS.iter().flat_map(|field| field.keys);
        keys.find(|known| **known == key).copied()
    };
    let values = decode(raw, known).map_err(|problem| vec![problem])?;
    let mut resolver = Resolver {
        values,
        forced: overlay.forced,
        problems: Vec::new(),
    };
    let configured_host = overlay.host.as_deref().map(plain);
    let configured_user = overlay.username.as_deref().map(plain);
    let configured_database = overlay.database.as_deref().map(plain);

    // One after the other, and none left out for the failure of another: all
    // problems are reported, in the order of these lines.
    let host = resolver.settle(&HOST, configured_host, read_host, |a, b| {
        bare(a).eq_ignore_ascii_case(bare(b))
    });
    if host.is_none() {
        resolver.require(&HOST, "not in the secret nor in the configuration");
    }
    let port = resolver.settle(&PORT, overlay.port.map(number), read_port, u16::eq);
    let username = resolver.settle(&USERNAME, configured_user, read_name, eq_text);
    if username.is_none() {
        resolver.require(&USERNAME, "not in the secret nor in the configuration");
    }
    let password = resolver.settle(&PASSWORD, None, read_password, eq_text);
    if password.is_none() {
        resolver.require(&PASSWORD, "not in the secret");
    }
    let database = resolver.settle(&DATABASE, configured_database, read_name, eq_text);
    let configured_engine = overlay.engine.map(|engine| plain(engine.as_str()));
    let engine = resolver.settle(&ENGINE, configured_engine, read_engine, Engine::eq);
    let ssl = resolver.settle(&SSL, None, read_bool, bool::eq);

    match (host, username, password) {
        (Some(host), Some(username), Some(mut password)) if resolver.problems.is_empty() => {
            let engine = engine.unwrap_or_default();
            Ok(DatabaseCredentials {
                host: host.to_string(),
                port: port.unwrap_or(engine.default_port()),
                username: username.to_string(),
                password: wrap(&mut password),
                database: database.map(|name| name.to_string()),
                engine,
                ssl,
                origin: raw.origin().clone(),
            })
        }
        _ => Err(resolver.problems),
    }
}

struct Resolver {
    values: Values,
    forced: bool,
    problems: Vec<Problem>,
}

impl Resolver {
    /// The one value of a field, if it is stated at all and without a problem.
    fn settle<T>(
        &mut self,
        field: &Field,
        configured: Option<Scalar>,
        read: impl Fn(&Scalar) -> Result<T, Fault>,
        same: impl Fn(&T, &T) -> bool,
    ) -> Option<T> {
        let configured = match configured.as_ref().map(&read) {
            None => None,
            Some(Ok(value)) => Some(value),
            Some(Err(fault)) => {
                self.problem(field.keys[0], fault, field.expected);
                None
            }
        };
        if configured.is_some() && self.forced {
            return configured;
        }
        let mut settled: Option<T> = None;
        for key in field.keys {
            for index in 0..self.values.len() {
                if self.values[index].0 != *key {
                    continue;
                }
                match (read(&self.values[index].1), &settled) {
                    (Err(fault), _) => self.problem(key, fault, field.expected),
                    (Ok(value), Some(first)) if !same(&value, first) => {
                        self.problem(key, Fault::Conflict, ALIASES_DIFFER);
                    }
                    (Ok(value), None) => settled = Some(value),
                    (Ok(_), Some(_)) => {}
                }
            }
        }
        match (settled, configured) {
            (Some(secret), Some(configured)) if !same(&secret, &configured) => {
                self.problem(field.keys[0], Fault::Conflict, OVERLAY_DIFFERS);
                Some(secret)
            }
            (secret, configured) => secret.or(configured),
        }
    }

    /// Notes that a field has no value, unless a problem with it says why.
    fn require(&mut self, field: &Field, expected: &'static str) {
        if !self.problems.iter().any(|p| field.keys.contains(&p.key)) {
            self.problem(field.keys[0], Fault::Missing, expected);
        }
    }

    fn problem(&mut self, key: &'static str, fault: Fault, expected: &'static str) {
        self.problems.push(Problem::new(key, fault, expected));
    }
}

fn plain(text: &str) -> Scalar {
    Scalar::Text(Zeroizing::new(text.to_owned()))
}

fn number(port: u16) -> Scalar {
    Scalar::Number(Zeroizing::new(port.to_string()))
}

fn eq_text(a: &Zeroizing<String>, b: &Zeroizing<String>) -> bool {
    **a == **b
}

/// A host name without the dot that may end a full one.
fn bare(host: &str) -> &str {
    host.strip_suffix('.').unwrap_or(host)
}

fn read_text(value: &Scalar) -> Result<&Zeroizing<String>, Fault> {
    match value {
        Scalar::Text(text) if text.is_empty() => Err(Fault::Empty),
        Scalar::Text(text) => Ok(text),
        _ => Err(Fault::WrongType),
    }
}

fn read_host(value: &Scalar) -> Result<Zeroizing<String>, Fault> {
    let text = read_text(value)?;
    let unfit = |c: char| c.is_whitespace() || c.is_control() || "/\\@,;?#\"'".contains(c);
    let address = text.split('%').next().unwrap_or_default();
    let has_port = text.contains(':') && address.parse::<Ipv6Addr>().is_err();
    if text.chars().any(unfit) || has_port || bare(text).is_empty() {
        return Err(Fault::OutOfRange);
    }
    Ok(text.clone())
}

fn read_port(value: &Scalar) -> Result<u16, Fault> {
    let digits = match value {
        Scalar::Number(spelling) => spelling.strip_prefix('-').unwrap_or(spelling),
        value => read_text(value)?.as_str(),
    };
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Fault::WrongType);
    }
    let negative = matches!(value, Scalar::Number(spelling) if spelling.starts_with('-'));
    match digits.parse::<u16>() {
        Ok(port) if port > 0 && !negative => Ok(port),
        _ => Err(Fault::OutOfRange),
    }
}

fn read_name(value: &Scalar) -> Result<Zeroizing<String>, Fault> {
    let text = read_text(value)?;
    if text.chars().any(char::is_control) {
        return Err(Fault::OutOfRange);
    }
    Ok(text.clone())
}

fn read_password(value: &Scalar) -> Result<Zeroizing<String>, Fault> {
    let text = read_text(value)?;
    if text.contains('\0') {
        return Err(Fault::OutOfRange);
    }
    Ok(text.clone())
}

fn read_engine(value: &Scalar) -> Result<Engine, Fault> {
    read_text(value)?.parse().map_err(|_| Fault::OutOfRange)
}

fn read_bool(value: &Scalar) -> Result<bool, Fault> {
    match value {
        Scalar::Bool(wish) => Ok(*wish),
        value => match read_text(value)?.to_ascii_lowercase().as_str() {
            "true" => Ok(true),
            "false" => Ok(false),
            _ => Err(Fault::OutOfRange),
        },
    }
}
