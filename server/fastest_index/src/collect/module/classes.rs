//! Test classes: which are collected, in which order, with which marks.

use compact_str::{CompactString, format_compact};
use fastest_model::{Problem, Severity};
use fastest_syntax::expr::{Expr, ExprKind};

use super::{Collector, Level, truth};
use crate::collect::anchor::placed;
use crate::collect::functions;
use crate::collect::patterns::matches_prefix_or_glob;
use crate::collect::{Open, TestClass};
use crate::names::{Binding, ClassRef, Definition, MroEntry, Namespace};
use crate::values::Mark;
use crate::values::marks::{self, Decorator};

/// How deep classes may nest: hostile sources nest deeper.
const NESTING_LIMIT: usize = 50;

/// A class and what it inherits from.
pub(super) struct Lineage<'w> {
    /// The classes of sources, itself first.
    pub classes: Vec<ClassRef<'w>>,
    /// The classes outside of the sources.
    pub externals: Vec<CompactString>,
    /// Why it is not known completely.
    pub doubt: Option<CompactString>,
}

impl<'w> Collector<'_, '_, 'w> {
    /// Collects a class if it is a test class.
    pub(super) fn class(
        &mut self,
        name: &CompactString,
        class: ClassRef<'w>,
        doubt: Option<&CompactString>,
    ) {
        if self.classes.len() > NESTING_LIMIT {
            return;
        }
        let fits = matches_prefix_or_glob(name, &self.context.settings.python_classes);
        let test = self.test_attribute(name, class);
        if test == Some(false) {
            return;
        }
        let may_inherit = !class.class.bases.is_empty();
        if !fits && !may_inherit && test != Some(true) {
            return;
        }
        let is_case = may_inherit && self.is_test_case(class);
        if !fits && !is_case && test != Some(true) {
            return;
        }
        let mut lineage = self.lineage(class);
        if let Some(doubt) = doubt {
            lineage.doubt.get_or_insert_with(|| doubt.clone());
        }
        if self.is_abstract(&lineage) {
            return;
        }
        if !is_case && let Some(constructor) = self.constructor(&lineage) {
            return self.warn_constructor(class, constructor);
        }
        self.enter(name, class, &lineage, is_case);
        if is_case {
            self.test_case_methods(&lineage);
        } else {
            self.class_names(&lineage);
        }
        self.leave();
    }

    /// The value of `__test__`, inherited or set from outside.
    fn test_attribute(&self, name: &CompactString, class: ClassRef<'w>) -> Option<bool> {
        let query = self.context.query;
        let namespace = query.module_frame(self.context.file);
        let set = namespace.changes.iter().rev().find(|change| {
            change.object == *name && change.attribute.as_deref() == Some("__test__")
        });
        match set {
            Some(change) => truth(query, &change.binding),
            None => truth(query, &query.class_attribute(class, "__test__")?),
        }
    }

    fn is_test_case(&self, class: ClassRef<'w>) -> bool {
        self.context.query.is_subclass(class, "unittest.TestCase") == Some(true)
    }

