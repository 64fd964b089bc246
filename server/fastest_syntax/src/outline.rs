//! What a Python file defines: the result of scanning it.
//!
//! An [`Outline`] is a list of top-level statements, each with the byte offset where it starts.
//! **Every span inside a statement is counted from that statement's start**, nested statements'
//! spans included (they count from the *top-level* statement's start too). A statement that an
//! edit only moved is therefore equal to what it was, and shared, not copied.
//!
//! Only what can matter to collection is kept: statements that bind names, control flow around
//! them, and bare expressions. Bodies of functions are not looked into.

use std::sync::Arc;

use compact_str::CompactString;
use fastest_model::Span;
use serde::{Deserialize, Serialize};

use crate::expr::{BinaryOp, Expr};

/// What a file defines.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Outline {
    /// The module's statements in source order.
    pub statements: Vec<Placed>,
    /// What is wrong with the file's syntax, as far as the scan can tell. Spans count from the
    /// file's start.
    pub problems: Vec<SyntaxProblem>,
}

/// A top-level statement and where it starts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Placed {
    /// Bytes from the file's start. The origin of every span within.
    pub start: u32,
    /// The statement.
    pub statement: Arc<Statement>,
}

/// Something that is wrong with a file's syntax.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SyntaxProblem {
    /// Where, in bytes from the file's start.
    pub span: Span,
    /// What, as Python words it where it has a wording (`'(' was never closed`).
    pub message: String,
}

/// A statement that can matter to collection.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Statement {
    /// `def` or `async def`
    Function(Function),
    /// `class`
    Class(Box<Class>),
    /// `import a.b as c, d`
    Import(Vec<ModuleAlias>),
    /// `from .a import b as c, d`
    ImportFrom(ImportFrom),
    /// `a = b = value`, `a: T = value`, `a += value`
    Assign(Assign),
    /// `del a, b`
    Delete(Vec<Expr>),
    /// A bare expression: a call, mostly. Docstrings and other bare constants are left out.
    Expression(Expr),
    /// `if`, `try`, `with`, `for`, `while`, `match`
    Block(Block),
    /// `raise exception`: nothing after it runs. `None` for a bare `raise`.
    Raise(Option<Expr>),
    /// A statement that does something at import time that is none of the above: `return`,
    /// `assert`, `global`, `type X = …`, or one that is broken.
    Other(Span),
}

/// An identifier that is bound here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    /// The identifier, as written (no NFKC normalization).
    pub text: CompactString,
    /// Where it stands.
    pub span: Span,
}

/// A function or method.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Function {
    /// Its name.
    pub name: Name,
    /// From its first decorator (or `def`, or `async`) to the end of its body's last statement,
    /// trailing comments and blank lines not included.
    pub span: Span,
    /// Whether it is `async def`.
    pub is_async: bool,
    /// Whether its body yields, as a generator's does (`yield` at its own level, not within a
    /// nested function, class or lambda).
    pub is_generator: bool,
    /// Whether the text from its first decorator to its end holds the word `parametrize` outside
    /// its own decorators: a decorator made of it may parametrize.
    pub mentions_parametrize: bool,
    /// Whether its text holds `globals(`: calling it may bind names of its module.
    pub mentions_globals: bool,
    /// Whether its text holds `setattr(`: calling it may set attributes of what it is given.
    pub mentions_setattr: bool,
    /// What the text of a hook (`pytest_…`), or of a function that registers something, shows;
    /// `None` for every other function.
    pub hook: Option<Box<Hook>>,
    /// Decorators from the topmost down, without the `@`.
    pub decorators: Vec<Expr>,
    /// Parameters in order.
    pub params: Vec<Param>,
}

/// What the text of a hook, or of a function that registers plugins, shows.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Hook {
    /// For a `pytest_generate_tests`: the arguments that it parametrizes, where its text shows
    /// all of them.
    pub parametrizes: Option<Vec<CompactString>>,
    /// For a `pytest_generate_tests` that adds fixtures to tests: the marks that its text asks
    /// for, none where it may add them to any test.
    pub widens: Option<Vec<CompactString>>,
    /// For a `pytest_collection_modifyitems`: whether its text shows that it changes the list of
    /// items, not only the items in it.
    pub changes_items: bool,
    /// What it registers as plugins, if it registers any.
    pub registers: Option<Registers>,
    /// For a `pytest_addoption`: the options (`--name`) and configuration settings that its text
    /// names.
    pub declares: Vec<CompactString>,
}

