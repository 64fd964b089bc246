//! What an edit changed in a module: which of its names denote something else than before.
//!
//! Statements that an edit did not touch are the same objects as before, so two versions of a
//! module are compared by address: in a moment, and without overlooking anything.

use std::sync::Arc;

use compact_str::CompactString;
use fastest_model::Span;
use fastest_syntax::outline::{Outline, Placed};

use super::query::FLOW;
use super::record::Reads;
use super::{Binding, Change, Definition, Handed, Namespace, Past, Scope};

/// What differs between two versions of a module.
#[derive(Debug)]
pub(crate) struct Difference {
    /// Where what is the same in both now stands.
    pub moves: Moves,
    /// The names that denote something else, or do so from another place on.
    pub names: Reads,
    /// For each name of the module as it is now, its place among the names that it had, if it
    /// denotes what it denoted.
    pub kept: Vec<Option<usize>>,
}

/// Where the statements now stand that were not touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Moves {
    /// Where the touched statements began and ended, before and now. What stood before them
    /// stands where it stood.
    before: Span,
    now: Span,
}

impl Difference {
    /// Compares two versions of a module; `None` where they differ in more than names.
    pub fn between<'w>(
        before: (&Outline, &Namespace<'w>),
        now: (&Outline, &Namespace<'w>),
    ) -> Option<Self> {
        let moves = Moves::between(&before.0.statements, &now.0.statements);
        if !same_frame(before.1, now.1) {
            return None;
        }
        let kept = kept(before.1, now.1, moves);
        let names = changed(before.1, now.1, moves, &kept);
        Some(Self { moves, names, kept })
    }
}

impl Moves {
    fn between(before: &[Placed], now: &[Placed]) -> Self {
        let same =
            |(one, other): &(&Placed, &Placed)| Arc::ptr_eq(&one.statement, &other.statement);
        let stays = |pair: &(&Placed, &Placed)| same(pair) && pair.0.start == pair.1.start;
        let first = before.iter().zip(now).take_while(stays).count();
        let (old, new) = (&before[first..], &now[first..]);
        let by = |pair: (&Placed, &Placed)| pair.1.start.wrapping_sub(pair.0.start);
        let distance = old.last().zip(new.last()).map_or(0, by);
        let pairs = old.iter().rev().zip(new.iter().rev());
        let kept = pairs.take_while(|pair| same(pair) && by(*pair) == distance).count();
        let touched = |rest: &[Placed]| {
            let start = |at: usize| rest.get(at).map_or(u32::MAX, |placed| placed.start);
            Span { start: start(0), end: start(rest.len() - kept) }
        };
        Self { before: touched(old), now: touched(new) }
    }

    /// Whether something that stood at an offset stands at another one now, as far as what was
    /// not touched can tell.
    fn agrees(self, old: u32, new: u32) -> bool {
        if old < self.before.start {
            new == old
        } else if old < self.before.end {
            self.now.start <= new && new < self.now.end
        } else {
            new == old.wrapping_add(self.distance())
        }
    }

    /// How far what stood behind the touched statements has moved; it wraps.
    const fn distance(self) -> u32 {
        self.now.end.wrapping_sub(self.before.end)
    }

