//! What the client asks of items, and what it is told of them unasked.

use std::path::Path;

use tower_lsp::jsonrpc::Result;

use super::view::item_of_file;
use super::{State, invalid};
use crate::event::{Event, Reply};
use crate::items::known::{look_at, sort_text_at};
use crate::items::levels::{dir_item, root_item};
use crate::items::shown::Shown;
use crate::protocol::items::{Depth, DiscoverParams, ItemKind, TestItem, TestsReport};
use crate::roots::levels::{Child, above, parent};
use crate::roots::{Loaded, Root};

impl State {
    /// `fastest/discoverTests`
    pub(super) fn discover(&mut self, params: DiscoverParams, reply: Reply<TestsReport>) {
        match self.answer(&params) {
            Some(answer) => reply.send(answer),
            None => self.waiting.push(Event::Discover(params, reply)),
        }
    }

    /// The answer; `None` while a root must be read first.
    fn answer(&mut self, params: &DiscoverParams) -> Option<Result<TestsReport>> {
        let mut report = TestsReport::default();
        if let Some(document) = &params.text_document {
            let path = crate::uris::to_path(&document.uri);
            let at = path.as_deref().and_then(|path| self.root_of(path));
            if let (Some(at), Some(path)) = (at, path) {
                self.wait_for(at)?;
                self.report_document(at, &path, &mut report);
            }
        } else if let Some(id) = &params.item_id {
            let Some((at, node_id)) = self.find(id) else {
                return Some(Err(invalid(format!("there is no item `{id}`"))));
            };
            self.wait_for(at)?;
            if !self.report_below(at, &node_id, params.depth, &mut report) {
                return Some(Err(invalid(format!("there is no item `{id}`"))));
            }
        } else {
            self.report_roots(params.depth, &mut report)?;
        }
        self.generation += 1;
        report.generation = self.generation;
        Some(Ok(report))
    }

    /// `None` while a root is read for the first time.
    fn wait_for(&self, at: usize) -> Option<()> {
        (!self.roots[at].is_unread()).then_some(())
    }

    /// The root and node id of an item id.
    pub(super) fn find(&self, item_id: &str) -> Option<(usize, String)> {
        let roots = self.roots.iter().enumerate();
        let mut found = roots.filter_map(|(at, root)| Some((at, root.node_id(item_id)?)));
        found.next().map(|(at, node_id)| (at, node_id.to_owned()))
    }

    fn report_roots(&mut self, depth: Depth, report: &mut TestsReport) -> Option<()> {
        if depth == Depth::All {
            for at in 0..self.roots.len() {
                self.wait_for(at)?;
            }
        }
        for at in 0..self.roots.len() {
            let item = root_item(&self.roots[at], at);
            self.roots[at].told.insert(item.id.clone(), look_at(&item));
            report.items.push(item);
            if depth == Depth::All {
                self.report_below(at, "", depth, report);
            }
        }
        Some(())
    }

    /// The children of a level, or all of a file or of what lies in a file; `false` if there is
    /// no such node.
    fn report_below(
        &mut self,
        at: usize,
        node_id: &str,
        depth: Depth,
        report: &mut TestsReport,
    ) -> bool {
        let root = &self.roots[at];
        let Some(loaded) = &root.loaded else {
            report.scopes.push(root.item_id(node_id));
            return node_id.is_empty();
        };
        if let Some(children) = loaded.levels.children(node_id) {
            let children = children.to_vec();
            self.roots[at].all |= node_id.is_empty() && depth == Depth::All;
            self.report_level(at, node_id, report);
            if depth == Depth::All {
                for child in children {
                    match child {
                        Child::Dir(below) => drop(self.report_below(at, &below, depth, report)),
                        Child::File(place) => self.report_file(at, place, report),
                    }
                }
            }
            return true;
        }
        let Some(place) = loaded.at_node_id(crate::roots::file_of(node_id)) else { return false };
        self.report_file(at, place, report);
        true
    }

    fn report_level(&mut self, at: usize, level: &str, report: &mut TestsReport) {
        let items = self.level_items(at, level);
        let root = &mut self.roots[at];
        let known = root.known.entry(level.to_owned()).or_default();
        report.items.extend(known.update(items).all());
        report.scopes.push(root.item_id(level));
    }

