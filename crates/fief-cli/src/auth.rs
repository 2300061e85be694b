//! Who is signed in, and with which tokens.

use std::{fmt, path::PathBuf, sync::Arc};

use fief_ureq::{
    AccessTokenError, AccessTokenInfo, Endpoint, Error as FiefError, Fief, RefreshRequest,
    Requirements, TokenFault, Tokens, UserInfo,
};
use serde_json::Value;

use crate::{
    AuthorizeOptions, CredentialStore, Credentials, CredentialsFile, Error, SignedOut, StoreLock,
    terminal::{self, Say, patiently},
};

/// An access token with fewer seconds left is refreshed, so that it does not expire while the
/// caller uses it.
const LEAST_LIFETIME: i64 = 60;

/// Signs the user of a command-line program in, and keeps them signed in.
///
/// Cheap to clone; nothing is kept in memory, so threads and processes that share the credentials
/// see each other's changes.
///
/// ```
/// use fief_cli::{CredentialsMemory, Error, FiefAuth, Refresh};
/// use fief_cli::fief_ureq::{Config, Fief};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let fief = Fief::new(Config::new("https://example.fief.dev", "CLIENT_ID"))?;
/// let auth = FiefAuth::with_store(fief, CredentialsMemory::default()); // or in a file: `new`
/// let error = auth.access_token_info(Refresh::No).unwrap_err();
/// assert!(matches!(error, Error::NotAuthenticated(_))); // `sign_in_if_needed` opens the browser
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct FiefAuth {
    fief: Fief,
    pub(crate) store: Arc<dyn CredentialStore>,
    pub(crate) say: Say,
}

/// An access token that is good, and its user.
type Good = (AccessTokenInfo, UserInfo);

/// Whether to ask the server.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Refresh {
    /// Use what is saved.
    No,
    /// Bring it up to date.
    Yes,
}

impl FiefAuth {
    /// Keeps the credentials in a file; see [`CredentialsFile`], and
    /// [`default_path`](crate::default_path) for the usual path. Nothing is read yet.
    pub fn new(fief: Fief, credentials_path: impl Into<PathBuf>) -> Self {
        Self::with_store(fief, CredentialsFile::new(credentials_path))
    }

    /// Keeps the credentials in a store of your own.
    pub fn with_store(fief: Fief, store: impl CredentialStore + 'static) -> Self {
        Self { fief, store: Arc::new(store), say: Arc::new(terminal::say) }
    }

    /// Passes messages for the user to this function, instead of writing them to standard error:
    /// where to sign in and why, what the program waits for if that takes more than two seconds,
    /// what is wrong with what they paste.
    #[must_use]
    pub fn messages(mut self, say: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.say = Arc::new(say);
        self
    }

    /// The client that this uses.
    pub fn fief(&self) -> &Fief {
        &self.fief
    }

    /// Returns an access token with at least 60 seconds left, and its user: as saved, refreshed,
    /// or, where neither is possible, from a new sign-in. Most programs need nothing else.
    ///
    /// [`sign_in_if_needed_with`](Self::sign_in_if_needed_with) with the default options.
    ///
    /// ```
    /// use fief_cli::{FiefAuth, default_path};
    /// use fief_cli::fief_ureq::{Config, Fief};
    ///
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let server = fief_devserver::DevServer::start()?;
    /// # let config = Config::new(server.base_url(), "devserver-public");
    /// # let folder = tempfile::tempdir()?;
    /// # let path = folder.path().join("credentials.json");
    /// # let (anne, password) = ("anne@bretagne.duchy", "hermine-tincture-1488");
    /// # let signed_in = FiefAuth::new(Fief::new(config.clone())?, &path);
    /// # let (show, shown) = std::sync::mpsc::channel::<String>();
    /// # let shown = std::sync::Mutex::new(shown);
    /// # signed_in.authorize_with(&fief_cli::AuthorizeOptions::default()
    /// #     .announce(move |url| show.send(url.to_owned()).unwrap())
    /// #     .paste(move || {
    /// #         let url = shown.lock().unwrap().recv().map_err(std::io::Error::other)?;
    /// #         fief_devserver::sign_in(&url, anne, password).map_err(std::io::Error::other)
    /// #     }))?;
    /// # let default_path = |_| Ok::<_, std::io::Error>(path.clone());
    /// // Config::new("https://example.fief.dev", "CLIENT_ID")
    /// let auth = FiefAuth::new(Fief::new(config)?, default_path("castles")?);
    /// let (token, user) = auth.sign_in_if_needed()?; // opens the browser only if it must
    /// println!("{} may {:?}", user.email.unwrap_or_default(), token.permissions);
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// As [`sign_in_if_needed_with`](Self::sign_in_if_needed_with).
    pub fn sign_in_if_needed(&self) -> Result<(AccessTokenInfo, UserInfo), Error> {
        self.sign_in_if_needed_with(&AuthorizeOptions::default())
    }

