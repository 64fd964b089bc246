//! What stands at a cursor.

use compact_str::CompactString;
use fastest_index::world::FileId;
use fastest_model::Span;

use crate::body;
use crate::fixtures::{Holder, Known, Model, Parametrized, Role};
use crate::sites::{self, Site, holds};
use crate::usages::{self, Usage, UsageKind};

/// Something that an editor asks about.
#[derive(Clone, Debug)]
pub struct Symbol<'w> {
    /// Where its name stands at the cursor, in bytes from the file's start.
    pub span: Span,
    /// What it is.
    pub what: What<'w>,
}

/// What a name at a cursor is.
#[derive(Clone, Debug)]
pub enum What<'w> {
    /// The definition of a fixture.
    Definition(Known<'w>),
    /// A place that names a fixture.
    Use(Known<'w>),
    /// An argument of `parametrize`: its mark, its parameter, or a use of that in the body.
    Argument(Argument<'w>),
}

/// An argument of `parametrize`.
#[derive(Clone, Debug)]
pub struct Argument<'w> {
    /// Its name.
    pub name: CompactString,
    /// A function that takes it.
    pub site: Site<'w>,
    /// The `parametrize` mark.
    pub mark: crate::fixtures::ParamMark,
}

impl<'w> What<'w> {
    /// The fixture, if it is one.
    #[must_use]
    pub const fn fixture(&self) -> Option<&Known<'w>> {
        match self {
            Self::Definition(known) | Self::Use(known) => Some(known),
            Self::Argument(_) => None,
        }
    }
}

/// What stands at a place of a file; `None` for what is not about fixtures or parameters.
#[must_use]
pub fn symbol_at<'w>(model: &Model<'w>, file: FileId, offset: u32) -> Option<Symbol<'w>> {
    let outline = &model.view.world.file(file)?.outline;
    let site = sites::function_at(outline, offset);
    if let Some(symbol) = site.as_ref().and_then(|site| defined_at(model, file, site, offset)) {
        return Some(symbol);
    }
    if let Some(usage) = usage_at(model, file, offset) {
        return of_usage(model, file, &usage);
    }
    used_in_body(model, file, &site?, offset)
}

/// A fixture's own name, or the text of its `name=`.
fn defined_at<'w>(
    model: &Model<'w>,
    file: FileId,
    site: &Site<'w>,
    offset: u32,
) -> Option<Symbol<'w>> {
    let fixture = model.fixture(file, site)?;
    let known = Known::Source(fixture, Holder::Module(file));
    let literal = known.name_literal().map(|(_, span)| span);
    let span =
        [Some(site.name_span()), literal].into_iter().flatten().find(|s| holds(*s, offset))?;
    // Seen from its own place it may be a class's or a conftest's.
    let found = model.find(file, site.inside(), known.name());
    let known = found.into_iter().find(|other| other.is(&known)).unwrap_or(known);
    Some(Symbol { span, what: What::Definition(known) })
}

/// The place at a cursor that may name a fixture.
fn usage_at<'w>(model: &Model<'w>, file: FileId, offset: u32) -> Option<Usage<'w>> {
    let outline = &model.view.world.file(file)?.outline;
    let after = outline.statements.partition_point(|placed| placed.start <= offset);
    let placed = outline.statements.get(after.checked_sub(1)?)?;
    let at = |usage: &Usage<'_>| holds(usage.span, offset);
    if let Some(usage) = usages::of_statement(placed, None).into_iter().find(at) {
        return Some(usage);
    }
    let text = model.text(file)?;
    let end = outline.statements.get(after).map_or(text.len(), |next| next.start as usize);
    let own = text.get(placed.start as usize..end)?;
    usages::of_part(outline, own, placed.start, None).into_iter().find(at)
}

fn of_usage<'w>(model: &Model<'w>, file: FileId, usage: &Usage<'w>) -> Option<Symbol<'w>> {
    let span = usage.span;
    if let Some(known) = model.denoted(file, usage) {
        return Some(Symbol { span, what: What::Use(known) });
    }
    let site = match usage.kind {
        UsageKind::Parameter => usage.site()?,
        UsageKind::Parametrize => usage.site().or_else(|| model.any_site(file, usage))?,
        _ => return None,
    };
    argument(model, file, site, &usage.name).map(|what| Symbol { span, what })
}

fn argument<'w>(
    model: &Model<'w>,
    file: FileId,
    site: Site<'w>,
    name: &CompactString,
) -> Option<What<'w>> {
    match model.parametrized(file, &site, name) {
        Parametrized::Direct(mark) => {
            Some(What::Argument(Argument { name: name.clone(), site, mark }))
        }
        _ => None,
    }
}

/// A use of a parameter in the body of the function that takes it.
fn used_in_body<'w>(
    model: &Model<'w>,
    file: FileId,
    site: &Site<'w>,
    offset: u32,
) -> Option<Symbol<'w>> {
    if matches!(model.role(file, site), Role::Other) {
        return None;
    }
    let text = model.text(file)?;
    let word = word_at(&text, offset)?;
    let param = site.function.params.iter().find(|param| param.name.text == text[word.range()])?;
    let span = body::uses(&text, site.span(), &param.name.text)
        .into_iter()
        .find(|span| holds(*span, offset))?;
    let name = &param.name.text;
    let what = match model.of_parameter(file, site, name) {
        Some(known) => What::Use(known),
        None => argument(model, file, site.clone(), name)?,
    };
    Some(Symbol { span, what })
}

/// The identifier around a place, or that ends there.
#[must_use]
pub fn word_at(text: &str, offset: u32) -> Option<Span> {
    let offset = offset as usize;
    if !text.is_char_boundary(offset) {
        return None;
    }
    let is_word = |c: char| c == '_' || unicode_ident::is_xid_continue(c);
    let before = text[..offset].chars().rev().take_while(|c| is_word(*c));
    let start = offset - before.map(char::len_utf8).sum::<usize>();
    let after = text[offset..].chars().take_while(|c| is_word(*c));
    let end = offset + after.map(char::len_utf8).sum::<usize>();
    let place = |byte: usize| u32::try_from(byte).unwrap_or(u32::MAX);
    (start < end).then(|| Span::new(place(start), place(end)))
}
