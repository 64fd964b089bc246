//! Find references: every place that names a fixture, in all files; every use of an argument.

use std::collections::BTreeSet;

use fastest_index::world::FileId;
use fastest_model::Span;

use crate::at::{Argument, What, symbol_at};
use crate::body;
use crate::definition::target_of;
use crate::fixtures::{Known, Model};
use crate::sites::{self, Site};
use crate::usages::{self, Usage, UsageKind};
use crate::view::Target;

/// Every place that names the thing at a place; with `declaration`, where it is defined too.
#[must_use]
pub fn references(
    model: &Model<'_>,
    file: FileId,
    offset: u32,
    declaration: bool,
) -> Option<Vec<Target>> {
    let symbol = symbol_at(model, file, offset)?;
    let mut found = BTreeSet::new();
    match &symbol.what {
        What::Argument(argument) => {
            found.extend(of_argument(model, file, argument));
        }
        What::Definition(known) | What::Use(known) => {
            found.extend(usages_of(model, known).iter().map(|(file, usage)| (*file, usage.span)));
        }
    }
    let mut targets: Vec<Target> = match symbol.what.fixture() {
        Some(known) if declaration => target_of(model, known).into_iter().collect(),
        _ => Vec::new(),
    };
    targets
        .extend(found.into_iter().filter_map(|(file, span)| model.view.target(file, span, span)));
    Some(targets)
}

/// The places in one file that name the thing at a place, its definition included.
#[must_use]
pub fn highlights(model: &Model<'_>, file: FileId, offset: u32) -> Option<Vec<Span>> {
    let symbol = symbol_at(model, file, offset)?;
    let mut found: BTreeSet<Span> = BTreeSet::new();
    match &symbol.what {
        What::Argument(argument) => {
            let all = of_argument(model, file, argument);
            found.extend(all.into_iter().filter(|(other, _)| *other == file).map(|(_, span)| span));
        }
        What::Definition(known) | What::Use(known) => {
            let usages = usages_in(model, file, known);
            found.extend(usages.iter().map(|usage| usage.span));
            if let Some(site) = sites::function_at(&model.view.world.file(file)?.outline, offset) {
                let text = model.text(file)?;
                if site.function.params.iter().any(|param| param.name.text == known.name()) {
                    found.extend(body::uses(&text, site.span(), known.name()));
                }
            }
            if known.function().is_some_and(|function| function.file == file) {
                found.extend(target_of(model, known).map(|target| target.focus));
            }
        }
    }
    Some(found.into_iter().collect())
}

/// The places in all files that name a fixture, in the order of the files.
#[must_use]
pub fn usages_of<'w>(model: &Model<'w>, known: &Known<'w>) -> Vec<(FileId, Usage<'w>)> {
    let files = model.view.world.files();
    let own = files.map(|(id, _)| id).filter(|&id| {
        model.view.is_own(id) || known.function().is_some_and(|function| function.file == id)
    });
    own.take_while(|_| !model.view.texts.is_given_up())
        .flat_map(|id| usages_in(model, id, known).into_iter().map(move |usage| (id, usage)))
        .collect()
}

/// The places in one file that name a fixture.
#[must_use]
pub fn usages_in<'w>(model: &Model<'w>, file: FileId, known: &Known<'w>) -> Vec<Usage<'w>> {
    let Some(source) = model.view.world.file(file) else { return Vec::new() };
    let name = known.name();
    let mut named = usages::of_outline(&source.outline, Some(name));
    if let Some(function) = known.function()
        && function.function.name.text != name
    {
        // Under another name it is imported by that of its function.
        let imported = usages::of_outline(&source.outline, Some(&function.function.name.text));
        named.extend(imported.into_iter().filter(|usage| usage.kind == UsageKind::Import));
    }
    if model.view.texts.may_request(&source.path, name)
        && let Some(text) = model.text(file)
    {
        named.extend(usages::of_text(&source.outline, &text, Some(name)));
    }
    let denotes = |usage: &Usage<'w>| model.denoted(file, usage).is_some_and(|it| it.is(known));
    named.into_iter().filter(denotes).collect()
}

/// The places of an argument of `parametrize`: in the marks that name it, in the signatures of the
/// functions that take it, in their bodies.
#[must_use]
pub fn of_argument<'w>(
    model: &Model<'w>,
    file: FileId,
    argument: &Argument<'w>,
) -> BTreeSet<(FileId, Span)> {
    let mut found = BTreeSet::new();
    let origin = argument.mark.mark.origin;
    let Some(source) = model.view.world.file(file) else { return found };
    let sites = match argument.mark.is_own {
        true => vec![argument.site.clone()],
        false => sites::functions(&source.outline),
    };
    let text = model.text(file);
    for site in sites {
        for mark in model.parametrizations(file, &site) {
            if mark.mark.origin != origin || mark.is_indirect(&argument.name) {
                continue;
            }
            let named = mark.names.iter().flatten().filter(|name| name.text == argument.name);
            found.extend(named.filter_map(|name| name.at));
            found.extend(in_function(&site, &argument.name, text.as_deref()).map(|s| (file, s)));
        }
    }
    found
}

/// A parameter and its uses in the body.
pub(crate) fn in_function(
    site: &Site<'_>,
    name: &str,
    text: Option<&str>,
) -> impl Iterator<Item = Span> {
    let params = site.function.params.iter().filter(|param| param.name.text == name);
    let params: Vec<Span> = params.map(|param| param.name.span.shifted(site.base)).collect();
    let uses = match text {
        Some(text) if !params.is_empty() => body::uses(text, site.span(), name),
        _ => Vec::new(),
    };
    params.into_iter().chain(uses)
}
