//! Definitions: tests that hide one another, classes that are not collected, `async` tests.

use fastest_index::collect::patterns::matches_prefix_or_glob;
use fastest_model::{Severity, Span};
use fastest_syntax::expr::{Expr, ExprKind};
use fastest_syntax::outline::{Name, Statement};

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
        let mut defined: Vec<Defined<'w>> = Vec::new();
        for &(base, statement) in body {
            // What mentions a test in between may keep it: an alias, a base class, a wrapper.
            defined.retain(|earlier| !mentions(statement, &earlier.name.text));
            let Some(definition) = definition(base, statement) else { continue };
            if let Statement::Class(class) = statement
                && self.is_collected(class.name.span.shifted(base))
            {
                let inner: Vec<_> = class.body.iter().map(|inner| (base, inner)).collect();
                self.duplicates(&inner);
            }
            let same = |earlier: &Defined<'_>| earlier.name.text == definition.name.text;
            if let Some(at) = defined.iter().position(same) {
                let earlier = defined.remove(at);
                if earlier.is_class == definition.is_class {
                    self.hidden(&earlier, &definition);
                }
            }
            defined.push(definition);
        }
    }

    fn is_collected(&self, name: Span) -> bool {
        let classes = self.collected.map(|collected| &collected.classes[..]).unwrap_or_default();
        classes.iter().any(|class| class.name_span == Some(name))
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

/// Whether a statement may make something of what a name is bound to before it.
fn mentions(statement: &Statement, name: &str) -> bool {
    match statement {
        Statement::Function(function) => function.decorators.iter().any(|d| holds(d, name)),
        Statement::Class(class) => {
            class.decorators.iter().chain(&class.bases).any(|expr| holds(expr, name))
                || class.keywords.iter().any(|keyword| holds(&keyword.value, name))
                || class.body.iter().any(|inner| mentions(inner, name))
        }
        Statement::Import(_) | Statement::ImportFrom(_) => false,
        // Whatever else there is, by its looks: its text is not read here.
        _ => true,
    }
}

/// Whether an expression mentions a name.
fn holds(expr: &Expr, name: &str) -> bool {
    // `{:?}` shows every identifier of an expression, quoted.
    format!("{:?}", expr.kind).contains(&format!("\"{name}\""))
}
