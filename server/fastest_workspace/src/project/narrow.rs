//! A session of some of a command line's files.

use std::path::{Path, PathBuf};

use super::Project;
use crate::config::ArgsSource;
use crate::config::arguments::CollectionArgument;
use crate::options::UsageError;

impl Project {
    /// Goes on as if the command line had named just these of the files that it leads to, with the
    /// root and the configuration that it has without that: call it before anything is discovered.
    /// Of a file whose tests the command line names one by one, these remain.
    ///
    /// # Errors
    ///
    /// An argument of the command line that names nothing.
    pub fn narrow(&mut self, files: &[PathBuf]) -> Result<(), UsageError> {
        let given = self.config.collection_arguments(&|dotted| self.find_argument(dotted))?;
        let config = &mut self.config;
        let named = files.iter().flat_map(|file| {
            arguments_of(file, &given, &config.args)
                .unwrap_or_else(|| vec![shown(file, &config.invocation_dir)])
        });
        config.args = named.collect();
        config.options.args.clone_from(&config.args);
        config.args_source = ArgsSource::Args;
        // pytest would look for both from the arguments up.
        let passthrough = &mut config.options.passthrough;
        passthrough.push(format!("--rootdir={}", config.rootdir.display()));
        passthrough.extend(config.inipath.iter().map(|path| format!("-c{}", path.display())));
        Ok(())
    }
}

/// The arguments that name single tests of a file, unless one means all of it.
fn arguments_of(
    file: &Path,
    given: &[CollectionArgument],
    written: &[String],
) -> Option<Vec<String>> {
    let holding = || given.iter().filter(|argument| file.starts_with(&argument.path));
    if holding().any(|argument| argument.names.is_empty()) {
        return None;
    }
    let texts: Vec<String> =
        holding().filter_map(|argument| written.get(argument.index).cloned()).collect();
    (!texts.is_empty()).then_some(texts)
}

/// A path below a folder as it is seen from there.
fn shown(path: &Path, folder: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).to_string_lossy().into_owned()
}
