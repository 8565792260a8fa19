//! Files of results: whole or absent, or growing beside a saved state.
//!
//! Invariant: an [`AtomicFile`] gets its name when it is complete; a [`GrowingFile`] is never shorter than what a state says
//! of it, and is cut back to that when a run goes on.

use crate::error::InputError;
use std::fs::{File, OpenOptions};
use std::io::{BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;

/// A file that appears whole or not at all.
pub struct AtomicFile {
    path: PathBuf,
    file: BufWriter<NamedTempFile>,
}

impl AtomicFile {
    /// Opens a temporary file beside the target.
    ///
    /// # Errors
    /// Where the folder is missing or not writable.
    pub fn create(path: &str) -> Result<Self, InputError> {
        let path = PathBuf::from(path);
        let folder = folder(&path);
        let refused =
            |why: String| InputError::at(path.display().to_string(), format!("cannot be written: {why}"));
        if !folder.is_dir() {
            return Err(refused(format!("there is no folder {}", folder.display())));
        }
        if path.is_dir() {
            return Err(refused("it is a folder".to_owned()));
        }
        // The name of the temporary file is of no use to anyone; the kind of the error is.
        let file = NamedTempFile::new_in(folder).map_err(|e| refused(e.kind().to_string()))?;
        Ok(AtomicFile { path, file: BufWriter::with_capacity(1 << 16, file) })
    }

    /// Gives the file its name.
    ///
    /// # Errors
    /// Where the disk is full or the target cannot be replaced; the temporary file is removed then.
    pub fn commit(self) -> Result<(), InputError> {
        let path = self.path;
        let fail =
            |e: std::io::Error| InputError::at(path.display().to_string(), format!("cannot be written: {e}"));
        let file = self.file.into_inner().map_err(|e| fail(e.into_error()))?;
        file.as_file().sync_all().map_err(fail)?;
        share(&file).map_err(fail)?;
        file.persist(&path).map_err(|e| fail(e.error))?;
        // The new name is on the disk once its folder is.
        if let Ok(folder) = File::open(folder(&path)) {
            folder.sync_all().map_err(fail)?;
        }
        Ok(())
    }
}

fn folder(path: &Path) -> &Path {
    match path.parent() {
        Some(p) if !p.as_os_str().is_empty() => p,
        _ => Path::new("."),
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}

/// Temporary files are private; a result is as readable as any file of its owner.
#[cfg(unix)]
fn share(file: &NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn share(_file: &NamedTempFile) -> std::io::Result<()> {
    Ok(())
}

/// A file that is written in place, record by record.
pub struct GrowingFile {
    file: BufWriter<File>,
    length: u64,
}

impl GrowingFile {
    /// An empty file; with `length`, the file as it was when it had that length.
    ///
    /// # Errors
    /// Where it cannot be written, or is shorter than that.
    pub fn open(path: &str, length: Option<u64>) -> Result<Self, InputError> {
        let fail = |e: std::io::Error| InputError::at(path, format!("cannot be written: {e}"));
        let mut options = OpenOptions::new();
        options.write(true);
        let mut file = match length {
            None => options.create(true).truncate(true).open(path).map_err(fail)?,
            Some(_) => options.open(path).map_err(fail)?,
        };
        let length = length.unwrap_or(0);
        let found = file.metadata().map_err(fail)?.len();
        if found < length {
            return Err(InputError::at(
                path,
                format!("has {found} bytes where the state knows of {length}: it was changed since"),
            )
            .help("remove the state file to begin again"));
        }
        file.set_len(length).map_err(fail)?;
        file.seek(SeekFrom::End(0)).map_err(fail)?;
        Ok(GrowingFile { file: BufWriter::with_capacity(1 << 16, file), length })
    }

    /// What has been written so far, in bytes.
    #[must_use]
    pub fn length(&self) -> u64 {
        self.length
    }

    /// Brings everything flushed so far to the disk.
    ///
    /// # Errors
    /// Where the disk refuses.
    pub fn sync(&self) -> std::io::Result<()> {
        self.file.get_ref().sync_data()
    }
}

impl Write for GrowingFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        let n = self.file.write(bytes)?;
        self.length += n as u64;
        Ok(n)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.file.flush()
    }
}
