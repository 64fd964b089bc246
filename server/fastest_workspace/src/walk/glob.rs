//! Shell patterns as Python's `fnmatch` reads them, and pytest's `fnmatch_ex` on top.
//!
//! `*` crosses path separators, there are no escapes, and a `[` without its `]` is a plain
//! character. On Windows, letter case and the kind of slash do not matter.

use std::borrow::Cow;
use std::path::MAIN_SEPARATOR;

/// A compiled pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Glob {
    /// No wildcard at all.
    Literal(String),
    /// One `*` between two plain texts: what nearly every pattern is.
    Affixes(String, String),
    /// Anything else.
    Tokens(Vec<Token>),
}

/// One element of a pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    /// This character.
    Char(char),
    /// `?`
    AnyChar,
    /// `*`
    AnyText,
    /// `[a-z]`, `[!a-z]`: whether it is negated, and inclusive ranges.
    Set(bool, Vec<(char, char)>),
}

impl Glob {
    /// Compiles a pattern; every text is one.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        let tokens = tokens(&fold(pattern));
        let plain = |tokens: &[Token]| -> Option<String> {
            tokens
                .iter()
                .map(|token| if let Token::Char(c) = token { Some(*c) } else { None })
                .collect()
        };
        if let Some(text) = plain(&tokens) {
            return Self::Literal(text);
        }
        if let Some(star) = tokens.iter().position(|token| *token == Token::AnyText)
            && let (Some(prefix), Some(suffix)) =
                (plain(&tokens[..star]), plain(&tokens[star + 1..]))
        {
            return Self::Affixes(prefix, suffix);
        }
        Self::Tokens(tokens)
    }

    /// Whether the whole of a text matches.
    #[must_use]
    pub fn matches(&self, text: &str) -> bool {
        let text = fold(text);
        match self {
            Self::Literal(literal) => *text == **literal,
            Self::Affixes(prefix, suffix) => {
                text.len() >= prefix.len() + suffix.len()
                    && text.starts_with(prefix.as_str())
                    && text.ends_with(suffix.as_str())
            }
            Self::Tokens(tokens) => match_tokens(tokens, &text.chars().collect::<Vec<_>>()),
        }
    }
}

/// A pattern for paths, by the rules of pytest's `fnmatch_ex` (`_pytest/pathlib.py`): one without
/// a separator is held against the last component, one with a separator against the whole path,
/// and a relative one may start at any depth.
#[derive(Clone, Debug)]
pub struct PathPattern {
    glob: Glob,
    whole_path: bool,
}

impl PathPattern {
    /// Compiles a pattern.
    #[must_use]
    pub fn new(pattern: &str) -> Self {
        let pattern = if cfg!(windows) && !pattern.contains('\\') {
            Cow::Owned(pattern.replace('/', "\\"))
        } else {
            Cow::Borrowed(pattern)
        };
        let whole_path = pattern.contains(MAIN_SEPARATOR);
        if whole_path && !std::path::Path::new(&*pattern).is_absolute() {
            return Self { glob: Glob::new(&format!("*{MAIN_SEPARATOR}{pattern}")), whole_path };
        }
        Self { glob: Glob::new(&pattern), whole_path }
    }

    /// Whether an absolute path, whose last component is `name`, matches.
    #[must_use]
    pub fn matches(&self, name: &str, path: impl FnOnce() -> String) -> bool {
        if self.whole_path { self.glob.matches(&path()) } else { self.glob.matches(name) }
    }
}

fn fold(text: &str) -> Cow<'_, str> {
    if cfg!(windows) { text.to_lowercase().replace('/', "\\").into() } else { text.into() }
}

fn tokens(pattern: &str) -> Vec<Token> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut tokens = Vec::with_capacity(chars.len());
    let mut at = 0;
    while at < chars.len() {
        let token = match chars[at] {
            '*' => Token::AnyText,
            '?' => Token::AnyChar,
            '[' => match set_end(&chars, at + 1) {
                Some(end) => {
                    let set = set(&chars[at + 1..end]);
                    at = end;
                    set
                }
                None => Token::Char('['),
            },
            plain => Token::Char(plain),
        };
        at += 1;
        if token != Token::AnyText || tokens.last() != Some(&Token::AnyText) {
            tokens.push(token);
        }
    }
    tokens
}

