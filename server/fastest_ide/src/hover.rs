//! Hover: what a fixture or an argument of `parametrize` is, as Markdown or as plain text.

use std::fmt::Write as _;

use fastest_index::collect::fixtures::FixtureScope;
use fastest_index::values::Value;
use fastest_index::world::FileId;
use fastest_model::Span;
use fastest_syntax::expr::ExprKind;

use crate::at::{Argument, What, symbol_at};
use crate::body;
use crate::builtin::Builtin;
use crate::definition::{builtin_source, overridden};
use crate::fixtures::{Holder, Known, Model};

/// How many values of a parametrization are shown.
const SHOWN_VALUES: usize = 8;

/// How a text is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Markup {
    /// For readers that show it as it stands.
    #[default]
    Plain,
    /// For readers that lay it out.
    Markdown,
}

impl Markup {
    fn code(self, code: &str) -> String {
        match self {
            Self::Plain => format!("{code}\n"),
            Self::Markdown => format!("```python\n{code}\n```\n"),
        }
    }

    const fn rule(self) -> &'static str {
        match self {
            Self::Plain => "\n",
            Self::Markdown => "\n---\n\n",
        }
    }

    const fn line_break(self) -> &'static str {
        match self {
            Self::Plain => "\n",
            Self::Markdown => "  \n",
        }
    }
}

/// What the thing at a place is: the span of its name there, and a text.
#[must_use]
pub fn hover(
    model: &Model<'_>,
    file: FileId,
    offset: u32,
    markup: Markup,
) -> Option<(Span, String)> {
    let symbol = symbol_at(model, file, offset)?;
    let text = match &symbol.what {
        What::Definition(known) | What::Use(known) => describe(model, known, markup),
        What::Argument(argument) => of_argument(model, argument, markup)?,
    };
    Some((symbol.span, text))
}

/// A fixture: signature, docstring, and what pytest knows of it.
#[must_use]
pub fn describe<'w>(model: &Model<'w>, known: &Known<'w>, markup: Markup) -> String {
    let Written { signature, docstring } = written(model, known);
    let mut text = markup.code(&format!("{}\n{signature}", decorator(known)));
    if let Some(docstring) = docstring {
        let _ = write!(text, "\n{docstring}\n");
    }
    let facts = facts(model, known).join(markup.line_break());
    let _ = writeln!(text, "{}{facts}", markup.rule());
    text
}

/// What stands in a fixture's source.
pub(crate) struct Written {
    /// `def name(parameters) -> type`
    pub signature: String,
    /// The docstring.
    pub docstring: Option<String>,
}

/// A fixture's signature and docstring, from its source where that can be read.
pub(crate) fn written<'w>(model: &Model<'w>, known: &Known<'w>) -> Written {
    let read = match known {
        Known::Source(..) => known.function().and_then(|function| {
            let text = model.text(function.file)?;
            of_text(&text, function.function.span.shifted(function.base))
        }),
        Known::Builtin(builtin) => builtin_source(model, builtin)
            .filter(|_| builtin.name != "request")
            .and_then(|(target, text)| of_text(&text, target.span)),
    };
    match (read, known) {
        (Some(written), _) => written,
        (None, Known::Builtin(builtin)) => by_heart(builtin),
        (None, Known::Source(..)) => {
            let arguments = known.arguments().join(", ");
            let name = known.function().map_or(known.name(), |f| f.function.name.text.as_str());
            Written { signature: format!("def {name}({arguments})"), docstring: None }
        }
    }
}

fn of_text(text: &str, span: Span) -> Option<Written> {
    let body = body::read(text, span);
    let signature = text.get(body.signature?.range())?.to_owned();
    Some(Written { signature, docstring: body.docstring })
}

fn by_heart(builtin: &Builtin) -> Written {
    let signature = format!("def {}({})", builtin.name, builtin.arguments.join(", "));
    Written { signature, docstring: Some(builtin.summary.to_owned()) }
}

/// The decorator that a fixture could have: what matters of it, in one line.
fn decorator(known: &Known<'_>) -> String {
    let mut arguments = Vec::new();
    match known.scope() {
        Some(FixtureScope::Function) => {}
        Some(scope) => arguments.push(format!("scope=\"{}\"", scope_name(scope))),
        None if matches!(known, Known::Builtin(_)) => {}
        None => arguments.push("scope=…".to_owned()),
    }
    if known.autouse() {
        arguments.push("autouse=True".to_owned());
    }
    if known.params().is_some() {
        arguments.push("params=…".to_owned());
    }
    if !known.is_named_by_function() && known.function().is_some() {
        arguments.push(format!("name=\"{}\"", known.name()));
    }
    match arguments.is_empty() {
        true => "@pytest.fixture".to_owned(),
        false => format!("@pytest.fixture({})", arguments.join(", ")),
    }
}