    /// Whether all of a span stood where nothing was touched, and has moved by a distance, which
    /// wraps.
    pub fn has_moved(self, span: Span, by: u32) -> bool {
        if span.end <= self.before.start {
            by == 0
        } else {
            self.before.end <= span.start && by == self.distance()
        }
    }
}

/// For each name, where it was among the names before, if it denotes the same from the same place
/// on.
fn kept<'w>(before: &Namespace<'w>, now: &Namespace<'w>, moves: Moves) -> Vec<Option<usize>> {
    // Most names follow the one that they followed before.
    let mut next = 0;
    let kept = |((name, binding), &since): (&(CompactString, Binding<'w>), &u32)| {
        let follows = before.names.get(next).is_some_and(|(follower, _)| follower == name);
        let was = if follows { next } else { before.place(name)? };
        next = was + 1;
        let same = same_binding(&before.names[was].1, binding);
        (same && moves.agrees(before.since[was], since)).then_some(was)
    };
    now.names.iter().zip(&now.since).map(kept).collect()
}

/// The names that differ.
fn changed(
    before: &Namespace<'_>,
    now: &Namespace<'_>,
    moves: Moves,
    kept: &[Option<usize>],
) -> Reads {
    let mut changed = Reads::default();
    let others = now.names.iter().zip(kept).filter(|(_, kept)| kept.is_none());
    others.for_each(|((name, _), _)| changed.add(name));
    let mut is_kept = vec![false; before.names.len()];
    kept.iter().flatten().for_each(|&was| is_kept[was] = true);
    let others = before.names.iter().zip(is_kept).filter(|(_, is_kept)| !is_kept);
    others.for_each(|((name, _), _)| changed.add(name));
    for name in before.history.keys().chain(now.history.keys()) {
        let [old, new] = [before, now].map(|body| body.history.get(name).map_or(&[][..], |p| p));
        if !same_history(old, new, moves) {
            changed.add(name);
        }
    }
    for name in before.declared.keys().chain(now.declared.keys()) {
        let [old, new] = [before, now].map(|body| body.declared.get(name));
        if !old.zip(new).is_some_and(|(old, new)| same_definition(old, new)) {
            changed.add(name);
        }
    }
    if before.halts != now.halts || before.imports != now.imports {
        changed.add(FLOW);
    }
    changed
}

/// Whether all is the same that is no name's.
fn same_frame(before: &Namespace<'_>, now: &Namespace<'_>) -> bool {
    let changes = before.changes.iter().zip(&now.changes);
    before.open == now.open
        && before.changes_imports == now.changes_imports
        && before.stars == now.stars
        && before.declared_stars == now.declared_stars
        && before.changes.len() == now.changes.len()
        && changes.into_iter().all(|(one, other)| same_change(one, other))
        && before.handed.len() == now.handed.len()
        && before.handed.iter().zip(&now.handed).all(|(one, other)| same_handed(one, other))
}

fn same_handed(one: &Handed<'_>, other: &Handed<'_>) -> bool {
    one.class == other.class && one.function.dotted() == other.function.dotted()
}

fn same_change(one: &Change<'_>, other: &Change<'_>) -> bool {
    one.object == other.object
        && one.attribute == other.attribute
        && same_binding(&one.binding, &other.binding)
}

fn same_history(before: &[Past<'_>], now: &[Past<'_>], moves: Moves) -> bool {
    let same = |(one, other): (&Past<'_>, &Past<'_>)| {
        let is_open = one.until == u32::MAX && other.until == u32::MAX;
        same_binding(&one.binding, &other.binding)
            && moves.agrees(one.since, other.since)
            && (is_open || moves.agrees(one.until, other.until))
    };
    before.len() == now.len() && before.iter().zip(now).all(same)
}

/// Whether a name is bound to the same; where it is bound may have moved.
fn same_binding(one: &Binding<'_>, other: &Binding<'_>) -> bool {
    one.doubt == other.doubt && same_definition(&one.definition, &other.definition)
}

fn same_definition(one: &Definition<'_>, other: &Definition<'_>) -> bool {
    match (one, other) {
        (Definition::Function(one), Definition::Function(other)) => {
            std::ptr::eq(one.function, other.function) && one.file == other.file
        }
        (Definition::Class(one), Definition::Class(other)) => {
            std::ptr::eq(one.class, other.class) && one.file == other.file
        }
        (Definition::Value(one), Definition::Value(other)) => {
            std::ptr::eq(one.expr, other.expr)
                && one.unpack == other.unpack
                && same_scope(one.scope, other.scope)
        }
        (Definition::Module(one), Definition::Module(other))
        | (Definition::External(one), Definition::External(other))
        | (Definition::Unknown(one), Definition::Unknown(other)) => one == other,
        (
            Definition::Imported { module, name },
            Definition::Imported { module: other_module, name: other_name },
        ) => module == other_module && name == other_name,
        _ => false,
    }
}

/// Whether the scopes of one and the same expression are the same, wherever it stands.
fn same_scope(one: Scope<'_>, other: Scope<'_>) -> bool {
    match (one, other) {
        (Scope::Class(one), Scope::Class(other)) => std::ptr::eq(one.class, other.class),
        (Scope::Module(one), Scope::Module(other))
        | (Scope::Before(one, _), Scope::Before(other, _)) => one == other,
        _ => false,
    }
}
