//! What can be wrong with an option.

/// An option that cannot be honoured; the text says what to do instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OptionError {
    /// No such option, here or in mysqldump.
    #[error("unknown option --{name}")]
    #[non_exhaustive]
    Unknown {
        /// The name as it was given, without dashes.
        name: String,
    },
    /// mysqldump has it; this crate refuses it.
    #[error("--{name} is not supported: {remedy}")]
    #[non_exhaustive]
    Unsupported {
        /// The option's name.
        name: String,
        /// The way out.
        remedy: &'static str,
    },
    /// The value is missing, superfluous or not among those allowed.
    #[error("--{name}: {value:?} is not {expected}")]
    #[non_exhaustive]
    Value {
        /// The option's name.
        name: String,
        /// The value given.
        value: String,
        /// What would have been right.
        expected: String,
    },
    /// The databases and tables chosen cannot be dumped, or options contradict each other.
    #[error("{reason}")]
    #[non_exhaustive]
    Selection {
        /// Why.
        reason: String,
    },
}

impl OptionError {
    pub(crate) fn value(name: &str, value: &str, expected: &str) -> Self {
        Self::Value {
            name: name.into(),
            value: value.into(),
            expected: expected.into(),
        }
    }

    pub(crate) fn selection(reason: &str) -> Self {
        Self::Selection {
            reason: reason.into(),
        }
    }
}
