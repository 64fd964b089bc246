//! Classes: method resolution orders, inherited attributes, subclasses.

use compact_str::{CompactString, format_compact};
use fastest_syntax::expr::{Call, Expr, ExprKind};

use super::body::Progress;
use super::lookup::unknown;
use super::query::Order;
use super::{Binding, ClassRef, Definition, Key, MroEntry, Query, Scope, external};

const OBJECT: &str = "builtins.object";

impl<'w> Query<'w> {
    /// A class's method resolution order, itself first and `builtins.object` last.
    ///
    /// `typing.NamedTuple` and calls of `namedtuple` stand for the class that they make, before
    /// `builtins.tuple`. An external class of which no bases are known is taken to have none.
    ///
    /// # Errors
    ///
    /// Why it cannot be known, as a lowercase fragment for people.
    pub fn mro(&self, class: ClassRef<'w>) -> Result<Vec<MroEntry<'w>>, CompactString> {
        self.order(class).map(|order| order.to_vec())
    }

    fn order(&self, class: ClassRef<'w>) -> Order<'w> {
        self.remember(Key::Order(class.key()), || match self.enter() {
            Some(_level) => self.linearize(class),
            None => {
                let name = &class.class.name.text;
                Err(format_compact!("the bases of `{name}` go in a circle"))
            }
        })
    }

    /// C3 linearisation (`type.mro`).
    fn linearize(&self, class: ClassRef<'w>) -> Order<'w> {
        let mut bases = Vec::new();
        let mut sequences = Vec::new();
        for base in &class.class.bases {
            let entry = self.base(class.scope(), base)?;
            sequences.push(self.entry_order(&entry)?);
            bases.push(entry);
        }
        if bases.is_empty() {
            bases.push(MroEntry::External(OBJECT.into()));
            sequences.push(bases.clone());
        }
        sequences.push(bases);
        let mut order = vec![MroEntry::Class(class)];
        while sequences.iter().any(|sequence| !sequence.is_empty()) {
            let Some(next) = next_entry(&sequences) else {
                let name = &class.class.name.text;
                return Err(format_compact!("the bases of `{name}` have no consistent order"));
            };
            for sequence in &mut sequences {
                if sequence.first().is_some_and(|first| same(first, &next)) {
                    sequence.remove(0);
                }
            }
            order.push(next);
        }
        Ok(order.into())
    }

    fn entry_order(&self, entry: &MroEntry<'w>) -> Result<Vec<MroEntry<'w>>, CompactString> {
        match entry {
            MroEntry::Class(class) => self.order(*class).map(|order| order.to_vec()),
            MroEntry::External(name) => {
                let bases = external::bases(name, self.minor());
                let bases = bases.unwrap_or_else(|| vec![OBJECT.into()]);
                let names = std::iter::once(name.clone()).chain(bases);
                Ok(names.map(MroEntry::External).collect())
            }
        }
    }

    /// The class that an expression among a class's bases gives.
    fn base(&self, scope: Scope<'w>, expr: &Expr) -> Result<MroEntry<'w>, CompactString> {
        let Some(_level) = self.enter() else { return Err("its bases go in a circle".into()) };
        match &expr.kind {
            ExprKind::Name(_) | ExprKind::Attribute(..) => match self.resolve(scope, expr) {
                Definition::Class(class) if is_rewritten(&class) => {
                    let name = &class.class.name.text;
                    Err(format_compact!("the decorators of `{name}` may replace it"))
                }
                Definition::Class(class) => Ok(MroEntry::Class(class)),
                Definition::External(name) => Ok(MroEntry::External(external::as_base(name))),
                Definition::Value(value) if value.unpack.is_none() => {
                    self.base(value.scope, value.expr)
                }
                Definition::Unknown(reason) => Err(reason),
                _ => Err("a base is not a class".into()),
            },
            // `Base[T]`
            ExprKind::Subscript(of, _) => self.base(scope, of),
            ExprKind::Call(call) => self.made(scope, call),
            _ => Err("its bases are computed".into()),
        }
    }

    /// The class that a call makes.
    fn made(&self, scope: Scope<'w>, call: &Call) -> Result<MroEntry<'w>, CompactString> {
        match self.resolve(scope, &call.func) {
            Definition::External(name)
                if matches!(&*name, "collections.namedtuple" | "typing.NamedTuple") =>
            {
                Ok(MroEntry::External("typing.NamedTuple".into()))
            }
            _ => Err("its bases are computed".into()),
        }
    }

    /// What an attribute of a class denotes, bases included. Followed to the end.
    ///
    /// `None` only if the class certainly has no such attribute. Where a base is not known, the
    /// answer is `Unknown` and doubtful.
    #[must_use]
    pub fn class_attribute(&self, class: ClassRef<'w>, name: &str) -> Option<Binding<'w>> {
        let mut binding = self.find_attribute(class, name)?;
        binding.definition = self.follow(&binding.definition);
        Some(binding)
    }

    fn find_attribute(&self, class: ClassRef<'w>, name: &str) -> Option<Binding<'w>> {
        let order = match self.order(class) {
            Ok(order) => order,
            Err(reason) => {
                return self.own_attribute(class, name).or_else(|| Some(unknown(reason)));
            }
        };
        order.iter().find_map(|entry| match entry {
            MroEntry::Class(class) => self.own_attribute(*class, name),
            MroEntry::External(class) => match external::has_attribute(class, name) {
                Some(false) => None,
                Some(true) => {
                    let dotted = format_compact!("{class}.{name}");
                    let definition = Definition::External(dotted);
                    Some(Binding { definition, doubt: None, place: None })
                }
                None => Some(unknown(format_compact!("`{class}` may have an attribute `{name}`"))),
            },
        })
    }

    /// An attribute that a class has itself: what its module sets on it, or what its body binds.
    fn own_attribute(&self, class: ClassRef<'w>, name: &str) -> Option<Binding<'w>> {
        if class.owner.is_none()
            && let Progress::Done(module) = self.module_frame_body(class.file)
        {
            let on_class = module.changes.iter().rev().filter(|change| {
                change.object == class.class.name.text
                    && change.attribute.as_deref().is_none_or(|attribute| attribute == name)
            });
            if let Some(change) = on_class.into_iter().next() {
                return Some(change.binding.clone());
            }
        }
        let body = self.class_body(class);
        body.get_at(name, None).or_else(|| body.open().map(unknown))
    }

    /// `Class.name`, as [`Query::attribute`] gives it.
    pub(super) fn class_member(&self, class: ClassRef<'w>, name: &str) -> Definition<'w> {
        let Some(binding) = self.class_attribute(class, name) else {
            let class = &class.class.name.text;
            return Definition::Unknown(format_compact!("`{class}` has no attribute `{name}`"));
        };
        match binding.definition {
            Definition::Value(_) if self.may_rewrite(class) => {
                let class = &class.class.name.text;
                Definition::Unknown(format_compact!("`{class}` may change its attribute `{name}`"))
            }
            definition => definition,
        }
    }

    /// Whether a class's values may not be what its body assigns: enumerations, named tuples,
    /// other metaclasses, class decorators.
    fn may_rewrite(&self, class: ClassRef<'w>) -> bool {
        let Ok(order) = self.order(class) else { return true };
        order.iter().any(|entry| match entry {
            MroEntry::Class(class) => {
                !class.class.decorators.is_empty() || !class.class.keywords.is_empty()
            }
            MroEntry::External(name) => {
                !matches!(&**name, OBJECT | "abc.ABC" | "typing.Generic" | "typing.Protocol")
                    && !name.starts_with("unittest.")
                    && !name.starts_with("builtins.")
            }
        })
    }

    /// Whether a class derives from a class outside of the sources, given by its canonical
    /// dotted name (`unittest.TestCase`); `None` when that cannot be known.
    #[must_use]
    pub fn is_subclass(&self, class: ClassRef<'w>, ancestor: &str) -> Option<bool> {
        let Ok(order) = self.order(class) else {
            return self.is_subclass_by_bases(class, ancestor);
        };
        let mut answer = Some(false);
        for entry in &*order {
            let MroEntry::External(name) = entry else { continue };
            if name == ancestor {
                return Some(true);
            }
            if external::bases(name, self.minor()).is_none() && !is_apart(name, ancestor) {
                answer = None;
            }
        }
        answer
    }

    /// Where the order is not known, one base that derives from the ancestor is enough.
    fn is_subclass_by_bases(&self, class: ClassRef<'w>, ancestor: &str) -> Option<bool> {
        let _level = self.enter()?;
        let mut bases = class.class.bases.iter();
        let derives = bases.any(|base| match self.base(class.scope(), base) {
            Ok(MroEntry::Class(base)) => self.is_subclass(base, ancestor) == Some(true),
            Ok(MroEntry::External(name)) => {
                name == ancestor
                    || external::bases(&name, self.minor())
                        .is_some_and(|bases| bases.iter().any(|base| base == ancestor))
            }
            Err(_) => false,
        });
        derives.then_some(true)
    }
}

/// Whether a class known by heart certainly does not derive from another.
fn is_apart(name: &str, ancestor: &str) -> bool {
    ancestor.starts_with("unittest.") && external::holds_no_tests(name)
}

/// Whether a class's decorators may put something else in its place. Those that are known to
/// give the class back are many; what does not is rare, and called like a function that wraps.
fn is_rewritten(class: &ClassRef<'_>) -> bool {
    let replaces = |decorator: &Expr| {
        let func = match &decorator.kind {
            ExprKind::Call(call) => &call.func,
            _ => decorator,
        };
        func.dotted().is_none()
    };
    class.class.decorators.iter().any(replaces)
}

/// The first head of a sequence that is in no other's tail.
fn next_entry<'w>(sequences: &[Vec<MroEntry<'w>>]) -> Option<MroEntry<'w>> {
    let heads = sequences.iter().filter_map(|sequence| sequence.first());
    heads
        .into_iter()
        .find(|head| {
            !sequences.iter().any(|sequence| sequence.iter().skip(1).any(|entry| same(entry, head)))
        })
        .cloned()
}

fn same(one: &MroEntry<'_>, other: &MroEntry<'_>) -> bool {
    match (one, other) {
        (MroEntry::Class(one), MroEntry::Class(other)) => std::ptr::eq(one.class, other.class),
        (MroEntry::External(one), MroEntry::External(other)) => one == other,
        _ => false,
    }
}
