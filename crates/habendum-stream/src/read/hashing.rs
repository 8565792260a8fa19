//! A source that is counted and hashed while it is read, for progress, for receipts, and to know an input again.
//!
//! Invariant: what a [`Proof`] was made of is what its file begins with; a source that does not is refused.

use crate::receipt::{FileHash, hex};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{Read, Seek};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// What a file began with when it was read: so many bytes, with this hash.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proof {
    /// The file as named.
    pub name: String,
    /// Bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

/// What has been read of one file.
#[derive(Clone)]
pub(super) struct Tally {
    name: String,
    bytes: Arc<AtomicU64>,
    inner: Arc<Mutex<Inner>>,
}

struct Inner {
    hash: Sha256,
    bytes: u64,
    expected: Option<Proof>,
    /// Hashes a file that is not read from its beginning to its end.
    job: Option<JoinHandle<std::io::Result<()>>>,
}

impl Tally {
    pub(super) fn new(name: &str) -> Self {
        let inner = Inner { hash: Sha256::new(), bytes: 0, expected: None, job: None };
        Tally {
            name: name.to_owned(),
            bytes: Arc::new(AtomicU64::new(0)),
            inner: Arc::new(Mutex::new(inner)),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes read so far.
    pub(super) fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// Holds the file to what it began with.
    pub(super) fn expect(&self, proof: Proof) {
        self.lock().expected = Some(proof);
    }

    /// What has been read so far; of a file that is hashed apart, the whole.
    pub(super) fn proof(&self) -> Proof {
        let job = self.lock().job.take();
        if let Some(job) = job {
            // A file that cannot be read to its end is reported by its reader.
            let _ = job.join();
        }
        let inner = self.lock();
        let sha256 = hex(&inner.hash.clone().finalize());
        Proof { name: self.name.clone(), bytes: inner.bytes, sha256 }
    }

    /// The hash of what has been read so far.
    pub(super) fn hash(&self) -> FileHash {
        let proof = self.proof();
        FileHash { name: proof.name, sha256: proof.sha256 }
    }

    /// Hashes a whole file beside its reading; at once where it is held to what it began with.
    pub(super) fn whole(&self, mut file: File) -> std::io::Result<()> {
        let held = self.lock().expected.is_some();
        let tally = self.clone();
        let work = move || -> std::io::Result<()> {
            file.rewind()?;
            let mut source = Hashing { source: file, tally };
            std::io::copy(&mut source, &mut std::io::sink()).map(|_| ())
        };
        if held {
            return work();
        }
        self.lock().job = Some(std::thread::spawn(work));
        Ok(())
    }

    fn take(&self, mut read: &[u8]) -> std::io::Result<()> {
        let other = || {
            std::io::Error::other("it does not begin with what the state has read of it: not the same input")
        };
        let mut inner = self.lock();
        let ends = read.is_empty();
        self.bytes.fetch_add(read.len() as u64, Ordering::Relaxed);
        while let Some(proof) = inner.expected.clone() {
            let left = usize::try_from(proof.bytes - inner.bytes).unwrap_or(usize::MAX);
            let (first, rest) = read.split_at(left.min(read.len()));
            inner.hash.update(first);
            inner.bytes += first.len() as u64;
            read = rest;
            if inner.bytes < proof.bytes {
                return if ends { Err(other()) } else { Ok(()) };
            }
            if hex(&inner.hash.clone().finalize()) != proof.sha256 {
                return Err(other());
            }
            inner.expected = None;
        }
        inner.hash.update(read);
        inner.bytes += read.len() as u64;
        Ok(())
    }
}

/// A source whose bytes go through a tally.
pub(super) struct Hashing<R> {
    pub source: R,
    pub tally: Tally,
}

impl<R: Read> Read for Hashing<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let n = self.source.read(buffer)?;
        self.tally.take(buffer.get(..n).unwrap_or_default())?;
        Ok(n)
    }
}
