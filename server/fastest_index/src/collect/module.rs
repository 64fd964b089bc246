//! Which names of a module or class pytest collects.

mod again;
mod bound;
mod classes;
mod items;
mod unittest;

pub(crate) use again::{Detached, Previous, collect_again};

use std::sync::Arc;

use compact_str::{CompactString, format_compact};
use fastest_model::{Problem, Severity, Span};

use super::context::FileContext;
use super::patterns::matches_prefix_or_glob;
use super::{Collected, Open, Summary};
use super::{functions, helpers};
use crate::id_set::IdSet;
use crate::names::{Binding, Definition, FunctionRef, Halt, HaltKind, Memory, Namespace, Query};
use crate::values::{self, Mark, Value, marks};
use crate::world::{FileId, World};

/// Collects one test file (`Module.collect` and everything below it).
#[must_use]
pub fn collect_file(world: &World, file: FileId) -> Collected {
    collect_sharing(world, file, Arc::default())
}

/// Collects one test file; what other files need too is taken from a memory and put there.
#[must_use]
pub fn collect_sharing<'w>(world: &'w World, file: FileId, memory: Arc<Memory<'w>>) -> Collected {
    let query = Query::with(world, memory, Some(file));
    let mut collected = Collected::nothing(world, file);
    {
        let context = FileContext::new(&query, file, node_id(world, file), None);
        let mut collector = Collector::new(&context, &mut collected);
        if let Some(namespace) = collector.header(query.missing_import(file)) {
            collector.out.functions.reserve(namespace.names.len());
            for (name, binding) in &namespace.names {
                collector.name(&namespace, name, binding);
            }
        }
    }
    collected.settle(query.into_record());
    collected
}

impl Collected {
    /// What is known of a file before its module is looked at.
    fn nothing(world: &World, file: FileId) -> Self {
        Self {
            file,
            classes: Vec::new(),
            functions: Vec::new(),
            marks: Arc::default(),
            problems: syntax_problems(world, file),
            open: Vec::new(),
            skipped: None,
            summary: Summary::NOTHING,
            told: IdSet::default(),
            record: crate::names::Record::default(),
        }
    }

    /// Everything is collected.
    fn settle(&mut self, record: crate::names::Record) {
        self.summary = Summary::of(self);
        self.told = if self.summary.is_marked { self.files_told() } else { IdSet::default() };
        self.record = record;
    }
}

/// A file's node id: its path from the rootdir, with `/`.
#[must_use]
pub fn node_id(world: &World, file: FileId) -> String {
    let Some(file) = world.file(file) else { return String::new() };
    super::node_path(&file.path, &world.settings.rootdir)
}

fn syntax_problems(world: &World, file: FileId) -> Vec<Problem> {
    let Some(file) = world.file(file) else { return Vec::new() };
    let problem = |problem: &fastest_syntax::outline::SyntaxProblem| {
        Problem::new(Severity::CollectError, format!("SyntaxError: {}", problem.message))
            .in_file(&*file.path)
            .at(problem.span)
    };
    file.outline.problems.first().map(problem).into_iter().collect()
}

/// A class that is being collected.
struct Level {
    /// Its index among the collected classes.
    index: u32,
    /// Its marks, in the order of pytest's `own_markers`.
    marks: Vec<Mark>,
    /// All marks from here up, the module's not included, in their light form.
    all_marks: Arc<[Mark]>,
    /// Why nothing in it is certain.
    doubt: Option<CompactString>,
}

struct Collector<'c, 'q, 'w> {
    context: &'c FileContext<'q, 'w>,
    out: &'c mut Collected,
    /// The module, then the classes around the present place.
    classes: Vec<Level>,
    /// Whether the module's body sets attributes of what it defines.
    sets_attributes: bool,
}

impl<'c, 'q, 'w> Collector<'c, 'q, 'w> {
    const fn new(context: &'c FileContext<'q, 'w>, out: &'c mut Collected) -> Self {
        Self { context, out, classes: Vec::new(), sets_attributes: false }
    }
}

