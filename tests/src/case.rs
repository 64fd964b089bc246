//! A case's text, and the project that it describes on disk. What the lines before the files mean
//! is up to the test: see `conformance/main.rs` and `runs/main.rs`.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

/// One case; see the top of a test's `main.rs` for its text.
#[derive(Debug, Default)]
pub struct Case {
    pub name: String,
    pub runs: Vec<Vec<String>>,
    pub cwd: String,
    pub env: Vec<(String, String)>,
    pub runtime: Vec<String>,
    pub phantoms: Vec<String>,
    /// Whether ours is known to differ; why is in the file.
    pub differs: bool,
    pub errors: Vec<String>,
    pub needs: Vec<String>,
    /// Lines that only some tests know, as key and value.
    pub others: Vec<(String, String)>,
    links: Vec<(String, String)>,
    files: Vec<File>,
}

#[derive(Debug)]
struct File {
    path: String,
    encoding: String,
    text: String,
}

/// A case on disk, for as long as this lives.
pub struct Project {
    _temporary: TempDir,
    /// The project's folder.
    pub root: PathBuf,
    /// Where the case runs.
    pub cwd: PathBuf,
    /// What the case adds to the environment.
    pub env: Vec<(String, String)>,
    /// The virtual environment and its site-packages, where the case has files in them.
    pub site: Option<(PathBuf, PathBuf)>,
}

impl Case {
    /// # Panics
    /// When the text does not follow the format: the case is broken then.
    pub fn parse(name: &str, text: &str) -> Self {
        let mut case = Self { name: name.to_owned(), ..Self::default() };
        for line in text.lines() {
            if let Some(header) = line.strip_prefix("--- ") {
                case.files.push(File::new(header));
            } else if let Some(file) = case.files.last_mut() {
                file.text.push_str(line);
                file.text.push('\n');
            } else if !line.is_empty() && !line.starts_with('#') {
                case.directive(line);
            }
        }
        if case.runs.is_empty() {
            case.runs.push(Vec::new());
        }
        case.files.iter_mut().for_each(File::trim_end);
        case
    }

    /// The value of a line that only some tests know.
    #[must_use]
    pub fn other(&self, key: &str) -> Option<&str> {
        self.others.iter().find(|(known, _)| known == key).map(|(_, value)| value.as_str())
    }

    fn directive(&mut self, line: &str) {
        let (key, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.trim();
        match key {
            "run" => self.runs.push(split_like_a_shell(value)),
            "cwd" => self.cwd = value.to_owned(),
            "env" => self.env.push(pair(value, "=")),
            "runtime" => self.runtime.push(value.to_owned()),
            "phantom" => self.phantoms.push(value.to_owned()),
            "differs" => self.differs = true,
            "error" => self.errors.push(value.to_owned()),
            "needs" => self.needs.push(value.to_owned()),
            "link" => self.links.push(pair(value, " -> ")),
            _ => self.others.push((key.to_owned(), value.to_owned())),
        }
    }
}

impl File {
    fn new(header: &str) -> Self {
        let (path, encoding) = header.split_once(" (").unwrap_or((header, "utf-8"));
        let encoding = encoding.trim_end_matches(')').to_owned();
        Self { path: path.trim().to_owned(), encoding, text: String::new() }
    }

