//! `collect_ignore` and `collect_ignore_glob`: what conftests keep from being collected.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use compact_str::CompactString;
use fastest_syntax::expr::{Call, Expr, ExprKind};
use fastest_syntax::outline::{Arm, ArmKind, Assign, Block, BlockKind, Statement};
use rustc_hash::FxHashMap;

use super::patterns::fnmatch;
use crate::names::{Memory, Query, Record, Scope};
use crate::values::{self, Value};
use crate::world::{FileId, World};

/// Whether a conftest keeps a path from being collected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ignored {
    /// It does not.
    No,
    /// It does.
    Yes,
    /// Only run time can tell; why, as a lowercase fragment.
    Maybe(CompactString),
}

/// The lists of all conftests of a world.
#[derive(Debug, Default)]
pub struct IgnoreLists {
    /// By the conftest's folder.
    paths: FxHashMap<PathBuf, List>,
    globs: FxHashMap<PathBuf, List>,
}

/// What a conftest's list holds.
#[derive(Debug, Default)]
struct List {
    entries: Vec<CompactString>,
    /// Why there may be other entries.
    doubt: Option<CompactString>,
}

impl IgnoreLists {
    /// Reads the conftests of a world. The record says what they import: where modules are wanted,
    /// push them and read again.
    #[must_use]
    pub fn read<'w>(world: &'w World, memory: Arc<Memory<'w>>) -> (Self, Record) {
        let query = Query::with(world, memory, None);
        let mut lists = Self::default();
        for (id, file) in world.files() {
            let Some(folder) = file.path.parent() else { continue };
            if !file.path.ends_with("conftest.py") {
                continue;
            }
            if let Some(list) = read_list(&query, id, "collect_ignore") {
                lists.paths.insert(folder.to_owned(), list);
            }
            if let Some(list) = read_list(&query, id, "collect_ignore_glob") {
                lists.globs.insert(folder.to_owned(), list);
            }
        }
        (lists, query.into_record())
    }

    /// Whether no conftest has a list.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty() && self.globs.is_empty()
    }

    /// Whether a path is ignored by the nearest conftest above it that has an opinion
    /// (`pytest_ignore_collect` of `_pytest/main.py`). The paths that the user named are not
    /// asked about.
    ///
    /// Only the path itself is looked at: ask about each of its folders too.
    #[must_use]
    pub fn of(&self, path: &Path) -> Ignored {
        let by_path = verdict(nearest(&self.paths, path), |entry| entry == path);
        let by_glob = || {
            let text = path.to_string_lossy();
            verdict(nearest(&self.globs, path), |glob| fnmatch(&text, &glob.to_string_lossy()))
        };
        if by_path == Ignored::Yes {
            return by_path;
        }
        match by_glob() {
            Ignored::No => by_path,
            other => other,
        }
    }
}

/// The list of the nearest folder above a path that has one, and that folder.
fn nearest<'l>(lists: &'l FxHashMap<PathBuf, List>, path: &Path) -> Option<(&'l Path, &'l List)> {
    let mut folders = path.ancestors().skip(1);
    folders.find_map(|folder| lists.get_key_value(folder)).map(|(f, list)| (f.as_path(), list))
}

fn verdict(list: Option<(&Path, &List)>, hits: impl Fn(&Path) -> bool) -> Ignored {
    let Some((folder, list)) = list else { return Ignored::No };
    if list.entries.iter().any(|entry| hits(&folder.join(entry))) {
        return Ignored::Yes;
    }
    list.doubt.clone().map_or(Ignored::No, Ignored::Maybe)
}

/// Follows what a conftest's body does to the list; `None` when it has none.
fn read_list(query: &Query<'_>, conftest: FileId, attribute: &str) -> Option<List> {
    let outline = &query.world.file(conftest)?.outline;
    let mut reader = Reader { query, file: conftest, attribute, list: None };
    for placed in &outline.statements {
        reader.statement(&placed.statement, placed.start, true);
    }
    reader.list
}

