//! Go to definition and implementation.

use std::sync::Arc;

use fastest_index::world::FileId;
use fastest_model::Span;
use fastest_syntax::outline::Outline;

use crate::at::{Argument, What, symbol_at};
use crate::body;
use crate::builtin::Builtin;
use crate::fixtures::{Known, Model};
use crate::sites::{self, Inside};
use crate::view::Target;

/// Where the thing at a place is defined, with the span of the name at the place.
///
/// On a use of a fixture, its function; on a fixture that overrides another, the overridden one.
/// On an argument of `parametrize`, its name in the mark; on that, the parameter.
#[must_use]
pub fn definition(model: &Model<'_>, file: FileId, offset: u32) -> Option<(Span, Vec<Target>)> {
    let symbol = symbol_at(model, file, offset)?;
    let targets = match &symbol.what {
        What::Use(known) => target_of(model, known).into_iter().collect(),
        What::Definition(known) => match overridden(model, file, known) {
            Some(below) => target_of(model, &below).into_iter().collect(),
            None => target_of(model, known).into_iter().collect(),
        },
        What::Argument(argument) => of_argument(model, file, argument, symbol.span),
    };
    (!targets.is_empty()).then_some((symbol.span, targets))
}

/// Where a fixture gives its value: its `yield`s, or the whole function where it has none.
#[must_use]
pub fn implementation(model: &Model<'_>, file: FileId, offset: u32) -> Option<(Span, Vec<Target>)> {
    let symbol = symbol_at(model, file, offset)?;
    let known = symbol.what.fixture()?;
    let definition = target_of(model, known)?;
    let yields = match known.function() {
        Some(function) => {
            let text = model.text(function.file)?;
            body::read(&text, definition.span).yields
        }
        None => Vec::new(),
    };
    let at = |span: &Span| Target { span: *span, focus: *span, path: Arc::clone(&definition.path) };
    let targets: Vec<Target> = yields.iter().map(at).collect();
    Some((symbol.span, if targets.is_empty() { vec![definition] } else { targets }))
}

/// The fixture that a fixture overrides, seen from its own place.
#[must_use]
pub fn overridden<'w>(model: &Model<'w>, file: FileId, known: &Known<'w>) -> Option<Known<'w>> {
    let function = known.function()?;
    let classes: Vec<_> = function.owner.into_iter().collect();
    let own_place = file == function.file;
    let inside = Inside {
        base: function.base,
        classes: if own_place { &classes } else { &[] },
        function: Some(function.function),
    };
    let mut found = model.find(function.file, inside, known.name());
    let own = found.iter().position(|other| other.is(known))?;
    found.truncate(own);
    found.pop()
}

/// Where a fixture is defined.
#[must_use]
pub fn target_of<'w>(model: &Model<'w>, known: &Known<'w>) -> Option<Target> {
    match known {
        Known::Source(..) => {
            let function = known.function()?;
            let span = function.function.span.shifted(function.base);
            let focus = match known.name_literal() {
                Some((_, literal)) => literal,
                None => function.function.name.span.shifted(function.base),
            };
            model.view.target(function.file, span, focus)
        }
        Known::Builtin(builtin) => builtin_source(model, builtin).map(|(target, _)| target),
    }
}

/// Where one of pytest's own fixtures is written, and the text of that file.
#[must_use]
pub fn builtin_source(model: &Model<'_>, builtin: &Builtin) -> Option<(Target, Arc<str>)> {
    let (path, text) = model.view.texts.installed(builtin.module)?;
    let outline = fastest_syntax::scan(&text);
    let (span, focus) = function_named(&outline, builtin.name).or_else(|| {
        // `request` is made by pytest: its class says what it is.
        let class = (builtin.name == "request").then(|| class_named(&outline, "FixtureRequest"));
        class.flatten()
    })?;
    Some((Target { path: path.into(), span, focus }, text))
}

fn function_named(outline: &Outline, name: &str) -> Option<(Span, Span)> {
    let sites = sites::functions(outline);
    let site = sites.iter().find(|site| site.function.name.text == name)?;
    Some((site.span(), site.name_span()))
}

fn class_named(outline: &Outline, name: &str) -> Option<(Span, Span)> {
    let mut found = None;
    sites::walk(outline, |met| {
        if let sites::Met::Class(base, class, _) = met
            && class.name.text == name
        {
            found = Some((class.span.shifted(base), class.name.span.shifted(base)));
        }
    });
    found
}

fn of_argument<'w>(
    model: &Model<'w>,
    file: FileId,
    argument: &Argument<'w>,
    from: Span,
) -> Vec<Target> {
    let named = argument.mark.names.iter().flatten().find(|name| name.text == argument.name);
    if let Some((marked, span)) = named.and_then(|name| name.at)
        && (marked, span) != (file, from)
    {
        let whole = argument.mark.mark.origin.map_or(span, |(_, span)| span);
        return model.view.target(marked, whole, span).into_iter().collect();
    }
    let params = argument.site.function.params.iter();
    let own = params.filter(|param| param.name.text == argument.name);
    own.filter_map(|param| {
        let span = param.name.span.shifted(argument.site.base);
        model.view.target(file, span, span)
    })
    .collect()
}
