//! Simple statements: assignments, `del`, bare expressions, and those that are not looked into.

use super::cursor::{find_word, split_commas, trim_end};
use super::literals::{Prefix, string_end};
use super::{Fragments, Scanner};
use crate::expr::{BinaryOp, Expr, ExprKind};
use crate::outline::{Assign, Statement};

/// How a statement splits at the marks outside of brackets, in its text's order.
#[derive(Default)]
struct Split {
    /// The texts left of each `=`, or of the annotation, or of the augmenting operator.
    targets: Vec<(usize, usize)>,
    /// Where the value's text starts, if there is a value.
    value: Option<usize>,
    /// Where an annotation starts.
    annotation: Option<usize>,
    augmented: Option<BinaryOp>,
}

impl<F: Fragments> Scanner<'_, F> {
    /// Reads a line of simple statements from `pos`, and passes its newline.
    pub(super) fn simple_line(&mut self) {
        self.cursor.skip_blanks();
        while !self.at_line_end() {
            if self.level == 0 {
                self.base = self.cursor.pos as u32;
            }
            self.simple();
            if self.cursor.byte() != b';' || self.at_line_end() {
                break;
            }
            self.cursor.pos += 1;
            // Python counts a final `;` to the suite's last statement.
            self.last_end = self.cursor.pos;
            self.cursor.skip_blanks();
            self.flaws_before = self.cursor.flaws.len();
        }
        self.cursor.finish_line();
    }

    /// Reads one simple statement and walks to its `;` or the end of its line.
    fn simple(&mut self) {
        let start = self.cursor.pos;
        match self.cursor.word() {
            "import" => self.import(),
            "from" => self.import_from(),
            "del" => self.delete(),
            "pass" => {
                self.cursor.pos += "pass".len();
                self.end_simple(start);
            }
            "raise" => self.raise(),
            "return" | "assert" | "break" | "continue" | "global" | "nonlocal" => {
                self.other(start);
            }
            "type" if self.is_type_alias() => self.other(start),
            "def" | "class" | "if" | "elif" | "else" | "for" | "while" | "try" | "except"
            | "finally" | "with" | "async" => {
                self.broken(start, start, "invalid syntax");
                self.other(start);
            }
            _ if self.is_constant_string() => {
                self.walk_to_end(start);
            }
            _ => self.expression_or_assignment(),
        }
    }

    /// Passes a statement of which only its place is kept.
    fn other(&mut self, start: usize) {
        self.walk_to_end(start);
        self.emit_other(start, self.last_end);
    }

    /// Ends a statement that was read up to `pos`: nothing may follow it.
    pub(super) fn end_simple(&mut self, start: usize) {
        self.last_end = trim_end(self.cursor.bytes, start, self.cursor.pos);
        self.cursor.skip_blanks();
        if !self.at_line_end() && self.cursor.byte() != b';' {
            let at = self.cursor.pos;
            let known = self.cursor.flaws.len();
            self.walk_to_end(start);
            self.cursor.flaws.truncate(known.max(self.flaws_before));
            self.broken(at, self.last_end, "invalid syntax");
        }
    }

    /// Walks to the `;` or line end that ends the statement from `start`.
    fn walk_to_end(&mut self, start: usize) {
        while self.cursor.walk_to_mark().is_some_and(|mark| mark != b';') {
            self.cursor.pos += 1;
        }
        self.last_end = trim_end(self.cursor.bytes, start, self.cursor.pos);
    }

    /// Whether the `type` at `pos` starts `type X = …`.
    fn is_type_alias(&mut self) -> bool {
        let start = self.cursor.pos;
        self.cursor.pos += "type".len();
        self.cursor.skip_blanks();
        let is_alias = self.name().is_some() && {
            self.cursor.skip_blanks();
            matches!(self.cursor.byte(), b'=' | b'[')
        };
        self.cursor.pos = start;
        is_alias
    }

    /// Whether the statement at `pos` is nothing but string literals: a docstring, or a comment
    /// by another name.
    fn is_constant_string(&mut self) -> bool {
        let start = self.cursor.pos;
        let mut is_string = false;
        while let Some(end) = self.constant_string_end() {
            self.cursor.pos = end;
            self.cursor.skip_blanks();
            is_string = self.at_line_end() || self.cursor.byte() == b';';
        }
        self.cursor.pos = start;
        is_string
    }

    /// Where the string literal at `pos` ends, if there is one, without fields.
    fn constant_string_end(&self) -> Option<usize> {
        let prefix = self.cursor.word();
        let quote = self.cursor.pos + prefix.len();
        let plain = matches!(self.cursor.byte_at(quote), b'\'' | b'"')
            && !Prefix::of(prefix.as_bytes())?.has_fields();
        if plain { string_end(self.cursor.bytes, quote).ok() } else { None }
    }

    /// Reads `raise a from b`; what it is raised from is read only for what is wrong with it.
    fn raise(&mut self) {
        let start = self.cursor.pos;
        self.walk_to_end(start);
        let (from, end) = (start + "raise".len(), self.last_end);
        if trim_end(self.cursor.bytes, from, end) == from {
            return self.emit(start, Statement::Raise(None));
        }
        let cause = find_word(self.cursor.bytes, from, end, "from");
        let raised = self.expr(from, cause.unwrap_or(end));
        if let Some(cause) = cause {
            self.expr(cause + "from".len(), end);
        }
        self.emit(start, Statement::Raise(Some(raised)));
    }

    fn delete(&mut self) {
        let start = self.cursor.pos;
        self.walk_to_end(start);
        let end = self.last_end;
        let pieces = split_commas(self.cursor.bytes, start + "del".len(), end);
        if pieces.is_empty() {
            self.broken(start, end, "invalid syntax");
        }
        let targets = pieces.into_iter().map(|(start, end)| self.expr(start, end)).collect();
        self.emit(start, Statement::Delete(targets));
    }

    fn expression_or_assignment(&mut self) {
        let start = self.cursor.pos;
        let split = self.split(start);
        let end = trim_end(self.cursor.bytes, start, self.cursor.pos);
        self.last_end = end;
        if split.targets.is_empty() {
            return self.expression(start, end);
        }
        let read = |scanner: &mut Self, (start, end)| scanner.expr(start, end);
        let targets = split.targets.iter().map(|&target| read(self, target)).collect();
        if let Some(annotation) = split.annotation
            && split.value.map_or(end, |value| value - 1) <= annotation
        {
            self.broken(annotation, annotation, "invalid syntax");
        }
        let value = split.value.map(|value| self.expr(value, end.max(value)));
        let span = self.relative(start, end);
        let assign = Assign { targets, value, augmented: split.augmented, span };
        self.emit(start, Statement::Assign(assign));
    }

    /// Emits a bare expression, unless it is a constant.
    fn expression(&mut self, start: usize, end: usize) {
        let expr = self.expr(start, end);
        match expr.kind {
            ExprKind::None | ExprKind::Bool(_) | ExprKind::Ellipsis | ExprKind::Int(_) => {}
            ExprKind::Float(_) | ExprKind::Imaginary(_) | ExprKind::Str(_) | ExprKind::Bytes(_) => {
            }
            _ if self.is_broken(&expr) => self.emit_other(start, end),
            _ => self.emit(start, Statement::Expression(expr)),
        }
    }

    fn is_broken(&self, expr: &Expr) -> bool {
        expr.kind == ExprKind::Opaque && self.cursor.flaws.len() > self.flaws_before
    }

    /// Walks to the statement's end, and splits it on the way.
    fn split(&mut self, start: usize) -> Split {
        let mut split = Split::default();
        let mut from = start;
        while let Some(mark) = self.cursor.walk_to_mark() {
            let at = self.cursor.pos;
            if mark == b';' {
                break;
            }
            if self.lambdas(from, at) > 0 {
                self.walk_to_end(start);
                break;
            }
            match self.mark_kind(mark, at) {
                Mark::Nothing { skip } => {
                    self.cursor.pos += skip;
                    continue;
                }
                Mark::Annotation if split.annotation.is_none() && split.value.is_none() => {
                    split.targets.push((start, at));
                    split.annotation = Some(at + 1);
                }
                Mark::Annotation => {}
                Mark::Assign if split.annotation.is_some() && split.value.is_none() => {
                    split.value = Some(at + 1);
                }
                Mark::Assign => {
                    split.targets.push((from, at));
                    split.value = Some(at + 1);
                }
                Mark::Augmented(operator, operator_start) => {
                    split.targets.push((from, operator_start));
                    split.augmented = Some(operator);
                    split.value = Some(at + 1);
                }
            }
            self.cursor.pos += 1;
            from = self.cursor.pos;
        }
        split
    }

    fn mark_kind(&self, mark: u8, at: usize) -> Mark {
        let bytes = self.cursor.bytes;
        let before = |back: usize| at.checked_sub(back).map_or(0, |at| bytes[at]);
        if self.cursor.byte_at(at + 1) == b'=' {
            return Mark::Nothing { skip: 2 };
        }
        if mark == b':' {
            return Mark::Annotation;
        }
        let double = before(1) == before(2);
        let (operator, width) = match before(1) {
            b'!' => return Mark::Nothing { skip: 1 },
            b'<' if double => (BinaryOp::LeftShift, 2),
            b'>' if double => (BinaryOp::RightShift, 2),
            b'<' | b'>' => return Mark::Nothing { skip: 1 },
            b'*' if double => (BinaryOp::Pow, 2),
            b'/' if double => (BinaryOp::FloorDiv, 2),
            b'+' => (BinaryOp::Add, 1),
            b'-' => (BinaryOp::Sub, 1),
            b'*' => (BinaryOp::Mul, 1),
            b'/' => (BinaryOp::Div, 1),
            b'%' => (BinaryOp::Mod, 1),
            b'@' => (BinaryOp::MatMul, 1),
            b'&' => (BinaryOp::BitAnd, 1),
            b'|' => (BinaryOp::BitOr, 1),
            b'^' => (BinaryOp::BitXor, 1),
            _ => return Mark::Assign,
        };
        Mark::Augmented(operator, at - width)
    }
}

/// What a `:` or `=` outside of brackets is.
enum Mark {
    /// Part of `==`, `!=`, `<=`, `>=`, `:=`; how many bytes to pass.
    Nothing {
        skip: usize,
    },
    Annotation,
    Assign,
    /// The operator and where it starts.
    Augmented(BinaryOp, usize),
}