    fn trim_end(&mut self) {
        let length = self.text.trim_end_matches('\n').len();
        self.text.truncate(length);
        if length > 0 {
            self.text.push('\n');
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let text = &self.text;
        match self.encoding.as_str() {
            "utf-8" => text.clone().into_bytes(),
            "utf-8-sig" => [b"\xef\xbb\xbf", text.as_bytes()].concat(),
            "crlf" => text.replace('\n', "\r\n").into_bytes(),
            "latin-1" => text.chars().map(|c| u8::try_from(c).expect("it is latin-1")).collect(),
            "utf-16" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "escaped" => unescape(text),
            other => panic!("{}: unknown encoding {other}", self.path),
        }
    }
}

impl Project {
    /// Writes a case into a new temporary folder. `python` is the oracle's version (`3.11`),
    /// which the environment's folders are named after.
    pub fn write(case: &Case, python: &str) -> Self {
        let temporary = tempfile::tempdir().expect("there is room for temporary files");
        let base = temporary.path().canonicalize().expect("it exists");
        let root = base.join("project");
        std::fs::create_dir(&root).expect("it is new");
        let env_dir = base.join("env");
        let site = env_dir.join(format!("lib/python{python}/site-packages"));
        let in_site = case.files.iter().any(|file| file.path.starts_with("{site}/"));
        for file in &case.files {
            let path = match file.path.strip_prefix("{site}/") {
                Some(rest) => site.join(rest),
                None => root.join(&file.path),
            };
            write(&path, &fill_bytes(file.bytes(), &root));
        }
        for (link, target) in &case.links {
            make_link(&root.join(link), target);
        }
        let project = root.to_string_lossy().into_owned();
        let fill =
            |(name, value): &(String, String)| (name.clone(), value.replace("{project}", &project));
        Self {
            cwd: root.join(&case.cwd),
            env: case.env.iter().map(fill).collect(),
            site: in_site.then_some((env_dir, site)),
            root,
            _temporary: temporary,
        }
    }

    /// A run's arguments with the project's path filled in.
    pub fn arguments(&self, run: &[String]) -> Vec<String> {
        let root = self.root.to_string_lossy();
        run.iter().map(|argument| argument.replace("{project}", &root)).collect()
    }
}

/// The cases of a folder, all of them or those whose name holds `$FASTEST_TEST_CASE`.
///
/// # Panics
/// When one cannot be read.
#[must_use]
pub fn chosen(folder: &Path) -> Vec<Case> {
    let wanted = std::env::var("FASTEST_TEST_CASE").unwrap_or_default();
    let mut paths = Vec::new();
    text_files(folder, &mut paths);
    paths.sort();
    let cases = paths.iter().map(|path| {
        let name = path.strip_prefix(folder).expect("it was found there").with_extension("");
        let text = std::fs::read_to_string(path).expect("cases are readable");
        Case::parse(&name.to_string_lossy(), &text)
    });
    cases.filter(|case| case.name.contains(&wanted)).collect()
}

fn text_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("the folder of cases is readable") {
        let path = entry.expect("its entries are").path();
        if path.is_dir() {
            text_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "txt") {
            found.push(path);
        }
    }
}

fn write(path: &Path, bytes: &[u8]) {
    std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it can be made");
    if path.to_string_lossy().ends_with('/') {
        return std::fs::create_dir_all(path).expect("it can be made");
    }
    std::fs::write(path, bytes).expect("it can be written");
}

/// `{project}` in files too, where they are text: `.pth` files and configuration need it.
fn fill_bytes(bytes: Vec<u8>, root: &Path) -> Vec<u8> {
    match String::from_utf8(bytes) {
        Ok(text) => text.replace("{project}", &root.to_string_lossy()).into_bytes(),
        Err(error) => error.into_bytes(),
    }
}

#[cfg(unix)]
fn make_link(path: &Path, target: &str) {
    std::fs::create_dir_all(path.parent().expect("it is in a folder")).expect("it can be made");
    std::os::unix::fs::symlink(target, path).expect("it can be linked");
}

#[cfg(windows)]
fn make_link(path: &Path, target: &str) {
    std::os::windows::fs::symlink_dir(target, path).expect("it can be linked");
}

fn pair(text: &str, separator: &str) -> (String, String) {
    let (left, right) = text.split_once(separator).expect("a pair has its separator");
    (left.trim().to_owned(), right.trim().to_owned())
}

/// Words with `'…'` and `"…"` taken together, without escapes.
fn split_like_a_shell(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in text.chars() {
        match (quote, c) {
            (Some(open), _) if open == c => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, ' ') => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

fn unescape(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("\\x") {
        bytes.extend(&rest.as_bytes()[..at]);
        let digits = rest.get(at + 2..at + 4).expect("two digits follow");
        bytes.push(u8::from_str_radix(digits, 16).expect("they are hexadecimal"));
        rest = &rest[at + 4..];
    }
    bytes.extend(rest.as_bytes());
    bytes
}
