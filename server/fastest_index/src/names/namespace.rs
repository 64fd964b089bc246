//! Running a module or class body: statements in order, each binding what it binds.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use compact_str::{CompactString, format_compact};
use fastest_model::Span;
use fastest_syntax::expr::{Expr, ExprKind};
use fastest_syntax::outline::{Assign, Class, Function, Statement};
use rustc_hash::FxHashMap;

use super::body::State;
use super::{
    Binding, ClassRef, Definition, FunctionRef, Halt, HaltKind, Namespace, Query, Scope, ValueRef,
};
use crate::world::FileId;

/// How a suite of statements ends.
pub(super) enum Flow {
    /// The next statement runs.
    Next,
    /// It certainly stops.
    Stops(Halt),
}

/// A body that is being run.
pub(super) struct Runner<'q, 'w> {
    pub(super) query: &'q Query<'w>,
    pub(super) file: FileId,
    /// The class whose body this is.
    pub(super) class: Option<ClassRef<'w>>,
    /// Where the present top-level statement starts.
    pub(super) base: u32,
    pub(super) state: Rc<RefCell<State<'w>>>,
    /// What the targets of `for` loops run over: changing the target changes that.
    pub(super) loops: FxHashMap<CompactString, &'w Expr>,
}

impl<'w> Query<'w> {
    pub(super) fn run_module(&self, file: FileId) -> Arc<Namespace<'w>> {
        let Some(source) = self.world.file(file) else { return Arc::default() };
        let mut runner = Runner::new(self, file, None, 0);
        let Some(_level) = self.enter() else { return runner.abandoned() };
        for placed in &source.outline.statements {
            runner.base = placed.start;
            if let Flow::Stops(halt) = runner.run(&placed.statement) {
                runner.state.borrow_mut().halts = Some(halt);
                break;
            }
        }
        runner.finish()
    }

    pub(super) fn run_class(&self, class: ClassRef<'w>) -> Arc<Namespace<'w>> {
        let mut runner = Runner::new(self, class.file, Some(class), class.base);
        let Some(_level) = self.enter() else { return runner.abandoned() };
        // A class body that raises makes its module fail; that is not looked for.
        let _ = runner.run_all(&class.class.body);
        runner.finish()
    }
}

impl<'q, 'w> Runner<'q, 'w> {
    fn new(query: &'q Query<'w>, file: FileId, class: Option<ClassRef<'w>>, base: u32) -> Self {
        let statements = match class {
            Some(class) => class.class.body.len(),
            None => query.world.file(file).map_or(0, |file| file.outline.statements.len()),
        };
        let state = Rc::new(RefCell::new(State::new(statements)));
        let runner = Self { query, file, class, base, state, loops: FxHashMap::default() };
        query.begin(runner.key(), Rc::clone(&runner.state));
        runner
    }

    fn key(&self) -> super::query::BodyKey {
        self.class.map_or((self.file, None), |class| class.key())
    }

