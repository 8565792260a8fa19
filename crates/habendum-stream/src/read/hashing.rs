//! A source that is counted and hashed while it is read, for progress and for receipts.

use crate::receipt::{FileHash, hex};
use sha2::{Digest, Sha256};
use std::io::Read;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

/// What has been read of one file.
#[derive(Clone)]
pub(super) struct Tally {
    name: String,
    bytes: Arc<AtomicU64>,
    hash: Arc<Mutex<Sha256>>,
}

impl Tally {
    pub(super) fn new(name: &str) -> Self {
        Tally {
            name: name.to_owned(),
            bytes: Arc::new(AtomicU64::new(0)),
            hash: Arc::new(Mutex::new(Sha256::new())),
        }
    }

    /// Bytes read so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// The hash of what has been read so far.
    pub(super) fn hash(&self) -> FileHash {
        let hash = self.hash.lock().unwrap_or_else(PoisonError::into_inner).clone();
        FileHash { name: self.name.clone(), sha256: hex(&hash.finalize()) }
    }
}

/// A source whose bytes go through a tally.
pub(super) struct Hashing<R> {
    pub source: R,
    pub tally: Tally,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.source.read(buffer)?;
        if let Some(read) = buffer.get(..n) {
            self.tally.hash.lock().unwrap_or_else(PoisonError::into_inner).update(read);
            self.tally.bytes.fetch_add(n as u64, Ordering::Relaxed);
        }
        Ok(n)
    }
}
