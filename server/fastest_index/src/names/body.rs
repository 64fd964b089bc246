//! The names of a module or class body while it runs.
//!
//! Where only run time can tell which way the flow goes, each way runs in a [`Frame`] of its own;
//! the frames are then merged into what is true whichever way was taken.

use std::rc::Rc;
use std::sync::Arc;

use compact_str::CompactString;
use rustc_hash::FxHashMap;

use super::places::Places;
use super::{Binding, Change, Definition, Halt, Handed, Namespace, Past};

/// What a body has bound so far.
#[derive(Debug, Default)]
pub(super) struct State<'w> {
    frames: Vec<Frame<'w>>,
    pub(super) open: Option<CompactString>,
    pub(super) halts: Option<Halt>,
    pub(super) imports: Vec<CompactString>,
    pub(super) changes: Vec<Change<'w>>,
    pub(super) handed: Vec<Handed<'w>>,
    pub(super) changes_imports: bool,
    pub(super) stars: Vec<CompactString>,
    /// What names are bound to for type checkers only.
    pub(super) declared: FxHashMap<CompactString, Definition<'w>>,
    /// Modules all of whose public names type checkers take for names of this one.
    pub(super) declared_stars: Vec<CompactString>,
    history: FxHashMap<CompactString, Vec<Past<'w>>>,
}

/// What one way of the flow has bound.
#[derive(Debug, Default)]
pub(super) struct Frame<'w> {
    /// `None` where the name was deleted.
    slots: Vec<(CompactString, Option<Binding<'w>>, u32)>,
    places: Places,
}

impl<'w> Frame<'w> {
    fn with_capacity(names: usize) -> Self {
        Self { slots: Vec::with_capacity(names), places: Places::with_capacity(names) }
    }

    /// Binds a name that the frame has not touched yet; gives the binding back if it has.
    fn set_new(&mut self, name: &str, binding: Binding<'w>, since: u32) -> Option<Binding<'w>> {
        if self.place(name).is_some() {
            return Some(binding);
        }
        self.push(name, Some(binding), since);
        None
    }

    fn set(&mut self, name: &str, binding: Option<Binding<'w>>, since: u32) {
        match self.place(name) {
            Some(at) => self.slots[at] = (name.into(), binding, since),
            None => self.push(name, binding, since),
        }
    }

    fn push(&mut self, name: &str, binding: Option<Binding<'w>>, since: u32) {
        let slots = &self.slots;
        self.places.insert_new(name, slots.len(), |at| &slots[at].0);
        self.slots.push((name.into(), binding, since));
    }

    fn place(&self, name: &str) -> Option<usize> {
        self.places.get(name, |at| &self.slots[at].0)
    }

    /// Says that what the names are bound to cannot be known.
    pub(super) fn blur(&mut self, reason: &str) {
        for (_, binding, _) in &mut self.slots {
            match binding {
                Some(Binding { definition: Definition::Module(_), .. }) | None => {}
                Some(binding) => binding.definition = Definition::Unknown(reason.into()),
            }
        }
    }

    /// `None` when the frame does not touch the name.
    fn get(&self, name: &str) -> Option<(Option<&Binding<'w>>, u32)> {
        let (_, binding, since) = &self.slots[self.place(name)?];
        Some((binding.as_ref(), *since))
    }
}

impl<'w> State<'w> {
    /// The state of a body of so many statements, before it runs.
    pub(super) fn new(statements: usize) -> Self {
        Self { frames: vec![Frame::with_capacity(statements)], ..Self::default() }
    }

    /// Whether what runs now certainly runs.
    pub(super) fn is_certain(&self) -> bool {
        self.frames.len() == 1
    }

    pub(super) fn push(&mut self) {
        self.frames.push(Frame::default());
    }

    /// Ends the innermost frame; what it bound is seen up to an offset only.
    pub(super) fn pop(&mut self, until: u32) -> Frame<'w> {
        let frame = self.frames.pop().unwrap_or_default();
        for (name, _, _) in &frame.slots {
            for past in self.history.get_mut(name).into_iter().flatten() {
                past.until = past.until.min(until.max(past.since));
            }
        }
        frame
    }

