//! One difference, as people speak of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::json::Json;

/// What a change is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Area {
    /// The asset's name.
    Name,
    /// The description of the version.
    Description,
    /// The theme.
    Theme,
    /// A publish option.
    PublishOption,
    /// A data set that the definition declares.
    DataSet,
    /// A calculated field.
    CalculatedField,
    /// A parameter.
    Parameter,
    /// A filter group.
    FilterGroup,
    /// A filter within a group.
    Filter,
    /// A sheet.
    Sheet,
    /// A visual on a sheet.
    Visual,
    /// A field in a well of a visual.
    Field,
    /// A control of a parameter or filter.
    Control,
    /// A text box or an image of a sheet.
    TextBox,
    /// The layout of a sheet.
    Layout,
    /// The format or role of a column.
    Column,
    /// Anything else in a definition, a configuration or a table map, by its path.
    Definition,
    /// Rights of a principal.
    Permission,
    /// Rights by link.
    LinkSharing,
    /// A tag.
    Tag,
    /// Membership of a folder.
    Folder,
    /// A linked analysis.
    Link,
    /// The refresh properties of a data set.
    RefreshProperties,
    /// A refresh schedule of a data set.
    RefreshSchedule,
    /// Any other member of the file.
    Other,
}

impl Area {
    /// Whether the change is a part of a version of the asset, so that a new
    /// version is needed for it.
    #[must_use]
    pub const fn is_content(self) -> bool {
        !matches!(
            self,
            Self::Permission
                | Self::LinkSharing
                | Self::Tag
                | Self::Folder
                | Self::Link
                | Self::RefreshProperties
                | Self::RefreshSchedule
        )
    }

    /// Returns the word for it.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Description => "description",
            Self::Theme => "theme",
            Self::PublishOption => "option",
            Self::DataSet => "data set",
            Self::CalculatedField => "calculated field",
            Self::Parameter => "parameter",
            Self::FilterGroup => "filter group",
            Self::Filter => "filter",
            Self::Sheet => "sheet",
            Self::Visual => "visual",
            Self::Field => "field",
            Self::Control => "control",
            Self::TextBox => "text box",
            Self::Layout => "layout",
            Self::Column => "column",
            Self::Definition => "definition",
            Self::Permission => "permission",
            Self::LinkSharing => "link sharing",
            Self::Tag => "tag",
            Self::Folder => "folder",
            Self::Link => "linked analysis",
            Self::RefreshProperties => "refresh properties",
            Self::RefreshSchedule => "refresh schedule",
            Self::Other => "member",
        }
    }
}

/// What happens to the thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Operation {
    /// It comes.
    Added,
    /// It goes.
    Removed,
    /// It becomes another.
    Changed,
    /// It stays and moves to another place among its like.
    Moved,
}

impl Operation {
    /// Returns the sign before the line: `+`, `-`, `~`, `↕`.
    #[must_use]
    pub const fn sign(self) -> char {
        match self {
            Self::Added => '+',
            Self::Removed => '-',
            Self::Changed => '~',
            Self::Moved => '↕',
        }
    }
}

/// One difference between what is and what the file says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Change {
    /// What it is about.
    pub area: Area,
    /// What happens to it.
    pub operation: Operation,
    /// The thing, from the outside in: `sheet "Overview" › visual "Revenue"`.
    pub subject: String,
    /// The place in the file: `definition.Sheets[0].Visuals[3]`.
    pub path: String,
    /// The member of the thing that differs, below the subject; empty for the whole.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub member: String,
    /// What is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<Json>,
    /// What the file says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<Json>,
}

impl Change {
    /// Describes a change of a whole thing.
    pub fn new(
        area: Area,
        subject: impl Into<String>,
        path: impl Into<String>,
        before: Option<Json>,
        after: Option<Json>,
    ) -> Self {
        let operation = match (&before, &after) {
            (None, _) => Operation::Added,
            (_, None) => Operation::Removed,
            _ => Operation::Changed,
        };
        Self {
            area,
            operation,
            subject: subject.into(),
            path: path.into(),
            member: String::new(),
            before,
            after,
        }
    }

