//! Where a file names fixtures.

use compact_str::CompactString;
use fastest_index::collect::decorators::argument_names;
use fastest_index::names::Definition;
use fastest_index::world::FileId;
use fastest_model::Span;
use fastest_syntax::expr::{Call, Expr, ExprKind};
use fastest_syntax::outline::{Class, Function, Outline, Placed, Statement};

use crate::body::dynamic;
use crate::fixtures::{Known, Model, Parametrized, Role, quoted_names};
use crate::literal;
use crate::sites::{self, Inside, Met, Site};

/// A place that may name a fixture.
#[derive(Clone, Debug)]
pub struct Usage<'w> {
    /// The name.
    pub name: CompactString,
    /// Where the name stands, in bytes from the file's start.
    pub span: Span,
    /// How it is named there.
    pub kind: UsageKind,
    /// Where the top-level statement around it starts.
    pub base: u32,
    /// The classes around it; for a class's mark, that class too.
    pub classes: Vec<&'w Class>,
    /// The function around it, or that has the mark.
    pub function: Option<&'w Function>,
}

/// How a fixture is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UsageKind {
    /// A parameter of a test or fixture.
    Parameter,
    /// `usefixtures("name")`
    UseFixtures,
    /// An argument name of `parametrize`, which names a fixture where it is indirect.
    Parametrize,
    /// `request.getfixturevalue("name")`
    Dynamic,
    /// `from module import name`
    Import,
}

impl<'w> Usage<'w> {
    /// The place from which it looks at fixtures.
    #[must_use]
    pub fn inside(&self) -> Inside<'_, 'w> {
        Inside { base: self.base, classes: &self.classes, function: self.function }
    }

    /// The function around it.
    #[must_use]
    pub fn site(&self) -> Option<Site<'w>> {
        let function = self.function?;
        Some(Site { base: self.base, function, classes: self.classes.clone() })
    }
}

/// The places of an outline that may name a fixture; with `only`, by this name.
#[must_use]
pub fn of_outline<'w>(outline: &'w Outline, only: Option<&str>) -> Vec<Usage<'w>> {
    outline.statements.iter().flat_map(|placed| of_statement(placed, only)).collect()
}

/// Those of one top-level statement.
#[must_use]
pub fn of_statement<'w>(placed: &'w Placed, only: Option<&str>) -> Vec<Usage<'w>> {
    let mut found = Vec::new();
    sites::walk_statement(placed, &mut |met| of_met(met, only, &mut found));
    if let Statement::ImportFrom(import) = &*placed.statement {
        let named = import.names.iter().filter(|imported| is(&imported.name.text, only));
        found.extend(named.map(|imported| Usage {
            name: imported.name.text.clone(),
            span: imported.name.span.shifted(placed.start),
            kind: UsageKind::Import,
            base: placed.start,
            classes: Vec::new(),
            function: None,
        }));
    }
    found
}

/// Those of a function's marks.
#[must_use]
pub fn of_decorators<'w>(site: &Site<'w>) -> Vec<Usage<'w>> {
    let mut found = Vec::new();
    of_met(Met::Function(site.base, site.function, &site.classes), None, &mut found);
    found.retain(|usage| usage.kind != UsageKind::Parameter);
    found
}

fn is(name: &str, only: Option<&str>) -> bool {
    only.is_none_or(|only| only == name)
}

