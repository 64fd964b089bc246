//! Document symbols and workspace symbols: tests, classes, fixtures.

use fastest_index::collect::patterns::matches_prefix_or_glob;
use fastest_index::world::FileId;
use fastest_model::Span;
use fastest_syntax::outline::{Class, Statement};

use crate::fixtures::{Model, Role};
use crate::hover::scope_name;
use crate::sites::Site;
use crate::view::Target;

/// What a symbol is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SymbolKind {
    /// A class.
    Class,
    /// A fixture.
    Fixture,
    /// A test function or method.
    Test,
    /// Another function of the file.
    Function,
}

/// A definition in a file, with those inside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentSymbol {
    /// Its name; for a fixture the one by which it is requested.
    pub name: String,
    /// What it is.
    pub kind: SymbolKind,
    /// What is worth knowing besides (`fixture · session`).
    pub detail: String,
    /// The whole definition, in bytes from the file's start.
    pub span: Span,
    /// Its name within.
    pub name_span: Span,
    /// What is inside.
    pub children: Vec<DocumentSymbol>,
}

/// A definition somewhere in the workspace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkspaceSymbol {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: SymbolKind,
    /// The classes around it, joined with `::`.
    pub container: String,
    /// Where it is.
    pub target: Target,
}

/// The definitions of a file, in source order.
#[must_use]
pub fn document_symbols(model: &Model<'_>, file: FileId) -> Vec<DocumentSymbol> {
    let Some(source) = model.view.world.file(file) else { return Vec::new() };
    let mut symbols = Vec::new();
    for placed in &source.outline.statements {
        let mut listing = Listing { model, file, base: placed.start, classes: Vec::new() };
        listing.statement(&placed.statement, &mut symbols);
    }
    symbols
}

struct Listing<'m, 'w> {
    model: &'m Model<'w>,
    file: FileId,
    base: u32,
    classes: Vec<&'w Class>,
}

impl<'w> Listing<'_, 'w> {
    fn statement(&mut self, statement: &'w Statement, symbols: &mut Vec<DocumentSymbol>) {
        match statement {
            Statement::Function(function) => {
                let classes = self.classes.clone();
                symbols.push(self.function(&Site { base: self.base, function, classes }));
            }
            Statement::Class(class) => {
                self.classes.push(class);
                let mut children = Vec::new();
                class.body.iter().for_each(|inner| self.statement(inner, &mut children));
                self.classes.pop();
                symbols.push(DocumentSymbol {
                    name: class.name.text.to_string(),
                    kind: SymbolKind::Class,
                    detail: String::new(),
                    span: class.span.shifted(self.base),
                    name_span: class.name.span.shifted(self.base),
                    children,
                });
            }
            Statement::Block(block) => {
                let inner = block.arms.iter().flat_map(|arm| &arm.body);
                inner.for_each(|inner| self.statement(inner, symbols));
            }
            _ => {}
        }
    }

    fn function(&self, site: &Site<'w>) -> DocumentSymbol {
        let (name, kind, detail) = match self.model.role(self.file, site) {
            Role::Fixture(fixture) => {
                let scope = fixture.scope.map_or("computed scope", scope_name);
                let detail = if fixture.autouse { " · autouse" } else { "" };
                (fixture.name.clone(), SymbolKind::Fixture, format!("fixture · {scope}{detail}"))
            }
            Role::Test => (site.function.name.text.clone(), SymbolKind::Test, String::new()),
            Role::Other => (site.function.name.text.clone(), SymbolKind::Function, String::new()),
        };
        DocumentSymbol {
            name: name.to_string(),
            kind,
            detail,
            span: site.span(),
            name_span: site.name_span(),
            children: Vec::new(),
        }
    }
}

/// The tests, test classes and fixtures of the project's own files whose names hold the letters
/// of the query in order, whatever their case; those that hold it as a whole come first. At most
/// `limit`.
#[must_use]
pub fn workspace_symbols(model: &Model<'_>, query: &str, limit: usize) -> Vec<WorkspaceSymbol> {
    search(model, query, limit, |_| true)
}

fn search(
    model: &Model<'_>,
    query: &str,
    limit: usize,
    wanted: impl Fn(SymbolKind) -> bool,
) -> Vec<WorkspaceSymbol> {
    let query = query.to_lowercase();
    let mut found: Vec<(u8, WorkspaceSymbol)> = Vec::new();
    for (file, source) in model.view.world.files() {
        if !model.view.is_own(file) {
            continue;
        }
        crate::sites::walk(&source.outline, |met| {
            if found.len() >= limit * 8 {
                return;
            }
            if let Some((rank, symbol)) = matching(model, file, met, &query, &wanted) {
                found.push((rank, symbol));
            }
        });
    }
    found.sort_by(|(one, a), (other, b)| (one, a.name.len()).cmp(&(other, b.name.len())));
    found.into_iter().take(limit).map(|(_, symbol)| symbol).collect()
}

fn matching<'w>(
    model: &Model<'w>,
    file: FileId,
    met: crate::sites::Met<'_, 'w>,
    query: &str,
    wanted: &dyn Fn(SymbolKind) -> bool,
) -> Option<(u8, WorkspaceSymbol)> {
    use crate::sites::Met;
    let settings = &model.view.world.settings;
    let (name, span, name_span, kind, classes) = match met {
        Met::Function(base, function, classes) => {
            let name = &function.name.text;
            let is_test = matches_prefix_or_glob(name, &settings.python_functions);
            let kind = match is_test {
                true => SymbolKind::Test,
                false if function.decorators.is_empty() => return None,
                false => SymbolKind::Fixture,
            };
            (name, function.span.shifted(base), function.name.span.shifted(base), kind, classes)
        }
        Met::Class(base, class, classes) => {
            let name = &class.name.text;
            if !matches_prefix_or_glob(name, &settings.python_classes) && class.bases.is_empty() {
                return None;
            }
            let kind = SymbolKind::Class;
            (name, class.span.shifted(base), class.name.span.shifted(base), kind, classes)
        }
        Met::Assign(..) => return None,
    };
    let rank = rank(name, query).filter(|_| wanted(kind))?;
    if kind == SymbolKind::Fixture {
        // Only now: whether a decorated function is a fixture takes looking its decorators up.
        let site = crate::sites::functions(&model.view.world.file(file)?.outline)
            .into_iter()
            .find(|site| site.name_span() == name_span)?;
        model.fixture(file, &site)?;
    }
    let container: Vec<&str> = classes.iter().map(|class| class.name.text.as_str()).collect();
    let target = model.view.target(file, span, name_span)?;
    let container = container.join("::");
    Some((rank, WorkspaceSymbol { name: name.to_string(), kind, container, target }))
}

/// The fixtures among [`workspace_symbols`].
#[must_use]
pub fn workspace_fixtures(model: &Model<'_>, query: &str, limit: usize) -> Vec<WorkspaceSymbol> {
    search(model, query, limit, |kind| kind == SymbolKind::Fixture)
}

/// How well a name fits a lowercase query: 0 from its start, 1 as a whole, 2 letter by letter.
fn rank(name: &str, query: &str) -> Option<u8> {
    let lower = name.to_lowercase();
    match lower.find(query) {
        Some(0) => return Some(0),
        Some(_) => return Some(1),
        None => {}
    }
    let mut letters = lower.chars();
    query.chars().all(|wanted| letters.any(|letter| letter == wanted)).then_some(2)
}
