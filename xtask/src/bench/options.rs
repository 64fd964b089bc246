//! The options of `cargo xtask bench`.

use std::path::PathBuf;

use super::lsp::Manner;
use crate::shell::{Done, build_release};

/// What is measured, and how often.
pub struct Options {
    pub tests: Vec<u32>,
    pub styles: Vec<String>,
    pub runs: usize,
    pub names: Vec<String>,
    pub manner: Manner,
    binary: Option<PathBuf>,
}

impl Options {
    pub fn parse(arguments: &[&str]) -> Done<Self> {
        let mut options = Self {
            tests: Vec::new(),
            styles: Vec::new(),
            runs: 5,
            names: Vec::new(),
            manner: Manner::default(),
            binary: None,
        };
        let mut rest = arguments.iter();
        while let Some(&argument) = rest.next() {
            let mut value = || rest.next().ok_or_else(|| format!("{argument} needs a value"));
            match argument {
                "--tests" => options.tests.push(number(value()?)?),
                "--runs" => options.runs = number(value()?)? as usize,
                "--binary" => options.binary = Some(PathBuf::from(value()?)),
                "--slowest" => options.manner.slowest = number(value()?)? as usize,
                "--processor" => options.manner.processor = true,
                "--style" => options.styles.push((*value()?).to_owned()),
                name if !name.starts_with('-') => options.names.push(name.to_owned()),
                unknown => return Err(format!("{unknown} is not an option of bench")),
            }
        }
        if options.tests.is_empty() {
            options.tests = vec![1_000, 100_000];
        }
        if options.styles.is_empty() {
            options.styles = ["trivial", "mixed"].map(str::to_owned).to_vec();
        }
        Ok(options)
    }

    /// Whether a part of a benchmark is to be measured: all are, unless some are named.
    pub fn asks_for(&self, part: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|name| name == part)
    }

    /// The binary that is measured: the one that is named, or the release that is built now.
    pub fn binary(&self) -> Done<PathBuf> {
        match &self.binary {
            Some(binary) if binary.is_file() => Ok(binary.clone()),
            Some(binary) => Err(format!("{} is no file", binary.display())),
            None => build_release(),
        }
    }
}

fn number(text: &str) -> Done<u32> {
    text.parse().map_err(|_| format!("{text} is not a number"))
}
