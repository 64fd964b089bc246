//! Collecting a file again of which an edit touched a few statements.
//!
//! What each name of the module gives is kept together with what finding it looked at. After an
//! edit a name is collected again if it denotes something else, or if one of the names does that
//! were looked up on the way; what the others gave is taken over. All of it is collected again
//! where an edit touches what concerns all: a `pytestmark`, an autouse fixture, …
//! Of a file that imports others which import it nothing is taken over.
//!
//! An edit that makes many names something else, as a `"""` that is left open does, is often taken
//! back: the version before it is set aside until then. So is the one before an edit after which
//! nothing of the module is collected, as while the name of an imported module is being typed.
//!
//! What is kept holds while nothing changes that it looked at besides the file itself: every change
//! is told to all that is kept ([`Previous::forget`]).

use std::ops::Range;
use std::sync::Arc;

use compact_str::CompactString;
use fastest_model::Span;
use fastest_syntax::outline::Outline;

use super::{Collector, FileContext, node_id};
use crate::collect::Collected;
use crate::collect::fixtures::FixtureTable;
use crate::names::{Binding, Difference, Memory, Namespace, Query, Reads, Record, Touched};
use crate::world::{FileId, World};

/// So many names that are something else make an edit one that may be taken back.
const MANY: usize = if cfg!(test) { 1 } else { 16 };

/// A collected file, and what each name of its module came to.
#[derive(Clone, Debug)]
pub(crate) struct Previous<'w> {
    outline: &'w Arc<Outline>,
    namespace: Arc<Namespace<'w>>,
    fixtures: Arc<FixtureTable<'w>>,
    /// What everything in the file rests on: running it, what concerns it as a whole.
    ground: Arc<Record>,
    /// Why nothing in the file is certain.
    doubt: Option<CompactString>,
    /// One for each name of the namespace.
    parts: Vec<Part>,
    collected: Arc<Collected>,
    /// The version before an edit that made many names something else.
    older: Option<Box<Self>>,
}

/// What a name came to.
#[derive(Clone, Debug)]
struct Part {
    functions: Range<usize>,
    classes: Range<usize>,
    /// What its places count from.
    base: u32,
    /// Its places in this file lie within.
    reach: Option<Span>,
    /// What finding it looked at in this module.
    reads: Reads,
    /// What it looked at besides what the whole file looked at.
    record: Option<Arc<Record>>,
    /// Whether it is told of besides its items, or whoever asked first may have made it what it
    /// is: it is not taken over.
    passes: bool,
    /// What finding that the name is no fixture looked at, if it is none.
    no_fixture: Option<Arc<Record>>,
}

/// A collected file by itself: what refers to no version of the world.
pub(crate) struct Detached {
    file: FileId,
    outline: Arc<Outline>,
    ground: Arc<Record>,
    doubt: Option<CompactString>,
    parts: Vec<Part>,
    collected: Arc<Collected>,
}

impl Detached {
    /// The file.
    pub const fn file(&self) -> FileId {
        self.file
    }

    /// The same in a world of which only the file may differ, and which the file's names are
    /// looked up in again; `None` if it does.
    pub fn attach<'w>(self, world: &'w World, memory: Arc<Memory<'w>>) -> Option<Previous<'w>> {
        let Self { file, outline, ground, doubt, parts, collected } = self;
        let now = &world.file(file)?.outline;
        let query = Query::tracking(world, memory, file);
        let (namespace, _) = query.run_own(file).filter(|_| Arc::ptr_eq(now, &outline))?;
        let (fixtures, _) = fixtures(&query, file, &namespace, None);
        let is_whole = parts.len() == namespace.names.len() && !query.is_in_circle();
        is_whole.then(|| Previous {
            outline: now,
            namespace,
            fixtures,
            ground,
            doubt,
            parts,
            collected,
            older: None,
        })
    }
}

