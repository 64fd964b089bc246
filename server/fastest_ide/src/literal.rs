//! String literals whose text stands in the source as it is.

use fastest_model::Span;
use fastest_syntax::expr::Expr;

/// Where the text of a string literal stands between its quotes, counted as the expression's span
/// is; `None` where prefixes, escapes or joined literals make the source differ from the text.
#[must_use]
pub fn inside(expr: &Expr, text: &str) -> Option<Span> {
    inside_of(expr.span, text)
}

/// The same for a literal's span.
#[must_use]
pub fn inside_of(span: Span, text: &str) -> Option<Span> {
    let length = u32::try_from(text.len()).ok()?;
    (span.len() == length + 2).then(|| Span::new(span.start + 1, span.end - 1))
}
