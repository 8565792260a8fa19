//! Rows in batches, read on a thread of their own or on that of whoever takes them.
//!
//! Data flow: [`EventReader`] -> batches, with the names met in them and, from time to time, how far the stream is read.
//! Invariant: the batches of both ways are the same rows in the same order; at most [`AHEAD`] batches wait.

use crate::error::InputError;
use crate::names::Names;
use crate::read::{Block, EventReader, Position, ReadError, RowFault};
use crate::receipt::FileHash;
use habendum_norm::event::Event;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::time::{Duration, Instant};

/// Rows of a batch.
const ROWS: usize = 1024;
/// Rows of a table that are taken together: as many as its reader decodes at a time.
const BLOCK: usize = 8192;
/// Batches that wait for their taker.
const AHEAD: usize = 16;

/// How a feed works.
#[derive(Clone, Copy, Debug, Default)]
pub struct FeedOptions {
    /// Read on a thread of its own.
    pub apart: bool,
    /// Hand on each row as it comes, since the next may be long in coming.
    pub each_row: bool,
    /// Keep each row as it was written, for a quarantine.
    pub keep_raw: bool,
    /// Say how far the stream is read: after so many rows, or where this is none, each second.
    pub marks: Option<Marks>,
    /// Rows of a batch; some thousand where nothing is said.
    pub rows: Option<usize>,
    /// Hand on rows of tables together, as a block.
    pub blocks: bool,
}

/// When a feed says how far the stream is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Marks {
    /// After so many rows.
    Rows(u64),
    /// After so much time.
    Every(Duration),
}

/// A row of a batch.
#[derive(Clone, Debug)]
pub struct Row {
    /// The event; what is wrong with it.
    pub event: Result<Event, Box<RowFault>>,
    /// Where it stands, for a fault that shows only when it is judged. Without a message.
    pub place: RowFault,
    /// As it was written, where that is kept.
    pub raw: String,
}

/// Some rows.
#[derive(Debug, Default)]
pub struct Batch {
    /// The rows.
    pub rows: Vec<Row>,
    /// Rows of a table, where there are no others.
    pub block: Option<Block>,
    /// Persons met in them for the first time, in order.
    pub strangers: Vec<String>,
    /// How far the stream is read after them, where it is time to say so.
    pub position: Option<Position>,
    /// Bytes read so far.
    pub bytes: u64,
    /// What ends the stream before its end.
    pub fatal: Option<InputError>,
    /// The hashes of all files, at the end of the stream.
    pub end: Option<Vec<FileHash>>,
}

/// What comes next.
#[derive(Debug)]
pub enum Next {
    /// Some rows.
    Batch(Box<Batch>),
    /// None so far.
    Waiting,
}

/// Rows in batches.
pub enum Feed {
    /// Read where they are taken.
    Here(Box<Puller>),
    /// Read apart.
    Apart(Receiver<Batch>),
}

/// Reads batches.
pub struct Puller {
    reader: EventReader,
    names: Names,
    options: FeedOptions,
    met: usize,
    rows: u64,
    marked: Instant,
}

impl Feed {
    /// A feed of a reader; `names` are those met so far.
    #[must_use]
    pub fn new(reader: EventReader, names: Names, options: FeedOptions) -> Self {
        let met = names.strangers().len();
        let mut puller = Puller { reader, names, options, met, rows: 0, marked: Instant::now() };
        if !options.apart {
            return Feed::Here(Box::new(puller));
        }
        let (to, from) = sync_channel(if options.each_row { AHEAD * ROWS } else { AHEAD });
        std::thread::spawn(move || puller.send(&to));
        Feed::Apart(from)
    }

    /// The next batch; where rows are read apart, no later than after some time.
    ///
    /// # Errors
    /// Where the reading thread is gone.
    pub fn next(&mut self, wait: Duration) -> Result<Next, InputError> {
        match self {
            Feed::Here(p) => Ok(Next::Batch(Box::new(p.batch()))),
            Feed::Apart(from) => match from.recv_timeout(wait) {
                Ok(batch) => Ok(Next::Batch(Box::new(batch))),
                Err(RecvTimeoutError::Timeout) => Ok(Next::Waiting),
                Err(RecvTimeoutError::Disconnected) => {
                    Err(InputError::new("a fault of this program: the thread that reads is gone"))
                }
            },
        }
    }
}

impl Puller {
    /// Sends everything up to the end; stops where nobody takes it any more.
    fn send(&mut self, to: &SyncSender<Batch>) {
        loop {
            let batch = self.batch();
            let over = batch.fatal.is_some() || batch.end.is_some();
            if to.send(batch).is_err() || over {
                return;
            }
        }
    }

    fn batch(&mut self) -> Batch {
        let mut batch = Batch::default();
        if !self.block(&mut batch) {
            self.rows(&mut batch);
        }
        self.tell(&mut batch);
        batch
    }

    /// A block, where the stream is at a table; false where rows have to be read.
    fn block(&mut self, batch: &mut Batch) -> bool {
        if !self.options.blocks || self.options.each_row {
            return false;
        }
        let most = self.options.rows.unwrap_or(BLOCK);
        let most = match self.options.marks {
            Some(Marks::Rows(n)) => most.min(usize::try_from(n - self.rows).unwrap_or(usize::MAX)),
            Some(Marks::Every(_)) | None => most,
        };
        match self.reader.next_block(&mut self.names, most) {
            None => return false,
            Some(Ok(block)) => {
                self.rows += block.rows() as u64;
                batch.block = Some(block);
            }
            Some(Err(ReadError::Fatal(e))) => batch.fatal = Some(e),
            // A block gives no row by itself.
            Some(Err(ReadError::Row(_))) => return false,
        }
        true
    }

    fn rows(&mut self, batch: &mut Batch) {
        let most = if self.options.each_row { 1 } else { self.options.rows.unwrap_or(ROWS).max(1) };
        while batch.rows.len() < most {
            let event = match self.reader.next_event(&mut self.names) {
                None => {
                    batch.end = Some(self.reader.hashes());
                    break;
                }
                Some(Err(ReadError::Fatal(e))) => {
                    batch.fatal = Some(e);
                    break;
                }
                Some(Err(ReadError::Row(fault))) => Err(fault),
                Some(Ok(event)) => Ok(event),
            };
            let place = self.reader.fault(None, String::new());
            let raw = if self.options.keep_raw { self.reader.raw() } else { String::new() };
            batch.rows.push(Row { event, place, raw });
            self.rows += 1;
            if let Some(Marks::Rows(n)) = self.options.marks
                && self.rows >= n
            {
                break;
            }
        }
    }

    /// Says of a batch who was met in it, and how far the stream is read.
    fn tell(&mut self, batch: &mut Batch) {
        let met = self.names.strangers();
        batch.strangers = met.iter().skip(self.met).cloned().collect();
        self.met = met.len();
        batch.bytes = self.reader.bytes();
        let due = match self.options.marks {
            None => false,
            Some(_) if batch.end.is_some() => true,
            Some(Marks::Rows(n)) => self.rows >= n,
            Some(Marks::Every(time)) => self.marked.elapsed() >= time,
        };
        if due {
            batch.position = Some(self.reader.position());
            self.rows = 0;
            self.marked = Instant::now();
        }
    }
}
