//! INI files in the dialect of the `iniconfig` package, which pytest reads them with.

use std::path::Path;

use super::python_text::quoted;
use crate::options::UsageError;

/// A section with its entries, in the file's order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    /// What stands between the brackets.
    pub name: String,
    /// Names and values; the lines of a value are joined by newlines.
    pub entries: Vec<(String, String)>,
}

/// What is wrong with an INI file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The line, counted from 1.
    pub line: usize,
    /// What is wrong, in iniconfig's words.
    pub message: String,
}

impl Fault {
    /// The error as pytest prints it.
    #[must_use]
    pub fn in_file(&self, path: &Path) -> UsageError {
        UsageError::new(format!("{}:{}: {}", path.display(), self.line, self.message))
    }
}

/// The sections of a file.
///
/// # Errors
/// Lines outside a section, names given twice, lines that are neither a section nor a value.
pub fn parse(text: &str) -> Result<Vec<Section>, Fault> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let mut parser = Parser::default();
    for (index, line) in lines(text).enumerate() {
        parser.line(line).map_err(|message| Fault { line: index + 1, message })?;
    }
    Ok(parser.sections)
}

/// The lines that Python's `str.splitlines` sees.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    let breaks = |c: char| {
        matches!(
            c,
            '\n' | '\r' | '\x0b' | '\x0c' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}'
        )
    };
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest.filter(|text| !text.is_empty())?;
        let Some(at) = text.find(breaks) else {
            rest = None;
            return Some(text);
        };
        let width = if text[at..].starts_with("\r\n") {
            2
        } else {
            text[at..].chars().next().map_or(1, char::len_utf8)
        };
        rest = Some(&text[at + width..]);
        Some(&text[..at])
    })
}

#[derive(Default)]
struct Parser {
    sections: Vec<Section>,
    /// Whether the last line that said something was a value, so that it may go on.
    in_value: bool,
}

impl Parser {
    fn line(&mut self, line: &str) -> Result<(), String> {
        let comment = line.trim_start().starts_with(['#', ';']);
        let line = if comment { "" } else { line.trim_end() };
        if line.is_empty() {
            return Ok(());
        }
        if line.starts_with('[') {
            return match section_name(line) {
                Some(name) => self.section(name),
                None => self.continuation(line),
            };
        }
        if line.starts_with(char::is_whitespace) {
            return self.continuation(line.trim());
        }
        let (name, value) =
            split(line).ok_or_else(|| format!("unexpected line: {}", quoted(line)))?;
        self.entry(name.trim(), value.trim())
    }

    fn section(&mut self, name: &str) -> Result<(), String> {
        if name.is_empty() {
            return Err("empty section name".to_owned());
        }
        if self.sections.iter().any(|section| section.name == name) {
            return Err(format!("duplicate section '{name}'"));
        }
        self.in_value = false;
        self.sections.push(Section { name: name.to_owned(), entries: Vec::new() });
        Ok(())
    }

    fn entry(&mut self, name: &str, value: &str) -> Result<(), String> {
        let section = self.sections.last_mut().ok_or("no section header defined")?;
        if section.entries.iter().any(|(known, _)| known == name) {
            return Err(format!("duplicate name '{name}'"));
        }
        self.in_value = true;
        section.entries.push((name.to_owned(), value.to_owned()));
        Ok(())
    }

    fn continuation(&mut self, more: &str) -> Result<(), String> {
        let entry = self.sections.last_mut().and_then(|section| section.entries.last_mut());
        let (_, value) = entry.filter(|_| self.in_value).ok_or("unexpected value continuation")?;
        if !value.is_empty() {
            value.push('\n');
        }
        value.push_str(more);
        Ok(())
    }
}

/// `[name]`, perhaps with a comment after it.
fn section_name(line: &str) -> Option<&str> {
    let bare = line.split('#').next()?.trim_end().split(';').next()?.trim_end();
    bare.strip_prefix('[')?.strip_suffix(']')
}

/// A name and a value; `=` separates them unless a `:` comes before it.
fn split(line: &str) -> Option<(&str, &str)> {
    line.split_once('=').filter(|(name, _)| !name.contains(':')).or_else(|| line.split_once(':'))
}
