//! What the scanner makes of broken and of unusual text. That it reads valid text as Python does
//! is tested against Python itself (`tests/python_ast.rs`).

use super::*;
use crate::outline::{Statement, SyntaxProblem};

/// Names what a file defines, suites in braces, and lists its problems.
fn check(source: &str, names: &str, problems: &[&str]) {
    let outline = scan(source);
    let statements = outline.statements.iter().map(|placed| &*placed.statement);
    assert_eq!(statements.map(summary).collect::<Vec<_>>().join(" "), names, "{source}");
    let said = |problem: &SyntaxProblem| {
        let place = &source[problem.span.range()];
        format!("{place}: {}", problem.message)
    };
    assert_eq!(outline.problems.iter().map(said).collect::<Vec<_>>(), problems, "{source}");
    check_steps(source, &outline);
}

/// Every step depends on nothing outside of what it says it looked at.
fn check_steps(source: &str, outline: &Outline) {
    let mut offset = 0;
    let mut statements = Vec::new();
    let mut found = Vec::new();
    while let Some(step) = Scanner::new(source, Reader).statement_at(offset) {
        assert!(step.end > offset, "a step moves on");
        let seen = &source[..source.floor_char_boundary(step.looked_to as usize)];
        if (step.looked_to as usize) < source.len() {
            let again = Scanner::new(seen, Reader).statement_at(offset);
            let again = again.expect("there was a step");
            assert_eq!((&again.statements, again.end), (&step.statements, step.end), "{source}");
        }
        offset = step.end;
        statements.extend(step.statements);
        found.extend(step.flaws);
    }
    let problems = flaws::to_problems(source, &found);
    assert_eq!(&Outline { statements, problems }, outline);
}

fn summary(statement: &Statement) -> String {
    let body = |body: &[Statement]| body.iter().map(summary).collect::<Vec<_>>().join(" ");
    match statement {
        Statement::Function(function) => {
            let yields = if function.is_generator { "*" } else { "" };
            let mentions = if function.mentions_parametrize { "!" } else { "" };
            let decorators = "@".repeat(function.decorators.len());
            format!(
                "{decorators}{}{yields}{mentions}({})",
                function.name.text,
                function.params.len()
            )
        }
        Statement::Class(class) => format!("{}{{{}}}", class.name.text, body(&class.body)),
        Statement::Import(_) | Statement::ImportFrom(_) => "import".to_owned(),
        Statement::Assign(assign) => format!("{}=", assign.targets.len()),
        Statement::Delete(_) => "del".to_owned(),
        Statement::Expression(_) => "expr".to_owned(),
        Statement::Raise(_) => "raise".to_owned(),
        Statement::Other(_) => "other".to_owned(),
        Statement::Block(block) => {
            let arms = block.arms.iter().map(|arm| body(&arm.body));
            format!("{:?}{{{}}}", block.kind, arms.collect::<Vec<_>>().join("|"))
        }
    }
}

#[test]
fn statements() {
    check("'''doc'''\nimport a; x = y = 1\ndel x\nf()\n", "import 2= del expr", &[]);
    check("class A: pass\nif x: import y\nelse: z = 1;\n", "A{} If{import|1=}", &[]);
    check("class A:\n  def f(self): return 1; x = 2\n  x: int\n", "A{f(1) 1=}", &[]);
    check("@a\n# why\n@b(\n1)\nasync  def f(a, /, *, b=1): ...\n", "@@f(2)", &[]);
    check("match x:\n  case [1]:\n    y = 1\n  case _: pass\nmatch = 1\n", "Match{1=|} 1=", &[]);
    check("type X[T] = int\ntype = 1\ntype(x)\n", "other 1= expr", &[]);
    check("class A[T: int](B[T]):\n\tdef f[*Ts](x): pass\n", "A{f(1)}", &[]);
    check("x = lambda y=1: y\nx: int = lambda: 1\nf(lambda: 1)[lambda: 2]\n", "1= 1= expr", &[]);
    check("try:\n  a = 1\nexcept* (A, B) as e:\n  pass\nfinally:\n  b()\n", "Try{1=||expr}", &[]);
    check("with (open(a) as b, c):\n  pass\nif (n := 1) < 2:\n  pass\n", "With{} If{}", &[]);
}

#[test]
fn line_ends_and_blanks() {
    check("\u{feff}import a\r\nclass A:\r\n\r\n  x = 1\r\n", "import A{1=}", &[]);
    check("x = 1\ry = 2\rdef f():\r  pass\rz = 3", "1= 1= f(0) 1=", &[]);
    check("class A:\n        x = 1\n\ty = 2\n", "A{1= 1=}", &[]);
    check("\x0cclass A:\n    \x0c\n    x = \\\n  1\n", "A{1=}", &[]);
    check("if a and \\\n    b:\n  x = 1\n", "If{1=}", &[]);
}

#[test]
fn generators_yield_at_their_own_level() {
    check("def f():\n  x = yield\n", "f*(0)", &[]);
    check("def f():\n  def g():\n    yield\n  return lambda: (yield)\n", "f(0)", &[]);
    check("def f():\n  'yield' # yield\n  yields = 1\n", "f(0)", &[]);
    check("def f():\n  class A:\n    def g(self): yield\n  if x: yield from y\n", "f*(0)", &[]);
}