    /// Returns an access token with at least 60 seconds left, and its user.
    ///
    /// The user is sent to the browser if no user is signed in, the refresh token is missing or
    /// refused, the saved sign-in is of another server, tenant or client, or can't be read; and is
    /// told why. A program that runs without a user, as from `cron`, calls
    /// [`access_token_info`](Self::access_token_info) instead.
    ///
    /// # Errors
    ///
    /// Those of [`authorize_with`](Self::authorize_with), and [`Fief`](Error::Fief) if the server
    /// can't be reached and the token has expired.
    pub fn sign_in_if_needed_with(
        &self,
        options: &AuthorizeOptions,
    ) -> Result<(AccessTokenInfo, UserInfo), Error> {
        let why = match self.good(Refresh::Yes) {
            Err(error) if error.is_signed_out() => error,
            outcome => return outcome,
        };
        let is_first = matches!(why, Error::NotAuthenticated(SignedOut::Never));
        let (tokens, user) = self.sign_in(options, (!is_first).then_some(&why))?;
        self.judge(Credentials::new(tokens, user))
    }

    /// The signed-in user: as saved, or fetched from the server and saved.
    ///
    /// # Errors
    ///
    /// [`NotAuthenticated`](Error::NotAuthenticated) if no user is signed in. With [`Refresh::Yes`]
    /// also those of [`access_token_info`](Self::access_token_info), and the server's.
    pub fn current_user(&self, refresh: Refresh) -> Result<UserInfo, Error> {
        if refresh == Refresh::No {
            return Ok(self.saved()?.userinfo);
        }
        let info = self.access_token_info(Refresh::Yes)?;
        let mut user = self.ask(|fief| fief.userinfo_of(&info.access_token, info.id))?;
        let _lock = self.lock()?;
        match self.saved() {
            Ok(mut saved) if saved.userinfo.sub == user.sub => {
                // The claims that only the ID token has, its issuer for one, are kept.
                let mut rest = std::mem::take(&mut saved.userinfo.rest);
                rest.extend(std::mem::take(&mut user.rest));
                user.rest = rest;
                self.save(&Credentials::new(saved.tokens, user.clone()))?;
            }
            // The user has signed out meanwhile, or signed in as another: that must not be undone.
            _ => {}
        }
        Ok(user)
    }

    /// The access token, validated, and what it says.
    ///
    /// With [`Refresh::Yes`] one that has expired, has less than 60 seconds left, or was signed
    /// with a key that the server has replaced is refreshed, once for all threads and processes
    /// that share the credentials. With [`Refresh::No`] it is an error, unless it is still valid.
    ///
    /// A token that is still valid is returned even if the refresh fails. If Fief can't be reached
    /// to check it, it is returned without scope, permissions and level, because these were not
    /// checked.
    ///
    /// The server accepts each refresh token once. A crash between the server's answer and the save
    /// loses the new one, so that the user has to sign in again. That time is kept short: whether
    /// the save will work is tried before. New tokens that can't be checked just now (the clock is
    /// wrong, the keys can't be fetched) are not lost: the new refresh token is saved, and used the
    /// next time.
    ///
    /// # Errors
    ///
    /// [`NotAuthenticated`](Error::NotAuthenticated) if no user is signed in, or the server refuses
    /// the refresh token; the saved user then stays, so that the next sign-in can be prefilled.
    /// [`RefreshTokenMissing`](Error::RefreshTokenMissing) if there is none.
    /// [`Fief`](Error::Fief) with the core's `Expired` if the token has expired and is not to be
    /// refreshed, and if the server can't be reached: then nothing has changed.
    pub fn access_token_info(&self, refresh: Refresh) -> Result<AccessTokenInfo, Error> {
        self.good(refresh).map(|(info, _)| info)
    }

