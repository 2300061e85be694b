//! What a flow asks its driver to send.

use std::{fmt, mem};

use bytes::Bytes;
use http::{
    HeaderValue, Method, Uri,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, USER_AGENT},
};

use super::endpoint::{Endpoint, body_limit};
use crate::{
    base::secret::{TokenRef, Wiped, wipe},
    config::settings::Settings,
    error::local::ArgumentError,
    provider::Ticket,
};

/// One HTTP request to perform, exactly once, without following a redirect.
///
/// Its body, which may hold a code or a password, is wiped on drop; so is the token in its header.
pub struct Request {
    /// Boxed, because it is the largest part of every step.
    http: Box<http::Request<Vec<u8>>>,
    endpoint: Endpoint,
    ticket: Option<Ticket>,
}

impl Request {
    pub(crate) fn new(settings: &Settings, endpoint: Endpoint, method: Method, uri: Uri) -> Self {
        let mut http = Box::new(http::Request::new(Vec::new()));
        *http.method_mut() = method;
        *http.uri_mut() = uri;
        let headers = http.headers_mut();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(
            USER_AGENT,
            HeaderValue::from_static(concat!("fief-rust/", env!("CARGO_PKG_VERSION"))),
        );
        if let Some(host) = &settings.host_header {
            headers.insert(HOST, host.clone());
        }
        Self { http, endpoint, ticket: None }
    }

    pub(crate) fn with_ticket(mut self, ticket: Ticket) -> Self {
        self.ticket = Some(ticket);
        self
    }

    pub(crate) fn with_authorization(mut self, mut value: HeaderValue) -> Self {
        value.set_sensitive(true);
        self.http.headers_mut().insert(AUTHORIZATION, value);
        self
    }

    /// Adds this token as the `Authorization` header (RFC 6750 section 2.1).
    pub(crate) fn with_bearer(self, token: TokenRef<'_>) -> Result<Self, ArgumentError> {
        // The header is wiped when its last copy goes.
        let bearer = Wiped::from(["Bearer ", token.expose()].concat().into_bytes());
        let bearer = HeaderValue::from_maybe_shared(Bytes::from_owner(bearer))
            .map_err(|_| ArgumentError::new("access_token", "is not visible ASCII"))?;
        Ok(self.with_authorization(bearer))
    }

    pub(crate) fn with_body(mut self, content_type: &'static str, body: Vec<u8>) -> Self {
        self.http.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
        *self.http.body_mut() = body;
        self
    }

    /// The request itself: an absolute URI, and every header but those of the connection.
    ///
    /// It holds a `Host` header only where the configuration overrides it. It must then be sent as
    /// it is, over HTTP/1.1, while TLS checks the name in the URI.
    pub fn http(&self) -> &http::Request<Vec<u8>> {
        &self.http
    }

    /// The same, by value and without a copy. The caller then owns the body, which is no longer
    /// wiped on drop.
    pub fn into_http(mut self) -> http::Request<Vec<u8>> {
        mem::replace(&mut *self.http, http::Request::new(Vec::new()))
    }

    /// Where it goes, for a log or a metric.
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// The ticket of a shared fetch; none for a request of the flow's own.
    pub fn ticket(&self) -> Option<Ticket> {
        self.ticket
    }

    /// The greatest body of a success, in bytes after decompression.
    ///
    /// A driver stops reading one byte past it and hands over what it has; the core then says that
    /// the answer is too large.
    pub fn body_limit(&self) -> usize {
        body_limit(self.endpoint)
    }
}

impl fmt::Debug for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", self.http.method())
            .field("uri", self.http.uri())
            .field("endpoint", &self.endpoint)
            .field("ticket", &self.ticket)
            .finish_non_exhaustive()
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        wipe(self.http.body_mut());
    }
}
