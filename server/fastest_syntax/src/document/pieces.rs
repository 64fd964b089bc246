//! The outline of a text that is edited, kept by reading again only what an edit can have changed.
//!
//! The text is a row of pieces, each what one step of the scanner read. A step depends on the
//! bytes from its start to as far as it looked and on nothing else, so a piece whose bytes there
//! are the same is the same, wherever it now stands. The text around an edit is read again until
//! a step ends where an untouched piece starts. What results is what a scan of the whole text
//! yields, because it is made of the same steps.

use std::ops::Range;
use std::sync::Arc;

use super::edit::Replaced;
use super::left::Left;
use super::shape::same_shape;
use crate::outline::{Outline, Placed};
use crate::scanner::flaws::{Flaw, to_problems};
use crate::scanner::{Fragments, Scanner, Step};

/// A byte order mark, which means something at the start of a file only.
const MARK: &str = "\u{feff}";

/// The pieces of a text and the outline that they make up.
#[derive(Clone, Debug, Default)]
pub(super) struct Pieces {
    pieces: Vec<Piece>,
    outline: Arc<Outline>,
    left: Left,
}

/// What one step read.
#[derive(Clone, Debug)]
pub(super) struct Piece {
    /// Where it started when it was last placed.
    pub(super) start: usize,
    /// Bytes to the start of the next piece.
    pub(super) len: usize,
    /// How far the step looked, counted from the piece's start.
    looked: usize,
    /// How many of the outline's statements belong to it.
    pub(super) statements: usize,
    /// What is wrong with it; spans count from the piece's start.
    flaws: Vec<Flaw>,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// As it was read.
    Kept,
    /// As it was read, and to be read again when it is moved.
    Fixed,
    /// To be read again.
    Dirty,
}

/// What an update did.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Update {
    /// The statements that were read again, from the top of the text down.
    pub(super) regions: Vec<Region>,
    /// How many of their statements were known from before, and not read.
    pub(super) restored: usize,
    /// Whether the outline's problems are others, or elsewhere.
    pub(super) problems_changed: bool,
}

/// Neighbouring statements that were read again.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Region {
    /// The statements that stood here, as they were placed before the edit.
    pub old: Vec<Placed>,
    /// Which of the outline's statements stand here now.
    pub new: Range<usize>,
}

impl Region {
    /// Whether the statements now say something else than before.
    pub(super) fn changes_meaning(&self, outline: &Outline) -> bool {
        let new = outline.statements.get(self.new.clone()).unwrap_or_default();
        let same = |(old, new): (&Placed, &Placed)| same_shape(&old.statement, &new.statement);
        self.old.len() != new.len() || !self.old.iter().zip(new).all(same)
    }
}

impl Pieces {
    /// Reads a whole text.
    pub(super) fn of(source: &str, fragments: impl Fragments) -> Self {
        let mut pieces = Self::default();
        pieces.touch(Replaced { start: 0, old_end: 0, new_end: source.len() });
        pieces.update(source, fragments);
        pieces
    }

    /// What the text defines, as of the last update.
    pub(super) fn outline(&self) -> &Arc<Outline> {
        &self.outline
    }

    /// Marks the pieces that a replacement touches.
    pub(super) fn touch(&mut self, replaced: Replaced) {
        let Replaced { start, old_end, new_end } = replaced;
        let mut at = 0;
        let (mut first, mut last) = (self.pieces.len(), 0);
        for (index, piece) in self.pieces.iter_mut().enumerate() {
            if at < old_end && at + piece.looked > start {
                piece.state = State::Dirty;
            }
            if at < old_end {
                last = index + 1;
            }
            at += piece.len;
            if at > start {
                first = first.min(index);
            }
        }
        self.left.touch(at - old_end);
        let holding = first..last.max(first);
        let merged = Piece::dirty(&self.pieces[holding.clone()], new_end - start, old_end - start);
        self.pieces.splice(holding, [merged]);
    }

    /// Reads what was touched; `source` is the text with all replacements done.
    pub(super) fn update(&mut self, source: &str, fragments: impl Fragments) -> Update {
        let outline = Arc::make_mut(&mut self.outline);
        // What stands before the first touched piece stays where it is.
        let is_touched = |piece: &Piece| piece.state == State::Dirty;
        let first = self.pieces.iter().position(is_touched).unwrap_or(self.pieces.len());
        let before: usize = self.pieces[..first].iter().map(|piece| piece.statements).sum();
        let old = self.pieces.split_off(first);
        let statements = outline.statements.split_off(before);
        let mut rebuild = Rebuild {
            source,
            scanner: Scanner::new(source, fragments),
            at: self.pieces.last().map_or(0, |piece| piece.start + piece.len),
            pieces: std::mem::take(&mut self.pieces),
            rebuilt: std::mem::take(&mut outline.statements),
            old: old.into_iter(),
            statements: statements.into_iter(),
            regions: Vec::new(),
            left: &mut self.left,
            restored: 0,
        };
        rebuild.run();
        let Rebuild { pieces, rebuilt, regions, restored, .. } = rebuild;
        self.pieces = pieces;
        outline.statements = rebuilt;
        let problems = to_problems(source, &self.flaws());
        let outline = Arc::make_mut(&mut self.outline);
        let problems_changed = outline.problems != problems;
        outline.problems = problems;
        Update { regions, restored, problems_changed }
    }

