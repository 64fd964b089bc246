//! Plugins that a conftest or an installed plugin registers itself:
//! `config.pluginmanager.register(Plugin(config))`, mostly where an option asks for it.

use fastest_syntax::outline::{Hook, Registers};

use crate::names::{ClassRef, Definition, FunctionRef, MroEntry, Namespace, Query};
use crate::world::FileId;

/// Who defines hooks: a module, or a class of which an object is registered.
#[derive(Clone, Copy)]
pub enum Definer<'n, 'w> {
    /// A module with these names.
    Module(&'n Namespace<'w>),
    /// A class.
    Class(ClassRef<'w>),
}

impl<'w> Definer<'_, 'w> {
    /// What a hook of this name is, if there is one. What an unknown base class may define is
    /// none.
    pub fn get(self, query: &Query<'w>, hook: &str) -> Option<Definition<'w>> {
        match self {
            Self::Module(namespace) => Some(query.follow(&namespace.get(hook)?.definition)),
            Self::Class(class) => {
                let definition = query.class_attribute(class, hook)?.definition;
                let is_known = !matches!(definition, Definition::Unknown(_));
                (is_known || has(query, class, hook)).then_some(definition)
            }
        }
    }
}

/// Whether the body of a class or of one of its bases certainly or possibly binds a name.
fn has<'w>(query: &Query<'w>, class: ClassRef<'w>, name: &str) -> bool {
    let binds = |class| query.class_namespace(class).get(name).is_some();
    let order = query.mro(class).unwrap_or_default();
    binds(class)
        || order.iter().any(|entry| match entry {
            MroEntry::Class(class) => binds(*class),
            MroEntry::External(_) => false,
        })
}

/// What the text of a hook shows, where it has one.
pub fn hook_of<'w>(definition: &Definition<'w>) -> Option<&'w Hook> {
    match definition {
        Definition::Function(FunctionRef { function, .. }) => function.hook.as_deref(),
        _ => None,
    }
}

/// Whether the command line or the configuration holds an option that a module declares.
pub fn is_asked<'w>(query: &Query<'w>, namespace: &Namespace<'w>) -> bool {
    let foreign = &query.world.settings.foreign;
    let addoption = Definer::Module(namespace).get(query, "pytest_addoption");
    let hook = addoption.as_ref().and_then(hook_of);
    hook.is_some_and(|hook| hook.declares.iter().any(|name| foreign.contains(name)))
}

/// A module and the classes of which it registers objects: in any case, or because an option that
/// it declares is given. Where it declares none, what its condition is about is not known, and it
/// counts as met.
pub fn definers<'n, 'w>(query: &Query<'w>, namespace: &'n Namespace<'w>) -> Vec<Definer<'n, 'w>> {
    let mut found = vec![Definer::Module(namespace)];
    let may_be_asked = namespace.get("pytest_addoption").is_none() || is_asked(query, namespace);
    for (name, binding) in &namespace.names {
        let is_hook = name.starts_with("pytest_");
        let definition = match &binding.definition {
            Definition::Imported { .. } if !is_hook => continue,
            definition => query.follow(definition),
        };
        let Definition::Function(function) = definition else { continue };
        let hook = function.function.hook.as_ref();
        let registers = hook.and_then(|hook| hook.registers.as_ref());
        let counts = |found: &&Registers| may_be_asked || (found.always && is_hook);
        if let Some(registers) = registers.filter(counts) {
            found.extend(classes(query, function.file, registers).into_iter().map(Definer::Class));
        }
    }
    found
}

/// The classes of what a function of a file registers: those that are named there, and all of the
/// file where other names, such as variables, are.
fn classes<'w>(query: &Query<'w>, file: FileId, registers: &Registers) -> Vec<ClassRef<'w>> {
    let namespace = query.module_namespace(file);
    let class = |definition: &Definition<'w>| match definition {
        Definition::Class(class) => Some(*class),
        _ => None,
    };
    let named = |name| class(&query.follow(&namespace.get(name)?.definition));
    let mut found: Vec<ClassRef<'w>> =
        registers.names.iter().filter_map(|name| named(name)).collect();
    if found.len() < registers.names.len() {
        found.extend(namespace.names.iter().filter_map(|(_, bound)| class(&bound.definition)));
    }
    found
}
