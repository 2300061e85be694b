//! The sign-in, from the port to the saved credentials.

use std::{
    env, io,
    panic::{self, AssertUnwindSafe},
    sync::{
        Arc,
        atomic::Ordering,
        mpsc::{self, Receiver, RecvTimeoutError, Sender},
    },
    thread,
    time::{Duration, Instant},
};

use fief_ureq::{LoginRedirect, Tokens, UserInfo};

use crate::{
    AuthorizeOptions, Credentials, Error, FiefAuth,
    loopback::{Answer, Expected, Loopback, Reception, Visit},
    options::{Browser, Open},
    paste::{Clipboard, Lines, Pasted, Source},
    redirect::RedirectUri,
};

/// After an hour the core refuses the login.
const LONGEST_DEADLINE: Duration = Duration::from_secs(60 * 60);
/// How often connections are accepted, and the caller's flag is checked.
const TICK: Duration = Duration::from_millis(20);
/// How often the user may paste something wrong. The limit ends the sign-in if standard input is a
/// file.
const MOST_TRIES: usize = 20;

/// What happens while the user signs in.
enum Event {
    Opened(bool),
    Visit(Visit),
    Line(io::Result<String>),
}

/// How the user comes back.
enum Arrival {
    Answer(Answer),
    Paste(Pasted),
}

/// A sign-in under way.
struct Wait<'a> {
    auth: &'a FiefAuth,
    options: &'a AuthorizeOptions,
    url: &'a str,
    /// How the browser is opened; none if the user opens it.
    open: Option<Open>,
    source: Option<Source>,
    loopback: Option<Loopback>,
    reception: Arc<Reception>,
    events: Receiver<Event>,
    tell: Sender<Event>,
}

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
    /// this sign-in counts; all others get an error page and change nothing. A user whose browser
    /// is on another machine pastes the address at which it ends up into the terminal. State, nonce
    /// and PKCE are always sent. The browser shows the outcome once it is known; the port is free
    /// as soon as the answer has come.
    ///
    /// # Errors
    ///
    /// [`PortInUse`](Error::PortInUse), [`TimedOut`](Error::TimedOut), [`Denied`](Error::Denied),
    /// [`AuthorizationCodeMissing`](Error::AuthorizationCodeMissing) if the browser comes back
    /// without a code, [`Storage`](Error::Storage) if the credentials can't be saved, which is
    /// tried before the browser opens, and [`Fief`](Error::Fief) if the server can't be reached or
    /// refuses.
    pub fn authorize_with(&self, options: &AuthorizeOptions) -> Result<(Tokens, UserInfo), Error> {
        self.sign_in(options, None)
    }

    /// Signs the user in, and tells them why that is needed.
    pub(crate) fn sign_in(
        &self,
        options: &AuthorizeOptions,
        why: Option<&Error>,
    ) -> Result<(Tokens, UserInfo), Error> {
        // A save that can't work must fail before the user is asked to sign in.
        {
            let _lock = self.lock()?;
            self.store.try_save().map_err(Error::storage)?;
        }
        let open = opener(&options.browser);
        let (redirect_uri, redirect, loopback) = listen(options, open.is_none())?;
        let LoginRedirect { url, pending } =
            self.ask(|fief| fief.login(options.request_to(redirect_uri)))?;

        let (tell, events) = mpsc::channel();
        let expected =
            Expected { host: redirect.host, path: redirect.path, state: pending.state().clone() };
        let reception = Arc::new(Reception {
            expected,
            error_page: options.error(),
            tell: {
                let tell = tell.clone();
                // After the end the receiver is gone.
                Box::new(move |visit| drop(tell.send(Event::Visit(visit))))
            },
        });
        if let Some(why) = why {
            (self.say)(&format!("You have to sign in: {}.", fief_ureq::Report(why)));
        }
        let source = options.source.clone().filter(|source| {
            !matches!(source, Source::Terminal)
                || options.announce.is_none()
                || matches!(options.browser, Browser::None)
        });
        let wait = Wait {
            auth: self,
            options,
            url: &url,
            open,
            source,
            loopback,
            reception,
            events,
            tell,
        };
        let arrival = wait.run()?;
        let outcome = self
            .ask(|fief| match &arrival {
                Arrival::Answer(answer) => fief.finish_login(pending, answer.query.expose()),
                Arrival::Paste(Pasted::Callback(url)) => fief.finish_login(pending, url.expose()),
                Arrival::Paste(Pasted::Code(code)) => {
                    fief.finish_login_with_code(pending, code.expose())
                }
            })
            .and_then(|signed_in| self.keep(signed_in));
        match (&arrival, &outcome) {
            (Arrival::Answer(answer), Ok(_)) => answer.succeed(&options.success()),
            (Arrival::Answer(answer), Err(_)) => answer.fail(&options.error()),
            _ => {}
        }
        outcome
    }

    fn keep(&self, (tokens, user): (Tokens, UserInfo)) -> Result<(Tokens, UserInfo), Error> {
        let _lock = self.lock()?;
        let credentials = Credentials::new(tokens, user);
        self.save(&credentials)?;
        Ok((credentials.tokens, credentials.userinfo))
    }
}

