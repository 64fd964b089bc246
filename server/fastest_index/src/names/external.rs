//! What is known by heart: the standard library and pytest, by canonical dotted names.

use compact_str::{CompactString, format_compact};

use super::{builtins, stdlib};

/// Whether a module is known by heart, if it is not the project's own.
pub(super) fn is_external(dotted: &str, minor: u16, platform: &str) -> bool {
    match dotted.split('.').next().unwrap_or(dotted) {
        "pytest" | "_pytest" => true,
        _ => {
            stdlib::is_stdlib(dotted)
                && stdlib::presence(dotted, minor, platform) != stdlib::Presence::Absent
        }
    }
}

/// The one name under which something known by heart goes.
pub(super) fn canonical(dotted: &str) -> CompactString {
    if let Some((_, name)) = ALIASES.iter().find(|(alias, _)| *alias == dotted) {
        return (*name).into();
    }
    for (prefix, instead) in PREFIXES {
        if let Some(rest) = dotted.strip_prefix(prefix) {
            return format_compact!("{instead}{rest}");
        }
    }
    dotted.into()
}

/// The class that a class known by heart stands for among bases (`typing.List[int]` for `list`).
pub(super) fn as_base(name: CompactString) -> CompactString {
    let real = match name.strip_prefix("typing.") {
        Some("List") => "builtins.list",
        Some("Dict") => "builtins.dict",
        Some("Set") => "builtins.set",
        Some("FrozenSet") => "builtins.frozenset",
        Some("Tuple") => "builtins.tuple",
        Some("Type") => "builtins.type",
        Some("Counter") => "collections.Counter",
        Some("DefaultDict") => "collections.defaultdict",
        Some("OrderedDict") => "collections.OrderedDict",
        _ => return name,
    };
    real.into()
}

/// What a dotted name below a module that has its source on disk is known as, if by heart: the
/// `mock` and `typing_extensions` packages are the standard library's newer selves.
pub(super) fn backport(module: &str, name: &str) -> Option<CompactString> {
    match module {
        "mock" | "mock.mock" if MOCK.contains(&name) => {
            Some(format_compact!("unittest.mock.{name}"))
        }
        "typing_extensions" => Some(format_compact!("typing.{name}")),
        _ => None,
    }
}

/// Whether anything under a dotted name is certainly no test: neither a `unittest.TestCase` nor
/// something that has test methods.
pub(super) fn holds_no_tests(dotted: &str) -> bool {
    let top = dotted.split('.').next().unwrap_or(dotted);
    match top {
        "unittest" => dotted.starts_with("unittest.mock"),
        "_pytest" => !dotted.starts_with("_pytest.unittest"),
        "pytest" => true,
        _ => stdlib::is_stdlib(dotted),
    }
}

/// The bases of a class known by heart, in method resolution order without itself; `None` for
/// classes whose bases are not known here.
pub(super) fn bases(class: &str, minor: u16) -> Option<Vec<CompactString>> {
    let object = "builtins.object";
    if class == object {
        return Some(Vec::new());
    }
    let builtin = class.strip_prefix("builtins.").and_then(builtins::exception_bases);
    if let Some(names) = builtin {
        let names = names.split_ascii_whitespace().map(|name| format_compact!("builtins.{name}"));
        return Some(names.chain([object.into()]).collect());
    }
    let key = if minor < 11 && class == "enum.IntEnum" { "enum.IntEnum<3.11" } else { class };
    let (_, names) = BASES.iter().find(|(name, _)| *name == key)?;
    Some(names.split_ascii_whitespace().chain([object]).map(CompactString::from).collect())
}

/// Whether a class known by heart has an attribute itself, not from its bases; `None` when that
/// is not known here.
pub(super) fn has_attribute(class: &str, name: &str) -> Option<bool> {
    let is_dunder = name.starts_with("__") && name.ends_with("__");
    match class {
        "builtins.object" => Some(OBJECT.split_ascii_whitespace().any(|known| known == name)),
        "abc.ABC" => Some(name == "__slots__"),
        "typing.Generic" => Some(matches!(name, "__class_getitem__" | "__init_subclass__")),
        "unittest.TestCase" => Some(
            matches!(name, "__init__" | "__call__" | "__eq__" | "__hash__" | "__repr__")
                || TEST_CASE.split_ascii_whitespace().any(|known| known == name)
                || name.starts_with("assert")
                || name.starts_with("fail"),
        ),
        "unittest.IsolatedAsyncioTestCase" => {
            Some(name == "__init__" || name.starts_with("async") || name.starts_with("addAsync"))
        }
        _ if is_dunder && name != "__test__" => None,
        _ if holds_no_tests(class) && is_test_word(name) => Some(false),
        _ => None,
    }
}

/// Names that nothing in the standard library has, other than `unittest`.
fn is_test_word(name: &str) -> bool {
    let lower = name.trim_start_matches('_');
    lower.starts_with("test") || lower.starts_with("Test") || name == "pytestmark"
}