/// What pytest knows of a fixture, a line each.
fn facts<'w>(model: &Model<'w>, known: &Known<'w>) -> Vec<String> {
    let mut facts = vec![format!("fixture of {}", holder(model, known))];
    facts.push(match known.scope() {
        Some(scope) => format!("scope `{}`", scope_name(scope)),
        None if matches!(known, Known::Builtin(_)) => "scope of what requests it".to_owned(),
        None => "its scope is computed".to_owned(),
    });
    if known.autouse() {
        facts.push("used by every test that sees it (`autouse`)".to_owned());
    }
    if let Some(params) = known.params() {
        facts.push(match &params.kind {
            ExprKind::List(rows) | ExprKind::Tuple(rows) => format!("{} parameters", rows.len()),
            _ => "parametrized".to_owned(),
        });
    }
    let requested = known.arguments();
    if !requested.is_empty() {
        facts.push(format!("requests {}", quoted(requested.iter().map(|name| name.as_str()))));
    }
    let file = known.function().map(|function| function.file);
    if let Some(below) = file.and_then(|file| overridden(model, file, known)) {
        facts.push(format!("overrides the one of {}", holder(model, &below)));
    }
    if let Known::Source(fixture, _) = known
        && let Some(doubt) = &fixture.doubt
    {
        facts.push(format!("it may not be there: {doubt}"));
    }
    facts
}

/// Where a fixture comes from, in a few words.
#[must_use]
pub fn holder<'w>(model: &Model<'w>, known: &Known<'w>) -> String {
    let place = |file: FileId| {
        let path = model.view.world.file(file).map(|file| model.view.shown(&file.path));
        format!("`{}`", path.unwrap_or_default())
    };
    let owner = known.function().and_then(|function| function.owner);
    match known {
        Known::Builtin(_) => "pytest".to_owned(),
        Known::Source(_, Holder::Class(file)) => {
            let file = known.function().map_or(*file, |function| function.file);
            let class = owner.map_or("a class", |class| class.name.text.as_str());
            format!("`{class}` in {}", place(file))
        }
        Known::Source(_, holder) => {
            let file = known.function().map(|function| function.file).or(holder.file());
            file.map(place).unwrap_or_default()
        }
    }
}

/// A scope as users write it.
#[must_use]
pub const fn scope_name(scope: FixtureScope) -> &'static str {
    match scope {
        FixtureScope::Function => "function",
        FixtureScope::Class => "class",
        FixtureScope::Module => "module",
        FixtureScope::Package => "package",
        FixtureScope::Session => "session",
    }
}

fn quoted<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// The values that an argument takes, as they are written.
fn of_argument<'w>(model: &Model<'w>, argument: &Argument<'w>, markup: Markup) -> Option<String> {
    let names = argument.mark.names.as_ref()?;
    let at = names.iter().position(|name| name.text == argument.name)?;
    let mut text = markup.code(&format!("(parameter) {}", argument.name));
    let values = argument.mark.values().map(|element| &element.value);
    let (Some(Value::List(rows) | Value::Tuple(rows)), Some((file, _))) =
        (values, argument.mark.mark.origin)
    else {
        text.push_str("\nargument of `parametrize`\n");
        return Some(text);
    };
    let source = model.text(file)?;
    let _ = write!(text, "\nargument of `parametrize`, {} values\n\n", rows.len());
    for row in rows.iter().take(SHOWN_VALUES) {
        let element = match &row.value {
            Value::Parameters(set) => set.values.get(at),
            Value::List(row) | Value::Tuple(row) if names.len() > 1 => row.get(at),
            _ if names.len() == 1 => Some(row),
            _ => None,
        };
        let written = element.and_then(|element| element.origin).filter(|(own, _)| *own == file);
        let shown = written.and_then(|(_, span)| source.get(span.range())).unwrap_or("…");
        let _ = writeln!(text, "- `{}`", shown.lines().next().unwrap_or_default());
    }
    if rows.len() > SHOWN_VALUES {
        text.push_str("- …\n");
    }
    Some(text)
}
