//! Rename: a fixture everywhere, or an argument of `parametrize`.

use std::collections::BTreeSet;

use fastest_index::world::FileId;
use fastest_model::Span;

use crate::at::{Symbol, What, symbol_at};
use crate::fixtures::{Known, Model};
use crate::references::{in_function, of_argument, usages_of};
use crate::sites::Inside;
use crate::usages::UsageKind;
use crate::view::Edit;

/// What may be renamed at a place: the span of the name there. `None` where nothing of ours is.
///
/// # Errors
///
/// Why it cannot be renamed, for people.
pub fn prepare(model: &Model<'_>, file: FileId, offset: u32) -> Result<Option<Span>, String> {
    let Some(symbol) = symbol_at(model, file, offset) else { return Ok(None) };
    allowed(model, &symbol)?;
    Ok(Some(symbol.span))
}

/// The edits that give the thing at a place another name, in the order of files and places.
///
/// # Errors
///
/// Why it cannot be renamed so, for people.
pub fn rename(
    model: &Model<'_>,
    file: FileId,
    offset: u32,
    name: &str,
) -> Result<Option<Vec<Edit>>, String> {
    let Some(symbol) = symbol_at(model, file, offset) else { return Ok(None) };
    allowed(model, &symbol)?;
    check_name(name)?;
    let places = match &symbol.what {
        What::Definition(known) | What::Use(known) => of_fixture(model, known, name)?,
        What::Argument(argument) => {
            let taken = argument.site.function.params.iter().any(|p| p.name.text == name);
            if taken {
                let function = &argument.site.function.name.text;
                return Err(format!("`{function}` already has a parameter `{name}`"));
            }
            of_argument(model, file, argument)
        }
    };
    let edit = |(file, span): (FileId, Span)| {
        let path = std::sync::Arc::clone(&model.view.world.file(file)?.path);
        Some(Edit { path, span, text: name.to_owned() })
    };
    let mut edits: Vec<Edit> = places.into_iter().filter_map(edit).collect();
    edits.sort();
    Ok(Some(edits))
}

fn allowed(model: &Model<'_>, symbol: &Symbol<'_>) -> Result<(), String> {
    let Some(known) = symbol.what.fixture() else { return Ok(()) };
    let name = known.name();
    let Known::Source(..) = known else {
        return Err(format!("`{name}` is one of pytest's own fixtures: it cannot be renamed"));
    };
    let Some(function) = known.function() else {
        return Err(format!("the function of `{name}` is computed: it cannot be renamed"));
    };
    if !model.view.is_own(function.file) {
        let place = model.view.world.file(function.file).map(|file| model.view.shown(&file.path));
        let place = place.unwrap_or_default();
        return Err(format!(
            "`{name}` is defined by an installed package (`{place}`): it cannot be renamed"
        ));
    }
    if !known.is_named_by_function() && known.name_literal().is_none() {
        return Err(format!("the name `{name}` is not written at its function: rename it by hand"));
    }
    Ok(())
}

/// Whether a text can be the name of a parameter.
fn check_name(name: &str) -> Result<(), String> {
    let mut chars = name.chars();
    let starts = chars.next().is_some_and(|c| c == '_' || unicode_ident::is_xid_start(c));
    if !starts || !chars.all(unicode_ident::is_xid_continue) {
        return Err(format!("`{name}` is not a Python identifier"));
    }
    if KEYWORDS.contains(&name) {
        return Err(format!("`{name}` is a keyword of Python"));
    }
    if name == "request" {
        return Err("`request` is reserved by pytest".to_owned());
    }
    Ok(())
}

fn of_fixture<'w>(
    model: &Model<'w>,
    known: &Known<'w>,
    name: &str,
) -> Result<BTreeSet<(FileId, Span)>, String> {
    let mut places = BTreeSet::new();
    let Some(function) = known.function() else { return Ok(places) };
    let literal = known.name_literal();
    let own = function.function.name.span.shifted(function.base);
    places.insert(literal.unwrap_or((function.file, own)));
    for (file, usage) in usages_of(model, known) {
        if model.view.texts.is_given_up() {
            break;
        }
        // What has its name from `name=` is imported by that of its function, which stays.
        if usage.kind == UsageKind::Import && literal.is_some() {
            continue;
        }
        places.insert((file, usage.span));
        check_free(model, file, usage.inside(), known, name)?;
        if usage.kind == UsageKind::Parameter
            && let Some(site) = usage.site()
        {
            if site.function.params.iter().any(|param| param.name.text == name) {
                let function = site.path();
                return Err(format!("`{function}` already has a parameter `{name}`"));
            }
            let text = model.text(file);
            places.extend(in_function(&site, known.name(), text.as_deref()).map(|s| (file, s)));
        }
    }
    let owner: Vec<_> = function.owner.into_iter().collect();
    let inside = Inside { base: function.base, classes: &owner, function: None };
    check_free(model, function.file, inside, known, name)?;
    Ok(places)
}

/// Another fixture of that name must not be in sight.
fn check_free<'w>(
    model: &Model<'w>,
    file: FileId,
    inside: Inside<'_, 'w>,
    known: &Known<'w>,
    name: &str,
) -> Result<(), String> {
    let other = model.find(file, inside, name).pop().filter(|other| !other.is(known));
    match other {
        Some(_) => Err(format!(
            "there is already a fixture `{name}` in sight of what uses `{}`",
            known.name()
        )),
        None => Ok(()),
    }
}

/// Python's keywords; none of them may name a parameter.
pub(crate) const KEYWORDS: [&str; 35] = [
    "False", "None", "True", "and", "as", "assert", "async", "await", "break", "class", "continue",
    "def", "del", "elif", "else", "except", "finally", "for", "from", "global", "if", "import",
    "in", "is", "lambda", "nonlocal", "not", "or", "pass", "raise", "return", "try", "while",
    "with", "yield",
];
