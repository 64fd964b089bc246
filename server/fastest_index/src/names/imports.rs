//! Imports: what they bind, and whether they succeed.

use std::path::Path;

use compact_str::{CompactString, format_compact};
use fastest_syntax::expr::ExprKind;
use fastest_syntax::outline::{ImportFrom, ModuleAlias};

use super::body::Progress;
use super::namespace::Runner;
use super::query::unavailable;
use super::{Binding, Definition, Key, Namespace, Query, builtins, external, stdlib};
use crate::world::{File, FileId, Module};

/// How an import fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Failure {
    /// It does not.
    None,
    /// `ModuleNotFoundError`
    NoModule,
    /// `ImportError`, for a name that the module does not have.
    NoName,
    /// Only run time can tell whether it fails.
    Unknown,
}

impl<'w> Runner<'_, 'w> {
    pub(super) fn import(&mut self, aliases: &'w [ModuleAlias]) {
        for alias in aliases {
            self.note_import(&alias.module);
            let top = alias.module.split('.').next().unwrap_or(&alias.module);
            let (name, module, place) = match &alias.alias {
                Some(name) => (name.text.as_str(), alias.module.as_str(), name.span),
                None => (top, top, alias.span),
            };
            let definition = Definition::Module(self.query.canonical_module(module));
            self.bind(name, definition, place, alias.span.end.max(place.end));
        }
    }

    fn note_import(&self, module: &str) {
        let mut state = self.state.borrow_mut();
        if state.is_certain() && !state.changes_imports {
            state.imports.push(module.into());
        }
    }

    pub(super) fn import_from(&mut self, import: &'w ImportFrom) {
        let module = match self.absolute(import) {
            Ok(module) => module,
            Err(reason) => return self.unplaced(import, &reason),
        };
        self.note_import(&module);
        if import.is_star {
            return self.star(&module, import.span.end);
        }
        let is_external = self.query.is_external(&module);
        for imported in &import.names {
            let bound = imported.alias.as_ref().unwrap_or(&imported.name);
            let definition = if is_external {
                super::lookup::external_name(&module, &imported.name.text)
            } else {
                Definition::Imported { module: module.clone(), name: imported.name.text.clone() }
            };
            self.bind(&bound.text, definition, bound.span, import.span.end);
        }
    }

    /// Keeps what is imported for type checkers only.
    pub(super) fn declare_import(&self, import: &'w ImportFrom) {
        let Ok(module) = self.absolute(import) else { return };
        if import.is_star {
            self.state.borrow_mut().declared_stars.push(module);
            return;
        }
        for imported in &import.names {
            let bound = imported.alias.as_ref().unwrap_or(&imported.name);
            let name = imported.name.text.clone();
            let definition = Definition::Imported { module: module.clone(), name };
            self.state.borrow_mut().declared.insert(bound.text.clone(), definition);
        }
    }

    /// A relative import out of the top-level package.
    fn unplaced(&mut self, import: &'w ImportFrom, reason: &CompactString) {
        for imported in &import.names {
            let bound = imported.alias.as_ref().unwrap_or(&imported.name);
            self.bind(
                &bound.text,
                Definition::Unknown(reason.clone()),
                bound.span,
                import.span.end,
            );
        }
        if import.is_star {
            self.open(reason.clone());
        }
    }

    /// The absolute dotted name of what is imported from.
    fn absolute(&self, import: &ImportFrom) -> Result<CompactString, CompactString> {
        let file = self.query.world.file(self.file);
        let beyond = || CompactString::from("a relative import leads out of its package");
        file.and_then(|file| absolute(file, import)).ok_or_else(beyond)
    }

    fn star(&mut self, module: &str, since: u32) {
        if self.query.is_external(module) {
            return self.external_star(module);
        }
        let file = match self.query.module(module) {
            Some(Module::Source(file)) => file,
            Some(Module::Namespace) => return,
            answer => return self.open(unavailable(module, answer)),
        };
        match self.query.module_body(file) {
            Progress::Done(namespace) => self.star_names(module, &namespace, since),
            Progress::Running(_) => {
                self.open(format_compact!("it and `{module}` import each other"))
            }
        }
    }

    /// What is known by heart holds no tests, with the one exception.
    fn external_star(&mut self, module: &str) {
        if external::holds_no_tests(module) {
            self.state.borrow_mut().stars.push(module.into());
        } else {
            self.open(format_compact!("it imports all names of `{module}`"));
        }
    }

    fn star_names(&mut self, module: &str, namespace: &Namespace<'w>, since: u32) {
        if let Some(reason) = &namespace.open {
            self.open(format_compact!("it imports all names of `{module}`: {reason}"));
        }
        match namespace.get("__all__") {
            Some(all) => match static_all(all) {
                Some(names) => {
                    for name in names {
                        self.star_name(module, name, namespace.get(name), since);
                    }
                }
                None => {
                    self.open(format_compact!("the `__all__` of `{module}` is computed"));
                    for (name, binding) in &namespace.names {
                        let reason = format_compact!("the `__all__` of `{module}` is computed");
                        // Where it is not exported, another of the same name may be meant.
                        let definition = if builtins::is_builtin(name) {
                            Definition::Unknown(reason.clone())
                        } else {
                            binding.definition.clone()
                        };
                        let doubtful =
                            Binding { definition, doubt: Some(reason), place: binding.place };
                        self.star_name(module, name, Some(&doubtful), since);
                    }
                }
            },
            None => {
                for (name, binding) in &namespace.names {
                    if !name.starts_with('_') {
                        self.star_name(module, name, Some(binding), since);
                    }
                }
                self.state.borrow_mut().stars.extend(namespace.stars.iter().cloned());
            }
        }
    }

    fn star_name(&mut self, module: &str, name: &str, binding: Option<&Binding<'w>>, since: u32) {
        let mut binding = binding.cloned().unwrap_or_else(|| {
            // `__all__` may name submodules.
            let (module, name) = (module.into(), name.into());
            Binding { definition: Definition::Imported { module, name }, doubt: None, place: None }
        });
        binding.place = None;
        self.state.borrow_mut().bind(name, binding, self.base + since);
    }

    /// Whether a module is there; `None` when that cannot be known.
    pub(super) fn availability(&self, module: &str) -> Option<bool> {
        match self.import_failure(module, None) {
            Failure::None => Some(true),
            Failure::NoModule | Failure::NoName => Some(false),
            Failure::Unknown => None,
        }
    }

    /// How `import module`, or `from module import name`, fails.
    pub(super) fn import_failure(&self, module: &str, name: Option<&str>) -> Failure {
        match self.query.import_failure(module, name) {
            Failure::NoModule if self.state.borrow().changes_imports => Failure::Unknown,
            failure => failure,
        }
    }

    /// How an `import` in a `try` fails.
    pub(super) fn failure_of(&self, module: &str) -> Failure {
        if self.query.imports_back(self.file, module) {
            return Failure::Unknown;
        }
        self.import_failure(module, None)
    }

    /// How each name of a `from` import in a `try` fails.
    pub(super) fn failures_of(&self, import: &ImportFrom) -> Vec<Failure> {
        let Ok(module) = self.absolute(import) else { return vec![Failure::NoName] };
        if self.query.imports_back(self.file, &module) {
            return vec![Failure::Unknown];
        }
        if import.is_star {
            return vec![self.import_failure(&module, None)];
        }
        let failure = |name: &str| {
            if self.query.name_imports_back(self.file, &module, name) {
                return Failure::Unknown;
            }
            self.import_failure(&module, Some(name))
        };
        import.names.iter().map(|imported| failure(&imported.name.text)).collect()
    }
}

