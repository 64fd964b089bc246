//! Names and globs: `python_functions`, `python_classes`, and `fnmatch`.

/// Whether a name fits one of the prefixes or globs of ini `python_functions` or
/// `python_classes` (`PyCollector._matches_prefix_or_glob_option`).
#[must_use]
pub fn matches_prefix_or_glob(name: &str, patterns: &[String]) -> bool {
    patterns.iter().any(|pattern| {
        name.starts_with(pattern.as_str())
            || (pattern.contains(['*', '?', '[']) && fnmatch(name, pattern))
    })
}

/// Python's `fnmatch.fnmatchcase`: `*`, `?`, `[seq]` and `[!seq]`; an unclosed `[` is itself.
///
/// `*` matches separators too, as in Python.
#[must_use]
pub fn fnmatch(name: &str, pattern: &str) -> bool {
    let name: Vec<char> = name.chars().collect();
    let pattern: Vec<char> = pattern.chars().collect();
    let (mut n, mut p) = (0, 0);
    // The last `*` and the place in the name from which it would take one more character.
    let mut star: Option<(usize, usize)> = None;
    while n < name.len() {
        if pattern.get(p) == Some(&'*') {
            star = Some((p + 1, n));
            p += 1;
            continue;
        }
        if let Some(next) = match_one(&pattern, p, name[n]) {
            n += 1;
            p = next;
            continue;
        }
        let Some((after, from)) = star else { return false };
        star = Some((after, from + 1));
        p = after;
        n = from + 1;
    }
    pattern[p..].iter().all(|&c| c == '*')
}

/// Where the pattern goes on after matching one character, if it does match.
fn match_one(pattern: &[char], p: usize, c: char) -> Option<usize> {
    match *pattern.get(p)? {
        '?' => Some(p + 1),
        '[' => match bracket_end(pattern, p) {
            Some(end) => bracket_matches(&pattern[p + 1..end], c).then_some(end + 1),
            None => (c == '[').then_some(p + 1),
        },
        literal => (literal == c).then_some(p + 1),
    }
}

/// The index of the `]` that closes the `[` at `p`; one right after `[` or `[!` is literal.
fn bracket_end(pattern: &[char], p: usize) -> Option<usize> {
    let mut at = p + 1;
    if pattern.get(at) == Some(&'!') {
        at += 1;
    }
    if pattern.get(at) == Some(&']') {
        at += 1;
    }
    (at..pattern.len()).find(|&i| pattern[i] == ']')
}

fn bracket_matches(set: &[char], c: char) -> bool {
    let (negated, set) = match set.split_first() {
        Some(('!', rest)) => (true, rest),
        _ => (false, set),
    };
    let mut found = false;
    let mut i = 0;
    while i < set.len() {
        if i + 2 < set.len() && set[i + 1] == '-' {
            found |= set[i] <= c && c <= set[i + 2];
            i += 3;
        } else {
            found |= set[i] == c;
            i += 1;
        }
    }
    found != negated
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_are_pythons() {
        for (pattern, yes, no) in [
            ("test_*", "test_a", "atest_a"),
            ("*_check", "a_check", "a_checks"),
            ("t?st", "test", "teest"),
            ("[!a]x", "bx", "ax"),
            ("[a-c]x", "bx", "dx"),
            ("[]]", "]", "["),
            ("a[b", "a[b", "ab"),
            ("*a*b*", "xxaxxbxx", "xxbxxa"),
        ] {
            assert!(fnmatch(yes, pattern), "{pattern} {yes}");
            assert!(!fnmatch(no, pattern), "{pattern} {no}");
        }
    }

    #[test]
    fn prefixes_need_no_glob() {
        let patterns = ["check".to_owned(), "*_spec".to_owned()];
        assert!(matches_prefix_or_glob("checks_a", &patterns));
        assert!(matches_prefix_or_glob("a_spec", &patterns));
        assert!(!matches_prefix_or_glob("a_check", &patterns));
    }
}
