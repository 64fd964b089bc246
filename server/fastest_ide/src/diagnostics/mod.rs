//! What is wrong in a file, as far as it is certain.
//!
//! Every rule has a name, can be switched off, and is silent where anything is in doubt: a
//! computed mark, a plugin without source, a decorator that may change the signature. What each
//! rule says, and why it may be trusted, is in `docs/diagnostics.md`.
//!
//! Reading order: [`rule`] (the rules), `subject` (a function and what is known of it),
//! `certain` (what makes a name's absence certain), then the rules by subject: `fixtures`,
//! `parametrize`, `definitions`, `marks`, `bodies`.

mod bodies;
mod certain;
mod definitions;
mod fixes;
mod fixtures;
mod marks;
pub mod memo;
mod nearest;
mod parametrize;
pub mod rule;
mod subject;

use std::sync::Arc;

use fastest_index::collect::Collected;
use fastest_index::world::FileId;
use fastest_model::Span;
use fastest_syntax::outline::Outline;

use crate::fixtures::Model;
use crate::view::{Edit, Target};
use certain::Certainty;
use memo::Bodies;
pub use rule::{Level, Rule, Rules};
use subject::Subject;

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Which rule says so.
    pub rule: Rule,
    /// Where, in bytes from the file's start.
    pub span: Span,
    /// What: a sentence without a final full stop, names in backticks.
    pub message: String,
    /// Other places that belong to it, and what each is.
    pub related: Vec<(Target, String)>,
    /// What to do about it, the best first.
    pub fixes: Vec<Fix>,
}

/// A change that mends something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// What it does, as a command.
    pub title: String,
    /// The changes.
    pub edits: Vec<Edit>,
}

/// What is looked at for one file.
pub struct Request<'a, 'w> {
    /// The fixtures.
    pub model: &'a Model<'w>,
    /// The file.
    pub file: FileId,
    /// What pytest collects from it, if it is a test file.
    pub collected: Option<&'a Collected>,
    /// Which rules are on.
    pub rules: Rules,
    /// The marks that may be used where others are an error; `None` where they are not, or where
    /// that cannot be told.
    pub registered: Option<&'a [String]>,
}

/// A file while it is looked at.
struct Check<'a, 'w> {
    model: &'a Model<'w>,
    file: FileId,
    collected: Option<&'a Collected>,
    outline: &'w Outline,
    text: Arc<str>,
    certainty: Certainty<'a, 'w>,
    registered: Option<&'a [String]>,
    rules: Rules,
    out: Vec<Diagnostic>,
}

/// What is wrong in a file, in the order of places. `bodies` remembers what function's texts
/// hold, from one call to the next.
#[must_use]
pub fn diagnose(request: &Request<'_, '_>, bodies: &mut Bodies) -> Vec<Diagnostic> {
    diagnose_unless(request, bodies, &|| false).unwrap_or_default()
}

/// The same; `None` as soon as the answer is not wanted any more, which is asked before each
/// function, and before what looks at all of the file.
pub fn diagnose_unless(
    request: &Request<'_, '_>,
    bodies: &mut Bodies,
    is_late: &dyn Fn() -> bool,
) -> Option<Vec<Diagnostic>> {
    let Request { model, file, collected, rules, registered } = *request;
    let Some(source) = model.view.world.file(file) else { return Some(Vec::new()) };
    let Some(text) = model.text(file) else { return Some(Vec::new()) };
    let goes_on = || (!is_late()).then_some(());
    goes_on()?;
    let certainty = Certainty::new(model, file);
    let outline = &*source.outline;
    let out = Vec::new();
    let mut check =
        Check { model, file, collected, outline, text, certainty, registered, rules, out };
    check.definitions();
    goes_on()?;
    check.marks();
    goes_on()?;
    // Everything rests on them; to find them takes as long as many functions.
    model.surroundings(file);
    for site in crate::sites::functions(outline) {
        goes_on()?;
        let subject = Subject::new(&check, site);
        check.fixtures(&subject);
        check.parametrize(&subject, bodies);
        check.bodies(&subject, bodies);
    }
    goes_on()?;
    check.class_usefixtures();
    bodies.sweep(file);
    let mut out = check.out;
    out.sort_by_key(|diagnostic| (diagnostic.span, diagnostic.rule));
    out.dedup_by(|one, other| one.span == other.span && one.rule == other.rule);
    Some(out)
}

/// Why nothing is said of names that are found nowhere, for a whole file: fixtures may come from
/// where nobody sees them.
#[must_use]
pub fn doubt(model: &Model<'_>, file: FileId) -> Option<String> {
    Certainty::new(model, file).doubt().map(ToString::to_string)
}

impl Check<'_, '_> {
    /// Adds a diagnostic if its rule is on; `None` if not.
    fn say(&mut self, rule: Rule, span: Span, message: String) -> Option<&mut Diagnostic> {
        if !self.rules.has(rule) {
            return None;
        }
        self.out.push(Diagnostic { rule, span, message, related: Vec::new(), fixes: Vec::new() });
        self.out.last_mut()
    }

    /// Replaces text of this file.
    fn edit(&self, span: Span, text: impl Into<String>) -> Option<Edit> {
        let path = Arc::clone(&self.model.view.world.file(self.file)?.path);
        Some(Edit { path, span, text: text.into() })
    }
}
