//! pytest's collection rules: from a test file's outline to its items.
//!
//! Reading order: [`module`] (which names of a module or class are collected), `functions` (one
//! function to its cases), [`fixtures`] (which fixtures a function needs), `conftests` (what the
//! folders above a file say), [`order`] (the order of a session's items).

mod anchor;
mod closure;
pub mod conftests;
mod context;
pub mod decorators;
pub mod fixtures;
mod functions;
mod helpers;
pub mod ignore;
pub mod module;
pub mod order;
pub mod patterns;
pub mod plugins;
mod registered;
pub mod session;
mod summary;

use std::ops::Range;
use std::path::{MAIN_SEPARATOR, Path};
use std::sync::Arc;

use compact_str::CompactString;
use fastest_model::{Problem, Severity, Span};

use crate::id_set::IdSet;
use crate::names::Record;
use crate::values::{Element, Mark, Value};
use crate::world::FileId;

pub(crate) use module::{Detached, Previous, collect_again};
pub use module::{collect_file, collect_sharing};
pub use summary::Summary;

/// What pytest collects from one test file.
#[derive(Clone, Debug, PartialEq)]
pub struct Collected {
    /// The file.
    pub file: FileId,
    /// Test classes, each after the class that holds it.
    pub classes: Vec<TestClass>,
    /// Test functions in pytest's order.
    pub functions: Vec<TestFunction>,
    /// The marks of the module, which all its tests have; see [`light`].
    pub marks: Arc<[Mark]>,
    /// What is wrong. A [`fastest_model::Severity::CollectError`] means that pytest collects
    /// nothing from this file.
    pub problems: Vec<Problem>,
    /// Whether, and why, there may be items that only run time can tell.
    pub open: Vec<Open>,
    /// Why pytest skips the file as a whole, if it certainly does.
    pub skipped: Option<CompactString>,
    /// What is true of all its functions.
    pub summary: Summary,
    /// Other files of which it tells where marks are written.
    pub told: IdSet,
    /// What collecting looked at.
    pub record: Record,
}

/// Something of a file that may yield items which the sources do not show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// Where, in bytes from the file's start.
    pub span: Option<Span>,
    /// Why, as a lowercase fragment.
    pub reason: CompactString,
}

/// A collected class.
#[derive(Clone, Debug, PartialEq)]
pub struct TestClass {
    /// Its names from the module down, joined with `::`.
    pub path: CompactString,
    /// Whether it is a `unittest.TestCase`.
    pub is_test_case: bool,
    /// The class that holds it, as an index into [`Collected::classes`].
    pub parent: Option<u32>,
    /// The top-level statement that it comes from: what its places count from, so that they stay
    /// what they are when it is moved.
    pub(crate) base: u32,
    pub(crate) span: Option<Span>,
    pub(crate) name_span: Option<Span>,
    /// Its marks and those of the classes that hold it, nearest first; see [`light`]. For where
    /// they are written ask [`Collected::certain_marks`].
    pub marks: Arc<[Mark]>,
}

/// A collected function or method.
#[derive(Clone, Debug)]
pub struct TestFunction {
    /// The class that holds it, as an index into [`Collected::classes`].
    pub class: Option<u32>,
    /// Its name, without parameters.
    pub name: CompactString,
    /// Why its items are not certain, as a lowercase fragment; `None` when the sources prove them.
    pub doubt: Option<CompactString>,
    /// The top-level statement that it comes from: what its places count from, those of its cases
    /// and marks included, so that they stay what they are when it is moved.
    pub(crate) base: u32,
    pub(crate) span: Option<Span>,
    pub(crate) name_span: Option<Span>,
    /// Its marks and those of the classes that hold it, nearest first, as `iter_markers` yields
    /// them before the module's; see [`light`]. For where they are written ask
    /// [`Collected::marks_of`].
    pub marks: Arc<[Mark]>,
    /// Names of attributes that the module sets on it (`test_a.flavour = 1`): `-k` matches them.
    pub attributes: Vec<CompactString>,
    /// Its cases; `None` for a function without parameters (or with unknown ones).
    pub cases: Option<Arc<[Case]>>,
}

/// A case of a parametrized function.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// What stands between the brackets of the node id; `None` when it has no brackets.
    pub id: Option<CompactString>,
    /// The row it was made of, counted from where its function's places count from.
    pub(crate) span: Option<Span>,
    /// Marks that the case has besides its function's.
    pub marks: Vec<Mark>,
    /// Whether there may be further ones: `pytest.param(marks=…)` is computed.
    pub may_have_marks: bool,
    /// Parameters of a scope above `function`, by which pytest reorders.
    pub keys: Vec<ParamKey>,
}

/// A parameter of a scope above `function`: `ParamArgKey` of pytest's fixtures.py.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ParamKey {
    /// The argument's name.
    pub argument: CompactString,
    /// The scope.
    pub scope: fixtures::FixtureScope,
    /// Which value: equal texts are equal values.
    pub value: CompactString,
}

