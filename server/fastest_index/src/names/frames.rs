//! What each computation that is under way has looked at so far.
//!
//! A computation that meets a body which still runs depends on how far that body got, and so on
//! who asked first. Its result holds within the frame in which that body runs, and no longer (the idea is Tarjan's: a component is complete when its root is).

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::Record;
use super::memory::{Entry, Kept};
use crate::world::{FileId, NameId};

/// The frame that stands for the whole query.
const BASE: usize = 0;

/// The computations under way, the innermost last.
pub(super) struct Frames {
    stack: RefCell<Vec<Frame>>,
    /// How deep the present computation has gone, from the query down.
    peak: Cell<u32>,
    serials: Cell<u32>,
    /// Whether anything was unfinished when it was looked at.
    met: Cell<bool>,
}

#[derive(Default)]
struct Frame {
    record: Record,
    serial: u32,
    /// The outermost frame of which something unfinished was seen.
    meets: Option<usize>,
    /// Whether something was used that others would find different.
    tainted: bool,
    /// The peak outside, and the depth at which this began.
    outer_peak: u32,
    start: u32,
}

/// A result that this query knows.
pub(super) struct Known<'w> {
    pub kept: Kept<'w>,
    pub trace: Trace,
}

/// How a result came about.
pub(crate) struct Trace {
    pub(super) record: Arc<Record>,
    pub(super) height: u32,
    taint: Taint,
    /// The frame that has taken the record in already.
    taken_by: Cell<u32>,
}

/// For whom a result holds.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Taint {
    /// For everybody.
    None,
    /// Within a frame, given by its place and serial number.
    Within(usize, u32),
    /// For this query only.
    Query,
}

impl<'w> Known<'w> {
    /// A result that was shared.
    pub fn of(entry: Entry<'w>) -> Self {
        let Entry { kept, record, height } = entry;
        let trace = Trace { record, height, taint: Taint::None, taken_by: Cell::new(u32::MAX) };
        Self { kept, trace }
    }
}

impl Trace {
    /// What was looked at.
    pub fn record(&self) -> &Record {
        &self.record
    }

    /// The same, to keep.
    pub fn into_record(self) -> Arc<Record> {
        self.record
    }

    /// Whether the result holds whoever asks.
    pub fn may_be_shared(&self) -> bool {
        self.taint == Taint::None
    }

    /// Whether the result holds only while something else is being computed.
    pub fn is_passing(&self) -> bool {
        matches!(self.taint, Taint::Within(..))
    }
}

impl Default for Frames {
    fn default() -> Self {
        let stack = RefCell::new(vec![Frame::default()]);
        Self { stack, peak: Cell::new(0), serials: Cell::new(0), met: Cell::new(false) }
    }
}

impl Frames {
    /// What the whole query looked at, without what matters only while it goes on.
    pub fn into_record(self) -> Record {
        let Record { files, modules, wanted, .. } =
            self.stack.into_inner().swap_remove(BASE).record;
        Record { files, modules, wanted, ..Record::default() }
    }

    /// Whether anything was looked at that was unfinished, or that others might find different.
    pub const fn have_met(&self) -> bool {
        self.met.get()
    }

    /// Nothing of what was met is unfinished any more, and no result is left that depends on it.
    pub fn settle(&self) {
        self.met.set(false);
    }

    /// The place of the innermost frame.
    pub fn innermost(&self) -> usize {
        self.stack.borrow().len() - 1
    }

    /// A computation begins at a depth.
    pub fn push(&self, depth: u32) {
        let serial = self.serials.get() + 1;
        self.serials.set(serial);
        let outer_peak = self.peak.replace(depth);
        let frame = Frame { serial, outer_peak, start: depth, ..Frame::default() };
        self.stack.borrow_mut().push(frame);
    }

    /// The innermost computation is done; those around it have looked at what it looked at.
    pub fn pop(&self, depth: u32) -> Trace {
        let mut stack = self.stack.borrow_mut();
        let frame =
            if stack.len() > 1 { stack.pop().unwrap_or_default() } else { Frame::default() };
        let own = stack.len();
        let peak = self.peak.get().max(depth);
        self.peak.set(peak.max(frame.outer_peak));
        let meets = frame.meets.filter(|&place| place < own);
        let taint = match meets {
            _ if frame.tainted => Taint::Query,
            Some(place) => Taint::Within(place, stack[place].serial),
            None => Taint::None,
        };
        let trace = Trace {
            record: Arc::new(frame.record),
            height: peak - frame.start,
            taint,
            taken_by: Cell::new(u32::MAX),
        };
        if let Some(outer) = stack.last_mut() {
            outer.take(&trace);
            outer.tainted |= frame.tainted;
            outer.meet(meets);
        }
        trace
    }

    /// Whether a result holds at the moment.
    pub fn hold(&self, trace: &Trace) -> bool {
        match trace.taint {
            Taint::Within(place, serial) => {
                self.stack.borrow().get(place).is_some_and(|frame| frame.serial == serial)
            }
            Taint::None | Taint::Query => true,
        }
    }

    /// The innermost computation uses a result, which holds at the moment.
    pub fn take(&self, trace: &Trace) {
        self.with(|frame| {
            frame.take(trace);
            match trace.taint {
                Taint::None => {}
                Taint::Within(place, _) => frame.meet(Some(place)),
                Taint::Query => frame.tainted = true,
            }
        });
    }

    /// The innermost computation sees something unfinished of a frame.
    pub fn meet(&self, place: usize) {
        self.met.set(true);
        self.with(|frame| frame.meet(Some(place)));
    }

    /// The innermost computation found something that others might find different.
    pub fn taint(&self) {
        self.met.set(true);
        self.with(|frame| frame.tainted = true);
    }

    /// The present computation has gone to a depth.
    pub fn raise(&self, depth: u32) {
        self.peak.set(self.peak.get().max(depth));
    }

    pub fn note_file(&self, file: FileId) {
        self.with(|frame| frame.record.files.insert(file.0));
    }

    /// Notes that a name of the module that is collected was looked up.
    pub fn note_name(&self, name: &str) {
        self.with(|frame| frame.record.reads.add(name));
    }

    /// Notes that any name of the module that is collected may have been looked up.
    pub fn note_any_name(&self) {
        self.with(|frame| frame.record.reads.add_any());
    }

    /// Notes all that was looked at elsewhere.
    pub fn note_all(&self, record: &Record) {
        self.with(|frame| frame.record.extend(record));
    }

    pub fn note_class(&self, hash: u32) {
        self.with(|frame| frame.record.classes.insert(hash));
    }

    /// Notes an imported name; with its text where nothing is known of it any more.
    pub fn note_module(&self, name: NameId, wanted: Option<&str>) {
        self.with(|frame| frame.record.modules.insert(name.0));
        if let Some(dotted) = wanted {
            self.note_wanted(dotted);
        }
    }

    pub fn note_wanted(&self, dotted: &str) {
        self.with(|frame| {
            if !frame.record.wanted.contains(dotted) {
                frame.record.wanted.insert(dotted.into());
            }
        });
    }

    fn with<T>(&self, change: impl FnOnce(&mut Frame) -> T) {
        if let Some(frame) = self.stack.borrow_mut().last_mut() {
            change(frame);
        }
    }
}

impl Frame {
    fn take(&mut self, trace: &Trace) {
        if trace.taken_by.replace(self.serial) != self.serial {
            self.record.extend(&trace.record);
        }
    }

    fn meet(&mut self, place: Option<usize>) {
        self.meets = match (self.meets, place) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
    }
}
