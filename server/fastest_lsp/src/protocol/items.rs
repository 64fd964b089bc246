//! Test items and reports of them.

use serde::{Deserialize, Serialize};

use super::{Position, Range, TextDocument};

/// What an item is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ItemKind {
    /// A workspace folder.
    Root,
    /// A folder on the way to a test file.
    Dir,
    /// A test file.
    File,
    /// A class.
    Class,
    /// A function or method.
    Function,
    /// One row of a parametrized function.
    Case,
    /// A subtest, which only a run knows.
    Subtest,
}

/// How an item is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Certainty {
    /// The sources prove it.
    Static,
    /// Only running Python tells.
    Runtime,
}

/// Why pytest cannot collect an item.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
pub struct ItemError {
    /// What is wrong.
    pub message: String,
    /// The file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Where in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
}

/// One item of the tree.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TestItem {
    /// Opaque to the client.
    pub id: String,
    /// The item above; `None` for a root.
    pub parent: Option<String>,
    /// What it is.
    pub kind: ItemKind,
    /// Its name.
    pub label: String,
    /// pytest's node id.
    pub node_id: String,
    /// The order among siblings.
    pub sort_text: String,
    /// Shown beside the label.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Its file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// The version of the open document that the ranges belong to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<i32>,
    /// The definition, or the case's row.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
    /// The name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_range: Option<Range>,
    /// Marks.
    pub tags: Vec<String>,
    /// Whether it holds others.
    pub can_resolve_children: bool,
    /// Direct children.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub child_count: Option<usize>,
    /// Tests below.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub test_count: Option<usize>,
    /// How it is known.
    pub certainty: Certainty,
    /// Why only running Python tells.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Of a file: whether it cannot be collected just now, and what is below is its last good
    /// state.
    #[serde(skip_serializing_if = "is_false")]
    pub stale: bool,
    /// Of what the definition says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body_hash: Option<String>,
    /// Why it cannot be collected.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<ItemError>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it with a reference")]
const fn is_false(value: &bool) -> bool {
    !*value
}

impl TestItem {
    /// An item of which only the names are known.
    pub fn new(id: String, parent: Option<String>, kind: ItemKind, label: String) -> Self {
        Self {
            id,
            parent,
            kind,
            label,
            node_id: String::new(),
            sort_text: String::new(),
            description: None,
            uri: None,
            version: None,
            range: None,
            name_range: None,
            tags: Vec::new(),
            can_resolve_children: false,
            child_count: None,
            test_count: None,
            certainty: Certainty::Static,
            reason: None,
            stale: false,
            body_hash: None,
            error: None,
        }
    }

    /// The lines of its ranges.
    pub fn lines_mut(&mut self) -> impl Iterator<Item = &mut u32> {
        let ranges = [&mut self.range, &mut self.name_range].into_iter().flatten();
        ranges.flat_map(|range| [&mut range.start.line, &mut range.end.line])
    }
}

/// In an open file's items, ranges have moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Moved {
    /// The file's item: all items below it are concerned.
    pub id: String,
    /// The version of the document that their ranges belong to then.
    pub version: i32,
    /// Places on this line and behind it move.
    pub from_line: u32,
    /// Down by so many lines; up, where it is negative.
    pub lines: i32,
}

impl Moved {
    /// Moves the lines of places; whether any does.
    pub fn shift<'l>(&self, lines: impl IntoIterator<Item = &'l mut u32>) -> bool {
        let behind = lines.into_iter().filter(|line| **line >= self.from_line);
        behind.map(|line| *line = line.saturating_add_signed(self.lines)).count() > 0
    }
}

/// What is new, different or gone.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct TestsReport {
    /// Never falls.
    pub generation: u64,
    /// What has moved before all else, one after the other.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<Moved>,
    /// Parents first.
    pub items: Vec<TestItem>,
    /// The direct children of these are listed completely.
    pub scopes: Vec<String>,
    /// These are gone, and all below.
    pub removed: Vec<String>,
}

/// How much is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Depth {
    /// Direct children; of a file, everything.
    #[default]
    Level,
    /// Everything below.
    All,
}

/// `fastest/discoverTests`.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct DiscoverParams {
    /// Children of this.
    pub item_id: Option<String>,
    /// The items of this document.
    pub text_document: Option<TextDocument>,
    /// How much.
    #[serde(default)]
    pub depth: Depth,
}

/// `fastest/relatedTests`.
#[derive(Clone, Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RelatedParams {
    /// The document.
    pub text_document: TextDocument,
    /// A place in it.
    pub position: Option<Position>,
}
