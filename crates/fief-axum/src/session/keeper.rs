//! Keeps sessions: in a cookie, or on the server where they are too large for one.

use std::{sync::Arc, time::Duration};

use fief_hyper::{Fief, Secret, UnixTime};
use http::{HeaderMap, HeaderValue};
use serde::{Deserialize, Serialize};
use tracing::warn;

use super::{ErasedSessionStore, Session, refresh::Refresher};
use crate::{AuthError, BoxError, sealed_cookies::SealedCookies};

/// The longest `Set-Cookie` that every browser keeps, in bytes (RFC 6265 section 6.1).
const LONGEST_COOKIE: usize = 4096;

/// Everything that sessions need, shared by the login routes and the layer.
pub(crate) struct Keeper {
    pub fief: Fief,
    pub cookies: SealedCookies,
    pub cookie_name: String,
    pub store: Arc<dyn ErasedSessionStore>,
    /// Whether sessions go there that would fit into a cookie, too.
    pub store_all: bool,
    /// How long a session that can be refreshed is kept after its last refresh.
    pub lifetime: Duration,
    pub refresher: Refresher,
}

/// What a session cookie holds.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "snake_case")]
enum Content {
    Session(Session),
    /// The name of a session in the store.
    Stored(Secret),
}

/// A session as it was found.
pub(crate) struct Kept {
    pub session: Session,
    /// Its name, if it is in the store.
    pub stored: Option<Secret>,
}

impl Keeper {
    /// The session of a request, if it has one.
    pub async fn find(&self, headers: &HeaderMap) -> Result<Option<Kept>, AuthError> {
        let Some(content) = self.content(headers) else {
            return Ok(None);
        };
        let name = match content {
            Content::Session(session) => return Ok(Some(Kept { session, stored: None })),
            Content::Stored(name) => name,
        };
        let session = self.load(&name).await?;
        if session.is_none() {
            warn!("a session is no longer in the store; its user is signed out");
        }
        Ok(session.map(|session| Kept { session, stored: Some(name) }))
    }

    /// Whether the request claims to have a session.
    pub fn has_cookie(&self, headers: &HeaderMap) -> bool {
        crate::cookies::find(headers, &self.cookies.name(&self.cookie_name)).is_some()
    }

    /// Keeps a session, and gives the cookie for it.
    ///
    /// `stored` is the name it has in the store already.
    pub async fn keep(
        &self,
        session: &Session,
        stored: Option<Secret>,
        is_saved: bool,
    ) -> Result<HeaderValue, AuthError> {
        let seconds = self.seconds(session);
        let name = match stored {
            Some(name) => name,
            None if self.store_all => Fief::random_text()?,
            None => {
                let cookie = self.cookie(&Content::Session(session.clone()), seconds);
                if cookie.len() <= LONGEST_COOKIE {
                    return Ok(cookie);
                }
                Fief::random_text()?
            }
        };
        if !is_saved {
            self.save(session, &name).await?;
        }
        Ok(self.cookie(&Content::Stored(name), seconds))
    }

    /// Reads a session from the store.
    pub async fn load(&self, name: &Secret) -> Result<Option<Session>, AuthError> {
        let sealed = self.store.load(name.expose()).await.map_err(store_fails)?;
        let text = sealed.and_then(|sealed| self.cookies.open(&place(name), &sealed));
        Ok(text.and_then(|text| serde_json::from_str(&text).ok()))
    }

    /// Writes a session into the store.
    pub async fn save(&self, session: &Session, name: &Secret) -> Result<(), AuthError> {
        let text = serde_json::to_string(session).map_err(|error| store_fails(error.into()))?;
        let sealed = self.cookies.seal(&place(name), &text);
        let time_to_live = Duration::from_secs(self.seconds(session));
        self.store.save(name.expose(), &sealed, time_to_live).await.map_err(store_fails)
    }

    /// Ends the session of a request, and gives the cookie that ends it in the browser.
    pub async fn end(&self, stored: Option<&Secret>) -> HeaderValue {
        if let Some(name) = stored
            && let Err(error) = self.store.remove(name.expose()).await
        {
            // The browser loses the name; the time to live does the rest.
            store_fails(error).log();
        }
        self.cookies.take_away(&self.cookie_name)
    }

    /// The name in the store of the session of a request, without looking for it there.
    pub fn stored(&self, headers: &HeaderMap) -> Option<Secret> {
        match self.content(headers)? {
            Content::Session(_) => None,
            Content::Stored(name) => Some(name),
        }
    }

    fn content(&self, headers: &HeaderMap) -> Option<Content> {
        serde_json::from_str(&self.cookies.read(headers, &self.cookie_name)?).ok()
    }

    fn cookie(&self, content: &Content, seconds: u64) -> HeaderValue {
        // A session always serialises; were it not so, an empty cookie means signed out.
        let text = serde_json::to_string(content).unwrap_or_default();
        self.cookies.set(&self.cookie_name, &text, seconds)
    }

    /// How long to keep it: as long as it can be used, or refreshed.
    fn seconds(&self, session: &Session) -> u64 {
        let until = |end: UnixTime| {
            u64::try_from(end.as_secs().saturating_sub(self.fief.now().as_secs())).unwrap_or(0)
        };
        match (&session.refresh_token, session.expires_at) {
            (None, Some(end)) => until(end).max(1),
            _ => self.lifetime.as_secs().max(1),
        }
    }
}

/// Ties a stored session to its name: entries of the store can't be exchanged.
fn place(name: &Secret) -> String {
    format!("session:{}", name.expose())
}

pub(super) fn store_fails(error: BoxError) -> AuthError {
    AuthError::SessionStore(error.into())
}
