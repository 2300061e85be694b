//! How a sign-in is to go.

use std::{
    borrow::Cow,
    fmt, io,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use fief_ureq::{Acr, AuthorizationRequest};

use crate::{browser, pages, paste};

/// The redirect URI unless another is given. It must be registered with the client in Fief, byte
/// for byte.
pub const REDIRECT_URI: &str = "http://localhost:51562/callback";

/// Asked for whatever else is: without them there is neither a user nor a refresh token.
const SCOPE: [&str; 2] = ["openid", "offline_access"];

const DEADLINE: Duration = Duration::from_secs(10 * 60);

/// How [`FiefAuth::authorize_with`](crate::FiefAuth::authorize_with) signs a user in.
///
/// ```
/// use fief_cli::AuthorizeOptions;
///
/// let options = AuthorizeOptions::default().scope(["castles:read"]).lang("fr-FR");
/// # let _ = options;
/// ```
#[derive(Clone)]
#[must_use = "options do nothing until they are passed on"]
pub struct AuthorizeOptions {
    pub(crate) redirect_uri: String,
    request: AuthorizationRequest,
    scope: Vec<String>,
    pub(crate) way: Way,
    pub(crate) announce: Option<Announce>,
    pub(crate) deadline: Duration,
    pub(crate) stop: Option<Arc<AtomicBool>>,
    pub(crate) success_page: Cow<'static, str>,
    pub(crate) error_page: Cow<'static, str>,
}

/// How the answer comes to the program.
#[derive(Clone)]
pub(crate) enum Way {
    /// The browser calls the redirect URI, where we listen.
    Browser(Open),
    /// The user copies it.
    Paste(Read),
}

pub(crate) type Open = Arc<dyn Fn(&str) -> io::Result<()> + Send + Sync>;
pub(crate) type Read = Arc<dyn Fn() -> io::Result<String> + Send + Sync>;
pub(crate) type Announce = Arc<dyn Fn(&str) + Send + Sync>;

impl Default for AuthorizeOptions {
    fn default() -> Self {
        Self::redirect_to(REDIRECT_URI)
    }
}

impl AuthorizeOptions {
    /// Comes back to this URI in place of [`REDIRECT_URI`]: `http`, one of `localhost`, `127.0.0.1`
    /// and `[::1]`, a port and a path. It must be registered with the client in Fief, byte for
    /// byte.
    pub fn redirect_to(uri: impl Into<String>) -> Self {
        let redirect_uri = uri.into();
        Self {
            request: AuthorizationRequest::new(redirect_uri.as_str()),
            redirect_uri,
            scope: SCOPE.map(str::to_owned).to_vec(),
            way: Way::Browser(Arc::new(browser::open)),
            announce: None,
            deadline: DEADLINE,
            stop: None,
            success_page: Cow::Borrowed(pages::SUCCESS),
            error_page: Cow::Borrowed(pages::ERROR),
        }
    }

    /// Scopes to ask for, besides `openid` and `offline_access`, which are always asked for.
    pub fn scope(mut self, scope: impl IntoIterator<Item = impl Into<String>>) -> Self {
        for scope in scope {
            let scope = scope.into();
            if !self.scope.contains(&scope) {
                self.scope.push(scope);
            }
        }
        self
    }

    /// The language of the pages, `fr-FR` for example.
    pub fn lang(mut self, lang: impl Into<String>) -> Self {
        self.request = self.request.lang(lang);
        self
    }

    /// `none`, `login` or `consent` (OpenID Connect Core 3.1.2.1).
    pub fn prompt(mut self, prompt: impl Into<String>) -> Self {
        self.request = self.request.prompt(prompt);
        self
    }

    /// Which page Fief opens with: `login` or `register`.
    pub fn screen(mut self, screen: impl Into<String>) -> Self {
        self.request = self.request.screen(screen);
        self
    }

    /// The email address to fill in.
    pub fn login_hint(mut self, hint: impl Into<String>) -> Self {
        self.request = self.request.login_hint(hint);
        self
    }

    /// The levels of authentication that will do; less than the lowest is refused.
    pub fn acr_values(mut self, levels: impl IntoIterator<Item = Acr>) -> Self {
        self.request = self.request.acr_values(levels);
        self
    }

    /// How long ago, in seconds, the user may have authenticated.
    pub fn max_age(mut self, seconds: u64) -> Self {
        self.request = self.request.max_age(seconds);
        self
    }

    /// One more parameter of the authorization URL. It can't be one that the protocol has a meaning
    /// for.
    pub fn extra(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.request = self.request.extra(name, value);
        self
    }

    /// Opens the browser in a way of your own, in place of the system's default browser.
    ///
    /// It runs in a thread of its own and may block; the sign-in does not wait for it. If it fails,
    /// the user is asked to open the address themselves. Process lists show the arguments of a
    /// program to every user of a machine: see the notes on security in the README.
    pub fn browser(
        mut self,
        open: impl Fn(&str) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.way = Way::Browser(Arc::new(open));
        self
    }

    /// Opens no browser and listens on no port: the user opens the address wherever they like, and
    /// pastes the address they are sent to, or the code in it, into standard input.
    ///
    /// For machines without a browser. [`deadline`](Self::deadline) and [`stop_on`](Self::stop_on)
    /// can't end the reading of a line; an hour after its beginning a login is refused.
    pub fn no_browser(self) -> Self {
        self.paste(paste::read_line)
    }

    /// As [`no_browser`](Self::no_browser), and reads what the user pastes in a way of your own.
    pub fn paste(mut self, read: impl Fn() -> io::Result<String> + Send + Sync + 'static) -> Self {
        self.way = Way::Paste(Arc::new(read));
        self
    }

    /// Shows the authorization URL in a way of your own. Nothing is then written to standard error,
    /// where address and spinner are shown otherwise.
    pub fn announce(mut self, announce: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.announce = Some(Arc::new(announce));
        self
    }

    /// How long to wait for the browser to come back: ten minutes by default, an hour at most.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Gives up soon after this flag is set, with [`Error::Interrupted`](crate::Error::Interrupted).
    ///
    /// For programs that handle signals themselves. Without it Ctrl-C ends the program, as it does
    /// anywhere: nothing is left behind, since the port is the operating system's to free and no
    /// credentials have been written.
    pub fn stop_on(mut self, flag: Arc<AtomicBool>) -> Self {
        self.stop = Some(flag);
        self
    }

    /// The HTML document that the browser shows once the user is signed in.
    pub fn success_page(mut self, html: impl Into<Cow<'static, str>>) -> Self {
        self.success_page = html.into();
        self
    }

    /// The HTML document that the browser shows if the user is not signed in. Why stands in the
    /// error that the program gets, not on the page.
    pub fn error_page(mut self, html: impl Into<Cow<'static, str>>) -> Self {
        self.error_page = html.into();
        self
    }

    pub(crate) fn request(&self) -> AuthorizationRequest {
        self.request.clone().scope(self.scope.clone())
    }
}

impl fmt::Debug for AuthorizeOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizeOptions")
            .field("redirect_uri", &self.redirect_uri)
            .field("request", &self.request)
            .field("scope", &self.scope)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