impl<'w> Collector<'_, '_, 'w> {
    /// What concerns the module as a whole; its names, unless nothing of them is collected.
    /// `missing` is what keeps it from being imported.
    fn header(&mut self, missing: Option<Halt>) -> Option<Arc<Namespace<'w>>> {
        let query = self.context.query;
        let namespace = query.module_frame(self.context.file);
        self.sets_attributes = !namespace.changes.is_empty();
        ["__test__", "pytestmark"].iter().for_each(|name| query.note_name(self.context.file, name));
        let mut doubt = self.context.doubt();
        let missing = missing.map(|halt| Halt {
            // A conftest that changes `sys.path` may make the module importable.
            certain: halt.certain && !self.context.hooks.changes_imports,
            ..halt
        });
        for halt in self.context.hooks.halts.iter().chain(&namespace.halts).chain(&missing) {
            if self.halt(halt, &mut doubt) {
                return None;
            }
        }
        if falsy(query, namespace.get("__test__")) {
            return None;
        }
        let marks = self.body_marks(namespace.get("pytestmark"), &mut doubt);
        self.out.marks = functions::light_marks(marks.iter(), &self.context.anchor);
        self.classes.push(Level { index: u32::MAX, marks, all_marks: Arc::default(), doubt });
        if let Some(reason) = &namespace.open {
            self.out.open.push(Open { span: None, reason: reason.clone() });
        }
        self.changed_classes(&namespace);
        self.handed_classes(&namespace);
        Some(namespace)
    }

    /// What a name of the module gives. Places count from the statement that binds it.
    fn name(&mut self, namespace: &Namespace<'w>, name: &CompactString, binding: &Binding<'w>) {
        self.context.anchor.begin(base_of(binding));
        self.module_name(namespace, name, binding);
    }

    /// Whether the module certainly does not run to its end.
    fn halt(&mut self, halt: &Halt, doubt: &mut Option<CompactString>) -> bool {
        if !halt.certain {
            doubt.get_or_insert_with(|| halt.reason.clone());
            return false;
        }
        match halt.kind {
            HaltKind::Skip => self.out.skipped = Some(halt.reason.clone()),
            HaltKind::Error => {
                let mut problem = Problem::new(Severity::CollectError, halt.reason.to_string());
                if let Some(file) = self.context.query.world.file(self.context.file) {
                    problem = problem.in_file(&*file.path);
                }
                self.out.problems.push(problem);
            }
        }
        true
    }

    /// The marks of a `pytestmark`.
    fn body_marks(
        &self,
        binding: Option<&Binding<'w>>,
        doubt: &mut Option<CompactString>,
    ) -> Vec<Mark> {
        let Some(binding) = binding else { return Vec::new() };
        let found = match self.context.query.follow(&binding.definition) {
            Definition::Value(value) => {
                let value =
                    values::evaluate(self.context.query, value.scope, value.base, value.expr);
                marks::marks_of(&value)
            }
            // A single mark under another name: `pytestmark = pytest.mark.slow`.
            Definition::External(path) => match path.strip_prefix("pytest.mark.") {
                Some(name) => Ok(vec![bare_mark(name)]),
                None => Err("`pytestmark` is computed".into()),
            },
            Definition::Unknown(reason) => Err(reason),
            _ => Err("`pytestmark` is computed".into()),
        };
        match (found, &binding.doubt) {
            (Ok(marks), None) => marks,
            (Ok(marks), Some(reason)) => {
                self.doubt_marks(&marks, reason, doubt);
                marks
            }
            (Err(reason), _) => {
                doubt.get_or_insert_with(|| format_compact!("`pytestmark`: {reason}"));
                Vec::new()
            }
        }
    }

    /// A conditional mark matters to ids only where it parametrizes or requests fixtures.
    fn doubt_marks(&self, marks: &[Mark], reason: &str, doubt: &mut Option<CompactString>) {
        if marks.iter().any(|mark| mark.name == "parametrize" || mark.name == "usefixtures") {
            doubt.get_or_insert_with(|| format_compact!("`pytestmark`: {reason}"));
        }
    }

    fn module_name(
        &mut self,
        namespace: &Namespace<'w>,
        name: &CompactString,
        binding: &Binding<'w>,
    ) {
        let settings = self.context.settings;
        if is_ignored(name) {
            return;
        }
        let fits = matches_prefix_or_glob(name, &settings.python_functions)
            || matches_prefix_or_glob(name, &settings.python_classes);
        let changed = namespace.changes.iter().rev().find(|change| {
            change.object == *name && change.attribute.as_deref() == Some("__test__")
        });
        let forced = changed.map(|change| truth(self.context.query, &change.binding));
        if forced == Some(Some(false)) {
            return;
        }
        let fits = fits || forced == Some(Some(true));
        let definition = match &binding.definition {
            Definition::Imported { module, name: original } => {
                if !fits && !may_be_test_case(name, module, original) {
                    return;
                }
                self.context.query.follow(&binding.definition)
            }
            Definition::Value(_) if fits => self.context.query.follow(&binding.definition),
            definition => definition.clone(),
        };
        self.definition(name, binding, &definition, fits);
    }

    /// Whether a function of this name is a test: by its name, or by `name.__test__ = True`.
    fn is_function_name(&self, name: &str) -> bool {
        let query = self.context.query;
        matches_prefix_or_glob(name, &self.context.settings.python_functions)
            || query.module_frame(self.context.file).changes.iter().any(|change| {
                change.object == name
                    && change.attribute.as_deref() == Some("__test__")
                    && truth(query, &change.binding) == Some(true)
            })
    }

    /// Whether the module that defines a function says that it is no test, as pytest-steps does of
    /// its decorator `test_steps`. What the module that collects it says is looked at before.
    fn is_disowned(&self, function: FunctionRef<'w>) -> bool {
        let query = self.context.query;
        function.file != self.context.file
            && function.owner.is_none()
            && query.module_frame(function.file).changes.iter().rev().any(|change| {
                change.object == function.function.name.text
                    && change.attribute.as_deref() == Some("__test__")
                    && truth(query, &change.binding) == Some(false)
            })
    }

    /// Tests that are put onto classes from outside (`setattr(TestX, name, …)`).
    fn changed_classes(&mut self, namespace: &Namespace<'w>) {
        let settings = self.context.settings;
        for change in &namespace.changes {
            let may_be_a_test = change.attribute.as_ref().is_none_or(|attribute| {
                matches_prefix_or_glob(attribute, &settings.python_functions)
            });
            if may_be_a_test {
                let what = change.attribute.as_deref().unwrap_or("an attribute of a computed name");
                let reason = format_compact!("`{what}` is set on `{}`", change.object);
                self.out.open.push(Open { span: None, reason });
            }
        }
    }

    /// Classes that are handed to functions which set attributes of computed names
    /// (`TestX.load("cases.json")`).
    fn handed_classes(&mut self, namespace: &Namespace<'w>) {
        for handed in &namespace.handed {
            let query = self.context.query;
            let Definition::Function(found) = query.resolve(handed.scope, handed.function) else {
                continue;
            };
            let sets = found.function.mentions_setattr;
            let applies = match handed.class {
                Some(_) => sets || helpers::any(query, found, |helper| helper.mentions_setattr),
                None => sets,
            };
            if applies {
                let name = &found.function.name.text;
                let class = match &handed.class {
                    Some(class) => format_compact!("`{class}`"),
                    None => "a class of the file".into(),
                };
                let reason =
                    format_compact!("`{name}` is called, which may set attributes of {class}");
                self.out.open.push(Open { span: None, reason });
            }
        }
    }

    /// Collects what a name of a module or class is bound to.
    fn definition(
        &mut self,
        name: &CompactString,
        binding: &Binding<'w>,
        definition: &Definition<'w>,
        fits: bool,
    ) {
        let imported = |file: FileId| {
            !self.context.settings.collect_imported_tests
                && self.classes.len() == 1
                && file != self.context.file
        };
        match definition {
            Definition::Function(function)
                if self.is_function_name(name)
                    && !imported(function.file)
                    && !self.is_disowned(*function) =>
            {
                self.function(name, *function, &[], binding.doubt.as_ref());
            }
            Definition::Class(class) if !imported(class.file) => {
                self.class(name, *class, binding.doubt.as_ref());
            }
            Definition::Value(value) if fits => {
                if let Some((function, mark)) = self.marked(value) {
                    return self.function(name, function, &[mark], binding.doubt.as_ref());
                }
                let value =
                    values::evaluate(self.context.query, value.scope, value.base, value.expr);
                self.value(name, binding, &value);
            }
            Definition::External(path) if path == "unittest.FunctionTestCase" => {
                self.function_test_case(name);
            }
            Definition::Unknown(reason) if fits => self.open(name, binding, reason),
            _ => {}
        }
    }

    fn open(&mut self, name: &str, binding: &Binding<'w>, reason: &str) {
        let span = binding.place.map(|(base, span)| span.shifted(base));
        self.out
            .open
            .push(Open { span, reason: format_compact!("`{name}` may be a test: {reason}") });
    }

    /// The attributes that the module's body sets on a function.
    fn attributes(&self, name: &str) -> Vec<CompactString> {
        if !self.sets_attributes {
            return Vec::new();
        }
        let namespace = self.context.query.module_frame(self.context.file);
        let own = namespace.changes.iter().filter(|change| change.object == name);
        own.filter_map(|change| change.attribute.clone()).collect()
    }

    /// A definition's spans, counted from where places count from.
    fn spans(&self, of: FileId, base: u32, span: Span, name: Span) -> (Option<Span>, Option<Span>) {
        let anchor = &self.context.anchor;
        (anchor.span(of, span.shifted(base)), anchor.span(of, name.shifted(base)))
    }

    /// The marks of the classes around the present place, nearest first.
    fn class_marks_around(&self) -> impl Iterator<Item = &Mark> {
        self.classes.iter().skip(1).rev().flat_map(|level| &level.marks)
    }

    fn class_path(&self) -> Option<CompactString> {
        let index = self.classes.last().map(|level| level.index)?;
        Some(self.out.classes.get(index as usize)?.path.clone())
    }

    /// pytest reports a collection error for the file.
    fn refuse(&mut self, message: String) {
        let mut problem = Problem::new(Severity::CollectError, message);
        if let Some(file) = self.context.query.world.file(self.context.file) {
            problem = problem.in_file(&*file.path);
        }
        self.out.problems.push(problem);
    }
}

