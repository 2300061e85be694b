//! Cookies, and the sessions that they name.

use std::convert::Infallible;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, header, request::Parts},
};
use url::form_urlencoded;
use uuid::Uuid;

use crate::store::{
    Store,
    sign_in::{LoginSession, Session},
};

/// What the browser sent.
pub(crate) struct Cookies(HeaderMap);

impl Cookies {
    /// The authorization request that waits for the user.
    pub(crate) const LOGIN_SESSION: &'static str = "fief_login_session";
    /// The user who is signed in.
    pub(crate) const SESSION: &'static str = "fief_session";
    /// The registration page that was shown.
    pub(crate) const REGISTRATION: &'static str = "fief_registration_session";
    /// The token that forms must repeat.
    pub(crate) const CSRF: &'static str = "fief_csrftoken";
    /// The address of the last sign-in, percent-encoded.
    pub(crate) const LOGIN_HINT: &'static str = "fief_login_hint";
    /// The language that was asked for; the pages are in English.
    pub(crate) const LOCALE: &'static str = "fief_locale";

    pub(crate) fn find(&self, name: &str) -> Option<&str> {
        let lines = self.0.get_all(header::COOKIE).iter().filter_map(|line| line.to_str().ok());
        let mut pairs = lines.flat_map(|line| line.split(';'));
        let value = pairs.find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))?;
        Some(value.trim_matches('"'))
    }

    /// A value that was percent-encoded to be part of a cookie.
    pub(crate) fn decoded(&self, name: &str) -> Option<String> {
        let value = form_urlencoded::parse(self.find(name)?.as_bytes()).next()?;
        Some(value.0.into_owned())
    }

    /// The session at this tenant, and its token.
    pub(crate) fn session(
        &self,
        store: &Store,
        tenant: Uuid,
        now: i64,
    ) -> Option<(String, Session)> {
        let token = self.find(Self::SESSION)?;
        let session = store.sessions.find(token, now)?;
        let here =
            store.user(session.user).is_some_and(|user| user.tenant == tenant && user.is_active);
        here.then(|| (token.to_owned(), session.clone()))
    }

    /// The authorization request that waits for the user, and its token.
    pub(crate) fn login_session(&self, store: &Store, tenant: Uuid, now: i64) -> Waiting {
        let Some(token) = self.find(Self::LOGIN_SESSION) else { return Waiting::Missing };
        match store.login_sessions.find(token, now).filter(|session| session.tenant == tenant) {
            Some(session) => Waiting::Found(token.to_owned(), Box::new(session.clone())),
            None => Waiting::Invalid,
        }
    }
}

/// Whether an authorization request waits for the user.
pub(crate) enum Waiting {
    /// None was made.
    Missing,
    /// It has expired, or is of another tenant.
    Invalid,
    Found(String, Box<LoginSession>),
}

impl<S: Sync> FromRequestParts<S> for Cookies {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Self::Rejection> {
        Ok(Self(parts.headers.clone()))
    }
}

/// Adds a cookie to an answer, for the time of the browser's session or for so many seconds.
/// Values are made by us and need no quoting.
pub(crate) fn set(headers: &mut HeaderMap, name: &str, value: &str, max_age: Option<u32>) {
    let max_age = max_age.map(|seconds| format!("; Max-Age={seconds}")).unwrap_or_default();
    let cookie = format!("{name}={value}; HttpOnly{max_age}; Path=/; SameSite=lax");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        headers.append(header::SET_COOKIE, cookie);
    }
}

/// Removes a cookie.
pub(crate) fn unset(headers: &mut HeaderMap, name: &str) {
    set(headers, name, "\"\"", Some(0));
}

/// A string from outside, percent-encoded to be part of a cookie.
pub(crate) fn encode(value: &str) -> String {
    form_urlencoded::byte_serialize(value.as_bytes()).collect()
}
