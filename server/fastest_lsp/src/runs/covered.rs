//! What a run has covered: its sums for the client, and what is kept for questions about one file.

use std::cmp::Ordering;
use std::path::{Path, PathBuf};

use fastest_runner::coverage::{
    Coverage, DataFolder, Details, FileLines, Mask, MeasuredFile, Place, details,
};
use fastest_runner::{Cancels, RunError};
use fastest_syntax::document::PositionEncoding;
use rustc_hash::FxHashMap;

use super::messages::Places;
use super::selection::holds;
use crate::protocol::Range;
use crate::protocol::coverage::{
    Branch, Covered as Count, FileCoverage, FileCoverageResult, Function, Statement,
};
use crate::roots::item_id;
use crate::text::{Text, WholeText};

/// A run with more pairs of file and test does not tell them at once: about ten megabytes.
const MANY: usize = 100_000;

/// What is to be done of the coverage of a root once its tests have run.
#[derive(Debug)]
pub struct Covering {
    /// What was measured.
    pub coverage: Coverage,
    /// Where it is combined.
    pub place: Place,
    /// Where the data are.
    pub folder: DataFolder,
    /// The root's folder, as the client names it.
    pub dir: PathBuf,
    /// The texts that ran instead of files.
    pub buffers: Vec<(PathBuf, String)>,
    /// Hears of cancelling.
    pub cancels: Cancels,
}

/// What is kept of the coverage of one run.
#[derive(Debug, Default)]
pub struct Covered(Vec<CoveredRoot>);

#[derive(Debug)]
struct CoveredRoot {
    root: String,
    /// Places of files in the folder, by their paths as the client names them.
    files: FxHashMap<PathBuf, usize>,
    tests: Vec<String>,
    folder: DataFolder,
    texts: FxHashMap<PathBuf, String>,
    encoding: PositionEncoding,
}

/// What one root adds to a run's coverage.
#[derive(Debug)]
pub struct PartCovered {
    /// For the client.
    pub files: Vec<FileCoverage>,
    /// Why there is nothing.
    pub problem: Option<String>,
    kept: CoveredRoot,
}

impl Covering {
    /// Combines what was measured; `None` if the run was cancelled.
    pub async fn finish(mut self, root: &str, places: &Places) -> Option<PartCovered> {
        let found = tokio::select! {
            biased;
            () = self.cancels.next() => return None,
            found = details(&self.place, &self.coverage, &self.buffers) => found,
        };
        Some(self.told(found, root, places))
    }

    fn told(self, found: Result<Details, RunError>, root: &str, places: &Places) -> PartCovered {
        let Details { files, tests, problem } = found.unwrap_or_else(|error| {
            let problem = Some(error.to_string());
            Details { problem, ..Details::default() }
        });
        // Coverage names files by their real paths.
        let real = self.dir.canonicalize().unwrap_or_else(|_| self.dir.clone());
        let shown = |path: &Path| match path.strip_prefix(&real) {
            Ok(rest) => self.dir.join(rest),
            Err(_) => path.to_owned(),
        };
        let ids: Vec<String> = tests.iter().map(|test| item_id(root, test)).collect();
        let are_many = files.iter().map(|file| file.tests.len()).sum::<usize>() > MANY;
        let ids = (!are_many).then_some(&*ids);
        let told = files.iter().map(|file| sums(file, places.uri(&shown(&file.path)), ids));
        PartCovered {
            files: told.collect(),
            problem,
            kept: CoveredRoot {
                root: root.to_owned(),
                files: files.iter().enumerate().map(|(at, f)| (shown(&f.path), at)).collect(),
                tests,
                texts: self.buffers.into_iter().collect(),
                folder: self.folder,
                encoding: places.encoding,
            },
        }
    }
}

/// The sums of a file; `ids` are those of all tests.
fn sums(file: &MeasuredFile, uri: String, ids: Option<&[String]>) -> FileCoverage {
    let count = |(covered, total)| Count { covered, total };
    let of_file = |ids: &[String]| file.tests.iter().map(|&test| ids[test].clone()).collect();
    FileCoverage {
        uri,
        statements: count(file.statements),
        branches: file.branches.map(count),
        functions: file.functions.map(count),
        item_ids: ids.map(of_file),
    }
}

/// The sums of all files, in a line.
pub fn sentence(files: &[FileCoverage]) -> String {
    let mut all = [Count::default(); 2];
    let mut has_branches = false;
    for file in files {
        has_branches |= file.branches.is_some();
        let counts = [file.statements, file.branches.unwrap_or_default()];
        for (sum, count) in all.iter_mut().zip(counts) {
            sum.covered += count.covered;
            sum.total += count.total;
        }
    }
    let [statements, branches] = all;
    let percent = percent(statements.covered + branches.covered, statements.total + branches.total);
    let mut text =
        format!("coverage: {percent}%, {} of {} statements", statements.covered, statements.total);
    if has_branches {
        text += &format!(", {} of {} branches", branches.covered, branches.total);
    }
    let plural = if files.len() == 1 { "" } else { "s" };
    text + &format!(" in {} file{plural}\n", files.len())
}

