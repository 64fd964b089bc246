//! Looking names and attributes up, and following them to what they denote in the end.

use compact_str::{CompactString, format_compact};
use fastest_syntax::expr::{Call, Expr, ExprKind};

use super::body::Progress;
use super::query::unavailable;
use super::{Binding, Definition, Query, Scope, builtins, external, stdlib};
use crate::world::{FileId, Module};

/// What a definition becomes when following it takes too many steps.
const ENDLESS: &str = "its definition goes in a circle";

impl<'w> Query<'w> {
    /// Follows an import, or a value that is only another name (`alias = other`), to what it
    /// denotes in the end. Never gives `Imported`.
    #[must_use]
    pub fn follow(&self, definition: &Definition<'w>) -> Definition<'w> {
        let Some(_level) = self.enter() else { return Definition::Unknown(ENDLESS.into()) };
        match definition {
            Definition::Imported { module, name } => self.member(module, name),
            Definition::Value(value) if value.unpack.is_none() => match &value.expr.kind {
                ExprKind::Name(_) | ExprKind::Attribute(_, _) => {
                    self.alias(value.scope, value.expr, definition)
                }
                ExprKind::Conditional(body, test, orelse) => match self.decide(value.scope, test) {
                    Some(decided) => {
                        let expr: &'w Expr = if decided { body } else { orelse };
                        self.follow(&Definition::Value(super::ValueRef { expr, ..*value }))
                    }
                    None => definition.clone(),
                },
                ExprKind::Call(call) => {
                    self.imported_by_call(value.scope, call).unwrap_or_else(|| definition.clone())
                }
                _ => definition.clone(),
            },
            _ => definition.clone(),
        }
    }

    /// `pytest.importorskip("a.b")`, `importlib.import_module("a.b")`
    fn imported_by_call(&self, scope: Scope<'w>, call: &Call) -> Option<Definition<'w>> {
        let (ExprKind::Name(name) | ExprKind::Attribute(_, name)) = &call.func.kind else {
            return None;
        };
        let (true, Some(Expr { kind: ExprKind::Str(module), .. })) =
            (matches!(name.as_str(), "importorskip" | "import_module"), call.args.first())
        else {
            return None;
        };
        match self.resolve(scope, &call.func) {
            Definition::External(name)
                if matches!(&*name, "pytest.importorskip" | "importlib.import_module") =>
            {
                Some(self.import_module(module))
            }
            _ => None,
        }
    }

    /// Follows `alias = a.b`. Attributes of values are left to whoever evaluates them.
    fn alias(&self, scope: Scope<'w>, expr: &Expr, unfollowed: &Definition<'w>) -> Definition<'w> {
        match &expr.kind {
            ExprKind::Attribute(value, name) => match self.resolve(scope, value) {
                Definition::Value(_) => unfollowed.clone(),
                of => self.attribute(&of, name),
            },
            _ => self.resolve(scope, expr),
        }
    }

    /// What a name denotes in a scope: names of the class, then of the module, then built-in
    /// ones (`builtins.int`, external). Followed to the end.
    #[must_use]
    pub fn lookup(&self, scope: Scope<'w>, name: &str) -> Option<Binding<'w>> {
        let mut binding = self.find(scope, name)?;
        binding.definition = self.follow(&binding.definition);
        Some(binding)
    }

    fn find(&self, scope: Scope<'w>, name: &str) -> Option<Binding<'w>> {
        match scope {
            Scope::Module(file) => self.find_in_module(file, name, None),
            Scope::Before(file, offset) => self.find_in_module(file, name, Some(offset)),
            Scope::Class(class) => {
                let body = self.class_body(class);
                if let Some(binding) = body.get_at(name, None) {
                    return Some(settled_in_class(binding, &body, name));
                }
                if let Some(reason) = body.open() {
                    return Some(unknown(reason));
                }
                let offset = class.base + class.class.span.start;
                self.find_in_module(class.file, name, Some(offset))
            }
        }
    }

    fn find_in_module(&self, file: FileId, name: &str, at: Option<u32>) -> Option<Binding<'w>> {
        let body = self.module_body_for(file, name);
        if let Some(binding) = body.get_at(name, at) {
            return Some(binding);
        }
        if builtins::is_builtin(name) {
            return Some(certain(external_name("builtins", name)));
        }
        if let [star] = body.stars().as_slice() {
            return Some(certain(external_name(star, name)));
        }
        body.open().map(unknown)
    }

    /// What an expression made of names and attributes denotes. Followed to the end; `Unknown`
    /// for every other expression.
    #[must_use]
    pub fn resolve(&self, scope: Scope<'w>, expr: &Expr) -> Definition<'w> {
        let Some(_level) = self.enter() else { return Definition::Unknown(ENDLESS.into()) };
        match &expr.kind {
            ExprKind::Name(name) => match self.lookup(scope, name) {
                Some(binding) => binding.definition,
                None => Definition::Unknown(format_compact!("`{name}` is not defined")),
            },
            ExprKind::Attribute(value, name) => {
                let of = self.resolve(scope, value);
                self.attribute(&of, name)
            }
            _ => Definition::Unknown("it is computed".into()),
        }
    }

    /// What an attribute of something denotes. Followed to the end.
    ///
    /// Members of enumerations and fields of named tuples and decorated classes are `Unknown`:
    /// what a class statement assigns there is not what the attribute gives.
    #[must_use]
    pub fn attribute(&self, of: &Definition<'w>, name: &str) -> Definition<'w> {
        let Some(_level) = self.enter() else { return Definition::Unknown(ENDLESS.into()) };
        match of {
            Definition::Module(module) => self.member(module, name),
            Definition::External(dotted) => external_name(dotted, name),
            Definition::Class(class) => self.class_member(*class, name),
            Definition::Unknown(reason) => Definition::Unknown(reason.clone()),
            Definition::Imported { .. } => self.attribute(&self.follow(of), name),
            Definition::Function(_) | Definition::Value(_) => {
                Definition::Unknown(format_compact!("`{name}` is an attribute of a value"))
            }
        }
    }

    /// What `module.name` denotes: a name that the module binds, or else a submodule. Followed
    /// to the end.
    fn member(&self, module: &str, name: &str) -> Definition<'w> {
        if self.is_external(module) {
            return external_name(module, name);
        }
        if let Some(known) = external::backport(module, name) {
            // Whether the package is there is asked by whoever imports it.
            return Definition::External(known);
        }
        match self.module(module) {
            Some(Module::Source(file)) => self.member_of_source(file, module, name),
            Some(Module::Namespace) => self.submodule(module, name),
            answer => Definition::Unknown(unavailable(module, answer)),
        }
    }

    fn member_of_source(&self, file: FileId, module: &str, name: &str) -> Definition<'w> {
        let body = self.module_body_for(file, name);
        match body.get_at(name, None) {
            Some(Binding {
                definition: Definition::Imported { module: from, name: what }, ..
            }) if from == module && what == name => self.submodule(module, name),
            Some(binding) => self.follow(&binding.definition),
            None => self.unbound_member(file, &body, module, name),
        }
    }

    fn unbound_member(
        &self,
        file: FileId,
        body: &Progress<'w>,
        module: &str,
        name: &str,
    ) -> Definition<'w> {
        let is_package = self.world.file(file).is_some_and(|file| file.is_package);
        if is_package && let found @ Definition::Module(_) = self.submodule(module, name) {
            return found;
        }
        if let [star] = body.stars().as_slice() {
            return external_name(star, name);
        }
        if body.get_at("__getattr__", None).is_some() {
            if let Some(declared) = self.declared(body, name) {
                return declared;
            }
            return Definition::Unknown(format_compact!("`{module}` makes its attributes itself"));
        }
        let reason = body.open().unwrap_or_else(|| match body {
            Progress::Running(_) => "its imports go in a circle".into(),
            Progress::Done(_) => format_compact!("`{module}` has no name `{name}`"),
        });
        Definition::Unknown(reason)
    }

    /// What type checkers take a name for that the module makes itself.
    fn declared(&self, body: &Progress<'w>, name: &str) -> Option<Definition<'w>> {
        if let Some(declared) = body.declared(name) {
            return Some(self.follow(&declared));
        }
        body.declared_stars().iter().find_map(|star| match self.module(star)? {
            Module::Source(file) => {
                let binding = self.module_body_for(file, name).get_at(name, None)?;
                Some(self.follow(&binding.definition))
            }
            _ => None,
        })
    }

    pub(super) fn submodule(&self, module: &str, name: &str) -> Definition<'w> {
        self.import_module(&format_compact!("{module}.{name}"))
    }
}

/// What a name below something known by heart denotes.
pub(super) fn external_name(of: &str, name: &str) -> Definition<'static> {
    let dotted = external::canonical(&format_compact!("{of}.{name}"));
    if stdlib::is_submodule(&dotted) {
        Definition::Module(dotted)
    } else {
        Definition::External(dotted)
    }
}

fn certain(definition: Definition<'_>) -> Binding<'_> {
    Binding { definition, doubt: None, place: None }
}

pub(super) fn unknown<'w>(reason: CompactString) -> Binding<'w> {
    Binding { definition: Definition::Unknown(reason.clone()), doubt: Some(reason), place: None }
}

/// In a class body the order of statements and uses is not kept.
fn settled_in_class<'w>(mut binding: Binding<'w>, body: &Progress<'w>, name: &str) -> Binding<'w> {
    if body.is_rebound(name) && matches!(binding.definition, Definition::Value(_)) {
        let reason = format_compact!("`{name}` is bound more than once");
        binding.definition = Definition::Unknown(reason);
    }
    binding
}
