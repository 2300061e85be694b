//! Where the access token is in a request.

use std::{fmt, sync::Arc};

use fief_hyper::Secret;
use fief_tower::{bearer, token};
use http::request::Parts;
use tracing::warn;

use crate::{AuthError, cookies, same_site::Origins};

/// A place where a request may keep its access token.
///
/// ```
/// use fief_axum::TokenSource;
///
/// let in_order = [
///     TokenSource::bearer(),
///     TokenSource::cookie("token", ["https://www.example.com"]),
///     TokenSource::function(|parts| Some(parts.headers.get("x-token")?.to_str().ok()?.into())),
/// ];
/// # let _ = in_order;
/// ```
#[derive(Clone)]
pub struct TokenSource(Kind);

type Function = Arc<dyn Fn(&Parts) -> Option<Secret> + Send + Sync>;

#[derive(Clone)]
enum Kind {
    Bearer,
    Cookie { name: String, origins: Origins },
    Function(Function),
}

impl TokenSource {
    /// The header `Authorization`, scheme `Bearer` (RFC 6750 section 2.1).
    pub fn bearer() -> Self {
        Self(Kind::Bearer)
    }

    /// The cookie of this name, which holds the token as it is.
    ///
    /// A browser sends cookies even if another site made it send the request. With any method that
    /// is not safe, the cookie therefore counts only if `Sec-Fetch-Site` is `same-origin` or
    /// `none`, or `Origin` is one of these. A request from elsewhere is refused. A `GET` must not
    /// change anything.
    pub fn cookie<'a>(name: impl Into<String>, origins: impl IntoIterator<Item = &'a str>) -> Self {
        let mut allowed = Origins::default();
        for origin in origins {
            if !allowed.add(origin) {
                warn!("`{origin}` is no origin: one is like `https://www.example.com`");
            }
        }
        Self(Kind::Cookie { name: name.into(), origins: allowed })
    }

    /// A function of your own, from the head of a request to the token in it.
    ///
    /// What a browser sends by itself, a cookie for example, another site can make it send:
    /// [`cookie`](Self::cookie) looks at where a request comes from, this does not.
    pub fn function(find: impl Fn(&Parts) -> Option<Secret> + Send + Sync + 'static) -> Self {
        Self(Kind::Function(Arc::new(find)))
    }

    /// The token, if this source holds one. A value that can't be a token is an error.
    pub(crate) fn find(&self, parts: &Parts) -> Result<Option<Secret>, AuthError> {
        match &self.0 {
            Kind::Bearer => bearer(&parts.headers),
            Kind::Cookie { name, origins } => {
                let Some(value) = cookies::find(&parts.headers, name) else {
                    return Ok(None);
                };
                if !origins.allow(parts) {
                    return Err(AuthError::CrossSite);
                }
                token(value).map(Some)
            }
            Kind::Function(find) => Ok(find(parts)),
        }
    }
}

impl fmt::Debug for TokenSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Bearer => f.write_str("Bearer"),
            Kind::Cookie { name, .. } => f.debug_tuple("Cookie").field(name).finish(),
            Kind::Function(_) => f.write_str("Function"),
        }
    }
}
