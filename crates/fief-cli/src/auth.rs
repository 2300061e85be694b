//! Who is signed in, and with which tokens.

use std::{fmt, path::PathBuf, sync::Arc};

use fief_ureq::{AccessTokenInfo, Fief, RefreshRequest, Requirements, Tokens, UserInfo};

use crate::{
    CredentialStore, Credentials, CredentialsFile, Error, StoreLock,
    error::{is_expired, is_invalid_grant, is_unknown_key},
};

/// An access token with less to live is refreshed, in seconds: so that it lasts for what it is
/// about to be used for.
const LEAST_LIFETIME: i64 = 60;

/// Signs the user of a command-line program in, and keeps them signed in.
///
/// Cheap to clone; nothing is kept in memory, so threads and processes that share the credentials
/// see each other's changes.
#[derive(Clone)]
pub struct FiefAuth {
    pub(crate) fief: Fief,
    pub(crate) store: Arc<dyn CredentialStore>,
}

/// Whether to ask the server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refresh {
    /// Take what is saved.
    No,
    /// Bring it up to date.
    Yes,
}

impl FiefAuth {
    /// Keeps the credentials in a file; see [`CredentialsFile`], and
    /// [`default_path`](crate::default_path) for the usual place. Nothing is read yet.
    pub fn new(fief: Fief, credentials_path: impl Into<PathBuf>) -> Self {
        Self::with_store(fief, CredentialsFile::new(credentials_path))
    }

    /// Keeps the credentials in a place of your own.
    pub fn with_store(fief: Fief, store: impl CredentialStore + 'static) -> Self {
        Self { fief, store: Arc::new(store) }
    }

    /// The client that this works with.
    pub fn fief(&self) -> &Fief {
        &self.fief
    }

    /// The signed-in user: as saved, or fetched from the server and saved.
    ///
    /// # Errors
    ///
    /// [`NotAuthenticated`](Error::NotAuthenticated) if nobody is signed in. With [`Refresh::Yes`]
    /// also those of [`access_token_info`](Self::access_token_info), and the server's.
    pub fn current_user(&self, refresh: Refresh) -> Result<UserInfo, Error> {
        if refresh == Refresh::No {
            return Ok(self.saved()?.userinfo);
        }
        let info = self.access_token_info(Refresh::Yes)?;
        let mut user = self.fief.userinfo_of(info.access_token.expose(), &info.id.to_string())?;
        let _lock = self.lock()?;
        match self.saved() {
            Ok(mut saved) if saved.userinfo.sub == user.sub => {
                // The claims that only the ID token has, its issuer for one, are kept.
                let mut rest = std::mem::take(&mut saved.userinfo.rest);
                rest.extend(std::mem::take(&mut user.rest));
                user.rest = rest;
                self.save(&Credentials::new(saved.tokens, user.clone()))?;
            }
            // Somebody has signed out meanwhile, or in as another: that stays so.
            _ => {}
        }
        Ok(user)
    }

    /// The access token, validated, and what it says.
    ///
    /// With [`Refresh::Yes`] one that has expired, has less than 60 seconds left, or was signed with
    /// a key that the server has replaced is refreshed, once for all threads and processes that
    /// share the credentials. With [`Refresh::No`] it is an error, unless it is still good.
    ///
    /// The server takes each refresh token once. The time in which a crash loses the new one, from
    /// the server's answer until the file is renamed, is kept short: what can be known to fail is
    /// tried before. After such a loss, the user signs in again.
    ///
    /// # Errors
    ///
    /// [`NotAuthenticated`](Error::NotAuthenticated) if nobody is signed in, or the server refuses
    /// the refresh token; the saved user then stays, so that the next sign-in can be prefilled.
    /// [`RefreshTokenMissing`](Error::RefreshTokenMissing) if there is none.
    /// [`Client`](Error::Client) with the core's `Expired` if the token has expired and is not to
    /// be refreshed, and if the server can't be reached: then nothing has changed.
    pub fn access_token_info(&self, refresh: Refresh) -> Result<AccessTokenInfo, Error> {
        let saved = self.saved()?;
        match refresh {
            Refresh::No => self.validate(&saved.tokens),
            Refresh::Yes => match self.lasting(&saved)? {
                Some(info) => Ok(info),
                None => self.refresh(&saved.tokens),
            },
        }
    }

