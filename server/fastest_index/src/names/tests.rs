use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;

use fastest_syntax::scan;

use super::{Binding, Definition, MroEntry, Namespace, Query};
use crate::world::{File, FileId, Module, Settings, World};

/// Reads `# name` headed sources into a world: `# a.b` is a module, `# a.b/` a package,
/// `# a.b absent` and `# a.b binary` have no source. The first one is asked about.
fn world(sources: &str) -> (World, FileId) {
    let mut world = World::new(Settings::new("/project"));
    let mut first = None;
    for chunk in sources.split("\n# ").map(|chunk| chunk.trim_start_matches("# ")) {
        let (head, text) = chunk.split_once('\n').unwrap_or((chunk, ""));
        if let Some(name) = head.strip_suffix(" absent") {
            world.set_module(name, Module::Absent);
        } else if let Some(name) = head.strip_suffix(" binary") {
            world.set_module(name, Module::Binary);
        } else {
            let id = add(&mut world, head, text);
            first = first.or(Some(id));
        }
    }
    (world, first.expect("the sources begin with a module"))
}

fn add(world: &mut World, head: &str, text: &str) -> FileId {
    let module = head.trim_end_matches('/');
    let id = world.set_file(File {
        path: Arc::from(Path::new(&path_of(head))),
        module: module.into(),
        is_package: head.ends_with('/'),
        outline: Arc::new(scan(text)),
    });
    world.set_module(module, Module::Source(id));
    id
}

fn path_of(head: &str) -> String {
    format!("/project/{head}.py")
}

/// Runs the first module and compares its namespace, as text.
#[track_caller]
fn check(sources: &str, expected: &str) {
    let (world, file) = world(sources);
    let query = Query::new(&world);
    let namespace = query.module_namespace(file);
    let mut text = describe(&query, &namespace);
    if let Some(halt) = query.missing_import(file) {
        let _ = writeln!(text, "missing: {}", halt.reason);
    }
    let wanted = query.into_record().wanted;
    if !wanted.is_empty() {
        let _ = writeln!(text, "wanted: {}", wanted.into_iter().collect::<Vec<_>>().join(" "));
    }
    assert_eq!(text.trim(), expected.trim());
}

fn describe<'w>(query: &Query<'w>, namespace: &Namespace<'w>) -> String {
    let mut text = String::new();
    for (name, binding) in &namespace.names {
        let _ = writeln!(text, "{name}: {}", describe_binding(query, binding));
    }
    if let Some(reason) = &namespace.open {
        let _ = writeln!(text, "open: {reason}");
    }
    if let Some(halt) = &namespace.halts {
        let sure = if halt.certain { "" } else { "maybe " };
        let _ = writeln!(text, "{sure}{:?}: {}", halt.kind, halt.reason);
    }
    text
}

fn describe_binding<'w>(query: &Query<'w>, binding: &Binding<'w>) -> String {
    let mut text = match query.follow(&binding.definition) {
        Definition::Function(found) => format!("def {}", found.function.name.text),
        Definition::Class(found) => format!("class {}", describe_class(query, found)),
        Definition::Module(name) => format!("module {name}"),
        Definition::External(name) => format!("external {name}"),
        Definition::Value(value) => match value.unpack {
            Some(index) => format!("value[{index}]"),
            None => "value".to_owned(),
        },
        Definition::Imported { .. } => "not followed".to_owned(),
        Definition::Unknown(reason) => format!("? {reason}"),
    };
    if let Some(doubt) = &binding.doubt {
        let _ = write!(text, " (doubtful: {doubt})");
    }
    text
}

fn describe_class<'w>(query: &Query<'w>, class: super::ClassRef<'w>) -> String {
    match query.mro(class) {
        Ok(order) => {
            let names = order.iter().map(|entry| match entry {
                MroEntry::Class(class) => class.class.name.text.as_str(),
                MroEntry::External(name) => name.as_str(),
            });
            names.filter(|name| *name != "builtins.object").collect::<Vec<_>>().join(" > ")
        }
        Err(reason) => format!("{}: {reason}", class.class.name.text),
    }
}

#[test]
fn a_name_keeps_its_first_place_and_its_last_binding() {
    check(
        "# m\ndef a(): pass\ndef b(): pass\nclass a: pass\ndel b\nc = d = 1\ndef b(): pass\n(e, f) = g\n",
        "a: class a\nc: value\nd: value\nb: def b\ne: value[0]\nf: value[1]",
    );
}