fn of_met<'w>(met: Met<'_, 'w>, only: Option<&str>, found: &mut Vec<Usage<'w>>) {
    match met {
        Met::Function(base, function, classes) => {
            let usage = |name: &CompactString, span: Span, kind| Usage {
                name: name.clone(),
                span: span.shifted(base),
                kind,
                base,
                classes: classes.to_vec(),
                function: Some(function),
            };
            for param in function.params.iter().filter(|param| is(&param.name.text, only)) {
                found.push(usage(&param.name.text, param.name.span, UsageKind::Parameter));
            }
            for decorator in &function.decorators {
                in_marks(decorator, only, &mut |name, span, kind| {
                    found.push(usage(name, span, kind));
                });
            }
        }
        Met::Class(base, class, classes) => {
            for decorator in &class.decorators {
                in_marks(decorator, only, &mut |name, span, kind| {
                    let classes = classes.iter().copied().chain([class]).collect();
                    let (name, span) = (name.clone(), span.shifted(base));
                    found.push(Usage { name, span, kind, base, classes, function: None });
                });
            }
        }
        Met::Assign(base, assign, classes) => {
            let Some(value) = &assign.value else { return };
            in_marks(value, only, &mut |name, span, kind| {
                let (name, span, classes) = (name.clone(), span.shifted(base), classes.to_vec());
                found.push(Usage { name, span, kind, base, classes, function: None });
            });
        }
    }
}

/// The names in calls of `usefixtures` and `parametrize` anywhere in an expression.
fn in_marks(
    expr: &Expr,
    only: Option<&str>,
    meet: &mut impl FnMut(&CompactString, Span, UsageKind),
) {
    match &expr.kind {
        ExprKind::Call(call) => in_call(call, only, meet),
        ExprKind::List(elements) | ExprKind::Tuple(elements) => {
            elements.iter().for_each(|element| in_marks(element, only, meet));
        }
        _ => {}
    }
}

fn in_call(
    call: &Call,
    only: Option<&str>,
    meet: &mut impl FnMut(&CompactString, Span, UsageKind),
) {
    match &call.func.kind {
        ExprKind::Attribute(_, mark) | ExprKind::Name(mark) if mark == "usefixtures" => {
            for argument in &call.args {
                in_string(argument, only, UsageKind::UseFixtures, meet);
            }
        }
        ExprKind::Attribute(_, mark) | ExprKind::Name(mark) if mark == "parametrize" => {
            let keyword =
                |name: &str| call.keywords.iter().find(|k| k.name.as_deref() == Some(name));
            let names = call.args.first().or(keyword("argnames").map(|k| &k.value));
            let indirect = call.args.get(2).or(keyword("indirect").map(|k| &k.value));
            for expr in names.into_iter().chain(indirect) {
                in_names(expr, only, meet);
            }
        }
        _ => {}
    }
    // `pytest.param(…, marks=pytest.mark.usefixtures("name"))`
    let values = call.args.iter().chain(call.keywords.iter().map(|keyword| &keyword.value));
    values.for_each(|value| in_marks(value, only, meet));
}

fn in_string(
    expr: &Expr,
    only: Option<&str>,
    kind: UsageKind,
    meet: &mut impl FnMut(&CompactString, Span, UsageKind),
) {
    if let ExprKind::Str(text) = &expr.kind
        && is(text, only)
        && let Some(span) = literal::inside(expr, text)
    {
        meet(text, span, kind);
    }
}

/// `"a, b"` or `["a", "b"]`
fn in_names(
    expr: &Expr,
    only: Option<&str>,
    meet: &mut impl FnMut(&CompactString, Span, UsageKind),
) {
    match &expr.kind {
        ExprKind::Str(text) => {
            let Some(inside) = literal::inside(expr, text) else { return };
            for (name, span) in quoted_names(text).filter(|(name, _)| is(name, only)) {
                meet(&name.into(), span.shifted(inside.start), UsageKind::Parametrize);
            }
        }
        ExprKind::List(elements) | ExprKind::Tuple(elements) => {
            for element in elements {
                in_string(element, only, UsageKind::Parametrize, meet);
            }
        }
        _ => {}
    }
}

/// The fixtures that a text requests at run time; with `only`, by this name.
#[must_use]
pub fn of_text<'w>(outline: &'w Outline, text: &str, only: Option<&str>) -> Vec<Usage<'w>> {
    of_part(outline, text, 0, only)
}

