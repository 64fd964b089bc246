//! Bytes of a source file to text, as Python decodes them (PEP 263).
