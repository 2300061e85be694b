//! Clients.

use serde_json::Value;
use uuid::Uuid;

use crate::settings::ClientType;

/// A program that users sign in to.
#[derive(Clone)]
#[allow(clippy::struct_field_names, reason = "the names of the protocol")]
pub(crate) struct Client {
    pub(crate) id: Uuid,
    pub(crate) name: String,
    pub(crate) client_id: String,
    pub(crate) client_secret: String,
    pub(crate) client_type: ClientType,
    pub(crate) first_party: bool,
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) tenant: Uuid,
    /// A JWK, private or public.
    pub(crate) encryption_key: Option<Value>,
    /// Seconds, of a code, an access or ID token, a refresh token.
    pub(crate) lifetimes: Lifetimes,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

/// Seconds.
#[derive(Clone, Copy)]
pub(crate) struct Lifetimes {
    pub(crate) code: u32,
    pub(crate) token: u32,
    pub(crate) refresh: u32,
}
