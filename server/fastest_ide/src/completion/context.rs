//! What may be written at a cursor, from the text before it.
//!
//! While somebody types, the text is rarely whole; so this looks at characters, not at a tree.

use fastest_model::Span;

/// How far back the beginning of a call or signature is looked for.
const REACH: usize = 4_000;

/// What may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// What is replaced: the word around the cursor, or nothing.
    pub word: Span,
    /// What it is.
    pub kind: ContextKind,
}

/// What kind of name may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ContextKind {
    /// A parameter of the function whose name starts at an offset; the other parameters.
    Parameter {
        /// Where the function's name starts, in bytes from the file's start.
        name_at: u32,
        /// The function's name.
        name: String,
        /// The parameters that are there.
        taken: Vec<String>,
    },
    /// A fixture's name in a string: `usefixtures("…")`, `getfixturevalue("…")`.
    FixtureName {
        /// The names that the call has already.
        taken: Vec<String>,
    },
    /// An argument name of `parametrize`; those that the string has already.
    ArgumentName {
        /// The names that the string has already.
        taken: Vec<String>,
    },
    /// A mark, after `pytest.mark.`.
    Mark,
}

/// What may be written at a place of a text.
#[must_use]
pub fn context(text: &str, offset: u32) -> Option<Context> {
    let at = offset as usize;
    if !text.is_char_boundary(at) {
        return None;
    }
    let word = word(text, at);
    let before = &text[..word.start as usize];
    if before.ends_with("mark.")
        && before[..before.len() - "mark.".len()].ends_with(['.', '@', ' ', '(', '['])
    {
        return Some(Context { word, kind: ContextKind::Mark });
    }
    let kind = match open_string(before) {
        Some(quote) => in_string(before, quote)?,
        None => in_signature(text, before, word.end as usize)?,
    };
    Some(Context { word, kind })
}

fn word(text: &str, at: usize) -> Span {
    let is_word = |c: &char| *c == '_' || c.is_alphanumeric();
    let left: usize = text[..at].chars().rev().take_while(is_word).map(char::len_utf8).sum();
    let right: usize = text[at..].chars().take_while(is_word).map(char::len_utf8).sum();
    let place = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
    Span::new(place(at - left), place(at + right))
}

/// Where the string begins that is open at the end of a text's last line.
fn open_string(before: &str) -> Option<usize> {
    let line = before.rfind('\n').map_or(0, |at| at + 1);
    let mut open: Option<(usize, char)> = None;
    for (at, c) in before[line..].char_indices() {
        match (open, c) {
            (None, '#') => return None,
            (None, '"' | '\'') => open = Some((line + at, c)),
            (Some((_, quote)), c) if c == quote => open = None,
            _ => {}
        }
    }
    open.map(|(at, _)| at)
}

fn in_string(before: &str, quote: usize) -> Option<ContextKind> {
    let open = unmatched(&before[..quote])?;
    let bracket = &before[open..=open];
    // `parametrize(["a", "…"])`
    let call = if bracket == "(" && !callee(&before[..open]).is_empty() {
        open
    } else {
        unmatched(&before[..open]).filter(|outer| &before[*outer..=*outer] == "(")?
    };
    let inside = &before[call + 1..quote];
    match callee(&before[..call]) {
        "usefixtures" => Some(ContextKind::FixtureName { taken: strings(inside) }),
        "getfixturevalue" => Some(ContextKind::FixtureName { taken: Vec::new() }),
        "parametrize" => {
            let named = inside.trim_end();
            let is_first = named.is_empty() || named.ends_with("argnames=") || call != open;
            let mut taken = strings(inside);
            let typed = before[quote + 1..].split(',').map(|name| name.trim().to_owned());
            taken.extend(typed.filter(|name| !name.is_empty()));
            let depth_is_names = call == open || !before[call + 1..open].contains(',');
            (is_first && depth_is_names).then_some(ContextKind::ArgumentName { taken })
        }
        _ => None,
    }
}

fn in_signature(text: &str, before: &str, end: usize) -> Option<ContextKind> {
    let open = unmatched(before).filter(|open| &before[*open..=*open] == "(")?;
    let name = callee(&before[..open]);
    let name_at = open - (before[..open].len() - before[..open].trim_end().len()) - name.len();
    let keyword = before[..name_at].trim_end();
    let is_def = !name.is_empty()
        && keyword.ends_with("def")
        && !keyword[..keyword.len() - 3].ends_with(|c: char| c.is_alphanumeric() || c == '_');
    let own = before[open + 1..].rsplit(',').next()?;
    if !is_def || own.contains([':', '=', '#', '*']) {
        return None;
    }
    let after = text[end..].find(')').map_or("", |close| &text[end..end + close]);
    let others =
        format!("{},{}", &before[open + 1..], after.split_once(',').map_or("", |(_, a)| a));
    let taken = others.split(',').filter_map(parameter).collect();
    Some(ContextKind::Parameter {
        name_at: u32::try_from(name_at).unwrap_or(u32::MAX),
        name: name.to_owned(),
        taken,
    })
}

/// The name of a parameter, from its text.
fn parameter(text: &str) -> Option<String> {
    let text = text.trim_start_matches(|c: char| c.is_whitespace() || c == '*');
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
}

/// The name that is called before an opening parenthesis: the last one of `a.b.c`.
fn callee(before: &str) -> &str {
    let before = before.trim_end();
    let is_word = |c: char| c == '_' || c.is_alphanumeric();
    let start = before
        .rfind(|c| !is_word(c))
        .map_or(0, |at| at + before[at..].chars().next().map_or(1, char::len_utf8));
    &before[start..]
}

/// The string literals of a text.
fn strings(text: &str) -> Vec<String> {
    let mut parts = text.split(['"', '\'']);
    let mut found = Vec::new();
    while let (Some(_), Some(inside)) = (parts.next(), parts.next()) {
        found.push(inside.to_owned());
    }
    found
}

/// Where the innermost bracket is that is open at the end of a text.
fn unmatched(text: &str) -> Option<usize> {
    let reach = text.len().saturating_sub(REACH);
    let mut depth = 0_usize;
    let mut quote: Option<char> = None;
    for (at, c) in text.char_indices().rev().take_while(|(at, _)| *at >= reach) {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (Some(_), '\n') => quote = None,
            (Some(_), _) => {}
            (None, '"' | '\'') => quote = Some(c),
            (None, ')' | ']' | '}') => depth += 1,
            (None, '(' | '[' | '{') if depth == 0 => return Some(at),
            (None, '(' | '[' | '{') => depth -= 1,
            _ => {}
        }
    }
    None
}
