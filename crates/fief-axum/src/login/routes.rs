//! The three routes.

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    extract::{Request, State as Of},
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use fief_hyper::{Acr, AuthorizationRequest, CallbackFault, Error, Tokens, UserInfo};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header, request::Parts};
use tracing::debug;
use url::form_urlencoded::{self, Serializer};

use super::{
    Site,
    return_to::local_path,
    state::{LIFETIME, Pending, State},
    visitor::is_ahead,
};
use crate::{AuthError, cookies, seal::CookieSecret, session::hex};

pub(super) fn routes(site: &Arc<Site>) -> Router {
    // A HEAD request, or a fetch ahead of a navigation, must not begin or end a login.
    let nothing = async || StatusCode::NO_CONTENT;
    Router::new()
        .route(&site.paths.login, get(begin).head(nothing))
        .route(&site.paths.callback, get(finish).head(nothing))
        .route(&site.paths.logout, post(end))
        .with_state(Arc::clone(site))
}

/// Sends the browser to Fief.
async fn begin(Of(site): Of<Arc<Site>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    if is_ahead(&parts.headers) {
        return dressed(StatusCode::NO_CONTENT.into_response());
    }
    let answer = match site.elsewhere(&parts) {
        Some(url) => Ok(Redirect::to(&url).into_response()),
        None => site.begin(&parts).await,
    };
    site.told(answer, "/")
}

/// Handles the callback: creates a session, or answers with a page that says why there is none.
async fn finish(Of(site): Of<Arc<Site>>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    if is_ahead(&parts.headers) {
        return dressed(StatusCode::NO_CONTENT.into_response());
    }
    let query = parts.uri.query().unwrap_or_default();
    let mut return_to = format!("{}/", site.prefix);
    let answer = site.finish(query, &parts.headers, &mut return_to).await;
    site.told(answer, &return_to)
}

/// Ends the session, here and at Fief.
async fn end(Of(site): Of<Arc<Site>>, request: Request) -> Response {
    let answer = site.end(request.headers()).await;
    site.told(answer, &format!("{}/", site.prefix))
}

impl Site {
    /// The URL of this login on the host of the redirect URI, to which the callback and its cookies
    /// belong. None if the browser was sent there before: a proxy that rewrites the host would
    /// cause a loop.
    fn elsewhere(&self, parts: &Parts) -> Option<String> {
        const MOVED: &str = "moved";
        // HTTP/2 has it in the address.
        let host = parts.headers.get(header::HOST).map(HeaderValue::as_bytes);
        let asked = host.or(parts.uri.authority().map(|host| host.as_str().as_bytes()))?;
        let (_, ours) = self.origin.split_once("://")?;
        let query = parts.uri.query().unwrap_or_default();
        let mut pairs = form_urlencoded::parse(query.as_bytes());
        if asked.eq_ignore_ascii_case(ours.as_bytes()) || pairs.any(|(name, _)| name == MOVED) {
            return None;
        }
        let mut query = Serializer::new(query.to_owned());
        query.append_pair(MOVED, "1");
        let Self { origin, prefix, paths, .. } = self;
        Some(format!("{origin}{prefix}{}?{}", paths.login, query.finish()))
    }

