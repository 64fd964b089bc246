//! What statements do to objects and to the import system, other than binding names.

use compact_str::{CompactString, format_compact};
use fastest_model::Span;
use fastest_syntax::expr::{Call, Expr, ExprKind};

use super::lookup::unknown;
use super::namespace::{Flow, Runner};
use super::{Binding, Change, Definition, Handed, ValueRef};

/// Methods that change the list, set, dict or deque that they are called on.
const MUTATORS: &[&str] = &[
    "__delitem__",
    "__setitem__",
    "add",
    "append",
    "appendleft",
    "clear",
    "difference_update",
    "discard",
    "extend",
    "extendleft",
    "insert",
    "intersection_update",
    "move_to_end",
    "pop",
    "popitem",
    "popleft",
    "remove",
    "reverse",
    "rotate",
    "setdefault",
    "sort",
    "subtract",
    "symmetric_difference_update",
    "update",
];

/// Functions of installed packages that put tests into the module which calls them: the package
/// and the function.
const BINDERS: &[(&str, &str)] = &[("pytest_bdd", "scenarios")];

/// Built-in functions that leave their arguments as they are.
const HARMLESS: &[&str] = &["print", "len", "isinstance", "repr", "str", "hasattr", "getattr"];

impl<'w> Runner<'_, 'w> {
    /// A bare expression.
    pub(super) fn expression(&mut self, expr: &'w Expr) -> Flow {
        let flow = self.call_effects(expr);
        if let (Flow::Next, ExprKind::Call(call)) = (&flow, &expr.kind) {
            self.spoil_arguments(call);
            self.note_handed(call);
        }
        flow
    }

    /// What a call does to what it is called on, and whether the body goes on after it.
    pub(super) fn call_effects(&mut self, expr: &'w Expr) -> Flow {
        let ExprKind::Call(call) = &expr.kind else { return Flow::Next };
        if let Some(halt) = self.outcome_call(call) {
            return Flow::Stops(halt);
        }
        if let ExprKind::Attribute(object, method) = &call.func.kind {
            self.method(object, method, call, expr.span);
        }
        match call.func.dotted().as_deref() {
            Some("exec") => self.open("it runs `exec`".into()),
            Some("setattr" | "delattr") => self.setattr(call),
            _ => {}
        }
        if call.args.iter().any(|arg| self.is_own_namespace(arg)) {
            self.open("it hands its `globals()` to a call".into());
        }
        self.note_binder(&call.func);
        Flow::Next
    }

    /// Calling a function of this file that reaches for `globals()` may bind names, and so does
    /// calling one of [`BINDERS`].
    pub(super) fn note_binder(&self, func: &Expr) {
        let (of, function) = match &func.kind {
            ExprKind::Name(name) => (name, None),
            ExprKind::Attribute(of, function) => match &of.kind {
                ExprKind::Name(module) => (module, Some(function)),
                _ => return,
            },
            _ => return,
        };
        let bound = self.state.borrow().get(of).map(|bound| bound.definition.clone());
        let reaches = match (bound, function) {
            (Some(Definition::Function(found)), None) => found.function.mentions_globals,
            (Some(Definition::Imported { module, name }), None) => is_binder(&module, &name),
            (Some(Definition::Module(module)), Some(function)) => is_binder(&module, function),
            _ => false,
        };
        if reaches {
            let name = function.unwrap_or(of);
            self.open(format_compact!("it calls `{name}`, which reaches for its `globals()`"));
        }
    }

    /// `fill(TestX)` and `TestX.fill()` may set attributes of a class, and so may `fill()`.
    fn note_handed(&mut self, call: &'w Call) {
        if self.class.is_some() {
            return;
        }
        let of = match &call.func.kind {
            ExprKind::Attribute(object, _) => Some(object.as_ref()),
            _ => None,
        };
        let keywords = call.keywords.iter().map(|keyword| &keyword.value);
        for given in of.into_iter().chain(&call.args).chain(keywords) {
            let ExprKind::Name(name) = &given.kind else { continue };
            let mut state = self.state.borrow_mut();
            let bound = state.get(name).map(|bound| &bound.definition);
            if matches!(bound, Some(Definition::Class(_))) {
                let (class, function) = (Some(name.clone()), &call.func);
                let scope = self.scope(function);
                state.handed.push(Handed { class, function, scope });
            }
        }
        let ExprKind::Name(name) = &call.func.kind else { return };
        let mut state = self.state.borrow_mut();
        let is_own = matches!(
            state.get(name).map(|bound| &bound.definition),
            Some(Definition::Function(called)) if called.function.mentions_setattr
        );
        if is_own && call.args.is_empty() {
            let function = &call.func;
            let scope = self.scope(function);
            state.handed.push(Handed { class: None, function, scope });
        }
    }

    fn method(&mut self, object: &'w Expr, method: &str, call: &'w Call, span: Span) {
        if !MUTATORS.contains(&method) {
            return;
        }
        if self.is_own_namespace(object) {
            self.update_namespace(method, call, span);
        } else {
            self.change(object);
        }
    }

    /// `globals().update(…)`
    fn update_namespace(&mut self, method: &str, call: &'w Call, span: Span) {
        let named = call.keywords.iter().all(|keyword| keyword.name.is_some());
        if method == "update" && call.args.is_empty() && named {
            for keyword in &call.keywords {
                let Some(name) = &keyword.name else { continue };
                let value = self.definition_of(&keyword.value);
                self.bind(name, value, keyword.value.span, span.end);
            }
        } else {
            self.open(format_compact!("it changes its `globals()` with `{method}`"));
        }
    }

    fn definition_of(&self, expr: &'w Expr) -> Definition<'w> {
        Definition::Value(ValueRef { scope: self.scope(expr), base: self.base, expr, unpack: None })
    }

    /// Whether an expression is the body's own `dict` or module: `globals()`, `locals()`,
    /// `vars()`, `sys.modules[__name__]`.
    fn is_own_namespace(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Call(call) => {
                call.args.is_empty()
                    && matches!(&call.func.kind, ExprKind::Name(name)
                        if matches!(name.as_str(), "globals" | "locals" | "vars"))
            }
            ExprKind::Subscript(object, index) => is_own_module(object, index),
            ExprKind::Attribute(object, name) => {
                name == "__dict__" && self.is_own_namespace(object)
            }
            _ => false,
        }
    }

    /// `object[index] = value`, or `del object[index]` where there is no value.
    pub(super) fn set_item(
        &mut self,
        object: &'w Expr,
        index: &'w Expr,
        value: Option<&'w Expr>,
        since: u32,
    ) {
        if is_own_module(object, index) {
            return self.open("it puts something else in its place in `sys.modules`".into());
        }
        if !self.is_own_namespace(object) {
            return self.change(object);
        }
        match (&index.kind, value) {
            (ExprKind::Str(name), Some(value)) => {
                let definition = self.definition_of(value);
                self.bind(name, definition, index.span, since);
            }
            _ => self.open("it changes its `globals()` by a computed name".into()),
        }
    }

    /// `X += …`
    pub(super) fn augment(&mut self, targets: &'w [Expr], span: Span) {
        for target in targets {
            self.change(target);
            if let ExprKind::Name(name) = &target.kind {
                let reason = changed(name);
                self.bind(name, Definition::Unknown(reason), target.span, span.end);
            }
        }
    }

    /// Notes that an object is changed in place.
    pub(super) fn change(&mut self, object: &Expr) {
        if let Some(dotted) = object.dotted() {
            self.note_import_change(&dotted);
        }
        match &object.kind {
            ExprKind::Name(name) => self.spoil(name, 0),
            ExprKind::Attribute(of, name) => {
                let reason = changed(name);
                self.push_change(of, Some(name.clone()), unknown(reason));
            }
            ExprKind::Subscript(of, _) => self.change(of),
            ExprKind::Call(call) => {
                // `X.setdefault(…).append(…)`, `X.items()…`
                if let ExprKind::Attribute(of, _) = &call.func.kind {
                    self.change(of);
                }
            }
            _ => {}
        }
    }

    fn note_import_change(&self, dotted: &str) {
        if matches!(dotted, "sys.path" | "sys.modules" | "sys.meta_path" | "path" | "modules") {
            self.state.borrow_mut().changes_imports = true;
        }
    }

    /// Spoils a name's value, and those of the names that are other names for it.
    fn spoil(&mut self, name: &str, depth: u32) {
        if depth > 8 {
            return;
        }
        let bound = self.state.borrow().get(name).map(|binding| binding.definition.clone());
        if let Some(Definition::Value(value)) = &bound
            && let ExprKind::Name(other) = &value.expr.kind
        {
            self.spoil(other, depth + 1);
        }
        if let Some(iterated) = self.loops.get(name).copied() {
            self.spoil_all(iterated, depth + 1);
        }
        // Functions and classes stay what they are: only their attributes can be set.
        if !matches!(bound, Some(Definition::Function(_) | Definition::Class(_))) {
            self.state.borrow_mut().spoil(name, &changed(name));
        }
    }

    /// Spoils all names that an expression is made of.
    fn spoil_all(&mut self, expr: &Expr, depth: u32) {
        match &expr.kind {
            ExprKind::Name(name) => self.spoil(name, depth),
            ExprKind::Attribute(value, _) | ExprKind::Subscript(value, _) => {
                self.spoil_all(value, depth);
            }
            ExprKind::Call(call) => {
                self.spoil_all(&call.func, depth);
                call.args.iter().for_each(|arg| self.spoil_all(arg, depth));
            }
            ExprKind::Tuple(items) | ExprKind::List(items) => {
                items.iter().for_each(|item| self.spoil_all(item, depth));
            }
            _ => {}
        }
    }

    /// `fill(X)` may change a list `X`.
    fn spoil_arguments(&mut self, call: &'w Call) {
        if call.func.dotted().is_some_and(|name| HARMLESS.contains(&name.as_str())) {
            return;
        }
        let keywords = call.keywords.iter().map(|keyword| &keyword.value);
        for arg in call.args.iter().chain(keywords) {
            if let ExprKind::Name(name) = &arg.kind
                && self.is_mutable(name)
            {
                self.spoil(name, 0);
            }
        }
    }

    /// Whether a name is bound to a value that can be changed in place.
    fn is_mutable(&self, name: &str) -> bool {
        let state = self.state.borrow();
        let Some(Definition::Value(value)) = state.get(name).map(|bound| &bound.definition) else {
            return false;
        };
        matches!(
            value.expr.kind,
            ExprKind::List(_)
                | ExprKind::Dict(_)
                | ExprKind::Set(_)
                | ExprKind::Call(_)
                | ExprKind::Comprehension(_)
                | ExprKind::Name(_)
                | ExprKind::Binary(..)
        )
    }

    /// `object.name = value`
    pub(super) fn set_attribute(&mut self, object: &'w Expr, name: &str, value: &'w Expr) {
        if object.dotted().as_deref() == Some("sys") {
            self.note_import_change(name);
        }
        let binding = Binding {
            definition: self.definition_of(value),
            doubt: None,
            place: Some((self.base, value.span)),
        };
        self.push_change(object, Some(name.into()), binding);
    }

    pub(super) fn delete_attribute(&mut self, object: &'w Expr, name: &str) {
        let reason = format_compact!("`{name}` is deleted from it");
        self.push_change(object, Some(name.into()), unknown(reason));
    }

    fn push_change(
        &mut self,
        object: &Expr,
        attribute: Option<CompactString>,
        mut binding: Binding<'w>,
    ) {
        if self.is_own_namespace(object) {
            return self.open("it sets attributes of its own module".into());
        }
        let Some(dotted) = object.dotted() else { return };
        if let ExprKind::Name(name) = &object.kind {
            let bound = self.state.borrow().get(name).map(|bound| bound.definition.clone());
            if let Some(Definition::Value(_)) = bound {
                return self.spoil(name, 0);
            }
        }
        if !self.state.borrow().is_certain() {
            let reason = CompactString::from("it is set under a condition");
            binding.doubt.get_or_insert(reason);
        }
        let object = dotted.into();
        self.state.borrow_mut().changes.push(Change { object, attribute, binding });
    }

    /// `setattr(object, name, value)`, `delattr(object, name)`
    fn setattr(&mut self, call: &'w Call) {
        let Some(object) = call.args.first() else { return };
        let name = match call.args.get(1).map(|name| &name.kind) {
            Some(ExprKind::Str(name)) => Some(name.clone()),
            _ => None,
        };
        match (&name, call.args.get(2)) {
            (Some(name), Some(value)) if !self.is_own_namespace(object) => {
                self.set_attribute(object, name, value);
            }
            _ => {
                let reason = "its attributes are set by computed names".into();
                self.push_change(object, name, unknown(reason));
            }
        }
    }
}

/// Whether a function of a module is one of [`BINDERS`].
fn is_binder(module: &str, function: &str) -> bool {
    BINDERS.contains(&(module.split('.').next().unwrap_or(module), function))
}

/// `sys.modules[__name__]`
fn is_own_module(object: &Expr, index: &Expr) -> bool {
    matches!(&index.kind, ExprKind::Name(name) if name == "__name__")
        && object.dotted().is_some_and(|name| name.ends_with("modules"))
}

fn changed(name: &str) -> CompactString {
    format_compact!("`{name}` is changed after its definition")
}