/// As coverage.py rounds it: halves to even, and 0 and 100 are nothing and everything.
fn percent(covered: u64, total: u64) -> u64 {
    let Some(whole) = (100 * covered).checked_div(total) else { return 100 };
    let up = match (200 * covered % (2 * total)).cmp(&total) {
        Ordering::Less => 0,
        Ordering::Equal => whole % 2,
        Ordering::Greater => 1,
    };
    match whole + up {
        0 if covered > 0 => 1,
        100 if covered < total => 99,
        rounded => rounded,
    }
}

impl Covered {
    /// What is kept of all roots.
    pub fn new(parts: Vec<PartCovered>) -> Self {
        Self(parts.into_iter().map(|part| part.kept).collect())
    }

    /// The lines of a file: whether they were run at all, or by what an item holds.
    ///
    /// # Errors
    /// A sentence, if nothing is known of the file.
    pub fn file(&self, uri: &str, item_id: Option<&str>) -> Result<FileCoverageResult, String> {
        let path = crate::uris::to_path(uri);
        let path = path.ok_or_else(|| format!("`{uri}` is no file"))?;
        let known = self.0.iter().find_map(|root| Some((root, *root.files.get(&path)?)));
        let (root, place) = known.ok_or_else(|| format!("`{uri}` was not measured"))?;
        let lines = root
            .folder
            .lines(place)
            .map_err(|error| format!("the coverage of `{uri}` cannot be read: {error}"))?;
        Ok(root.told(&lines, &path, item_id))
    }
}

impl CoveredRoot {
    fn told(&self, lines: &FileLines, path: &Path, item: Option<&str>) -> FileCoverageResult {
        let text = match self.texts.get(path) {
            Some(buffer) => WholeText::new(buffer.clone()),
            None => WholeText::read(path),
        };
        let text = Text::Whole(text);
        let range = |first: u32, last: u32| Range {
            start: text.line_range(first.saturating_sub(1), self.encoding).start,
            end: text.line_range(last.saturating_sub(1), self.encoding).end,
        };
        let ran = Ran { lines, chosen: item.map(|item| self.chosen(lines, item)) };
        let statements = lines.statements.iter().enumerate().map(|(at, &(first, last, _))| {
            Statement { range: range(first, last), count: u32::from(ran.statement(at)) }
        });
        let branches = lines.branches.iter().enumerate().map(|(at, &(line, to, _))| Branch {
            line,
            to: to.max(-1),
            taken: ran.branch(at),
        });
        let functions = lines.functions.iter().map(|(name, first, last, body)| Function {
            name: name.clone(),
            range: range(*first, *last),
            count: u32::from(ran.some_of(body)),
        });
        FileCoverageResult {
            statements: statements.collect(),
            branches: branches.collect(),
            functions: functions.collect(),
            item_ids: lines
                .tests
                .iter()
                .map(|(test, ..)| item_id(&self.root, &self.tests[*test]))
                .collect(),
        }
    }

    /// What the tests ran that an item holds.
    fn chosen<'l>(&self, lines: &'l FileLines, item: &str) -> Vec<(&'l Mask, &'l Mask)> {
        let node = item.strip_prefix(&self.root).map(|node| node.trim_start_matches("//"));
        let is_held = |test: usize| node.is_some_and(|node| holds(node, &self.tests[test]));
        let held = lines.tests.iter().filter(|(test, ..)| is_held(*test));
        held.map(|(_, statements, branches)| (statements, branches)).collect()
    }
}

/// What ran of a file: at all, or by some tests.
struct Ran<'l> {
    lines: &'l FileLines,
    chosen: Option<Vec<(&'l Mask, &'l Mask)>>,
}

impl Ran<'_> {
    fn statement(&self, at: usize) -> bool {
        match &self.chosen {
            Some(chosen) => chosen.iter().any(|(statements, _)| statements.has(at)),
            None => self.lines.statements[at].2,
        }
    }

    fn branch(&self, at: usize) -> bool {
        match &self.chosen {
            Some(chosen) => chosen.iter().any(|(_, branches)| branches.has(at)),
            None => self.lines.branches[at].2,
        }
    }

    fn some_of(&self, body: &Mask) -> bool {
        (0..self.lines.statements.len()).any(|at| body.has(at) && self.statement(at))
    }
}

#[cfg(test)]
mod tests {
    use super::{Count, FileCoverage, percent, sentence};

    #[test]
    fn all_and_nothing_are_not_rounded_to() {
        let found = [(0, 9), (1, 1000), (5, 8), (7, 8), (999, 1000), (9, 9), (0, 0)];
        let rounded = found.map(|(covered, total)| percent(covered, total));
        assert_eq!(rounded, [0, 1, 62, 88, 99, 100, 100]);
    }

    #[test]
    fn a_line_sums_up() {
        let file = |branches| FileCoverage {
            uri: String::new(),
            statements: Count { covered: 3, total: 4 },
            branches,
            functions: None,
            item_ids: None,
        };
        assert_eq!(sentence(&[file(None)]), "coverage: 75%, 3 of 4 statements in 1 file\n");
        let files = [file(None), file(Some(Count { covered: 1, total: 2 }))];
        assert_eq!(
            sentence(&files),
            "coverage: 70%, 6 of 8 statements, 1 of 2 branches in 2 files\n"
        );
    }
}
