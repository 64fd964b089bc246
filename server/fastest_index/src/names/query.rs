//! Asking a world what names denote, and what asking looked at.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use compact_str::CompactString;
use fastest_syntax::expr::Expr;
use rustc_hash::FxHashSet;

use super::{Binding, ClassRef, Definition, Halt, MroEntry, Namespace, Scope};
use crate::world::{FileId, World};

/// One question to a [`World`], and a record of what answering it looked at.
///
/// Not shared between threads: make one for each file that is collected. Namespaces are computed
/// once for each query.
pub struct Query<'w> {
    /// What is asked.
    pub world: &'w World,
    record: RefCell<Record>,
}

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

impl<'w> Query<'w> {
    /// A question that has looked at nothing yet.
    #[must_use]
    pub fn new(world: &'w World) -> Self {
        Self { world, record: RefCell::default() }
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
        let _ = file;
        Rc::default()
    }

    /// The namespace of a class's own body, without its bases.
    #[must_use]
    pub fn class_namespace(&self, class: ClassRef<'w>) -> Rc<Namespace<'w>> {
        let _ = class;
        Rc::default()
    }

    /// Follows an import, or a value that is only another name (`alias = other`), to what it
    /// denotes in the end. Never gives `Imported`.
    #[must_use]
    pub fn follow(&self, definition: &Definition<'w>) -> Definition<'w> {
        definition.clone()
    }

    /// The first import at the top level of a file that certainly fails, as the error that it is.
    #[must_use]
    pub fn missing_import(&self, file: FileId) -> Option<Halt> {
        let _ = file;
        None
    }

    /// What a name denotes in a scope: names of the class, then of the module, then built-in
    /// ones (`builtins.int`, external). Followed to the end.
    #[must_use]
    pub fn lookup(&self, scope: Scope<'w>, name: &str) -> Option<Binding<'w>> {
        let _ = (scope, name);
        None
    }

    /// What an expression made of names and attributes denotes. Followed to the end; `Unknown` for every
    /// other expression.
    #[must_use]
    pub fn resolve(&self, scope: Scope<'w>, expr: &Expr) -> Definition<'w> {
        let _ = (scope, expr);
        Definition::Unknown("not looked up".into())
    }

    /// What an attribute of something denotes. Followed to the end.
    #[must_use]
    pub fn attribute(&self, of: &Definition<'w>, name: &str) -> Definition<'w> {
        let _ = (of, name);
        Definition::Unknown("not looked up".into())
    }

    /// What `import dotted` gives: a `Module`, or `Unknown` when there is none.
    #[must_use]
    pub fn import_module(&self, dotted: &str) -> Definition<'w> {
        Definition::Module(dotted.into())
    }

    /// A class's method resolution order, itself first and `builtins.object` last.
    ///
    /// # Errors
    ///
    /// Why it cannot be known, as a lowercase fragment for people.
    pub fn mro(&self, class: ClassRef<'w>) -> Result<Vec<MroEntry<'w>>, CompactString> {
        Ok(vec![MroEntry::Class(class)])
    }

    /// What an attribute of a class denotes, bases included. Followed to the end.
    #[must_use]
    pub fn class_attribute(&self, class: ClassRef<'w>, name: &str) -> Option<Binding<'w>> {
        let _ = (class, name);
        None
    }

    /// Whether a class derives from a class outside of the sources, given by its canonical
    /// dotted name (`unittest.TestCase`); `None` when that cannot be known.
    #[must_use]
    pub fn is_subclass(&self, class: ClassRef<'w>, ancestor: &str) -> Option<bool> {
        let _ = (class, ancestor);
        None
    }

    /// Whether a condition holds, as far as it is about the platform, the version of Python,
    /// which modules there are, constants, and names bound to such.
    #[must_use]
    pub fn decide(&self, scope: Scope<'w>, expr: &Expr) -> Option<bool> {
        let _ = (scope, expr);
        None
    }
}
