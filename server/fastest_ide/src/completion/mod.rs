//! Completion: fixtures in signatures and strings, marks, argument names of `parametrize`.

mod context;

use fastest_index::collect::fixtures::FixtureScope;
use fastest_index::collect::patterns::matches_prefix_or_glob;
use fastest_index::world::FileId;
use fastest_model::Span;

use crate::fixtures::{Holder, Known, Model, Role};
use crate::hover::{self, Markup};
use crate::sites::{self, Inside, Site};
use context::ContextKind;

/// Something that may be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Completion {
    /// What is inserted and shown.
    pub label: String,
    /// What it is.
    pub kind: CompletionKind,
    /// What is worth knowing besides (`session · conftest.py`).
    pub detail: String,
}

/// What a completion is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CompletionKind {
    /// A fixture.
    Fixture,
    /// An argument of `parametrize`.
    Argument,
    /// A mark.
    Mark,
}

/// What may be written at a place.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Completions {
    /// What is replaced.
    pub span: Span,
    /// The best first.
    pub items: Vec<Completion>,
}

/// What may be written at a place of a file; `None` where this room has nothing to say.
#[must_use]
pub fn completion(model: &Model<'_>, file: FileId, offset: u32) -> Option<Completions> {
    let text = model.text(file)?;
    let context = context::context(&text, offset)?;
    let items = match &context.kind {
        ContextKind::Mark => marks(model),
        ContextKind::Parameter { name_at, name, taken } => {
            parameters(model, file, *name_at, name, taken)?
        }
        ContextKind::FixtureName { taken } => names(model, file, offset, taken),
        ContextKind::ArgumentName { taken } => argument_names(model, file, offset, taken)?,
    };
    Some(Completions { span: context.word, items })
}

/// What a completed fixture is: asked for the one that is looked at.
#[must_use]
pub fn document(
    model: &Model<'_>,
    file: FileId,
    offset: u32,
    label: &str,
    markup: Markup,
) -> Option<String> {
    let outline = &model.view.world.file(file)?.outline;
    let site = sites::function_at(outline, offset);
    let inside = site.as_ref().map_or_else(Inside::default, Site::inside);
    let known = model.resolve(file, inside, label)?;
    Some(hover::describe(model, &known, markup))
}

/// Fixtures for a signature, and the arguments that its marks name and it does not take yet.
fn parameters(
    model: &Model<'_>,
    file: FileId,
    name_at: u32,
    name: &str,
    taken: &[String],
) -> Option<Vec<Completion>> {
    let source = model.view.world.file(file)?;
    let site = sites::function_at(&source.outline, name_at);
    let site = site.filter(|site| site.name_span().start == name_at);
    let mut own_scope = FixtureScope::Function;
    match site.as_ref().map(|site| model.role(file, site)) {
        Some(Role::Fixture(fixture)) => own_scope = fixture.scope.unwrap_or(own_scope),
        Some(Role::Test) => {}
        Some(Role::Other) => return None,
        None => {
            let patterns = &model.view.world.settings.python_functions;
            matches_prefix_or_glob(name, patterns).then_some(())?;
        }
    }
    let inside = site.as_ref().map_or_else(Inside::default, Site::inside);
    let mut items = Vec::new();
    let mut direct: Vec<String> = Vec::new();
    for mark in site.iter().flat_map(|site| model.parametrizations(file, site)) {
        for name in mark.names.iter().flatten().filter(|name| !mark.is_indirect(&name.text)) {
            direct.push(name.text.to_string());
        }
    }
    for name in direct.iter().filter(|name| !taken.contains(name)) {
        let (label, detail) = (name.clone(), "argument of parametrize".to_owned());
        items.push(Completion { label, kind: CompletionKind::Argument, detail });
    }
    let visible = model.visible(file, inside).into_iter();
    let own = |known: &Known<'_>| {
        inside.function.is_some_and(|function| known.is_made_by(function))
            && model.resolve(file, inside, known.name()).is_none()
    };
    let left: Vec<Known<'_>> = visible
        .filter(|known| {
            let name = known.name();
            !own(known) && !taken.iter().chain(&direct).any(|taken| taken == name)
        })
        .collect();
    items.extend(ranked(model, left, own_scope));
    Some(items)
}

