//! OAuth 2.0 and OpenID Connect as parameters: what is asked, what comes back, what is kept
//! between.

pub(crate) mod authorization_request;
pub(crate) mod callback;
pub(crate) mod grant;
pub(crate) mod pending_login;
pub(crate) mod pkce;
pub(crate) mod tokens;
pub(crate) mod user_api;
