//! Definitions: tests that hide one another, classes that are not collected, `async` tests.

use fastest_index::collect::patterns::matches_prefix_or_glob;
use fastest_model::{Severity, Span};
use fastest_syntax::expr::{Expr, ExprKind};
use fastest_syntax::outline::{Name, Statement};
use rustc_hash::FxHashMap;

use super::{Check, Fix, Rule};

/// A definition among the statements of one body.
struct Defined<'w> {
    name: &'w Name,
    base: u32,
    decorators: &'w [Expr],
    /// Whether the statement mentions the name besides binding it.
    is_class: bool,
}

impl<'w> Check<'_, 'w> {
    /// What is wrong with the definitions of a test file.
    pub(super) fn definitions(&mut self) {
        if self.collected.is_none_or(|collected| collected.skipped.is_some()) {
            return;
        }
        self.constructors();
        let outline = self.outline;
        let top: Vec<(u32, &'w Statement)> =
            outline.statements.iter().map(|placed| (placed.start, &*placed.statement)).collect();
        self.duplicates(&top);
    }

    /// pytest's own warning, which the index makes.
    fn constructors(&mut self) {
        let Some(collected) = self.collected else { return };
        let path = self.model.view.world.file(self.file).map(|file| file.path.to_path_buf());
        let warnings = collected.problems.iter().filter(|problem| {
            problem.severity == Severity::Warning
                && problem.path == path
                && problem.message.starts_with("cannot collect test class")
        });
        for problem in warnings {
            let Some(span) = problem.span else { continue };
            let name = self.text.get(span.range()).unwrap_or_default();
            let which = if problem.message.contains("__new__") { "__new__" } else { "__init__" };
            let message =
                format!("pytest does not collect `{name}`: a test class cannot have `{which}`");
            self.say(Rule::TestClassConstructor, span, message);
        }
    }

    /// Tests of one body that are defined again further down: only the last one runs.
    fn duplicates(&mut self, body: &[(u32, &'w Statement)]) {
        if !self.rules.has(Rule::DuplicateTest) {
            return;
        }
        let mut defined: FxHashMap<&'w str, Defined<'w>> = FxHashMap::default();
        for &(base, statement) in body {
            // What mentions a test in between may keep it: an alias, a base class, a wrapper.
            match mentioned(statement) {
                Some(names) => {
                    for name in names {
                        defined.remove(name);
                    }
                }
                None => defined.clear(),
            }
            let Some(definition) = definition(base, statement) else { continue };
            if let Statement::Class(class) = statement
                && self.is_collected(class.name.span.shifted(base))
            {
                let inner: Vec<_> = class.body.iter().map(|inner| (base, inner)).collect();
                self.duplicates(&inner);
            }
            if let Some(earlier) = defined.get(definition.name.text.as_str())
                && earlier.is_class == definition.is_class
            {
                self.hidden(earlier, &definition);
            }
            defined.insert(&definition.name.text, definition);
        }
    }

    fn is_collected(&self, name: Span) -> bool {
        let classes = self.collected.map(|collected| &collected.classes[..]).unwrap_or_default();
        classes.iter().any(|class| class.name_span() == Some(name))
    }

    fn hidden(&mut self, earlier: &Defined<'w>, later: &Defined<'w>) {
        let settings = &self.model.view.world.settings;
        let patterns = match earlier.is_class {
            true => &settings.python_classes,
            false => &settings.python_functions,
        };
        let name = &earlier.name.text;
        if !matches_prefix_or_glob(name, patterns)
            || !earlier.decorators.iter().all(|decorator| self.is_mark(decorator))
        {
            return;
        }
        let later_span = later.name.span.shifted(later.base);
        let line = self.line_of(later_span.start);
        let message = format!("`{name}` never runs: it is defined again on line {line}");
        let span = earlier.name.span.shifted(earlier.base);
        let related = self.model.view.target(self.file, later_span, later_span);
        let free = self.free_name(name);
        let fix = self
            .edit(span, free.clone())
            .map(|edit| Fix { title: format!("Rename to `{free}`"), edits: vec![edit] });
        if let Some(diagnostic) = self.say(Rule::DuplicateTest, span, message) {
            diagnostic.related.extend(related.map(|target| (target, "defined again here".into())));
            diagnostic.fixes.extend(fix);
        }
    }

    /// Whether a decorator is a mark: any other may keep the function under another name.
    fn is_mark(&self, decorator: &Expr) -> bool {
        let called = match &decorator.kind {
            ExprKind::Call(call) => &call.func,
            _ => decorator,
        };
        called.dotted().is_some_and(|name| name.starts_with("pytest.mark."))
    }

    /// A name that nothing in the file has.
    fn free_name(&self, name: &str) -> String {
        let candidates = (2..).map(|number| format!("{name}_{number}"));
        let is_free = |candidate: &String| !self.text.contains(candidate.as_str());
        candidates.into_iter().find(is_free).unwrap_or_default()
    }

    /// The line of a place, counted from 1.
    pub(super) fn line_of(&self, offset: u32) -> usize {
        let before = self.text.get(..offset as usize).unwrap_or_default();
        memchr::memchr_iter(b'\n', before.as_bytes()).count() + 1
    }
}

fn definition(base: u32, statement: &Statement) -> Option<Defined<'_>> {
    match statement {
        Statement::Function(function) => Some(Defined {
            name: &function.name,
            base,
            decorators: &function.decorators,
            is_class: false,
        }),
        Statement::Class(class) => {
            Some(Defined { name: &class.name, base, decorators: &class.decorators, is_class: true })
        }
        _ => None,
    }
}

/// The names that a statement may make something of, besides binding its own; `None` where that
/// may be any.
fn mentioned(statement: &Statement) -> Option<Vec<&str>> {
    let mut names = Vec::new();
    match statement {
        Statement::Function(function) => {
            function.decorators.iter().for_each(|decorator| mention(decorator, &mut names));
        }
        Statement::Class(class) => {
            let keywords = class.keywords.iter().map(|keyword| &keyword.value);
            let header = class.decorators.iter().chain(&class.bases).chain(keywords);
            header.for_each(|expr| mention(expr, &mut names));
            for inner in &class.body {
                names.extend(mentioned(inner)?);
            }
        }
        Statement::Import(_) | Statement::ImportFrom(_) => {}
        // Whatever else there is, by its looks: its text is not read here.
        _ => return None,
    }
    Some(names)
}

/// The names that an expression is made of: of what is deeper than displays and calls, all are
/// taken that it shows.
fn mention<'e>(expr: &'e Expr, names: &mut Vec<&'e str>) {
    match &expr.kind {
        ExprKind::Name(name) => names.push(name),
        ExprKind::Attribute(value, _) | ExprKind::Starred(value) | ExprKind::Unary(_, value) => {
            mention(value, names);
        }
        ExprKind::Call(call) => {
            mention(&call.func, names);
            call.args.iter().for_each(|argument| mention(argument, names));
            call.keywords.iter().for_each(|keyword| mention(&keyword.value, names));
        }
        ExprKind::Tuple(parts) | ExprKind::List(parts) | ExprKind::Set(parts) => {
            parts.iter().for_each(|part| mention(part, names));
        }
        ExprKind::Subscript(value, index) => {
            mention(value, names);
            mention(index, names);
        }
        ExprKind::Dict(entries) => entries.iter().for_each(|(key, value)| {
            key.iter().for_each(|key| mention(key, names));
            mention(value, names);
        }),
        ExprKind::Binary(left, _, right) => {
            mention(left, names);
            mention(right, names);
        }
        ExprKind::BoolOp(_, parts) => parts.iter().for_each(|part| mention(part, names)),
        ExprKind::Compare(first, rest) => {
            mention(first, names);
            rest.iter().for_each(|(_, part)| mention(part, names));
        }
        ExprKind::Conditional(body, test, orelse) => {
            [body, test, orelse].into_iter().for_each(|part| mention(part, names));
        }
        ExprKind::Lambda(lambda) => mention(&lambda.body, names),
        ExprKind::Comprehension(comprehension) => {
            mention(&comprehension.element, names);
            comprehension.value.iter().for_each(|value| mention(value, names));
            comprehension.clauses.iter().for_each(|clause| mention(&clause.iter, names));
        }
        _ => {}
    }
}
