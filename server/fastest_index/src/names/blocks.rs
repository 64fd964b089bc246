//! Compound statements: which of their suites run.

use compact_str::CompactString;
use fastest_syntax::expr::{Expr, ExprKind};
use fastest_syntax::outline::{Arm, ArmKind, Block, BlockKind, Statement};

use super::body::Frame;
use super::imports::Failure;
use super::namespace::{Flow, Runner};
use super::{Definition, Halt, HaltKind};

const CONDITION: &str = "defined under a condition that only run time can decide";
const ATTEMPT: &str = "defined in a `try` of which only run time can tell how it ends";
const LOOP: &str = "bound in a loop";

/// A way that the flow can take: suites that run one after the other.
type Way<'w> = Vec<&'w [Statement]>;

impl<'w> Runner<'_, 'w> {
    pub(super) fn block(&mut self, block: &'w Block) -> Flow {
        match block.kind {
            BlockKind::If => self.if_block(block),
            BlockKind::Try => self.try_block(block),
            BlockKind::With => self.with_block(block),
            BlockKind::For | BlockKind::While => self.loop_block(block),
            BlockKind::Match => self.match_block(block),
        }
    }

    fn if_block(&mut self, block: &'w Block) -> Flow {
        let mut ways: Vec<Way<'w>> = Vec::new();
        for arm in &block.arms {
            let decided = match &arm.head {
                Some(head) => self.query.decide(self.scope(head), head),
                None => Some(arm.kind == ArmKind::Else),
            };
            match decided {
                Some(false) => self.declare(arm),
                Some(true) if ways.is_empty() => return self.run_all(&arm.body),
                Some(true) => {
                    ways.push(vec![&arm.body]);
                    return self.fork(&ways, false, CONDITION, block);
                }
                None => ways.push(vec![&arm.body]),
            }
        }
        if ways.is_empty() { Flow::Next } else { self.fork(&ways, true, CONDITION, block) }
    }

    /// Keeps what `if TYPE_CHECKING:` imports.
    fn declare(&self, arm: &'w Arm) {
        let declares =
            |head: &Expr| head.dotted().is_some_and(|name| name.ends_with("TYPE_CHECKING"));
        if !arm.head.as_ref().is_some_and(declares) || self.class.is_some() {
            return;
        }
        for statement in &arm.body {
            if let Statement::ImportFrom(import) = statement {
                self.declare_import(import);
            }
        }
    }

    fn match_block(&mut self, block: &'w Block) -> Flow {
        for arm in &block.arms {
            self.bind_heads(arm, block);
        }
        let ways: Vec<Way<'w>> = block.arms.iter().map(|arm| vec![arm.body.as_slice()]).collect();
        self.fork(&ways, true, CONDITION, block)
    }

    /// Runs each way in a frame of its own and merges what they bound. `may_skip`: whether the
    /// flow may take none of them.
    fn fork(&mut self, ways: &[Way<'w>], may_skip: bool, reason: &str, block: &Block) -> Flow {
        let mut frames: Vec<Frame<'w>> = Vec::new();
        let mut halt: Option<Halt> = None;
        for (at, way) in ways.iter().enumerate() {
            self.state.borrow_mut().push();
            let flow = self.run_all(way.iter().copied().flatten());
            let next = ways[at + 1..].iter().flatten().find_map(|suite| suite.first());
            let until = next.and_then(start_of).unwrap_or(block.span.end);
            let frame = self.state.borrow_mut().pop(self.base + until);
            match flow {
                Flow::Next => frames.push(frame),
                Flow::Stops(stopped) => halt = Some(stopped),
            }
        }
        if may_skip {
            frames.push(Frame::default());
        }
        if let Some(halt) = halt {
            if frames.is_empty() {
                return Flow::Stops(halt);
            }
            self.may_stop(halt);
        }
        let reason = CompactString::from(reason);
        self.state.borrow_mut().merge(&frames, &reason, self.base + block.span.end);
        Flow::Next
    }

    /// `for` and `while`: the body runs some number of times.
    fn loop_block(&mut self, block: &'w Block) -> Flow {
        let Some(body) = block.arms.first() else { return Flow::Next };
        let ending = block.arms.iter().find(|arm| arm.kind == ArmKind::Else);
        if block.kind == BlockKind::While
            && let Some(head) = &body.head
            && self.query.decide(self.scope(head), head) == Some(false)
        {
            return ending.map_or(Flow::Next, |arm| self.run_all(&arm.body));
        }
        if let Some(iterated) = &body.head {
            body.binds.iter().for_each(|target| self.note_loop(target, iterated));
        }
        let runs = block.kind == BlockKind::For && body.head.as_ref().is_some_and(is_not_empty);
        self.state.borrow_mut().push();
        self.bind_heads(body, block);
        let flow = self.run_all(&body.body);
        let flow = match (flow, ending) {
            (Flow::Next, Some(ending)) => self.run_all(&ending.body),
            (flow, _) => flow,
        };
        let mut frame = self.state.borrow_mut().pop(self.base + block.span.end);
        frame.blur(LOOP);
        let mut frames = vec![frame];
        if !runs {
            frames.push(Frame::default());
        }
        if let Flow::Stops(halt) = flow {
            self.may_stop(halt);
        }
        let reason = LOOP.into();
        self.state.borrow_mut().merge(&frames, &reason, self.base + block.span.end);
        Flow::Next
    }

    fn note_loop(&mut self, target: &Expr, iterated: &'w Expr) {
        match &target.kind {
            ExprKind::Name(name) => {
                self.loops.insert(name.clone(), iterated);
            }
            ExprKind::Tuple(targets) | ExprKind::List(targets) => {
                targets.iter().for_each(|target| self.note_loop(target, iterated));
            }
            _ => {}
        }
    }

    fn bind_heads(&mut self, arm: &'w Arm, block: &Block) {
        for target in &arm.binds {
            let reason = match block.kind {
                BlockKind::With => "it is bound by `with`",
                BlockKind::For => LOOP,
                _ => "it is bound by a block's head",
            };
            self.bind_unknown(target, reason, target.span.end);
        }
    }

    fn with_block(&mut self, block: &'w Block) -> Flow {
        let Some(arm) = block.arms.first() else { return Flow::Next };
        self.bind_heads(arm, block);
        if let Some(catches) = arm.head.as_ref().and_then(suppressed) {
            return self.attempt(&arm.body, &catches, &[Vec::new()], Vec::new(), block);
        }
        self.run_all(&arm.body)
    }

    fn try_block(&mut self, block: &'w Block) -> Flow {
        let suites = |kind: ArmKind| block.arms.iter().filter(move |arm| arm.kind == kind);
        let body: &'w [Statement] = suites(ArmKind::Body).next().map_or(&[], |arm| &arm.body);
        let mut catches = Catches::default();
        let mut handlers: Vec<Way<'w>> = Vec::new();
        for handler in suites(ArmKind::Except) {
            catches.add(handler.head.as_ref());
            handlers.push(vec![&handler.body]);
        }
        let otherwise: Way<'w> = suites(ArmKind::Else).map(|arm| arm.body.as_slice()).collect();
        let flow = self.attempt(body, &catches, &handlers, otherwise, block);
        // `except … as name` unbinds the name again; nothing else of the head stays.
        match suites(ArmKind::Finally).next() {
            Some(last) if matches!(flow, Flow::Next) => self.run_all(&last.body),
            _ => flow,
        }
    }

    /// Runs a suite of which a statement may raise something that is caught.
    fn attempt(
        &mut self,
        body: &'w [Statement],
        catches: &Catches,
        handlers: &[Way<'w>],
        otherwise: Way<'w>,
        block: &Block,
    ) -> Flow {
        for (at, statement) in body.iter().enumerate() {
            let raises = self.raises(statement, catches);
            if raises == Some(true) && !handlers.is_empty() {
                return match handlers {
                    [only] => self.run_all(only.iter().copied().flatten()),
                    _ => self.fork(handlers, false, ATTEMPT, block),
                };
            }
            if raises.is_none() && !handlers.is_empty() {
                let mut whole: Way<'w> = vec![&body[at..]];
                whole.extend(otherwise);
                let ways: Vec<Way<'w>> =
                    std::iter::once(whole).chain(handlers.iter().cloned()).collect();
                return self.fork(&ways, false, ATTEMPT, block);
            }
            match self.run(statement) {
                Flow::Stops(halt) if catches.halt(&halt) && !handlers.is_empty() => {
                    return self.fork(handlers, false, ATTEMPT, block);
                }
                Flow::Stops(halt) => return Flow::Stops(halt),
                Flow::Next => {}
            }
        }
        self.run_all(otherwise.into_iter().flatten())
    }

    /// Whether a statement raises something that is caught here; `None` when it may.
    fn raises(&self, statement: &Statement, catches: &Catches) -> Option<bool> {
        match statement {
            Statement::Import(aliases) => {
                let failures = aliases.iter().map(|alias| self.failure_of(&alias.module));
                catches.any_import(failures)
            }
            Statement::ImportFrom(import) => {
                catches.any_import(self.failures_of(import).into_iter())
            }
            Statement::Assign(assign) => {
                let value = assign.value.as_ref()?;
                self.may_raise(value, catches)
            }
            Statement::Expression(expr) => self.may_raise(expr, catches),
            Statement::Block(block) => {
                let suites = block.arms.iter().flat_map(|arm| &arm.body);
                let raises = suites.map(|statement| self.raises(statement, catches));
                let mut raises = raises.filter(|raises| *raises != Some(false));
                raises.next().map_or(Some(false), |_| None)
            }
            // What stops the flow is looked at when it has run.
            Statement::Raise(_) | Statement::Function(_) | Statement::Class(_) => Some(false),
            Statement::Delete(_) | Statement::Other(_) => (!catches.others).then_some(false),
        }
    }

    /// Whether evaluating an expression raises something that is caught here.
    fn may_raise(&self, expr: &Expr, catches: &Catches) -> Option<bool> {
        match &expr.kind {
            ExprKind::None
            | ExprKind::Bool(_)
            | ExprKind::Ellipsis
            | ExprKind::Int(_)
            | ExprKind::Float(_)
            | ExprKind::Str(_)
            | ExprKind::Bytes(_)
            | ExprKind::Lambda(_) => Some(false),
            ExprKind::Name(name) if catches.names => {
                let found = self.query.lookup(self.scope(expr), name);
                match found {
                    None => Some(true),
                    Some(binding) => {
                        let known = !matches!(binding.definition, Definition::Unknown(_));
                        (known && binding.doubt.is_none()).then_some(false)
                    }
                }
            }
            ExprKind::Name(_) => Some(false),
            ExprKind::Call(call) if is_import_call(call) => (!catches.imports).then_some(false),
            _ => (!catches.others).then_some(false),
        }
    }
}

/// Which exceptions a `try` or `suppress` catches.
#[derive(Debug, Default, PartialEq)]
struct Catches {
    /// `ImportError`, for a name that a module does not have.
    imports: bool,
    /// `ModuleNotFoundError`, for a module that is not there.
    modules: bool,
    /// `NameError`
    names: bool,
    /// Others that ordinary code raises.
    others: bool,
    /// Even pytest's `Skipped`.
    everything: bool,
}

impl Catches {
    /// Adds what an `except` clause catches.
    fn add(&mut self, head: Option<&Expr>) {
        match head.map(|head| &head.kind) {
            None => self.add_class("BaseException"),
            Some(ExprKind::Tuple(classes)) => {
                classes.iter().for_each(|class| self.add(Some(class)));
            }
            Some(ExprKind::Name(name) | ExprKind::Attribute(_, name)) => self.add_class(name),
            Some(_) => self.add_class("Exception"),
        }
    }

    fn add_class(&mut self, name: &str) {
        match name {
            "ImportError" => (self.imports, self.modules) = (true, true),
            "ModuleNotFoundError" => self.modules = true,
            "NameError" => self.names = true,
            "Exception" | "BaseException" => {
                *self = Self {
                    everything: self.everything || name == "BaseException",
                    imports: true,
                    modules: true,
                    names: true,
                    others: true,
                };
            }
            _ => self.others = true,
        }
    }

    /// Whether one of the imports fails with something that is caught.
    fn any_import(&self, failures: impl Iterator<Item = Failure>) -> Option<bool> {
        let mut answer = Some(false);
        for failure in failures {
            match failure {
                Failure::None => {}
                Failure::NoModule if self.modules => return Some(true),
                Failure::NoName if self.imports => return Some(true),
                Failure::Unknown if self.modules || self.imports => answer = None,
                Failure::NoModule | Failure::NoName | Failure::Unknown => {}
            }
        }
        answer
    }

    /// Whether what stops the flow is caught, as far as is known.
    fn halt(&self, halt: &Halt) -> bool {
        self.everything || (halt.kind == HaltKind::Error && *self != Self::default())
    }
}

/// What a context manager swallows: `suppress(E)`, `pytest.raises(E)`, `assertRaises(E)`.
fn suppressed(head: &Expr) -> Option<Catches> {
    let ExprKind::Call(call) = &head.kind else { return None };
    let (ExprKind::Name(name) | ExprKind::Attribute(_, name)) = &call.func.kind else {
        return None;
    };
    if !matches!(name.as_str(), "suppress" | "raises" | "assertRaises") {
        return None;
    }
    let mut catches = Catches::default();
    call.args.iter().for_each(|arg| catches.add(Some(arg)));
    Some(catches)
}

/// `__import__("x")`, `importlib.import_module("x")`
fn is_import_call(call: &fastest_syntax::expr::Call) -> bool {
    let name = call.func.dotted();
    name.is_some_and(|name| name == "__import__" || name.ends_with("import_module"))
}

/// Whether a loop over an expression certainly runs at least once.
fn is_not_empty(iterated: &Expr) -> bool {
    match &iterated.kind {
        ExprKind::Tuple(items) | ExprKind::List(items) | ExprKind::Set(items) => {
            items.iter().any(|item| !matches!(item.kind, ExprKind::Starred(_)))
        }
        ExprKind::Dict(items) => items.iter().any(|(key, _)| key.is_some()),
        ExprKind::Str(text) => !text.is_empty(),
        ExprKind::Call(call) => {
            let literal = match call.args.as_slice() {
                [Expr { kind: ExprKind::Int(count), .. }] => count.as_str() != "0",
                _ => false,
            };
            literal && matches!(&call.func.kind, ExprKind::Name(name) if name == "range")
        }
        _ => false,
    }
}

/// Where a statement starts, where it says so.
fn start_of(statement: &Statement) -> Option<u32> {
    let span = match statement {
        Statement::Function(function) => function.span,
        Statement::Class(class) => class.span,
        Statement::Import(aliases) => aliases.first()?.span,
        Statement::ImportFrom(import) => import.span,
        Statement::Assign(assign) => assign.span,
        Statement::Delete(targets) => targets.first()?.span,
        Statement::Expression(expr) => expr.span,
        Statement::Block(block) => block.span,
        Statement::Raise(exception) => exception.as_ref()?.span,
        Statement::Other(span) => *span,
    };
    Some(span.start)
}
