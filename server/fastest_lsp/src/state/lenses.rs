//! Code lenses: Run, Debug, the last result.

use std::time::Duration;

use serde_json::{Value, json};
use tower_lsp::lsp_types::request::CodeLensRefresh;
use tower_lsp::lsp_types::{CodeLens, Command};

use super::{State, Timer};
use crate::items::results::TestResult;
use crate::protocol::Range;
use crate::protocol::items::{ItemKind, TestItem};
use crate::protocol::runs::Outcome;
use crate::roots::Root;

/// While tests run, lenses and diagnostics are asked for again no more often than this.
pub(super) const REFRESH: Duration = Duration::from_millis(400);

/// The lenses of a document, as far as only the loop knows what they are. They are written out
/// elsewhere ([`Lenses::write`]): a long file has thousands.
#[derive(Debug)]
pub struct Lenses {
    of_items: Vec<OfItem>,
    /// What the client carries out itself.
    client_commands: Vec<String>,
}

/// The lenses of an item.
#[derive(Debug)]
struct OfItem {
    range: Range,
    id: String,
    hash: Option<String>,
    debug: bool,
    /// The title of the last result, if there is one.
    result: Option<String>,
}

impl Lenses {
    /// Ranges, titles and commands. Nothing is left to be resolved: it is all known, some clients
    /// show lenses without a title as such, and others ask for each.
    #[must_use]
    pub fn write(self) -> Vec<CodeLens> {
        let Self { of_items, client_commands } = self;
        let mut lenses = Vec::with_capacity(of_items.len() * 2);
        for OfItem { range, id, hash, debug, result } in of_items {
            let mut lens = |kind: &str, result: Option<String>| {
                lenses.push(CodeLens {
                    range: range.into(),
                    data: Some(json!({"id": id, "kind": kind, "hash": hash})),
                    command: Some(command(kind, &id, result, &client_commands)),
                })
            };
            lens("run", None);
            if debug {
                lens("debug", None);
            }
            if result.is_some() {
                lens("result", result);
            }
        }
        lenses
    }
}

/// What a kind of lens says and does.
fn command(kind: &str, id: &str, result: Option<String>, client_commands: &[String]) -> Command {
    let (title, name) = match kind {
        "run" => ("▶ Run".to_owned(), "run"),
        "debug" => ("🐞 Debug".to_owned(), "debug"),
        _ => (result.unwrap_or_else(|| "not run".to_owned()), "showOutput"),
    };
    let client = format!("fastest.client.{name}");
    let carries_out = client_commands.contains(&client);
    let command = if carries_out { client } else { format!("fastest.{name}") };
    Command { title, command, arguments: Some(vec![json!({"itemIds": [id]})]) }
}

impl State {
    /// `textDocument/codeLens`
    pub(super) fn lenses(&mut self, uri: &str) -> Option<Lenses> {
        let path = crate::uris::to_path(uri)?;
        self.documents.get(&path)?;
        let mut of_items = Vec::new();
        self.each_document_item(&path, |root, item| {
            let settings = root.settings.lens;
            let shown = settings.enable && (settings.cases || item.kind != ItemKind::Case);
            let Some(range) = lens_range(item).filter(|_| shown && !item.label.is_empty()) else {
                return;
            };
            of_items.push(OfItem {
                range,
                id: item.id.clone(),
                hash: item.body_hash.clone(),
                debug: settings.debug,
                result: result_title(root, item).filter(|_| settings.result),
            });
        });
        let client_commands = self.profile.client_commands.clone();
        Some(Lenses { of_items, client_commands })
    }

    /// `codeLens/resolve`: the same again, as it is now.
    pub(super) fn resolve_lens(&self, mut lens: CodeLens) -> CodeLens {
        let data = lens.data.clone().unwrap_or(Value::Null);
        let [id, kind] = ["id", "kind"].map(|name| data[name].as_str().unwrap_or_default());
        let commands = &self.profile.client_commands;
        lens.command = Some(command(kind, id, self.title_of(id, &data), commands));
        lens
    }

    fn title_of(&self, id: &str, data: &Value) -> Option<String> {
        let (at, node_id) = self.find(id)?;
        let mut item = TestItem::new(id.to_owned(), None, ItemKind::Function, String::new());
        item.node_id = node_id;
        item.body_hash = data["hash"].as_str().map(str::to_owned);
        result_title(&self.roots[at], &item)
    }

    /// Something happened to lenses: the client is asked to ask for them, soon.
    pub(super) fn lenses_changed(&mut self, count: usize) {
        if count > 0 && !self.stale_lenses {
            self.stale_lenses = true;
            self.set_timer(REFRESH, Timer::Lenses);
        }
    }

    /// Asks the client to ask for lenses again, where there is anything new in them.
    pub(super) fn refresh_lenses(&mut self) {
        if std::mem::take(&mut self.stale_lenses)
            && self.profile.lens_refresh
            && self.documents.iter().next().is_some()
        {
            self.out.ask::<CodeLensRefresh>((), |_| {});
        }
    }
}

/// Where the lenses of an item stand: on the line of its name, as far in as its definition, for
/// some clients draw them above that line at this column; a file's on the first line.
fn lens_range(item: &TestItem) -> Option<Range> {
    match item.kind {
        ItemKind::File => Some(Range::default()),
        ItemKind::Class | ItemKind::Function => from_margin(item.name_range, item.range),
        ItemKind::Case => item.range,
        _ => None,
    }
}

fn from_margin(name: Option<Range>, whole: Option<Range>) -> Option<Range> {
    let (Some(mut range), Some(whole)) = (name, whole) else { return name.or(whole) };
    range.start.character = range.start.character.min(whole.start.character);
    Some(range)
}

/// The last result of an item, or of what it holds.
fn result_title(root: &Root, item: &TestItem) -> Option<String> {
    if let Some(result) = root.results.get(&item.node_id) {
        return Some(title(result, item.body_hash.as_deref()));
    }
    let (good, bad) = root.results.below(&item.node_id);
    match (good, bad) {
        (0, 0) => None,
        (good, 0) => Some(format!("✓ {good}")),
        (good, bad) => Some(format!("✗ {bad} of {}", good + bad)),
    }
}

fn title(result: &TestResult, hash: Option<&str>) -> String {
    let time = shown_time(result.duration_ms);
    let title = match result.outcome {
        Outcome::Passed => format!("✓ {time}"),
        Outcome::Failed => format!("✗ {time}"),
        Outcome::Error => "✗ error".to_owned(),
        Outcome::Skipped => "↷ skipped".to_owned(),
        Outcome::XFailed => format!("✓ xfailed {time}"),
        Outcome::XPassed => format!("✓ xpassed {time}"),
        Outcome::Rerun => format!("↻ {time}"),
    };
    let stale = result.body_hash.as_deref().zip(hash).is_some_and(|(ran, now)| ran != now);
    if stale { format!("{title} (stale)") } else { title }
}

fn shown_time(milliseconds: f64) -> String {
    if milliseconds < 1.0 {
        format!("{milliseconds:.1} ms")
    } else if milliseconds < 1000.0 {
        format!("{milliseconds:.0} ms")
    } else {
        format!("{:.1} s", milliseconds / 1000.0)
    }
}

#[cfg(test)]
mod tests {
    use super::shown_time;

    #[test]
    fn times_are_short() {
        assert_eq!(
            [0.04, 0.26, 12.4, 1234.0].map(shown_time),
            ["0.0 ms", "0.3 ms", "12 ms", "1.2 s"]
        );
    }
}
