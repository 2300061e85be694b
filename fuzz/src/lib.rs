//! What the fuzz targets share: a server with its keys (`world`), planted secrets, makers of
//! tokens, and simple models that say what may be accepted.

pub mod drive;
pub mod jose;
pub mod model;
pub mod scenario;
pub mod secrets;
pub mod text;
pub mod world;
