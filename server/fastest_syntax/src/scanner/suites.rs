//! Lines to statements: which statement a line starts, suites and their indentation.

use super::cursor::{Line, line_end, span, trim_end};
use super::flaws::About;
use super::{Fragments, Scanner};
use crate::expr::Expr;
use crate::outline::{BlockKind, Name, Statement};

/// How many suites may nest; Python's own limit.
const MAX_LEVELS: usize = 100;

/// The header that a suite belongs to.
#[derive(Clone, Copy)]
pub(super) struct Header {
    /// Where it starts: the line that messages name.
    pub start: usize,
    /// How far it is indented; its suite is indented further.
    pub column: usize,
    /// What messages call it: `function definition`, `'if' statement`.
    pub what: &'static str,
}

impl<F: Fragments> Scanner<'_, F> {
    /// Reads the statement, or statements, that a line starts, and all their lines.
    pub(super) fn statement(&mut self, line: Line) {
        self.cursor.pos = line.start;
        self.cursor.column = line.column;
        self.flaws_before = self.cursor.flaws.len();
        if self.level == 0 {
            self.base = line.start as u32;
        }
        match self.cursor.word() {
            "def" => self.function(line, Vec::new(), None),
            "class" => self.class(line, Vec::new()),
            "async" => self.asynchronous(line),
            "if" => self.block(line, BlockKind::If),
            "for" => self.block(line, BlockKind::For),
            "while" => self.block(line, BlockKind::While),
            "try" => self.block(line, BlockKind::Try),
            "with" => self.block(line, BlockKind::With),
            "match" if self.is_match() => self.match_block(line),
            "elif" | "else" | "except" | "finally" => self.orphan(line),
            "" if self.cursor.byte() == b'@' => self.decorated(line),
            _ => self.simple_line(),
        }
    }

    /// Adds a statement that starts at `start` to the suite at hand.
    pub(super) fn emit(&mut self, start: usize, statement: Statement) {
        self.done.push((start, statement));
    }

    /// Adds a statement that is not looked into, or broken.
    pub(super) fn emit_other(&mut self, start: usize, end: usize) {
        let span = self.relative(start, end);
        self.emit(start, Statement::Other(span));
    }

    /// A range counted from the top-level statement's start.
    pub(super) fn relative(&self, start: usize, end: usize) -> fastest_model::Span {
        span(start, end.max(start)).relative_to(self.base)
    }

    /// Reads an expression, unless the statement is known to be broken: then what is wrong with
    /// its parts is a consequence, and not reported.
    pub(super) fn expr(&mut self, start: usize, end: usize) -> Expr {
        let known = self.cursor.flaws.len();
        let source = self.cursor.source;
        let range = span(start, end);
        let expr = self.fragments.expr(source, range, self.base, &mut self.cursor.flaws);
        self.forget_consequences(known);
        expr
    }

    /// Drops flaws after the first `known` if the statement had one already.
    pub(super) fn forget_consequences(&mut self, known: usize) {
        if known > self.flaws_before {
            self.cursor.flaws.truncate(known);
        }
    }

    /// Reports a flaw of the statement at hand, unless it has one already.
    pub(super) fn broken(&mut self, start: usize, end: usize, message: &'static str) {
        if self.cursor.flaws.len() == self.flaws_before {
            self.cursor.flaw(start, end, message);
        }
    }

    /// Passes the identifier at `pos`.
    pub(super) fn name(&mut self) -> Option<Name> {
        let word = self.cursor.word();
        if !word.starts_with(|first: char| !first.is_ascii_digit()) || is_keyword(word) {
            return None;
        }
        let start = self.cursor.pos;
        self.cursor.pos += word.len();
        Some(Name { text: word.into(), span: self.relative(start, self.cursor.pos) })
    }

    /// Whether the logical line ends here.
    pub(super) fn at_line_end(&self) -> bool {
        matches!(self.cursor.byte(), b'\n' | b'\r' | b'#')
            || self.cursor.pos >= self.cursor.bytes.len()
    }

    /// Walks to a header's colon and past it; returns where the header's text ends. Colons of
    /// lambdas and of `:=` are not the header's.
    pub(super) fn colon(&mut self) -> usize {
        let start = self.cursor.pos;
        if self.cursor.byte() == b':' && self.cursor.byte_at(start + 1) != b'=' {
            self.cursor.pos += 1;
            self.last_end = start + 1;
            return start;
        }
        let mut from = start;
        let mut lambdas = 0;
        while let Some(mark) = self.cursor.walk_to_mark() {
            let at = self.cursor.pos;
            self.cursor.pos += 1;
            if mark != b':' || self.cursor.byte() == b'=' {
                continue;
            }
            lambdas += self.lambdas(from, at);
            if lambdas == 0 {
                self.last_end = at + 1;
                return at;
            }
            lambdas -= 1;
            from = at + 1;
        }
        let end = trim_end(self.cursor.bytes, start, self.cursor.pos);
        self.last_end = end;
        self.broken(end, end, "expected ':'");
        end
    }

    /// How many lambdas start outside of brackets within a piece of text.
    pub(super) fn lambdas(&self, start: usize, end: usize) -> usize {
        let bytes = self.cursor.bytes;
        if memchr::memmem::find(&bytes[start..end], b"lambda").is_none() {
            return 0;
        }
        let next = |from| super::cursor::find_word(bytes, from, end, "lambda");
        std::iter::successors(next(start), |&at| next(at + "lambda".len())).count()
    }

    /// Reads the suite after a header's colon.
    pub(super) fn suite(&mut self, header: Header) -> Vec<Statement> {
        let first = self.done.len();
        self.level += 1;
        self.cursor.skip_blanks();
        if !self.at_line_end() {
            self.simple_line();
        } else if self.level > MAX_LEVELS {
            self.broken(header.start, self.last_end, "too many levels of indentation");
            self.cursor.finish_line();
            self.skip_lines(header);
        } else {
            self.cursor.finish_line();
            self.expect_indent(header);
            self.lines_deeper_than(header.column + 1);
        }
        self.level -= 1;
        self.done.drain(first..).map(|(_, statement)| statement).collect()
    }

    /// Reports a header that is followed by no suite, unless the header itself is broken.
    pub(super) fn expect_indent(&mut self, header: Header) {
        let line = self.cursor.line();
        let is_broken = self.cursor.flaws.len() > self.flaws_before;
        if is_broken || line.is_some_and(|line| line.column > header.column) {
            return;
        }
        let start = line.map_or(self.cursor.bytes.len(), |line| line.start);
        let end = line_end(self.cursor.bytes, start);
        let message = format!("expected an indented block after {}", header.what);
        self.cursor.flaw_about(start, end, message, About::OnLine(header.start as u32));
    }

    /// Reads the statements of a suite: all lines indented by `least` columns or more. Lines
    /// that are indented in ways that Python refuses belong to the suite all the same.
    pub(super) fn lines_deeper_than(&mut self, least: usize) {
        let Some(first) = self.cursor.line() else { return };
        let (mut base, mut column) = (first.column, first.column);
        while let Some(line) = self.cursor.line() {
            if line.column < least {
                return;
            }
            if line.column > column {
                self.unexpected_indent(line);
            } else if line.column < column && line.column != base {
                self.unmatched_unindent(line);
                base = base.min(line.column);
            }
            column = line.column;
            self.statement(line);
        }
    }

    pub(super) fn unexpected_indent(&mut self, line: Line) {
        let end = line_end(self.cursor.bytes, line.start);
        self.cursor.flaw(line.start, end, "unexpected indent");
    }

    pub(super) fn unmatched_unindent(&mut self, line: Line) {
        let end = line_end(self.cursor.bytes, line.start);
        let message = "unindent does not match any outer indentation level";
        self.cursor.flaw(line.start, end, message);
    }

    /// Passes the body of a function after its header's colon.
    pub(super) fn skip_suite(&mut self, header: Header) {
        self.cursor.skip_blanks();
        if self.at_line_end() {
            self.cursor.finish_line();
            self.expect_indent(header);
            self.skip_lines(header);
        } else {
            let start = self.cursor.pos;
            self.cursor.walk_line();
            self.last_end = trim_end(self.cursor.bytes, start, self.cursor.pos);
            self.cursor.finish_line();
        }
    }

    /// Passes all lines that are indented further than a header, looking at no more of them than
    /// brackets, strings and indentation.
    pub(super) fn skip_lines(&mut self, header: Header) {
        // Most bodies have one column, and there are many.
        let mut columns = std::mem::take(&mut self.columns);
        columns.clear();
        let mut opener: Option<Line> = None;
        while let Some(line) = self.cursor.line() {
            if line.column <= header.column {
                break;
            }
            self.check_indent(&mut columns, line, opener);
            self.cursor.pos = line.start;
            self.cursor.column = line.column;
            self.cursor.walk_line();
            let end = trim_end(self.cursor.bytes, line.start, self.cursor.pos);
            self.last_end = end;
            opener = (end > line.start && self.cursor.bytes[end - 1] == b':').then_some(line);
            self.cursor.finish_line();
        }
        self.columns = columns;
    }

    /// Compares a line's indentation with that of the lines around it within a skipped suite.
    fn check_indent(&mut self, columns: &mut Vec<usize>, line: Line, opener: Option<Line>) {
        let column = columns.last().copied().unwrap_or(line.column);
        if columns.is_empty() {
            columns.push(line.column);
        } else if line.column > column {
            columns.push(line.column);
            if opener.is_none() {
                self.unexpected_indent(line);
            }
        } else {
            if let Some(opener) = opener {
                self.missing_block(opener, line);
            }
            while columns.last().is_some_and(|&outer| outer > line.column) {
                columns.pop();
            }
            if columns.last() != Some(&line.column) {
                self.unmatched_unindent(line);
                columns.push(line.column);
            }
        }
    }

    fn missing_block(&mut self, opener: Line, line: Line) {
        self.cursor.pos = opener.start;
        let what = block_name(self.cursor.word());
        let message = format!("expected an indented block after {what}");
        let end = line_end(self.cursor.bytes, line.start);
        let about = About::OnLine(opener.start as u32);
        self.cursor.flaw_about(line.start, end, message, about);
    }
}

