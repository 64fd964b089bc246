//! Fixtures that are requested by name at run time: `request.getfixturevalue("name")`.

use fastest_model::Span;

const CALL: &str = "getfixturevalue";

/// A fixture's name in a call of `getfixturevalue`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dynamic<'t> {
    /// The name.
    pub name: &'t str,
    /// Where it stands, in bytes from the text's start.
    pub span: Span,
}

/// The literal names in a text. Calls in comments are left out.
pub fn requests(text: &str) -> impl Iterator<Item = Dynamic<'_>> {
    memchr::memmem::find_iter(text.as_bytes(), CALL).filter_map(move |at| {
        let line = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        if text[line..at].trim_start().starts_with('#') {
            return None;
        }
        let rest = &text[at + CALL.len()..];
        let inside = rest.strip_prefix('(')?.trim_start();
        let keyword = inside.strip_prefix("argname").map(str::trim_start);
        let inside = keyword.and_then(|rest| rest.strip_prefix('=')).unwrap_or(inside).trim_start();
        let quote = inside.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let name = inside[1..].split(quote).next()?;
        let start = text.len() - inside.len() + 1;
        let is_name = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        let place = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
        is_name.then(|| Dynamic { name, span: Span::new(place(start), place(start + name.len())) })
    })
}
