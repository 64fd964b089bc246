//! Rows to cases: pytest's `ParameterSet._for_parametrize` and `_resolve_parameter_set_ids`.

use compact_str::CompactString;

use super::{Case, Doubt, Wording};
use crate::names::Query;
use crate::values::containers::computed;
use crate::values::evaluate::Evaluator;
use crate::values::ids::{self, NoId, RowId, Source};
use crate::values::{Element, IterableKind, Mark, ParameterSet, Value, doubt, repr};
use crate::world::EmptyParameterSet;

/// Why there are no cases.
pub enum NoCases {
    /// They cannot be known.
    Doubt(Doubt),
    /// pytest refuses, with this message.
    Error(String),
}

impl NoCases {
    fn unknown(reason: CompactString, count: Option<usize>) -> Self {
        Self::Doubt(Doubt { reason, count })
    }
}

/// The cases that rows make.
pub fn cases(
    query: &Query<'_>,
    argnames: &[CompactString],
    is_single: bool,
    argvalues: &Value,
    ids: Option<&Value>,
    wording: Wording<'_>,
) -> Result<Vec<Case>, NoCases> {
    let evaluator = Evaluator::new(query);
    let rows =
        evaluator.iterate(argvalues.clone()).map_err(|reason| NoCases::unknown(reason, None))?;
    let count = rows.len().max(1);
    let maker = Maker { evaluator: &evaluator, argnames, is_single, wording, count };
    let mut sets = Vec::with_capacity(rows.len());
    for row in rows {
        sets.push(maker.row(row)?);
    }
    if sets.is_empty() {
        sets.push(maker.empty()?);
    }
    let listed = maker.listed(ids)?;
    let source = source(ids, listed.as_deref());
    let (ids, hookable) = maker.ids(&sets, &source)?;
    let made = sets.into_iter().zip(ids).zip(hookable);
    Ok(made.map(|((set, id), hookable)| case(set, id, hookable)).collect())
}

fn case(set: ParameterSet, id: RowId, hookable: bool) -> Case {
    let id = match id {
        RowId::Text(text) => Some(text),
        RowId::Hidden => None,
    };
    let ParameterSet { values, marks, marks_doubt, origin, .. } = set;
    Case { id, hookable, values, marks, marks_doubt, origin }
}

fn source<'v>(ids: Option<&'v Value>, listed: Option<&'v [Element]>) -> Source<'v> {
    match (ids, listed) {
        (_, Some(listed)) => Source::List(listed),
        (None | Some(Value::None), _) => Source::Values,
        (Some(Value::Unknown(reason)), _) => Source::Unknown(reason.clone()),
        (Some(function @ (Value::Named(_) | Value::Lambda(_))), _) => Source::Function(function),
        _ => Source::Unknown(doubt("`ids` is computed")),
    }
}

/// What making cases needs.
struct Maker<'m, 'q, 'w> {
    evaluator: &'m Evaluator<'q, 'w>,
    argnames: &'m [CompactString],
    is_single: bool,
    wording: Wording<'m>,
    count: usize,
}