/// What messages call the statement that a keyword starts.
pub(super) fn block_name(keyword: &str) -> &'static str {
    match keyword {
        "def" | "async" => "function definition",
        "class" => "class definition",
        "if" => "'if' statement",
        "elif" => "'elif' statement",
        "else" => "'else' statement",
        "for" => "'for' statement",
        "while" => "'while' statement",
        "try" => "'try' statement",
        "except" => "'except' statement",
        "finally" => "'finally' statement",
        "with" => "'with' statement",
        "match" => "'match' statement",
        "case" => "'case' statement",
        _ => "this statement",
    }
}

/// Whether a word is reserved in Python 3.
pub(crate) fn is_keyword(word: &str) -> bool {
    matches!(
        word,
        "False"
            | "None"
            | "True"
            | "and"
            | "as"
            | "assert"
            | "async"
            | "await"
            | "break"
            | "class"
            | "continue"
            | "def"
            | "del"
            | "elif"
            | "else"
            | "except"
            | "finally"
            | "for"
            | "from"
            | "global"
            | "if"
            | "import"
            | "in"
            | "is"
            | "lambda"
            | "nonlocal"
            | "not"
            | "or"
            | "pass"
            | "raise"
            | "return"
            | "try"
            | "while"
            | "with"
            | "yield"
    )
}