    /// What a name is bound to now.
    pub(super) fn get(&self, name: &str) -> Option<&Binding<'w>> {
        self.frames.iter().rev().find_map(|frame| frame.get(name))?.0
    }

    /// What a name is bound to when the expression at an offset runs; now for `None`.
    pub(super) fn get_at(&self, name: &str, offset: Option<u32>) -> Option<&Binding<'w>> {
        match (self.history.get(name), offset) {
            (Some(past), Some(offset)) => Past::at(past, offset),
            _ => self.get(name),
        }
    }

    /// Binds a name from an offset on.
    pub(super) fn bind(&mut self, name: &str, mut binding: Binding<'w>, since: u32) {
        // Bound for the first time and for certain: most names are, and have no history.
        if let [frame] = self.frames.as_mut_slice() {
            match frame.set_new(name, binding, since) {
                None => return,
                Some(unbound) => binding = unbound,
            }
        }
        self.remember(name, &binding, since);
        if let Some(frame) = self.frames.last_mut() {
            frame.set(name, Some(binding), since);
        }
    }

    /// Keeps what a name was and will be bound to, where that is more than one thing or depends
    /// on the way that the flow takes.
    fn remember(&mut self, name: &str, binding: &Binding<'w>, since: u32) {
        let before = self.frames.iter().rev().find_map(|frame| frame.get(name));
        let before = before.map(|(binding, since)| (binding.cloned(), since));
        if before.is_none() && self.is_certain() {
            return;
        }
        let past = self.history.entry(name.into()).or_default();
        if let (true, Some((Some(binding), since))) = (past.is_empty(), before) {
            past.push(Past { since, until: u32::MAX, binding });
        }
        past.push(Past { since, until: u32::MAX, binding: binding.clone() });
    }

    /// `del name`
    pub(super) fn delete(&mut self, name: &str, since: u32) {
        let certain = self.is_certain();
        let Some(frame) = self.frames.last_mut() else { return };
        frame.set(name, None, since);
        if certain {
            // Bound again, the name goes to the end of the `dict`.
            let slots = &frame.slots;
            frame.places.remove(name, |at| &slots[at].0);
        }
        for past in self.history.get_mut(name).into_iter().flatten() {
            past.until = past.until.min(since.max(past.since));
        }
    }

    /// Says that the object that a name is bound to is not what its definition says.
    pub(super) fn spoil(&mut self, name: &str, reason: &CompactString) {
        for frame in self.frames.iter_mut().rev() {
            let Some(at) = frame.place(name) else { continue };
            if let Some(binding) = &mut frame.slots[at].1 {
                binding.definition = Definition::Unknown(reason.clone());
            }
        }
        for past in self.history.get_mut(name).into_iter().flatten() {
            past.binding.definition = Definition::Unknown(reason.clone());
        }
    }

    /// The body has run.
    pub(super) fn finish(mut self) -> Namespace<'w> {
        let Frame { slots, mut places } = self.frames.swap_remove(0);
        let bound_once = slots.len();
        let mut names = Vec::with_capacity(slots.len());
        let mut since = Vec::with_capacity(slots.len());
        for (name, binding, bound) in slots {
            let Some(binding) = binding else { continue };
            names.push((name, binding));
            since.push(bound);
        }
        if names.len() != bound_once {
            // Something was deleted: what came behind it has moved up.
            places = Places::with_capacity(names.len());
            for (at, (name, _)) in names.iter().enumerate() {
                places.insert_new(name, at, |at| &names[at].0);
            }
        }
        Namespace {
            names,
            since,
            places,
            open: self.open,
            halts: self.halts,
            imports: self.imports,
            changes: self.changes,
            handed: self.handed,
            changes_imports: self.changes_imports,
            stars: self.stars,
            declared: self.declared,
            declared_stars: self.declared_stars,
            history: self.history,
        }
    }

    /// Binds what the ways of an undecided statement have bound, as far as it is true for all of
    /// them. `since` is where the statement ends.
    pub(super) fn merge(&mut self, ways: &[Frame<'w>], reason: &CompactString, since: u32) {
        let mut names: Vec<&CompactString> = Vec::new();
        for (name, _, _) in ways.iter().flat_map(|way| &way.slots) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        for name in names {
            let before = self.get(name).cloned();
            let outcomes: Vec<Option<Binding<'w>>> = ways
                .iter()
                .map(|way| way.get(name).map_or_else(|| before.clone(), |way| way.0.cloned()))
                .collect();
            match merged(&outcomes, reason) {
                Some(binding) => self.bind(name, binding, since),
                None => self.delete(name, since),
            }
        }
    }
}