#[test]
fn imports_are_followed_through_modules() {
    check(
        "# tests.m\nfrom . import helper\nfrom .helper import Base as B, again\nimport pkg.sub\nimport pkg.sub as s\n\
         \n# tests/\n\n# tests.helper\nfrom pkg import Base\nagain = pkg_alias = Base\n\
         \n# pkg/\nfrom .sub import *\n\n# pkg.sub\n__all__ = ['Base']\nclass Base: pass\nclass Other: pass\n",
        "helper: module tests.helper\nB: class Base\nagain: class Base\npkg: module pkg\ns: module pkg.sub",
    );
}

#[test]
fn what_is_not_known_is_wanted() {
    check(
        "# m\nimport numpy.linalg as la\nfrom other import thing\nfrom third import *\nimport os.path, pytest\nfrom unittest import mock, TestCase\nfrom unittest.case import TestCase as T\n",
        "la: module numpy.linalg\nthing: ? module `other` is not loaded yet\nos: module os\npytest: module pytest\n\
         mock: module unittest.mock\nTestCase: external unittest.TestCase\nT: external unittest.TestCase\n\
         open: module `third` is not loaded yet\nwanted: numpy.linalg other third",
    );
}

#[test]
fn conditions_are_decided_where_they_can_be() {
    check(
        "# m\nimport sys, os\nfrom typing import TYPE_CHECKING\nfrom compat import OLD\nif TYPE_CHECKING:\n    import hidden\nNEW = sys.version_info >= (3, 11)\n\
         if NEW and not OLD:\n    def new(): pass\nelse:\n    def old(): pass\n\
         if sys.platform.startswith('win') or os.name == 'nt':\n    def windows(): pass\nelif sys.version_info[:2] == (3, 11):\n    def eleven(): pass\n\
         if __name__ == '__main__':\n    def main(): pass\n\
         \n# compat\nimport sys\nOLD = sys.version_info < (3,)\n",
        "sys: module sys\nos: module os\nTYPE_CHECKING: external typing.TYPE_CHECKING\nOLD: value\nNEW: value\nnew: def new\neleven: def eleven",
    );
}

#[test]
fn undecided_conditions_leave_doubt() {
    check(
        "# m\nimport os\ndef kept(): pass\nif os.environ.get('X'):\n    def test_a(x): pass\n    class Both: pass\n    def kept(y): pass\nelse:\n    def test_a(x): pass\n    class Both: pass\n    def test_b(): pass\n",
        "os: module os\n\
         kept: ? defined under a condition that only run time can decide\n\
         test_a: def test_a\n\
         Both: ? defined under a condition that only run time can decide\n\
         test_b: def test_b (doubtful: defined under a condition that only run time can decide)",
    );
}

#[test]
fn a_try_goes_the_way_of_its_imports() {
    check(
        "# m\ntry:\n    import absent\nexcept ImportError:\n    absent = None\nelse:\n    def test_absent(): pass\n\
         try:\n    import present\n    HAS = True\nexcept ImportError:\n    HAS = False\nfinally:\n    DONE = 1\n\
         if HAS:\n    def test_present(): pass\n\
         try:\n    from present import nothing\nexcept ImportError:\n    def instead(): pass\n\
         try:\n    import later\nexcept ImportError:\n    later = None\n\
         try:\n    import fails\nexcept ImportError:\n    fails = None\n\
         \n# absent absent\n\n# present\nimport os\n\n# fails\nimport absent\n",
        "absent: value\npresent: module present\nHAS: value\nDONE: value\ntest_present: def test_present\n\
         instead: def instead\nlater: ? defined in a `try` of which only run time can tell how it ends\nfails: value\nwanted: later",
    );
}

#[test]
fn a_module_may_stop_before_its_end() {
    check(
        "# m\nimport pytest\na = pytest.importorskip('absent', reason='x')\ndef test_a(): pass\n\n# absent absent\n",
        "pytest: module pytest\nSkip: there is no module `absent`",
    );
    check(
        "# m\nimport pytest, os\nif os.environ.get('X'):\n    pytest.skip('no', allow_module_level=True)\ndef test_a(): pass\n",
        "pytest: module pytest\nos: module os\ntest_a: def test_a\nmaybe Skip: it is skipped: no",
    );
    check(
        "# m\nimport unittest, sys\nif sys.platform == 'linux':\n    raise unittest.SkipTest('no')\ndef test_a(): pass\n",
        "unittest: module unittest\nsys: module sys\nSkip: the module raises `unittest.SkipTest`",
    );
    check(
        "# m\nimport absent\ndef f(): pass\n\n# absent absent\n",
        "absent: module absent\nf: def f\nmissing: there is no module `absent`",
    );
    check(
        "# m\nimport sys\nsys.path.insert(0, 'x')\nimport absent\n\n# absent absent\n",
        "sys: module sys\nabsent: module absent",
    );
}

