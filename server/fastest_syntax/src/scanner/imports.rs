//! `import` and `from … import`.

use compact_str::CompactString;

use super::cursor::{after_newline, line_end};
use super::literals::is_newline;
use super::{Fragments, Scanner};
use crate::outline::{ImportFrom, ImportedName, ModuleAlias, Name, Statement};

impl<F: Fragments> Scanner<'_, F> {
    /// Reads `import a.b as c, d`; `pos` is at `import`.
    pub(super) fn import(&mut self) {
        let start = self.cursor.pos;
        self.cursor.pos += "import".len();
        let mut modules = Vec::new();
        loop {
            self.cursor.skip_blanks();
            let Some(module) = self.module_alias() else { return self.broken_import(start) };
            modules.push(module);
            self.cursor.skip_blanks();
            if self.cursor.byte() != b',' {
                break;
            }
            self.cursor.pos += 1;
        }
        self.end_simple(start);
        self.emit(start, Statement::Import(modules));
    }

    fn module_alias(&mut self) -> Option<ModuleAlias> {
        let start = self.cursor.pos;
        let module = self.dotted_name()?;
        let span = self.relative(start, self.last_end);
        let alias = self.alias()?;
        Some(ModuleAlias { module, alias, span })
    }

    /// Reads `as name`, if it stands here; `None` when no name follows the `as`.
    #[expect(clippy::option_option, reason = "an alias may be absent, and it may be broken")]
    fn alias(&mut self) -> Option<Option<Name>> {
        self.cursor.skip_blanks();
        if self.cursor.word() != "as" {
            return Some(None);
        }
        self.cursor.pos += "as".len();
        self.cursor.skip_blanks();
        let name = self.name()?;
        self.last_end = self.cursor.pos;
        Some(Some(name))
    }

    /// Reads a dotted name, in which blanks may stand around the dots.
    fn dotted_name(&mut self) -> Option<CompactString> {
        let mut dotted = self.name()?.text;
        loop {
            self.last_end = self.cursor.pos;
            self.cursor.skip_blanks();
            if self.cursor.byte() != b'.' {
                return Some(dotted);
            }
            self.cursor.pos += 1;
            self.cursor.skip_blanks();
            dotted.push('.');
            dotted.push_str(&self.name()?.text);
        }
    }

    /// Reads `from .a import b as c, d`; `pos` is at `from`.
    pub(super) fn import_from(&mut self) {
        let start = self.cursor.pos;
        self.cursor.pos += "from".len();
        match self.import_from_parts(start) {
            Some(import) => self.emit(start, Statement::ImportFrom(import)),
            None => self.broken_import(start),
        }
    }

    fn import_from_parts(&mut self, start: usize) -> Option<ImportFrom> {
        let level = self.dots();
        let has_module = self.cursor.word() != "import";
        if !has_module && level == 0 {
            return None;
        }
        let module = if has_module { self.dotted_name()? } else { CompactString::default() };
        self.cursor.skip_blanks();
        if self.cursor.word() != "import" {
            return None;
        }
        self.cursor.pos += "import".len();
        self.cursor.skip_blanks();
        let is_star = self.cursor.byte() == b'*';
        let names = match self.cursor.byte() {
            b'*' => {
                self.cursor.pos += 1;
                Vec::new()
            }
            b'(' => self.names_in_parentheses()?,
            _ => self.imported_names()?,
        };
        self.end_simple(start);
        let span = self.relative(start, self.last_end);
        Some(ImportFrom { level, module, names, is_star, span })
    }

    fn dots(&mut self) -> u32 {
        let mut level = 0;
        loop {
            self.cursor.skip_blanks();
            if self.cursor.byte() != b'.' {
                return level;
            }
            self.cursor.pos += 1;
            level += 1;
        }
    }

    fn imported_names(&mut self) -> Option<Vec<ImportedName>> {
        let mut names = Vec::new();
        loop {
            self.cursor.skip_blanks();
            let name = self.name()?;
            names.push(ImportedName { name, alias: self.alias()? });
            self.cursor.skip_blanks();
            if self.cursor.byte() != b',' {
                return Some(names);
            }
            self.cursor.pos += 1;
        }
    }

    fn names_in_parentheses(&mut self) -> Option<Vec<ImportedName>> {
        let open = self.cursor.pos;
        self.cursor.brackets();
        let end = std::mem::replace(&mut self.cursor.pos, open + 1);
        let mut names = Vec::new();
        loop {
            self.skip_lines_and_comments(end);
            if self.cursor.pos >= end || self.cursor.byte() == b')' {
                break;
            }
            let name = self.name()?;
            self.skip_lines_and_comments(end);
            let alias = self.alias_in_parentheses(end)?;
            names.push(ImportedName { name, alias });
            self.skip_lines_and_comments(end);
            match self.cursor.byte() {
                b',' if self.cursor.pos < end => self.cursor.pos += 1,
                _ => break,
            }
        }
        let closed = self.cursor.pos + 1 == end && self.cursor.byte() == b')';
        let known = self.cursor.flaws.len() > self.flaws_before;
        self.cursor.pos = end;
        (!names.is_empty() && (closed || known)).then_some(names)
    }

    #[expect(clippy::option_option, reason = "an alias may be absent, and it may be broken")]
    fn alias_in_parentheses(&mut self, end: usize) -> Option<Option<Name>> {
        if self.cursor.word() != "as" {
            return Some(None);
        }
        self.cursor.pos += "as".len();
        self.skip_lines_and_comments(end);
        self.name().map(Some)
    }

    fn skip_lines_and_comments(&mut self, end: usize) {
        loop {
            self.cursor.skip_blanks();
            match self.cursor.byte() {
                byte if is_newline(byte) && self.cursor.pos < end => {
                    self.cursor.pos = after_newline(self.cursor.bytes, self.cursor.pos);
                }
                b'#' if self.cursor.pos < end => {
                    self.cursor.pos = line_end(self.cursor.bytes, self.cursor.pos);
                }
                _ => return,
            }
        }
    }

    fn broken_import(&mut self, start: usize) {
        let at = self.cursor.pos;
        self.broken(at, at, "invalid syntax");
        self.end_simple(start);
        self.emit_other(start, self.last_end);
    }
}
