//! Names as the dump shows them.

use crate::flavour::Client;
use crate::options::DumpOptions;

/// How names are quoted.
#[derive(Debug, Clone, Copy)]
pub(super) struct Names {
    quote: char,
    /// `--quote-names`: also where a name could do without.
    always: bool,
    /// What is a letter beyond ASCII in the character set of the dump.
    beyond_ascii: fn(char) -> bool,
}

impl Names {
    pub(super) fn new(options: &DumpOptions, client: Client) -> Self {
        Self {
            quote: if options.compatible.ansi_quotes() {
                '"'
            } else {
                '`'
            },
            always: options.quote_names,
            beyond_ascii: match options.charset(client) {
                charset if charset.longest_character() > 1 => |_| true,
                charset if charset.is_binary() => |_| false,
                _ => char::is_alphanumeric,
            },
        }
    }

    /// The names inside a trigger's section, which are never in the style of ANSI.
    pub(super) fn for_triggers(self) -> Self {
        Self { quote: '`', ..self }
    }

    /// Always quoted.
    pub(super) fn quoted(self, name: &str) -> String {
        let quote = self.quote;
        let doubled: String = [quote, quote].iter().collect();
        format!("{quote}{}{quote}", name.replace(quote, &doubled))
    }

    /// Quoted if need be, or if `--quote-names` asks for it.
    ///
    /// The real clients know no keywords: a name of letters, digits, `_` and `$` goes without.
    pub(super) fn shown(self, name: &str) -> String {
        let plain = name.chars().all(|character| {
            character.is_ascii_alphanumeric()
                || matches!(character, '_' | '$')
                || (!character.is_ascii() && (self.beyond_ascii)(character))
        });
        if plain && !self.always {
            name.to_owned()
        } else {
            self.quoted(name)
        }
    }

    /// Several, each as [`shown`](Self::shown).
    pub(super) fn list(self, names: &[String], separator: &str) -> String {
        let shown: Vec<String> = names.iter().map(|name| self.shown(name)).collect();
        shown.join(separator)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(option: (&str, Option<&str>)) -> Names {
        let mut options = DumpOptions::default();
        options.apply(option.0, option.1).unwrap();
        Names::new(&options, Client::MYSQL_9)
    }

    #[test]
    fn names_are_quoted_by_need_or_by_wish() {
        let plain = names(("skip-quote-names", None));
        assert_eq!(plain.shown("a_1$"), "a_1$");
        assert_eq!(plain.shown("a b"), "`a b`");
        assert_eq!(plain.shown("表"), "表");
        assert_eq!(plain.quoted("a"), "`a`");
        assert_eq!(names(("quote-names", None)).shown("a"), "`a`");
    }

    #[test]
    fn ansi_quotes_are_doubled_and_never_in_triggers() {
        let ansi = names(("compatible", Some("ansi")));
        assert_eq!(ansi.shown("a\"b`"), "\"a\"\"b`\"");
        assert_eq!(ansi.for_triggers().shown("a`b"), "`a``b`");
    }
}
