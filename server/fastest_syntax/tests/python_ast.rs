//! `scan` against Python's own parser, over the standard library of whatever `python3` is there.

use std::process::Command;

use fastest_model::Span;
use fastest_syntax::expr::Expr;
use fastest_syntax::outline::{Assign, Block, Class, Function, Param, ParamKind, Statement};
use fastest_syntax::scan;

#[test]
fn the_outline_of_the_standard_library_is_what_python_says() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/python_ast/dump.py");
    let Ok(output) = Command::new("python3").arg(script).output() else {
        eprintln!("SKIPPED: there is no python3 to compare with");
        return;
    };
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let expected = String::from_utf8(output.stdout).expect("the dump is UTF-8");
    let files: Vec<&str> = expected.split("=== ").skip(1).collect();
    assert!(files.len() > 100, "the standard library has more files than {}", files.len());
    for file in files {
        let (path, lines) = file.split_once('\n').expect("a path ends with its line");
        compare(path, lines);
    }
}

fn compare(path: &str, expected: &str) {
    let source = std::fs::read_to_string(path).expect("Python read this file, too");
    let outline = scan(&source);
    assert_eq!(outline.problems, [], "{path} is valid");
    let mut dump = Dump::default();
    for placed in &outline.statements {
        dump.base = placed.start;
        dump.statement(&placed.statement, 0);
    }
    for (line, wanted) in dump.out.lines().zip(expected.lines()) {
        assert_eq!(line, wanted, "{path}");
    }
    assert_eq!(dump.out.lines().count(), expected.lines().count(), "{path}");
}

/// Prints statements as `python_ast/dump.py` does.
#[derive(Default)]
struct Dump {
    out: String,
    base: u32,
}

impl Dump {
    fn say(&mut self, depth: usize, line: &str) {
        self.out.push_str(&" ".repeat(depth));
        self.out.push_str(line);
        self.out.push('\n');
    }

    fn span(&self, span: Span) -> String {
        format!("{}-{}", span.start + self.base, span.end + self.base)
    }

    fn spans(&self, exprs: &[Expr]) -> String {
        let spans: Vec<_> = exprs.iter().map(|expr| self.span(expr.span)).collect();
        format!("[{}]", spans.join(","))
    }

    fn optional(&self, expr: Option<&Expr>) -> String {
        expr.map_or_else(|| "-".to_owned(), |expr| self.span(expr.span))
    }

    fn body(&mut self, body: &[Statement], depth: usize) {
        for statement in body {
            self.statement(statement, depth);
        }
    }

    fn statement(&mut self, statement: &Statement, depth: usize) {
        match statement {
            Statement::Function(function) => self.function(function, depth),
            Statement::Class(class) => self.class(class, depth),
            Statement::Block(block) => self.block(block, depth),
            Statement::Assign(assign) => self.assign(assign, depth),
            Statement::Import(modules) => {
                let names = modules.iter().map(|each| aliased(&each.module, each.alias.as_ref()));
                self.say(depth, &format!("import - {}", names.collect::<Vec<_>>().join(",")));
            }
            Statement::ImportFrom(from) => {
                let names = from.names.iter();
                let names = names.map(|each| aliased(&each.name.text, each.alias.as_ref()));
                let mut names = names.collect::<Vec<_>>().join(",");
                if from.is_star {
                    names.push('*');
                }
                let dots = ".".repeat(from.level as usize);
                self.say(depth, &format!("import {dots}{} {names}", from.module));
            }
            Statement::Delete(targets) => self.say(depth, &format!("del {}", self.spans(targets))),
            Statement::Raise(raised) => {
                self.say(depth, &format!("raise {}", self.optional(raised.as_ref())));
            }
            Statement::Expression(expr) => {
                self.say(depth, &format!("expr {}", self.span(expr.span)));
            }
            Statement::Other(span) => self.say(depth, &format!("other {}", self.span(*span))),
        }
    }

    fn function(&mut self, function: &Function, depth: usize) {
        let flags = [
            if function.is_async { "async " } else { "" },
            if function.is_generator { "generator" } else { "plain" },
        ];
        let line = format!(
            "def {} {} {} ({}) {}",
            function.name.text,
            self.span(function.span),
            flags.concat(),
            function.params.iter().map(param).collect::<Vec<_>>().join(","),
            self.spans(&function.decorators),
        );
        self.say(depth, &line);
    }

    fn class(&mut self, class: &Class, depth: usize) {
        let keywords = class.keywords.iter();
        let keywords = keywords.map(|keyword| keyword.name.as_deref().unwrap_or("**"));
        let line = format!(
            "class {} {} {} {} ({})",
            class.name.text,
            self.span(class.span),
            self.spans(&class.decorators),
            self.spans(&class.bases),
            keywords.collect::<Vec<_>>().join(","),
        );
        self.say(depth, &line);
        self.body(&class.body, depth + 1);
    }

    fn assign(&mut self, assign: &Assign, depth: usize) {
        let targets = self.spans(&assign.targets);
        let value = self.optional(assign.value.as_ref());
        self.say(depth, &format!("assign {} {targets} {value}", self.span(assign.span)));
    }

    fn block(&mut self, block: &Block, depth: usize) {
        self.say(depth, &format!("{:?} {}", block.kind, self.span(block.span)));
        for arm in &block.arms {
            self.say(depth, "-");
            self.body(&arm.body, depth + 1);
        }
    }
}

fn aliased(name: &str, alias: Option<&fastest_syntax::outline::Name>) -> String {
    alias.map_or_else(|| name.to_owned(), |alias| format!("{name} as {}", alias.text))
}

fn param(param: &Param) -> String {
    let before = match param.kind {
        ParamKind::PositionalOnly => "/",
        ParamKind::PositionalOrKeyword => "",
        ParamKind::VarPositional => "*",
        ParamKind::KeywordOnly => "!",
        ParamKind::VarKeyword => "**",
    };
    let after = if param.has_default { "=" } else { "" };
    format!("{before}{}{after}", param.name.text)
}
