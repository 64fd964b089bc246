//! Import hooks of editable installs, read without running them.
//!
//! - setuptools: `__editable___NAME_VERSION_finder.py` has `MAPPING: dict[str, str] = {…}`;
//! - `editables` (hatchling, pdm-backend): `_editable_impl_NAME.py` calls
//!   `F.map_module('name', '/path')`;
//! - scikit-build-core: `_NAME_editable.py` calls `install({'name': '/path', …}, …)`.

use std::path::{Path, PathBuf};

use fastest_syntax::expr::{Call, Expr, ExprKind};
use fastest_syntax::outline::{Assign, Outline, Statement};

/// A module that an import hook maps to a place on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Editable {
    /// Its dotted name; modules below it are below its place.
    pub module: String,
    /// A package's directory, or a file with or without its `.py`.
    pub path: PathBuf,
}

/// What a hook's module maps; nothing if it is of no kind that we know.
pub(super) fn read(file: &Path) -> Vec<Editable> {
    match std::fs::read_to_string(file) {
        Ok(text) => of_outline(&fastest_syntax::scan(&text)),
        Err(_) => Vec::new(),
    }
}

fn of_outline(outline: &Outline) -> Vec<Editable> {
    outline
        .statements
        .iter()
        .flat_map(|placed| match &*placed.statement {
            Statement::Assign(assign) => of_assignment(assign),
            Statement::Expression(Expr { kind: ExprKind::Call(call), .. }) => of_call(call),
            _ => Vec::new(),
        })
        .collect()
}

fn of_assignment(assign: &Assign) -> Vec<Editable> {
    let is_mapping =
        |target: &Expr| matches!(&target.kind, ExprKind::Name(name) if name == "MAPPING");
    match &assign.value {
        Some(value) if assign.targets.iter().any(is_mapping) => of_dict(value),
        _ => Vec::new(),
    }
}

fn of_call(call: &Call) -> Vec<Editable> {
    match (&call.func.kind, call.args.as_slice()) {
        (ExprKind::Name(name), [files, ..]) if name == "install" => of_dict(files),
        (ExprKind::Attribute(_, name), [module, path]) if name == "map_module" => {
            pair(module, path).into_iter().collect()
        }
        _ => Vec::new(),
    }
}

fn of_dict(value: &Expr) -> Vec<Editable> {
    let ExprKind::Dict(items) = &value.kind else { return Vec::new() };
    items.iter().filter_map(|(key, value)| pair(key.as_ref()?, value)).collect()
}

fn pair(module: &Expr, path: &Expr) -> Option<Editable> {
    match (&module.kind, &path.kind) {
        (ExprKind::Str(module), ExprKind::Str(path)) => {
            Some(Editable { module: module.to_string(), path: PathBuf::from(path.as_str()) })
        }
        _ => None,
    }
}
