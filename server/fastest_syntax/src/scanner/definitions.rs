//! `def` and `class`, and the decorators before them.

use super::cursor::{Line, span, trim_end};
use super::generators::yields;
use super::suites::Header;
use super::{Arguments, Fragments, Scanner, hooks};
use crate::expr::Expr;
use crate::outline::{BlockKind, Class, Function, Param, Statement};

impl<F: Fragments> Scanner<'_, F> {
    /// Reads decorators and the definition that they belong to.
    pub(super) fn decorated(&mut self, line: Line) {
        let mut decorators = Vec::new();
        loop {
            decorators.push(self.decorator());
            let decorated_to = self.last_end;
            let Some(next) = self.cursor.line().filter(|next| next.column == line.column) else {
                break;
            };
            let before = std::mem::replace(&mut self.cursor.pos, next.start);
            match self.cursor.word() {
                "" if self.cursor.byte() == b'@' => continue,
                "def" => return self.function(line, decorators, Some(decorated_to)),
                "class" => return self.class(line, decorators),
                "async" if self.async_word() == "def" => {
                    return self.function(line, decorators, Some(decorated_to));
                }
                _ => self.cursor.pos = before,
            }
            break;
        }
        self.broken(line.start, self.last_end, "invalid syntax");
        self.emit_other(line.start, self.last_end);
    }

    fn decorator(&mut self) -> Expr {
        self.cursor.pos += 1;
        self.cursor.skip_blanks();
        let start = self.cursor.pos;
        self.cursor.walk_line();
        let end = trim_end(self.cursor.bytes, start, self.cursor.pos);
        self.last_end = end;
        let decorator = self.expr(start, end);
        self.cursor.finish_line();
        decorator
    }

    /// Reads what `async` starts.
    pub(super) fn asynchronous(&mut self, line: Line) {
        match self.async_word() {
            "def" => self.function(line, Vec::new(), None),
            "for" => self.async_block(line, BlockKind::For),
            "with" => self.async_block(line, BlockKind::With),
            _ => self.simple_line(),
        }
    }

    fn async_block(&mut self, line: Line, kind: BlockKind) {
        self.cursor.pos += "async".len();
        self.cursor.skip_blanks();
        self.block(line, kind);
    }

    /// The word after the `async` at `pos`, which does not move.
    fn async_word(&mut self) -> &str {
        let start = self.cursor.pos;
        self.cursor.pos += "async".len();
        self.cursor.skip_blanks();
        let word = self.cursor.word();
        self.cursor.saw(self.cursor.pos + word.len() + 1);
        self.cursor.pos = start;
        word
    }

    /// Reads a function whose `def` or `async` is at `pos`, and which starts with `line`.
    pub(super) fn function(
        &mut self,
        line: Line,
        decorators: Vec<Expr>,
        decorated_to: Option<usize>,
    ) {
        let keyword = self.cursor.pos;
        let is_async = self.cursor.byte() == b'a';
        if is_async {
            self.cursor.pos += "async".len();
            self.cursor.skip_blanks();
        }
        self.cursor.pos += "def".len();
        self.cursor.skip_blanks();
        let what = "function definition";
        let header = Header { start: keyword, column: line.column, what };
        let Some(name) = self.name() else { return self.broken_definition(line, header) };
        let params = self.params();
        self.colon();
        let body = self.cursor.pos;
        self.skip_suite(header);
        let bytes = self.cursor.bytes;
        let text = |from: usize| from..self.last_end.max(from);
        let is_generator = self.words.yields.is_in(bytes, text(body))
            && yields(self.cursor.source, body, self.last_end.max(body));
        let undecorated = text(decorated_to.unwrap_or(keyword));
        let mentions_parametrize = self.words.parametrize.is_in(bytes, undecorated.clone());
        let mentions_globals = self.words.globals.is_in(bytes, undecorated.clone());
        let mentions_setattr = self.words.setattr.is_in(bytes, undecorated);
        let may_register = self.words.register.is_in(bytes, text(body));
        let hook = (may_register || name.text.starts_with("pytest_")).then(|| {
            let text = &self.cursor.source[text(body)];
            Box::new(hooks::read(&name.text, text))
        });
        let span = self.relative(line.start, self.last_end);
        let function = Function {
            name,
            span,
            is_async,
            is_generator,
            mentions_parametrize,
            mentions_globals,
            mentions_setattr,
            hook,
            decorators,
            params,
        };
        self.emit(line.start, Statement::Function(function));
    }

    /// Passes a definition without a name, and its body.
    fn broken_definition(&mut self, line: Line, header: Header) {
        let at = self.cursor.pos;
        self.broken(line.start, at, "invalid syntax");
        self.cursor.walk_line();
        self.last_end = trim_end(self.cursor.bytes, line.start, self.cursor.pos);
        self.cursor.finish_line();
        self.skip_lines(header);
        self.emit_other(line.start, self.last_end);
    }

    fn params(&mut self) -> Vec<Param> {
        let Some((start, end)) = self.parentheses() else {
            let at = self.cursor.pos;
            self.broken(at, at, "expected '('");
            return Vec::new();
        };
        let known = self.cursor.flaws.len();
        let source = self.cursor.source;
        let range = span(start, end);
        let params = self.fragments.params(source, range, self.base, &mut self.cursor.flaws);
        self.forget_consequences(known);
        params
    }

    /// Passes type parameters and the parentheses after a definition's name; what the latter hold.
    fn parentheses(&mut self) -> Option<(usize, usize)> {
        self.cursor.skip_blanks();
        if self.cursor.byte() == b'[' {
            self.cursor.brackets();
            self.cursor.skip_blanks();
        }
        if self.cursor.byte() != b'(' {
            return None;
        }
        let start = self.cursor.pos + 1;
        self.cursor.brackets();
        let end = self.cursor.pos;
        let closed = end > start && self.cursor.bytes[end - 1] == b')';
        Some((start, if closed { end - 1 } else { end.max(start) }))
    }

    /// Reads a class whose `class` is at `pos`, and which starts with `line`.
    pub(super) fn class(&mut self, line: Line, decorators: Vec<Expr>) {
        let keyword = self.cursor.pos;
        self.cursor.pos += "class".len();
        self.cursor.skip_blanks();
        let header = Header { start: keyword, column: line.column, what: "class definition" };
        let Some(name) = self.name() else { return self.broken_definition(line, header) };
        let Arguments { args: bases, keywords } = self.bases();
        self.colon();
        let body = self.suite(header);
        let span = self.relative(line.start, self.last_end);
        let class = Class { name, span, decorators, bases, keywords, body };
        self.emit(line.start, Statement::Class(Box::new(class)));
    }

    fn bases(&mut self) -> Arguments {
        let Some((start, end)) = self.parentheses() else { return Arguments::default() };
        let known = self.cursor.flaws.len();
        let source = self.cursor.source;
        let range = span(start, end);
        let bases = self.fragments.arguments(source, range, self.base, &mut self.cursor.flaws);
        self.forget_consequences(known);
        bases
    }
}