struct Reader<'a, 'w> {
    query: &'a Query<'w>,
    file: FileId,
    attribute: &'a str,
    list: Option<List>,
}

impl Reader<'_, '_> {
    /// Takes in one statement, which runs for certain or only perhaps.
    fn statement(&mut self, statement: &Statement, base: u32, certain: bool) {
        match statement {
            Statement::Assign(assign) => self.assign(assign, base, certain),
            Statement::Expression(expr) => {
                if let ExprKind::Call(call) = &expr.kind {
                    self.call(call, base, certain);
                }
            }
            Statement::Block(block) => self.block(block, base, certain),
            _ => {}
        }
    }

    fn is_list(&self, expr: &Expr) -> bool {
        matches!(&expr.kind, ExprKind::Name(name) if name == self.attribute)
    }

    fn assign(&mut self, assign: &Assign, base: u32, certain: bool) {
        if !assign.targets.iter().any(|target| self.is_list(target)) {
            return;
        }
        let Some(value) = &assign.value else { return };
        if assign.augmented.is_none() && certain {
            self.list = Some(List::default());
        }
        self.add(value, base, certain);
    }

    /// `collect_ignore.append(x)`, `.extend(xs)`.
    fn call(&mut self, call: &Call, base: u32, certain: bool) {
        let ExprKind::Attribute(value, method) = &call.func.kind else { return };
        if !self.is_list(value) {
            return;
        }
        match (method.as_str(), call.args.as_slice()) {
            ("append", [entry]) => self.add_one(entry, base, certain),
            ("extend", [entries]) => self.add(entries, base, certain),
            _ => self.doubt("the list is computed"),
        }
    }

    fn block(&mut self, block: &Block, base: u32, certain: bool) {
        let mut open = certain;
        for arm in &block.arms {
            let runs = match self.runs(block.kind, arm) {
                Some(false) => continue,
                Some(true) => open,
                None => false,
            };
            for statement in &arm.body {
                self.statement(statement, base, runs);
            }
            if block.kind == BlockKind::If {
                match self.runs(block.kind, arm) {
                    Some(true) => return,
                    Some(false) => {}
                    None => open = false,
                }
            }
        }
    }

    /// Whether an arm runs, as far as it is known, given that none before it did.
    fn runs(&self, kind: BlockKind, arm: &Arm) -> Option<bool> {
        match (kind, arm.kind, &arm.head) {
            (BlockKind::If, ArmKind::Body, Some(condition)) => {
                self.query.decide(Scope::Module(self.file), condition)
            }
            (BlockKind::If | BlockKind::With, _, _) => Some(true),
            (BlockKind::Try, ArmKind::Finally, _) => Some(true),
            _ => None,
        }
    }

    fn add(&mut self, value: &Expr, base: u32, certain: bool) {
        match values::evaluate(self.query, Scope::Module(self.file), base, value) {
            Value::List(elements) | Value::Tuple(elements) | Value::Iterable(_, elements) => {
                for element in elements {
                    self.entry(element.value, certain);
                }
            }
            Value::Unknown(reason) => self.doubt(&reason),
            _ => self.doubt("the list is computed"),
        }
    }

    fn add_one(&mut self, value: &Expr, base: u32, certain: bool) {
        let value = values::evaluate(self.query, Scope::Module(self.file), base, value);
        self.entry(value, certain);
    }

    fn entry(&mut self, value: Value, certain: bool) {
        match value {
            Value::Str(entry) if certain => {
                self.list.get_or_insert_default().entries.push(entry);
            }
            Value::Str(_) => self.doubt("it depends on a condition that only run time can decide"),
            Value::Unknown(reason) => self.doubt(&reason),
            _ => self.doubt("the list is computed"),
        }
    }

    fn doubt(&mut self, reason: &str) {
        let list = self.list.get_or_insert_default();
        list.doubt.get_or_insert_with(|| {
            compact_str::format_compact!("`{}` of a conftest: {reason}", self.attribute)
        });
    }
}
