//! The authorization request (RFC 6749 section 4.1.1, OpenID Connect Core 3.1.2.1).

use url::Url;

use super::pkce::CodeChallenge;
use crate::{base::secret::Secret, claims::acr::Acr, error::local::ArgumentError};

/// What to ask of the authorization endpoint: the redirect URI, and what else you wish.
///
/// ```
/// use fief_proto::{Acr, AuthorizationRequest};
///
/// let request = AuthorizationRequest::new("http://localhost:8000/callback")
///     .scope(["openid", "offline_access"])
///     .acr_values([Acr::LevelOne])
///     .lang("fr-FR");
/// # let _ = request;
/// ```
#[derive(Clone, Debug)]
#[must_use = "a request does nothing until it is passed on"]
pub struct AuthorizationRequest {
    redirect_uri: String,
    scope: Vec<String>,
    state: Option<Secret>,
    nonce: Option<Secret>,
    code_challenge: Option<CodeChallenge>,
    prompt: Option<String>,
    screen: Option<String>,
    login_hint: Option<String>,
    acr_values: Vec<Acr>,
    max_age: Option<u64>,
    lang: Option<String>,
    extra: Vec<(String, String)>,
}

impl AuthorizationRequest {
    /// A request whose answer goes to this URI, which must be registered with the client, byte for
    /// byte.
    pub fn new(redirect_uri: impl Into<String>) -> Self {
        Self {
            redirect_uri: redirect_uri.into(),
            scope: Vec::new(),
            state: None,
            nonce: None,
            code_challenge: None,
            prompt: None,
            screen: None,
            login_hint: None,
            acr_values: Vec::new(),
            max_age: None,
            lang: None,
            extra: Vec::new(),
        }
    }

    /// Further scopes, sent as given. Fief wants `openid`; `offline_access` brings a refresh token.
    pub fn scope(mut self, scope: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.scope.extend(scope.into_iter().map(Into::into));
        self
    }

    /// A string that comes back with the answer; `login` makes one itself.
    pub fn state(mut self, state: impl Into<Secret>) -> Self {
        self.state = Some(state.into());
        self
    }

    /// A string that comes back in the ID token; `login` makes one itself.
    pub fn nonce(mut self, nonce: impl Into<Secret>) -> Self {
        self.nonce = Some(nonce.into());
        self
    }

    /// The challenge of PKCE (RFC 7636); `login` makes one itself.
    pub fn code_challenge(mut self, challenge: CodeChallenge) -> Self {
        self.code_challenge = Some(challenge);
        self
    }

    /// `none`, `login` or `consent` (OpenID Connect Core 3.1.2.1).
    pub fn prompt(mut self, prompt: impl Into<String>) -> Self {
        self.prompt = Some(prompt.into());
        self
    }

    /// Which page Fief opens with: `login` or `register`.
    pub fn screen(mut self, screen: impl Into<String>) -> Self {
        self.screen = Some(screen.into());
        self
    }

    /// The email address to fill in.
    pub fn login_hint(mut self, hint: impl Into<String>) -> Self {
        self.login_hint = Some(hint.into());
        self
    }

    /// Further levels of authentication that are good enough. `finish_login` refuses less than the
    /// lowest.
    pub fn acr_values(mut self, levels: impl IntoIterator<Item = Acr>) -> Self {
        self.acr_values.extend(levels);
        self
    }

    /// How long ago, in seconds, the user may have authenticated at most.
    pub fn max_age(mut self, seconds: u64) -> Self {
        self.max_age = Some(seconds);
        self
    }

    /// The language of the pages, `fr-FR` for example.
    pub fn lang(mut self, lang: impl Into<String>) -> Self {
        self.lang = Some(lang.into());
        self
    }

    /// One more parameter. It can't be one that the protocol has a meaning for.
    pub fn extra(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.extra.push((name.into(), value.into()));
        self
    }

    /// The URI that the user comes back to, as it was given.
    pub fn redirect_uri(&self) -> &str {
        &self.redirect_uri
    }

    pub(crate) fn asked_max_age(&self) -> Option<u64> {
        self.max_age
    }

    /// The least level that was asked for: each of the values is good enough.
    pub(crate) fn asked_acr(&self) -> Option<Acr> {
        self.acr_values.iter().copied().min()
    }

    pub(crate) fn with_openid(mut self) -> Self {
        if !self.scope.iter().any(|scope| scope == "openid") {
            self.scope.insert(0, "openid".to_owned());
        }
        self
    }