/// Takes the port of the first redirect URI whose port is free. Where the user can paste, it goes on
/// without any.
fn listen(
    options: &AuthorizeOptions,
    can_paste: bool,
) -> Result<(&str, RedirectUri, Option<Loopback>), Error> {
    let mut in_use = Vec::new();
    for uri in &options.redirect_uris {
        let redirect = RedirectUri::parse(uri)?;
        match Loopback::bind(&redirect.addresses(options.listen_on)) {
            Ok(loopback) => return Ok((uri, redirect, Some(loopback))),
            Err(Error::PortInUse(addresses)) => in_use.extend(addresses),
            Err(_) if can_paste => {}
            Err(error) => return Err(error),
        }
    }
    match options.redirect_uris.first() {
        Some(uri) if can_paste => Ok((uri, RedirectUri::parse(uri)?, None)),
        Some(_) => Err(Error::PortInUse(in_use)),
        None => Err(Error::RedirectUri("is missing")),
    }
}

fn opener(browser: &Browser) -> Option<Open> {
    match browser {
        Browser::System if is_remote() => None,
        Browser::System => Some(Arc::new(webbrowser::open)),
        Browser::Own(open) => Some(open.clone()),
        Browser::None => None,
    }
}

/// Whether the user sits at another machine: over ssh, without a display that is forwarded.
fn is_remote() -> bool {
    let is_set = |name: &&str| env::var_os(name).is_some_and(|value| !value.is_empty());
    ["SSH_CONNECTION", "SSH_TTY"].iter().any(is_set)
        && !["DISPLAY", "WAYLAND_DISPLAY", "BROWSER"].iter().any(is_set)
}

impl Wait<'_> {
    /// Waits for the callback or the pasted address. When this returns, the port is free, and the
    /// terminal is no longer read.
    fn run(mut self) -> Result<Arrival, Error> {
        let until = Instant::now() + self.options.deadline.min(LONGEST_DEADLINE);
        let mut clipboard =
            Clipboard { expected: &self.reception.expected, shown: self.url, begun: "".into() };
        let mut lines = None;
        let mut tries = 0;
        let mut has_spoken_tls = false;
        self.announce();
        match self.open.clone() {
            Some(open) => self.open_browser(open),
            None => lines = self.read_lines(),
        }
        loop {
            if self.options.stop.as_ref().is_some_and(|flag| flag.load(Ordering::Relaxed)) {
                return Err(Error::Interrupted);
            }
            if Instant::now() >= until {
                return Err(Error::TimedOut);
            }
            if let Some(loopback) = &mut self.loopback {
                loopback.let_in(&self.reception);
            }
            match self.events.recv_timeout(TICK) {
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {}
                Ok(Event::Opened(is_open)) => {
                    // Not before the browser has been opened: one that runs in the terminal needs
                    // it for itself.
                    lines = self.read_lines();
                    self.say_what_is_waited_for(is_open, lines.is_some());
                }
                Ok(Event::Visit(Visit::Answer(answer))) => return Ok(Arrival::Answer(answer)),
                Ok(Event::Visit(Visit::Tls)) if has_spoken_tls => {}
                Ok(Event::Visit(Visit::Tls)) => {
                    has_spoken_tls = true;
                    self.say(
                        "The redirect URI was called with https, but it is an http address. If that \
                         was your browser, change https:// to http:// in its address bar.",
                    );
                }
                Ok(Event::Line(Ok(line))) => match clipboard.paste(&line) {
                    Ok(pasted) => return Ok(Arrival::Paste(pasted)),
                    Err(_) if tries == MOST_TRIES => return Err(Error::AuthorizationCodeMissing),
                    Err(why) => {
                        tries += 1;
                        self.say(why);
                        lines.iter().for_each(Lines::ask);
                    }
                },
                // The browser may still come back by itself.
                Ok(Event::Line(Err(_))) if self.open.is_some() => lines = None,
                Ok(Event::Line(Err(error))) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Err(Error::AuthorizationCodeMissing);
                }
                Ok(Event::Line(Err(error))) => return Err(Error::Input(error.into())),
            }
        }
    }

    fn announce(&self) {
        let url = self.url;
        match &self.options.announce {
            Some(announce) => announce(url),
            None if self.open.is_some() => self.say(&format!(
                "Sign in with your browser. If it does not open by itself, open this address:\n\n  \
                 {url}\n"
            )),
            None => self.say(&format!(
                "Open this address in a browser, on any machine, and sign in:\n\n  {url}\n\n\
                 You may end up on a page that can't be shown: that is expected. Paste its \
                 address here, or the code in it:"
            )),
        }
    }

    fn say_what_is_waited_for(&self, is_open: bool, can_paste: bool) {
        if self.options.announce.is_some() {
            return;
        }
        let what = if is_open {
            "Waiting for you to sign in."
        } else {
            "No browser could be opened: open the address above in one."
        };
        let paste = if can_paste {
            " If the browser is on another machine, paste the address it ends up at here:"
        } else {
            ""
        };
        self.say(&format!("{what}{paste}"));
    }

    fn say(&self, message: &str) {
        (self.auth.say)(message);
    }

    /// In a thread of its own, since a browser that runs in the terminal blocks until its user is
    /// done.
    fn open_browser(&self, open: Open) {
        let (url, tell) = (self.url.to_owned(), self.tell.clone());
        thread::spawn(move || {
            let opened = panic::catch_unwind(AssertUnwindSafe(|| open(&url)));
            let _ = tell.send(Event::Opened(matches!(opened, Ok(Ok(())))));
        });
    }

    fn read_lines(&self) -> Option<Lines> {
        let tell = self.tell.clone();
        let lines = Lines::new(self.source.as_ref()?, move |line| {
            let _ = tell.send(Event::Line(line));
        });
        lines.ask();
        Some(lines)
    }
}
