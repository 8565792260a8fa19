//! habendum
