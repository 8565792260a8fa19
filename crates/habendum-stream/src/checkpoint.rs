//! A file that keeps the state of a run: what was saved last, whole, whatever happens to the machine meanwhile.
//!
//! Data flow: data -> postcard -> magic, version, length, hash, data -> a temporary file, brought to the disk and renamed.
//! Invariant: what is read back is what was written, or an error that says why not; the file at hand is never touched before
//! its successor is complete.

use crate::error::InputError;
use crate::write::AtomicFile;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::io::Write;

/// What a state file begins with.
const MAGIC: &[u8; 8] = b"HABSTATE";
/// Changes with every change of what is saved.
const VERSION: u32 = 2;
/// Magic, version, length, hash.
const HEADER: usize = 8 + 4 + 8 + 32;

/// Saves data in place of what the file held.
///
/// # Errors
/// Where the disk refuses; the old file stays.
pub fn save<T: Serialize>(path: &str, data: &T) -> Result<(), InputError> {
    let fail = |e: &dyn std::fmt::Display| InputError::at(path, format!("the state cannot be saved: {e}"));
    let body = postcard::to_stdvec(data).map_err(|e| fail(&e))?;
    let mut file = AtomicFile::create(path)?;
    let mut write = |bytes: &[u8]| file.write_all(bytes).map_err(|e| fail(&e));
    write(MAGIC)?;
    write(&VERSION.to_le_bytes())?;
    write(&(body.len() as u64).to_le_bytes())?;
    write(&Sha256::digest(&body))?;
    write(&body)?;
    file.commit()
}

/// What a file holds; none where there is no file.
///
/// # Errors
/// A file that is no state, of another version, cut off, or changed.
pub fn load<T: DeserializeOwned>(path: &str) -> Result<Option<T>, InputError> {
    let bytes = match std::fs::read(path) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(InputError::at(path, format!("cannot be read: {e}"))),
    };
    let refused = |why: &str| {
        InputError::at(path, why)
            .help("restore it from a copy, or remove it to begin again from the first row")
    };
    let (header, body) =
        bytes.split_at_checked(HEADER).ok_or_else(|| refused("is no state file, or cut off"))?;
    let (magic, header) = header.split_at(8);
    if magic != MAGIC {
        return Err(refused("is no state file"));
    }
    let (version, header) = header.split_at(4);
    if version != VERSION.to_le_bytes() {
        return Err(refused("is a state of another version of Habendum"));
    }
    let (length, hash) = header.split_at(8);
    if (body.len() as u64).to_le_bytes() != length {
        return Err(refused("is cut off"));
    }
    if Sha256::digest(body).as_slice() != hash {
        return Err(refused("is corrupt: its contents do not match their hash"));
    }
    postcard::from_bytes(body).map(Some).map_err(|e| refused(&format!("is corrupt: {e}")))
}
