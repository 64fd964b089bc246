//! A file's classes, functions and cases as items.

use fastest_index::collect::session::SessionItem;
use fastest_index::collect::{TestClass, TestFunction};
use fastest_index::select::Selection;
use fastest_index::values::Mark;
use fastest_model::Span;
use fastest_syntax::document::PositionEncoding;
use rustc_hash::{FxHashMap, FxHashSet};

use super::found::FoundItem;
use crate::protocol::items::{Certainty, ItemKind, TestItem};
use crate::roots::{Slot, item_id};
use crate::text::Text;

/// What a file's items are made of.
#[derive(Debug)]
pub struct View<'v> {
    /// The root's id.
    pub root: &'v str,
    /// The file.
    pub slot: &'v Slot,
    /// Its text.
    pub text: &'v Text<'v>,
    /// Its URI.
    pub uri: &'v str,
    /// Its version, if it is open.
    pub version: Option<i32>,
    /// What the arguments take away.
    pub selection: &'v Selection,
    /// What columns count.
    pub encoding: PositionEncoding,
    /// What runs have found in it.
    pub found: &'v [FoundItem],
}

/// The items below a file, parents first.
pub fn items(view: &View<'_>) -> Vec<TestItem> {
    let mut render = Render { view, items: Vec::new(), places: FxHashMap::default() };
    let session = view.slot.shown(view.selection);
    for item in session.items() {
        render.add(&item);
    }
    render.add_found();
    render.items
}

/// The items of some of a file's tests.
pub fn items_of<'s>(
    view: &View<'_>,
    tests: impl Iterator<Item = SessionItem<'s>>,
) -> Vec<TestItem> {
    let mut render = Render { view, items: Vec::new(), places: FxHashMap::default() };
    tests.for_each(|item| render.add(&item));
    render.items
}

/// Puts back, in their old places, items that were there when the file was last good and are
/// not now, as what they then were.
pub fn keep_lost(items: Vec<TestItem>, good: &[TestItem]) -> Vec<TestItem> {
    let there: FxHashSet<&str> = items.iter().map(|item| &*item.id).collect();
    if good.iter().all(|lost| there.contains(&*lost.id)) {
        return items;
    }
    let mut now: FxHashMap<String, TestItem> =
        items.iter().map(|item| (item.id.clone(), item.clone())).collect();
    let mut all: Vec<TestItem> = Vec::with_capacity(good.len());
    for old in good {
        all.push(now.remove(&old.id).unwrap_or_else(|| old.clone()));
    }
    all.extend(items.into_iter().filter(|item| now.contains_key(&item.id)));
    all
}

struct Render<'r> {
    view: &'r View<'r>,
    items: Vec<TestItem>,
    /// Places of items by node id.
    places: FxHashMap<String, usize>,
}

