//! Byte offsets to line numbers, for people and programs.

use std::path::{Path, PathBuf};

use fastest_workspace::project::Project;
use rustc_hash::FxHashMap;

/// Line numbers of a project's files. Reads a file when it is first asked about.
pub struct Lines<'p> {
    project: &'p Project,
    starts: FxHashMap<PathBuf, Vec<u32>>,
}

impl<'p> Lines<'p> {
    /// Nothing is read yet.
    pub fn new(project: &'p Project) -> Self {
        Self { project, starts: FxHashMap::default() }
    }

    /// The 1-based line of an offset; 1 where the file cannot be read.
    pub fn line(&mut self, path: &Path, offset: u32) -> usize {
        let starts = match self.starts.get(path) {
            Some(starts) => starts,
            None => {
                let starts = line_starts(&std::fs::read(path).unwrap_or_default());
                self.starts.entry(path.to_owned()).or_insert(starts)
            }
        };
        starts.partition_point(|&start| start <= offset).max(1)
    }

    /// A path as people know it: relative to the rootdir where it lies below.
    pub fn shown(&self, path: &Path) -> String {
        fastest_index::collect::node_path(path, &self.project.config.rootdir)
    }
}

/// Where lines start, by Python's rule: after `\n`, `\r\n` and `\r`.
fn line_starts(source: &[u8]) -> Vec<u32> {
    let mut starts = vec![0];
    for (at, &byte) in (1u32..).zip(source) {
        let ends = byte == b'\n' || (byte == b'\r' && source.get(at as usize) != Some(&b'\n'));
        if ends {
            starts.push(at);
        }
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::line_starts;

    #[test]
    fn every_kind_of_line_end_counts_once() {
        assert_eq!(line_starts(b"a\nb\r\nc\rd"), [0, 2, 5, 7]);
    }
}