    pub(crate) fn check(&self) -> Result<(), ArgumentError> {
        check_redirect_uri(&self.redirect_uri)?;
        check_scope(&self.scope)?;
        let strings = [
            ("state", self.state.as_ref().map(Secret::expose)),
            ("nonce", self.nonce.as_ref().map(Secret::expose)),
            ("prompt", self.prompt.as_deref()),
            ("screen", self.screen.as_deref()),
            ("login_hint", self.login_hint.as_deref()),
            ("lang", self.lang.as_deref()),
        ];
        for (argument, string) in strings {
            if string
                .is_some_and(|string| string.is_empty() || string.chars().any(char::is_control))
            {
                return Err(ArgumentError::new(argument, "is empty or holds a control character"));
            }
        }
        let is_ours = |name: &str| name.is_empty() || PROTOCOL_PARAMETERS.contains(&name);
        if self.extra.iter().any(|(name, _)| is_ours(name)) {
            return Err(ArgumentError::new(
                "extra_parameter",
                "is empty or one of the protocol; set it by its own method",
            ));
        }
        Ok(())
    }

    /// `login` chooses what protects the callback: a value of the caller's would be overwritten.
    pub(crate) fn check_for_login(&self) -> Result<(), ArgumentError> {
        if self.state.is_some() || self.nonce.is_some() || self.code_challenge.is_some() {
            return Err(ArgumentError::new(
                "login_parameter",
                "(state, nonce or code challenge) is chosen by `login` itself; leave it out",
            ));
        }
        self.check()
    }

    pub(crate) fn url(&self, client_id: &str, endpoint: &Url) -> String {
        let mut url = endpoint.clone();
        let mut query = url.query_pairs_mut();
        let mut add = |name: &str, value: &str| {
            query.append_pair(name, value);
        };
        add("response_type", "code");
        add("client_id", client_id);
        add("redirect_uri", &self.redirect_uri);
        if !self.scope.is_empty() {
            add("scope", &self.scope.join(" "));
        }
        if let Some(state) = &self.state {
            add("state", state.expose());
        }
        if let Some(nonce) = &self.nonce {
            add("nonce", nonce.expose());
        }
        if let Some(challenge) = &self.code_challenge {
            add("code_challenge", challenge.value());
            add("code_challenge_method", challenge.method());
        }
        if !self.acr_values.is_empty() {
            let levels: Vec<&str> = self.acr_values.iter().map(|level| level.as_str()).collect();
            add("acr_values", &levels.join(" "));
        }
        if let Some(max_age) = self.max_age {
            add("max_age", &max_age.to_string());
        }
        let strings = [
            ("prompt", &self.prompt),
            ("screen", &self.screen),
            ("login_hint", &self.login_hint),
            ("lang", &self.lang),
        ];
        for (name, string) in strings {
            if let Some(string) = string {
                add(name, string);
            }
        }
        for (name, value) in &self.extra {
            add(name, value);
        }
        drop(query);
        url.into()
    }
}

impl From<&str> for AuthorizationRequest {
    fn from(redirect_uri: &str) -> Self {
        Self::new(redirect_uri)
    }
}

impl From<&String> for AuthorizationRequest {
    fn from(redirect_uri: &String) -> Self {
        Self::new(redirect_uri)
    }
}

impl From<String> for AuthorizationRequest {
    fn from(redirect_uri: String) -> Self {
        Self::new(redirect_uri)
    }
}

/// Absolute and without a fragment (RFC 6749 section 3.1.2). It is sent as it is: what `url` makes
/// of it may differ by a slash, and Fief compares byte for byte.
pub(crate) fn check_redirect_uri(uri: &str) -> Result<(), ArgumentError> {
    let is_text = !uri.chars().any(|c| c.is_control() || c.is_whitespace());
    if is_text && !uri.contains('#') && Url::parse(uri).is_ok() {
        return Ok(());
    }
    Err(ArgumentError::new("redirect_uri", "is not an absolute URI without a fragment"))
}

/// Scope tokens as RFC 6749 section 3.3 has them.
pub(crate) fn check_scope(scope: &[String]) -> Result<(), ArgumentError> {
    let is_token = |token: &String| {
        !token.is_empty() && token.bytes().all(|b| matches!(b, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
    };
    if scope.iter().all(is_token) {
        return Ok(());
    }
    Err(ArgumentError::new(
        "scope",
        "holds a scope that is empty, or has a space, a quote or a backslash in it",
    ))
}

/// The parameters of an authorization request that have methods of their own, or a meaning in the
/// protocol.
pub(crate) const PROTOCOL_PARAMETERS: [&str; 20] = [
    "acr_values",
    "claims",
    "client_id",
    "client_secret",
    "code_challenge",
    "code_challenge_method",
    "lang",
    "login_hint",
    "max_age",
    "nonce",
    "prompt",
    "redirect_uri",
    "registration",
    "request",
    "request_uri",
    "response_mode",
    "response_type",
    "scope",
    "screen",
    "state",
];
