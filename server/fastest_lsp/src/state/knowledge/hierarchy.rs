//! The call hierarchy of fixtures.

use fastest_ide::hierarchy::{self, Item, Link};
use tower_lsp::lsp_types::{
    CallHierarchyIncomingCall, CallHierarchyItem, CallHierarchyOutgoingCall, SymbolKind,
    TextDocumentPositionParams,
};

use super::super::State;
use super::places::Places;

impl State {
    /// `textDocument/prepareCallHierarchy`
    pub(super) fn hierarchy(
        &mut self,
        at: &TextDocumentPositionParams,
    ) -> Option<Vec<CallHierarchyItem>> {
        let (path, offset) = self.offset(at)?;
        let found = self.ask(&path, |model, file, _| hierarchy::prepare(model, file, offset))??;
        item(&mut Places::new(self), &found).map(|item| vec![item])
    }

    /// `callHierarchy/incomingCalls`
    pub(super) fn incoming(
        &mut self,
        of: &CallHierarchyItem,
    ) -> Option<Vec<CallHierarchyIncomingCall>> {
        let (path, offset) = name_of(of)?;
        let links = self.ask(&path, |model, file, _| hierarchy::incoming(model, file, offset))?;
        let mut places = Places::new(self);
        let call = |link: &Link| {
            let from_ranges =
                link.from.iter().map(|span| places.range(&link.item.target.path, *span)).collect();
            Some(CallHierarchyIncomingCall { from: item(&mut places, &link.item)?, from_ranges })
        };
        Some(links.iter().filter_map(call).collect())
    }

    /// `callHierarchy/outgoingCalls`
    pub(super) fn outgoing(
        &mut self,
        of: &CallHierarchyItem,
    ) -> Option<Vec<CallHierarchyOutgoingCall>> {
        let (path, offset) = name_of(of)?;
        let links = self.ask(&path, |model, file, _| hierarchy::outgoing(model, file, offset))?;
        let mut places = Places::new(self);
        let call = |link: &Link| {
            let from_ranges = link.from.iter().map(|span| places.range(&path, *span)).collect();
            Some(CallHierarchyOutgoingCall { to: item(&mut places, &link.item)?, from_ranges })
        };
        Some(links.iter().filter_map(call).collect())
    }
}

/// The file and the offset of an item's name, open or not.
fn name_of(item: &CallHierarchyItem) -> Option<(std::path::PathBuf, u32)> {
    let path = crate::uris::to_path(item.uri.as_str())?;
    let place = item.data.as_ref()?.as_u64()?;
    Some((path, u32::try_from(place).ok()?))
}

fn item(places: &mut Places<'_>, item: &Item) -> Option<CallHierarchyItem> {
    Some(CallHierarchyItem {
        name: item.name.clone(),
        kind: SymbolKind::FUNCTION,
        tags: None,
        detail: None,
        uri: places.uri(&item.target.path)?,
        range: places.range(&item.target.path, item.target.span),
        selection_range: places.range(&item.target.path, item.target.focus),
        data: Some(item.target.focus.start.into()),
    })
}