#[test]
fn parametrize_is_found_outside_of_decorators() {
    check("@parametrize\ndef f(): pass\n", "@f(0)", &[]);
    check("def deco(f):\n  return mark.parametrize('a', [1])(f)\n", "deco!(1)", &[]);
}

#[test]
fn strings_hide_what_they_hold() {
    check("x = '''\ndef f(): pass\n'''\n", "1=", &[]);
    check("x = f'{a[\"b\"]}{f\"{f'{1}'}\"}'\ny = rb'\\''\n", "1= 1=", &[]);
}

#[test]
fn unclosed_brackets_end_before_the_next_statement() {
    check("x = f(1,\ndef g():\n  pass\n", "1= g(0)", &["(: '(' was never closed"]);
    let method = "class A:\n  def f(self):\n    g(\n  def h(self): pass\n";
    check(method, "A{f(1) h(1)}", &["(: '(' was never closed"]);
    let decorator = "@a([1\n@b\nclass A: pass\n";
    check(decorator, "A{}", &["[: '[' was never closed"]);
    check("x = [1\ny = 2\n", "1= 1=", &["[: '[' was never closed"]);
    check(
        "x = (1]\ny = 2)\n",
        "1=",
        &["]: closing parenthesis ']' does not match opening parenthesis '('"],
    );
    check("x = 1)\ny = 2\n", "1= 1=", &["): unmatched ')'"]);
}

#[test]
fn unterminated_strings_end_with_their_line() {
    check("x = 'a\ny = 1\n", "1= 1=", &["'a: unterminated string literal (detected at line 1)"]);
    check(
        "x = '''a\ny = 1\n",
        "1= 1=",
        &["'''a: unterminated triple-quoted string literal (detected at line 3)"],
    );
    check(
        "def f():\n  '''a\n  b\ndef g(): pass\n",
        "f(0) g(0)",
        &["'''a: unterminated triple-quoted string literal (detected at line 5)"],
    );
}

#[test]
fn indentation_that_python_refuses_hides_nothing() {
    check(
        "def f():\nx = 1\n",
        "f(0) 1=",
        &["x = 1: expected an indented block after function definition on line 1"],
    );
    check("class A:\n", "A{}", &[": expected an indented block after class definition on line 1"]);
    check("x = 1\n  y = 2\n  z = 3\nw = 4\n", "1= 1= 1= 1=", &["y = 2: unexpected indent"]);
    check(
        "class A:\n    x = 1\n  y = 2\nz = 3\n",
        "A{1= 1=} 1=",
        &["y = 2: unindent does not match any outer indentation level"],
    );
    check(
        "def f():\n  if x:\n  y\n   z\n",
        "f(0)",
        &["y: expected an indented block after 'if' statement on line 2", "z: unexpected indent"],
    );
    check("else:\n  def f(): pass\n", "other f(0)", &["else: invalid syntax"]);
}

#[test]
fn half_typed_statements_hide_only_themselves() {
    check("from a import \nx = 1\n", "other 1=", &[": invalid syntax"]);
    check("def \nclass A: pass\n", "other A{}", &["def : invalid syntax"]);
    check("def f\ndef g(): pass\n", "f(0) g(0)", &[": expected '('"]);
    check("@mark.\ndef f(): pass\n", "@f(0)", &[": invalid syntax"]);
    check("@mark\n\nx = 1\n", "other 1=", &["@mark: invalid syntax"]);
    check("x = \ny = 1\n", "1= 1=", &[": invalid syntax"]);
    check("print 'a'\ny = 1\n", "other 1=", &["'a': invalid syntax"]);
    check(
        "try:\n  x = 1\ny = 1\n",
        "Try{1=} 1=",
        &["try:\n  x = 1: expected 'except' or 'finally' block"],
    );
}

#[test]
fn hostile_text_is_read_without_harm() {
    for text in ["(", "[", "-", "not ", "a.", "f(", "lambda: ", "f'{", "x if y else ", "a**", "1+"]
    {
        let _ = scan(&text.repeat(20_000));
        let _ = scan(&format!("x = {}1", text.repeat(150)));
    }
    for line in
        ["f(\n", "'''\n", "class A:\n", "if x:\n", "f'''{\n", "x = [{\n", "@a\n", ";", "\\\n"]
    {
        let _ = scan(&line.repeat(2_000));
    }
    let nested: String = (0..300).map(|depth| " ".repeat(depth) + "if x:\n").collect();
    let _ = scan(&nested);
}

#[test]
fn every_prefix_of_a_file_can_be_read() {
    let source = "@p.q('a', [1, (2, 3)])\nasync def f(a: int = {1: 'é'}, *b):\n    '''doc'''\n    yield f\"{a!r:>{b}}\"\nclass A(B, k=1):\n  x, y = [z for z in 'a' 'b' if z]\n  try: pass\n  except E as e: raise X from e\n";
    for end in (0..=source.len()).filter(|&end| source.is_char_boundary(end)) {
        let prefix = &source[..end];
        check_steps(prefix, &scan(prefix));
    }
}
