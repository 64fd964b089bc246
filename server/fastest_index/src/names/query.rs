//! Asking a world what names denote.

use std::cell::{Cell, OnceCell, RefCell};
use std::rc::Rc;
use std::sync::Arc;

use compact_str::{CompactString, format_compact};
use rustc_hash::FxHashMap;

use super::body::{Progress, State};
use super::frames::{Frames, Known, Trace};
use super::memory::{Entry, Kept, Key, Memory};
use super::{ClassRef, Definition, MroEntry, Namespace, Record, external};
use crate::world::{FileId, Module, World};

/// How many questions may wait for one another. Each takes a few hundred bytes to some kilobytes
/// of stack, and rayon's threads have 2 MiB; chains of re-exports in real projects stay under 20.
pub(super) const MAX_DEPTH: u32 = 100;

/// Stands, among the names that are read of a module, for what it imports and whether it stops.
pub(super) const FLOW: &str = "(flow)";

/// One question to a [`World`], and a record of what answering it looked at.
///
/// Not shared between threads: make one for each file that is collected. What does not depend on
/// who asks is shared through the [`Memory`].
pub struct Query<'w> {
    /// What is asked.
    pub world: &'w World,
    memory: Arc<Memory<'w>>,
    /// The file that is collected: what only it needs is not kept in the memory.
    own: Option<FileId>,
    /// Whether it is kept track of which names of that file's module are read.
    tracks: bool,
    /// That file's module once it has run, and how that went. What running it looked at is noted
    /// once for the whole query, and not for each who looks at it.
    own_body: OnceCell<(Arc<Namespace<'w>>, Trace)>,
    /// Whether something of another file was made of the collected file.
    in_circle: Cell<bool>,
    pub(super) frames: Frames,
    known: RefCell<FxHashMap<Key, Known<'w>>>,
    /// Results that hold only while something else is being computed.
    passing: RefCell<FxHashMap<Key, Known<'w>>>,
    running: RefCell<Vec<Running<'w>>>,
    pub(super) importing: RefCell<Vec<(FileId, usize)>>,
    depth: Cell<u32>,
}

/// A body that is being run.
struct Running<'w> {
    key: BodyKey,
    state: Rc<RefCell<State<'w>>>,
    /// The frame in which it runs.
    frame: usize,
}

/// A method resolution order, or why it cannot be known.
pub(super) type Order<'w> = Result<Arc<[MroEntry<'w>]>, CompactString>;

/// A module (`None`) or class (the offset of its first byte) of a file.
pub(crate) type BodyKey = (FileId, Option<u32>);

/// A result that is remembered.
pub(crate) trait Keep<'w>: Clone {
    /// As it is kept.
    fn keep(&self) -> Kept<'w>;
    /// Out of what is kept; `None` for another kind.
    fn take(kept: &Kept<'w>) -> Option<Self>;
}

/// A level of questions; leaving it is dropping it.
pub(super) struct Level<'q>(&'q Cell<u32>);

impl Drop for Level<'_> {
    fn drop(&mut self) {
        self.0.set(self.0.get() - 1);
    }
}

impl<'w> Query<'w> {
    /// A question that has looked at nothing yet, with a memory of its own.
    #[must_use]
    pub fn new(world: &'w World) -> Self {
        Self::with(world, Arc::default(), None)
    }

    /// A question that shares what it finds out. `own` is the file that is collected, of which
    /// nothing is kept.
    #[must_use]
    pub fn with(world: &'w World, memory: Arc<Memory<'w>>, own: Option<FileId>) -> Self {
        Self {
            world,
            memory,
            own,
            tracks: false,
            own_body: OnceCell::new(),
            in_circle: Cell::new(false),
            frames: Frames::default(),
            known: RefCell::default(),
            passing: RefCell::default(),
            running: RefCell::default(),
            importing: RefCell::default(),
            depth: Cell::new(0),
        }
    }

    /// A question for collecting a file that keeps track of which of its names are read.
    pub(crate) fn tracking(world: &'w World, memory: Arc<Memory<'w>>, own: FileId) -> Self {
        Self { tracks: true, ..Self::with(world, memory, Some(own)) }
    }

    /// Runs the module of the file that is collected, before anything else, and says what that
    /// looked at. `None` where what it comes to depends on who asks.
    pub(crate) fn run_own(&self, file: FileId) -> Option<(Arc<Namespace<'w>>, Arc<Record>)> {
        let (namespace, trace) = self.traced(|| self.module_frame(file));
        if !trace.may_be_shared() {
            return None;
        }
        // It may have asked about itself while it ran, as every condition does.
        self.frames.settle();
        let record = Arc::clone(&trace.record);
        let _ = self.own_body.set((Arc::clone(&namespace), trace));
        Some((namespace, record))
    }

    /// Whether the collected file and others import one another: then what is found may depend
    /// on who asked first for what.
    pub(crate) const fn is_in_circle(&self) -> bool {
        self.in_circle.get() || self.frames.have_met()
    }

