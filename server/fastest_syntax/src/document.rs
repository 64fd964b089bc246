//! An open file: text that is edited, and an outline that follows.
