//! The modules that files import at their top level.
//!
//! They are found before anything is collected. Otherwise each would be wanted by the files that
//! import it, and these be collected a second time.

use std::collections::BTreeSet;

use compact_str::{CompactString, format_compact};
use fastest_index::names::stdlib::is_stdlib;
use fastest_index::world::File;
use fastest_syntax::outline::{ImportFrom, Outline, Placed, Statement};

/// Which of a module's statements are imports.
pub(super) fn places(outline: &Outline) -> Vec<u32> {
    let is_import = |placed: &Placed| {
        matches!(*placed.statement, Statement::Import(_) | Statement::ImportFrom(_))
    };
    let statements = (0..).zip(&outline.statements);
    statements.filter(|(_, placed)| is_import(placed)).map(|(at, _)| at).collect()
}

/// Absolute dotted names of what a file imports, by its [`places`], and of the packages of tests
/// that it lies in, each with the packages above it. What is known by heart (the standard library,
/// pytest) is left out.
pub(super) fn add(file: &File, places: &[u32], names: &mut BTreeSet<CompactString>) {
    add_packages(&file.module, names);
    for placed in places.iter().filter_map(|&at| file.outline.statements.get(at as usize)) {
        match &*placed.statement {
            Statement::Import(aliases) => {
                aliases.iter().for_each(|alias| add_name(&alias.module, names));
            }
            Statement::ImportFrom(import) => {
                if let Some(module) = absolute(file, import) {
                    add_name(&module, names);
                }
            }
            _ => {}
        }
    }
}

fn add_packages(module: &str, names: &mut BTreeSet<CompactString>) {
    // Most files lie in the package of another one, of which all is said.
    let package = module.rsplit_once('.').map_or("", |(package, _)| package);
    if names.contains(package) {
        return;
    }
    for (dot, _) in module.match_indices('.') {
        if module[..dot].contains("test") {
            add_name(&module[..dot], names);
        }
    }
}

fn add_name(dotted: &str, names: &mut BTreeSet<CompactString>) {
    let top = dotted.split('.').next().unwrap_or(dotted);
    if dotted.is_empty() || matches!(top, "pytest" | "_pytest") || is_stdlib(top) {
        return;
    }
    let dots = dotted.match_indices('.').map(|(dot, _)| &dotted[..dot]);
    names.extend(dots.chain([dotted]).map(CompactString::from));
}

/// The absolute name of what a `from` import names.
pub(super) fn absolute(file: &File, import: &ImportFrom) -> Option<CompactString> {
    if import.level == 0 {
        return Some(import.module.clone());
    }
    let up = import.level as usize - usize::from(file.is_package);
    let mut package = file.module.as_str();
    for _ in 0..up {
        package = package.rsplit_once('.')?.0;
    }
    Some(match import.module.as_str() {
        "" => package.into(),
        module => format_compact!("{package}.{module}"),
    })
}