    fn lineage(&self, class: ClassRef<'w>) -> Lineage<'w> {
        let mut lineage =
            Lineage { classes: Vec::new(), externals: Vec::new(), doubt: self.decorated(class) };
        match self.context.query.mro(class) {
            Ok(mro) => {
                for entry in mro {
                    match entry {
                        MroEntry::Class(class) => lineage.classes.push(class),
                        MroEntry::External(path) => lineage.externals.push(path),
                    }
                }
            }
            Err(reason) => {
                lineage.classes.push(class);
                lineage.doubt.get_or_insert(reason);
            }
        }
        let bases = lineage.classes.get(1..).unwrap_or_default();
        let made = || lineage.classes.iter().find_map(|class| self.metaclass(*class));
        let filled = || bases.iter().find_map(|class| self.init_subclass(*class));
        lineage.doubt = lineage.doubt.or_else(made).or_else(filled);
        lineage
    }

    /// Why the metaclass that a class names makes its content, and that of its subclasses,
    /// uncertain.
    fn metaclass(&self, class: ClassRef<'w>) -> Option<CompactString> {
        let query = self.context.query;
        let keyword =
            class.class.keywords.iter().find(|k| k.name.as_deref() == Some("metaclass"))?;
        let is_plain = match query.resolve(class.scope(), &keyword.value) {
            Definition::External(_) => true,
            Definition::Class(meta) => query.mro(meta).is_ok_and(|order| {
                order.iter().all(|entry| match entry {
                    MroEntry::Class(meta) => !makes_classes(&query.class_namespace(*meta)),
                    MroEntry::External(_) => true,
                })
            }),
            _ => false,
        };
        (!is_plain).then(|| "its metaclass may add to it".into())
    }

    /// Why a base class that fills its subclasses makes their content uncertain.
    fn init_subclass(&self, base: ClassRef<'w>) -> Option<CompactString> {
        let namespace = self.context.query.class_namespace(base);
        match namespace.get("__init_subclass__")?.definition {
            Definition::Function(made) if !made.function.mentions_setattr => None,
            _ => Some("the `__init_subclass__` of a base class may add to it".into()),
        }
    }

    /// Why a class's decorators make its content uncertain.
    fn decorated(&self, class: ClassRef<'w>) -> Option<CompactString> {
        if class.class.decorators.is_empty() {
            return None;
        }
        let found = marks::decorators(
            self.context.query,
            class.scope(),
            class.base,
            &class.class.decorators,
        );
        let doubtful = |(decorator, expr): (Decorator<'_>, &Expr)| match decorator {
            Decorator::Mark(_) => None,
            Decorator::Other(Definition::External(_)) => None,
            Decorator::Other(Definition::Function(f)) if is_own(self, f.file) => None,
            Decorator::Other(_) => {
                let name = super::super::decorators::called(expr).dotted().unwrap_or_default();
                Some(format_compact!("its class is decorated by `{name}`"))
            }
        };
        found.into_iter().zip(&class.class.decorators).find_map(doubtful)
    }

    /// Whether a class has abstract methods left (`inspect.isabstract`).
    fn is_abstract(&self, lineage: &Lineage<'w>) -> bool {
        let query = self.context.query;
        let has_meta = lineage.externals.iter().any(|path| {
            matches!(path.as_str(), "abc.ABC" | "typing.Protocol" | "collections.abc")
                || path.starts_with("collections.abc.")
        }) || lineage.classes.iter().any(|class| {
            class.class.keywords.iter().any(|keyword| {
                keyword.name.as_deref() == Some("metaclass")
                    && matches!(query.resolve(class.scope(), &keyword.value),
                        Definition::External(path) if path == "abc.ABCMeta")
            })
        });
        has_meta
            && self
                .merged(lineage)
                .iter()
                .any(|(_, binding)| is_abstract_method(query, &binding.definition))
    }

    /// The constructor that keeps a class from being collected (`hasinit`, `hasnew`).
    fn constructor(&self, lineage: &Lineage<'w>) -> Option<&'static str> {
        let query = self.context.query;
        for name in ["__init__", "__new__"] {
            let defined = |class: &ClassRef<'w>| query.class_namespace(*class).get(name).is_some();
            if lineage.classes.iter().any(defined) {
                return Some(name);
            }
        }
        let generated = lineage.classes.iter().any(|class| {
            class.class.decorators.iter().any(|decorator| makes_init(self, *class, decorator))
        });
        if generated {
            return Some("__init__");
        }
        let plain = |path: &CompactString| {
            matches!(
                path.as_str(),
                "builtins.object" | "abc.ABC" | "typing.Generic" | "typing.Protocol"
            )
        };
        lineage.externals.iter().any(|path| !plain(path)).then_some("__init__")
    }

    fn warn_constructor(&mut self, class: ClassRef<'w>, constructor: &str) {
        let name = &class.class.name;
        let mut problem = Problem::new(
            Severity::Warning,
            format!(
                "cannot collect test class '{}' because it has a {constructor} constructor (from: {})",
                name.text, self.context.node_id
            ),
        );
        if let Some(file) = self.context.query.world.file(class.file) {
            problem = problem.in_file(&*file.path).at(name.span.shifted(class.base));
        }
        self.out.problems.push(problem);
    }

    fn enter(
        &mut self,
        name: &CompactString,
        class: ClassRef<'w>,
        lineage: &Lineage<'w>,
        is_test_case: bool,
    ) {
        let mut doubt = lineage.doubt.clone();
        let marks = self.class_marks(lineage, &mut doubt);
        let all = marks.iter().chain(self.class_marks_around());
        let all_marks = functions::light_marks(all, &self.context.anchor);
        let parent = self.classes.last().map(|level| level.index).filter(|&i| i != u32::MAX);
        let path = match self.class_path() {
            Some(outer) => format_compact!("{outer}::{name}"),
            None => name.clone(),
        };
        let (span, name_span) =
            self.spans(class.file, class.base, class.class.span, class.class.name.span);
        let index = u32::try_from(self.out.classes.len()).unwrap_or(u32::MAX - 1);
        self.out.classes.push(TestClass {
            path,
            is_test_case,
            parent,
            base: self.context.anchor.base(),
            span,
            name_span,
            marks: all_marks.clone(),
        });
        if let Some(reason) = &lineage.doubt {
            let span = span.map(|span| placed(span, self.context.anchor.base()));
            self.out.open.push(Open { span, reason: format_compact!("`{name}`: {reason}") });
        }
        self.classes.push(Level { index, marks, all_marks, doubt });
        let merged = self.merged(lineage);
        self.context.enter_class(&merged);
    }

    fn leave(&mut self) {
        self.context.leave_class();
        self.classes.pop();
    }

    /// The marks of a class: those of its bases first, each class's `pytestmark` before its
    /// decorators (`get_unpacked_marks(…, consider_mro=True)`).
    fn class_marks(&self, lineage: &Lineage<'w>, doubt: &mut Option<CompactString>) -> Vec<Mark> {
        let query = self.context.query;
        let mut all = Vec::new();
        for class in lineage.classes.iter().rev() {
            let namespace = query.class_namespace(*class);
            all.extend(self.body_marks(namespace.get("pytestmark"), doubt));
            let found =
                marks::decorators(query, class.scope(), class.base, &class.class.decorators);
            all.extend(found.into_iter().rev().filter_map(|decorator| match decorator {
                Decorator::Mark(mark) => Some(mark),
                Decorator::Other(_) => None,
            }));
        }
        all
    }

    /// The names of a class with those that it inherits, the nearest definition of each.
    pub(super) fn merged(&self, lineage: &Lineage<'w>) -> Vec<(CompactString, Binding<'w>)> {
        self.groups(lineage).into_iter().flatten().collect()
    }

    /// The names of each class of the lineage that no nearer class defines.
    fn groups(&self, lineage: &Lineage<'w>) -> Vec<Vec<(CompactString, Binding<'w>)>> {
        let mut seen: rustc_hash::FxHashSet<CompactString> = rustc_hash::FxHashSet::default();
        let mut groups = Vec::with_capacity(lineage.classes.len());
        for class in &lineage.classes {
            let namespace = self.context.query.class_namespace(*class);
            let own = namespace.names.iter().filter(|(name, _)| seen.insert(name.clone()));
            groups.push(own.cloned().collect());
        }
        groups
    }

    /// What pytest collects from a class that is no `TestCase`: inherited names first.
    fn class_names(&mut self, lineage: &Lineage<'w>) {
        for class in &lineage.classes {
            if let Some(reason) = &self.context.query.class_namespace(*class).open {
                self.out.open.push(Open { span: None, reason: reason.clone() });
            }
        }
        for group in self.groups(lineage).into_iter().rev() {
            for (name, binding) in group {
                self.class_name(&name, &binding);
            }
        }
    }

    fn class_name(&mut self, name: &CompactString, binding: &Binding<'w>) {
        let settings = self.context.settings;
        if super::is_ignored(name) {
            return;
        }
        let fits = matches_prefix_or_glob(name, &settings.python_functions)
            || matches_prefix_or_glob(name, &settings.python_classes);
        let definition = match &binding.definition {
            Definition::Imported { .. } | Definition::Value(_) if fits => {
                self.context.query.follow(&binding.definition)
            }
            definition => definition.clone(),
        };
        self.definition(name, binding, &definition, fits);
    }
}

/// Whether a metaclass with these names may have a hand in what a class holds.
fn makes_classes(meta: &Namespace<'_>) -> bool {
    ["__new__", "__init__", "__prepare__"].iter().any(|name| meta.get(name).is_some())
}

/// Whether a definition lies in the project, not in an installed package.
fn is_own(collector: &Collector<'_, '_, '_>, file: crate::world::FileId) -> bool {
    let world = collector.context.query.world;
    world.file(file).is_some_and(|file| {
        file.path.starts_with(&world.settings.rootdir)
            && !file.path.components().any(|part| part.as_os_str() == "site-packages")
    })
}

/// Whether a class decorator writes an `__init__`.
fn makes_init<'w>(
    collector: &Collector<'_, '_, 'w>,
    class: ClassRef<'w>,
    decorator: &Expr,
) -> bool {
    let called = super::super::decorators::called(decorator);
    match collector.context.query.resolve(class.scope(), called) {
        Definition::External(path) => path == "dataclasses.dataclass" && !keeps_no_init(decorator),
        Definition::Function(function) => {
            let world = collector.context.query.world;
            world
                .file(function.file)
                .is_some_and(|file| matches!(file.module.split('.').next(), Some("attr" | "attrs")))
        }
        _ => false,
    }
}

/// `@dataclass(init=False)`
fn keeps_no_init(decorator: &Expr) -> bool {
    let ExprKind::Call(call) = &decorator.kind else { return false };
    call.keywords.iter().any(|keyword| {
        keyword.name.as_deref() == Some("init") && keyword.value.kind == ExprKind::Bool(false)
    })
}

fn is_abstract_method<'w>(query: &crate::names::Query<'w>, definition: &Definition<'w>) -> bool {
    let Definition::Function(function) = definition else { return false };
    function.function.decorators.iter().any(|decorator| {
        matches!(query.resolve(function.scope(), decorator),
            Definition::External(path) if path.starts_with("abc.abstract"))
    })
}
