//! A session: the items of many files in pytest's order, less what a command line takes away.

use std::ops::Range;
use std::sync::Arc;

use fastest_model::{Problem, Span};

use rustc_hash::FxHashSet;

use super::order::{Ordered, reorder};
use super::{Case, Collected, TestFunction};
use crate::select::{Candidate, KeywordNames, NodeSelector, Selection};
use crate::values::Mark;

/// Why an item is not certain whose marks are not.
const UNDECIDED: &str = "whether it is selected depends on marks that are known at run time only";

/// A file of a session, in the order in which pytest visits it.
#[derive(Clone, Debug)]
pub struct SessionFile {
    /// Its node id.
    pub node_id: String,
    /// What it holds.
    pub collected: Arc<Collected>,
    /// The node ids that were asked for; empty for the whole file.
    pub asked: Vec<NodeSelector>,
    /// Why none of its items is certain, as a lowercase fragment: a conftest may ignore it.
    pub doubt: Option<compact_str::CompactString>,
}

/// An item of a session, by its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    file: u32,
    function: u32,
    /// The case, from 0; `u32::MAX` for a function without known cases.
    case: u32,
}

/// What would run, in order.
#[derive(Clone, Debug, Default)]
pub struct Session {
    /// The files that were collected.
    pub files: Vec<SessionFile>,
    places: Vec<Place>,
    /// Whether no item has a parameter of a wide scope, by which items are reordered.
    is_ordered: bool,
    /// Those of them of which only run time can tell whether they are selected.
    undecided: FxHashSet<Place>,
    /// How many items `-k`, `-m` and `--deselect` took away.
    pub deselected: usize,
    /// Node ids that were asked for and are not there: the file's node id and the rest.
    pub missing: Vec<(String, NodeSelector)>,
    /// Files, by their index, of which an item was asked for that only run time can tell.
    pub unseen: Vec<usize>,
    /// What is wrong besides the problems of its files.
    pub problems: Vec<Problem>,
}

/// One item of a session.
#[derive(Clone, Copy, Debug)]
pub struct SessionItem<'s> {
    /// Its file.
    pub file: &'s SessionFile,
    /// Its function.
    pub function: &'s TestFunction,
    /// Its case.
    pub case: Option<&'s Case>,
    /// Whether only run time can tell if it is selected.
    pub is_undecided: bool,
}

impl Session {
    /// Puts a session together (`Session.perform_collect` and `pytest_collection_modifyitems`).
    ///
    /// # Errors
    ///
    /// The text of a usage error: a `-k` expression that cannot be evaluated.
    pub fn assemble(files: Vec<SessionFile>, selection: &Selection) -> Result<Self, String> {
        let mut session = Self { files, is_ordered: true, ..Self::default() };
        session.collect();
        session.reorder();
        if !selection.is_everything() {
            session.deselect(selection)?;
        }
        Ok(session)
    }

    /// The items in order.
    pub fn items(&self) -> impl ExactSizeIterator<Item = SessionItem<'_>> {
        self.places.iter().map(|place| self.item(*place))
    }

    /// Some of the items in order, by their places among [`Session::items`].
    ///
    /// # Panics
    ///
    /// There are not so many.
    pub fn items_in(&self, range: Range<usize>) -> impl ExactSizeIterator<Item = SessionItem<'_>> {
        self.places[range].iter().map(|place| self.item(*place))
    }

    /// The item at a place among [`Session::items`].
    #[must_use]
    pub fn nth(&self, place: usize) -> Option<SessionItem<'_>> {
        self.places.get(place).map(|place| self.item(*place))
    }

    /// How many of the items are not certain.
    #[must_use]
    pub fn uncertain(&self) -> usize {
        let is_certain =
            |file: &SessionFile| file.doubt.is_none() && file.collected.summary.is_certain;
        if self.undecided.is_empty() && self.files.iter().all(is_certain) {
            return 0;
        }
        self.items().filter(|item| item.doubt().is_some()).count()
    }

    /// For each of the items the place of its function among those of its file, and that of its
    /// case, if it is one.
    pub fn places(&self) -> impl ExactSizeIterator<Item = (usize, Option<usize>)> {
        self.places.iter().map(|place| {
            let case = (place.case != u32::MAX).then_some(place.case as usize);
            (place.function as usize, case)
        })
    }

    fn item(&self, place: Place) -> SessionItem<'_> {
        let file = &self.files[place.file as usize];
        let function = &file.collected.functions[place.function as usize];
        let case = function.cases.as_ref().and_then(|cases| cases.get(place.case as usize));
        let is_undecided = !self.undecided.is_empty() && self.undecided.contains(&place);
        SessionItem { file, function, case, is_undecided }
    }

    fn collect(&mut self) {
        let functions = self.files.iter().map(|file| file.collected.functions.len());
        let mut places = Vec::with_capacity(functions.sum());
        for (at, file) in (0u32..).zip(&self.files) {
            if file.collected.skipped.is_some() || file.collected.fails() {
                continue;
            }
            self.is_ordered &= !file.collected.summary.has_wide_parameters;
            if file.asked.is_empty() {
                add_places(at, &file.collected, &mut places);
                continue;
            }
            let mut all = Vec::new();
            add_places(at, &file.collected, &mut all);
            for asked in &file.asked {
                let before = places.len();
                places.extend(all.iter().filter(|place| self.is_asked(**place, asked)));
                if places.len() != before {
                    continue;
                }
                if file.collected.open.is_empty() {
                    self.missing.push((file.node_id.clone(), asked.clone()));
                } else {
                    self.unseen.push(at as usize);
                }
            }
        }
        self.places = places;
    }

    fn is_asked(&self, place: Place, asked: &NodeSelector) -> bool {
        let item = self.item(place);
        let path = item.class_path();
        let name = item.name();
        let mut nodes: Vec<&str> = path.split("::").filter(|part| !part.is_empty()).collect();
        nodes.push(&name);
        if asked.matches(&nodes) {
            return true;
        }
        // A case of a function whose cases are not known is taken at its word.
        let unknown = item.function.doubt.is_some() && item.function.cases.is_none();
        unknown && asked.case.is_some() && {
            let whole = NodeSelector { case: None, ..asked.clone() };
            whole.matches(&nodes)
        }
    }

    fn reorder(&mut self) {
        if self.is_ordered {
            return;
        }
        let order = {
            let ordered: Vec<Ordered<'_>> = self
                .items()
                .map(|item| Ordered {
                    keys: item.case.map_or(&[][..], |case| &case.keys),
                    file: &item.file.node_id,
                    class: Some(item.class_path()),
                })
                .collect();
            reorder(&ordered)
        };
        self.places = order.into_iter().map(|at| self.places[at]).collect();
    }

    fn deselect(&mut self, selection: &Selection) -> Result<(), String> {
        let mut kept = Vec::with_capacity(self.places.len());
        let mut undecided = Vec::new();
        for &place in &self.places {
            // What only run time can decide stays: pytest may well keep it.
            match self.item(place).is_selected(selection)? {
                Some(false) => continue,
                Some(true) => {}
                None => undecided.push(place),
            }
            kept.push(place);
        }
        self.undecided.extend(undecided);
        self.deselected = self.places.len() - kept.len();
        self.places = kept;
        Ok(())
    }
}

