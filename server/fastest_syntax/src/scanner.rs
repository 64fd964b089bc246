//! Source text to statements, in one pass.
//!
//! The text is read in *steps*: a step starts at a line's start outside of strings and brackets,
//! needs nothing of what stands before it, and ends where the next step may start. [`scan`] is
//! the fold of these steps over a file; an open document repeats only the steps that an edit
//! touched.
//!
//! Expressions are handed to a [`Fragments`], so that closed files and open documents differ in
//! nothing else. Bodies of functions are skipped.

mod blocks;
mod classes;
mod cursor;
mod definitions;
pub(crate) mod flaws;
mod generators;
mod hooks;
mod imports;
pub(crate) mod literals;
mod simple;
mod suites;
mod words;

use std::sync::Arc;

use fastest_model::Span;

use crate::expr::{Expr, Keyword};
use crate::outline::{Outline, Param, Placed, Statement};
use crate::reader::Reader;
use cursor::Cursor;
use flaws::Flaw;
use words::Words;

/// What editors on some systems put at a file's start.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Reads the expressions that the scanner delimits.
///
/// `span` counts from the start of `source`; spans in what is returned count from `base` (the
/// start of the top-level statement), spans of flaws from the start of `source` again.
/// A fragment may hold line breaks and comments (it was delimited with care for brackets,
/// strings and continued lines) and leading or trailing blanks.
pub(crate) trait Fragments {
    /// Reads an expression, a bare tuple (`a, *b`), a bare `yield` or a bare `x := y`.
    fn expr(&mut self, source: &str, span: Span, base: u32, flaws: &mut Vec<Flaw>) -> Expr;

    /// Reads what stands between the parentheses of `def f(…)`.
    fn params(&mut self, source: &str, span: Span, base: u32, flaws: &mut Vec<Flaw>) -> Vec<Param>;

    /// Reads what stands between the parentheses of `class C(…)`.
    fn arguments(
        &mut self,
        source: &str,
        span: Span,
        base: u32,
        flaws: &mut Vec<Flaw>,
    ) -> Arguments;
}

/// What stands between the parentheses of a call or a class statement.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Arguments {
    /// Positional arguments in order; `*args` is `Starred`.
    pub args: Vec<Expr>,
    /// Keyword arguments in order.
    pub keywords: Vec<Keyword>,
}

/// What one step read.
#[derive(Debug, PartialEq)]
pub(crate) struct Step {
    /// The statements that start within this step: one, mostly; none when only blanks, comments
    /// or constants were left; several for `a; b` and for lines indented for no reason.
    pub statements: Vec<Placed>,
    /// What is wrong with them. Spans count from the file's start.
    pub flaws: Vec<Flaw>,
    /// Where the next step starts: the start of the line after this step's last line.
    pub end: u32,
    /// How far the step looked: it depends on the bytes from its start up to here, exclusive, and
    /// on nothing else. One more than the text's length when it depends on the text ending there.
    pub looked_to: u32,
}

/// Walks a file's text step by step.
pub(crate) struct Scanner<'s, F> {
    cursor: Cursor<'s>,
    fragments: F,
    /// Where the top-level statement at hand starts.
    base: u32,
    /// How many suites surround the statement at hand.
    level: usize,
    /// Finished statements and where they start; suites take theirs from its end.
    done: Vec<(usize, Statement)>,
    /// Where the last statement's code ended.
    last_end: usize,
    /// How many flaws were known before the statement at hand.
    flaws_before: usize,
    words: Words,
    /// Kept for the columns of a skipped suite's lines.
    columns: Vec<usize>,
}

impl<'s, F: Fragments> Scanner<'s, F> {
    /// A scanner of `source` that reads expressions through `fragments`.
    pub fn new(source: &'s str, fragments: F) -> Self {
        Self {
            cursor: Cursor::new(source),
            fragments,
            base: 0,
            level: 0,
            done: Vec::new(),
            last_end: 0,
            flaws_before: 0,
            words: Words::default(),
            columns: Vec::new(),
        }
    }

    /// Reads the piece that starts at `offset`, which must be 0 or the `end` of another step.
    /// `None` at the end of the text.
    pub fn statement_at(&mut self, offset: u32) -> Option<Step> {
        let mut statements = Vec::new();
        let end = self.step(offset as usize, &mut statements)?;
        let looked_to = self.cursor.looked.max(end) as u32;
        let flaws = std::mem::take(&mut self.cursor.flaws);
        Some(Step { statements, flaws, end: end as u32, looked_to })
    }

    /// Reads the piece that starts at `offset` and returns where it ends. Its flaws are added to
    /// those of the cursor.
    fn step(&mut self, offset: usize, statements: &mut Vec<Placed>) -> Option<usize> {
        if offset >= self.cursor.bytes.len() {
            return None;
        }
        let has_mark = offset == 0 && self.cursor.source.starts_with(BYTE_ORDER_MARK);
        self.cursor.pos = if has_mark { BYTE_ORDER_MARK.len_utf8() } else { offset };
        self.cursor.looked = self.cursor.pos;
        match self.cursor.line() {
            None => self.cursor.pos = self.cursor.bytes.len(),
            Some(line) if line.column == 0 => self.statement(line),
            Some(line) => {
                self.unexpected_indent(line);
                self.lines_deeper_than(1);
            }
        }
        let place =
            |(start, statement)| Placed { start: start as u32, statement: Arc::new(statement) };
        statements.extend(self.done.drain(..).map(place));
        Some(self.cursor.pos)
    }
}

/// Reads a whole file's text.
#[must_use]
pub fn scan(source: &str) -> Outline {
    let mut scanner = Scanner::new(source, Reader);
    let mut statements = Vec::new();
    let mut offset = 0;
    while let Some(end) = scanner.step(offset, &mut statements) {
        offset = end;
    }
    Outline { statements, problems: flaws::to_problems(source, &scanner.cursor.flaws) }
}

#[cfg(test)]
mod tests;
