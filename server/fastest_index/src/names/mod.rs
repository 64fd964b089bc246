//! What a name denotes at run time, as far as the sources tell.
//!
//! A module's or class's namespace is what its `__dict__` would hold once it is imported, in the
//! order of that `dict` (a name keeps its first place when it is bound again; the last binding
//! wins). What cannot be known is [`Definition::Unknown`] with a reason, never a guess.
//!
//! Not known here: what functions do when they are called (their bodies are not looked into), so
//! a global that some function changes is taken as it was written.
//!
//! Reading order: `query` (asking), `memory` and `frames` (what is remembered, and for whom),
//! `circles` (modules that import one another), `namespace` (running a body;
//! its statements in `blocks`, `changes`, `imports`, `outcomes`), `conditions`, `lookup`, `mro`,
//! `stops`, and what is known by heart in `external` and [`stdlib`].

use compact_str::CompactString;
use fastest_model::Span;
use fastest_syntax::expr::Expr;
use fastest_syntax::outline::{Class, Function};
use rustc_hash::FxHashMap;

use crate::world::FileId;

mod blocks;
mod body;
mod builtins;
mod changes;
mod circles;
mod conditions;
mod difference;
mod external;
mod frames;
mod imports;
mod lookup;
mod memory;
mod mro;
mod namespace;
mod outcomes;
mod places;
mod query;
mod record;
pub mod stdlib;
mod stops;

pub(crate) use difference::Difference;
pub(crate) use frames::Trace;
pub use memory::Memory;
pub(crate) use memory::{Kept, Key};
use places::Places;
pub(crate) use query::Keep;
pub use query::Query;
pub(crate) use record::Reads;
pub use record::{Record, Touched};

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
    /// The class whose body defines it.
    pub owner: Option<&'w Class>,
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
    /// At the top level of a file, once all of it has run.
    Module(FileId),
    /// At the top level of a file, when the expression at this offset (in bytes from the file's
    /// start) runs: what is bound further down is not bound yet.
    Before(FileId, u32),
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
    /// Names and what they are bound to at the end. Imports are not followed: see
    /// [`Query::follow`].
    pub names: Vec<(CompactString, Binding<'w>)>,
    /// Why there may be further names, as a lowercase fragment for people: a star import from a
    /// module of unknown content, `globals()[…] = …`, `setattr`, an `exec`.
    pub open: Option<CompactString>,
    /// Why the body does not run to its end: what comes after was left out.
    pub halts: Option<Halt>,
    /// Dotted names of the modules that the body certainly imports, outside of `try`; see
    /// [`Query::missing_import`].
    pub imports: Vec<CompactString>,
    /// Attributes that the body sets on functions, classes and modules, in order
    /// (`TestCase.__test__ = False`, `setattr(TestX, "test_y", …)`).
    pub changes: Vec<Change<'w>>,
    /// Classes of the body that are handed to functions which may change them.
    pub handed: Vec<Handed<'w>>,
    /// Whether the body changes what can be imported (`sys.path`, `sys.modules`): that a module
    /// is absent is not certain from there on.
    pub changes_imports: bool,
    /// Modules outside of the sources of which all public names are bound, too
    /// (`from math import *`).
    stars: Vec<CompactString>,
    /// Imports under `if TYPE_CHECKING:`. Where the module makes its attributes itself
    /// (`__getattr__`), they say what it makes.
    declared: FxHashMap<CompactString, Definition<'w>>,
    /// Modules that are star-imported under `if TYPE_CHECKING:`.
    declared_stars: Vec<CompactString>,
    /// For each of `names` the offset from which on it is bound so.
    since: Vec<u32>,
    /// Where a name is in `names`.
    places: Places,
    /// For names that are bound more than once: all bindings in order.
    history: FxHashMap<CompactString, Vec<Past<'w>>>,
}

