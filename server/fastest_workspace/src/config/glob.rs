//! Python's `glob.glob(pattern, recursive=True)`, which expands `testpaths`.

use std::path::Path;

/// The paths that match, sorted, as Python writes them: relative to `directory` if the pattern is.
///
/// Hidden entries match only patterns that start with a dot, links are followed, and a path
/// without `*`, `?` or `[` matches itself if it exists.
#[must_use]
pub fn glob(directory: &Path, pattern: &str) -> Vec<String> {
    let mut paths = expand(directory, pattern, false);
    paths.retain(|path| !path.is_empty());
    paths.sort_unstable();
    paths
}

fn expand(root: &Path, pattern: &str, only_dirs: bool) -> Vec<String> {
    let (dir, name) = split(pattern);
    if !has_magic(pattern) {
        let found = if name.is_empty() {
            !dir.is_empty() && root.join(dir).is_dir()
        } else {
            exists(&root.join(pattern))
        };
        return if found { vec![pattern.to_owned()] } else { Vec::new() };
    }
    let dirs = match dir {
        "" => vec![String::new()],
        dir if has_magic(dir) && dir != pattern => expand(root, dir, true),
        dir => vec![dir.to_owned()],
    };
    let in_dir = |dir: &String| {
        let names = names(&root.join(dir), name, only_dirs);
        names.into_iter().map(|name| join(dir, &name)).collect::<Vec<_>>()
    };
    dirs.iter().flat_map(in_dir).collect()
}

/// What the last part of a pattern matches in one directory.
fn names(dir: &Path, pattern: &str, only_dirs: bool) -> Vec<String> {
    match pattern {
        "" => {
            if dir.is_dir() {
                vec![String::new()]
            } else {
                Vec::new()
            }
        }
        "**" => {
            let mut all = vec![String::new()];
            below(dir, "", only_dirs, &mut all);
            all
        }
        name if !has_magic(name) => {
            if exists(&dir.join(name)) {
                vec![name.to_owned()]
            } else {
                Vec::new()
            }
        }
        pattern => {
            let hidden = pattern.starts_with('.');
            let mut names = list(dir, only_dirs);
            names.retain(|name| (hidden || !name.starts_with('.')) && matches(name, pattern));
            names
        }
    }
}

fn below(dir: &Path, prefix: &str, only_dirs: bool, out: &mut Vec<String>) {
    for name in list(dir, only_dirs) {
        if !name.starts_with('.') {
            let path = join(prefix, &name);
            out.push(path.clone());
            below(&dir.join(&name), &path, only_dirs, out);
        }
    }
}

fn list(dir: &Path, only_dirs: bool) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(dir) else { return Vec::new() };
    entries
        .flatten()
        .filter(|entry| !only_dirs || entry.path().is_dir())
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}

/// `os.path.split`.
fn split(path: &str) -> (&str, &str) {
    let at = path.rfind('/').map_or(0, |at| at + 1);
    let (dir, name) = path.split_at(at);
    let trimmed = dir.trim_end_matches('/');
    (if trimmed.is_empty() { dir } else { trimmed }, name)
}

fn join(dir: &str, name: &str) -> String {
    if dir.is_empty() || dir.ends_with('/') {
        format!("{dir}{name}")
    } else {
        format!("{dir}/{name}")
    }
}

fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

fn has_magic(pattern: &str) -> bool {
    pattern.contains(['*', '?', '['])
}

/// `fnmatch.fnmatchcase`.
fn matches(name: &str, pattern: &str) -> bool {
    let (name, pattern): (Vec<char>, Vec<char>) =
        (name.chars().collect(), pattern.chars().collect());
    matches_chars(&name, &pattern)
}

fn matches_chars(name: &[char], pattern: &[char]) -> bool {
    match pattern {
        [] => name.is_empty(),
        ['*', rest @ ..] => (0..=name.len()).any(|skip| matches_chars(&name[skip..], rest)),
        ['?', rest @ ..] => !name.is_empty() && matches_chars(&name[1..], rest),
        ['[', after @ ..] if class_end(after).is_some() => {
            let end = class_end(after).unwrap_or_default();
            name.first().is_some_and(|c| in_class(*c, &after[..end]))
                && matches_chars(&name[1..], &after[end + 1..])
        }
        [c, rest @ ..] => name.first() == Some(c) && matches_chars(&name[1..], rest),
    }
}

/// Where the `]` that closes a class is; one at its start is a member.
fn class_end(class: &[char]) -> Option<usize> {
    let start = usize::from(class.first() == Some(&'!')) + 1;
    (start..class.len()).find(|&at| class[at] == ']')
}

fn in_class(c: char, class: &[char]) -> bool {
    let (wanted, members) = match class {
        ['!', members @ ..] => (false, members),
        members => (true, members),
    };
    let mut rest = members;
    let mut found = false;
    while let [first, after @ ..] = rest {
        (found, rest) = match after {
            ['-', last, after @ ..] => (found || (*first..=*last).contains(&c), after),
            _ => (found || *first == c, after),
        };
    }
    found == wanted
}
