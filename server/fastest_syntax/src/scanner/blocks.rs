//! Compound statements: `if`, `try`, `with`, `for`, `while`, `match`.

use super::cursor::{Cursor, Line, find_word, split_commas, trim_end};
use super::suites::{Header, block_name};
use super::{Fragments, Scanner};
use crate::expr::Expr;
use crate::outline::{Arm, ArmKind, Block, BlockKind, Statement};

impl<F: Fragments> Scanner<'_, F> {
    /// Reads a compound statement whose keyword is at `pos`, with all its arms.
    pub(super) fn block(&mut self, line: Line, kind: BlockKind) {
        let mut arms = Vec::new();
        let mut start = line.start;
        loop {
            arms.push(self.arm(kind, Line { start, ..line }));
            let last = arms.last().map(|arm: &Arm| arm.kind);
            let Some(next) = self.cursor.line().filter(|next| next.column == line.column) else {
                break;
            };
            let before = std::mem::replace(&mut self.cursor.pos, next.start);
            if !last.is_some_and(|last| continues(kind, last, self.cursor.word())) {
                self.cursor.pos = before;
                break;
            }
            start = next.start;
            self.flaws_before = self.cursor.flaws.len();
        }
        if kind == BlockKind::Try && arms.len() == 1 {
            self.broken(line.start, self.last_end, "expected 'except' or 'finally' block");
        }
        let span = self.relative(line.start, self.last_end);
        self.emit(line.start, Statement::Block(Block { kind, arms, span }));
    }

    fn arm(&mut self, block: BlockKind, line: Line) -> Arm {
        let word = self.cursor.word();
        self.cursor.pos += word.len();
        self.cursor.column = line.column;
        let start = self.cursor.pos;
        let end = self.colon();
        let mut binds = Vec::new();
        let (kind, head) = match word {
            "except" => (ArmKind::Except, self.except_head(start, end, &mut binds)),
            "else" => (ArmKind::Else, self.no_head(start, end)),
            "finally" => (ArmKind::Finally, self.no_head(start, end)),
            _ if block == BlockKind::Try => (ArmKind::Body, self.no_head(start, end)),
            _ if block == BlockKind::For => (ArmKind::Body, self.for_head(start, end, &mut binds)),
            _ if block == BlockKind::With => {
                (ArmKind::Body, self.with_head(start, end, &mut binds))
            }
            _ => (ArmKind::Body, Some(self.expr(start, end))),
        };
        let header = Header { start: line.start, column: line.column, what: block_name(word) };
        Arm { kind, head, binds, body: self.suite(header) }
    }

    fn no_head(&mut self, start: usize, end: usize) -> Option<Expr> {
        if trim_end(self.cursor.bytes, start, end) > start {
            self.broken(start, end, "expected ':'");
        }
        None
    }

    fn except_head(&mut self, start: usize, end: usize, binds: &mut Vec<Expr>) -> Option<Expr> {
        let text = self.cursor.text(start, end);
        let blanks = text.len() - text.trim_start().len();
        let start = start + blanks + usize::from(text.trim_start().starts_with('*'));
        if trim_end(self.cursor.bytes, start, end) == start {
            return None;
        }
        Some(self.bound(start, end, binds))
    }

    fn for_head(&mut self, start: usize, end: usize, binds: &mut Vec<Expr>) -> Option<Expr> {
        let Some(at) = find_word(self.cursor.bytes, start, end, "in") else {
            self.broken(start, end, "invalid syntax");
            return None;
        };
        binds.push(self.expr(start, at));
        Some(self.expr(at + "in".len(), end))
    }

    /// Reads the items of a `with`, which may stand in parentheses of their own.
    fn with_head(&mut self, start: usize, end: usize, binds: &mut Vec<Expr>) -> Option<Expr> {
        let (start, end) = self.within_parentheses(start, end).unwrap_or((start, end));
        let items = split_commas(self.cursor.bytes, start, end);
        if items.is_empty() {
            return Some(self.expr(start, end));
        }
        let mut head = None;
        for (start, end) in items {
            let manager = self.bound(start, end, binds);
            head.get_or_insert(manager);
        }
        head
    }

    /// What the parentheses around the items of a `with` hold, if there are such parentheses:
    /// they are told from a tuple's or an expression's by an `as` or a comma.
    fn within_parentheses(&self, start: usize, end: usize) -> Option<(usize, usize)> {
        let bytes = self.cursor.bytes;
        let text = self.cursor.text(start, end);
        let start = start + (text.len() - text.trim_start().len());
        let end = trim_end(bytes, start, end);
        let is_open = end > start + 1 && bytes[start] == b'(' && bytes[end - 1] == b')';
        let inner = (start + 1, end.max(2) - 1);
        if !is_open || !closes_at_end(self.cursor.text(start, end)) {
            return None;
        }
        let has_as = || find_word(bytes, inner.0, inner.1, "as").is_some();
        let has_comma = || split_commas(bytes, inner.0, inner.1).len() > 1;
        (has_as() || has_comma()).then_some(inner)
    }

    /// Reads `value as target`.
    fn bound(&mut self, start: usize, end: usize, binds: &mut Vec<Expr>) -> Expr {
        let Some(at) = find_word(self.cursor.bytes, start, end, "as") else {
            return self.expr(start, end);
        };
        let value = self.expr(start, at);
        binds.push(self.expr(at + "as".len(), end));
        value
    }

    /// Whether the `match` at `pos` starts a `match` statement: it is followed by a subject, and
    /// its line ends with a colon.
    pub(super) fn is_match(&mut self) -> bool {
        let start = self.cursor.pos;
        let known = self.cursor.flaws.len();
        self.cursor.pos += "match".len();
        self.cursor.skip_blanks();
        let subject = self.cursor.pos;
        let follows = !matches!(self.cursor.byte(), b'=' | b'.' | b',' | b':' | b';' | b')' | b']');
        let is_match = follows && !self.at_line_end() && {
            self.cursor.walk_line();
            let end = trim_end(self.cursor.bytes, subject, self.cursor.pos);
            end > subject && self.cursor.bytes[end - 1] == b':'
        };
        self.cursor.saw(self.cursor.pos + 1);
        self.cursor.flaws.truncate(known);
        self.cursor.pos = start;
        is_match
    }

    /// Reads a `match` statement.
    pub(super) fn match_block(&mut self, line: Line) {
        self.cursor.pos += "match".len();
        self.colon();
        self.cursor.finish_line();
        let header = Header { start: line.start, column: line.column, what: "'match' statement" };
        self.expect_indent(header);
        let mut arms = Vec::new();
        self.level += 1;
        while let Some(next) = self.cursor.line().filter(|next| next.column > line.column) {
            arms.push(self.case(next));
        }
        self.level -= 1;
        let span = self.relative(line.start, self.last_end);
        self.emit(line.start, Statement::Block(Block { kind: BlockKind::Match, arms, span }));
    }

    /// Reads a `case`; any other line in its place is kept as an arm of that one statement.
    fn case(&mut self, line: Line) -> Arm {
        self.cursor.pos = line.start;
        self.cursor.column = line.column;
        self.flaws_before = self.cursor.flaws.len();
        let body = if self.cursor.word() == "case" {
            self.cursor.pos += "case".len();
            self.colon();
            let what = "'case' statement";
            self.suite(Header { start: line.start, column: line.column, what })
        } else {
            self.broken(line.start, line.start, "invalid syntax");
            let first = self.done.len();
            self.statement(line);
            self.done.drain(first..).map(|(_, statement)| statement).collect()
        };
        Arm { kind: ArmKind::Case, head: None, binds: Vec::new(), body }
    }

    /// Reads an `else`, `elif`, `except` or `finally` that nothing stands before: its suite is
    /// kept, as if it were not indented.
    pub(super) fn orphan(&mut self, line: Line) {
        let word = self.cursor.word();
        self.cursor.flaw(line.start, line.start + word.len(), "invalid syntax");
        self.cursor.pos += word.len();
        self.colon();
        self.emit_other(line.start, self.last_end);
        self.cursor.skip_blanks();
        if !self.at_line_end() {
            return self.simple_line();
        }
        self.cursor.finish_line();
        self.lines_deeper_than(line.column + 1);
    }
}

/// Whether a line that starts with `word` is the next arm of a statement after an arm `last`.
fn continues(kind: BlockKind, last: ArmKind, word: &str) -> bool {
    match word {
        "elif" => kind == BlockKind::If && last == ArmKind::Body,
        "else" => match kind {
            BlockKind::If | BlockKind::For | BlockKind::While => last == ArmKind::Body,
            BlockKind::Try => last == ArmKind::Except,
            BlockKind::With | BlockKind::Match => false,
        },
        "except" => kind == BlockKind::Try && matches!(last, ArmKind::Body | ArmKind::Except),
        "finally" => kind == BlockKind::Try && last != ArmKind::Finally,
        _ => false,
    }
}

/// Whether the bracket that a text starts with closes with the text's last byte.
fn closes_at_end(text: &str) -> bool {
    let mut cursor = Cursor::new(text);
    cursor.brackets();
    cursor.pos == text.len()
}