    /// Signs out of this program: forgets the credentials.
    ///
    /// The session in the user's browser goes on (send them to
    /// [`Fief::logout_url`](fief_ureq::Fief::logout_url) to end it), and the server lets the tokens
    /// live until they expire: it has no way of revoking them.
    ///
    /// # Errors
    ///
    /// [`Storage`](Error::Storage) if they can't be removed.
    pub fn logout(&self) -> Result<(), Error> {
        if self.store.load().map_err(Error::storage)?.is_none() {
            return Ok(());
        }
        let _lock = self.lock()?;
        self.store.clear().map_err(Error::storage)
    }

    /// Refreshes, unless somebody else has while we waited for the lock.
    fn refresh(&self, seen: &Tokens) -> Result<AccessTokenInfo, Error> {
        let _lock = self.lock()?;
        let saved = self.saved()?;
        if let Some(info) = self.renewed(&saved, seen)? {
            return Ok(info);
        }
        let refresh_token = saved.tokens.refresh_token.as_ref();
        let refresh_token = refresh_token.ok_or(Error::RefreshTokenMissing)?;
        // A rehearsal: a full disk or a missing right shows before the token is spent.
        self.save(&saved)?;
        let request = RefreshRequest::new(refresh_token).previous(&saved.userinfo);
        match self.fief.auth_refresh_token(request) {
            Ok((mut tokens, user)) => {
                // A server that sends no new one lets the old one live (RFC 6749 section 6).
                tokens.refresh_token = tokens.refresh_token.or(saved.tokens.refresh_token);
                self.save(&Credentials::new(tokens.clone(), user))?;
                self.validate(&tokens)
            }
            Err(error) if is_invalid_grant(&error) => {
                // A program that knows nothing of our lock may have been faster.
                let renewed = self.renewed(&self.saved()?, seen)?;
                renewed.ok_or(Error::NotAuthenticated(Some(error)))
            }
            Err(error) => Err(error.into()),
        }
    }

    /// What the access token says if it is good, and not the one that was seen to be due.
    fn renewed(
        &self,
        saved: &Credentials,
        seen: &Tokens,
    ) -> Result<Option<AccessTokenInfo>, Error> {
        if saved.tokens.access_token == seen.access_token { Ok(None) } else { self.good(saved) }
    }

    /// What the access token says if it is good, and for a while yet.
    fn lasting(&self, saved: &Credentials) -> Result<Option<AccessTokenInfo>, Error> {
        let now = self.fief.now().as_secs();
        let lasts = |info: &AccessTokenInfo| {
            info.expires_at.as_secs().saturating_sub(now) >= LEAST_LIFETIME
        };
        Ok(self.good(saved)?.filter(lasts))
    }

    /// What the access token says; none if it is one that a refresh would replace.
    fn good(&self, saved: &Credentials) -> Result<Option<AccessTokenInfo>, Error> {
        match self.validate(&saved.tokens) {
            Err(Error::Client(error))
                if is_expired(&error) || is_unknown_key(&error) && self.is_issuer_of(saved) =>
            {
                Ok(None)
            }
            outcome => outcome.map(Some),
        }
    }

    /// Whether the credentials are of the server that we talk to. A token of another server has an
    /// unknown key too, and must not be sent here.
    fn is_issuer_of(&self, saved: &Credentials) -> bool {
        let issuer = saved.userinfo.rest.get("iss").and_then(|issuer| issuer.as_str());
        issuer.is_some() && issuer == self.fief.provider().issuer()
    }

    fn validate(&self, tokens: &Tokens) -> Result<AccessTokenInfo, Error> {
        let token = tokens.access_token.expose();
        Ok(self.fief.validate_access_token(token, &Requirements::none())?)
    }

    fn saved(&self) -> Result<Credentials, Error> {
        self.store.load().map_err(Error::storage)?.ok_or(Error::NotAuthenticated(None))
    }

    fn save(&self, credentials: &Credentials) -> Result<(), Error> {
        self.store.save(credentials).map_err(Error::storage)
    }

    pub(crate) fn lock(&self) -> Result<StoreLock<'_>, Error> {
        self.store.lock().map_err(Error::storage)
    }
}

impl fmt::Debug for FiefAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FiefAuth").field("fief", &self.fief).finish_non_exhaustive()
    }
}
