//! What the reader makes of expressions.
