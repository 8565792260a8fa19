//! Benches live beside this file, one program each; nothing here is built with the product.
