mod corpus;

use super::*;
use crate::expr::Call;

/// The expression that tree-sitter reads from a fragment.
fn read(fragment: &str) -> Expr {
    let span = Span::new(0, u32::try_from(fragment.len()).unwrap());
    TreeSitterFragments::new().expr(fragment, span, 0, &mut Vec::new())
}

/// Both readers must make the same of a whole expression.
fn check(fragment: &str) {
    let span = Span::new(0, u32::try_from(fragment.len()).unwrap());
    let mut flaws = Vec::new();
    let expected = Reader.expr(fragment, span, 0, &mut flaws);
    assert_eq!(flaws, [], "{fragment:?} is whole");
    assert_eq!(read(fragment), expected, "{fragment:?}");
}

#[test]
fn whole_expressions_are_read_as_in_closed_files() {
    check("  a.b[c](d, *e, f=g, **h)  # end");
    check("(a), (b, c), (), (d,), ((e)), [f], {g}, {h: i, **j}, {}");
    check("a, *b");
    check("a,");
    check("[*a.b(), *c[d], *e + f | g], h[*i[j]]");
    check("a[1:2, ::3, b:, *c]");
    check("a[1,], b[*c], d[:], e[1:2]");
    check("not a and b and (c and d) or e or f");
    check("-a ** -b + ~c @ d << 2 // 3");
    check("a < b <= c not in d is not e");
    check("a if b else c if d else lambda: e");
    check("lambda a, /, b=1, *c, d, e=2, **f: (a, b)");
    check("lambda *, a: a");
    check("[a async for b, (c, *d) in e if f if g for h.i in j]");
    check("{a: b for (c) in d}, {a for b, in c}");
    check("f(a for b in c), (a for b in c)");
    check("(yield), (await a), (b := c)");
    check("yield a, b");
    check("b'a' b\"b\", 'c' f'{d!r} {e} {{' rb'', u'é'".replace(" rb''", "").as_str());
    check("0xff, 1_000, .5, 1e3, 2j, 0o17, 0b1, 99999999999999999999, 0");
    check("None, True, False, ...");
    check("print, exec, match, type, case, _");
    check("x\\\n  .y");
    check("[  # comment\n  1,\n\n  # more\n  2]");
}

/// The values of the integers that a list holds, and how many other things.
fn numbers(list: &Expr) -> (Vec<&str>, usize) {
    let ExprKind::List(items) = &list.kind else { panic!("no list: {list:?}") };
    let number = |item: &'_ Expr| matches!(item.kind, ExprKind::Int(_));
    let values = items.iter().filter_map(|item| match &item.kind {
        ExprKind::Int(digits) => Some(digits.as_str()),
        _ => None,
    });
    (values.collect(), items.iter().filter(|item| !number(item)).count())
}

/// The second argument of the call that tree-sitter reads from a fragment.
fn second_argument(fragment: &str) -> Expr {
    match read(fragment).kind {
        ExprKind::Call(call) => match *call {
            Call { func, args, .. } if func.dotted().as_deref() == Some("mark.parametrize") => {
                args.into_iter().nth(1).expect("a second argument")
            }
            other => panic!("{other:?}"),
        },
        other => panic!("{fragment:?}: {other:?}"),
    }
}

#[test]
fn a_list_without_an_end_has_the_elements_that_are_there() {
    let list = second_argument("mark.parametrize('a', [1, 2,");
    assert_eq!(numbers(&list), (vec!["1", "2"], 0));
    let list = second_argument("mark.parametrize('a', [\n    1,\n    2,\n    (3, \n");
    assert_eq!(numbers(&list), (vec!["1", "2"], 1));
    let list = second_argument("mark.parametrize('a', [1, 'two");
    assert_eq!(numbers(&list), (vec!["1"], 1));
}

#[test]
fn a_break_within_a_list_hides_only_what_it_breaks() {
    let list = second_argument("mark.parametrize('a', [1, param(2, id=), 3])");
    assert_eq!(numbers(&list), (vec!["1", "3"], 1));
}
