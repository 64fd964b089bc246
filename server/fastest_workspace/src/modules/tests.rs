use std::fs;

use tempfile::TempDir;

use super::names::ModuleNames;
use super::*;

fn tree(files: &[&str]) -> TempDir {
    let root = TempDir::new().expect("a temporary directory");
    for file in files {
        let path = root.path().join(file);
        fs::create_dir_all(path.parent().expect("within the root")).expect("a directory");
        fs::write(&path, "").expect("a file");
    }
    root
}

/// `a -> what importing a gives`, for each of the names.
#[track_caller]
fn check(files: &[&str], roots: &dyn Fn(&Path) -> SearchRoots, expected: &[(&str, &str)]) {
    let root = tree(files);
    let finder = ModuleFinder::new(SearchRoots { python: (3, 11), ..roots(root.path()) });
    let show = |found: Found| match found {
        Found::Source { path, is_package } => {
            let path = path.strip_prefix(root.path()).expect("below the root");
            let mark = if is_package { " package" } else { "" };
            format!("{}{mark}", path.to_string_lossy().replace('\\', "/"))
        }
        other => format!("{other:?}"),
    };
    let found: Vec<(&str, String)> =
        expected.iter().map(|(name, _)| (*name, show(finder.find(name)))).collect();
    let expected: Vec<(&str, String)> =
        expected.iter().map(|(name, what)| (*name, (*what).to_owned())).collect();
    assert_eq!(found, expected);
}

fn below(root: &Path, names: &[&str]) -> Vec<PathBuf> {
    names.iter().map(|name| root.join(name)).collect()
}

#[test]
fn kinds_of_modules() {
    check(
        &[
            "s/a.py",
            "s/p/__init__.py",
            "s/p/b.py",
            "s/n/c.py",
            "s/e.cpython-311-x86_64-linux-gnu.so",
            "s/old.cpython-39-x86_64-linux-gnu.so",
            "s/w.cp311-win_amd64.pyd",
            "s/l.abi3.so",
            "s/both.py",
            "s/both/__init__.py",
            "s/shadow.py",
            "s/shadow/x.py",
            "s/fast.py",
            "s/fast.so",
            "s/c.pyc",
            "s/x.egg-info/y.py",
            "t/n/d.py",
            "t/a.py",
        ],
        &|root| SearchRoots {
            interpreter: below(root, &["missing", "s", "t"]),
            ..Default::default()
        },
        &[
            ("a", "s/a.py"),
            ("p", "s/p/__init__.py package"),
            ("p.b", "s/p/b.py"),
            ("p.b.c", "Absent"),
            ("p.none", "Absent"),
            ("n", "Namespace"),
            ("n.c", "s/n/c.py"),
            ("n.d", "t/n/d.py"),
            ("e", "Binary"),
            ("old", "Absent"),
            ("w", "Binary"),
            ("l", "Binary"),
            ("both", "s/both/__init__.py package"),
            ("shadow", "s/shadow.py"),
            ("shadow.x", "Absent"),
            ("fast", "Binary"),
            ("c", "Binary"),
            ("sys", "Binary"),
            ("none", "Absent"),
            ("none.below", "Absent"),
        ],
    );
}

#[test]
fn basedirs_are_searched_by_import_mode() {
    let files = [
        "t1/help.py",
        "t2/help.py",
        "t1/one.py",
        "t2/pack/__init__.py",
        "lib/one.py",
        "lib/os.py",
        "t1/os.py",
        "src/app.py",
        "t1/ns/a.py",
        "t2/ns/b.py",
        "site/pack/__init__.py",
        "root/d/m.py",
    ];
    let roots = |import_mode| {
        move |root: &Path| SearchRoots {
            import_mode,
            rootdir: root.join("root"),
            basedirs: below(root, &["t1", "t2"]),
            pythonpath: below(root, &["src"]),
            interpreter: below(root, &["lib", "site"]),
            stdlib: below(root, &["lib"]),
            ..Default::default()
        }
    };
    check(
        &files,
        &roots(ImportMode::Prepend),
        &[
            ("help", "Ambiguous"),
            ("help.x", "Ambiguous"),
            ("one", "t1/one.py"),
            ("os", "Ambiguous"),
            ("pack", "t2/pack/__init__.py package"),
            ("app", "src/app.py"),
            ("ns", "Namespace"),
            ("ns.a", "t1/ns/a.py"),
            ("ns.b", "t2/ns/b.py"),
            ("d", "Absent"),
        ],
    );
    check(
        &files,
        &roots(ImportMode::Append),
        &[
            ("help", "Ambiguous"),
            ("one", "lib/one.py"),
            ("os", "lib/os.py"),
            ("pack", "site/pack/__init__.py package"),
            ("app", "src/app.py"),
            ("ns.b", "t2/ns/b.py"),
        ],
    );
    check(
        &files,
        &roots(ImportMode::Importlib),
        &[
            ("help", "Absent"),
            ("one", "lib/one.py"),
            ("pack", "site/pack/__init__.py package"),
            ("app", "src/app.py"),
            ("d.m", "root/d/m.py"),
        ],
    );
}

