//! What makes it certain that there is no fixture of a name.
//!
//! Fixtures can come from anywhere: a plugin without source, a star import of unknown content, a
//! call that puts names into its caller, a plugin that is registered while pytest starts. Where
//! any of that is in sight, nothing is said.

use std::cell::OnceCell;

use compact_str::{CompactString, format_compact};
use fastest_index::collect::conftests::{GenerateTests, Hooks, place};
use fastest_index::collect::plugins::is_harmless;
use fastest_index::names::{Definition, MroEntry, Scope};
use fastest_index::world::FileId;
use fastest_syntax::expr::{Expr, ExprKind};
use fastest_syntax::outline::{Outline, Statement};

use crate::builtin;
use crate::fixtures::{Model, Surroundings};
use crate::sites::{self, Inside, Met};
use crate::usages::{self, UsageKind};

/// Words of sources that put fixtures where nobody sees them.
const MAKERS: [&str; 5] =
    ["pluginmanager", "parsefactories", "fixturemanager", "FixtureDef", "_arg2fixturedefs"];

/// What is known of the surroundings of a file's functions.
pub(super) struct Certainty<'a, 'w> {
    model: &'a Model<'w>,
    file: FileId,
    /// Why there may be fixtures that nobody sees, for the whole file.
    doubt: OnceCell<Option<CompactString>>,
    hooks: OnceCell<Hooks>,
}

impl<'a, 'w> Certainty<'a, 'w> {
    pub const fn new(model: &'a Model<'w>, file: FileId) -> Self {
        Self { model, file, doubt: OnceCell::new(), hooks: OnceCell::new() }
    }

    /// Whether there certainly is no fixture of a name for a test at a place.
    pub fn is_absent(&self, inside: Inside<'_, 'w>, name: &str) -> bool {
        !builtin::is_ever(name)
            && self.model.find(self.file, inside, name).is_empty()
            && self.doubt().is_none()
            && !self.is_bound(name)
            && self.classes_are_known(inside, name)
            && !self.is_generated(inside, name)
    }

    /// Whether nobody in the workspace defines a fixture of a name, or gives a value to an
    /// argument of that name: then nobody who uses a fixture can.
    pub fn is_absent_everywhere(&self, name: &str) -> bool {
        !self
            .model
            .view
            .world
            .files()
            .any(|(_, file)| defines(&file.outline, name) || generates(&file.outline, name))
    }

    /// Whether the workspace has but one definition of a fixture's name, and no mark that gives
    /// an argument of that name a value.
    pub fn is_defined_once(&self, name: &str) -> bool {
        let count: usize = self
            .model
            .view
            .world
            .files()
            .map(|(_, file)| count_definitions(&file.outline, name))
            .sum();
        count <= 1 && self.doubt().is_none()
    }

    /// Why there may be fixtures that nobody sees.
    pub fn doubt(&self) -> Option<&CompactString> {
        self.doubt.get_or_init(|| self.find_doubt()).as_ref()
    }

    fn find_doubt(&self) -> Option<CompactString> {
        let around = self.model.surroundings(self.file);
        if let Some(unread) = around.unread.first() {
            return Some(format_compact!("plugin `{unread}` has no source"));
        }
        around.levels.iter().find_map(|(holder, _)| {
            let file = holder.file()?;
            let doubt = self.doubt_of(file, &around)?;
            Some(format_compact!("{}: {doubt}", place(self.model.view.world, file)))
        })
    }

    /// Why a module may have fixtures that its names do not show.
    fn doubt_of(&self, file: FileId, around: &Surroundings<'w>) -> Option<CompactString> {
        let source = self.model.view.world.file(file)?;
        if is_harmless(&source.module) {
            return None;
        }
        let namespace = self.model.query.module_namespace(file);
        if let Some(open) = &namespace.open {
            return Some(open.clone());
        }
        if namespace.halts.is_some() {
            return Some("it does not run to its end".into());
        }
        if self.calls_unknown(file, &source.outline) {
            return Some("something unknown is called".into());
        }
        let text = self.model.text(file)?;
        let is_test_file = file == around.file;
        let makes = MAKERS.into_iter().find(|word| text.contains(word));
        makes.filter(|_| !is_test_file).map(CompactString::from)
    }

    /// Whether a module's top level calls something that may put names into it.
    fn calls_unknown(&self, file: FileId, outline: &Outline) -> bool {
        outline.statements.iter().any(|placed| match &*placed.statement {
            Statement::Expression(expr) => self.is_unknown_call(file, placed.start, expr),
            _ => false,
        })
    }

    fn is_unknown_call(&self, file: FileId, base: u32, expr: &Expr) -> bool {
        let ExprKind::Call(call) = &expr.kind else { return false };
        let scope = Scope::Before(file, base + expr.span.start);
        match self.model.query.resolve(scope, &call.func) {
            Definition::External(_) => false,
            Definition::Function(function) => {
                function.function.mentions_globals || !self.model.view.is_own(function.file)
            }
            _ => true,
        }
    }

