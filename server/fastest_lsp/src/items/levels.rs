//! Items of roots, folders and files.

use fastest_model::{Severity, Span};

use crate::protocol::Range;
use crate::protocol::items::{Certainty, ItemError, ItemKind, TestItem};
use crate::roots::levels::{Child, parent};
use crate::roots::{Loaded, Root, Slot};

/// A root's own item. Roots are sorted by name.
pub fn root_item(root: &Root, place: usize) -> TestItem {
    let mut item = TestItem::new(root.id.clone(), None, ItemKind::Root, root.name.clone());
    item.uri = Some(root.id.clone());
    item.sort_text = format!("{place:010x}");
    item.can_resolve_children = true;
    if let Some(loaded) = &root.loaded {
        item.child_count = loaded.levels.children("").map(<[Child]>::len);
        item.test_count = Some(loaded.levels.tests(""));
    }
    if let Some(problem) = &root.problem {
        item.error = Some(ItemError { message: problem.clone(), uri: None, range: None });
    }
    item
}

/// A folder's item.
pub fn dir_item(root: &Root, loaded: &Loaded, node_id: &str) -> TestItem {
    let above = root.item_id(parent(node_id));
    let label = node_id.rsplit('/').next().unwrap_or(node_id);
    let mut item = TestItem::new(root.item_id(node_id), Some(above), ItemKind::Dir, label.into());
    node_id.clone_into(&mut item.node_id);
    item.uri = Some(crate::uris::from_path(&loaded.project.config.rootdir.join(node_id)));
    item.can_resolve_children = true;
    item.child_count = loaded.levels.children(node_id).map(<[Child]>::len);
    item.test_count = Some(loaded.levels.tests(node_id));
    item
}

/// A file's item; `place` says where a span is.
pub fn file_item(
    root: &Root,
    slot: &Slot,
    version: Option<i32>,
    uri: String,
    place: &dyn Fn(Span) -> Range,
) -> TestItem {
    let above = root.item_id(parent(&slot.node_id));
    let label = slot.node_id.rsplit('/').next().unwrap_or(&slot.node_id);
    let id = root.item_id(&slot.node_id);
    let mut item = TestItem::new(id, Some(above), ItemKind::File, label.into());
    item.node_id.clone_from(&slot.node_id);
    item.can_resolve_children = true;
    item.test_count = Some(slot.tests);
    let collected = &slot.collected;
    item.error =
        collected.problems.iter().find(|problem| problem.severity >= Severity::CollectError).map(
            |problem| ItemError {
                message: problem.message.clone(),
                uri: Some(uri.clone()),
                range: problem.span.map(place),
            },
        );
    item.stale = collected.fails();
    let open = collected.open.first().map(|open| &open.reason);
    if let Some(reason) = open.or(slot.doubt.as_ref()) {
        item.certainty = Certainty::Runtime;
        item.reason = Some(reason.to_string());
    }
    item.description = collected.skipped.as_ref().map(|reason| format!("skipped: {reason}"));
    item.uri = Some(uri);
    item.version = version.filter(|_| item.error.is_some());
    item
}

/// Whether a file's text does not parse.
pub fn is_broken(slot: &Slot) -> bool {
    let is_syntax = |message: &str| {
        ["SyntaxError", "IndentationError", "TabError"].iter().any(|name| message.contains(name))
    };
    slot.collected
        .problems
        .iter()
        .any(|problem| problem.severity >= Severity::CollectError && is_syntax(&problem.message))
}
