//! The options of a sign-in.

use std::{
    borrow::Cow,
    env, fmt, io,
    net::IpAddr,
    path::Path,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

use fief_ureq::AuthorizationRequest;

use crate::{pages, paste::Source};

/// The redirect URI unless another is given. It must be registered with the client in Fief, byte
/// for byte.
pub const REDIRECT_URI: &str = "http://localhost:51562/callback";

const DEADLINE: Duration = Duration::from_secs(10 * 60);

/// The options of a sign-in.
///
/// ```
/// use fief_cli::AuthorizeOptions;
///
/// let options = AuthorizeOptions::default()
///     .request(|request| request.scope(["castles:read"]).lang("fr-FR"))
///     .program("Castles");
/// # let _ = options;
/// ```
#[derive(Clone)]
#[must_use = "options do nothing until they are passed on"]
pub struct AuthorizeOptions {
    pub(crate) redirect_uris: Vec<String>,
    pub(crate) listen_on: Option<IpAddr>,
    request: Modify,
    pub(crate) browser: Browser,
    pub(crate) source: Option<Source>,
    pub(crate) announce: Option<Announce>,
    pub(crate) deadline: Duration,
    pub(crate) stop: Option<Arc<AtomicBool>>,
    program: Option<String>,
    success_page: Option<Cow<'static, str>>,
    error_page: Option<Cow<'static, str>>,
}

/// How the address is opened.
#[derive(Clone)]
pub(crate) enum Browser {
    /// By the system, unless the user sits at another machine.
    System,
    Own(Open),
    /// By the user, in a browser of their choice.
    None,
}

pub(crate) type Open = Arc<dyn Fn(&str) -> io::Result<()> + Send + Sync>;
pub(crate) type Announce = Arc<dyn Fn(&str) + Send + Sync>;
type Modify = Arc<dyn Fn(AuthorizationRequest) -> AuthorizationRequest + Send + Sync>;

impl Default for AuthorizeOptions {
    fn default() -> Self {
        Self::redirect_to(REDIRECT_URI)
    }
}

impl AuthorizeOptions {
    /// Options with this redirect URI instead of [`REDIRECT_URI`]: `http`, one of `localhost`,
    /// `127.0.0.1` and `[::1]`, a port and a path. It must be registered with the client in Fief,
    /// byte for byte.
    pub fn redirect_to(uri: impl Into<String>) -> Self {
        Self::redirect_to_any([uri])
    }

    /// Options with several redirect URIs: the first whose port is free is used. Each must be
    /// registered with the client in Fief.
    ///
    /// ```
    /// use fief_cli::{AuthorizeOptions, REDIRECT_URI};
    ///
    /// let options =
    ///     AuthorizeOptions::redirect_to_any([REDIRECT_URI, "http://localhost:51563/callback"]);
    /// # let _ = options;
    /// ```
    pub fn redirect_to_any(uris: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self {
            redirect_uris: uris.into_iter().map(Into::into).collect(),
            listen_on: None,
            request: Arc::new(|request| request),
            browser: Browser::System,
            source: Source::terminal(),
            announce: None,
            deadline: DEADLINE,
            stop: None,
            program: None,
            success_page: None,
            error_page: None,
        }
    }

    /// Listens on this address instead of the loopback addresses, on the port of the redirect URI.
    ///
    /// For a container, whose published port arrives at an address of its own: use `0.0.0.0` there.
    /// Outside of a container that also admits requests from the network; they have no effect,
    /// because only the right state counts.
    pub fn listen_on(mut self, address: impl Into<IpAddr>) -> Self {
        self.listen_on = Some(address.into());
        self
    }

    /// Changes the authorization request: scopes besides `openid` and `offline_access`, which are
    /// always requested, the language of the pages, `prompt`, `screen`, `login_hint` and all else
    /// that an [`AuthorizationRequest`] has.
    pub fn request(
        mut self,
        modify: impl Fn(AuthorizationRequest) -> AuthorizationRequest + Send + Sync + 'static,
    ) -> Self {
        let before = self.request;
        self.request = Arc::new(move |request| modify(before(request)));
        self
    }

    /// Opens the browser in a way of your own, instead of the system's default browser.
    ///
    /// It runs in a thread of its own and may block; the sign-in does not wait for it. If it fails,
    /// the user is asked to open the address themselves. Process lists show the arguments of a
    /// program to every user of a machine: see the notes on security in the README.
    pub fn browser(
        mut self,
        open: impl Fn(&str) -> io::Result<()> + Send + Sync + 'static,
    ) -> Self {
        self.browser = Browser::Own(Arc::new(open));
        self
    }

    /// Opens no browser: the user opens the address wherever they like, and pastes the address they
    /// are sent to, or the code in it, into standard input.
    ///
    /// This is the default over ssh without a display. The program still listens for the callback
    /// if the port is free: it may be forwarded.
    pub fn no_browser(mut self) -> Self {
        self.browser = Browser::None;
        self.source = Some(Source::stdin());
        self
    }

    /// As [`no_browser`](Self::no_browser), and reads what the user pastes, line by line, in a way
    /// of your own. A line that is still being read when the callback arrives is dropped.
    pub fn paste(mut self, read: impl Fn() -> io::Result<String> + Send + Sync + 'static) -> Self {
        self.browser = Browser::None;
        self.source = Some(Source::Blocking(Arc::new(read)));
        self
    }

    /// Shows the authorization URL in a way of your own, instead of the messages that say where to
    /// go and what the program waits for. The terminal is not read then, unless
    /// [`no_browser`](Self::no_browser) says so.
    pub fn announce(mut self, announce: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.announce = Some(Arc::new(announce));
        self
    }

    /// How long to wait for the user: ten minutes by default, an hour at most.
    pub fn deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Gives up soon after this flag is set, with
    /// [`Error::Interrupted`](crate::Error::Interrupted).
    ///
    /// For programs that handle signals themselves. Without it, Ctrl-C ends the program as usual,
    /// and nothing is left behind: the operating system frees the port, and no credentials have
    /// been written.
    pub fn stop_on(mut self, flag: Arc<AtomicBool>) -> Self {
        self.stop = Some(flag);
        self
    }

    /// The program's name on the pages that the browser shows at the end. By default it is that of
    /// the file.
    pub fn program(mut self, name: impl Into<String>) -> Self {
        self.program = Some(name.into());
        self
    }

    /// The HTML document that the browser shows once the user is signed in.
    pub fn success_page(mut self, html: impl Into<Cow<'static, str>>) -> Self {
        self.success_page = Some(html.into());
        self
    }

    /// The HTML document that the browser shows if the user is not signed in. The reason is in the
    /// error that the program gets, not on the page.
    pub fn error_page(mut self, html: impl Into<Cow<'static, str>>) -> Self {
        self.error_page = Some(html.into());
        self
    }

    /// The request for one of the redirect URIs. The core adds `openid`.
    pub(crate) fn request_to(&self, redirect_uri: &str) -> AuthorizationRequest {
        (self.request)(AuthorizationRequest::new(redirect_uri)).scope(["offline_access"])
    }

    pub(crate) fn success(&self) -> String {
        let own = self.success_page.as_deref().map(str::to_owned);
        own.unwrap_or_else(|| pages::success(&self.name()))
    }

    pub(crate) fn error(&self) -> String {
        let own = self.error_page.as_deref().map(str::to_owned);
        own.unwrap_or_else(|| pages::error(&self.name()))
    }

    fn name(&self) -> String {
        let of_file = || {
            let path = env::args_os().next()?;
            Some(Path::new(&path).file_stem()?.to_string_lossy().into_owned())
        };
        self.program.clone().or_else(of_file).unwrap_or_default()
    }
}

impl fmt::Debug for AuthorizeOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizeOptions")
            .field("redirect_uris", &self.redirect_uris)
            .field("listen_on", &self.listen_on)
            .field("deadline", &self.deadline)
            .finish_non_exhaustive()
    }
}