    fn finish(self) -> Arc<Namespace<'w>> {
        self.query.end();
        let state = std::mem::take(&mut *self.state.borrow_mut());
        Arc::new(state.finish())
    }

    fn abandoned(self) -> Arc<Namespace<'w>> {
        self.state.borrow_mut().open = Some("too many modules import one another".into());
        self.finish()
    }

    /// The scope of an expression of the present body.
    pub(super) fn scope(&self, expr: &Expr) -> Scope<'w> {
        match self.class {
            Some(class) => Scope::Class(class),
            None => Scope::Before(self.file, self.base + expr.span.start),
        }
    }

    /// What an expression denotes when it runs now.
    pub(super) fn resolve(&self, expr: &Expr) -> Definition<'w> {
        self.query.resolve(self.scope(expr), expr)
    }

    /// Runs statements until the flow stops.
    pub(super) fn run_all(&mut self, statements: impl IntoIterator<Item = &'w Statement>) -> Flow {
        for statement in statements {
            if let Flow::Stops(halt) = self.run(statement) {
                return Flow::Stops(halt);
            }
        }
        Flow::Next
    }

    pub(super) fn run(&mut self, statement: &'w Statement) -> Flow {
        match statement {
            Statement::Function(function) => self.function(function),
            Statement::Class(class) => self.class_statement(class),
            Statement::Import(aliases) => self.import(aliases),
            Statement::ImportFrom(import) => self.import_from(import),
            Statement::Assign(assign) => return self.assign(assign),
            Statement::Delete(targets) => targets.iter().for_each(|target| self.delete(target)),
            Statement::Expression(expr) => return self.expression(expr),
            Statement::Block(block) => return self.nested(block),
            Statement::Raise(exception) => return Flow::Stops(self.raised(exception.as_ref())),
            Statement::Other(_) => {}
        }
        Flow::Next
    }

    fn nested(&mut self, block: &'w fastest_syntax::outline::Block) -> Flow {
        let query = self.query;
        let Some(_level) = query.enter() else {
            self.open("its blocks are nested too deeply".into());
            return Flow::Next;
        };
        self.block(block)
    }

    fn function(&mut self, function: &'w Function) {
        for decorator in &function.decorators {
            self.note_binder(match &decorator.kind {
                ExprKind::Call(call) => &call.func,
                _ => decorator,
            });
        }
        let definition = Definition::Function(FunctionRef {
            file: self.file,
            base: self.base,
            function,
            owner: self.class.map(|class| class.class),
        });
        self.bind(&function.name.text, definition, function.name.span, function.span.end);
    }

    fn class_statement(&mut self, class: &'w Class) {
        let definition = Definition::Class(ClassRef {
            file: self.file,
            base: self.base,
            class,
            owner: self.class.map(|class| class.class),
        });
        self.bind(&class.name.text, definition, class.name.span, class.span.end);
    }

    /// Binds a name for certain (within the present frame). Both places count from the present
    /// top-level statement; the name is seen from `since` on.
    pub(super) fn bind(&mut self, name: &str, definition: Definition<'w>, place: Span, since: u32) {
        let binding = Binding { definition, doubt: None, place: Some((self.base, place)) };
        self.state.borrow_mut().bind(name, binding, self.base + since);
    }

    pub(super) fn open(&self, reason: CompactString) {
        self.state.borrow_mut().open.get_or_insert(reason);
    }

    /// Notes that the body may stop here.
    pub(super) fn may_stop(&self, halt: Halt) {
        self.state.borrow_mut().halts.get_or_insert(Halt { certain: false, ..halt });
    }

    fn assign(&mut self, assign: &'w Assign) -> Flow {
        let Some(value) = &assign.value else { return Flow::Next };
        if assign.augmented.is_some() {
            self.augment(&assign.targets, assign.span);
            return Flow::Next;
        }
        let flow = self.call_effects(value);
        if matches!(flow, Flow::Next) {
            for target in &assign.targets {
                self.assign_to(target, value, assign.span.end);
            }
        }
        flow
    }

    /// Binds a target of an assignment.
    pub(super) fn assign_to(&mut self, target: &'w Expr, value: &'w Expr, since: u32) {
        match &target.kind {
            ExprKind::Name(name) => {
                let definition = Definition::Value(self.value(value, None));
                self.bind(name, definition, target.span, since);
            }
            ExprKind::Tuple(targets) | ExprKind::List(targets) => {
                self.unpack(targets, value, since);
            }
            ExprKind::Starred(target) => self.bind_unknown(target, "it is unpacked", since),
            ExprKind::Attribute(object, name) => self.set_attribute(object, name, value),
            ExprKind::Subscript(object, index) => self.set_item(object, index, Some(value), since),
            _ => {}
        }
    }

    fn value(&self, expr: &'w Expr, unpack: Option<usize>) -> ValueRef<'w> {
        ValueRef { scope: self.scope(expr), base: self.base, expr, unpack }
    }

    fn unpack(&mut self, targets: &'w [Expr], value: &'w Expr, since: u32) {
        let is_starred = |expr: &Expr| matches!(expr.kind, ExprKind::Starred(_));
        if let ExprKind::Tuple(values) | ExprKind::List(values) = &value.kind
            && values.len() == targets.len()
            && !values.iter().chain(targets).any(is_starred)
        {
            for (target, value) in targets.iter().zip(values) {
                self.assign_to(target, value, since);
            }
            return;
        }
        let plain = targets.iter().take_while(|target| !is_starred(target)).count();
        for (index, target) in targets.iter().enumerate() {
            match &target.kind {
                ExprKind::Name(name) if index < plain => {
                    let definition = Definition::Value(self.value(value, Some(index)));
                    self.bind(name, definition, target.span, since);
                }
                _ => self.bind_unknown(target, "it is unpacked", since),
            }
        }
    }

    /// Binds all names of a target to something that is not looked into.
    pub(super) fn bind_unknown(&mut self, target: &Expr, reason: &str, since: u32) {
        match &target.kind {
            ExprKind::Name(name) => {
                let definition = Definition::Unknown(reason.into());
                self.bind(name, definition, target.span, since);
            }
            ExprKind::Tuple(targets) | ExprKind::List(targets) => {
                for target in targets {
                    self.bind_unknown(target, reason, since);
                }
            }
            ExprKind::Starred(target) => self.bind_unknown(target, reason, since),
            _ => {}
        }
    }

    fn delete(&mut self, target: &'w Expr) {
        match &target.kind {
            ExprKind::Name(name) => {
                self.state.borrow_mut().delete(name, self.base + target.span.end);
            }
            ExprKind::Tuple(targets) | ExprKind::List(targets) => {
                targets.iter().for_each(|target| self.delete(target));
            }
            ExprKind::Attribute(object, name) => self.delete_attribute(object, name),
            ExprKind::Subscript(object, index) => {
                self.set_item(object, index, None, target.span.end);
            }
            _ => {}
        }
    }

    fn raised(&self, exception: Option<&Expr>) -> Halt {
        let class = match exception.map(|exception| &exception.kind) {
            Some(ExprKind::Call(call)) => Some(&call.func),
            _ => exception,
        };
        let skips = class.is_some_and(|class| {
            let skip = ["unittest.SkipTest", "pytest.skip.Exception", "_pytest.outcomes.Skipped"];
            matches!(self.resolve(class), Definition::External(name) if skip.contains(&&*name))
        });
        let name = class.and_then(Expr::dotted).unwrap_or_else(|| "an exception".to_owned());
        Halt {
            certain: true,
            kind: if skips { HaltKind::Skip } else { HaltKind::Error },
            reason: format_compact!("the module raises `{name}`"),
        }
    }
}
