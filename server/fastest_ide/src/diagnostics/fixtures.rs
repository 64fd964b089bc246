//! Fixtures: unknown ones, scopes that do not fit, circles.

use compact_str::CompactString;
use fastest_index::collect::fixtures::{Fixture, FixtureScope};
use fastest_model::Span;
use rustc_hash::FxHashSet;

use super::nearest::nearest;
use super::subject::{Kind, Subject, Test};
use super::{Check, Fix, Rule};
use crate::definition::target_of;
use crate::fixtures::{Known, Model};
use crate::hover::scope_name;
use crate::literal;
use crate::sites::{Inside, Site};
use crate::usages::{self, UsageKind};

impl<'w> Check<'_, 'w> {
    /// What is wrong with the fixtures that a function requests.
    pub(super) fn fixtures(&mut self, subject: &Subject<'w>) {
        match &subject.kind {
            Kind::Test(test) => self.requests_of_test(subject, test),
            Kind::Fixture(fixture) => {
                self.requests_of_fixture(subject, fixture);
                self.circle(subject, fixture);
            }
            Kind::Other => {}
        }
    }

    fn requests_of_test(&mut self, subject: &Subject<'w>, test: &Test) {
        if test.is_excused || !self.rules.has(Rule::UnknownFixture) {
            return;
        }
        let site = &subject.site;
        for name in &test.arguments {
            let is_known =
                test.is_parametrized(name) || !self.certainty.is_absent(site.inside(), name);
            if !is_known && let Some(span) = parameter(site, name) {
                self.unknown(site.inside(), name, span);
            }
        }
        let marks = usages::of_decorators(site);
        for usage in marks.iter().filter(|usage| usage.kind == UsageKind::UseFixtures) {
            if self.certainty.is_absent(usage.inside(), &usage.name) {
                self.unknown(usage.inside(), &usage.name, usage.span);
            }
        }
    }

    /// `usefixtures` of classes and of the module: wrong for every test that has it.
    pub(super) fn class_usefixtures(&mut self) {
        let Some(collected) = self.collected.filter(|c| !c.functions.is_empty()) else { return };
        if !self.rules.has(Rule::UnknownFixture) {
            return;
        }
        let usages = usages::of_outline(self.outline, None).into_iter();
        let of_holders = usages.filter(|usage| {
            usage.kind == UsageKind::UseFixtures
                && usage.function.is_none()
                && usage.classes.iter().all(|class| {
                    let name = class.name.span.shifted(usage.base);
                    collected.classes.iter().any(|known| known.name_span() == Some(name))
                })
        });
        for usage in of_holders.collect::<Vec<_>>() {
            // A mark that is assigned to anything may be used anywhere, or nowhere.
            let is_applied = collected.functions.iter().any(|function| {
                collected.marks_of(function).any(|(_, written)| {
                    written.is_some_and(|(file, span)| {
                        file == self.file
                            && span.start <= usage.span.start
                            && usage.span.end <= span.end
                    })
                })
            });
            if is_applied && self.certainty.is_absent(usage.inside(), &usage.name) {
                self.unknown(usage.inside(), &usage.name, usage.span);
            }
        }
    }

    fn requests_of_fixture(&mut self, subject: &Subject<'w>, fixture: &Fixture<'w>) {
        let site = &subject.site;
        for name in &fixture.arguments {
            let Some(span) = parameter(site, name) else { continue };
            match self.model.resolve(self.file, site.inside(), name) {
                Some(known) => self.scope(fixture, &known, span),
                // Its own name is looked at as a circle.
                None if *name == fixture.name => {}
                None => {
                    if self.rules.has(Rule::UnknownFixture)
                        && self.certainty.is_absent(site.inside(), name)
                        && self.certainty.is_absent_everywhere(name)
                    {
                        self.unknown(site.inside(), name, span);
                    }
                }
            }
        }
    }

    fn unknown(&mut self, inside: Inside<'_, 'w>, name: &str, span: Span) {
        let visible = self.model.visible(self.file, inside);
        let near = nearest(name, visible.iter().map(Known::name)).map(str::to_owned);
        let message = match &near {
            Some(near) => format!("there is no fixture `{name}`; did you mean `{near}`?"),
            None => format!("there is no fixture `{name}`"),
        };
        let fix = near.and_then(|near| {
            let edits = vec![self.edit(span, near.clone())?];
            Some(Fix { title: format!("Change to `{near}`"), edits })
        });
        if let Some(diagnostic) = self.say(Rule::UnknownFixture, span, message) {
            diagnostic.fixes.extend(fix);
        }
    }

    /// A fixture may only request fixtures of its own or a wider scope.
    fn scope(&mut self, fixture: &Fixture<'w>, requested: &Known<'w>, span: Span) {
        let (Some(own), Some(other)) = (fixture.scope, requested.scope()) else { return };
        if other >= own || !self.rules.has(Rule::FixtureScopeMismatch) {
            return;
        }
        // `request` is everybody's; an override somewhere, or a mark, may have another scope.
        let is_only = match requested {
            Known::Builtin(_) => self.certainty.is_absent_everywhere(requested.name()),
            Known::Source(..) => self.certainty.is_defined_once(requested.name()),
        };
        if !is_only || self.certainty.doubt().is_some() {
            return;
        }
        let message = format!(
            "`{}` has the scope `{}` and cannot request `{}`, whose scope is `{}`",
            fixture.name,
            scope_name(own),
            requested.name(),
            scope_name(other)
        );
        let related = target_of(self.model, requested).map(|target| {
            (target, format!("`{}` has the scope `{}`", requested.name(), scope_name(other)))
        });
        let fix = self.narrower(fixture, other);
        if let Some(diagnostic) = self.say(Rule::FixtureScopeMismatch, span, message) {
            diagnostic.related.extend(related);
            diagnostic.fixes.extend(fix);
        }
    }

    /// Gives the fixture the scope of what it requests, where its own is written as a literal.
    fn narrower(&self, fixture: &Fixture<'w>, scope: FixtureScope) -> Option<Fix> {
        let function = fixture.function.filter(|function| function.file == self.file)?;
        let (written, span) = scope_literal(function.function)?;
        let inside = literal::inside_of(span, written)?.shifted(function.base);
        let edits = vec![self.edit(inside, scope_name(scope))?];
        let title = format!("Change the scope of `{}` to `{}`", fixture.name, scope_name(scope));
        Some(Fix { title, edits })
    }

    fn circle(&mut self, subject: &Subject<'w>, fixture: &Fixture<'w>) {
        if !self.rules.has(Rule::FixtureCycle) {
            return;
        }
        let Some(path) = circle(self.model, self.file, &subject.site, &fixture.name) else {
            return;
        };
        // Any other definition, or a mark, may break the circle.
        if !path.iter().all(|name| self.certainty.is_defined_once(name)) {
            return;
        }
        let mut shown: Vec<String> = path.iter().map(|name| format!("`{name}`")).collect();
        shown.push(format!("`{}`", fixture.name));
        let message = match path.len() {
            1 => format!("`{}` requests itself and overrides no other fixture", fixture.name),
            _ => format!("fixtures request one another in a circle: {}", shown.join(" → ")),
        };
        self.say(Rule::FixtureCycle, subject.site.name_span(), message);
    }
}

