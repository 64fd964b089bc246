//! Generated projects and command lines.

use std::path::{Path, PathBuf};

/// A call of pytest.
#[derive(Debug)]
pub struct Case {
    /// Where it is called.
    pub dir: PathBuf,
    /// Its arguments.
    pub argv: Vec<String>,
    /// `PYTEST_ADDOPTS`.
    pub addopts: Option<String>,
    /// Whether plugins stay out.
    pub alone: bool,
}

/// A small generator of numbers (xorshift), the same everywhere for the same seed.
pub struct Random(pub u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).expect("64 bits") % limit
    }

    fn pick<'a>(&mut self, choices: &[&'a str]) -> &'a str {
        choices[self.below(choices.len())]
    }

    fn some<'a>(&mut self, choices: &[&'a str], most: usize) -> Vec<&'a str> {
        (0..self.below(most + 1)).map(|_| self.pick(choices)).collect()
    }

    /// Writes a project below `base` and makes up a call of pytest in it.
    pub fn case(&mut self, base: &Path) -> Case {
        for file in SOURCES {
            write(&base.join(file), "");
        }
        for _ in 0..=self.below(3) {
            let (name, text) = self.configuration();
            write(&base.join(self.pick(PLACES)).join(name), &text);
        }
        if self.below(6) == 0 {
            write(&base.join(self.pick(PLACES)).join("setup.py"), "");
        }
        let mut lines = self.some(ARGUMENTS, 4);
        if self.below(10) == 0 {
            lines.push(self.pick(ODD_ARGUMENTS));
        }
        let argv = lines.iter().flat_map(|line| line.split('|')).map(str::to_owned).collect();
        let addopts = (self.below(6) == 0).then(|| self.pick(ADDOPTS).to_owned());
        let dir = base.join(self.pick(DIRECTORIES)).components().collect();
        Case { dir, argv, addopts, alone: true }
    }

    /// A configuration file: its name and text.
    fn configuration(&mut self) -> (&'static str, String) {
        match self.below(9) {
            0 => (self.pick(&["pytest.toml", ".pytest.toml"]), self.toml("[pytest]")),
            1 | 2 => ("pyproject.toml", self.toml("[tool.pytest]")),
            3 | 4 => ("pyproject.toml", self.toml("[tool.pytest.ini_options]")),
            5 => ("tox.ini", self.ini("[pytest]")),
            6 => ("setup.cfg", self.ini("[tool:pytest]")),
            _ => (self.pick(&["pytest.ini", ".pytest.ini"]), self.ini("[pytest]")),
        }
    }

    fn toml(&mut self, header: &str) -> String {
        if self.below(12) == 0 {
            return self.pick(ODD_TOML).to_owned();
        }
        let lines = self.some(TOML_LINES, 5);
        format!("{header}\n") + &distinct(&lines)
    }

    fn ini(&mut self, header: &str) -> String {
        if self.below(12) == 0 {
            return self.pick(ODD_INI).to_owned();
        }
        let lines = self.some(INI_LINES, 5);
        format!("[other]\nkey = value\n{header}\n") + &distinct(&lines)
    }
}

/// The lines of which none sets what one before it sets.
fn distinct(lines: &[&str]) -> String {
    let mut names = Vec::new();
    let mut text = String::new();
    for line in lines {
        let name = line.split([' ', '=', ':']).next();
        if !names.contains(&name) {
            names.push(name);
            text += line;
            text.push('\n');
        }
    }
    text
}

fn write(path: &Path, text: &str) {
    std::fs::create_dir_all(path.parent().expect("it is below the base")).expect("a directory");
    std::fs::write(path, text).expect("a file");
}

const SOURCES: &[&str] = &[
    "project/tests/test_a.py",
    "project/tests/test[1].py",
    "project/tests/unit/test_b.py",
    "project/tests/unit/.hidden/test_c.py",
    "project/tests/integration/test_d.py",
    "project/src/package/__init__.py",
    "project/src/package/test_e.py",
    "project/args.txt",
    "other/test_f.py",
];

const PLACES: &[&str] =
    &[".", "project", "project", "project", "project/tests", "project/src", "other"];

