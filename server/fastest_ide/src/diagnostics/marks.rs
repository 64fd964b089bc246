//! Marks that are not registered, where that is an error.

use fastest_index::FileId;
use fastest_index::values::Mark;
use fastest_model::Span;

use super::nearest::nearest;
use super::{Check, Fix, Rule};
use crate::sites::{self, Met};

impl Check<'_, '_> {
    /// The uses of marks that are not registered.
    pub(super) fn marks(&mut self) {
        let (Some(registered), Some(collected)) = (self.registered, self.collected) else { return };
        let is_known = |mark: &Mark| registered.iter().any(|name| mark.name == *name);
        for (mark, written) in collected.certain_marks().filter(|(mark, _)| !is_known(mark)) {
            if let Some(span) = self.name_of(mark, written) {
                self.unknown_mark(mark, span, registered);
            }
        }
    }

    /// Where a mark's name stands in this file.
    fn name_of(&self, mark: &Mark, written: Option<(FileId, Span)>) -> Option<Span> {
        let Some((file, span)) = written else { return self.assigned(&mark.name) };
        if file != self.file {
            return None;
        }
        let written = self.text.get(span.range())?;
        let before = format!("mark.{}", mark.name);
        let at = written.find(&before)? + "mark.".len();
        let start = span.start + u32::try_from(at).ok()?;
        Some(Span::new(start, start + u32::try_from(mark.name.len()).ok()?))
    }

    /// `pytestmark = pytest.mark.name`
    fn assigned(&self, name: &str) -> Option<Span> {
        let mut found = None;
        sites::walk(self.outline, |met| {
            if let Met::Assign(base, assign, _) = met
                && let Some(value) = &assign.value
                && value.dotted().is_some_and(|dotted| dotted == format!("pytest.mark.{name}"))
            {
                found = Some(value.span.shifted(base));
            }
        });
        let span: Span = found?;
        Some(Span::new(span.end - u32::try_from(name.len()).ok()?, span.end))
    }

    fn unknown_mark(&mut self, mark: &Mark, span: Span, registered: &[String]) {
        let near = nearest(&mark.name, registered.iter().map(String::as_str)).map(str::to_owned);
        let message = match &near {
            Some(near) => {
                format!("the mark `{}` is not registered; did you mean `{near}`?", mark.name)
            }
            None => format!("the mark `{}` is not registered", mark.name),
        };
        let fix = near.and_then(|near| {
            let edits = vec![self.edit(span, near.clone())?];
            Some(Fix { title: format!("Change to `{near}`"), edits })
        });
        if let Some(diagnostic) = self.say(Rule::UnknownMark, span, message) {
            diagnostic.fixes.extend(fix);
        }
    }
}