    /// Signs out of this program: deletes the credentials, even if they can't be read.
    ///
    /// The session in the user's browser goes on (send them to
    /// [`Fief::logout_url`](fief_ureq::Fief::logout_url) to end it), and the tokens remain valid
    /// until they expire: the server can't revoke them.
    ///
    /// # Errors
    ///
    /// [`Storage`](Error::Storage) if they are still there.
    pub fn logout(&self) -> Result<(), Error> {
        // Without the lock, because it fails or its holder hangs, the user must still be able to
        // sign out.
        let _lock = self.lock();
        self.store.clear().map_err(Error::storage)
    }

    /// An access token that is good, and its user.
    fn good(&self, refresh: Refresh) -> Result<Good, Error> {
        let saved = self.saved()?;
        let seen = saved.tokens.clone();
        match self.judge(saved) {
            Ok(good) if refresh == Refresh::Yes && !self.lasts(&good.0) => {
                match self.refresh(&seen) {
                    Err(error) if !matches!(error, Error::NotAuthenticated(_)) => Ok(good),
                    outcome => outcome,
                }
            }
            Err(error) if refresh == Refresh::Yes && is_due(&error) => self.refresh(&seen),
            outcome => outcome,
        }
    }

    /// Refreshes, unless another thread or process has while we waited for the lock.
    fn refresh(&self, seen: &Tokens) -> Result<Good, Error> {
        let _lock = self.lock()?;
        let mut saved = self.saved()?;
        if let Some(good) = self.renewed(&saved, seen)? {
            return Ok(good);
        }
        let spent = saved.tokens.refresh_token.clone().ok_or(Error::RefreshTokenMissing)?;
        // A full disk or a missing permission must be noticed before the token is spent.
        self.store.try_save().map_err(Error::storage)?;
        let request = RefreshRequest::new(&spent).previous(&saved.userinfo);
        match self.ask(|fief| fief.auth_refresh_token(request)) {
            Ok((mut tokens, user)) => {
                // A server that sends no new one leaves the old one valid (RFC 6749 section 6).
                tokens.refresh_token = tokens.refresh_token.or(Some(spent));
                let fresh = Credentials::new(tokens, user);
                // A sign-out that could not get the lock may have happened meanwhile.
                if matches!(self.store.load(), Ok(None)) {
                    return Err(Error::NotAuthenticated(SignedOut::Never));
                }
                self.save(&fresh)?;
                self.judge(fresh)
            }
            Err(error) => {
                let Error::Fief { error: cause, .. } = &error else { return Err(error) };
                match cause {
                    FiefError::Unchecked { refresh_token: Some(next), .. } => {
                        saved.tokens.refresh_token = Some(next.clone());
                        self.save(&saved)?;
                        Err(error)
                    }
                    _ if is_over(cause) => {
                        // A program that does not use our lock may have been faster.
                        let over = Error::NotAuthenticated(SignedOut::Over(cause.clone()));
                        self.renewed(&self.saved()?, seen)?.ok_or(over)
                    }
                    _ => Err(error),
                }
            }
        }
    }

    /// What is saved, if its access token is good and not the one that was seen to be due.
    fn renewed(&self, saved: &Credentials, seen: &Tokens) -> Result<Option<Good>, Error> {
        if saved.tokens.access_token == seen.access_token {
            return Ok(None);
        }
        match self.judge(saved.clone()) {
            Err(error) if is_due(&error) => Ok(None),
            outcome => outcome.map(Some),
        }
    }