#[test]
fn editable_installs() {
    check(
        &["src/pack/__init__.py", "src/pack/a.py", "src/one.py", "built/deep/x.py"],
        &|root| {
            let editable = |module: &str, path: &str| Editable {
                module: module.to_owned(),
                path: root.join(path),
            };
            SearchRoots {
                editables: vec![
                    editable("pack", "src/pack"),
                    editable("one", "src/one"),
                    editable("pack.deep.x", "built/deep/x.py"),
                ],
                ..Default::default()
            }
        },
        &[
            ("pack", "src/pack/__init__.py package"),
            ("pack.a", "src/pack/a.py"),
            ("pack.deep.x", "built/deep/x.py"),
            ("one", "src/one.py"),
            ("packer", "Absent"),
            ("pack.none", "Absent"),
        ],
    );
}

#[test]
fn forgetting_reads_the_disk_again() {
    let root = tree(&["a.py"]);
    let finder = ModuleFinder::new(SearchRoots {
        interpreter: vec![root.path().to_owned()],
        ..Default::default()
    });
    assert_eq!(finder.find("b"), Found::Absent);
    fs::write(root.path().join("b.py"), "").expect("a file");
    assert_eq!(finder.find("b"), Found::Absent);
    finder.forget();
    assert_ne!(finder.find("b"), Found::Absent);
}

/// `path -> name @ basedir` of each path, asked of the disk and learned from a walk alike.
#[track_caller]
fn check_names(import_mode: ImportMode, pytest: (u16, u16), expected: &[(&str, &str)]) {
    let files: Vec<&str> = expected.iter().map(|(path, _)| *path).collect();
    let root = tree(&files);
    let asked = ModuleNames::new(import_mode, root.path(), pytest);
    let learned = ModuleNames::new(import_mode, root.path(), pytest);
    let options = crate::walk::WalkOptions {
        python_files: vec!["*.py".to_owned()],
        norecursedirs: Vec::new(),
        ..Default::default()
    };
    learned.learn(&crate::walk::walk(root.path(), &options));
    for names in [asked, learned] {
        let found: Vec<(&str, String)> = files
            .iter()
            .map(|path| {
                let found = names.of(&root.path().join(path));
                let basedir = found.basedir.strip_prefix(root.path()).expect("below the root");
                (
                    *path,
                    format!("{} @ {}", found.name, basedir.to_string_lossy().replace('\\', "/")),
                )
            })
            .collect();
        let expected: Vec<(&str, String)> =
            expected.iter().map(|(path, name)| (*path, (*name).to_owned())).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn names_by_packages() {
    check_names(
        ImportMode::Prepend,
        (9, 2),
        &[
            ("test_a.py", "test_a @ "),
            ("t/test_a.py", "test_a @ t"),
            ("t/p/__init__.py", "p @ t"),
            ("t/p/test_a.py", "p.test_a @ t"),
            ("t/p/q/__init__.py", "p.q @ t"),
            ("t/p/q/conftest.py", "p.q.conftest @ t"),
            ("t/p/plain/test_b.py", "test_b @ t/p/plain"),
            ("no-name/__init__.py", "__init__ @ no-name"),
            ("no-name/sub/__init__.py", "sub @ no-name"),
            ("no-name/sub/test_a.py", "sub.test_a @ no-name"),
        ],
    );
}

#[test]
fn names_by_paths() {
    check_names(
        ImportMode::Importlib,
        (9, 2),
        &[
            ("test_a.py", "test_a @ "),
            ("t/test_a.py", "t.test_a @ t"),
            ("t/p/__init__.py", "p @ t"),
            ("t/p/test_a.py", "p.test_a @ t"),
            ("t.x/test_a.py", "t_x.test_a @ t.x"),
            ("no-name/__init__.py", "no-name @ no-name"),
        ],
    );
    check_names(
        ImportMode::Importlib,
        (7, 4),
        &[("t/p/__init__.py", "t.p @ t"), ("t/p/test_a.py", "t.p.test_a @ t")],
    );
}

#[test]
fn names_in_namespace_packages() {
    let root = tree(&["src/ns/pack/__init__.py", "src/ns/pack/test_a.py", "src/ns/test_b.py"]);
    let names = ModuleNames::new(ImportMode::Prepend, root.path(), (9, 2));
    let finder = ModuleFinder::new(SearchRoots {
        pythonpath: vec![root.path().join("src")],
        ..Default::default()
    });
    let name = |path: &str| names.in_namespace(&root.path().join(path), &finder).name;
    assert_eq!(name("src/ns/pack/test_a.py"), "ns.pack.test_a");
    assert_eq!(name("src/ns/test_b.py"), "ns.test_b");
}
