//! A JSON document as it was written.
//!
//! Definitions of dashboards hold numbers such as `1.6565093E9` and members this
//! crate has never heard of. [`Json`] keeps every one: objects keep the order of
//! their members, numbers keep their text, nothing is rounded or dropped. What it
//! refuses is what two readers would understand differently: a member that stands
//! twice in one object, half of a surrogate pair, nesting beyond [`MAX_DEPTH`].

mod number;
mod object;
mod parse;
mod path;
mod print;
mod serde_impl;

pub use self::{
    number::Number,
    object::Object,
    parse::{JsonError, MAX_DEPTH},
    path::{Path, Step},
};

/// A JSON document: any value, as it was written.
///
/// Two documents are equal (`==`) when they are the same text but for white space
/// and escapes: members in the same order, numbers with the same digits. For the
/// question whether two documents *mean* the same, see [`Json::same_meaning`].
///
/// `Debug` prints the whole document; do not log one that may hold credentials.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
#[expect(
    clippy::exhaustive_enums,
    reason = "JSON has these six kinds of values"
)]
pub enum Json {
    /// `null`
    #[default]
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number, as its text.
    Number(Number),
    /// A text.
    String(String),
    /// An array.
    Array(Vec<Self>),
    /// An object, its members in the order in which they were written.
    Object(Object),
}

impl Json {
    /// Reads a document.
    ///
    /// # Errors
    ///
    /// [`JsonError`] for anything that is not one JSON value, for a member that
    /// occurs twice in an object, and for nesting beyond [`MAX_DEPTH`]. It names
    /// the place and never repeats the text.
    pub fn parse(text: &str) -> Result<Self, JsonError> {
        parse::parse(text)
    }

    /// Reads a document from bytes, which must be UTF-8; a byte order mark is
    /// skipped.
    ///
    /// # Errors
    ///
    /// As [`Json::parse`], and for bytes that are not UTF-8.
    pub fn parse_bytes(bytes: &[u8]) -> Result<Self, JsonError> {
        parse::parse_bytes(bytes)
    }

    /// The document as this crate writes files: two spaces, LF, UTF-8 unescaped,
    /// a final newline, members in the order they have here.
    #[must_use]
    pub fn to_pretty(&self) -> String {
        print::pretty(self)
    }

    /// The document without white space, as it travels in a request.
    #[must_use]
    pub fn to_compact(&self) -> String {
        print::compact(self)
    }

    /// The document of a value that can be serialised.
    ///
    /// # Errors
    ///
    /// [`JsonError`] when the value has no JSON form (a map whose keys are not
    /// texts, say).
    pub fn of(value: &(impl serde::Serialize + ?Sized)) -> Result<Self, JsonError> {
        let text = serde_json::to_string(value).map_err(|_| JsonError::no_form())?;
        Self::parse(&text)
    }

    /// An object of these members, in this order. A name given twice keeps its
    /// first place and its last value.
    pub fn object<K: Into<String>, V: Into<Self>>(
        members: impl IntoIterator<Item = (K, V)>,
    ) -> Self {
        Self::Object(members.into_iter().collect())
    }

    /// An array of these items.
    pub fn array<V: Into<Self>>(items: impl IntoIterator<Item = V>) -> Self {
        Self::Array(items.into_iter().map(Into::into).collect())
    }

    /// A member of an object; `None` also for what is no object.
    pub fn get(&self, name: &str) -> Option<&Self> {
        self.as_object()?.get(name)
    }

    /// A member of an object, to be changed.
    pub fn get_mut(&mut self, name: &str) -> Option<&mut Self> {
        self.as_object_mut()?.get_mut(name)
    }

    /// The text of a member: `get` and `as_str` in one.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// The items of a member that is an array; none when it is absent or no array.
    pub fn items(&self, name: &str) -> &[Self] {
        self.get(name).and_then(Self::as_array).unwrap_or_default()
    }

    /// The value at a JSON pointer (RFC 6901): `""`, `/Sheets/0/Name`.
    pub fn pointer(&self, pointer: &str) -> Option<&Self> {
        path::pointer(self, pointer)
    }

