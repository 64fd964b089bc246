//! pytest's collection rules: from a test file's outline to its items.
//!
//! Reading order: [`module`] (which names of a module or class are collected), `functions` (one
//! function to its cases), [`fixtures`] (which fixtures a function needs), `conftests` (what the
//! folders above a file say), [`order`] (the order of a session's items).

mod closure;
pub mod conftests;
mod context;
pub mod decorators;
pub mod fixtures;
mod functions;
pub mod ignore;
pub mod module;
pub mod order;
pub mod patterns;
pub mod plugins;
pub mod session;

use std::path::Path;
use std::sync::Arc;

use compact_str::CompactString;
use fastest_model::{Problem, Severity, Span};

use crate::names::Record;
use crate::values::{Element, Mark, Value};
use crate::world::FileId;

pub use module::{collect_file, collect_sharing};

/// What pytest collects from one test file.
#[derive(Clone, Debug, PartialEq)]
pub struct Collected {
    /// The file.
    pub file: FileId,
    /// Test classes, each after the class that holds it.
    pub classes: Vec<TestClass>,
    /// Test functions in pytest's order.
    pub functions: Vec<TestFunction>,
    /// What is wrong. A [`fastest_model::Severity::CollectError`] means that pytest collects
    /// nothing from this file.
    pub problems: Vec<Problem>,
    /// Whether, and why, there may be items that only run time can tell.
    pub open: Vec<Open>,
    /// Why pytest skips the file as a whole, if it certainly does.
    pub skipped: Option<CompactString>,
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
    /// Its definition, in bytes from the file's start; `None` where it lies in another file.
    pub span: Option<Span>,
    /// The name after `class`.
    pub name_span: Option<Span>,
    /// Its marks and those of what holds it, nearest first; see [`light`].
    pub marks: Arc<[Mark]>,
}

/// A collected function or method.
#[derive(Clone, Debug, PartialEq)]
pub struct TestFunction {
    /// The class that holds it, as an index into [`Collected::classes`].
    pub class: Option<u32>,
    /// Its name, without parameters.
    pub name: CompactString,
    /// Why its items are not certain, as a lowercase fragment; `None` when the sources prove them.
    pub doubt: Option<CompactString>,
    /// Its definition, in bytes from the file's start; `None` where it lies in another file.
    pub span: Option<Span>,
    /// The name after `def`.
    pub name_span: Option<Span>,
    /// Its marks and those of what holds it, nearest first, as `iter_markers` yields them; see
    /// [`light`].
    pub marks: Arc<[Mark]>,
    /// Names of attributes that the module sets on it (`test_a.flavour = 1`): `-k` matches them.
    pub attributes: Vec<CompactString>,
    /// Its cases; `None` for a function without parameters (or with unknown ones).
    pub cases: Option<Vec<Case>>,
}

/// A case of a parametrized function.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// What stands between the brackets of the node id; `None` when it has no brackets.
    pub id: Option<CompactString>,
    /// The rows it was made of, in bytes from the file's start; `None` where they lie elsewhere.
    pub span: Option<Span>,
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

    /// Whether another collection of the file found the same, whatever it looked at.
    #[must_use]
    pub fn has_items_of(&self, other: &Self) -> bool {
        self.functions == other.functions
            && self.classes == other.classes
            && self.problems == other.problems
            && self.open == other.open
            && self.skipped == other.skipped
    }

    /// Whether it tells of a place in a file: where a mark is written, or where a problem is.
    #[must_use]
    pub fn tells_places_of(&self, file: FileId, path: &Path) -> bool {
        let is_there = |mark: &Mark| mark.origin.is_some_and(|origin| origin.0 == file);
        let marks_are = |function: &TestFunction| {
            let cases = function.cases.iter().flatten().flat_map(|case| &case.marks);
            function.marks.iter().chain(cases).any(is_there)
        };
        self.functions.iter().any(marks_are)
            || self.classes.iter().any(|class| class.marks.iter().any(is_there))
            || self.problems.iter().any(|problem| problem.path.as_deref() == Some(path))
    }

    /// Whether pytest reports a collection error for the file, and collects nothing from it.
    #[must_use]
    pub fn fails(&self) -> bool {
        self.problems.iter().any(|problem| problem.severity == Severity::CollectError)
    }

    /// How many items there are, a function with unknown cases counting once.
    #[must_use]
    pub fn item_count(&self) -> usize {
        self.functions.iter().map(|f| f.cases.as_ref().map_or(1, Vec::len)).sum()
    }
}

/// A path as node ids show it: relative to the rootdir, with `..` where it lies outside, and `/`.
#[must_use]
pub fn node_path(path: &Path, rootdir: &Path) -> String {
    let shared = path.components().zip(rootdir.components()).take_while(|(a, b)| a == b).count();
    let up = rootdir.components().count() - shared;
    let down = path.components().skip(shared).map(|part| part.as_os_str().to_string_lossy());
    let parts: Vec<_> = std::iter::repeat_n("..".into(), up).chain(down).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests;