/// What a name was bound to between two offsets of the file.
#[derive(Clone, Debug)]
struct Past<'w> {
    since: u32,
    until: u32,
    binding: Binding<'w>,
}

/// An attribute that is set from outside (`object.attribute = value`).
#[derive(Clone, Debug)]
pub struct Change<'w> {
    /// The expression that gives the object, as a dotted name (`TestX`, `helpers.Case`).
    pub object: CompactString,
    /// The attribute; `None` when its name is computed.
    pub attribute: Option<CompactString>,
    /// What it is set to, or why that cannot be known.
    pub binding: Binding<'w>,
}

/// A bare call that is given a class, or is of one's method (`fill(TestX)`, `TestX.fill()`), or that
/// is given nothing and may reach for any class of its file (`fill()`).
#[derive(Clone, Debug)]
pub struct Handed<'w> {
    /// The class's name; `None` for any of the file.
    pub class: Option<CompactString>,
    /// What is called.
    pub function: &'w Expr,
    /// Where that is looked up.
    pub scope: Scope<'w>,
}

/// A body stops before its end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Halt {
    /// Whether it certainly stops; if not, only run time can tell.
    pub certain: bool,
    /// What pytest makes of it.
    pub kind: HaltKind,
    /// Why, as a lowercase fragment for people.
    pub reason: CompactString,
}

/// What pytest makes of a module that does not run to its end. Nothing of it is collected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HaltKind {
    /// The module is skipped.
    Skip,
    /// Collecting the module fails.
    Error,
}

impl<'w> Namespace<'w> {
    /// What a name is bound to at the end.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Binding<'w>> {
        self.place(name).map(|at| &self.names[at].1)
    }

    /// What a name is bound to when the expression at an offset runs; at the end for `None`.
    fn get_at(&self, name: &str, offset: Option<u32>) -> Option<&Binding<'w>> {
        let Some(offset) = offset else { return self.get(name) };
        if let Some(past) = self.history.get(name) {
            return Past::at(past, offset);
        }
        let at = self.place(name).filter(|&at| self.since[at] <= offset)?;
        Some(&self.names[at].1)
    }

    /// Where a name is in `names`.
    fn place(&self, name: &str) -> Option<usize> {
        self.places.get(name, |at| &self.names[at].0)
    }
}

impl<'w> Past<'w> {
    /// The last binding that holds at an offset.
    fn at(past: &[Self], offset: u32) -> Option<&Binding<'w>> {
        let holds = |entry: &&Self| entry.since <= offset && offset < entry.until;
        past.iter().rev().find(holds).map(|entry| &entry.binding)
    }
}

impl Scope<'_> {
    /// The file in which it lies.
    #[must_use]
    pub const fn file(&self) -> FileId {
        match self {
            Self::Module(file) | Self::Before(file, _) => *file,
            Self::Class(class) => class.file,
        }
    }
}

impl<'w> FunctionRef<'w> {
    /// Where the names in its decorators are looked up.
    #[must_use]
    pub fn scope(&self) -> Scope<'w> {
        enclosing(self.file, self.base, self.owner, self.function.span)
    }
}

impl<'w> ClassRef<'w> {
    /// Where the names in its decorators and bases are looked up.
    #[must_use]
    pub fn scope(&self) -> Scope<'w> {
        enclosing(self.file, self.base, self.owner, self.class.span)
    }
}

/// The scope of a definition's header.
fn enclosing(file: FileId, base: u32, owner: Option<&Class>, span: Span) -> Scope<'_> {
    match owner {
        Some(class) => Scope::Class(ClassRef { file, base, class, owner: None }),
        None => Scope::Before(file, base + span.start),
    }
}

/// A class of a method resolution order.
#[derive(Clone, Debug)]
pub enum MroEntry<'w> {
    /// A class of a source file.
    Class(ClassRef<'w>),
    /// A class outside of the sources, by its canonical dotted name; `builtins.object` is last.
    External(CompactString),
}

#[cfg(test)]
mod tests;