/// Where the `]` of a set stands whose `[` is just before `start`. One that comes first is part
/// of the set.
fn set_end(chars: &[char], start: usize) -> Option<usize> {
    let negated = usize::from(chars.get(start) == Some(&'!'));
    let first = start + negated;
    (first + 1..chars.len()).find(|&at| chars[at] == ']')
}

fn set(body: &[char]) -> Token {
    let negated = body.first() == Some(&'!');
    let body = &body[usize::from(negated)..];
    let mut ranges = Vec::new();
    let mut at = 0;
    while at < body.len() {
        if at + 2 < body.len() && body[at + 1] == '-' {
            // A range the wrong way round is empty.
            ranges.push((body[at], body[at + 2]));
            at += 3;
        } else {
            ranges.push((body[at], body[at]));
            at += 1;
        }
    }
    Token::Set(negated, ranges)
}

/// Goes back to the last `*` only: an earlier one could not match what a later one cannot.
fn match_tokens(tokens: &[Token], text: &[char]) -> bool {
    let (mut token, mut at) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    while at < text.len() {
        match tokens.get(token) {
            Some(Token::AnyText) => {
                retry = Some((token, at));
                token += 1;
            }
            Some(one) if match_char(one, text[at]) => {
                token += 1;
                at += 1;
            }
            _ => {
                let Some((star, from)) = retry else { return false };
                retry = Some((star, from + 1));
                token = star + 1;
                at = from + 1;
            }
        }
    }
    tokens[token..].iter().all(|rest| *rest == Token::AnyText)
}

fn match_char(token: &Token, c: char) -> bool {
    match token {
        Token::Char(plain) => *plain == c,
        Token::AnyChar | Token::AnyText => true,
        Token::Set(negated, ranges) => {
            ranges.iter().any(|(low, high)| (*low..=*high).contains(&c)) != *negated
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, yes: &[&str], no: &[&str]) {
        let glob = Glob::new(pattern);
        for text in yes {
            assert!(glob.matches(text), "`{pattern}` should match `{text}`");
        }
        for text in no {
            assert!(!glob.matches(text), "`{pattern}` should not match `{text}`");
        }
    }

    #[test]
    fn fnmatch_rules() {
        check("test_*.py", &["test_.py", "test_a.py"], &["test.py", "test_a.pyc", "xtest_a.py"]);
        check("*_test.py", &["_test.py", "a_test.py"], &["a_test.pyi"]);
        check("build", &["build"], &["builds", "rebuild"]);
        check("{arch}", &["{arch}"], &["arch"]);
        check(".*", &[".git", "."], &["git"]);
        check("a?c", &["abc", "aéc"], &["ac", "abbc"]);
        check("a*b*c", &["abc", "a__b__c", "abbc", "abcbc"], &["acb", "abcd"]);
        check("[a-c]x", &["ax", "cx"], &["dx", "-x"]);
        check("[!a-c]x", &["dx", "-x"], &["ax"]);
        check("[]a]", &["]", "a"], &["[", "b"]);
        check("[!]]", &["a"], &["]"]);
        check("[a", &["[a"], &["a"]);
        check("[a-]", &["a", "-"], &["b"]);
        check("[c-a]", &[], &["a", "b", "c", "-"]);
        check("[^a]", &["^", "a"], &["b"]);
        check("**", &["", "x/y"], &[]);
        check("/t/*/x.py", &["/t/a/x.py", "/t/a/b/x.py"], &["/t/x.py"]);
        check("aa*aa", &["aaaa", "aa_aa"], &["aaa"]);
    }

    #[cfg(unix)]
    #[test]
    fn fnmatch_ex_rules() {
        let check = |pattern: &str, path: &str| {
            let name = path.rsplit('/').next().expect("split yields one");
            PathPattern::new(pattern).matches(name, || path.to_owned())
        };
        assert!(check("*.py", "/a/b.py"));
        assert!(!check("a", "/a/b.py"));
        assert!(check("a/*.py", "/x/a/b.py"));
        assert!(check("a/b.py", "/x/a/b.py"));
        assert!(!check("a/b.py", "/x/aa/c.py"));
        assert!(check("/x/*", "/x/aa/c.py"));
        assert!(check("tests/**/doc/test*.py", "/tests/foo/bar/doc/test_foo.py"));
    }
}