#[test]
fn changed_values_are_not_known() {
    check(
        "# m\nA = [1]\nA.append(2)\nB = []\nfor x in range(3):\n    B += [x]\nC = {}\nC['k'] = 1\nD = [1]\nE = D\nE.extend([2])\nF = [[1]]\nfor row in F:\n    row.pop()\nG = [1]\nfill(G)\nH = [1]\nH = [2]\n",
        "A: ? `A` is changed after its definition\nB: ? bound in a loop\nx: ? bound in a loop\n\
         C: ? `C` is changed after its definition\nD: ? `D` is changed after its definition\n\
         E: ? `E` is changed after its definition\nF: ? `F` is changed after its definition\n\
         row: ? bound in a loop (doubtful: bound in a loop)\n\
         G: ? `G` is changed after its definition\nH: value",
    );
}

#[test]
fn further_names_are_said_to_be_possible() {
    check(
        "# m\ndef make(n):\n    globals()[n] = 1\nmake('x')\n",
        "make: def make\nopen: it calls `make`, which reaches for its `globals()`",
    );
    check("# m\nglobals()['a'] = 1\n", "a: value");
    check("# m\nexec('x = 1')\n", "open: it runs `exec`");
    check(
        "# m\nimport sys\nsys.modules[__name__] = 1\n",
        "sys: module sys\nopen: it puts something else in its place in `sys.modules`",
    );
}

#[test]
fn names_are_what_they_are_where_they_are_used() {
    let (world, file) = world("# m\nA = one\nB = A\ndef one(): pass\nA = B\nT = U\n");
    let query = Query::new(&world);
    let namespace = query.module_namespace(file);
    assert_eq!(
        describe(&query, &namespace),
        "A: ? `one` is not defined\nB: ? `one` is not defined\none: def one\nT: ? `U` is not defined\n"
    );
}

#[test]
fn circles_end() {
    check(
        "# a\nfrom b import *\nfrom b import x\nclass A(B): pass\ny = z\nz = y\n\n# b\nfrom a import *\nfrom a import x\nclass B: pass\n",
        "x: ? its definition goes in a circle\nB: class B\nA: class A > B\ny: ? it imports all names of `b`: it and `a` import each other\nz: ? it imports all names of `b`: it and `a` import each other\nopen: it imports all names of `b`: it and `a` import each other",
    );
}

#[test]
fn a_try_around_an_import_that_leads_back_is_not_decided_whoever_asks_first() {
    let sources = "# m1\ntry:\n    from m0 import A\nexcept ImportError:\n    A = 1\n\n\
                   # m0\nimport m2\nA = 2\n\n# m2\nfrom m4 import FLAG\n\n\
                   # m4\nif X:\n    class C:\n        import m1\nFLAG = 3\n\n\
                   # m5\ntry:\n    from m0 import A\nexcept ImportError:\n    A = 1\n";
    let (world, _) = world(sources);
    let answer = |first: &str| {
        let query = Query::new(&world);
        let files = [first, "m1", "m5"].map(|name| world.file_at(path_of(name).as_ref()));
        let spaces = files.map(|file| query.module_namespace(file.expect("it is there")));
        spaces[1..].iter().map(|space| describe(&query, space)).collect::<String>()
    };
    let expected =
        "A: ? defined in a `try` of which only run time can tell how it ends\nA: value\n";
    for first in ["m0", "m1", "m2", "m4", "m5"] {
        assert_eq!(answer(first), expected, "{first} was asked first");
    }
}

#[test]
fn a_package_has_begun_before_its_modules_and_types_are_imported_by_nobody() {
    let package = "try:\n    from .fast import f\nexcept ImportError:\n    f = 1\n";
    check(
        &format!("# p/\n{package}\n# p.fast\nfrom p import config\ndef f(): pass\n\n# p.config\n"),
        "f: def f",
    );
    let typed =
        "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import a\ndef f(): pass\n";
    check(
        &format!("# a\ntry:\n    from b import f\nexcept ImportError:\n    f = 1\n\n# b\n{typed}"),
        "f: def f",
    );
}

