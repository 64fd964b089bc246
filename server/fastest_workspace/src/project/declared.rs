//! What plugins and conftests declare, found in their texts: options and marks.
//!
//! Declaring is done by code, which is not run. Files are read only when something is asked that
//! nobody else knows, and an answer that the text does not give is none.

use std::path::{Path, PathBuf};

use fastest_index::Index;

use crate::modules::{Found, ModuleFinder};
use crate::walk::Trail;

/// Texts of the conftests, of what they and the test files import, and of the plugins.
pub(super) struct Declarations {
    texts: Vec<String>,
    /// Whether all plugins have a source.
    complete: bool,
}

impl Declarations {
    /// Reads the files.
    pub fn read(index: &Index, finder: &ModuleFinder, trail: &Trail) -> Self {
        let is_test = |id| index.collected(id).is_some();
        let files = index.world().files().filter(|(id, _)| !is_test(*id));
        let mut paths: Vec<PathBuf> = files.map(|(_, file)| file.path.to_path_buf()).collect();
        let mut complete = true;
        for plugin in &index.world().settings.plugins {
            match finder.find(plugin) {
                Found::Source { path, is_package } => {
                    add_plugin(plugin, &path, is_package, &mut paths, trail)
                }
                Found::Binary | Found::Ambiguous => complete = false,
                // The name of an entry point, whose module is listed too.
                Found::Namespace | Found::Absent => {}
            }
        }
        paths.sort_unstable();
        paths.dedup();
        let text = |path: &PathBuf| {
            trail.look(path);
            String::from_utf8_lossy(&std::fs::read(path).ok()?).into_owned().into()
        };
        Self { texts: paths.iter().filter_map(text).collect(), complete }
    }

    /// Whether an option (`--name`, `-n`) may be declared.
    pub fn option(&self, name: &str) -> bool {
        // `argparse.BooleanOptionalAction` makes `--no-name` of `--name`.
        let positive = name.strip_prefix("--no-").map(|rest| format!("--{rest}"));
        !self.complete
            || self.texts.iter().any(|text| {
                is_quoted(text, name) || positive.as_ref().is_some_and(|name| is_quoted(text, name))
            })
    }

    /// Names of marks that are registered; `None` where that cannot be told.
    pub fn marks(&self) -> Option<Vec<String>> {
        if !self.complete {
            return None;
        }
        let mut names = Vec::new();
        for text in &self.texts {
            add_marks(text, &mut names)?;
        }
        Some(names)
    }
}

/// A plugin's module, and everything in its package: declaring may be any module's task there.
fn add_plugin(
    dotted: &str,
    path: &Path,
    is_package: bool,
    paths: &mut Vec<PathBuf>,
    trail: &Trail,
) {
    let up = dotted.matches('.').count() + usize::from(is_package);
    match path.ancestors().nth(up) {
        Some(package) if up > 0 => add_sources(package, paths, trail),
        _ => paths.push(path.to_owned()),
    }
}

fn add_sources(folder: &Path, paths: &mut Vec<PathBuf>, trail: &Trail) {
    trail.look(folder);
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            add_sources(&path, paths, trail);
        } else if path.extension().is_some_and(|extension| extension == "py") {
            paths.push(path);
        }
    }
}

fn is_quoted(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let (before, after) =
            (text[..at].chars().next_back(), text[at + name.len()..].chars().next());
        matches!(before, Some('"' | '\'')) && after == before
    })
}

/// The names in calls of `addinivalue_line("markers", "name(args): text")`; `None` where one is
/// computed.
fn add_marks(text: &str, names: &mut Vec<String>) -> Option<()> {
    // Whoever takes the list may append to it.
    if [r#"getini("markers")"#, "getini('markers')"].iter().any(|call| text.contains(call)) {
        return None;
    }
    for (at, call) in text.match_indices("addinivalue_line(") {
        let (option, rest) = literal(&text[at + call.len()..], "name")?;
        if option.text == "markers" {
            let (line, _) = literal(rest.trim_start().strip_prefix(',')?, "line")?;
            names.push(line.mark_name()?);
        }
    }
    Some(())
}

/// The inside of a string literal, escapes as written.
struct Literal<'t> {
    text: &'t str,
    is_format: bool,
}

impl Literal<'_> {
    fn mark_name(&self) -> Option<String> {
        let end = self.text.find([':', '(']);
        let name = &self.text[..end.unwrap_or(self.text.len())];
        (!self.is_format || (end.is_some() && !name.contains('{'))).then(|| name.trim().to_owned())
    }
}

/// The string literal that an argument is, perhaps given by `keyword`, and what follows it.
fn literal<'t>(text: &'t str, keyword: &str) -> Option<(Literal<'t>, &'t str)> {
    let text = text.trim_start();
    let named = text.strip_prefix(keyword).and_then(|rest| rest.trim_start().strip_prefix('='));
    let text = named.unwrap_or(text).trim_start();
    let quoted = text.trim_start_matches(|c: char| "rRuUfF".contains(c));
    let is_format = text[..text.len() - quoted.len()].contains(['f', 'F']);
    let quote = [r#"""""#, "'''", "\"", "'"].into_iter().find(|quote| quoted.starts_with(quote))?;
    let inside = &quoted[quote.len()..];
    let end = inside.find(quote)?;
    Some((Literal { text: &inside[..end], is_format }, &inside[end + quote.len()..]))
}

#[cfg(test)]
mod tests {
    use super::{add_marks, is_quoted};

    fn check(text: &str, expected: Option<&[&str]>) {
        let mut names = Vec::new();
        let found = add_marks(text, &mut names).map(|()| names);
        let expected = expected.map(|names| names.iter().map(|&name| name.to_owned()).collect());
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn marks_are_read_from_literals() {
        check("config.addinivalue_line('markers', 'slow: takes long')", Some(&["slow"]));
        check(
            "config.addinivalue_line(\n    \"markers\",\n    \"env(name): only there\",\n)",
            Some(&["env"]),
        );
        check("c.addinivalue_line(name='markers', line=f'odd: {text}')", Some(&["odd"]));
        check("c.addinivalue_line('filterwarnings', line)", Some(&[]));
    }

    #[test]
    fn computed_marks_leave_it_open() {
        check("config.addinivalue_line('markers', line)", None);
        check("config.addinivalue_line('markers', f'{name}: text')", None);
        check("config.addinivalue_line(*pair)", None);
    }

    #[test]
    fn options_are_found_whole() {
        assert!(is_quoted("parser.addoption('--all', action='store_true')", "--all"));
        assert!(!is_quoted("parser.addoption('--all-of-it')", "--all"));
    }
}