    fn level_items(&self, at: usize, level: &str) -> Vec<TestItem> {
        let root = &self.roots[at];
        let Some(loaded) = &root.loaded else { return Vec::new() };
        let item = |child: &Child| match child {
            Child::Dir(node_id) => dir_item(root, loaded, node_id),
            Child::File(place) => {
                item_of_file(root, loaded, *place, &self.documents, &self.profile)
            }
        };
        loaded.levels.children(level).unwrap_or_default().iter().map(item).collect()
    }

    fn report_file(&mut self, at: usize, place: usize, report: &mut TestsReport) {
        let items = self.items_of(at, place);
        let root = &mut self.roots[at];
        let Some(loaded) = &root.loaded else { return };
        let slot = &loaded.files[place];
        let node_id = slot.node_id.clone();
        report.scopes.push(root.item_id(&node_id));
        let mut all = items;
        if !root.shown.contains_key(&node_id) {
            let revision = self.documents.get(&slot.path).map(|open| open.revision);
            let known = root.known.entry(node_id).or_default();
            known.revision = revision;
            all = known.update(all).all();
            self.keep_shown(at, place, all.clone());
        }
        let holds = |item: &&TestItem| {
            matches!(item.kind, ItemKind::Class | ItemKind::Function | ItemKind::Case)
                && item.can_resolve_children
        };
        report.scopes.extend(all.iter().filter(holds).map(|item| item.id.clone()));
        report.items.extend(all);
    }

    /// A document's file with what is above it and all below it.
    fn report_document(&mut self, at: usize, path: &Path, report: &mut TestsReport) {
        let root = &self.roots[at];
        let Some(loaded) = &root.loaded else { return };
        let Some(place) = loaded.at_path(path) else { return };
        let node_id = loaded.files[place].node_id.clone();
        let mut lineage: Vec<String> = above(&node_id).map(str::to_owned).collect();
        lineage.reverse();
        lineage.push(node_id);
        for node_id in lineage {
            let item = self.single_item(at, &node_id);
            report.items.extend(item.map(|item| self.note_single(at, item).0));
        }
        self.report_file(at, place, report);
    }

    /// The item of a root, folder or file.
    pub(super) fn single_item(&self, at: usize, node_id: &str) -> Option<TestItem> {
        let root = &self.roots[at];
        let loaded = root.loaded.as_ref()?;
        if node_id.is_empty() {
            return Some(root_item(root, at));
        }
        match loaded.at_node_id(node_id) {
            Some(place) => Some(item_of_file(root, loaded, place, &self.documents, &self.profile)),
            None => loaded.levels.children(node_id).map(|_| dir_item(root, loaded, node_id)),
        }
    }

    /// Notes that the client knows an item of a level; the item in its place, and whether the
    /// client did not know it as it is.
    fn note_single(&mut self, at: usize, mut item: TestItem) -> (TestItem, bool) {
        let place = self.place_on_level(at, &item);
        let root = &mut self.roots[at];
        let level = parent(&item.node_id);
        if item.kind != ItemKind::Root {
            let known = root.known.get_mut(level);
            if let Some(known) = known
                && let Some(sort_text) = known.sort_text(&item.id)
            {
                item.sort_text = sort_text;
                let fresh = known.update_one(item.clone()).is_some();
                return (item, fresh);
            }
            item.sort_text = sort_text_at(place);
        }
        let look = look_at(&item);
        let fresh = root.told.insert(item.id.clone(), look) != Some(look);
        (item, fresh)
    }

    fn place_on_level(&self, at: usize, item: &TestItem) -> usize {
        let Some(loaded) = &self.roots[at].loaded else { return 0 };
        let children = loaded.levels.children(parent(&item.node_id)).unwrap_or_default();
        let is_it = |child: &Child| match child {
            Child::Dir(node_id) => *node_id == item.node_id,
            Child::File(place) => loaded.files[*place].node_id == item.node_id,
        };
        children.iter().position(is_it).unwrap_or(0)
    }