impl Maker<'_, '_, '_> {
    /// `ParameterSet.extract_from`, and the check of the row's length.
    fn row(&self, row: Element) -> Result<ParameterSet, NoCases> {
        let origin = row.origin;
        let (values, shown) = match row.value {
            Value::Parameters(mut set) => {
                set.origin = set.origin.or(origin);
                let shown = Value::Tuple(set.values.clone());
                return self.checked(*set, &shown);
            }
            value if self.is_single => {
                return Ok(plain(vec![Element { value, origin }], origin));
            }
            value => (self.unpacked(&value)?, value),
        };
        match values {
            Some(values) => self.checked(plain(values, origin), &shown),
            None => {
                let reason = doubt("a row whose values are known at run time only");
                let unknown = || computed(Value::Unknown(reason.clone()));
                Ok(plain(self.argnames.iter().map(|_| unknown()).collect(), origin))
            }
        }
    }

    /// The values of a row for several names; `None` where they are not known.
    fn unpacked(&self, row: &Value) -> Result<Option<Vec<Element>>, NoCases> {
        match row {
            Value::Tuple(_)
            | Value::List(_)
            | Value::Str(_)
            | Value::Bytes(_)
            | Value::Dict(_)
            | Value::Iterable(
                IterableKind::Range
                | IterableKind::Keys
                | IterableKind::Values
                | IterableKind::Items,
                _,
            ) => Ok(self.evaluator.iterate(row.clone()).ok()),
            Value::None | Value::Bool(_) | Value::Int(_) | Value::Float(_) | Value::Ellipsis => {
                let shown = repr::repr(row).unwrap_or_default();
                let kind = match row {
                    Value::None => "NoneType",
                    Value::Bool(_) => "bool",
                    Value::Int(_) => "int",
                    Value::Float(_) => "float",
                    _ => "ellipsis",
                };
                Err(NoCases::Error(format!(
                    "{}: in \"parametrize\" expected a sequence of values, for a single value \
                     use a one-element tuple like ('value',), got {kind}:\n  {shown}",
                    self.wording.subject.node_id
                )))
            }
            _ => Ok(None),
        }
    }

    fn checked(&self, set: ParameterSet, shown: &Value) -> Result<ParameterSet, NoCases> {
        if set.values.len() == self.argnames.len() {
            return Ok(set);
        }
        let names: Vec<String> = self.argnames.iter().map(|name| format!("'{name}'")).collect();
        Err(NoCases::Error(format!(
            "{}: in \"parametrize\" the number of names ({}):\n  [{}]\nmust be equal to the \
             number of values ({}):\n  {}",
            self.wording.subject.node_id,
            names.len(),
            names.join(", "),
            set.values.len(),
            repr::repr(shown).unwrap_or_else(|_| "…".to_owned()),
        )))
    }

    /// The one case of an empty parameter set: an explicit id `NOTSET` since 8.4, before made of
    /// values that have none.
    fn empty(&self) -> Result<ParameterSet, NoCases> {
        let reason = format!("got empty parameter set for ({})", self.argnames.join(", "));
        let reason = ("reason".into(), computed(Value::Str(reason.into())));
        let settings = self.wording.settings;
        let (name, kwargs) = match settings.empty_parameter_set_mark {
            EmptyParameterSet::Skip => ("skip", vec![reason]),
            EmptyParameterSet::XFail => {
                ("xfail", vec![reason, ("run".into(), computed(Value::Bool(false)))])
            }
            EmptyParameterSet::FailAtCollect => {
                return Err(NoCases::Error(format!(
                    "Empty parameter set in '{}' at line {}",
                    self.wording.subject.function, self.wording.subject.line
                )));
            }
        };
        let values = self.argnames.iter().map(|_| computed(Value::Object)).collect();
        let mark = Mark { name: name.into(), args: Vec::new(), kwargs, origin: None };
        let id = (settings.pytest >= (8, 4)).then(|| Value::Str("NOTSET".into()));
        Ok(ParameterSet { values, id, marks: vec![mark], marks_doubt: None, origin: None })
    }

    /// `_validate_ids`: the ids of `ids=iterable`; `None` where it is none.
    fn listed(&self, ids: Option<&Value>) -> Result<Option<Vec<Element>>, NoCases> {
        let (listed, is_sized) = match ids {
            None
            | Some(
                Value::None
                | Value::Named(_)
                | Value::Lambda(_)
                | Value::Unknown(_)
                | Value::Object,
            ) => return Ok(None),
            Some(Value::Bool(_) | Value::Int(_) | Value::Float(_)) => {
                return Err(NoCases::Error("ids must be a callable or an iterable".to_owned()));
            }
            Some(value @ Value::Iterable(IterableKind::Once, _)) => (value, false),
            Some(value) => (value, true),
        };
        let mut listed = match self.evaluator.iterate(listed.clone()) {
            Ok(listed) => listed,
            Err(_) => return Ok(None),
        };
        if is_sized && !listed.is_empty() && listed.len() != self.count {
            return Err(NoCases::Error(format!(
                "{}{} parameter sets specified, with different number of ids: {}",
                self.wording.prefix(),
                self.count,
                listed.len()
            )));
        }
        listed.truncate(self.count);
        Ok(Some(listed))
    }

    /// All ids, made unique, and which of them a hook could change.
    fn ids(
        &self,
        sets: &[ParameterSet],
        source: &Source<'_>,
    ) -> Result<(Vec<RowId>, Vec<bool>), NoCases> {
        let settings = self.wording.settings;
        let mut ids = Vec::with_capacity(sets.len());
        let mut hookable = Vec::with_capacity(sets.len());
        for (index, set) in sets.iter().enumerate() {
            let (id, is_hookable) = self.id(set, index, source).map_err(|no_id| match no_id {
                NoId::Unknown(reason) => NoCases::unknown(reason, Some(self.count)),
                NoId::Error(message) => NoCases::Error(message),
            })?;
            ids.push(id);
            hookable.push(is_hookable);
        }
        if settings.strict_parametrization_ids && settings.pytest >= (9, 0) {
            let rows: Vec<String> = sets.iter().map(shown).collect();
            let node_id = self.wording.subject.node_id;
            if let Some(message) = ids::duplicates(&ids, node_id, self.argnames, &rows) {
                return Err(NoCases::Error(message));
            }
        }
        let unique = ids::unique(&ids, settings, &self.wording.prefix());
        unique.map(|ids| (ids, hookable)).map_err(NoCases::Error)
    }

    /// `_resolve_ids` for one row.
    fn id(
        &self,
        set: &ParameterSet,
        index: usize,
        source: &Source<'_>,
    ) -> Result<(RowId, bool), NoId> {
        if let Some(id) = &set.id {
            return ids::explicit(id, self.wording.settings).map(|id| (id, false));
        }
        let prefix = self.wording.prefix();
        let function = match source {
            Source::List(listed) => {
                if let Some(element) = listed.get(index) {
                    let settings = self.wording.settings;
                    if let Some(id) = ids::listed(&element.value, index, &prefix, settings)? {
                        return Ok((id, false));
                    }
                }
                None
            }
            Source::Values => None,
            Source::Function(function) => Some(*function),
            Source::Unknown(reason) => return Err(NoId::Unknown(reason.clone())),
        };
        let mut parts = Vec::with_capacity(set.values.len());
        let mut hookable = false;
        for (element, argname) in set.values.iter().zip(self.argnames) {
            let (part, is_hookable) = ids::of_argument(
                self.evaluator,
                &element.value,
                argname,
                index,
                function,
                &prefix,
            )?;
            parts.push(part);
            hookable |= is_hookable;
        }
        Ok((RowId::Text(parts.join("-")), hookable))
    }
}

fn plain(
    values: Vec<Element>,
    origin: Option<(crate::FileId, fastest_model::Span)>,
) -> ParameterSet {
    ParameterSet { values, id: None, marks: Vec::new(), marks_doubt: None, origin }
}

fn shown(set: &ParameterSet) -> String {
    repr::repr(&Value::List(set.values.clone())).unwrap_or_else(|_| "[…]".to_owned())
}
