//! Parquet files: metadata first, then the wanted columns of each row group, texts as dictionaries.

use super::{BATCH, Batches, Opening};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::arrow::ProjectionMask;
use parquet::arrow::arrow_reader::{
    ArrowReaderMetadata, ArrowReaderOptions, ParquetRecordBatchReaderBuilder,
};
use std::fs::File;
use std::sync::Arc;

/// A Parquet file whose metadata has been read.
pub(in crate::read) struct ParquetFile {
    file: File,
    metadata: ArrowReaderMetadata,
}

impl ParquetFile {
    pub(in crate::read) fn open(file: File) -> Result<Self, String> {
        // The columns' own types count, not those of the program that wrote them.
        let options = ArrowReaderOptions::new().with_skip_arrow_metadata(true);
        let load = || ArrowReaderMetadata::load(&file, options);
        let metadata = std::panic::catch_unwind(std::panic::AssertUnwindSafe(load))
            .map_err(|_| "the metadata is corrupt".to_owned())?
            .map_err(|e| short(&e))?;
        Ok(ParquetFile { file, metadata })
    }
}

fn short(e: &parquet::errors::ParquetError) -> String {
    format!("not a whole Parquet file: {e}")
}

/// The same schema with texts as dictionaries.
fn coded(schema: &Schema) -> Schema {
    let fields: Vec<Field> = schema
        .fields()
        .iter()
        .map(|f| match f.data_type() {
            DataType::Utf8 => {
                let coded = DataType::Dictionary(Box::new(DataType::Int32), Box::new(DataType::Utf8));
                Field::new(f.name(), coded, f.is_nullable())
            }
            _ => f.as_ref().clone(),
        })
        .collect();
    Schema::new(fields)
}

impl Opening for ParquetFile {
    fn schema(&self) -> SchemaRef {
        Arc::clone(self.metadata.schema())
    }

    fn batches(self: Box<Self>, places: &[usize]) -> Result<Batches, String> {
        let options = ArrowReaderOptions::new().with_schema(Arc::new(coded(self.metadata.schema())));
        let metadata = ArrowReaderMetadata::try_new(Arc::clone(self.metadata.metadata()), options)
            .map_err(|e| short(&e))?;
        let builder = ParquetRecordBatchReaderBuilder::new_with_metadata(self.file, metadata);
        let mask = ProjectionMask::roots(builder.parquet_schema(), places.iter().copied());
        let reader = builder.with_batch_size(BATCH).with_projection(mask).build().map_err(|e| short(&e))?;
        Ok(Box::new(reader.map(|b| b.map_err(|e| format!("corrupt or cut off: {e}")))))
    }
}
