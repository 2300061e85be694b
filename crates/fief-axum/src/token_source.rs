//! Where a request keeps its access token.

use std::{fmt, sync::Arc};

use fief_hyper::Secret;
use http::{HeaderMap, header, request::Parts};

use crate::{AuthError, cookies, session::SessionState};

/// A place where a request may keep its access token.
#[derive(Clone)]
pub struct TokenSource(Kind);

type Function = Arc<dyn Fn(&Parts) -> Option<Secret> + Send + Sync>;

#[derive(Clone)]
enum Kind {
    Bearer,
    Cookie(String),
    Function(Function),
    Session,
}

impl TokenSource {
    /// The header `Authorization`, scheme `Bearer` (RFC 6750 section 2.1).
    pub fn bearer() -> Self {
        Self(Kind::Bearer)
    }

    /// The cookie of this name, which holds the token as it is.
    ///
    /// A browser sends cookies also where another site made it ask: set this one with
    /// `SameSite=Lax` or `Strict`, and let no `GET` change anything.
    pub fn cookie(name: impl Into<String>) -> Self {
        Self(Kind::Cookie(name.into()))
    }

    /// A function of your own, from the head of a request to the token in it.
    pub fn function(find: impl Fn(&Parts) -> Option<Secret> + Send + Sync + 'static) -> Self {
        Self(Kind::Function(Arc::new(find)))
    }

    /// The session that [`WebLogin`](crate::WebLogin) keeps.
    pub fn session() -> Self {
        Self(Kind::Session)
    }

    pub(crate) fn is_session(&self) -> bool {
        matches!(self.0, Kind::Session)
    }

    /// The token, if there is one here. One that can't be a token is an error, not an absence.
    pub(crate) fn find(&self, parts: &Parts) -> Result<Option<Secret>, AuthError> {
        match &self.0 {
            Kind::Bearer => bearer(&parts.headers),
            Kind::Cookie(name) => cookie(&parts.headers, name),
            Kind::Function(find) => Ok(find(parts)),
            Kind::Session => SessionState::token(parts),
        }
    }
}

fn bearer(headers: &HeaderMap) -> Result<Option<Secret>, AuthError> {
    let mut values = headers.get_all(header::AUTHORIZATION).iter();
    let Some(value) = values.next() else {
        return Ok(None);
    };
    if values.next().is_some() {
        return Err(AuthError::malformed_token());
    }
    let Some((scheme, token)) = value.as_bytes().split_first_chunk::<6>() else {
        return Ok(None);
    };
    if !scheme.eq_ignore_ascii_case(b"bearer") {
        return Ok(None);
    }
    match token {
        [] => Err(AuthError::malformed_token()),
        [b' ', ..] => Ok(Some(text(token.trim_ascii())?)),
        _ => Ok(None), // another scheme, whose name begins with that word
    }
}

fn cookie(headers: &HeaderMap, name: &str) -> Result<Option<Secret>, AuthError> {
    cookies::find(headers, name).map(text).transpose()
}

fn text(token: &[u8]) -> Result<Secret, AuthError> {
    match std::str::from_utf8(token) {
        Ok(token) if !token.is_empty() => Ok(Secret::from(token)),
        _ => Err(AuthError::malformed_token()),
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Bearer => f.write_str("Bearer"),
            Kind::Cookie(name) => f.debug_tuple("Cookie").field(name).finish(),
            Kind::Function(_) => f.write_str("Function"),
            Kind::Session => f.write_str("Session"),
        }
    }
}
