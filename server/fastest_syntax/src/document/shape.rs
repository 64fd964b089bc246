//! What a statement says, apart from where it says it.
//!
//! A statement's shape is its serialized form without the spans, so that no kind of statement
//! or expression can be forgotten here. Lambdas keep theirs: two that are written alike are told
//! apart by where they stand.

use std::fmt;

use serde::ser::{self, Serialize, Serializer};

use crate::outline::Statement;

/// Whether the statements are the same but for their spans.
#[must_use]
pub fn same_shape(left: &Statement, right: &Statement) -> bool {
    left == right || shape(left) == shape(right)
}

fn shape(statement: &Statement) -> Option<Vec<u8>> {
    let mut shape = Shape::default();
    statement.serialize(&mut shape).ok().map(|()| shape.bytes)
}

#[derive(Default)]
struct Shape {
    bytes: Vec<u8>,
    /// How many lambdas surround what is written.
    lambdas: usize,
}

impl Shape {
    fn sized(&mut self, bytes: &[u8]) -> Result<(), Unsupported> {
        self.bytes.extend(bytes.len().to_le_bytes());
        self.bytes.extend(bytes);
        Ok(())
    }

    fn fixed(&mut self, bytes: &[u8]) -> Result<(), Unsupported> {
        self.bytes.extend(bytes);
        Ok(())
    }
}

/// A value that cannot be serialized; the outline has none.
#[derive(Debug)]
struct Unsupported;

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no outline holds such a value")
    }
}

impl std::error::Error for Unsupported {}

impl ser::Error for Unsupported {
    fn custom<T: fmt::Display>(_message: T) -> Self {
        Self
    }
}

/// Writes numbers with a fixed count of bytes.
macro_rules! fixed {
    ($($method:ident: $number:ty),*) => {
        $(fn $method(self, value: $number) -> Result<(), Unsupported> {
            self.fixed(&value.to_le_bytes())
        })*
    };
}

impl Serializer for &mut Shape {
    type Ok = ();
    type Error = Unsupported;
    type SerializeSeq = Self;
    type SerializeTuple = Self;
    type SerializeTupleStruct = Self;
    type SerializeTupleVariant = Self;
    type SerializeMap = ser::Impossible<(), Unsupported>;
    type SerializeStruct = Fields<Self>;
    type SerializeStructVariant = Self;

    fixed! {
        serialize_i8: i8, serialize_i16: i16, serialize_i32: i32, serialize_i64: i64,
        serialize_u8: u8, serialize_u16: u16, serialize_u32: u32, serialize_u64: u64,
        serialize_f32: f32, serialize_f64: f64
    }

    fn serialize_bool(self, value: bool) -> Result<(), Unsupported> {
        self.fixed(&[u8::from(value)])
    }

    fn serialize_char(self, value: char) -> Result<(), Unsupported> {
        self.serialize_u32(u32::from(value))
    }

    fn serialize_str(self, value: &str) -> Result<(), Unsupported> {
        self.sized(value.as_bytes())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Unsupported> {
        self.sized(value)
    }

    fn serialize_none(self) -> Result<(), Unsupported> {
        self.fixed(&[0])
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Unsupported> {
        self.fixed(&[1])?;
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Unsupported> {
        Ok(())
    }

    fn serialize_unit_struct(self, _name: &'static str) -> Result<(), Unsupported> {
        Ok(())
    }

    fn serialize_unit_variant(
        self,
        _name: &'static str,
        index: u32,
        _variant: &'static str,
    ) -> Result<(), Unsupported> {
        self.serialize_u32(index)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        value: &T,
    ) -> Result<(), Unsupported> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _name: &'static str,
        index: u32,
        _variant: &'static str,
        value: &T,
    ) -> Result<(), Unsupported> {
        self.serialize_u32(index)?;
        value.serialize(self)
    }

    fn serialize_seq(self, len: Option<usize>) -> Result<Self, Unsupported> {
        self.serialize_u64(len.ok_or(Unsupported)? as u64)?;
        Ok(self)
    }

    fn serialize_tuple(self, _len: usize) -> Result<Self, Unsupported> {
        Ok(self)
    }

    fn serialize_tuple_struct(self, _name: &'static str, _len: usize) -> Result<Self, Unsupported> {
        Ok(self)
    }

    fn serialize_tuple_variant(
        self,
        _name: &'static str,
        index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Self, Unsupported> {
        self.serialize_u32(index)?;
        Ok(self)
    }

    fn serialize_map(self, _len: Option<usize>) -> Result<Self::SerializeMap, Unsupported> {
        Err(Unsupported)
    }

    fn serialize_struct(
        self,
        name: &'static str,
        _len: usize,
    ) -> Result<Self::SerializeStruct, Unsupported> {
        let is_lambda = name == "Lambda";
        let is_left_out = name == "Span" && self.lambdas == 0;
        self.lambdas += usize::from(is_lambda);
        Ok(Fields { shape: (!is_left_out).then_some(self), is_lambda })
    }

    fn serialize_struct_variant(
        self,
        _name: &'static str,
        index: u32,
        _variant: &'static str,
        _len: usize,
    ) -> Result<Self, Unsupported> {
        self.serialize_u32(index)?;
        Ok(self)
    }
}

/// A struct's fields; nowhere to write them to when it is a span.
struct Fields<S> {
    shape: Option<S>,
    /// Whether they are a lambda's.
    is_lambda: bool,
}

impl ser::SerializeStruct for Fields<&mut Shape> {
    type Ok = ();
    type Error = Unsupported;

    fn serialize_field<T: Serialize + ?Sized>(
        &mut self,
        _key: &'static str,
        value: &T,
    ) -> Result<(), Unsupported> {
        self.shape.as_deref_mut().map_or(Ok(()), |shape| value.serialize(shape))
    }

    fn end(self) -> Result<(), Unsupported> {
        if let Some(shape) = self.shape {
            shape.lambdas -= usize::from(self.is_lambda);
        }
        Ok(())
    }
}

/// Writes the parts of a compound value one after the other.
macro_rules! parts {
    ($($kind:ident: $method:ident($($key:ident)?)),*) => {
        $(impl ser::$kind for &mut Shape {
            type Ok = ();
            type Error = Unsupported;

            fn $method<T: Serialize + ?Sized>(
                &mut self,
                $($key: &'static str,)?
                value: &T,
            ) -> Result<(), Unsupported> {
                value.serialize(&mut **self)
            }

            fn end(self) -> Result<(), Unsupported> {
                Ok(())
            }
        })*
    };
}

parts! {
    SerializeSeq: serialize_element(),
    SerializeTuple: serialize_element(),
    SerializeTupleStruct: serialize_field(),
    SerializeTupleVariant: serialize_field(),
    SerializeStructVariant: serialize_field(_key)
}
