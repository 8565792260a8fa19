//! Batches to a file of Parquet or Arrow IPC.

use super::pack::OutFile;
use crate::read::Format;
use arrow_array::RecordBatch;
use arrow_ipc::writer::{FileWriter, StreamWriter};
use arrow_schema::SchemaRef;
use parquet::arrow::ArrowWriter;
use parquet::basic::{Compression, ZstdLevel};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;

/// Rows gathered into one batch.
pub(super) const BATCH: usize = 8192;

/// A writer of batches.
pub(super) enum TableFile {
    Parquet(Box<ArrowWriter<OutFile>>),
    File(Box<FileWriter<OutFile>>),
    Stream(Box<StreamWriter<OutFile>>),
}

impl TableFile {
    /// Begins a file. `format` is one of those that hold tables.
    pub(super) fn begin(to: OutFile, format: Format, schema: &SchemaRef) -> Result<Self, String> {
        Ok(match format {
            Format::Parquet => {
                let level = ZstdLevel::try_new(1).map_err(|e| e.to_string())?;
                let pairs =
                    schema.metadata().iter().map(|(k, v)| KeyValue::new(k.clone(), v.clone())).collect();
                let properties = WriterProperties::builder()
                    .set_compression(Compression::ZSTD(level))
                    .set_created_by(format!("habendum {}", env!("CARGO_PKG_VERSION")))
                    .set_key_value_metadata(Some(pairs))
                    .build();
                let writer = ArrowWriter::try_new(to, SchemaRef::clone(schema), Some(properties));
                TableFile::Parquet(Box::new(writer.map_err(|e| e.to_string())?))
            }
            Format::ArrowFile => {
                TableFile::File(Box::new(FileWriter::try_new(to, schema).map_err(|e| e.to_string())?))
            }
            Format::ArrowStream => {
                TableFile::Stream(Box::new(StreamWriter::try_new(to, schema).map_err(|e| e.to_string())?))
            }
            Format::Ndjson | Format::Csv => return Err("not a format of tables".to_owned()),
        })
    }

    pub(super) fn write(&mut self, batch: &RecordBatch) -> Result<(), String> {
        match self {
            TableFile::Parquet(w) => w.write(batch).map_err(|e| e.to_string()),
            TableFile::File(w) => w.write(batch).map_err(|e| e.to_string()),
            TableFile::Stream(w) => w.write(batch).map_err(|e| e.to_string()),
        }
    }

    /// Ends the file; its bytes are still to be given their name.
    pub(super) fn end(self) -> Result<OutFile, String> {
        match self {
            TableFile::Parquet(w) => w.into_inner().map_err(|e| e.to_string()),
            TableFile::File(w) => w.into_inner().map_err(|e| e.to_string()),
            TableFile::Stream(w) => w.into_inner().map_err(|e| e.to_string()),
        }
    }
}