/// Names that are re-exported elsewhere under their usual name.
const ALIASES: &[(&str, &str)] = &[
    ("_pytest.assertion.register_assert_rewrite", "pytest.register_assert_rewrite"),
    ("_pytest.fixtures.fixture", "pytest.fixture"),
    ("_pytest.fixtures.yield_fixture", "pytest.yield_fixture"),
    ("_pytest.mark.MARK_GEN", "pytest.mark"),
    ("_pytest.mark.param", "pytest.param"),
    ("_pytest.mark.structures.MARK_GEN", "pytest.mark"),
    ("_pytest.monkeypatch.MonkeyPatch", "pytest.MonkeyPatch"),
    ("_pytest.outcomes.exit", "pytest.exit"),
    ("_pytest.outcomes.fail", "pytest.fail"),
    ("_pytest.outcomes.importorskip", "pytest.importorskip"),
    ("_pytest.outcomes.skip", "pytest.skip"),
    ("_pytest.outcomes.xfail", "pytest.xfail"),
    ("_pytest.python_api.approx", "pytest.approx"),
    ("_pytest.python_api.raises", "pytest.raises"),
    ("_pytest.raises.raises", "pytest.raises"),
    ("_pytest.recwarn.warns", "pytest.warns"),
    ("builtins.EnvironmentError", "builtins.OSError"),
    ("builtins.IOError", "builtins.OSError"),
    ("builtins.WindowsError", "builtins.OSError"),
    ("io.open", "builtins.open"),
];

/// Beginnings of dotted names, and what they go by.
const PREFIXES: &[(&str, &str)] = &[
    ("unittest.case.", "unittest."),
    ("unittest.async_case.", "unittest."),
    ("unittest.suite.", "unittest."),
    ("_collections_abc.", "collections.abc."),
    ("_decimal.", "decimal."),
    ("_pydecimal.", "decimal."),
];

/// The public names of `unittest.mock`.
const MOCK: &[&str] = &[
    "ANY",
    "AsyncMock",
    "DEFAULT",
    "FILTER_DIR",
    "MagicMock",
    "Mock",
    "NonCallableMagicMock",
    "NonCallableMock",
    "PropertyMock",
    "ThreadingMock",
    "call",
    "create_autospec",
    "mock_open",
    "patch",
    "seal",
    "sentinel",
];

/// Method resolution orders, `object` left out.
const BASES: &[(&str, &str)] = &[
    ("abc.ABC", ""),
    ("builtins.bool", "builtins.int"),
    ("builtins.bytes", ""),
    ("builtins.dict", ""),
    ("builtins.float", ""),
    ("builtins.frozenset", ""),
    ("builtins.int", ""),
    ("builtins.list", ""),
    ("builtins.set", ""),
    ("builtins.str", ""),
    ("builtins.tuple", ""),
    ("builtins.type", ""),
    ("collections.Counter", "builtins.dict"),
    ("collections.OrderedDict", "builtins.dict"),
    ("collections.defaultdict", "builtins.dict"),
    ("enum.Enum", ""),
    ("enum.Flag", "enum.Enum"),
    ("enum.IntEnum", "builtins.int enum.ReprEnum enum.Enum"),
    ("enum.IntEnum<3.11", "builtins.int enum.Enum"),
    ("enum.IntFlag", "builtins.int enum.ReprEnum enum.Flag enum.Enum"),
    ("enum.ReprEnum", "enum.Enum"),
    ("enum.StrEnum", "builtins.str enum.ReprEnum enum.Enum"),
    ("typing.Generic", ""),
    ("typing.NamedTuple", "builtins.tuple"),
    ("typing.Protocol", "typing.Generic"),
    ("typing.TypedDict", "builtins.dict"),
    ("unittest.FunctionTestCase", "unittest.TestCase"),
    ("unittest.IsolatedAsyncioTestCase", "unittest.TestCase"),
    ("unittest.TestCase", ""),
];

/// `dir(object)`, and what every class gets.
const OBJECT: &str = "__annotations__ __class__ __delattr__ __dict__ __dir__ __doc__ __eq__ \
    __format__ __ge__ __getattribute__ __getstate__ __gt__ __hash__ __init__ __init_subclass__ \
    __le__ __lt__ __module__ __name__ __ne__ __new__ __qualname__ __reduce__ __reduce_ex__ \
    __repr__ __setattr__ __sizeof__ __str__ __subclasshook__ __weakref__";

/// `dir(unittest.TestCase)` without dunder names and assertions.
const TEST_CASE: &str = "addClassCleanup addCleanup addTypeEqualityFunc countTestCases debug \
    defaultTestResult doClassCleanups doCleanups enterClassContext enterContext id longMessage \
    maxDiff run setUp setUpClass shortDescription skipTest subTest tearDown tearDownClass \
    _classSetupFailed _class_cleanups _diffThreshold";
