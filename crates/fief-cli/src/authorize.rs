//! The sign-in, from the port to the saved credentials.

use std::{
    io,
    sync::{
        atomic::Ordering,
        mpsc::{Receiver, TryRecvError},
    },
    time::{Duration, Instant},
};

use fief_ureq::{LoginRedirect, Tokens, UserInfo};

use crate::{
    AuthorizeOptions, Credentials, Error, FiefAuth, browser,
    loopback::{Expected, Loopback},
    options::{Open, Read, Way},
    paste::{self, Pasted},
    redirect::RedirectUri,
    terminal::{self, Spinner},
};

/// After an hour the core refuses the login.
const LONGEST_DEADLINE: Duration = Duration::from_secs(60 * 60);

impl FiefAuth {
    /// Signs the user in with their browser, and saves tokens and user.
    ///
    /// [`authorize_with`](Self::authorize_with) with the default options.
    ///
    /// # Errors
    ///
    /// As [`authorize_with`](Self::authorize_with).
    pub fn authorize(&self) -> Result<(Tokens, UserInfo), Error> {
        self.authorize_with(&AuthorizeOptions::default())
    }

    /// Signs the user in, and saves tokens and user.
    ///
    /// Listens on this machine for the redirect URI, opens the browser, shows the address too, and
    /// waits. Only a GET request for the exact path, under the right `Host` and with the `state` of
    /// this sign-in counts; all others get an error page and change nothing. State, nonce and PKCE
    /// are always sent. The browser shows how it ended only when that is known; the port is free
    /// from the moment the answer came.
    ///
    /// # Errors
    ///
    /// [`PortInUse`](Error::PortInUse), [`TimedOut`](Error::TimedOut), [`Denied`](Error::Denied),
    /// [`AuthorizationCodeMissing`](Error::AuthorizationCodeMissing) if the browser comes back with
    /// nothing of use, [`Storage`](Error::Storage) if the credentials can't be saved, which is
    /// tried before the browser opens, and [`Client`](Error::Client) if the server can't be reached
    /// or refuses.
    pub fn authorize_with(&self, options: &AuthorizeOptions) -> Result<(Tokens, UserInfo), Error> {
        // Before the user takes any trouble.
        drop(self.lock()?);
        match &options.way {
            Way::Browser(open) => self.by_browser(options, open),
            Way::Paste(read) => self.by_hand(options, read),
        }
    }

    fn by_browser(
        &self,
        options: &AuthorizeOptions,
        open: &Open,
    ) -> Result<(Tokens, UserInfo), Error> {
        let redirect = RedirectUri::parse(&options.redirect_uri)?;
        let loopback = Loopback::bind(&redirect)?;
        let login = self.fief.login(options.request())?;
        let expected = expected(redirect, &login);

        terminal::announce_browser(options, &login.url);
        let answer = {
            let mut watch = Watch::new(options, open, &login.url);
            let until = Instant::now() + options.deadline.min(LONGEST_DEADLINE);
            loopback.wait(&expected, &options.error_page, until, || watch.go_on())?
        };
        let outcome = self
            .fief
            .finish_login(login.pending, answer.query())
            .map_err(Error::from)
            .and_then(|signed_in| self.keep(signed_in));
        match &outcome {
            Ok(_) => answer.succeed(&options.success_page),
            Err(_) => answer.fail(&options.error_page),
        }
        outcome
    }

    fn by_hand(
        &self,
        options: &AuthorizeOptions,
        read: &Read,
    ) -> Result<(Tokens, UserInfo), Error> {
        let redirect = RedirectUri::parse(&options.redirect_uri)?;
        let login = self.fief.login(options.request())?;
        let expected = expected(redirect, &login);

        terminal::announce_paste(options, &login.url);
        let signed_in = match paste::ask(read, &expected, || terminal::wrong_paste(options))? {
            Pasted::Callback(callback) => self.fief.finish_login(login.pending, callback.expose()),
            Pasted::Code(code) => self.fief.finish_login_with_code(login.pending, code.expose()),
        };
        self.keep(signed_in?)
    }

    fn keep(&self, (tokens, user): (Tokens, UserInfo)) -> Result<(Tokens, UserInfo), Error> {
        let _lock = self.lock()?;
        let credentials = Credentials::new(tokens, user);
        self.store.save(&credentials).map_err(Error::storage)?;
        Ok((credentials.tokens, credentials.userinfo))
    }
}

fn expected(redirect: RedirectUri, login: &LoginRedirect) -> Expected {
    Expected { host: redirect.host, path: redirect.path, state: login.pending.state().clone() }
}

/// Looks after the browser and the user's patience while the listener waits.
struct Watch<'a> {
    options: &'a AuthorizeOptions,
    opening: Option<Receiver<io::Result<()>>>,
    spinner: Spinner,
}

impl<'a> Watch<'a> {
    fn new(options: &'a AuthorizeOptions, open: &Open, url: &str) -> Self {
        let opening = Some(browser::open_beside(open, url));
        Self { options, opening, spinner: Spinner::hidden() }
    }

    fn go_on(&mut self) -> Result<(), Error> {
        let stop = self.options.stop.as_ref();
        if stop.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return Err(Error::Interrupted);
        }
        let opened = match self.opening.as_ref().map(Receiver::try_recv) {
            None | Some(Err(TryRecvError::Empty)) => return Ok(()),
            Some(Ok(outcome)) => outcome.is_ok(),
            Some(Err(TryRecvError::Disconnected)) => false,
        };
        self.opening = None;
        // Not before: a browser that runs in the terminal has it for itself.
        self.spinner = Spinner::waiting(self.options, opened);
        Ok(())
    }
}