/// The names on the way from a fixture back to itself.
fn circle<'w>(
    model: &Model<'w>,
    file: fastest_index::FileId,
    site: &Site<'w>,
    name: &CompactString,
) -> Option<Vec<CompactString>> {
    let find = |wanted: &str| model.find(file, site.inside(), wanted).pop();
    let mut seen: FxHashSet<CompactString> = FxHashSet::default();
    let mut path = vec![name.clone()];
    let mut open: Vec<Vec<CompactString>> = vec![requested(&find(name)?)];
    while let Some(rest) = open.last_mut() {
        let Some(next) = rest.pop() else {
            open.pop();
            path.pop();
            continue;
        };
        if next == *name {
            // The nearest of its name is itself, unless it overrides another.
            let overrides = path.len() == 1 && model.find(file, site.inside(), name).len() > 1;
            if !overrides {
                return Some(path);
            }
            continue;
        }
        if seen.insert(next.clone())
            && let Some(known) = find(&next)
        {
            open.push(requested(&known));
            path.push(next);
        }
    }
    None
}

fn requested(known: &Known<'_>) -> Vec<CompactString> {
    match known {
        Known::Builtin(_) => Vec::new(),
        Known::Source(..) => known.arguments(),
    }
}

fn parameter(site: &Site<'_>, name: &str) -> Option<Span> {
    let param = site.function.params.iter().find(|param| param.name.text == name)?;
    Some(param.name.span.shifted(site.base))
}

/// The text and span of a decorator's `scope="…"`.
fn scope_literal(function: &fastest_syntax::outline::Function) -> Option<(&str, Span)> {
    use fastest_syntax::expr::ExprKind;
    function.decorators.iter().find_map(|decorator| {
        let ExprKind::Call(call) = &decorator.kind else { return None };
        let scope = call.keywords.iter().find(|k| k.name.as_deref() == Some("scope"))?;
        let ExprKind::Str(text) = &scope.value.kind else { return None };
        Some((text.as_str(), scope.value.span))
    })
}