    /// The value at a JSON pointer, to be changed.
    pub fn pointer_mut(&mut self, pointer: &str) -> Option<&mut Self> {
        path::pointer_mut(self, pointer)
    }

    /// The value at a path.
    pub fn at(&self, path: &Path) -> Option<&Self> {
        path::at(self, path)
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Self::String(text) => Some(text),
            _ => None,
        }
    }

    /// The truth value, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Self::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn as_number(&self) -> Option<&Number> {
        match self {
            Self::Number(number) => Some(number),
            _ => None,
        }
    }

    /// The number as an integer of 64 bits, if it is written as one.
    pub fn as_u64(&self) -> Option<u64> {
        self.as_number()?.as_u64()
    }

    /// The array, if it is one.
    pub fn as_array(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The array, to be changed.
    pub fn as_array_mut(&mut self) -> Option<&mut Vec<Self>> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }

    /// The object, if it is one.
    pub fn as_object(&self) -> Option<&Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// The object, to be changed.
    pub fn as_object_mut(&mut self) -> Option<&mut Object> {
        match self {
            Self::Object(object) => Some(object),
            _ => None,
        }
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// What kind of value it is, for messages: `a text`, `an object`.
    pub fn kind_name(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "true or false",
            Self::Number(_) => "a number",
            Self::String(_) => "a text",
            Self::Array(_) => "an array",
            Self::Object(_) => "an object",
        }
    }

    /// Sorts the members of every object by name (by code point), at every depth.
    /// Arrays keep their order.
    pub fn sort_members(&mut self) {
        match self {
            Self::Array(items) => items.iter_mut().for_each(Self::sort_members),
            Self::Object(object) => {
                object.sort();
                object.values_mut().for_each(Self::sort_members);
            }
            _ => {}
        }
    }

    /// Whether both documents mean the same: members in any order, numbers by their
    /// exact decimal value (`1`, `1.0` and `10E-1` are one number; nothing is rounded).
    pub fn same_meaning(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Number(one), Self::Number(two)) => one.same_value(two),
            (Self::Array(one), Self::Array(two)) => {
                one.len() == two.len() && one.iter().zip(two).all(|(a, b)| a.same_meaning(b))
            }
            (Self::Object(one), Self::Object(two)) => {
                one.len() == two.len()
                    && one
                        .iter()
                        .all(|(name, a)| two.get(name).is_some_and(|b| a.same_meaning(b)))
            }
            _ => self == other,
        }
    }

    /// Calls a function with every value and its path, a container before its parts.
    pub fn walk<'a>(&'a self, visit: &mut dyn FnMut(&Path, &'a Self)) {
        path::walk(self, visit);
    }

    /// Replaces every text by what the function makes of it; `None` leaves it.
    /// Names of members are not touched.
    pub fn map_texts(&mut self, change: &mut dyn FnMut(&Path, &str) -> Option<String>) {
        path::map_texts(self, change);
    }
}

impl From<bool> for Json {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Json {
    fn from(value: &str) -> Self {
        Self::String(value.to_owned())
    }
}

impl From<String> for Json {
    fn from(value: String) -> Self {
        Self::String(value)
    }
}

impl From<u64> for Json {
    fn from(value: u64) -> Self {
        Self::Number(value.into())
    }
}

impl From<i64> for Json {
    fn from(value: i64) -> Self {
        Self::Number(value.into())
    }
}

impl From<Number> for Json {
    fn from(value: Number) -> Self {
        Self::Number(value)
    }
}

impl From<Vec<Self>> for Json {
    fn from(items: Vec<Self>) -> Self {
        Self::Array(items)
    }
}

impl From<Object> for Json {
    fn from(object: Object) -> Self {
        Self::Object(object)
    }
}

impl std::str::FromStr for Json {
    type Err = JsonError;

    fn from_str(text: &str) -> Result<Self, JsonError> {
        Self::parse(text)
    }
}
