//! What the standard library holds, as far as collection asks.