#[test]
fn classes_are_linearised() {
    check(
        "# m\nimport enum, typing, collections, unittest\nfrom typing import Generic, TypeVar\nT = TypeVar('T')\n\
         class A: pass\nclass B(A): pass\nclass C(A, Generic[T]): pass\nclass D(B, C[int]): pass\nclass Bad(A, B): pass\n\
         class E(enum.IntEnum): pass\nclass P(collections.namedtuple('P', 'x')): pass\nclass U(unittest.IsolatedAsyncioTestCase): pass\n\
         class F(make()): pass\nclass Outer:\n    class In: pass\n    class On(In): pass\nOn = Outer.On\nclass X(KeyError): pass\n",
        "enum: module enum\ntyping: module typing\ncollections: module collections\nunittest: module unittest\n\
         Generic: external typing.Generic\nTypeVar: external typing.TypeVar\nT: value\n\
         A: class A\nB: class B > A\nC: class C > A > typing.Generic\nD: class D > B > C > A > typing.Generic\n\
         Bad: class Bad: the bases of `Bad` have no consistent order\n\
         E: class E > enum.IntEnum > builtins.int > enum.ReprEnum > enum.Enum\n\
         P: class P > typing.NamedTuple > builtins.tuple\n\
         U: class U > unittest.IsolatedAsyncioTestCase > unittest.TestCase\n\
         F: class F: its bases are computed\nOuter: class Outer\nOn: class On > In\n\
         X: class X > builtins.KeyError > builtins.LookupError > builtins.Exception > builtins.BaseException",
    );
}

/// What an attribute of the last class of a module is, bases included.
#[track_caller]
fn check_attribute(source: &str, name: &str, expected: &str) {
    let (world, file) = world(source);
    let query = Query::new(&world);
    let namespace = query.module_namespace(file);
    let last = namespace.names.iter().rev().find_map(|(_, binding)| match binding.definition {
        Definition::Class(class) => Some(class),
        _ => None,
    });
    let binding = query.class_attribute(last.expect("a class"), name);
    let text = binding.map_or("none".to_owned(), |binding| describe_binding(&query, &binding));
    assert_eq!(text, expected);
}

#[test]
fn attributes_are_inherited_and_set_from_outside() {
    let bases = "# m\nclass A:\n    def test_a(self): pass\n    x = 1\nclass B(A): pass\n";
    check_attribute(bases, "test_a", "def test_a");
    check_attribute(bases, "__init__", "external builtins.object.__init__");
    check_attribute(bases, "test_b", "none");
    check_attribute("# m\nclass A: pass\nA.__test__ = False\n", "__test__", "value");
    check_attribute(
        "# m\nclass A: pass\nfor n in range(3):\n    setattr(A, f'test_{n}', n)\n",
        "test_1",
        "? its attributes are set by computed names (doubtful: its attributes are set by computed names)",
    );
    check_attribute(
        "# m\nfrom other import Base\nclass A(Base): pass\n",
        "test_a",
        "? module `other` is not loaded yet (doubtful: module `other` is not loaded yet)",
    );
}

#[test]
fn long_chains_are_bounded() {
    let mut sources = String::from("# m0\nfrom m1 import *\nfrom m1 import x\n");
    for at in 1..300 {
        let next = at + 1;
        sources += &format!("\n# m{at}\nfrom m{next} import *\nfrom m{next} import x\n");
    }
    for at in 0..300 {
        sources += &format!("a{at} = a{}\n", at + 1);
    }
    sources += "class A0: pass\n";
    for at in 1..300 {
        sources += &format!("class A{at}(A{}): pass\n", at - 1);
    }
    let nested: String = (0..95).map(|at| format!("{}if x:\n", " ".repeat(at))).collect();
    let (world, file) = world(&(sources + &nested + &" ".repeat(95) + "y = 1\n"));
    let query = Query::new(&world);
    assert!(query.module_namespace(file).open.is_some());
    let last = world.files().last().map(|(last, _)| last).expect("there are files");
    let query = Query::new(&world);
    describe(&query, &query.module_namespace(last));
}

#[test]
fn a_package_that_stops_stops_its_modules() {
    check(
        "# tests.m\ndef test_a(): pass\n\n# tests/\nimport pytest\npytest.importorskip('absent')\n\n# absent absent\n",
        "test_a: def test_a\nmissing: there is no module `absent`",
    );
    check(
        "# m\nfrom helper import Base\n\n# helper\nimport pytest\npytest.importorskip('absent')\nclass Base: pass\n\n# absent absent\n",
        "Base: ? `helper` has no name `Base`\nmissing: there is no module `absent`",
    );
}

#[test]
fn lazy_modules_are_believed_what_they_tell_type_checkers() {
    check(
        "# m\nfrom lazy import One, Two, Three\n\n# lazy/\nimport typing\nif typing.TYPE_CHECKING:\n    from .one import One\n    from .two import *\n\
         def __getattr__(name): ...\n\n# lazy.one\nclass One: pass\n\n# lazy.two\nclass Two: pass\n\
         \n# lazy.Three absent\n\n# lazy.One absent\n\n# lazy.Two absent\n",
        "One: class One\nTwo: class Two\nThree: ? `lazy` makes its attributes itself",
    );
}
