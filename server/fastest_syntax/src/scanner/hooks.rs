//! What the text of a hook shows: which arguments a `pytest_generate_tests` parametrizes, which
//! tests it adds arguments to, whether a `pytest_collection_modifyitems` changes the list, what
//! is registered as a plugin.

use compact_str::CompactString;
use memchr::memmem;

use crate::outline::{Hook, Registers};

/// What the body of the hook `name` shows. pytest gives hooks their arguments by name.
pub(super) fn read(name: &str, body: &str) -> Hook {
    let mut hook = Hook { registers: registers(body), ..Hook::default() };
    match name {
        "pytest_generate_tests" => {
            hook.parametrizes = parametrized_names(body, "metafunc");
            hook.widens = widened(body);
        }
        "pytest_collection_modifyitems" => hook.changes_items = changes_items(body.as_bytes()),
        "pytest_addoption" => hook.declares = declared(body),
        _ => {}
    }
    hook
}

/// What a hook's body hands to a plugin manager's `register`.
///
/// A call counts as made in any case where its line is as deep as the body's first one and no
/// `return` stands before it.
fn registers(body: &str) -> Option<Registers> {
    let mut found: Option<Registers> = None;
    let first = body.lines().find(|line| !line.trim().is_empty()).map_or(0, indent);
    for (at, call) in body.match_indices(".register(") {
        if body[..at].ends_with("atexit") {
            continue;
        }
        let found = found.get_or_insert_default();
        let line = body[..at].rfind('\n').map_or(0, |end| end + 1);
        let plain = indent(&body[line..]) == first;
        found.always |= plain && !body[..line].contains("return");
        let made = body[at + call.len()..].trim_start();
        let end = made.find(|c: char| c != '_' && !c.is_alphanumeric()).unwrap_or(made.len());
        found.names.push(made[..end].into());
    }
    found
}

/// How many blanks a line begins with.
fn indent(line: &str) -> usize {
    line.len() - line.trim_start_matches([' ', '\t']).len()
}

/// The options and settings that a `pytest_addoption` names: strings that begin with a dash, and
/// first arguments of `addini`.
fn declared(body: &str) -> Vec<CompactString> {
    let quoted = |text: &str| {
        let quote = text.chars().next().filter(|c| matches!(c, '"' | '\''))?;
        let text = &text[1..];
        Some(CompactString::from(&text[..text.find(quote)?]))
    };
    let options = body.match_indices(['"', '\'']).filter_map(|(at, _)| quoted(&body[at..]));
    let options = options.filter(|name| {
        name.starts_with('-') && name.chars().all(|c| c == '-' || c == '_' || c.is_alphanumeric())
    });
    let call = "addini(";
    let settings = body.match_indices(call);
    let settings = settings.filter_map(|(at, _)| {
        let argument = body[at + call.len()..].trim_start();
        quoted(argument.strip_prefix("name=").unwrap_or(argument))
    });
    options.chain(settings).collect()
}

/// The argument names that a hook's body gives to `metafunc.parametrize`, if every one of them is
/// written as a literal and the hook hands its `metafunc` to nobody else.
///
/// `metafunc` is the name of the hook's parameter.
fn parametrized_names(body: &str, metafunc: &str) -> Option<Vec<CompactString>> {
    if !only_attributes(body, metafunc) {
        return None;
    }
    let mut names = Vec::new();
    for at in memmem::find_iter(body.as_bytes(), b"parametrize") {
        let literal = first_literal(&body[at + "parametrize".len()..])?;
        let split = literal.split(',').map(str::trim).filter(|name| !name.is_empty());
        names.extend(split.map(CompactString::from));
    }
    Some(names)
}

/// The marks that a hook asks for which adds to a test's `fixturenames`, as pytest-repeat's does to
/// parametrize what the test does not request. None where it may add to any test's; `None` where it
/// adds nothing.
fn widened(body: &str) -> Option<Vec<CompactString>> {
    let adds = [".append", ".insert", ".extend", " +="];
    let mut uses = memmem::find_iter(body.as_bytes(), b"fixturenames")
        .map(|at| &body[at + "fixturenames".len()..]);
    if !uses.any(|rest| adds.iter().any(|sign| rest.starts_with(sign))) {
        return None;
    }
    let asked = |method: &'static str| {
        memmem::find_iter(body.as_bytes(), method.as_bytes())
            .map(|at| first_literal(&body[at + method.len()..]).map(CompactString::from))
            .collect::<Vec<_>>()
    };
    let marks: Option<Vec<CompactString>> =
        asked("get_closest_marker").into_iter().chain(asked("iter_markers")).collect();
    Some(marks.unwrap_or_default())
}

/// Whether a `pytest_collection_modifyitems` changes the list itself, as far as its text shows.
fn changes_items(body: &[u8]) -> bool {
    let signs: [&[u8]; 10] = [
        b"items[:",
        b"items.remove",
        b"items.clear",
        b"items.pop",
        b"items.sort",
        b"items.reverse",
        b"items.insert",
        b"items.extend",
        b"del items",
        b"deselected",
    ];
    signs.iter().any(|sign| memmem::find(body, sign).is_some())
}