fn add_places(file: u32, collected: &Collected, places: &mut Vec<Place>) {
    for (function, cases) in (0u32..).zip(&collected.summary.cases) {
        let place = |case| Place { file, function, case };
        match *cases {
            Some(cases) => places.extend((0..cases).map(place)),
            None => places.push(place(u32::MAX)),
        }
    }
}

impl<'s> SessionItem<'s> {
    /// The names of the classes that hold it, joined with `::`; empty for a plain function.
    #[must_use]
    pub fn class_path(&self) -> &'s str {
        self.function
            .class
            .and_then(|index| self.file.collected.classes.get(index as usize))
            .map_or("", |class| class.path.as_str())
    }

    /// Its own name, with the case's id.
    #[must_use]
    pub fn name(&self) -> String {
        let mut name = self.function.name.to_string();
        if let Some(id) = self.case.and_then(|case| case.id.as_deref()) {
            name.push('[');
            name.push_str(id);
            name.push(']');
        }
        name
    }

    /// Appends its node id to a text.
    pub fn push_node_id(&self, text: &mut String) {
        text.push_str(&self.file.node_id);
        let class = self.class_path();
        for part in [class, self.function.name.as_str()] {
            if !part.is_empty() {
                text.push_str("::");
                text.push_str(part);
            }
        }
        if let Some(id) = self.case.and_then(|case| case.id.as_deref()) {
            text.push('[');
            text.push_str(id);
            text.push(']');
        }
    }

    /// Its node id.
    #[must_use]
    pub fn node_id(&self) -> String {
        let mut text = String::new();
        self.push_node_id(&mut text);
        text
    }

    /// Why it is not certain, if it is not.
    #[must_use]
    pub fn doubt(&self) -> Option<&'s str> {
        let undecided = self.is_undecided.then_some(UNDECIDED);
        self.function.doubt.as_deref().or(self.file.doubt.as_deref()).or(undecided)
    }

    /// Its marks: the function's, the classes' and the module's, and the case's own.
    pub fn marks(&self) -> impl Iterator<Item = &'s Mark> {
        let own = self.case.map_or(&[][..], |case| &case.marks);
        self.function.marks.iter().chain(self.file.collected.marks.iter()).chain(own)
    }

    /// Where its row is written, or else its function, in bytes from the file's start; `None`
    /// where that lies in another file.
    #[must_use]
    pub fn span(&self) -> Option<Span> {
        self.row().or(self.function.span())
    }

    /// Where its row is written, likewise.
    #[must_use]
    pub fn row(&self) -> Option<Span> {
        self.function.row(self.case?)
    }

    fn is_selected(&self, selection: &Selection) -> Result<Option<bool>, String> {
        let node_id = self.node_id();
        let marks: Vec<&Mark> = self.marks().collect();
        let mut names: Vec<&str> = crate::select::node_names(&node_id).collect();
        names.extend(marks.iter().map(|mark| mark.name.as_str()));
        names.extend(self.function.attributes.iter().map(compact_str::CompactString::as_str));
        let may_have_marks =
            self.function.doubt.is_some() || self.case.is_some_and(|case| case.may_have_marks);
        // Marks are among what `-k` matches.
        let names = KeywordNames { names: &names, may_have_more: may_have_marks };
        let marks = &marks;
        selection.keeps(&Candidate { node_id: &node_id, names: &names, marks, may_have_marks })
    }
}
