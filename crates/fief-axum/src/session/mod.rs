//! The session of a browser: its tokens, in a cookie or on the server.

mod keeper;
mod layer;
mod refresh;
mod state;
mod store;

#[cfg(feature = "redis")]
pub use self::store::RedisSessionStore;
pub(crate) use self::{
    keeper::{Keeper, Kept},
    refresh::Refresher,
    state::{Session, SessionState},
    store::ErasedSessionStore,
};
pub use self::{
    layer::{SessionLayer, WithSession},
    store::{MemorySessionStore, SessionStore},
};