/// The absolute dotted name of what a file imports from; `None` out of its topmost package.
pub(super) fn absolute(file: &File, import: &ImportFrom) -> Option<CompactString> {
    if import.level == 0 {
        return Some(import.module.clone());
    }
    let mut package = file.module.as_str();
    let up = import.level - u32::from(file.is_package);
    for _ in 0..up {
        package = package.rsplit_once('.')?.0;
    }
    Some(match (package, import.module.as_str()) {
        (package, "") => package.into(),
        (package, module) => format_compact!("{package}.{module}"),
    })
}

/// The names of an `__all__` that is a display of strings.
fn static_all<'w>(all: &Binding<'w>) -> Option<Vec<&'w str>> {
    let Definition::Value(value) = &all.definition else { return None };
    let (ExprKind::List(items) | ExprKind::Tuple(items)) = &value.expr.kind else { return None };
    let text = |item: &'w fastest_syntax::expr::Expr| match &item.kind {
        ExprKind::Str(name) => Some(name.as_str()),
        _ => None,
    };
    if all.doubt.is_some() { None } else { items.iter().map(text).collect() }
}

impl Query<'_> {
    /// A module's dotted name, under which it goes if it is known by heart.
    fn canonical_module(&self, module: &str) -> CompactString {
        if self.is_external(module) { external::canonical(module) } else { module.into() }
    }

    fn import_failure(&self, module: &str, name: Option<&str>) -> Failure {
        match (self.import_failure_of_module(module, true), name) {
            (Failure::None, Some(name)) => self.name_failure(module, name),
            (failure, _) => failure,
        }
    }

    /// How `import module` fails. `deep`: whether its own imports count.
    pub(super) fn import_failure_of_module(&self, module: &str, deep: bool) -> Failure {
        if self.is_external(module) {
            let platform = &self.world.settings.platform;
            let is_pytest = module == "pytest" || module == "_pytest";
            return match stdlib::presence(module, self.minor(), platform) {
                _ if is_pytest => Failure::None,
                stdlib::Presence::Present => Failure::None,
                stdlib::Presence::Absent => Failure::NoModule,
                stdlib::Presence::Unknown => Failure::Unknown,
            };
        }
        match self.module(module) {
            Some(Module::Absent) => Failure::NoModule,
            Some(Module::Binary | Module::Namespace) => Failure::None,
            Some(Module::Source(file)) if deep => match self.imports_well(file) {
                Some(true) => Failure::None,
                Some(false) => Failure::NoModule,
                None => Failure::Unknown,
            },
            Some(Module::Source(_)) => Failure::None,
            Some(Module::Ambiguous) | None => Failure::Unknown,
        }
    }

    /// Whether a file is imported without an error, as far as its own imports tell.
    fn imports_well(&self, file: FileId) -> Option<bool> {
        let importing = self.importing.borrow().iter().find(|(own, _)| *own == file).copied();
        if let Some((_, frame)) = importing {
            // Modules that import one another do not keep each other from being imported.
            self.frames.meet(frame);
            return Some(true);
        }
        self.remember(Key::Importable(file), || {
            let _level = self.enter()?;
            self.importing.borrow_mut().push((file, self.frames.innermost()));
            let answer = self.find_imports_well(file);
            self.importing.borrow_mut().pop();
            answer
        })
    }

    fn find_imports_well(&self, file: FileId) -> Option<bool> {
        let (is_installed, own) = self.origin(file);
        // What was installed for this environment is taken to work in it; so its source need not
        // be run here.
        if is_installed {
            return Some(true);
        }
        self.note_flow(file);
        let Progress::Done(namespace) = self.module_frame_body(file) else { return Some(true) };
        if let Some(halt) = &namespace.halts {
            return if halt.certain { Some(false) } else { None };
        }
        let mut answer = Some(true);
        for module in &namespace.imports {
            let is_own = module.split('.').next() == Some(own);
            match self.import_failure_of_module(module, is_own) {
                Failure::None => {}
                Failure::NoModule | Failure::NoName => return Some(false),
                Failure::Unknown => answer = None,
            }
        }
        answer
    }

    /// Whether a file is installed, and its top-level package.
    pub(super) fn origin(&self, file: FileId) -> (bool, &str) {
        let Some(file) = self.world.file(file) else { return (true, "") };
        let is_installed = !file.path.starts_with(&self.world.settings.rootdir)
            || file.path.components().any(|part| part.as_os_str() == Path::new("site-packages"));
        (is_installed, file.module.split('.').next().unwrap_or(""))
    }

    /// How taking a name from a module that is there fails.
    fn name_failure(&self, module: &str, name: &str) -> Failure {
        let submodule = format_compact!("{module}.{name}");
        if self.is_external(module) {
            let known = stdlib::has_name(module, name, self.minor());
            return match known {
                Some(true) => Failure::None,
                Some(false) => Failure::NoName,
                None if stdlib::is_submodule(&submodule) => Failure::None,
                None => Failure::Unknown,
            };
        }
        let Some(Module::Source(file)) = self.module(module) else {
            return self.submodule_failure(&submodule);
        };
        let body = self.module_body_for(file, name);
        match body.get_at(name, None) {
            Some(Binding { doubt: None, .. }) => Failure::None,
            Some(_) => Failure::Unknown,
            None if self.is_package(file) => match self.submodule_failure(&submodule) {
                Failure::NoName if is_closed(&body) => Failure::NoName,
                Failure::NoName => Failure::Unknown,
                failure => failure,
            },
            None if is_closed(&body) => Failure::NoName,
            None => Failure::Unknown,
        }
    }

    fn submodule_failure(&self, submodule: &str) -> Failure {
        match self.import_failure_of_module(submodule, true) {
            Failure::NoModule => match self.world.module(submodule) {
                // It is there, but one of its own imports is not: that is another error.
                Some(Module::Source(_)) => Failure::NoModule,
                _ => Failure::NoName,
            },
            failure => failure,
        }
    }

    pub(super) fn is_package(&self, file: FileId) -> bool {
        self.world.file(file).is_some_and(|file| file.is_package)
    }
}

/// Whether a module that has run binds no names but those that are known.
fn is_closed(body: &Progress<'_>) -> bool {
    matches!(body, Progress::Done(_))
        && body.open().is_none()
        && body.stars().is_empty()
        && body.get_at("__getattr__", None).is_none()
}