    /// What is wrong with the text, counted from its start.
    fn flaws(&self) -> Vec<Flaw> {
        let moved = |piece: &Piece| {
            let by = signed(piece.start);
            piece.flaws.iter().map(move |flaw| flaw.moved(by)).collect::<Vec<_>>()
        };
        let flawed = self.pieces.iter().filter(|piece| !piece.flaws.is_empty());
        flawed.flat_map(moved).collect()
    }
}

impl Piece {
    /// The pieces as one to be read again, of which some bytes were replaced by others.
    fn dirty(pieces: &[Self], inserted: usize, removed: usize) -> Self {
        Self {
            start: 0,
            len: pieces.iter().map(|piece| piece.len).sum::<usize>() + inserted - removed,
            looked: 0,
            statements: pieces.iter().map(|piece| piece.statements).sum(),
            flaws: Vec::new(),
            state: State::Dirty,
        }
    }

    fn of(step: &Step, at: usize, source: &str) -> Self {
        let marked = source.get(at..).is_some_and(|text| text.starts_with(MARK));
        Self {
            start: at,
            len: step.end as usize - at,
            looked: (step.looked_to as usize).saturating_sub(at),
            statements: step.statements.len(),
            flaws: step.flaws.iter().map(|flaw| flaw.moved(-signed(at))).collect(),
            state: if marked { State::Fixed } else { State::Kept },
        }
    }

    /// Whether it is what a step at `at` would read.
    fn holds_at(&self, at: usize) -> bool {
        match self.state {
            State::Kept => true,
            State::Fixed => self.start == at,
            State::Dirty => false,
        }
    }
}

/// An update under way.
struct Rebuild<'s, F> {
    source: &'s str,
    scanner: Scanner<'s, F>,
    /// The pieces not yet dealt with, and their statements.
    old: std::vec::IntoIter<Piece>,
    statements: std::vec::IntoIter<Placed>,
    /// The pieces dealt with, and their statements.
    pieces: Vec<Piece>,
    rebuilt: Vec<Placed>,
    regions: Vec<Region>,
    /// What earlier edits took away.
    left: &'s mut Left,
    restored: usize,
    /// Where the next piece starts.
    at: usize,
}

impl<F: Fragments> Rebuild<'_, F> {
    fn run(&mut self) {
        while let Some(piece) = self.old.next() {
            if piece.holds_at(self.at) {
                let mut statements = std::mem::take(&mut self.statements);
                self.place(piece, &mut statements);
                self.statements = statements;
            } else {
                self.read(&piece);
            }
        }
    }

    /// Puts a piece, and as many statements as it has, where the next one starts.
    fn place(&mut self, mut piece: Piece, statements: &mut std::vec::IntoIter<Placed>) {
        let by = signed(self.at) - signed(piece.start);
        for placed in statements.by_ref().take(piece.statements) {
            let start = u32::try_from(i64::from(placed.start) + by).unwrap_or(u32::MAX);
            self.rebuilt.push(Placed { start, ..placed });
        }
        piece.start = self.at;
        self.at += piece.len;
        self.pieces.push(piece);
    }

    /// Reads the text of a dirty piece, and of those behind it that its last step runs into.
    fn read(&mut self, dirty: &Piece) {
        let mut end = self.at + dirty.len;
        let first = self.rebuilt.len();
        let mut old: Vec<_> = self.statements.by_ref().take(dirty.statements).collect();
        let mut overrun = Vec::new();
        while self.at < end && (self.restore() || self.step()) {
            while self.at > end {
                let Some(piece) = self.old.next() else { break };
                end += piece.len;
                old.extend(self.statements.by_ref().take(piece.statements));
                if piece.state == State::Kept {
                    overrun.push(piece);
                } else {
                    overrun.clear();
                }
            }
        }
        let behind = self.old.as_slice();
        if Left::is_worth(&overrun) && behind.iter().all(|piece| piece.state != State::Dirty) {
            let behind = behind.iter().map(|piece| piece.len).sum();
            self.left.keep(overrun, &old, behind);
        }
        let new = first..self.rebuilt.len();
        if !old.is_empty() || !new.is_empty() {
            self.regions.push(Region { old, new });
        }
    }

    /// Takes back what was read from here on before an edit that is undone now; false if nothing
    /// was.
    fn restore(&mut self) -> bool {
        let Some((pieces, statements)) = self.left.take(self.at, self.source.len()) else {
            return false;
        };
        self.restored += statements.len();
        let mut statements = statements.into_iter();
        pieces.into_iter().for_each(|piece| self.place(piece, &mut statements));
        true
    }

    /// Reads on; false at the end of the text.
    fn step(&mut self) -> bool {
        let Some(step) = self.scanner.statement_at(unsigned(self.at)) else { return false };
        self.pieces.push(Piece::of(&step, self.at, self.source));
        self.at = step.end as usize;
        self.rebuilt.extend(step.statements);
        true
    }
}

fn signed(offset: usize) -> i64 {
    i64::try_from(offset).unwrap_or(i64::MAX)
}

fn unsigned(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