/// A mark without what only running it needs: its name, and the keyword arguments that `-m`
/// compares (`str`, `int`, `bool`, `None`). Others become [`Value::Object`].
#[must_use]
pub fn light(mark: &Mark) -> Mark {
    let keep = |value: &Value| match value {
        Value::None | Value::Bool(_) | Value::Int(_) | Value::Str(_) | Value::Unknown(_) => {
            value.clone()
        }
        _ => Value::Object,
    };
    let light = |(name, element): &(CompactString, Element)| {
        (name.clone(), Element { value: keep(&element.value), origin: None })
    };
    let kwargs = if mark.name == "parametrize" {
        Vec::new()
    } else {
        mark.kwargs.iter().map(light).collect()
    };
    Mark { name: mark.name.clone(), args: Vec::new(), kwargs, origin: mark.origin }
}

impl Collected {
    /// The node id of a function after the file's part: `TestX::test_y`.
    #[must_use]
    pub fn function_path(&self, function: &TestFunction) -> String {
        match function.class.and_then(|index| self.classes.get(index as usize)) {
            Some(class) => format!("{}::{}", class.path, function.name),
            None => function.name.to_string(),
        }
    }

    /// A function's marks with those of what holds it, nearest first, and where each is written,
    /// in bytes from that file's start.
    pub fn marks_of<'c>(
        &'c self,
        function: &'c TestFunction,
    ) -> impl Iterator<Item = (&'c Mark, Option<(FileId, Span)>)> {
        let own = function.marks.iter().map(|mark| (mark, self.written(mark, function.base)));
        own.chain(self.marks.iter().map(|mark| (mark, mark.origin)))
    }

    /// The marks of classes and of functions that are certainly defined, those of what holds them
    /// and of their cases included, and where each is written.
    pub fn certain_marks(&self) -> impl Iterator<Item = (&Mark, Option<(FileId, Span)>)> {
        let certain = || self.functions.iter().filter(|function| function.doubt.is_none());
        let of_classes = self.classes.iter().flat_map(|class| {
            class.marks.iter().map(|mark| (mark, self.written(mark, class.base)))
        });
        let of_functions = certain().flat_map(|function| {
            let of_cases = function.cases.iter().flat_map(|cases| cases.iter());
            let marks = function.marks.iter().chain(of_cases.flat_map(|case| &case.marks));
            marks.map(|mark| (mark, self.written(mark, function.base)))
        });
        let is_any = !self.classes.is_empty() || certain().next().is_some();
        let of_module = if is_any { &self.marks[..] } else { &[] };
        of_module.iter().map(|mark| (mark, mark.origin)).chain(of_classes).chain(of_functions)
    }

    /// Where a mark of something whose places count from `base` is written.
    fn written(&self, mark: &Mark, base: u32) -> Option<(FileId, Span)> {
        let (file, span) = mark.origin?;
        Some((file, if file == self.file { anchor::placed(span, base) } else { span }))
    }

    /// Whether another collection of the file found the same, whatever it looked at.
    #[must_use]
    pub fn has_items_of(&self, other: &Self) -> bool {
        // An edit moves what stands behind it, so that the last ones differ at once.
        self.functions.last() == other.functions.last()
            && self.functions == other.functions
            && self.classes == other.classes
            && self.marks == other.marks
            && self.problems == other.problems
            && self.open == other.open
            && self.skipped == other.skipped
    }

    /// Whether some functions, with the classes that hold them, are others of another collection
    /// of the file, and stand so many bytes further on, which wraps.
    #[must_use]
    pub fn has_moved(
        &self,
        functions: Range<usize>,
        other: &Self,
        others: Range<usize>,
        by: u32,
    ) -> bool {
        let same = |(one, two): (&TestFunction, &TestFunction)| {
            one.base == two.base.wrapping_add(by)
                && one.is_moved(two)
                && self.holders(one).eq_by_place(other.holders(two), by)
        };
        functions.len() == others.len()
            && self.functions[functions].iter().zip(&other.functions[others]).all(same)
    }

    /// The classes that hold a function, innermost first.
    fn holders(&self, function: &TestFunction) -> Holders<'_> {
        Holders { classes: &self.classes, next: function.class }
    }

    /// All that some functions and the classes that hold them tell of places in the file lies
    /// within this span.
    #[must_use]
    pub fn reach(&self, functions: Range<usize>) -> Option<Span> {
        let of_function = |function: &TestFunction| {
            let rows = function.cases.iter().flat_map(|cases| cases.iter());
            let rows = rows.filter_map(|case| function.row(case));
            let classes = self.holders(function).filter_map(TestClass::span);
            let all = rows.chain(classes).chain(function.span());
            all.reduce(Span::cover)
        };
        self.functions[functions].iter().filter_map(of_function).reduce(Span::cover)
    }

    /// Whether it tells of a place in a file: where a mark is written, or where a problem is.
    #[must_use]
    pub fn tells_places_of(&self, file: FileId, path: &Path) -> bool {
        self.told.contains(file.0)
            || self.problems.iter().any(|problem| problem.path.as_deref() == Some(path))
    }

    /// The other files of which marks tell places.
    fn files_told(&self) -> IdSet {
        let of_functions = self.functions.iter().flat_map(|function| {
            let of_cases = function.cases.iter().flat_map(|cases| cases.iter());
            function.marks.iter().chain(of_cases.flat_map(|case| &case.marks))
        });
        let of_classes = self.classes.iter().flat_map(|class| class.marks.iter());
        let marks = self.marks.iter().chain(of_classes).chain(of_functions);
        let origins = marks.filter_map(|mark| mark.origin);
        origins.filter(|origin| origin.0 != self.file).map(|origin| origin.0.0).collect()
    }

    /// Whether pytest reports a collection error for the file, and collects nothing from it.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::CollectError)
    }

    /// How many items there are, a function with unknown cases counting once.
    #[must_use]
    pub fn item_count(&self) -> usize {
        self.functions.iter().map(|f| f.cases.as_ref().map_or(1, |cases| cases.len())).sum()
    }
}

