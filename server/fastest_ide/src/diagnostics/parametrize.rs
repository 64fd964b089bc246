//! `parametrize`: arguments that nobody takes, rows of the wrong length, arguments nobody uses.

use fastest_index::values::{Element, Value};
use fastest_model::Severity;

use super::fixes::add_parameter;
use super::memo::Bodies;
use super::subject::{Kind, Subject, Test};
use super::{Check, Rule};
use crate::fixtures::{NameAt, ParamMark};
use crate::sites::Site;

/// Names in a body that may look at every argument.
const LOOKS_AT_ALL: [&str; 6] = ["locals", "vars", "eval", "exec", "request", "globals"];

impl<'w> Check<'_, 'w> {
    /// What is wrong with the `parametrize` marks of a function.
    pub(super) fn parametrize(&mut self, subject: &Subject<'w>, bodies: &mut Bodies) {
        let Kind::Test(test) = &subject.kind else { return };
        for mark in &test.marks {
            let Some(names) = &mark.names else { continue };
            self.not_taken(&subject.site, names, bodies);
            self.rows(&subject.site, mark, names);
            self.unused(&subject.site, test, mark, names, bodies);
        }
    }

    /// What pytest reports of a function while it collects: the rest of the message.
    fn refusals(&self, site: &Site<'w>) -> Vec<String> {
        let Some(collected) = self.collected else { return Vec::new() };
        let own = format!("::{}:", site.path());
        let errors = collected.problems.iter().filter(|p| p.severity == Severity::CollectError);
        errors
            .filter_map(|p| p.message.split_once(&own).map(|(_, rest)| rest.trim().to_owned()))
            .collect()
    }

    /// The index says that pytest refuses the argument: whether a fixture takes it, and all else
    /// that is in doubt, was looked at there.
    fn not_taken(&mut self, site: &Site<'w>, names: &[NameAt], bodies: &mut Bodies) {
        if !self.rules.has(Rule::ParametrizeUnknownArgument) {
            return;
        }
        for refusal in self.refusals(site) {
            let quoted = refusal.split('\'').nth(1).unwrap_or_default();
            let Some(name) = names.iter().find(|name| name.text == quoted) else { continue };
            let span = match name.at {
                Some((file, span)) if file == self.file => span,
                _ => site.name_span(),
            };
            let function = &site.function.name.text;
            let (message, is_missing) = if refusal.contains("with a default value") {
                (
                    format!(
                        "`{quoted}` of `{function}` has a default value and cannot be parametrized"
                    ),
                    false,
                )
            } else if refusal.starts_with("function uses no fixture") {
                (format!("`{function}` uses no fixture `{quoted}`"), true)
            } else if refusal.starts_with("function uses no argument") {
                (format!("`{function}` does not take the argument `{quoted}`"), true)
            } else {
                continue;
            };
            let fix = add_parameter(self, site, quoted, bodies).filter(|_| is_missing);
            if let Some(diagnostic) = self.say(Rule::ParametrizeUnknownArgument, span, message) {
                diagnostic.fixes.extend(fix);
            }
        }
    }

    fn rows(&mut self, site: &Site<'w>, mark: &ParamMark, names: &[NameAt]) {
        let is_refused = |rest: &String| rest.contains("the number of names");
        if !self.rules.has(Rule::ParametrizeWrongCount)
            || !self.refusals(site).iter().any(is_refused)
        {
            return;
        }
        let Some(Value::List(rows) | Value::Tuple(rows)) = mark.values().map(|e| &e.value) else {
            return;
        };
        for row in rows {
            let Some(count) = values_in(row) else { continue };
            let own = row.origin.filter(|(file, _)| *file == self.file);
            if let Some((_, span)) = own.filter(|_| count != names.len()) {
                let message = format!(
                    "{} for {}",
                    counted(count, "value"),
                    counted(names.len(), "argument name")
                );
                self.say(Rule::ParametrizeWrongCount, span, message);
            }
        }
    }

    fn unused(
        &mut self,
        site: &Site<'w>,
        test: &Test,
        mark: &ParamMark,
        names: &[NameAt],
        bodies: &mut Bodies,
    ) {
        if !mark.is_own || !self.rules.has(Rule::ParametrizeUnusedArgument) {
            return;
        }
        let body = bodies.read(self.file, &self.text, site.span());
        let looks = LOOKS_AT_ALL.iter().any(|name| body.mentions.contains(*name));
        if body.is_broken || looks {
            return;
        }
        for name in names {
            let is_meant = name.text.starts_with('_')
                || mark.is_indirect(&name.text)
                || body.mentions.contains(&name.text)
                || !test.arguments.contains(&name.text)
                || self.reaches_a_fixture(site, test, &name.text);
            let param = site.function.params.iter().find(|param| param.name.text == name.text);
            if let Some(param) = param.filter(|_| !is_meant) {
                let span = param.name.span.shifted(site.base);
                let message = format!("`{}` of `parametrize` is not used", name.text);
                self.say(Rule::ParametrizeUnusedArgument, span, message);
            }
        }
    }

    /// Whether a fixture that the test uses may request the argument, or be overridden by it.
    fn reaches_a_fixture(&self, site: &Site<'w>, test: &Test, name: &str) -> bool {
        let model = self.model;
        if self.certainty.doubt().is_some()
            || !model.find(self.file, site.inside(), name).is_empty()
        {
            return true;
        }
        let visible = model.visible(self.file, site.inside());
        let requests = |known: &crate::fixtures::Known<'w>| {
            known.arguments().iter().any(|argument| argument == name || argument == "request")
        };
        // Which of them it uses, directly or not, is not asked: any may be enough.
        let takes_others = test.arguments.iter().any(|argument| !test.is_parametrized(argument));
        let is_autouse = |known: &&crate::fixtures::Known<'w>| known.autouse();
        let candidates = visible.iter().filter(|known| takes_others || is_autouse(known));
        candidates
            .into_iter()
            .any(|known| matches!(known, crate::fixtures::Known::Source(..)) && requests(known))
    }
}

/// How many values a row for several names has, if it shows.
fn values_in(row: &Element) -> Option<usize> {
    match &row.value {
        Value::Tuple(values) | Value::List(values) => Some(values.len()),
        Value::Parameters(set) => Some(set.values.len()),
        _ => None,
    }
}

fn counted(count: usize, what: &str) -> String {
    if count == 1 { format!("1 {what}") } else { format!("{count} {what}s") }
}
