//! What is wrong with a piece of source, in a form that survives the piece being moved.

use std::borrow::Cow;

use fastest_model::Span;

use crate::outline::SyntaxProblem;

/// A syntax problem whose line numbers are not yet known: they change when lines above it do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Flaw {
    /// Where. Whoever makes it counts from the file's start; see [`Flaw::moved`].
    pub span: Span,
    /// What, without the line that `about` adds.
    pub message: Cow<'static, str>,
    /// Which line the message names.
    pub about: About,
}

/// The line that a message names, by the offset of a byte on it (counted as the span is).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// None.
    Nothing,
    /// `… on line 3`
    OnLine(u32),
    /// `… (detected at line 3)`
    DetectedAt(u32),
}

impl Flaw {
    /// A flaw whose message names no line.
    pub fn new(span: Span, message: impl Into<Cow<'static, str>>) -> Self {
        Self { span, message: message.into(), about: About::Nothing }
    }

    /// The same flaw with all offsets counted from elsewhere: `by` is added to each.
    pub fn moved(&self, by: i64) -> Self {
        let shift = |at: u32| u32::try_from(i64::from(at) + by).unwrap_or(0);
        let about = match self.about {
            About::Nothing => About::Nothing,
            About::OnLine(at) => About::OnLine(shift(at)),
            About::DetectedAt(at) => About::DetectedAt(shift(at)),
        };
        let span = Span { start: shift(self.span.start), end: shift(self.span.end) };
        Self { span, message: self.message.clone(), about }
    }
}

/// Words flaws as Python does. Their offsets must count from the start of `source`.
pub(crate) fn to_problems(source: &str, flaws: &[Flaw]) -> Vec<SyntaxProblem> {
    let mut lines = Lines { bytes: source.as_bytes(), at: 0, line: 1 };
    let word = |flaw: &Flaw| {
        let message = match flaw.about {
            About::Nothing => flaw.message.to_string(),
            About::OnLine(at) => format!("{} on line {}", flaw.message, lines.of(at)),
            About::DetectedAt(at) => {
                format!("{} (detected at line {})", flaw.message, lines.of(at))
            }
        };
        SyntaxProblem { span: flaw.span, message }
    };
    flaws.iter().map(word).collect()
}

/// Counts lines, from the place that was asked for last; `\n`, `\r\n` and a lone `\r` end them.
struct Lines<'s> {
    bytes: &'s [u8],
    at: usize,
    line: usize,
}

impl Lines<'_> {
    /// The number of the line of an offset, from 1.
    fn of(&mut self, offset: u32) -> usize {
        let offset = (offset as usize).min(self.bytes.len());
        if offset < self.at {
            (self.at, self.line) = (0, 1);
        }
        let between = &self.bytes[self.at..offset];
        let is_lone = |at: &usize| self.bytes.get(self.at + at + 1) != Some(&b'\n');
        self.line += memchr::memchr_iter(b'\n', between).count()
            + memchr::memchr_iter(b'\r', between).filter(is_lone).count();
        self.at = offset;
        self.line
    }
}