/// Fixtures whose scope fits first; then as near as they are; private ones last.
fn ranked<'w>(
    model: &Model<'w>,
    mut known: Vec<Known<'w>>,
    scope: FixtureScope,
) -> Vec<Completion> {
    known.sort_by_key(|known| {
        let fits = known.scope().is_none_or(|other| other >= scope);
        (!fits, known.name().starts_with('_'), distance(known))
    });
    known.iter().map(|known| fixture(model, known)).collect()
}

/// How far away a fixture is: its class, its module, a conftest, a plugin or pytest.
const fn distance(known: &Known<'_>) -> u8 {
    match known {
        Known::Source(_, Holder::Class(_)) => 0,
        Known::Source(_, Holder::Module(_)) => 1,
        Known::Source(_, Holder::Conftest(_)) => 2,
        Known::Source(_, Holder::Plugin(_)) => 3,
        Known::Builtin(_) => 4,
    }
}

fn fixture<'w>(model: &Model<'w>, known: &Known<'w>) -> Completion {
    let scope = known.scope().map_or("", hover::scope_name);
    let holder = hover::holder(model, known).replace('`', "");
    let detail = match scope {
        "" => holder,
        scope => format!("{scope} · {holder}"),
    };
    Completion { label: known.name().to_owned(), kind: CompletionKind::Fixture, detail }
}

/// Fixtures for a string.
fn names(model: &Model<'_>, file: FileId, offset: u32, taken: &[String]) -> Vec<Completion> {
    let Some(source) = model.view.world.file(file) else { return Vec::new() };
    let site = sites::function_at(&source.outline, offset);
    let inside = site.as_ref().map_or_else(Inside::default, Site::inside);
    let visible = model.visible(file, inside).into_iter();
    let left = visible
        .filter(|known| known.name() != "request" && !taken.iter().any(|t| t == known.name()));
    ranked(model, left.collect(), FixtureScope::Function)
}

/// The parameters of the function below a mark that no mark names yet.
fn argument_names(
    model: &Model<'_>,
    file: FileId,
    offset: u32,
    taken: &[String],
) -> Option<Vec<Completion>> {
    let source = model.view.world.file(file)?;
    let site = sites::function_at(&source.outline, offset)?;
    let marks = model.parametrizations(file, &site);
    let is_marked = |name: &str| {
        // The mark that is being written may already say what is typed there.
        let others = marks.iter().filter(|mark| {
            !mark.mark.origin.is_some_and(|(own, span)| own == file && sites::holds(span, offset))
        });
        others.into_iter().any(|mark| mark.names.iter().flatten().any(|other| other.text == name))
    };
    let params = site.function.params.iter().filter(|param| {
        let name = param.name.text.as_str();
        !param.has_default
            && !matches!(name, "self" | "cls" | "request")
            && !taken.iter().any(|taken| taken == name)
            && !is_marked(name)
    });
    let mut params: Vec<&str> = params.map(|param| param.name.text.as_str()).collect();
    // A parameter that names a fixture is less likely to be meant.
    params.sort_by_key(|name| model.resolve(file, site.inside(), name).is_some());
    let item = |name: &&str| Completion {
        label: (*name).to_owned(),
        kind: CompletionKind::Argument,
        detail: format!("parameter of {}", site.function.name.text),
    };
    Some(params.iter().map(item).collect())
}

/// pytest's own marks and what each is for.
const MARKS: [(&str, &str); 6] = [
    ("parametrize", "runs the test once for each set of values"),
    ("skip", "never runs the test"),
    ("skipif", "does not run the test where a condition holds"),
    ("xfail", "expects the test to fail"),
    ("usefixtures", "uses fixtures without their values"),
    ("filterwarnings", "adds a warning filter"),
];

fn marks(model: &Model<'_>) -> Vec<Completion> {
    let own = MARKS.map(|(name, detail)| (name.to_owned(), detail.to_owned()));
    let registered = model.view.markers.iter().map(|line| {
        let (signature, detail) = line.split_once(':').unwrap_or((line, "registered mark"));
        let name = signature.split('(').next().unwrap_or_default().trim();
        (name.to_owned(), detail.trim().to_owned())
    });
    let mut items: Vec<Completion> = Vec::new();
    for (label, detail) in registered.chain(own) {
        if !label.is_empty() && !items.iter().any(|item| item.label == label) {
            items.push(Completion { label, kind: CompletionKind::Mark, detail });
        }
    }
    items
}
