//! Calls that end a module: `pytest.skip`, `pytest.importorskip`, `sys.exit`.

use compact_str::{CompactString, format_compact};
use fastest_syntax::expr::{Call, Expr, ExprKind};

use super::namespace::Runner;
use super::{Definition, Halt, HaltKind};

impl Runner<'_, '_> {
    /// `pytest.skip(…)` and its like: what ends the module here.
    pub(super) fn outcome_call(&self, call: &Call) -> Option<Halt> {
        if !ends_in_outcome(&call.func) {
            return None;
        }
        let Definition::External(name) = self.resolve(&call.func) else { return None };
        match &*name {
            "pytest.importorskip" => self.import_or_skip(call),
            "pytest.skip" => Some(skip(call)),
            "pytest.fail" | "pytest.xfail" | "pytest.exit" | "sys.exit" | "builtins.exit"
            | "builtins.quit" => Some(stop(HaltKind::Error, format_compact!("it calls `{name}`"))),
            _ => None,
        }
    }

    fn import_or_skip(&self, call: &Call) -> Option<Halt> {
        let argument = call.args.first().or_else(|| {
            let named = |keyword: &&fastest_syntax::expr::Keyword| {
                keyword.name.as_deref() == Some("modname")
            };
            call.keywords.iter().find(named).map(|keyword| &keyword.value)
        });
        let Some(Expr { kind: ExprKind::Str(module), .. }) = argument else {
            self.may_stop(stop(HaltKind::Skip, "it skips without a computed module".into()));
            return None;
        };
        let is_plain = call.args.len() < 2
            && call.keywords.iter().all(|keyword| keyword.name.as_deref() != Some("minversion"));
        match self.availability(module) {
            Some(false) => {
                let reason = format_compact!("there is no module `{module}`");
                return Some(stop(HaltKind::Skip, reason));
            }
            Some(true) if is_plain => {}
            Some(true) => {
                let reason = format_compact!("it needs a certain version of `{module}`");
                self.may_stop(stop(HaltKind::Skip, reason));
            }
            None => {
                let reason = format_compact!("whether there is a module `{module}` is not known");
                self.may_stop(stop(HaltKind::Skip, reason));
            }
        }
        None
    }
}

/// Whether a call's last name is one that may end a module: most are not, and are not looked up.
fn ends_in_outcome(func: &Expr) -> bool {
    let (ExprKind::Name(name) | ExprKind::Attribute(_, name)) = &func.kind else { return false };
    matches!(name.as_str(), "importorskip" | "skip" | "fail" | "xfail" | "exit" | "quit")
}

/// `pytest.skip(reason, allow_module_level=…)` at the top level: an error unless allowed.
fn skip(call: &Call) -> Halt {
    let allowed = call.keywords.iter().any(|keyword| {
        keyword.name.as_deref() == Some("allow_module_level")
            && keyword.value.kind != ExprKind::Bool(false)
    });
    if allowed {
        let reason = match call.args.first().map(|reason| &reason.kind) {
            Some(ExprKind::Str(reason)) => format_compact!("it is skipped: {reason}"),
            _ => "it is skipped".into(),
        };
        stop(HaltKind::Skip, reason)
    } else {
        stop(HaltKind::Error, "it calls `pytest.skip` outside of a test".into())
    }
}

fn stop(kind: HaltKind, reason: CompactString) -> Halt {
    Halt { certain: true, kind, reason }
}