    /// Whether a module in sight binds the name to anything: what a call gave may be a fixture.
    fn is_bound(&self, name: &str) -> bool {
        let around = self.model.surroundings(self.file);
        around
            .levels
            .iter()
            .filter_map(|(holder, _)| holder.file())
            .any(|file| self.model.query.module_namespace(file).get(name).is_some())
    }

    /// Whether the classes around a place are known completely, and none binds the name.
    fn classes_are_known(&self, inside: Inside<'_, 'w>, name: &str) -> bool {
        let query = &self.model.query;
        sites::class_refs(self.file, inside.base, inside.classes).all(|class| {
            let Ok(order) = query.mro(class) else { return false };
            order.iter().all(|entry| match entry {
                MroEntry::Class(class) => {
                    let namespace = query.class_namespace(*class);
                    namespace.open.is_none() && namespace.get(name).is_none()
                }
                MroEntry::External(dotted) => matches!(
                    dotted.as_str(),
                    "builtins.object" | "abc.ABC" | "typing.Generic" | "typing.Protocol"
                ),
            })
        })
    }

    /// Whether a `pytest_generate_tests` may give an argument its value, or a hook changes what
    /// is collected.
    fn is_generated(&self, inside: Inside<'_, 'w>, name: &str) -> bool {
        let name = CompactString::from(name);
        let in_class = sites::class_refs(self.file, inside.base, inside.classes).any(|class| {
            let members = self.model.members(class);
            members.iter().any(|(member, _)| member == "pytest_generate_tests")
        });
        let hooks = self.hooks();
        let generates = |hook: &GenerateTests| hook.may_parametrize(&name);
        in_class || hooks.doubt.is_some() || hooks.generate_tests.iter().any(generates)
    }

    /// The hooks that see the file's functions.
    pub fn hooks(&self) -> &Hooks {
        self.hooks.get_or_init(|| {
            let mut hooks = Hooks::default();
            let around = self.model.surroundings(self.file);
            for file in around.levels.iter().filter_map(|(holder, _)| holder.file()) {
                let module = self.model.view.world.file(file).map(|file| file.module.as_str());
                if module.is_some_and(is_harmless) {
                    continue;
                }
                hooks.read(&self.model.query, file, &self.model.query.module_namespace(file));
            }
            hooks
        })
    }

    /// Whether any module in sight, harmless plugins left out, defines a function of a name.
    pub fn has_hook(&self, hook: &str) -> bool {
        let around = self.model.surroundings(self.file);
        around
            .levels
            .iter()
            .filter_map(|(holder, _)| holder.file())
            .any(|file| self.model.query.module_namespace(file).get(hook).is_some())
    }
}

/// Whether an outline may define a fixture of a name, or a mark in it names an argument so.
fn defines(outline: &Outline, name: &str) -> bool {
    count_definitions(outline, name) > 0
}

/// How many definitions of an outline may be a fixture of a name, marks that give an argument of
/// that name a value included.
fn count_definitions(outline: &Outline, name: &str) -> usize {
    let mut count = 0;
    sites::walk(outline, |met| match met {
        Met::Function(_, function, _) => {
            let named = |expr: &Expr| holds_text(expr, name);
            let is_decorated = !function.decorators.is_empty();
            if (function.name.text == name && is_decorated) || function.decorators.iter().any(named)
            {
                count += 1;
            }
        }
        Met::Assign(_, assign, _) => {
            let is_named = |target: &Expr| target.dotted().as_deref() == Some(name);
            count += usize::from(assign.targets.iter().any(is_named));
        }
        Met::Class(..) => {}
    });
    let usages = usages::of_outline(outline, Some(name));
    count + usages.iter().filter(|usage| usage.kind == UsageKind::Parametrize).count()
}

/// Whether a decorator has the argument `name="…"` of this text.
fn holds_text(expr: &Expr, name: &str) -> bool {
    let ExprKind::Call(call) = &expr.kind else { return false };
    call.keywords.iter().any(|keyword| {
        keyword.name.as_deref() == Some("name")
            && matches!(&keyword.value.kind, ExprKind::Str(text) if text == name)
    })
}

/// Whether a `pytest_generate_tests` of an outline may give an argument its value.
fn generates(outline: &Outline, name: &str) -> bool {
    let mut found = false;
    sites::walk(outline, |met| {
        if let Met::Function(_, function, _) = met
            && function.name.text == "pytest_generate_tests"
        {
            let names = function.hook.as_ref().and_then(|hook| hook.parametrizes.as_ref());
            found |= names.is_none_or(|names| names.iter().any(|other| other == name));
        }
    });
    found
}