    /// Does something, and says what it looked at.
    pub(crate) fn traced<T>(&self, work: impl FnOnce() -> T) -> (T, Trace) {
        self.frames.push(self.depth.get());
        let value = work();
        (value, self.frames.pop(self.depth.get()))
    }

    /// Uses what [`Query::traced`] gave.
    pub(crate) fn take(&self, trace: &Trace) {
        self.frames.take(trace);
    }

    /// Notes what was looked at when something that is used again was found.
    pub(crate) fn note_all(&self, record: &Record) {
        self.frames.note_all(record);
    }

    /// Notes that a name of a module is looked up.
    pub(crate) fn note_name(&self, file: FileId, name: &str) {
        if self.tracks && self.own == Some(file) {
            self.frames.note_name(name);
        }
    }

    /// Notes that somebody asks what a module imports and whether it stops.
    pub(super) fn note_flow(&self, file: FileId) {
        self.note_name(file, FLOW);
    }

    /// Notes that any name of a module may be looked up.
    fn note_any_name(&self, file: FileId) {
        if self.tracks && self.own == Some(file) {
            self.frames.note_any_name();
        }
    }

    /// What answering looked at.
    #[must_use]
    pub fn into_record(self) -> Record {
        self.frames.into_record()
    }

    /// A result that is computed once: by this query, or by another that shares its memory.
    ///
    /// Computing must depend on the key and the world alone. Where it looked at something that
    /// is only half known yet (imports that go in a circle), it is forgotten once that is known:
    /// what is found must not depend on who asked first.
    pub(crate) fn remember<T: Keep<'w>>(&self, key: Key, compute: impl FnOnce() -> T) -> T {
        for known in [&self.known, &self.passing] {
            if let Some(known) = known.borrow().get(&key)
                && self.holds(&known.trace)
                && let Some(value) = T::take(&known.kept)
            {
                self.frames.raise(self.depth.get() + known.trace.height);
                self.frames.take(&known.trace);
                return value;
            }
        }
        if let Some(entry) = self.memory.get(&key).filter(|entry| self.may_take(entry))
            && let Some(value) = T::take(&entry.kept)
        {
            let known = self.known_of(entry);
            self.frames.raise(self.depth.get() + known.trace.height);
            self.frames.take(&known.trace);
            self.known.borrow_mut().insert(key, known);
            return value;
        }
        self.frames.push(self.depth.get());
        self.frames.note_file(key.file());
        let value = compute();
        let trace = self.frames.pop(self.depth.get());
        if trace.may_be_shared() && self.own != Some(key.file()) {
            let (record, height) = (self.complete(&trace.record), trace.height);
            self.memory.put(key.clone(), Entry { kept: value.keep(), record, height });
        }
        let results = if trace.is_passing() { &self.passing } else { &self.known };
        results.borrow_mut().insert(key, Known { kept: value.keep(), trace });
        value
    }

    /// What was looked at for something that others will share.
    fn complete(&self, record: &Arc<Record>) -> Arc<Record> {
        let mut record = Arc::clone(record);
        if let (Some(own), Some((_, of_body))) = (self.own, self.own_body.get())
            && record.files.contains(own.0)
        {
            Arc::make_mut(&mut record).extend(of_body.record());
        }
        record
    }

    /// A shared result.
    fn known_of(&self, entry: Entry<'w>) -> Known<'w> {
        if self.own.is_some_and(|own| entry.record.files.contains(own.0)) {
            self.in_circle.set(true);
        }
        Known::of(entry)
    }

    /// Whether a result that this query found holds at the moment.
    fn holds(&self, trace: &Trace) -> bool {
        if trace.may_be_shared() { self.is_settled(&trace.record) } else { self.frames.hold(trace) }
    }

    /// Whether computing a shared result here would give the same.
    fn may_take(&self, entry: &Entry<'w>) -> bool {
        self.depth.get() + entry.height <= MAX_DEPTH && self.is_settled(&entry.record)
    }

    /// Whether nothing that was looked at is being computed at the moment.
    fn is_settled(&self, record: &Record) -> bool {
        let looked_at = |running: &Running<'w>| match running.key {
            (file, None) => record.files.contains(file.0),
            key => record.classes.contains(class_hash(key)),
        };
        !self.running.borrow().iter().any(looked_at)
            && !self.importing.borrow().iter().any(|(file, _)| record.files.contains(file.0))
    }

    /// The namespace of a file's module, once it has run. Its `Imported` definitions are not
    /// followed: see [`Query::follow`].
    #[must_use]
    pub fn module_namespace(&self, file: FileId) -> Arc<Namespace<'w>> {
        Self::finished(self.module_body(file))
    }

    /// The same for those who look at nothing but what is no name's, such as changes of attributes.
    /// Where that differs after an edit, everything is collected again; but for how the module's
    /// flow goes ([`Query::note_flow`]).
    pub(crate) fn module_frame(&self, file: FileId) -> Arc<Namespace<'w>> {
        Self::finished(self.module_frame_body(file))
    }

    /// The same for those who look up one name.
    pub(crate) fn module_for(&self, file: FileId, name: &str) -> Arc<Namespace<'w>> {
        self.note_name(file, name);
        self.module_frame(file)
    }

    /// The namespace of a class's own body, without its bases.
    #[must_use]
    pub fn class_namespace(&self, class: ClassRef<'w>) -> Arc<Namespace<'w>> {
        Self::finished(self.class_body(class))
    }

    /// Of a body that still runs nothing can be said in the end; only questions from within it
    /// meet one.
    fn finished(progress: Progress<'w>) -> Arc<Namespace<'w>> {
        match progress {
            Progress::Done(namespace) => namespace,
            Progress::Running(_) => Arc::new(Namespace {
                open: Some("its imports go in a circle".into()),
                ..Namespace::default()
            }),
        }
    }

    pub(super) fn module_body(&self, file: FileId) -> Progress<'w> {
        self.note_any_name(file);
        self.module_frame_body(file)
    }

    /// The body of a module for those who look up one name: it, and what stands in for it.
    pub(super) fn module_body_for(&self, file: FileId, name: &str) -> Progress<'w> {
        self.note_name(file, name);
        self.note_name(file, "__getattr__");
        self.module_frame_body(file)
    }

    /// The body of a module for those who look at what is no name's: see
    /// [`Query::module_frame`].
    pub(super) fn module_frame_body(&self, file: FileId) -> Progress<'w> {
        if self.own == Some(file)
            && let Some((namespace, trace)) = self.own_body.get()
        {
            if self.is_settled(&trace.record) {
                self.frames.note_file(file);
                self.frames.raise(self.depth.get() + trace.height);
                return Progress::Done(Arc::clone(namespace));
            }
            // Within a circle of imports it is another one.
            self.in_circle.set(true);
        }
        self.body((file, None), || self.run_module(file))
    }

    pub(super) fn class_body(&self, class: ClassRef<'w>) -> Progress<'w> {
        let key = class.key();
        self.body(key, || {
            self.frames.note_class(class_hash(key));
            self.run_class(class)
        })
    }

    fn body(&self, key: BodyKey, run: impl FnOnce() -> Arc<Namespace<'w>>) -> Progress<'w> {
        if let Some(running) = self.running.borrow().iter().rev().find(|r| r.key == key) {
            self.frames.meet(running.frame);
            return Progress::Running(Rc::clone(&running.state));
        }
        Progress::Done(self.remember(Key::Body(key), run))
    }

    /// Notes that an answer came to its end before it was complete.
    pub(crate) fn taint(&self) {
        self.frames.taint();
    }

    /// Notes that a body begins to run.
    pub(super) fn begin(&self, key: BodyKey, state: Rc<RefCell<State<'w>>>) {
        let frame = self.frames.innermost();
        self.running.borrow_mut().push(Running { key, state, frame });
    }

    /// Notes that the body that began last has run.
    pub(super) fn end(&self) {
        self.running.borrow_mut().pop();
    }

    /// One level deeper; `None` when questions wait for one another without end.
    pub(super) fn enter(&self) -> Option<Level<'_>> {
        let depth = self.depth.get();
        if depth >= MAX_DEPTH {
            // Asked from less deep there might be an answer.
            self.frames.taint();
            return None;
        }
        self.depth.set(depth + 1);
        self.frames.raise(depth + 1);
        Some(Level(&self.depth))
    }

    /// What importing a dotted name gives; `None` while the world has no answer, which makes the
    /// name wanted.
    pub(super) fn module(&self, dotted: &str) -> Option<Module> {
        match self.world.named(dotted) {
            Some((name, answer)) => {
                self.frames.note_module(name, answer.is_none().then_some(dotted));
                answer
            }
            None => {
                self.frames.note_wanted(dotted);
                None
            }
        }
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

/// What stands for a class body in a [`Record`].
fn class_hash((file, offset): BodyKey) -> u32 {
    file.0.wrapping_mul(0x9e37_79b9) ^ offset.unwrap_or_default()
}

impl<'w> Keep<'w> for Arc<Namespace<'w>> {
    fn keep(&self) -> Kept<'w> {
        Kept::Body(Self::clone(self))
    }

    fn take(kept: &Kept<'w>) -> Option<Self> {
        if let Kept::Body(namespace) = kept { Some(Self::clone(namespace)) } else { None }
    }
}

impl<'w> Keep<'w> for Order<'w> {
    fn keep(&self) -> Kept<'w> {
        Kept::Order(self.clone())
    }

    fn take(kept: &Kept<'w>) -> Option<Self> {
        if let Kept::Order(order) = kept { Some(order.clone()) } else { None }
    }
}

impl<'w> Keep<'w> for Option<bool> {
    fn keep(&self) -> Kept<'w> {
        Kept::Importable(*self)
    }

    fn take(kept: &Kept<'w>) -> Option<Self> {
        if let Kept::Importable(answer) = kept { Some(*answer) } else { None }
    }
}
