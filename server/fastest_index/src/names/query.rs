//! Asking a world what names denote, and what asking looked at.

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::Rc;

use compact_str::{CompactString, format_compact};
use rustc_hash::{FxHashMap, FxHashSet};

use super::body::Progress;
use super::{ClassRef, Definition, MroEntry, Namespace, external};
use crate::world::{FileId, Module, World};

/// How many questions may wait for one another. Each takes a few hundred bytes to some kilobytes
/// of stack, and rayon's threads have 2 MiB; chains of re-exports in real projects stay under 20.
const MAX_DEPTH: u32 = 100;

/// One question to a [`World`], and a record of what answering it looked at.
///
/// Not shared between threads: make one for each file that is collected. Namespaces are computed
/// once for each query.
pub struct Query<'w> {
    /// What is asked.
    pub world: &'w World,
    record: RefCell<Record>,
    bodies: RefCell<FxHashMap<BodyKey, Progress<'w>>>,
    pub(super) orders: RefCell<FxHashMap<BodyKey, Order<'w>>>,
    pub(super) importable: RefCell<FxHashMap<FileId, Option<bool>>>,
    depth: Cell<u32>,
}

/// A method resolution order, or why it cannot be known.
pub(super) type Order<'w> = Result<Rc<[MroEntry<'w>]>, CompactString>;

/// A module (`None`) or class (the offset of its first byte) of a file.
pub(super) type BodyKey = (FileId, Option<u32>);

/// What answering a query looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Record {
    /// Files whose outlines were read.
    pub files: FxHashSet<FileId>,
    /// Dotted names that were imported, whatever came of it.
    pub modules: BTreeSet<CompactString>,
    /// Those of them of which the world knows nothing yet: push them and ask again.
    pub wanted: BTreeSet<CompactString>,
}

/// A level of questions; leaving it is dropping it.
pub(super) struct Level<'q>(&'q Cell<u32>);

impl Drop for Level<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl<'w> Query<'w> {
    /// A question that has looked at nothing yet.
    #[must_use]
    pub fn new(world: &'w World) -> Self {
        Self {
            world,
            record: RefCell::default(),
            bodies: RefCell::default(),
            orders: RefCell::default(),
            importable: RefCell::default(),
            depth: Cell::new(0),
        }
    }

    /// What answering looked at.
    #[must_use]
    pub fn into_record(self) -> Record {
        self.record.into_inner()
    }

    /// The namespace of a file's module, once it has run. Its `Imported` definitions are not
    /// followed: see [`Query::follow`].
    #[must_use]
    pub fn module_namespace(&self, file: FileId) -> Rc<Namespace<'w>> {
        Self::finished(self.module_body(file))
    }

    /// The namespace of a class's own body, without its bases.
    #[must_use]
    pub fn class_namespace(&self, class: ClassRef<'w>) -> Rc<Namespace<'w>> {
        Self::finished(self.class_body(class))
    }

    /// Of a body that still runs nothing can be said in the end; only questions from within it
    /// meet one.
    fn finished(progress: Progress<'w>) -> Rc<Namespace<'w>> {
        match progress {
            Progress::Done(namespace) => namespace,
            Progress::Running(_) => Rc::new(Namespace {
                open: Some("its imports go in a circle".into()),
                ..Namespace::default()
            }),
        }
    }

    pub(super) fn module_body(&self, file: FileId) -> Progress<'w> {
        let key = (file, None);
        if let Some(progress) = self.bodies.borrow().get(&key) {
            return progress.clone();
        }
        self.record.borrow_mut().files.insert(file);
        self.run_module(file)
    }

    pub(super) fn class_body(&self, class: ClassRef<'w>) -> Progress<'w> {
        let key = class.key();
        if let Some(progress) = self.bodies.borrow().get(&key) {
            return progress.clone();
        }
        self.run_class(class)
    }

    pub(super) fn set_progress(&self, key: BodyKey, progress: Progress<'w>) {
        self.bodies.borrow_mut().insert(key, progress);
    }

    /// One level deeper; `None` when questions wait for one another without end.
    pub(super) fn enter(&self) -> Option<Level<'_>> {
        let depth = self.depth.get();
        (depth < MAX_DEPTH).then(|| {
            self.depth.set(depth + 1);
            Level(&self.depth)
        })
    }

    /// What importing a dotted name gives; `None` while the world has no answer, which makes the
    /// name wanted.
    pub(super) fn module(&self, dotted: &str) -> Option<Module> {
        let answer = self.world.module(dotted);
        let mut record = self.record.borrow_mut();
        if !record.modules.contains(dotted) {
            record.modules.insert(dotted.into());
            if answer.is_none() {
                record.wanted.insert(dotted.into());
            }
        }
        answer
    }

    /// Whether a module is known by heart, and not the project's own of that name.
    pub(super) fn is_external(&self, dotted: &str) -> bool {
        external::is_external(dotted, self.minor(), &self.world.settings.platform)
            && !matches!(self.world.module(dotted), Some(Module::Source(_) | Module::Namespace))
    }

    /// The minor version of Python 3.
    pub(super) fn minor(&self) -> u16 {
        let (major, minor) = self.world.settings.python;
        if major == 3 { minor } else { 0 }
    }

    /// What `import dotted` gives: a `Module`, or `Unknown` when there is none.
    #[must_use]
    pub fn import_module(&self, dotted: &str) -> Definition<'w> {
        if self.is_external(dotted) {
            return Definition::Module(external::canonical(dotted));
        }
        match self.module(dotted) {
            Some(Module::Source(_) | Module::Namespace | Module::Binary) => {
                Definition::Module(dotted.into())
            }
            answer => Definition::Unknown(unavailable(dotted, answer)),
        }
    }
}

/// Why nothing can be said of a module.
pub(super) fn unavailable(dotted: &str, answer: Option<Module>) -> CompactString {
    match answer {
        None => format_compact!("module `{dotted}` is not loaded yet"),
        Some(Module::Absent) => format_compact!("there is no module `{dotted}`"),
        Some(Module::Ambiguous) => format_compact!("more than one file could be `{dotted}`"),
        Some(_) => format_compact!("module `{dotted}` has no Python source"),
    }
}

impl ClassRef<'_> {
    /// What tells the class from all others.
    pub(super) fn key(&self) -> BodyKey {
        (self.file, Some(self.base + self.class.span.start))
    }
}
