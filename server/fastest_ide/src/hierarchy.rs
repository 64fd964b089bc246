//! Call hierarchy of fixtures: who requests a fixture, and what it requests.

use fastest_index::world::FileId;
use fastest_model::Span;

use crate::at::symbol_at;
use crate::definition::target_of;
use crate::fixtures::{Known, Model, Role};
use crate::references::usages_of;
use crate::sites::{self, Site};
use crate::usages::UsageKind;
use crate::view::Target;

/// A test or fixture in the hierarchy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Its name, with those of its classes.
    pub name: String,
    /// Where it is.
    pub target: Target,
}

/// A test or fixture that requests, or is requested, and where it says so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The other end.
    pub item: Item,
    /// Where the request stands, in the file of whoever requests.
    pub from: Vec<Span>,
}

/// The fixture at a place.
#[must_use]
pub fn prepare(model: &Model<'_>, file: FileId, offset: u32) -> Option<Item> {
    if let Some(known) = symbol_at(model, file, offset).and_then(|s| s.what.fixture().cloned()) {
        return Some(Item { name: known.name().to_owned(), target: target_of(model, &known)? });
    }
    let outline = &model.view.world.file(file)?.outline;
    let site = sites::function_at(outline, offset)?;
    let is_test = matches!(model.role(file, &site), Role::Test);
    (is_test && sites::holds(site.name_span(), offset)).then(|| item(model, file, &site)).flatten()
}

fn item(model: &Model<'_>, file: FileId, site: &Site<'_>) -> Option<Item> {
    let target = model.view.target(file, site.span(), site.name_span())?;
    Some(Item { name: site.path(), target })
}

/// Who requests the fixture whose name stands at a place.
#[must_use]
pub fn incoming(model: &Model<'_>, file: FileId, offset: u32) -> Vec<Link> {
    let symbol = symbol_at(model, file, offset);
    let Some(known) = symbol.and_then(|symbol| symbol.what.fixture().cloned()) else {
        return Vec::new();
    };
    let mut links: Vec<Link> = Vec::new();
    for (file, usage) in usages_of(model, &known) {
        let Some(site) = usage.site().filter(|_| usage.kind != UsageKind::Import) else { continue };
        let Some(item) = item(model, file, &site) else { continue };
        match links.iter_mut().find(|link| link.item == item) {
            Some(link) => link.from.push(usage.span),
            None => links.push(Link { item, from: vec![usage.span] }),
        }
    }
    links
}

/// What the test or fixture whose name stands at a place requests by its parameters.
#[must_use]
pub fn outgoing(model: &Model<'_>, file: FileId, offset: u32) -> Vec<Link> {
    let Some(source) = model.view.world.file(file) else { return Vec::new() };
    let Some(site) = sites::function_at(&source.outline, offset) else { return Vec::new() };
    let requested = site.function.params.iter().filter_map(|param| {
        let known: Known<'_> = model.of_parameter(file, &site, &param.name.text)?;
        let item = Item { name: known.name().to_owned(), target: target_of(model, &known)? };
        Some(Link { item, from: vec![param.name.span.shifted(site.base)] })
    });
    requested.collect()
}
