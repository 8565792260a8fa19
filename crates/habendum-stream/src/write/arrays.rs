//! Arrow arrays from optional values: the few shapes that tables of outcomes and of events need.

use arrow_array::builder::StringDictionaryBuilder;
use arrow_array::types::Int32Type;
use arrow_array::{ArrayRef, Decimal128Array, ListArray, StringArray, StructArray};
use arrow_buffer::{NullBuffer, OffsetBuffer};
use arrow_schema::{ArrowError, DataType, Field, Fields};
use std::sync::Arc;

/// A column of few distinct texts.
pub(super) fn coded<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    let mut builder = StringDictionaryBuilder::<Int32Type>::new();
    texts.for_each(|t| builder.append_option(t));
    Arc::new(builder.finish())
}

/// The type of [`coded`].
pub(super) fn coded_type() -> DataType {
    DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8))
}

/// A column of texts.
pub(super) fn texts<'a>(texts: impl Iterator<Item = Option<&'a str>>) -> ArrayRef {
    Arc::new(texts.collect::<StringArray>())
}

/// A column of lists of texts.
pub(super) fn lists<'a>(rows: impl Iterator<Item = &'a [String]>) -> Result<ArrayRef, ArrowError> {
    let (mut lengths, mut flat) = (Vec::new(), Vec::new());
    for row in rows {
        lengths.push(row.len());
        flat.extend(row.iter().map(|t| Some(t.as_str())));
    }
    list_of(Field::new("item", DataType::Utf8, true), &lengths, texts(flat.into_iter()))
}

/// A column of lists of structs.
pub(super) fn structs(
    fields: Fields,
    lengths: &[usize],
    columns: Vec<ArrayRef>,
) -> Result<ArrayRef, ArrowError> {
    let items = StructArray::try_new(fields.clone(), columns, None)?;
    list_of(Field::new("item", DataType::Struct(fields), true), lengths, Arc::new(items))
}

/// A column of structs, some of them absent.
pub(super) fn optional_structs(
    fields: Fields,
    there: Vec<bool>,
    columns: Vec<ArrayRef>,
) -> Result<ArrayRef, ArrowError> {
    Ok(Arc::new(StructArray::try_new(fields, columns, Some(NullBuffer::from(there)))?))
}

fn list_of(item: Field, lengths: &[usize], values: ArrayRef) -> Result<ArrayRef, ArrowError> {
    let offsets = OffsetBuffer::from_lengths(lengths.iter().copied());
    Ok(Arc::new(ListArray::try_new(Arc::new(item), offsets, values, None)?))
}

/// A column of decimals, from unscaled digits.
pub(super) fn decimals(
    digits: impl Iterator<Item = Option<i128>>,
    precision: u8,
    scale: u32,
) -> Result<ArrayRef, ArrowError> {
    let scale = i8::try_from(scale).map_err(|_| ArrowError::InvalidArgumentError("scale".to_owned()))?;
    let array = digits.collect::<Decimal128Array>().with_precision_and_scale(precision, scale)?;
    array.validate_decimal_precision(precision)?;
    Ok(Arc::new(array))
}

/// The type of [`decimals`].
pub(super) fn decimal_type(precision: u8, scale: u32) -> DataType {
    DataType::Decimal128(precision, i8::try_from(scale).unwrap_or(i8::MAX))
}
