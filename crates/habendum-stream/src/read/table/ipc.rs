//! Arrow IPC: files with a footer, and streams.

use super::{Batches, Opening};
use arrow_ipc::reader::{FileReader, FileReaderBuilder, StreamReader};
use arrow_schema::{ArrowError, SchemaRef};
use std::fs::File;
use std::io::{BufRead, BufReader, Seek};

fn cut(e: &ArrowError) -> String {
    format!("corrupt or cut off: {e}")
}

/// Runs a decoder that may panic on what no writer writes.
fn guarded<T>(f: impl FnOnce() -> Result<T, ArrowError>) -> Result<T, String> {
    std::panic::catch_unwind(std::panic::AssertUnwindSafe(f))
        .map_err(|_| "not a whole Arrow file: its metadata is corrupt".to_owned())?
        .map_err(|e| format!("not a whole Arrow file: {e}"))
}

/// An Arrow IPC file.
pub(in crate::read) struct IpcFile {
    file: File,
    schema: SchemaRef,
}

impl IpcFile {
    pub(in crate::read) fn open(mut file: File) -> Result<Self, String> {
        let read = || FileReader::try_new(BufReader::new(&file), None).map(|r| r.schema());
        let schema = guarded(read)?;
        file.rewind().map_err(|e| e.to_string())?;
        Ok(IpcFile { file, schema })
    }
}

impl Opening for IpcFile {
    fn schema(&self) -> SchemaRef {
        SchemaRef::clone(&self.schema)
    }

    fn batches(self: Box<Self>, places: &[usize]) -> Result<Batches, String> {
        let builder = FileReaderBuilder::new().with_projection(places.to_vec());
        let reader = guarded(|| builder.build(BufReader::new(self.file)))?;
        Ok(Box::new(reader.map(|b| b.map_err(|e| cut(&e)))))
    }
}

/// An Arrow IPC stream. Its schema comes first, so that it is read to know the columns; the projection follows.
pub(in crate::read) struct IpcStream {
    reader: StreamReader<Box<dyn BufRead + Send>>,
}

impl IpcStream {
    pub(in crate::read) fn open(source: Box<dyn BufRead + Send>) -> Result<Self, String> {
        Ok(IpcStream { reader: guarded(|| StreamReader::try_new(source, None))? })
    }
}

impl Opening for IpcStream {
    fn schema(&self) -> SchemaRef {
        self.reader.schema()
    }

    fn batches(self: Box<Self>, places: &[usize]) -> Result<Batches, String> {
        let places = places.to_vec();
        Ok(Box::new(self.reader.map(move |b| b.and_then(|b| b.project(&places)).map_err(|e| cut(&e)))))
    }
}