/// Collects a file and keeps what is needed to do so again; takes over what an edit left of
/// `previous`.
pub(crate) fn collect_again<'w>(
    world: &'w World,
    file: FileId,
    memory: Arc<Memory<'w>>,
    previous: Option<Previous<'w>>,
) -> (Arc<Collected>, Option<Previous<'w>>) {
    let query = Query::tracking(world, Arc::clone(&memory), file);
    let outline = world.file(file).map(|file| &file.outline);
    let (Some((namespace, of_body)), Some(outline)) = (query.run_own(file), outline) else {
        return (Arc::new(super::collect_sharing(world, file, memory)), None);
    };
    let (mut kept, older) =
        previous.map_or((None, None), |previous| previous.against((outline, &namespace)));
    let (fixtures, no_fixtures) = fixtures(&query, file, &namespace, kept.as_ref());
    let mut collected = Collected::nothing(world, file);
    let own = Some(Arc::clone(&fixtures));
    let (context, trace) =
        query.traced(|| FileContext::new(&query, file, node_id(world, file), own));
    let mut collector = Collector::new(&context, &mut collected);
    let missing = query.missing_import(file);
    let (found, of_header) = query.traced(|| collector.header(missing));
    let header = trace.record().clone().with(of_header.record());
    let is_settled = trace.may_be_shared() && of_header.may_be_shared();
    let doubt = collector.classes.first().and_then(|module| module.doubt.clone());
    let parts = found.map(|namespace| {
        let kept = kept.take().and_then(|(previous, mut difference)| {
            let alike = is_settled
                && previous.doubt == doubt
                && fixtures.compare(&previous.fixtures, &mut difference.names)
                && !header.reads().meet(&difference.names);
            alike.then_some((previous, difference))
        });
        let mut again = Again { collector, header: &header, kept, looked: 0 };
        let parts = again.parts(&namespace, no_fixtures);
        memory.add_looked(again.looked);
        parts
    });
    drop(context);
    if query.is_in_circle() {
        return (Arc::new(super::collect_sharing(world, file, memory)), None);
    }
    collected.settle(query.into_record());
    let collected = Arc::new(collected);
    let Some(parts) = parts else {
        // What was there before may be there again after the next key.
        let before = kept.map(|(previous, _)| previous);
        return (collected, before.or_else(|| older.map(|older| *older)));
    };
    let ground = Arc::new(header.with(&of_body));
    let previous = is_settled.then(|| Previous {
        outline,
        namespace,
        fixtures,
        ground,
        doubt,
        parts,
        collected: Arc::clone(&collected),
        older,
    });
    (collected, previous)
}

