//! The functions and classes of an outline, wherever they stand: in classes, in `if`, in `try`.

use fastest_index::names::{ClassRef, FunctionRef, Scope};
use fastest_index::world::FileId;
use fastest_model::Span;
use fastest_syntax::outline::{Assign, Class, Function, Outline, Placed, Statement};

/// A function and the classes around it.
#[derive(Clone, Debug)]
pub struct Site<'w> {
    /// Where its top-level statement starts: the origin of its spans.
    pub base: u32,
    /// The function.
    pub function: &'w Function,
    /// The classes around it, outermost first.
    pub classes: Vec<&'w Class>,
}

/// From where fixtures are looked at: within classes, by a function or by a mark.
#[derive(Clone, Copy, Debug, Default)]
pub struct Inside<'a, 'w> {
    /// Where the top-level statement starts: the origin of spans.
    pub base: u32,
    /// The classes around the place, outermost first; for a mark of a class, that class too.
    pub classes: &'a [&'w Class],
    /// The function that looks, if it is one.
    pub function: Option<&'w Function>,
}

/// Something that a walk over an outline meets.
pub enum Met<'a, 'w> {
    /// A function.
    Function(u32, &'w Function, &'a [&'w Class]),
    /// A class, before what is in it; the classes around it.
    Class(u32, &'w Class, &'a [&'w Class]),
    /// An assignment; the classes around it.
    Assign(u32, &'w Assign, &'a [&'w Class]),
}

/// Walks over an outline in source order.
pub fn walk<'w>(outline: &'w Outline, mut meet: impl FnMut(Met<'_, 'w>)) {
    outline.statements.iter().for_each(|placed| walk_statement(placed, &mut meet));
}

/// Walks over one top-level statement.
pub fn walk_statement<'w>(placed: &'w Placed, meet: &mut impl FnMut(Met<'_, 'w>)) {
    statement(&placed.statement, placed.start, &mut Vec::new(), meet);
}

fn statement<'w>(
    statement: &'w Statement,
    base: u32,
    classes: &mut Vec<&'w Class>,
    meet: &mut impl FnMut(Met<'_, 'w>),
) {
    match statement {
        Statement::Function(function) => meet(Met::Function(base, function, classes)),
        Statement::Class(class) => {
            meet(Met::Class(base, class, classes));
            classes.push(class);
            class.body.iter().for_each(|inner| self::statement(inner, base, classes, meet));
            classes.pop();
        }
        Statement::Assign(assign) => meet(Met::Assign(base, assign, classes)),
        Statement::Block(block) => {
            let inner = block.arms.iter().flat_map(|arm| &arm.body);
            inner.for_each(|inner| self::statement(inner, base, classes, meet));
        }
        _ => {}
    }
}

/// All functions of an outline in source order, methods included.
#[must_use]
pub fn functions(outline: &Outline) -> Vec<Site<'_>> {
    let mut sites = Vec::new();
    walk(outline, |met| {
        if let Met::Function(base, function, classes) = met {
            sites.push(Site { base, function, classes: classes.to_vec() });
        }
    });
    sites
}

/// The innermost function whose text, decorators included, holds a place or ends there.
#[must_use]
pub fn function_at(outline: &Outline, offset: u32) -> Option<Site<'_>> {
    let after = outline.statements.partition_point(|placed| placed.start <= offset);
    let placed = outline.statements.get(after.checked_sub(1)?)?;
    let mut found = None;
    walk_statement(placed, &mut |met| {
        if let Met::Function(base, function, classes) = met
            && holds(function.span.shifted(base), offset)
        {
            found = Some(Site { base, function, classes: classes.to_vec() });
        }
    });
    found
}

/// Whether a span holds an offset, its end included.
#[must_use]
pub const fn holds(span: Span, offset: u32) -> bool {
    span.start <= offset && offset <= span.end
}

impl<'w> Site<'w> {
    /// The place from which it looks at fixtures.
    #[must_use]
    pub fn inside(&self) -> Inside<'_, 'w> {
        Inside { base: self.base, classes: &self.classes, function: Some(self.function) }
    }

    /// The function as the index refers to it.
    #[must_use]
    pub fn reference(&self, file: FileId) -> FunctionRef<'w> {
        let owner = self.classes.last().copied();
        FunctionRef { file, base: self.base, function: self.function, owner }
    }

    /// Whether it stands in a class.
    #[must_use]
    pub fn is_method(&self) -> bool {
        !self.classes.is_empty()
    }

    /// Its whole text, in bytes from the file's start.
    #[must_use]
    pub fn span(&self) -> Span {
        self.function.span.shifted(self.base)
    }

    /// Its name, in bytes from the file's start.
    #[must_use]
    pub fn name_span(&self) -> Span {
        self.function.name.span.shifted(self.base)
    }

    /// Its name with those of its classes: `TestX::test_y`.
    #[must_use]
    pub fn path(&self) -> String {
        let names = self.classes.iter().map(|class| class.name.text.as_str());
        names.chain([self.function.name.text.as_str()]).collect::<Vec<_>>().join("::")
    }
}

/// The classes of a site as the index refers to them, outermost first.
pub fn class_refs<'w>(
    file: FileId,
    base: u32,
    classes: &[&'w Class],
) -> impl Iterator<Item = ClassRef<'w>> {
    let owners = std::iter::once(None).chain(classes.iter().copied().map(Some));
    let pairs: Vec<_> = classes.iter().copied().zip(owners).collect();
    pairs.into_iter().map(move |(class, owner)| ClassRef { file, base, class, owner })
}

/// Where the names of an expression in the body of a class, or at the top of a file, are looked
/// up.
#[must_use]
pub fn scope_in<'w>(file: FileId, base: u32, classes: &[&'w Class]) -> Scope<'w> {
    match class_refs(file, base, classes).last() {
        Some(class) => Scope::Class(class),
        None => Scope::Module(file),
    }
}
