//! What keeps the house in order: see `ARCHITECTURE.md`.
