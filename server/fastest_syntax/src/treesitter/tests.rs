mod corpus;

use super::*;
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
