//! habendum-model