    async fn begin(&self, parts: &Parts) -> Result<Response, AuthError> {
        let mut request = self.request.clone();
        let mut return_to = None;
        let mut is_high = false;
        let query = parts.uri.query().unwrap_or_default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let is_text =
                !value.is_empty() && value.len() <= 320 && !value.contains(char::is_control);
            match name.as_ref() {
                "return_to" => return_to = local_path(&value),
                // A link can raise the level, but not lower it.
                "acr_values" => is_high |= value.split(' ').any(|it| it == Acr::LevelOne.as_str()),
                "lang" if is_text => request = request.lang(value),
                "login_hint" if is_text => request = request.login_hint(value),
                "screen" if is_text => request = request.screen(value),
                _ => {}
            }
        }
        let pending = Pending {
            begun: self.auth.fief().now(),
            is_high,
            is_again: false,
            return_to: return_to.unwrap_or_else(|| format!("{}/", self.prefix)),
        };
        self.send_to_fief(&parts.headers, request, &pending).await
    }

    async fn send_to_fief(
        &self,
        headers: &HeaderMap,
        request: AuthorizationRequest,
        pending: &Pending,
    ) -> Result<Response, AuthError> {
        let secret = match self.login_secrets(headers).next() {
            Some(secret) => secret,
            None => CookieSecret::random()?,
        };
        let state = State::seal(&secret, pending)?;
        let fief = self.auth.fief();
        let login = fief.client().login(with_level(request, pending), &state.entropy())?;
        let redirect = fief.run(login).await?;
        // The core's own state can be derived with this browser's cookie alone. The sealed state,
        // which is sent instead, holds all that is needed to derive it again.
        let url = redirect.url.replace(redirect.pending.state().expose(), &state.encode());
        let mut response = Redirect::to(&url).into_response();
        let cookie = cookies::set(&self.login_cookie(&secret), &secret.encode(), LIFETIME);
        response.headers_mut().append(header::SET_COOKIE, cookie);
        Ok(response)
    }

    /// `return_to` is set as soon as it is known, for the page of an error.
    async fn finish(
        &self,
        query: &str,
        headers: &HeaderMap,
        return_to: &mut String,
    ) -> Result<Response, AuthError> {
        let given =
            |wanted| form_urlencoded::parse(query.as_bytes()).find(|(name, _)| name == wanted);
        let secrets: Vec<_> = self.login_secrets(headers).collect();
        let opened = given("state").and_then(|(_, state)| {
            let now = self.auth.fief().now();
            secrets.iter().find_map(|secret| State::open(secret, &state, now))
        });
        let Some((state, pending)) = opened else {
            // A page that was restored after a long time, for example.
            if self.is_signed_in(headers).await? {
                return Ok(Redirect::to(return_to).into_response());
            }
            return Err(not_ours());
        };
        return_to.clone_from(&pending.return_to);
        let mark = state.mark();
        let store = &self.sessions.store;
        // A denial has no code to be used twice.
        if given("error").is_none() && given("code").is_some() {
            let time = Duration::from_secs(LIFETIME + 120);
            if !store.ask(|store| store.claim(&mark, MARK, time)).await? {
                return self.callback_came_again(headers, pending).await;
            }
        }
        let (tokens, user) = match self.exchange(&state, &pending, query).await {
            Ok(answer) => answer,
            Err(error) => {
                if error.never_sent() {
                    // The code was not used: the user can reload the page.
                    let _ = store.ask(|store| store.release(&mark, MARK)).await;
                }
                return Err(error.into());
            }
        };
        if let Some(hook) = &self.after_login
            && let Err(answer) = hook(user.clone()).await
        {
            return Ok(answer);
        }
        let asked = pending.is_high.then_some(Acr::LevelOne);
        let cookie = self.sessions.create(&tokens, user, asked).await?;
        if let Some(before) = self.sessions.secret(headers) {
            // If the store fails just now, the old session ends by itself later.
            let _ = self.sessions.end(&before).await;
        }
        let mut response = Redirect::to(&pending.return_to).into_response();
        response.headers_mut().append(header::SET_COOKIE, cookie);
        Ok(response)
    }

    /// Exchanges the code of a callback, with the pending login derived from its state.
    async fn exchange(
        &self,
        state: &State<'_>,
        pending: &Pending,
        query: &str,
    ) -> Result<(Tokens, UserInfo), Error> {
        let fief = self.auth.fief();
        let request = with_level(self.request.clone(), pending);
        let login = fief.run(fief.client().login(request, &state.entropy())?).await?.pending;
        let callback = with_state(query, login.state().expose());
        fief.finish_login(login, &callback).await
    }

    /// The same callback a second time: the back button, a reload, a restored tab, or a first
    /// answer that was lost.
    async fn callback_came_again(
        &self,
        headers: &HeaderMap,
        pending: Pending,
    ) -> Result<Response, AuthError> {
        if self.is_signed_in(headers).await? {
            return Ok(Redirect::to(&pending.return_to).into_response());
        }
        if pending.is_again {
            return Err(not_ours());
        }
        debug!(
            "a callback came a second time, and its browser is not signed in: a new login begins"
        );
        let begun = self.auth.fief().now();
        let pending = Pending { begun, is_again: true, ..pending };
        self.send_to_fief(headers, self.request.clone(), &pending).await
    }

    async fn end(&self, headers: &HeaderMap) -> Result<Response, AuthError> {
        if !self.sessions.origins.allow_sign_out(headers) {
            return Err(AuthError::CrossSite);
        }
        if let Some(secret) = self.sessions.secret(headers) {
            self.sessions.end(&secret).await?;
        }
        let url = self.auth.fief().logout_url(&self.after_logout)?;
        let mut response = Redirect::to(&url).into_response();
        let gone = cookies::set(&self.sessions.cookie_name, "", 0);
        response.headers_mut().append(header::SET_COOKIE, gone);
        Ok(response)
    }

    /// Those of the logins under way. A login shares the first that its browser has; only tabs that
    /// begin at the same moment, before there is any, have one each.
    fn login_secrets(&self, headers: &HeaderMap) -> impl Iterator<Item = CookieSecret> {
        let ours = cookies::all(headers).filter_map(|(name, value)| {
            name.strip_prefix(self.sessions.cookie_name.as_bytes())?.strip_suffix(LOGIN)?;
            let secret = CookieSecret::parse(value)?;
            (self.login_cookie(&secret).as_bytes() == name).then_some(secret)
        });
        ours.take(MOST_LOGIN_COOKIES)
    }

    /// The name of a login's cookie follows from its value, so that of two neither hides the other.
    fn login_cookie(&self, secret: &CookieSecret) -> String {
        let digest = secret.derive::<4>("login", b"cookie");
        format!("{}-{}-login", self.sessions.cookie_name, hex(digest.as_slice()))
    }

    async fn is_signed_in(&self, headers: &HeaderMap) -> Result<bool, AuthError> {
        match self.sessions.secret(headers) {
            Some(secret) => Ok(self.sessions.find(&secret).await?.is_some()),
            None => Ok(false),
        }
    }

    /// The answer, or the page that says what went wrong.
    fn told(&self, answer: Result<Response, AuthError>, return_to: &str) -> Response {
        dressed(answer.unwrap_or_else(|error| {
            error.log();
            self.page(&error, self.login_path(return_to, error.required_acr()))
        }))
    }
}

/// How the name of each cookie of a login ends.
const LOGIN: &[u8] = b"-login";

/// More than any browser opens tabs at once.
const MOST_LOGIN_COOKIES: usize = 32;

/// The holder of each mark: it is a lease that is never renewed.
const MARK: &str = "login";

fn with_level(request: AuthorizationRequest, pending: &Pending) -> AuthorizationRequest {
    if pending.is_high { request.acr_values([Acr::LevelOne]) } else { request }
}

/// The query of a callback with another state in place of its own.
fn with_state(query: &str, state: &str) -> String {
    let mut callback = Serializer::new(String::new());
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        callback.append_pair(&name, if name == "state" { state } else { &value });
    }
    callback.finish()
}

/// The error for a callback that does not answer a login of this browser.
fn not_ours() -> AuthError {
    Error::Callback(CallbackFault::WrongState.into()).into()
}

/// Adds the headers of every answer of a login: the URL may hold a code, and caches must not keep
/// the page.
fn dressed(mut response: Response) -> Response {
    const HEADERS: [(HeaderName, &str); 3] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in HEADERS {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}