/// What a hook registers as plugins (`config.pluginmanager.register(Plugin(config))`).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Registers {
    /// Whether it does so in any case: some of the calls are statements of its body itself.
    pub always: bool,
    /// The names that are registered or called to make what is.
    pub names: Vec<CompactString>,
}

/// One parameter of a function or lambda.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Param {
    /// Its name.
    pub name: Name,
    /// How it takes its argument.
    pub kind: ParamKind,
    /// Whether it has a default value.
    pub has_default: bool,
}

/// How a parameter takes its argument (`inspect.Parameter.kind`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ParamKind {
    /// Before `/`.
    PositionalOnly,
    /// The usual kind.
    PositionalOrKeyword,
    /// `*args`
    VarPositional,
    /// After `*`.
    KeywordOnly,
    /// `**kwargs`
    VarKeyword,
}

/// A class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Class {
    /// Its name.
    pub name: Name,
    /// From its first decorator (or `class`) to the end of its body's last statement.
    pub span: Span,
    /// Decorators from the topmost down, without the `@`.
    pub decorators: Vec<Expr>,
    /// Bases in order; `*bases` is `Starred`.
    pub bases: Vec<Expr>,
    /// Keyword arguments of the class statement (`metaclass=M`).
    pub keywords: Vec<crate::expr::Keyword>,
    /// The class body's statements in source order.
    pub body: Vec<Statement>,
}

/// One `a.b as c` of an `import` statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleAlias {
    /// The dotted name, without blanks.
    pub module: CompactString,
    /// The name after `as`.
    pub alias: Option<Name>,
    /// Where the dotted name stands.
    pub span: Span,
}

/// A `from … import …` statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportFrom {
    /// How many leading dots.
    pub level: u32,
    /// The dotted name after them; empty for `from . import a`.
    pub module: CompactString,
    /// The names; empty for a star import.
    pub names: Vec<ImportedName>,
    /// Whether it is `from … import *`.
    pub is_star: bool,
    /// The whole statement.
    pub span: Span,
}

/// One `a as b` of a `from` import.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportedName {
    /// The name in the other module.
    pub name: Name,
    /// The name after `as`.
    pub alias: Option<Name>,
}

/// An assignment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assign {
    /// What is assigned to, leftmost first: names, tuples, attributes, subscripts.
    pub targets: Vec<Expr>,
    /// The value; `None` for a bare annotation (`a: int`), which binds nothing.
    pub value: Option<Expr>,
    /// The operator of an augmented assignment.
    pub augmented: Option<BinaryOp>,
    /// The whole statement.
    pub span: Span,
}

/// A compound statement around other statements.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Block {
    /// Which one.
    pub kind: BlockKind,
    /// Its arms in source order.
    pub arms: Vec<Arm>,
    /// The whole statement.
    pub span: Span,
}

/// Which compound statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum BlockKind {
    /// `if`: arms are `if`, `elif` … and `else`.
    If,
    /// `try`: arms are the body, `except` …, `else`, `finally`.
    Try,
    /// `with`: one arm.
    With,
    /// `for`: the body and `else`.
    For,
    /// `while`: the body and `else`.
    While,
    /// `match`: one arm for each `case`.
    Match,
}

/// One suite of a compound statement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arm {
    /// Which one.
    pub kind: ArmKind,
    /// The condition of `if`, `elif` and `while`; the classes of `except`; the iterated value of
    /// `for`; the first context manager of `with`; `None` elsewhere.
    pub head: Option<Expr>,
    /// What the head binds: the target of `for`, the name of `except … as`, of `with … as`.
    pub binds: Vec<Expr>,
    /// The statements.
    pub body: Vec<Statement>,
}

/// Which suite of a compound statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ArmKind {
    /// The first suite of every compound statement but `match`, and every `elif`.
    Body,
    /// `except` (and `except*`).
    Except,
    /// `else`
    Else,
    /// `finally`
    Finally,
    /// `case`
    Case,
}