impl Render<'_> {
    fn add(&mut self, item: &SessionItem<'_>) {
        let class = item.function.class;
        let parent = self.class(item, class);
        let function = self.function(item, &parent);
        if let Some(case) = item.case
            && let Some(id) = &case.id
        {
            self.case(item, id, &function);
        }
    }

    /// Puts an item in below its parent, unless it is there.
    fn put(&mut self, parent: &str, node_id: String, make: impl FnOnce(&Self) -> TestItem) {
        if self.places.contains_key(&node_id) {
            return;
        }
        let mut item = make(self);
        item.id = item_id(self.view.root, &node_id);
        item.parent = Some(item_id(self.view.root, parent));
        item.uri = Some(self.view.uri.to_owned());
        item.version = self.view.version;
        item.node_id.clone_from(&node_id);
        let counts = matches!(item.kind, ItemKind::Function | ItemKind::Class);
        if counts {
            item.child_count = Some(0);
        }
        if let Some(&at) = self.places.get(parent) {
            let above = &mut self.items[at];
            above.can_resolve_children = true;
            above.child_count = above.child_count.map(|count| count + 1);
        }
        self.places.insert(node_id, self.items.len());
        self.items.push(item);
    }

    /// The node id of a class, or of the file where there is none.
    fn class(&mut self, item: &SessionItem<'_>, class: Option<u32>) -> String {
        let file = &self.view.slot.node_id;
        let classes = &item.file.collected.classes;
        let Some(class) = class.and_then(|index| classes.get(index as usize)) else {
            return file.clone();
        };
        let node_id = format!("{file}::{}", class.path);
        if !self.places.contains_key(&node_id) {
            let parent = self.class(item, class.parent);
            self.put(&parent, node_id.clone(), |render| render.class_item(class));
        }
        node_id
    }

    fn class_item(&self, class: &TestClass) -> TestItem {
        let label = class.path.rsplit("::").next().unwrap_or(&class.path);
        let mut item = blank(ItemKind::Class, label);
        self.place(&mut item, class.span(), class.name_span());
        item.tags = tags(class.marks.iter().chain(self.module_marks()));
        item
    }

    fn function(&mut self, item: &SessionItem<'_>, parent: &str) -> String {
        let function = item.function;
        let node_id = format!("{parent}::{}", function.name);
        self.put(parent, node_id.clone(), |render| render.function_item(function));
        if let (Some(reason), Some(&at)) = (item.doubt(), self.places.get(&node_id)) {
            self.items[at].certainty = Certainty::Runtime;
            self.items[at].reason = Some(reason.to_owned());
        }
        node_id
    }

    fn function_item(&self, function: &TestFunction) -> TestItem {
        let mut item = blank(ItemKind::Function, &function.name);
        self.place(&mut item, function.span(), function.name_span());
        item.body_hash = function.span().map(|span| format!("{:016x}", self.view.text.hash(span)));
        item.tags = tags(function.marks.iter().chain(self.module_marks()));
        item
    }

    fn module_marks(&self) -> impl Iterator<Item = &Mark> {
        self.view.slot.collected.marks.iter()
    }

    fn case(&mut self, of: &SessionItem<'_>, id: &str, function: &str) {
        let node_id = format!("{function}[{id}]");
        let (marks, row, name) = (of.marks(), of.row(), of.function.name_span());
        self.put(function, node_id, |render| {
            let mut item = blank(ItemKind::Case, id);
            // A case without a row of its own (a parametrized fixture's) is at its function.
            render.place(&mut item, row.or(name), None);
            item.tags = tags(marks);
            item
        });
    }

    fn place(&self, item: &mut TestItem, span: Option<Span>, name: Option<Span>) {
        let range = |span: Span| self.view.text.range(span, self.view.encoding);
        item.range = span.map(range);
        item.name_range = name.map(range);
    }

    fn add_found(&mut self) {
        for found in self.view.found {
            let parent = self.places.get(&found.parent).copied();
            let is_file = found.parent == self.view.slot.node_id;
            if self.places.contains_key(&found.node_id) || (parent.is_none() && !is_file) {
                continue;
            }
            let around = parent.map(|at| {
                let above = &self.items[at];
                (above.range, above.name_range, above.tags.clone())
            });
            self.put(&found.parent, found.node_id.clone(), |_| {
                let mut item = blank(found.kind, &found.label);
                item.certainty = Certainty::Runtime;
                if let Some((range, name, tags)) = around {
                    item.range = name.or(range);
                    item.tags = tags;
                }
                item
            });
        }
    }
}

fn blank(kind: ItemKind, label: &str) -> TestItem {
    TestItem::new(String::new(), None, kind, label.to_owned())
}

/// One tag for each mark.
fn tags<'m>(marks: impl Iterator<Item = &'m Mark>) -> Vec<String> {
    let mut tags: Vec<String> = Vec::new();
    for mark in marks {
        let tag = format!("mark:{}", mark.name);
        if !tags.contains(&tag) {
            tags.push(tag);
        }
    }
    tags
}
