//! Circles of imports: whether a module that is imported imports the importing one in turn.
//!
//! Then it may still run, or may not have begun, when the import runs: which of them it is depends
//! on the module of the circle that is imported first, and that on the test file, the conftests
//! and the order of all imports before. Nothing is said of what a `try` around such an import
//! does. That an import of a circle without a `try` succeeds is taken on trust: otherwise the
//! project's tests could not be collected at all.

use std::sync::Arc;

use compact_str::format_compact;
use fastest_syntax::expr::Expr;
use fastest_syntax::outline::{Arm, ImportFrom, Statement};
use rustc_hash::FxHashSet;

use super::Query;
use super::imports::absolute;
use super::memory::{Kept, Key};
use super::query::Keep;
use crate::world::{File, FileId, Module};

impl Query<'_> {
    /// Whether importing a module from a file may meet that file, half run: whether the module, or
    /// a package around it, imports the file, however many modules are in between.
    ///
    /// Not followed are what is installed, and packages beside the one that holds the file. A
    /// package has always begun to run before its modules do, so that it is never met by itself.
    pub(super) fn imports_back(&self, file: FileId, module: &str) -> bool {
        let Some(own) = self.world.file(file) else { return false };
        if self.is_external(module) || is_above(&own.module, module) {
            return false;
        }
        let packages = module.match_indices('.').map(|(dot, _)| &module[..dot]);
        let others = packages.chain([module]).filter(|package| {
            // What holds the file has begun before it.
            *package != own.module && !is_above(package, &own.module)
        });
        let mut waiting: Vec<FileId> = others.filter_map(|module| self.source(module)).collect();
        let mut seen = FxHashSet::default();
        while let Some(next) = waiting.pop() {
            if next == file {
                return true;
            }
            if seen.insert(next) && self.is_followed(own, next) {
                waiting.extend(self.imported_by(next).iter());
            }
        }
        false
    }

    /// The same for `from module import name`, where the name may be a module, too.
    pub(super) fn name_imports_back(&self, file: FileId, module: &str, name: &str) -> bool {
        if self.is_external(module) {
            return false;
        }
        let may_hold = match self.module(module) {
            Some(Module::Source(file)) => self.is_package(file) && !self.origin(file).0,
            Some(Module::Namespace) => true,
            _ => false,
        };
        may_hold && self.imports_back(file, &format_compact!("{module}.{name}"))
    }

    fn source(&self, module: &str) -> Option<FileId> {
        if self.is_external(module) {
            return None;
        }
        match self.module(module) {
            Some(Module::Source(file)) => Some(file),
            _ => None,
        }
    }

    /// Whether what a file imports is looked at on behalf of another one.
    fn is_followed(&self, own: &File, file: FileId) -> bool {
        let (is_installed, top) = self.origin(file);
        let is_single = self
            .world
            .file(file)
            .is_some_and(|file| !file.is_package && !file.module.contains('.'));
        !is_installed && (is_single || own.module.split('.').next() == Some(top))
    }

    /// The files of the modules that a file's top level imports, in whatever block.
    fn imported_by(&self, file: FileId) -> Arc<[FileId]> {
        self.remember(Key::Imports(file), || {
            let Some(source) = self.world.file(file) else { return Arc::default() };
            let mut found = Found { query: self, source, files: FxHashSet::default() };
            for placed in &source.outline.statements {
                found.statement(&placed.statement);
            }
            found.files.into_iter().collect()
        })
    }
}

/// The modules that statements import.
struct Found<'q, 'w> {
    query: &'q Query<'w>,
    source: &'w File,
    files: FxHashSet<FileId>,
}

impl Found<'_, '_> {
    fn statement(&mut self, statement: &Statement) {
        match statement {
            Statement::Import(aliases) => {
                aliases.iter().for_each(|alias| self.module(&alias.module));
            }
            Statement::ImportFrom(import) => self.import_from(import),
            Statement::Class(class) => class.body.iter().for_each(|within| self.statement(within)),
            Statement::Block(block) => {
                let arms = block.arms.iter().filter(|arm| !is_for_type_checkers(arm));
                arms.flat_map(|arm| &arm.body).for_each(|within| self.statement(within));
            }
            _ => {}
        }
    }

    fn import_from(&mut self, import: &ImportFrom) {
        let Some(module) = absolute(self.source, import) else { return };
        self.module(&module);
        let package = match self.query.world.module(&module) {
            Some(Module::Source(file)) => self.query.is_package(file),
            Some(Module::Namespace) => true,
            _ => false,
        };
        if package {
            for imported in &import.names {
                self.one(&format_compact!("{module}.{}", imported.name.text));
            }
        }
    }

    /// A module, and the packages that it lies in.
    fn module(&mut self, dotted: &str) {
        dotted.match_indices('.').for_each(|(dot, _)| self.one(&dotted[..dot]));
        self.one(dotted);
    }

    fn one(&mut self, dotted: &str) {
        self.files.extend(self.query.source(dotted));
    }
}

fn is_for_type_checkers(arm: &Arm) -> bool {
    let names = |head: &Expr| head.dotted().is_some_and(|name| name.ends_with("TYPE_CHECKING"));
    arm.head.as_ref().is_some_and(names)
}

/// Whether a package holds a module, at whatever depth.
fn is_above(package: &str, module: &str) -> bool {
    module.strip_prefix(package).is_some_and(|rest| rest.starts_with('.'))
}

impl<'w> Keep<'w> for Arc<[FileId]> {
    fn keep(&self) -> Kept<'w> {
        Kept::Imports(Self::clone(self))
    }

    fn take(kept: &Kept<'w>) -> Option<Self> {
        if let Kept::Imports(files) = kept { Some(Self::clone(files)) } else { None }
    }
}