const DIRECTORIES: &[&str] = &[
    ".",
    "project",
    "project",
    "project",
    "project",
    "project/tests",
    "project/tests/unit",
    "other",
];

/// `|` separates arguments.
const ARGUMENTS: &[&str] = &[
    "tests",
    "tests/",
    "./tests/unit",
    "tests/unit/test_b.py",
    "tests/test_a.py::TestX::test_y[a::b]",
    "tests/test[1].py",
    "missing",
    "../other",
    "..",
    ".",
    "src/package/../package",
    "project",
    "-v",
    "-q",
    "-qq",
    "-xvs",
    "-vvx",
    "--verbosity=2",
    "--verbosity|-1",
    "-k|not slow",
    "-kslow",
    "-k=slow",
    "-k|-w or y",
    "-m|slow and not fast",
    "-mslow",
    "-rfE",
    "-r|A",
    "-ra",
    "-p|no:pastebin",
    "-pno:junitxml",
    "-p| no:logging",
    "-o|python_files=check_*.py",
    "-opython_classes=Check Spec*",
    "-o|addopts=-v",
    "--override-ini=testpaths=src tests",
    "-o|xfail_strict=true",
    "-c|pytest.ini",
    "-c|tests/pytest.ini",
    "-c|pyproject.toml",
    "--config-file=tox.ini",
    "-c/dev/null",
    "--rootdir=.",
    "--rootdir|..",
    "--rootdir=$HOME",
    "--ignore=tests/unit",
    "--ignore|src",
    "--ignore-glob=*/unit/*",
    "--deselect=tests/test_a.py::test_x",
    "--maxfail=2",
    "-x",
    "--exitfirst",
    "--tb=short",
    "--capture=no",
    "-s",
    "--co",
    "--collect-only",
    "--collectonly",
    "--import-mode=importlib",
    "--import-mode|append",
    "--pyargs",
    "--keep-duplicates",
    "--lf",
    "--last-failed",
    "--ff",
    "--nf",
    "--sw",
    "--strict-markers",
    "--strict",
    "--strict-config",
    "--durations=3",
    "--durations|0",
    "--doctest-modules",
    "--doctest-glob=*.md",
    "--color=yes",
    "-l",
    "--no-showlocals",
    "--noconftest",
    "--confcutdir=.",
    "--continue-on-collection-errors",
    "-W|ignore",
    "-Werror::DeprecationWarning",
    "@args.txt",
    "-",
];

/// Most of them are errors, so that they are used seldom.
const ODD_ARGUMENTS: &[&str] = &[
    "-p|no:mark",
    "-o|broken",
    "-o|strict_xfail=maybe",
    "-c|missing.ini",
    "-c|src",
    "-c|args.txt",
    "--rootdir=missing",
    "--rootdir=${NOT_SET}/x",
    "--maxfail|x",
    "--tb|nonsense",
    "--confcutdir=missing",
    "--debug-nonsense",
    "--unknown=1",
    "-Z",
    "--lfx",
    "--last",
    "-x=1",
    "-k",
    "-k|-x or y",
    "--co=1",
    "-1",
];

const ADDOPTS: &[&str] = &[
    "-v",
    "-q -k 'not slow'",
    "-k \"a b\" tests",
    "-o testpaths=src",
    "--rootdir=..",
    "-p no:pastebin",
    "--unknown",
    "--tb=nonsense",
    "-k 'open",
    "--strict-markers",
];