/// The same for a part of the text, which starts at `start`.
#[must_use]
pub fn of_part<'w>(
    outline: &'w Outline,
    part: &str,
    start: u32,
    only: Option<&str>,
) -> Vec<Usage<'w>> {
    let requests = dynamic::requests(part).filter(|request| is(request.name, only));
    requests
        .map(|request| {
            let span = request.span.shifted(start);
            let site = sites::function_at(outline, span.start);
            let base = site.as_ref().map_or(0, |site| site.base);
            let function = site.as_ref().map(|site| site.function);
            let classes = site.map(|site| site.classes).unwrap_or_default();
            let name = request.name.into();
            Usage { name, span, kind: UsageKind::Dynamic, base, classes, function }
        })
        .collect()
}

impl<'w> Model<'w> {
    /// The fixture that a place names, if it names one.
    pub fn denoted(&self, file: FileId, usage: &Usage<'w>) -> Option<Known<'w>> {
        match usage.kind {
            UsageKind::Parameter => self.of_parameter(file, &usage.site()?, &usage.name),
            UsageKind::UseFixtures | UsageKind::Dynamic => {
                self.resolve(file, usage.inside(), &usage.name)
            }
            UsageKind::Parametrize => self.of_parametrize(file, usage),
            UsageKind::Import => self.of_import(file, usage),
        }
    }

    /// The fixture that fills a parameter of a test or fixture.
    pub fn of_parameter(&self, file: FileId, site: &Site<'w>, name: &str) -> Option<Known<'w>> {
        let requests = |site: &Site<'w>| {
            argument_names(&self.query, site.reference(file), site.is_method())
                .iter()
                .any(|argument| argument == name)
        };
        match self.role(file, site) {
            Role::Other => return None,
            Role::Fixture(fixture) if !fixture.arguments.iter().any(|own| own == name) => {
                return None;
            }
            Role::Test if !requests(site) => return None,
            Role::Test
                if matches!(self.parametrized(file, site, name), Parametrized::Direct(_)) =>
            {
                return None;
            }
            _ => {}
        }
        self.resolve(file, site.inside(), name)
    }

    fn of_parametrize(&self, file: FileId, usage: &Usage<'w>) -> Option<Known<'w>> {
        let is_indirect = match usage.site() {
            Some(site) => {
                matches!(self.parametrized(file, &site, &usage.name), Parametrized::Indirect)
            }
            // A class's or module's mark: every function that has it takes it the same way.
            None => self.any_site(file, usage).is_some_and(|site| {
                matches!(self.parametrized(file, &site, &usage.name), Parametrized::Indirect)
            }),
        };
        if is_indirect { self.resolve(file, usage.inside(), &usage.name) } else { None }
    }

    /// A function that has the mark of a class or module, and takes its argument.
    pub(crate) fn any_site(&self, file: FileId, usage: &Usage<'w>) -> Option<Site<'w>> {
        let outline = &self.view.world.file(file)?.outline;
        sites::functions(outline).into_iter().find(|site| {
            site.function.params.iter().any(|param| param.name.text == usage.name)
                && site.classes.len() >= usage.classes.len()
                && site.classes.iter().zip(&usage.classes).all(|(a, b)| std::ptr::eq(*a, *b))
        })
    }

    /// The fixture that is imported.
    fn of_import(&self, file: FileId, usage: &Usage<'w>) -> Option<Known<'w>> {
        let namespace = self.query.module_namespace(file);
        let bound = namespace.names.iter().find(|(_, binding)| {
            matches!(&binding.definition, Definition::Imported { name, .. } if *name == usage.name)
                && binding.place.is_some()
        })?;
        let Definition::Function(function) = self.query.follow(&bound.1.definition) else {
            return None;
        };
        let owner = function.owner.into_iter().collect();
        let site = Site { base: function.base, function: function.function, classes: owner };
        let fixture = self.fixture(function.file, &site)?;
        Some(Known::Source(fixture, crate::fixtures::Holder::Module(function.file)))
    }
}
