//! What a name denotes at run time, as far as the sources tell.
//!
//! A module's or class's namespace is what its `__dict__` would hold once it is imported, in the
//! order of that `dict` (a name keeps its first place when it is bound again; the last binding
//! wins). What cannot be known is [`Definition::Unknown`] with a reason, never a guess.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

use compact_str::CompactString;
use fastest_model::Span;
use fastest_syntax::expr::Expr;
use fastest_syntax::outline::{Class, Function};
use rustc_hash::FxHashSet;

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

/// A function where it is defined.
#[derive(Clone, Copy, Debug)]
pub struct FunctionRef<'w> {
    /// The file.
    pub file: FileId,
    /// Where the top-level statement that holds it starts: the origin of its spans.
    pub base: u32,
    /// The function.
    pub function: &'w Function,
    /// The class whose body defines it.
    pub owner: Option<&'w Class>,
}

/// A class where it is defined.
#[derive(Clone, Copy, Debug)]
pub struct ClassRef<'w> {
    /// The file.
    pub file: FileId,
    /// Where the top-level statement that holds it starts: the origin of its spans.
    pub base: u32,
    /// The class.
    pub class: &'w Class,
}

/// A name's value, not yet evaluated.
#[derive(Clone, Copy, Debug)]
pub struct ValueRef<'w> {
    /// Where names within the expression are looked up.
    pub scope: Scope<'w>,
    /// Where the top-level statement that holds it starts: the origin of its spans.
    pub base: u32,
    /// The expression.
    pub expr: &'w Expr,
    /// For a name bound by unpacking (`a, b = pair`): its index in the value.
    pub unpack: Option<usize>,
}

/// Where names are looked up: a class body sees its own names, then the module's.
#[derive(Clone, Copy, Debug)]
pub enum Scope<'w> {
    /// At the top level of a file.
    Module(FileId),
    /// In the body of a class.
    Class(ClassRef<'w>),
}

/// What a name denotes.
#[derive(Clone, Debug)]
pub enum Definition<'w> {
    /// A function of a source file.
    Function(FunctionRef<'w>),
    /// A class of a source file.
    Class(ClassRef<'w>),
    /// A module, by its dotted name.
    Module(CompactString),
    /// An assigned value that nothing changes after.
    Value(ValueRef<'w>),
    /// A name that a `from` import binds, **not looked into yet**: namespaces hold it as it is, so
    /// that reading one module's namespace reads no other module. [`Query::resolve`] and
    /// [`Query::follow`] look into it, on demand, one module at a time, and never return it.
    ///
    /// This laziness is what keeps discovery from reading half of site-packages: only a name that
    /// somebody asks about makes its module wanted. (A `try` around an import asks whether the
    /// module exists; a star import needs the module's names.)
    Imported {
        /// The absolute dotted name of the module.
        module: CompactString,
        /// The name in it, or a submodule's.
        name: CompactString,
    },
    /// Something outside of the sources that are read, by its canonical dotted name:
    /// `builtins.int`, `pytest.mark.skip`, `unittest.TestCase`, `decimal.Decimal`.
    ///
    /// Modules whose public names are known by heart are external although their source is on
    /// disk: the standard library and pytest itself.
    External(CompactString),
    /// It cannot be known; why, as a lowercase fragment for people.
    Unknown(CompactString),
}

/// A bound name.
#[derive(Clone, Debug)]
pub struct Binding<'w> {
    /// What it denotes.
    pub definition: Definition<'w>,
    /// Whether it is bound for certain; if not, why, as a lowercase fragment for people
    /// (`defined under a condition that only run time can decide`).
    pub doubt: Option<CompactString>,
    /// Where it was last bound: the name's span and the origin of that span. `None` for star
    /// imports.
    pub place: Option<(u32, Span)>,
}

/// A module's or class's names in the order of its `__dict__`.
#[derive(Clone, Debug, Default)]
pub struct Namespace<'w> {
    /// Names and what they are bound to.
    pub names: Vec<(CompactString, Binding<'w>)>,
    /// Why there may be further names, as a lowercase fragment for people: a star import from a
    /// module of unknown content, `globals()[…] = …`, `setattr`, an `exec`.
    pub open: Option<CompactString>,
}

/// A class of a method resolution order.
#[derive(Clone, Debug)]
pub enum MroEntry<'w> {
    /// A class of a source file.
    Class(ClassRef<'w>),
    /// A class outside of the sources, by its canonical dotted name; `builtins.object` is last.
    External(CompactString),
}
