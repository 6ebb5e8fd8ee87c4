//! Patterns with `*` and `?`.

/// A pattern over characters: `*` stands for any number of them, `?` for one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    /// As it was written, for messages.
    written: String,
    /// As it is compared.
    normal: Vec<char>,
}

impl Pattern {
    pub(crate) fn new(written: &str, normal: &str) -> Self {
        Self {
            written: written.to_owned(),
            normal: normal.chars().collect(),
        }
    }

    pub(crate) fn written(&self) -> &str {
        &self.written
    }

    /// Whether the pattern covers the whole text. Takes at most the product of
    /// both lengths in steps: only the last `*` is ever tried again.
    pub(crate) fn matches(&self, text: &str) -> bool {
        let text: Vec<char> = text.chars().collect();
        let (mut p, mut t) = (0, 0);
        let mut star: Option<(usize, usize)> = None;
        while t < text.len() {
            match self.normal.get(p) {
                Some('*') => {
                    star = Some((p, t));
                    p += 1;
                }
                Some(c) if *c == '?' || *c == text[t] => {
                    p += 1;
                    t += 1;
                }
                _ => {
                    let Some((at, from)) = star else { return false };
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
            }
        }
        self.normal[p..].iter().all(|c| *c == '*')
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The definition, without any care for speed.
    fn defined(pattern: &[char], text: &[char]) -> bool {
        match (pattern, text) {
            ([], []) => true,
            (['*', rest @ ..], _) => {
                defined(rest, text) || (!text.is_empty() && defined(pattern, &text[1..]))
            }
            (['?', rest @ ..], [_, tail @ ..]) => defined(rest, tail),
            ([p, rest @ ..], [t, tail @ ..]) => p == t && defined(rest, tail),
            _ => false,
        }
    }

    proptest! {
        #[test]
        fn agrees_with_the_definition(pattern in "[ab*?]{0,8}", text in "[abc]{0,8}") {
            let p: Vec<char> = pattern.chars().collect();
            let t: Vec<char> = text.chars().collect();
            prop_assert_eq!(Pattern::new(&pattern, &pattern).matches(&text), defined(&p, &t));
        }

        #[test]
        fn text_without_wildcards_matches_itself_only(a in "[a-z.]{1,9}", b in "[a-z.]{1,9}") {
            prop_assert_eq!(Pattern::new(&a, &a).matches(&b), a == b);
        }
    }

    #[test]
    fn many_stars_stay_fast() {
        let text = "a".repeat(20_000);
        let stars = "*a".repeat(50);
        assert!(Pattern::new(&stars, &stars).matches(&text));
        let never = stars + "*b";
        assert!(!Pattern::new(&never, &never).matches(&text));
    }
}