const INI_LINES: &[&str] = &[
    "addopts = -v",
    "addopts = -q --tb=short",
    "addopts = -k 'not slow' -x",
    "addopts =\n    -ra\n    --maxfail=3\n",
    "addopts = tests/unit",
    "addopts = -o python_files=spec_*.py",
    "addopts = --rootdir=tests",
    "addopts = --strict-markers -p no:setupplan",
    "addopts = --tb=nonsense",
    "addopts = --unknown",
    "addopts = -k 'open",
    "testpaths = tests",
    "testpaths = tests src",
    "testpaths = tests/*",
    "testpaths = **/unit",
    "testpaths = missing",
    "testpaths = [st]*/ */test_?.py",
    "testpaths: tests/**/test_*.py",
    "python_files = check_*.py",
    "python_files =\n    a.py\n    # comment\n    b.py  # not one",
    "python_classes=",
    "python_functions = test_* 'it does'",
    "norecursedirs = .git build",
    "pythonpath = src ./lib ../x",
    "markers =\n    slow: is slow\n    fast(n): is fast\n\n    plain",
    "usefixtures = a b",
    "xfail_strict = true",
    "strict_xfail = no",
    "xfail_strict = maybe",
    "strict = on",
    "strict_markers = 0",
    "strict_config = 1",
    "minversion = 7.0",
    "minversion = 99.0",
    "collect_imported_tests = false",
    "collect_imported_tests = maybe",
    "empty_parameter_set_mark = xfail",
    "empty_parameter_set_mark = nonsense",
    "cache_dir = .cache",
    "junit_family = xunit1",
    "log_level = INFO",
    "log_cli_level = 10",
    "verbosity_assertions = 2",
    "console_output_style = count",
    "filterwarnings =\n    error\n    ignore::DeprecationWarning",
    "faulthandler_timeout = 5",
    "consider_namespace_packages = true",
    "truncation_limit_lines = 5",
    "; a comment",
    "unknown_option = 1",
];

const ODD_INI: &[&str] = &[
    "",
    "[pytest]",
    "[tool:pytest]",
    "[pytest]\nname\n",
    "[pytest]\na = 1\na = 2\n",
    "[pytest]\na = 1\n[pytest]\nb = 1\n",
    "name = 1\n",
    "  continuation\n",
    "[]\n",
    "[pytest] ; comment\ntestpaths = tests\n",
    "[pytest]\r\ntestpaths = tests\r\n",
    "\u{feff}[pytest]\ntestpaths = tests\n",
    "[other]\nx = 1\n",
    "[pytest]\nmarkers = a\n  [b]\n[c\n",
];

const TOML_LINES: &[&str] = &[
    "addopts = '-v'",
    "addopts = ['-q', '--tb=short']",
    "addopts = ['-k', 'not slow']",
    "addopts = '-k \"not slow\" -x'",
    "addopts = ['--unknown']",
    "addopts = 3",
    "testpaths = ['tests']",
    "testpaths = 'tests src'",
    "testpaths = ['tests/*', 'src']",
    "python_files = ['check_*.py']",
    "python_files = 'a.py b.py'",
    "python_classes = []",
    "markers = ['slow: is slow', 'fast']",
    "markers = 'slow: is slow'",
    "pythonpath = ['src', '../x']",
    "pythonpath = '.'",
    "xfail_strict = true",
    "strict_xfail = 'true'",
    "strict = true",
    "strict_markers = false",
    "minversion = '7.0'",
    "minversion = 7.0",
    "log_level = 'INFO'",
    "log_level = 10",
    "log_cli = true",
    "log_cli = 1",
    "empty_parameter_set_mark = 'xfail'",
    "empty_parameter_set_mark = 3",
    "collect_imported_tests = false",
    "collect_imported_tests = 'false'",
    "faulthandler_timeout = 5",
    "faulthandler_timeout = 1.5",
    "filterwarnings = ['error']",
    "verbosity_assertions = 2",
    "verbosity_assertions = 'auto'",
    "cache_dir = '.cache'",
    "usefixtures = ['a']",
    "norecursedirs = ['.git', 'build']",
    "junit_family = 'nonsense'",
    "truncation_limit_lines = 5",
    "consider_namespace_packages = true",
    "unknown_option = 1",
];

const ODD_TOML: &[&str] = &[
    "",
    "[tool.other]\nx = 1\n",
    "[tool.pytest\n",
    "[tool.pytest]\n",
    "[tool.pytest.ini_options]\n",
    "[tool.pytest]\ntestpaths = ['tests']\n[tool.pytest.ini_options]\naddopts = '-v'\n",
    "[tool.pytest]\ntestpaths = ['tests']\n[tool.pytest.ini_options]\n",
    "testpaths = ['tests'] # pytest\n",
    "[pytest]\ntestpaths = ['tests']\n",
    "tool.pytest.ini_options.testpaths = ['tests']\n",
    "[tool]\npytest = { ini_options = { testpaths = 'tests' } }\n",
];