    /// Whether the client knows an item of a level.
    fn is_told(&self, at: usize, node_id: &str) -> bool {
        let root = &self.roots[at];
        let id = root.item_id(node_id);
        let on_level =
            || root.known.get(parent(node_id)).is_some_and(|k| k.sort_text(&id).is_some());
        root.told.contains_key(&id) || (!node_id.is_empty() && on_level())
    }

    /// Tells of an open document all that the client does not know.
    pub(super) fn introduce(&mut self, path: &Path) {
        if !self.profile.test_items {
            return;
        }
        for at in 0..self.roots.len() {
            let root = &self.roots[at];
            let Some(loaded) = &root.loaded else { continue };
            let Some(place) = loaded.at_path(path) else { continue };
            if root.is_known(&loaded.files[place].node_id) {
                continue;
            }
            let mut report = TestsReport::default();
            self.report_document(at, path, &mut report);
            self.send_report(report);
        }
    }

    /// Tells of files whose items or texts have changed.
    pub(super) fn tell_files(&mut self, at: usize, places: &[usize]) {
        let mut report = TestsReport::default();
        for &place in places {
            self.add_file_news(at, place, &mut report);
            let Some(loaded) = &self.roots[at].loaded else { continue };
            let path = &loaded.files[place].path;
            if !self.late.contains(path) {
                self.undiagnosed.insert(path.clone());
            }
        }
        self.lenses_changed(places.len());
        self.send_report(report);
    }

    fn add_file_news(&mut self, at: usize, place: usize, report: &mut TestsReport) {
        let Some(loaded) = &self.roots[at].loaded else { return };
        let node_id = loaded.files[place].node_id.clone();
        let mut lineage: Vec<&str> = std::iter::once(&*node_id).chain(above(&node_id)).collect();
        lineage.reverse();
        for told in lineage {
            // Who knows what is below a file is told whether it is stale.
            if (self.is_told(at, told) || (told == node_id && self.roots[at].is_known(told)))
                && let Some(item) = self.single_item(at, told)
            {
                let (item, fresh) = self.note_single(at, item);
                report.items.extend(fresh.then_some(item));
            }
        }
        if !self.roots[at].is_known(&node_id) {
            return;
        }
        let follows = self.tell_moves(at, place, report);
        if follows && self.add_block_news(at, place, report).is_some() {
            return;
        }
        self.roots[at].retire(&node_id);
        let items = self.items_of(at, place);
        let known = self.roots[at].known.entry(node_id).or_default();
        let mut update = known.update(items);
        report.removed.append(&mut update.removed);
        report.items.extend(update.news().cloned());
        self.keep_shown(at, place, update.all());
    }

    /// Tells what reading a root again has changed.
    pub(super) fn tell_root(&mut self, at: usize, before: Option<&Loaded>) {
        let mut report = TestsReport::default();
        let mut keys: Vec<String> = self.roots[at].known.keys().cloned().collect();
        // Levels before what is on them.
        keys.sort_unstable_by_key(|key| (key.matches('/').count(), key.len()));
        for key in keys {
            self.add_key_news(at, &key, before, &mut report);
        }
        if self.roots[at].all {
            self.report_unknown(at, "", &mut report);
        }
        self.drop_untold(at, &mut report);
        self.send_report(report);
        let open: Vec<_> = self.documents.iter().map(|(path, _)| path.clone()).collect();
        for path in open {
            self.introduce(&path);
        }
        let Some(loaded) = &self.roots[at].loaded else { return };
        let failing = loaded.files.iter().filter(|slot| slot.collected.fails());
        self.undiagnosed.extend(failing.map(|slot| slot.path.clone()));
        self.lenses_changed(1);
    }

    /// Levels and files below a level that the client does not know yet.
    fn report_unknown(&mut self, at: usize, level: &str, report: &mut TestsReport) {
        let loaded = self.roots[at].loaded.as_ref();
        let children = loaded.and_then(|loaded| loaded.levels.children(level));
        for child in children.map(<[Child]>::to_vec).unwrap_or_default() {
            match child {
                Child::Dir(below) => {
                    if !self.roots[at].is_known(&below) {
                        self.report_level(at, &below, report);
                    }
                    self.report_unknown(at, &below, report);
                }
                Child::File(place) => {
                    let loaded = self.roots[at].loaded.as_ref();
                    let node_id = loaded.map(|loaded| loaded.files[place].node_id.clone());
                    if node_id.is_some_and(|node_id| !self.roots[at].is_known(&node_id)) {
                        self.report_file(at, place, report);
                    }
                }
            }
        }
    }

