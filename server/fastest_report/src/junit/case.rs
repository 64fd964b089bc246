//! One `<testcase>`.

use std::{io, time::Duration};

use fastest_model::run::Place;
use quick_xml::Writer;

use super::{Logging, body, text, write_properties};

/// What is known of a test so far.
#[derive(Debug, Default)]
pub struct Case {
    pub classname: String,
    pub name: String,
    place: Option<(String, Option<u32>)>,
    pub duration: Duration,
    pub properties: Vec<(String, String)>,
    /// What `record_xml_attribute` said.
    pub custom: Vec<(String, String)>,
    nodes: Vec<Node>,
}

/// An element within it.
#[derive(Debug)]
struct Node {
    tag: &'static str,
    kind: Option<&'static str>,
    message: Option<String>,
    text: Option<String>,
}

impl Case {
    /// Name it after its test: pytest's `mangle_test_address`.
    pub fn name_after(&mut self, node_id: &str, prefix: Option<&str>, place: Option<&Place>) {
        let (id, parameters) = split_parameters(node_id);
        let mut names: Vec<String> = id.split("::").map(str::to_owned).collect();
        if let Some(file) = names.first_mut() {
            let dotted = file.replace('/', ".");
            *file = dotted.strip_suffix(".py").unwrap_or(&dotted).to_owned();
        }
        let last = names.pop().unwrap_or_default();
        names.splice(0..0, prefix.map(str::to_owned));
        self.classname = names.join(".");
        self.name = last + parameters;
        self.place = Some(match place {
            Some(place) => (place.path.clone(), place.line.map(|line| line.saturating_sub(1))),
            None => (id.split("::").next().unwrap_or_default().to_owned(), None),
        });
    }

    /// Add a failure, an error, or a file that was skipped.
    pub fn add(&mut self, tag: &'static str, message: &str, content: &str) {
        let (message, text) = (Some(message.to_owned()), Some(content.to_owned()));
        self.nodes.push(Node { tag, kind: None, message, text });
    }

    /// Add a skip.
    pub fn add_skipped(&mut self, kind: &'static str, reason: &str, details: Option<&str>) {
        let (message, text) = (Some(reason.to_owned()), details.map(str::to_owned));
        self.nodes.push(Node { tag: "skipped", kind: Some(kind), message, text });
    }

    /// Add captured output: pytest's `write_captured_output`.
    pub fn add_captured(&mut self, sections: &[(String, String)], logging: Logging) {
        let mut content = String::new();
        if matches!(logging, Logging::Log | Logging::All) {
            content = under(" Captured Log ", &joined(sections, "Captured log"));
        }
        if matches!(logging, Logging::Out | Logging::OutErr | Logging::All) {
            content.push_str(&under(" Captured Out ", &joined(sections, "Captured stdout")));
            self.add_output("system-out", std::mem::take(&mut content));
        }
        if matches!(logging, Logging::Err | Logging::OutErr | Logging::All) {
            content.push_str(&under(" Captured Err ", &joined(sections, "Captured stderr")));
            self.add_output("system-err", std::mem::take(&mut content));
        }
        if !content.is_empty() {
            self.add_output("system-out", content);
        }
    }

    /// Write it.
    pub fn write(&self, writer: &mut Writer<Vec<u8>>, xunit1: bool) -> io::Result<()> {
        let mut element = writer.create_element("testcase");
        for (name, value) in self.attributes(xunit1) {
            element = element.with_attribute(text::attribute(&name, &value));
        }
        if self.properties.is_empty() && self.nodes.is_empty() {
            element.write_empty()?;
            return Ok(());
        }
        element.write_inner_content(|writer| {
            write_properties(writer, &self.properties)?;
            self.nodes.iter().try_for_each(|node| node.write(writer))
        })?;
        Ok(())
    }

    /// xunit2 allows only the names and the time. What a test says itself goes before.
    fn attributes(&self, xunit1: bool) -> Vec<(String, String)> {
        let mut attributes = Vec::new();
        let mut add = |name: &str, value: String| {
            let custom = self.custom.iter().rev().find(|(custom, _)| custom == name);
            let value = custom.map_or(value, |(_, value)| value.clone());
            attributes.push((name.to_owned(), value));
        };
        add("classname", self.classname.clone());
        add("name", self.name.clone());
        if let Some((file, line)) = self.place.as_ref().filter(|_| xunit1) {
            add("file", file.clone());
            if let Some(line) = line {
                add("line", line.to_string());
            }
        }
        if xunit1 {
            let known = ["classname", "name", "file", "line"];
            for (name, value) in &self.custom {
                if !known.contains(&&**name) && !attributes.iter().any(|(n, _)| n == name) {
                    attributes.push((name.clone(), value.clone()));
                }
            }
        }
        attributes.push(("time".to_owned(), format!("{:.3}", self.duration.as_secs_f64())));
        attributes
    }

    fn add_output(&mut self, tag: &'static str, content: String) {
        self.nodes.push(Node { tag, kind: None, message: None, text: Some(content) });
    }
}

impl Node {
    fn write(&self, writer: &mut Writer<Vec<u8>>) -> io::Result<()> {
        let mut element = writer.create_element(self.tag);
        if let Some(kind) = self.kind {
            element = element.with_attribute(text::attribute("type", kind));
        }
        if let Some(message) = &self.message {
            element = element.with_attribute(text::attribute("message", message));
        }
        match &self.text {
            Some(content) => element.write_text_content(body(content))?,
            None => element.write_empty()?,
        };
        Ok(())
    }
}

/// A node id and, apart, its parameters, in which `::` separates nothing.
fn split_parameters(node_id: &str) -> (&str, &str) {
    match node_id.find('[') {
        Some(at) if node_id.ends_with(']') => node_id.split_at(at),
        _ => (node_id, ""),
    }
}

fn joined(sections: &[(String, String)], prefix: &str) -> String {
    let wanted = sections.iter().filter(|(title, _)| title.starts_with(prefix));
    wanted.map(|(_, content)| &**content).collect()
}

/// A text under a heading 80 columns wide.
fn under(heading: &str, content: &str) -> String {
    format!("{heading:-^80}\n{content}\n")
}