/// Whether every use of a name takes an attribute of it.
fn only_attributes(body: &str, name: &str) -> bool {
    let is_word = |c: char| c == '_' || c.is_alphanumeric();
    memmem::find_iter(body.as_bytes(), name.as_bytes()).all(|at| {
        let inside_a_word = body[..at].chars().next_back().is_some_and(is_word)
            || body[at + name.len()..].chars().next().is_some_and(is_word);
        inside_a_word || body[at + name.len()..].starts_with('.')
    })
}

/// The plain string that is the first argument of the call that begins here.
fn first_literal(call: &str) -> Option<&str> {
    let arguments = call.strip_prefix('(')?.trim_start();
    let arguments = match arguments.strip_prefix("argnames") {
        Some(value) => value.trim_start().strip_prefix('=')?.trim_start(),
        None => arguments,
    };
    let quote = arguments.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let text = &arguments[1..];
    let literal = &text[..text.find(quote)?];
    let rest = text[literal.len() + 1..].trim_start();
    let is_whole = rest.starts_with(',') || rest.starts_with(')');
    (is_whole && !literal.is_empty() && !literal.contains(['\\', '\n'])).then_some(literal)
}

#[cfg(test)]
mod tests {
    use super::parametrized_names;

    #[track_caller]
    fn check(body: &str, expected: Option<&[&str]>) {
        let names = parametrized_names(body, "metafunc");
        let names = names.as_ref().map(|names| names.iter().map(|n| n.as_str()).collect());
        assert_eq!(names, expected.map(<[&str]>::to_vec));
    }

    #[test]
    fn literals_are_names() {
        check("metafunc.parametrize('a, b', rows)", Some(&["a", "b"]));
        check("metafunc.parametrize(\n  argnames=\"a\", argvalues=x)", Some(&["a"]));
        check("if 'a' in metafunc.fixturenames: pass", Some(&[]));
    }

    #[test]
    fn what_is_not_a_literal_is_not_known() {
        check("metafunc.parametrize(name, rows)", None);
        check("metafunc.parametrize('a' + b, rows)", None);
        check("metafunc.parametrize(f'{a}', rows)", None);
        check("metafunc.parametrize(['a'], rows)", None);
        check("add = metafunc.parametrize", None);
    }

    #[test]
    fn plugins_are_registered_in_any_case_or_not() {
        let registers = |body| super::registers(body).map(|found| (found.always, found.names));
        assert_eq!(registers("\n    atexit.register(close)\n"), None);
        let plain = "\n    pm = config.pluginmanager\n    pm.register(\n        Plugin(config))\n";
        assert_eq!(registers(plain), Some((true, vec!["Plugin".into()])));
        let asked = "\n    if config.option.split:\n        pm.register(Plugin(config), 'x')\n";
        assert_eq!(registers(asked), Some((false, vec!["Plugin".into()])));
        let late = "\n    if not split:\n        return\n    pm.register(Plugin())\n";
        assert_eq!(registers(late), Some((false, vec!["Plugin".into()])));
        assert_eq!(registers(" pm.register(Plugin())"), Some((true, vec!["Plugin".into()])));
    }

    #[test]
    fn options_and_settings_are_declared() {
        let body = "g.addoption('-S', \"--splits\", help='a - b')\np.addini(\n  'split', 'x')";
        assert_eq!(super::declared(body), ["-S", "--splits", "split"]);
    }

    #[track_caller]
    fn check_widened(body: &str, expected: Option<&[&str]>) {
        let marks = super::widened(body);
        let marks = marks.as_ref().map(|marks| marks.iter().map(|n| n.as_str()).collect());
        assert_eq!(marks, expected.map(<[&str]>::to_vec));
    }

    #[test]
    fn a_hook_adds_fixtures_to_tests_with_the_marks_that_it_asks_for() {
        check_widened("if 'a' in metafunc.fixturenames: metafunc.parametrize('a', [])", None);
        check_widened("metafunc.fixturenames.append('n')", Some(&[]));
        let asks = "m = metafunc.definition.get_closest_marker('repeat')\n";
        check_widened(&format!("{asks}metafunc.fixturenames.append('n')"), Some(&["repeat"]));
        let computed = "metafunc.definition.iter_markers(name)\n";
        check_widened(&format!("{asks}{computed}metafunc.fixturenames += ['n']"), Some(&[]));
    }

    #[test]
    fn marks_do_not_change_the_list() {
        assert!(!super::changes_items(b"for item in items: item.add_marker(slow)"));
        assert!(super::changes_items(b"items[:] = sorted(items)"));
        assert!(super::changes_items(b"config.hook.pytest_deselected(items=gone)"));
    }

    #[test]
    fn a_hook_that_hands_its_metafunc_on_is_not_known() {
        check("helper(metafunc)", None);
        check("my_metafunc = 1; metafunc_2 = 2", Some(&[]));
    }
}
