//! habendum-norm