    fn add_key_news(
        &mut self,
        at: usize,
        key: &str,
        before: Option<&Loaded>,
        report: &mut TestsReport,
    ) {
        let Some(loaded) = &self.roots[at].loaded else { return };
        if loaded.levels.children(key).is_some() {
            let items = self.level_items(at, key);
            let known = self.roots[at].known.entry(key.to_owned()).or_default();
            let mut update = known.update(items);
            report.removed.append(&mut update.removed);
            report.items.extend(update.news().cloned());
            return;
        }
        let Some(place) = loaded.at_node_id(key) else {
            self.roots[at].known.remove(key);
            self.roots[at].good.remove(key);
            self.roots[at].shown.remove(key);
            return;
        };
        let slot = &loaded.files[place];
        let same = before.and_then(|before| before.files.get(before.at_node_id(key)?));
        let is_same = same.is_some_and(|same| same.collected.has_items_of(&slot.collected));
        let is_open = self.documents.get(&slot.path).is_some();
        if !is_same || is_open {
            self.add_file_news(at, place, report);
        }
    }

    /// Items that were told of without their level, and are gone.
    fn drop_untold(&mut self, at: usize, report: &mut TestsReport) {
        let root = &self.roots[at];
        let gone = |id: &&String| {
            root.node_id(id).is_some_and(|node_id| self.single_item(at, node_id).is_none())
        };
        let gone: Vec<String> = root.told.keys().filter(gone).cloned().collect();
        for id in gone {
            self.roots[at].told.remove(&id);
            report.removed.push(id);
        }
    }

    /// Tells what is new of the roots themselves.
    pub(super) fn tell_roots(&mut self) {
        let mut report = TestsReport::default();
        let asked = self.roots.iter().any(|root| root.told.contains_key(&root.id));
        for at in 0..self.roots.len() {
            let item = root_item(&self.roots[at], at);
            let look = look_at(&item);
            let told = &mut self.roots[at].told;
            if (asked || self.profile.test_items)
                && told.insert(item.id.clone(), look) != Some(look)
            {
                report.items.push(item);
            }
        }
        self.send_report(report);
    }

    /// A folder was taken out of the workspace.
    pub(super) fn forget_root(&mut self, root: Root) {
        let removed = vec![root.id.clone()];
        self.send_report(TestsReport { removed, ..TestsReport::default() });
        self.drop_diagnostics(&root);
    }

    fn send_report(&mut self, mut report: TestsReport) {
        let is_empty =
            report.items.is_empty() && report.removed.is_empty() && report.moved.is_empty();
        if is_empty || !self.profile.test_items {
            return;
        }
        self.generation += 1;
        report.generation = self.generation;
        self.out.notify("fastest/testsChanged", &report);
    }

    /// The items of an open document, whether or not the client was told of them.
    pub(super) fn document_items(&mut self, path: &Path) -> Vec<TestItem> {
        let mut all = Vec::new();
        self.each_document_item(path, |_, item| all.push(item.clone()));
        all
    }

    /// Looks at them, each with its root.
    pub(super) fn each_document_item(
        &mut self,
        path: &Path,
        mut look: impl FnMut(&Root, &TestItem),
    ) {
        for at in 0..self.roots.len() {
            let Some(loaded) = &self.roots[at].loaded else { continue };
            let Some(place) = loaded.at_path(path) else { continue };
            let node_id = loaded.files[place].node_id.clone();
            let file = self.single_item(at, &node_id);
            let shown = self.roots[at].shown.contains_key(&node_id);
            let others = if shown { Vec::new() } else { self.items_of(at, place) };
            let root = &self.roots[at];
            let own = root.shown.get(&node_id).into_iter().flat_map(Shown::items);
            file.iter().chain(own).chain(&others).for_each(|item| look(root, item));
        }
    }
}