/// What the places of a name's items count from.
fn base_of(binding: &Binding<'_>) -> u32 {
    binding.place.map_or(0, |(base, _)| base)
}

/// A mark without arguments.
fn bare_mark(name: &str) -> Mark {
    Mark { name: name.into(), args: Vec::new(), kwargs: Vec::new(), origin: None }
}

/// Whether a name is certainly bound to something false.
fn falsy<'w>(query: &Query<'w>, binding: Option<&Binding<'w>>) -> bool {
    binding.is_some_and(|binding| truth(query, binding) == Some(false))
}

/// The truth of a bound value, if it is known.
pub(super) fn truth<'w>(query: &Query<'w>, binding: &Binding<'w>) -> Option<bool> {
    let Definition::Value(value) = query.follow(&binding.definition) else { return None };
    match values::evaluate(query, value.scope, value.base, value.expr) {
        Value::Bool(truth) => Some(truth),
        Value::None => Some(false),
        Value::Int(digits) => Some(digits != "0"),
        _ => None,
    }
}

/// Attributes that every module and class has (`IGNORED_ATTRIBUTES`).
fn is_ignored(name: &str) -> bool {
    name.starts_with("__") && name.ends_with("__")
}

/// Whether an imported name is looked into although it fits no pattern, because pytest collects
/// every `unittest.TestCase` whatever its name: a class by its looks, from a module or under a
/// name that is about tests.
fn may_be_test_case(name: &str, module: &str, original: &str) -> bool {
    let capital = original.chars().next().is_some_and(char::is_uppercase);
    let about_tests = |text: &str| {
        let text = text.to_ascii_lowercase();
        ["test", "case", "mixin", "base", "suite"].iter().any(|word| text.contains(word))
    };
    capital
        && module != "unittest"
        && !module.starts_with("unittest.")
        && (about_tests(name) || about_tests(original) || about_tests(module))
}