    fn judge(&self, saved: Credentials) -> Result<Good, Error> {
        use AccessTokenError::{Expired, Invalid};
        use TokenFault::{UnknownKey, WrongAudience, WrongAuthorizedParty, WrongIssuer};
        let elsewhere = || Err(Error::NotAuthenticated(SignedOut::Elsewhere));
        if !self.is_for_us(&saved.userinfo) {
            return elsewhere();
        }
        let token = &saved.tokens.access_token;
        let outcome = self.ask(|fief| fief.validate_access_token(token, &Requirements::none()));
        let error = match outcome {
            Ok(info) => return Ok((info, saved.userinfo)),
            Err(error) => error,
        };
        let Error::Fief { error: FiefError::AccessToken(fault), .. } = &error else {
            // Whether it is good can't be told just now; when it ends was checked when it came.
            let info = self.unchecked(&saved).ok_or(error)?;
            return Ok((info, saved.userinfo));
        };
        match fault {
            Expired { .. } => Err(error),
            Invalid(UnknownKey) if self.is_of_this_server(&saved.userinfo) => Err(error),
            Invalid(
                UnknownKey | WrongAudience(_) | WrongAuthorizedParty(_) | WrongIssuer { .. },
            ) => elsewhere(),
            fault => {
                let error = FiefError::from(fault.clone());
                Err(Error::NotAuthenticated(SignedOut::Unusable(error)))
            }
        }
    }

    /// What is known of an access token without asking the server, until it expires.
    fn unchecked(&self, saved: &Credentials) -> Option<AccessTokenInfo> {
        let ends = saved.tokens.expires_at.filter(|ends| *ends > self.fief.now())?;
        let id = saved.userinfo.id().filter(|_| self.is_of_this_server(&saved.userinfo))?;
        Some(AccessTokenInfo::new(id, saved.tokens.access_token.clone(), ends))
    }

    /// Whether the user was signed in for this client, as far as what is saved says so.
    fn is_for_us(&self, user: &UserInfo) -> bool {
        let us = self.fief.client().client_id();
        match user.rest.get("aud") {
            Some(Value::Array(clients)) => clients.iter().any(|client| client == us),
            Some(client) => client == us,
            None => true,
        }
    }

    /// Whether the user was signed in by the server that this client calls. The key of another
    /// server's token is unknown here too: without this check, its refresh token would be sent to
    /// the wrong server.
    fn is_of_this_server(&self, user: &UserInfo) -> bool {
        let Some(issuer) = user.rest.get("iss").and_then(Value::as_str) else { return false };
        match self.fief.provider().issuer() {
            Some(known) => known == issuer,
            // Fief announces https even where it is reached by http.
            None => without_scheme(issuer) == without_scheme(self.fief.client().base_url()),
        }
    }

    fn lasts(&self, info: &AccessTokenInfo) -> bool {
        let now = self.fief.now().as_secs();
        info.expires_at.as_secs().saturating_sub(now) >= LEAST_LIFETIME
    }

    fn saved(&self) -> Result<Credentials, Error> {
        let saved = self.store.load().map_err(Error::storage)?;
        saved.ok_or(Error::NotAuthenticated(SignedOut::Never))
    }

    pub(crate) fn save(&self, credentials: &Credentials) -> Result<(), Error> {
        self.store.save(credentials).map_err(Error::storage)
    }

    pub(crate) fn lock(&self) -> Result<StoreLock<'_>, Error> {
        let what = "Waiting for another process that has locked the saved sign-in";
        patiently(&self.say, what, || self.store.lock()).map_err(Error::storage)
    }

    /// Calls Fief, and tells the user if that takes long.
    pub(crate) fn ask<T>(
        &self,
        call: impl FnOnce(&Fief) -> Result<T, FiefError>,
    ) -> Result<T, Error> {
        let base_url = self.fief.client().base_url();
        patiently(&self.say, &format!("Waiting for {base_url}"), || call(&self.fief))
            .map_err(|error| Error::fief(error, base_url))
    }
}

/// Whether an access token was judged to be one that a refresh replaces.
fn is_due(error: &Error) -> bool {
    matches!(error, Error::Fief { error: FiefError::AccessToken(_), .. })
}

/// Whether a refresh has failed for good: the server refuses, or what it sends is not of this
/// sign-in.
fn is_over(error: &FiefError) -> bool {
    match error {
        FiefError::Refused(refusal) => {
            refusal.endpoint() == Endpoint::Token && !error.is_transient()
        }
        FiefError::IdToken(_) => true,
        _ => false,
    }
}

/// Host, port and path of a URL.
fn without_scheme(url: &str) -> &str {
    url.split_once("://").map_or(url, |(_, rest)| rest).trim_end_matches('/')
}

impl fmt::Debug for FiefAuth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FiefAuth").field("fief", &self.fief).finish_non_exhaustive()
    }
}
