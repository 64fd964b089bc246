//! Changes that several rules offer.

use super::memo::Bodies;
use super::{Check, Fix};
use crate::body::Comma;
use crate::sites::Site;

/// Adds a parameter to a function's signature.
pub(super) fn add_parameter(
    check: &Check<'_, '_>,
    site: &Site<'_>,
    name: &str,
    bodies: &mut Bodies,
) -> Option<Fix> {
    let body = bodies.read(check.file, &check.text, site.span());
    let (place, comma) = body.params_end?;
    let text = match comma {
        Comma::None => name.to_owned(),
        Comma::There => format!(" {name}"),
        Comma::Needed => format!(", {name}"),
    };
    let place = place + site.span().start;
    let edits = vec![check.edit(fastest_model::Span::new(place, place), text)?];
    Some(Fix {
        title: format!("Add the parameter `{name}` to `{}`", site.function.name.text),
        edits,
    })
}
