//! What the fuzz targets share: a world to play in, planted secrets, makers of tokens, and naive
//! models that say what may be accepted.

pub mod drive;
pub mod jose;
pub mod model;
pub mod scenario;
pub mod secrets;
pub mod text;
pub mod world;