/// The classes around something, innermost first.
struct Holders<'c> {
    classes: &'c [TestClass],
    next: Option<u32>,
}

impl<'c> Iterator for Holders<'c> {
    type Item = &'c TestClass;

    fn next(&mut self) -> Option<Self::Item> {
        let class = self.classes.get(self.next? as usize)?;
        self.next = class.parent;
        Some(class)
    }
}

impl Holders<'_> {
    /// Whether others are the same, so many bytes before.
    fn eq_by_place(mut self, mut others: Holders<'_>, by: u32) -> bool {
        loop {
            match (self.next(), others.next()) {
                (None, None) => return true,
                (Some(one), Some(other)) if one.has_moved(other, by) => {}
                _ => return false,
            }
        }
    }
}

impl TestClass {
    /// Whether it is another one, so many bytes further on, which wraps.
    fn has_moved(&self, other: &Self, by: u32) -> bool {
        let Self { path, is_test_case, parent: _, base, span, name_span, marks } = self;
        *base == other.base.wrapping_add(by)
            && *path == other.path
            && *is_test_case == other.is_test_case
            && *span == other.span
            && *name_span == other.name_span
            && (Arc::ptr_eq(marks, &other.marks) || *marks == other.marks)
    }

    /// Its definition, in bytes from the file's start; `None` where it lies in another file.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.span.map(|span| anchor::placed(span, self.base))
    }

    /// The name after `class`, likewise.
    #[must_use]
    pub fn name_span(&self) -> Option<Span> {
        self.name_span.map(|span| anchor::placed(span, self.base))
    }
}

impl TestFunction {
    /// Its definition, in bytes from the file's start; `None` where it lies in another file.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.span.map(|span| anchor::placed(span, self.base))
    }

    /// The name after `def`, likewise.
    #[must_use]
    pub fn name_span(&self) -> Option<Span> {
        self.name_span.map(|span| anchor::placed(span, self.base))
    }

    /// The row that one of its cases was made of, likewise.
    #[must_use]
    pub fn row(&self, case: &Case) -> Option<Span> {
        case.span.map(|span| anchor::placed(span, self.base))
    }

    /// Whether another function is the same, wherever both stand.
    #[must_use]
    pub fn is_moved(&self, other: &Self) -> bool {
        let Self { class: _, name, doubt, base: _, span, name_span, marks, attributes, cases } =
            self;
        let same_cases = match (cases, &other.cases) {
            (Some(one), Some(other)) => Arc::ptr_eq(one, other) || one == other,
            (None, None) => true,
            _ => false,
        };
        same_cases
            && *name == other.name
            && *span == other.span
            && *name_span == other.name_span
            && *doubt == other.doubt
            && *attributes == other.attributes
            && (Arc::ptr_eq(marks, &other.marks) || *marks == other.marks)
    }
}

impl PartialEq for TestFunction {
    fn eq(&self, other: &Self) -> bool {
        self.class == other.class && self.base == other.base && self.is_moved(other)
    }
}

/// A path as node ids show it: relative to the rootdir, with `..` where it lies outside, and `/`.
#[must_use]
pub fn node_path(path: &Path, rootdir: &Path) -> String {
    if let Some(below) = below(path, rootdir) {
        return below.to_owned();
    }
    let shared = path.components().zip(rootdir.components()).take_while(|(a, b)| a == b).count();
    let up = rootdir.components().count() - shared;
    let down = path.components().skip(shared).map(|part| part.as_os_str().to_string_lossy());
    let parts: Vec<_> = std::iter::repeat_n("..".into(), up).chain(down).collect();
    parts.join("/")
}

/// What follows a folder in a path that is written as that folder's is and needs no change: what
/// [`node_path`] gives for such a path, which are nearly all.
#[must_use]
pub fn below<'p>(path: &'p Path, folder: &Path) -> Option<&'p str> {
    let rest = path.to_str()?.strip_prefix(folder.to_str()?)?.strip_prefix(MAIN_SEPARATOR)?;
    let as_written =
        MAIN_SEPARATOR == '/' && rest.split('/').all(|part| !matches!(part, "" | "." | ".."));
    as_written.then_some(rest)
}

#[cfg(test)]
mod tests;