    /// Names the member of the subject that differs.
    #[must_use]
    pub fn with_member(mut self, member: impl Into<String>) -> Self {
        self.member = member.into();
        self
    }

    /// Sets what happens, where it does not follow from before and after.
    #[must_use]
    pub const fn with_operation(mut self, operation: Operation) -> Self {
        self.operation = operation;
        self
    }

    /// Whether what is has a member that the file does not say, within a thing that the
    /// file does say: what a service fills in by itself. Never a whole thing, such as a
    /// visual, nor a value that the file says otherwise.
    pub(crate) fn is_filled_in(&self) -> bool {
        let in_document = !matches!(
            self.area,
            Area::Name | Area::Description | Area::Theme | Area::PublishOption | Area::Other
        );
        in_document
            && self.area.is_content()
            && self.before.is_some()
            && self.after.is_none()
            && !self.member.is_empty()
            && !self.member.ends_with(']')
    }

    /// Returns what becomes of the value, in one line of bounded length; empty when
    /// subject and sign say it all.
    #[must_use]
    pub fn detail(&self, longest: usize) -> String {
        match (&self.before, &self.after, self.operation) {
            (_, _, Operation::Moved) => "in another order".to_owned(),
            (Some(before), Some(after), _) => {
                let (before, after) = apart(&shown(before), &shown(after), longest);
                format!("{before} → {after}")
            }
            (Some(value), None, _) | (None, Some(value), _) => match value {
                // A whole thing: what it holds is in the file.
                Json::Object(_) | Json::Array(_) if self.member.is_empty() => String::new(),
                value => cut(&shown(value), longest),
            },
            (None, None, _) => String::new(),
        }
    }
}

/// The line without its sign: `permission ${group:viewers}: viewer`.
impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.subject)?;
        if !self.member.is_empty() {
            write!(f, " › {}", self.member)?;
        }
        let detail = self.detail(160);
        if detail.is_empty() {
            Ok(())
        } else {
            write!(f, ": {detail}")
        }
    }
}

/// A value in one line; control characters never reach a terminal.
pub(crate) fn shown(value: &Json) -> String {
    value
        .to_compact()
        .chars()
        .map(|c| if c.is_control() { '\u{fffd}' } else { c })
        .collect()
}

/// Cuts a text to at most `longest` characters.
pub(crate) fn cut(text: &str, longest: usize) -> String {
    if text.chars().count() <= longest {
        return text.to_owned();
    }
    let head: String = text.chars().take(longest.saturating_sub(1)).collect();
    format!("{head}…")
}

/// Cuts two different texts so that they still differ: long common beginnings go.
fn apart(before: &str, after: &str, longest: usize) -> (String, String) {
    let fits = |text: &str| text.chars().count() <= longest;
    if fits(before) && fits(after) {
        return (before.to_owned(), after.to_owned());
    }
    let common = before
        .chars()
        .zip(after.chars())
        .take_while(|(one, two)| one == two)
        .count();
    let from = common.saturating_sub(longest / 4);
    let window = |text: &str| {
        let rest: String = text.chars().skip(from).collect();
        let rest = cut(&rest, longest);
        if from == 0 {
            rest
        } else {
            format!("…{rest}")
        }
    };
    (window(before), window(after))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_long_values_are_cut_where_they_differ() {
        let long = "sum({amount}) + ".repeat(100);
        let change = Change::new(
            Area::CalculatedField,
            "calculated field \"net\"",
            "definition.CalculatedFields[0].Expression",
            Some(Json::from(format!("{long}1"))),
            Some(Json::from(format!("{long}2"))),
        );
        let detail = change.detail(80);
        let (before, after) = detail.split_once(" → ").unwrap();
        assert_ne!(before, after);
        assert!(before.chars().count() <= 81, "{before}");
    }

    #[test]
    fn control_characters_do_not_reach_a_terminal() {
        let change = Change::new(
            Area::Name,
            "name",
            "name",
            Some(Json::from("a")),
            Some(Json::from("\u{7f}\u{9b}31mred")),
        );
        assert!(!change.to_string().chars().any(char::is_control));
    }
}
