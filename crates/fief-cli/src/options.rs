//! How a sign-in is to go.

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

/// How a sign-in is to go.
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

/// Who opens the address.
#[derive(Clone)]
pub(crate) enum Browser {
    /// The system, unless the user sits at another machine.
    System,
    Own(Open),
    /// The user, where they like.
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
    /// Comes back to this URI in place of [`REDIRECT_URI`]: `http`, one of `localhost`, `127.0.0.1`
    /// and `[::1]`, a port and a path. It must be registered with the client in Fief, byte for
    /// byte.
    pub fn redirect_to(uri: impl Into<String>) -> Self {
        Self::redirect_to_any([uri])
    }

    /// Comes back to the first of these URIs whose port is free. Each must be registered with the
    /// client in Fief.
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

    /// Listens on this address in place of the loopback addresses, on the port of the redirect URI.
    ///
    /// For a container, whose published port arrives at an address of its own: `0.0.0.0` there.
    /// Elsewhere it lets the network call in vain, since only the right state counts.
    pub fn listen_on(mut self, address: impl Into<IpAddr>) -> Self {
        self.listen_on = Some(address.into());
        self
    }

    /// Asks for more: scopes besides `openid` and `offline_access`, which are always asked for, the
    /// language of the pages, `prompt`, `screen`, `login_hint` and what else an
    /// [`AuthorizationRequest`] has.
    pub fn request(
        mut self,
        modify: impl Fn(AuthorizationRequest) -> AuthorizationRequest + Send + Sync + 'static,
    ) -> Self {
        let before = self.request;
        self.request = Arc::new(move |request| modify(before(request)));
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
        self.browser = Browser::Own(Arc::new(open));
        self
    }

    /// Opens no browser: the user opens the address wherever they like, and pastes the address they
    /// are sent to, or the code in it, into standard input.
    ///
    /// Over ssh, where no display is, this goes by itself. The callback is listened for all the
    /// same, if the port is free: it may be forwarded.
    pub fn no_browser(mut self) -> Self {
        self.browser = Browser::None;
        self.source = Some(Source::stdin());
        self
    }

    /// As [`no_browser`](Self::no_browser), and reads what the user pastes, line by line, in a way
    /// of your own. A line that is still waited for when the callback arrives is thrown away.
    pub fn paste(mut self, read: impl Fn() -> io::Result<String> + Send + Sync + 'static) -> Self {
        self.browser = Browser::None;
        self.source = Some(Source::Blocking(Arc::new(read)));
        self
    }

    /// Shows the authorization URL in a way of your own, in place of the lines that say where to go
    /// and what is waited for. The terminal is not read then, unless
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

    /// Gives up soon after this flag is set, with [`Error::Interrupted`](crate::Error::Interrupted).
    ///
    /// For programs that handle signals themselves. Without it Ctrl-C ends the program, as it does
    /// anywhere: nothing is left behind, since the port is the operating system's to free and no
    /// credentials have been written.
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

    /// The HTML document that the browser shows if the user is not signed in. Why stands in the
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