impl<'w> Previous<'w> {
    /// What may be taken over, and from which version; and the version to be set aside.
    fn against(
        mut self,
        now: (&Outline, &Namespace<'w>),
    ) -> (Option<(Self, Difference)>, Option<Box<Self>>) {
        let difference = self.difference(now);
        let mut older = self.older.take();
        let unknown = unknown(difference.as_ref());
        if unknown >= MANY
            && let Some(older) = older.take_if(|older| unknown_of(older, now) < unknown)
        {
            let difference = older.difference(now);
            return (difference.map(|difference| (*older, difference)), None);
        }
        let kept =
            difference.as_ref().map_or(0, |difference| difference.kept.iter().flatten().count());
        let names = self.namespace.names.len();
        let has_more = older.as_ref().is_none_or(|older| older.namespace.names.len() <= names);
        if has_more && names.saturating_sub(kept) >= MANY {
            older = Some(Box::new(self.clone()));
        }
        (difference.map(|difference| (self, difference)), older)
    }

    fn difference(&self, now: (&Outline, &Namespace<'w>)) -> Option<Difference> {
        Difference::between((self.outline, &*self.namespace), now)
    }

    /// What of it refers to no version of the world.
    pub fn detach(self, file: FileId) -> Detached {
        let Self { outline, ground, doubt, parts, collected, .. } = self;
        Detached { file, outline: Arc::clone(outline), ground, doubt, parts, collected }
    }

    /// Forgets what a change touches besides the file itself; whether anything is left.
    pub fn forget(&mut self, touched: &Touched, file: FileId) -> bool {
        self.older.take_if(|older| !older.forget(touched, file));
        if self.ground.is_touched_besides(touched, file) {
            return false;
        }
        let is_touched = |record: &Arc<Record>| record.is_touched_besides(touched, file);
        for part in &mut self.parts {
            part.passes |= part.record.as_ref().is_some_and(is_touched);
            part.no_fixture.take_if(|record| is_touched(record));
        }
        true
    }
}

fn unknown_of<'w>(previous: &Previous<'w>, now: (&Outline, &Namespace<'w>)) -> usize {
    unknown(previous.difference(now).as_ref())
}

/// How many names have to be looked into.
fn unknown(difference: Option<&Difference>) -> usize {
    difference.map_or(usize::MAX, |found| found.kept.iter().filter(|kept| kept.is_none()).count())
}

/// The fixtures of the file, and for each name what finding that it is none looked at.
fn fixtures<'w>(
    query: &Query<'w>,
    file: FileId,
    namespace: &Namespace<'w>,
    kept: Option<&(Previous<'w>, Difference)>,
) -> (Arc<FixtureTable<'w>>, Vec<Option<Arc<Record>>>) {
    let alone = Record::of_file(file);
    let mut is_none = |at: usize| {
        let (previous, difference) = kept?;
        let part = &previous.parts[difference.kept[at]?];
        let record = part.no_fixture.clone()?;
        if record.reads().meet(&difference.names) {
            return None;
        }
        if record.adds_to(&alone) {
            query.note_all(&record);
        }
        Some(record)
    };
    let (fixtures, nones) = FixtureTable::tracked(query, file, &namespace.names, &mut is_none);
    (Arc::new(fixtures), nones)
}

/// A file that is being collected again.
struct Again<'a, 'c, 'q, 'w> {
    collector: Collector<'c, 'q, 'w>,
    /// What the whole file looked at.
    header: &'a Record,
    /// What it was, if anything of it may be taken over.
    kept: Option<(Previous<'w>, Difference)>,
    /// How many names were looked into.
    looked: usize,
}

impl<'w> Again<'_, '_, '_, 'w> {
    fn parts(
        &mut self,
        namespace: &Namespace<'w>,
        no_fixtures: Vec<Option<Arc<Record>>>,
    ) -> Vec<Part> {
        let mut parts = Vec::with_capacity(namespace.names.len());
        for (at, ((name, binding), no_fixture)) in
            namespace.names.iter().zip(no_fixtures).enumerate()
        {
            let part = match self.taken_over(at, super::base_of(binding)) {
                Some(part) => part,
                None => self.collect(namespace, name, binding),
            };
            parts.push(Part { no_fixture, ..part });
        }
        parts
    }

    /// Takes over what a name gave before, if it gives the same now.
    fn taken_over(&mut self, at: usize, base: u32) -> Option<Part> {
        let (previous, difference) = self.kept.as_mut()?;
        let part = &mut previous.parts[difference.kept[at]?];
        let by = base.wrapping_sub(part.base);
        let has_moved = |reach| difference.moves.has_moved(reach, by);
        let holds =
            !part.passes && !part.reads.meet(&difference.names) && part.reach.is_none_or(has_moved);
        if !holds {
            return None;
        }
        let out = &mut *self.collector.out;
        let [functions, classes] = [out.functions.len(), out.classes.len()];
        out.take_over(&previous.collected, part, base);
        let record = part.record.take();
        if let Some(record) = &record {
            self.collector.context.query.note_all(record);
        }
        Some(Part {
            functions: functions..out.functions.len(),
            classes: classes..out.classes.len(),
            base,
            reach: part.reach.map(|reach| crate::collect::anchor::placed(reach, by)),
            reads: std::mem::take(&mut part.reads),
            record,
            passes: false,
            no_fixture: None,
        })
    }

    fn collect(
        &mut self,
        namespace: &Namespace<'w>,
        name: &CompactString,
        binding: &Binding<'w>,
    ) -> Part {
        self.looked += 1;
        let context = self.collector.context;
        let counts = |out: &Collected| {
            (out.functions.len(), out.classes.len(), out.problems.len() + out.open.len())
        };
        let before = counts(self.collector.out);
        let work = || self.collector.name(namespace, name, binding);
        let ((), trace) = context.query.traced(work);
        let after = counts(self.collector.out);
        let record = trace.record();
        Part {
            functions: before.0..after.0,
            classes: before.1..after.1,
            base: context.anchor.base(),
            reach: context.anchor.reach(),
            reads: record.reads().clone(),
            record: record.adds_to(self.header).then(|| Arc::new(record.clone())),
            passes: after.2 != before.2 || !trace.may_be_shared(),
            no_fixture: None,
        }
    }
}

impl Collected {
    /// Adds what a part of another collection found; its places count from `base` now.
    fn take_over(&mut self, other: &Self, part: &Part, base: u32) {
        let by = self.classes.len().wrapping_sub(part.classes.start);
        let by = u32::try_from(by & u32::MAX as usize).unwrap_or(0);
        let moved = |class: u32| class.wrapping_add(by);
        let from = self.classes.len();
        self.classes.extend_from_slice(&other.classes[part.classes.clone()]);
        for class in &mut self.classes[from..] {
            (class.base, class.parent) = (base, class.parent.map(moved));
        }
        let from = self.functions.len();
        self.functions.extend_from_slice(&other.functions[part.functions.clone()]);
        for function in &mut self.functions[from..] {
            (function.base, function.class) = (base, function.class.map(moved));
        }
    }
}
