//! A function, and what is known of it for certain.

use std::sync::Arc;

use compact_str::CompactString;
use fastest_index::collect::decorators::{self, Decoration, argument_names};
use fastest_index::collect::fixtures::Fixture;
use fastest_index::names::{Definition, Namespace};

use super::Check;
use crate::fixtures::{ParamMark, Role};
use crate::sites::{self, Site};

/// A function of the file.
pub(super) struct Subject<'w> {
    pub site: Site<'w>,
    pub kind: Kind<'w>,
}

/// What a function is.
pub(super) enum Kind<'w> {
    /// A test that pytest certainly collects, and whose signature is the one that is written.
    Test(Test),
    /// A fixture that certainly is there.
    Fixture(Arc<Fixture<'w>>),
    /// Anything else, or nothing for certain.
    Other,
}

/// A test.
pub(super) struct Test {
    /// The arguments that pytest fills.
    pub arguments: Vec<CompactString>,
    /// Its `parametrize` marks and those of what holds it.
    pub marks: Vec<ParamMark>,
    /// Whether a mark says that it may not run, or may fail.
    pub is_excused: bool,
}

impl<'w> Subject<'w> {
    pub fn new(check: &Check<'_, 'w>, site: Site<'w>) -> Self {
        let kind = kind(check, &site).unwrap_or(Kind::Other);
        Self { site, kind }
    }

    pub fn name(&self) -> &'w str {
        &self.site.function.name.text
    }
}

fn kind<'w>(check: &Check<'_, 'w>, site: &Site<'w>) -> Option<Kind<'w>> {
    let model = check.model;
    match model.role(check.file, site) {
        Role::Fixture(fixture) => {
            let only = site.function.decorators.len() == 1 && is_bound(check, site);
            (only && fixture.doubt.is_none()).then_some(Kind::Fixture(fixture))
        }
        Role::Test => {
            let collected = check.collected.filter(|collected| collected.skipped.is_none())?;
            let in_classes = site.classes.iter().all(|class| {
                let name = class.name.span.shifted(site.base);
                collected.classes.iter().any(|known| known.name_span() == Some(name))
                    && class.keywords.is_empty()
            });
            if !in_classes || !is_bound(check, site) {
                return None;
            }
            let decoration = decorators::read(&model.query, site.reference(check.file));
            is_plain(&decoration).then(|| Kind::Test(test(check, site)))
        }
        Role::Other => None,
    }
}

const fn is_plain(decoration: &Decoration) -> bool {
    decoration.is_plain && !decoration.not_a_test && decoration.doubt.is_none()
}

/// Whether the function is what its name is certainly bound to in the end.
fn is_bound<'w>(check: &Check<'_, 'w>, site: &Site<'w>) -> bool {
    let query = &check.model.query;
    let namespace = match sites::class_refs(check.file, site.base, &site.classes).last() {
        Some(class) => query.class_namespace(class),
        None => query.module_namespace(check.file),
    };
    is_bound_in(&namespace, site)
}

fn is_bound_in(namespace: &Namespace<'_>, site: &Site<'_>) -> bool {
    let binding = namespace.get(&site.function.name.text);
    binding.is_some_and(|binding| {
        binding.doubt.is_none()
            && matches!(&binding.definition, Definition::Function(function)
                if std::ptr::eq(function.function, site.function))
    })
}

fn test<'w>(check: &Check<'_, 'w>, site: &Site<'w>) -> Test {
    let model = check.model;
    let arguments = argument_names(&model.query, site.reference(check.file), site.is_method());
    let (marks, own) = model.marks(check.file, site);
    let excuses = ["skip", "skipif", "xfail"];
    let is_excused = marks.iter().any(|mark| excuses.contains(&mark.name.as_str()));
    let marks = marks.into_iter().enumerate();
    let marks = marks.filter(|(_, mark)| mark.name == "parametrize");
    let marks = marks.map(|(at, mark)| ParamMark::of(mark, at < own)).collect();
    Test { arguments, marks, is_excused }
}

impl Test {
    /// Whether a mark gives an argument its value, or may do so.
    pub fn is_parametrized(&self, name: &str) -> bool {
        self.marks.iter().any(|mark| match &mark.names {
            Some(names) => names.iter().any(|other| other.text == name),
            None => true,
        })
    }
}