/// What is true of a name whichever of the outcomes came about; `None` where it is unbound in all.
fn merged<'w>(outcomes: &[Option<Binding<'w>>], reason: &CompactString) -> Option<Binding<'w>> {
    let mut bound = outcomes.iter().flatten();
    let first = bound.next()?;
    let mut binding = first.clone();
    if !bound.all(|other| same(&first.definition, &other.definition)) {
        binding.definition = Definition::Unknown(reason.clone());
    }
    binding.doubt = if outcomes.iter().any(Option::is_none) {
        Some(reason.clone())
    } else {
        outcomes.iter().flatten().find_map(|outcome| outcome.doubt.clone())
    };
    Some(binding)
}

/// Whether two definitions are certainly one and the same for collection.
fn same(one: &Definition<'_>, other: &Definition<'_>) -> bool {
    match (one, other) {
        (Definition::Function(one), Definition::Function(other)) => {
            std::ptr::eq(one.function, other.function) || interchangeable(one, other)
        }
        (Definition::Class(one), Definition::Class(other)) => std::ptr::eq(one.class, other.class),
        (Definition::Value(one), Definition::Value(other)) => {
            std::ptr::eq(one.expr, other.expr) && one.unpack == other.unpack
        }
        (Definition::Module(one), Definition::Module(other))
        | (Definition::External(one), Definition::External(other)) => one == other,
        (
            Definition::Imported { module, name },
            Definition::Imported { module: other_module, name: other_name },
        ) => module == other_module && name == other_name,
        _ => false,
    }
}

/// Whether collecting one function gives what collecting the other gives: plain functions that
/// take the same arguments.
fn interchangeable(one: &super::FunctionRef<'_>, other: &super::FunctionRef<'_>) -> bool {
    let (one, other) = (one.function, other.function);
    let plain = |function: &fastest_syntax::outline::Function| {
        function.decorators.is_empty() && !function.mentions_parametrize
    };
    let params = one.params.iter().zip(&other.params).all(|(one, other)| {
        one.name.text == other.name.text
            && one.kind == other.kind
            && one.has_default == other.has_default
    });
    plain(one)
        && plain(other)
        && params
        && one.params.len() == other.params.len()
        && one.is_async == other.is_async
        && one.is_generator == other.is_generator
}

/// A body that runs or has run.
#[derive(Clone, Debug)]
pub(super) enum Progress<'w> {
    /// It runs: names may be missing, as they are in Python when imports go in a circle.
    Running(Rc<std::cell::RefCell<State<'w>>>),
    /// It has run.
    Done(Arc<Namespace<'w>>),
}

impl<'w> Progress<'w> {
    /// What a name is bound to when the expression at an offset runs; at the end for `None`.
    pub(super) fn get_at(&self, name: &str, offset: Option<u32>) -> Option<Binding<'w>> {
        match self {
            Self::Running(state) => state.borrow().get_at(name, offset).cloned(),
            Self::Done(namespace) => namespace.get_at(name, offset).cloned(),
        }
    }

    /// Whether a name is bound to more than one thing while the body runs.
    pub(super) fn is_rebound(&self, name: &str) -> bool {
        match self {
            Self::Running(state) => state.borrow().history.contains_key(name),
            Self::Done(namespace) => namespace.history.contains_key(name),
        }
    }

    /// What type checkers take a name for.
    pub(super) fn declared(&self, name: &str) -> Option<Definition<'w>> {
        match self {
            Self::Running(state) => state.borrow().declared.get(name).cloned(),
            Self::Done(namespace) => namespace.declared.get(name).cloned(),
        }
    }

    /// The modules all of whose public names type checkers take for names of this one.
    pub(super) fn declared_stars(&self) -> Vec<CompactString> {
        match self {
            Self::Running(state) => state.borrow().declared_stars.clone(),
            Self::Done(namespace) => namespace.declared_stars.clone(),
        }
    }

    /// Why there may be further names.
    pub(super) fn open(&self) -> Option<CompactString> {
        match self {
            Self::Running(state) => state.borrow().open.clone(),
            Self::Done(namespace) => namespace.open.clone(),
        }
    }

    /// The modules outside of the sources of which all public names are bound.
    pub(super) fn stars(&self) -> Vec<CompactString> {
        match self {
            Self::Running(state) => state.borrow().stars.clone(),
            Self::Done(namespace) => namespace.stars.clone(),
        }
    }
}
