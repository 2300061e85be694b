//! The three routes.

use axum::{
    Router,
    extract::{Request, State},
    response::{IntoResponse as _, Redirect, Response},
    routing::{get, post},
};
use fief_hyper::{Acr, Report, Tokens, UserInfo};
use http::{HeaderMap, HeaderName, HeaderValue, header, request::Parts};
use tracing::{debug, warn};
use url::form_urlencoded;

use super::{LoginError, WebLogin, pending::Pending, return_to::local_path, same_origin};
use crate::{sealed_cookies::SealedCookies, session::Session};

pub(super) fn routes<S>(login: &WebLogin) -> Router<S> {
    let paths = &login.0.paths;
    Router::new()
        .route(&paths.login, get(begin))
        .route(&paths.callback, get(finish))
        .route(&paths.logout, post(end))
        .with_state(login.clone())
}

/// Sends the browser to Fief.
async fn begin(State(login): State<WebLogin>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    match login.begin(&parts).await {
        Ok(response) => dressed(response),
        Err(error) => login.fail(&error, &parts),
    }
}

/// Takes the browser back, with a session or a page that says why there is none.
async fn finish(State(login): State<WebLogin>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let cookies = &login.0.keeper.cookies;
    let query = parts.uri.query().unwrap_or_default();
    let Some((pending, name)) = Pending::recall(cookies, &parts.headers, query) else {
        return login.fail(&LoginError::UnknownLogin, &parts);
    };
    let mut keep_pending = false;
    let mut response = match login.finish(pending, query, &parts.headers).await {
        Ok(response) => dressed(response),
        Err(error) => {
            keep_pending = error.may_be_repeated();
            login.fail(&error, &parts)
        }
    };
    if !keep_pending {
        SealedCookies::attach(response.headers_mut(), cookies.take_away(&name));
    }
    response
}

/// Ends the session, here and at Fief.
async fn end(State(login): State<WebLogin>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    if !same_origin::is_same_origin(&parts.headers, login.0.request.redirect_uri()) {
        return login.fail(&LoginError::ForeignLogout, &parts);
    }
    let keeper = &login.0.keeper;
    let cookie = keeper.end(keeper.stored(&parts.headers).as_ref()).await;
    let target = login.0.auth.fief().logout_url(&login.0.after_logout);
    let mut response = match &target {
        Ok(url) => Redirect::to(url).into_response(),
        Err(_) => Redirect::to("/").into_response(), // `build` has tried it
    };
    SealedCookies::attach(response.headers_mut(), cookie);
    dressed(response)
}

impl WebLogin {
    async fn begin(&self, parts: &Parts) -> Result<Response, LoginError> {
        let mut request = self.0.request.clone();
        let mut return_to = None;
        let query = parts.uri.query().unwrap_or_default();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            match name.as_ref() {
                "return_to" => return_to = local_path(&value),
                // A level can be raised by whoever begins a login, and not lowered.
                "acr_values" if value.split(' ').any(|level| level == Acr::LevelOne.as_str()) => {
                    request = request.acr_values([Acr::LevelOne]);
                }
                _ => {}
            }
        }
        let redirect = self.0.auth.fief().login(request).await.map_err(LoginError::Failed)?;
        let return_to = return_to.unwrap_or_else(|| "/".to_owned());
        let pending = Pending { login: redirect.pending, return_to };
        let mut response = Redirect::to(&redirect.url).into_response();
        for cookie in pending.remember(&self.0.keeper.cookies, &parts.headers) {
            SealedCookies::attach(response.headers_mut(), cookie);
        }
        Ok(response)
    }

    async fn finish(
        &self,
        pending: Pending,
        query: &str,
        headers: &HeaderMap,
    ) -> Result<Response, LoginError> {
        let fief = self.0.auth.fief();
        let (tokens, user): (Tokens, UserInfo) =
            fief.finish_login(pending.login, query).await.map_err(LoginError::Failed)?;
        let session = Session::new(tokens, &user);
        let keeper = &self.0.keeper;
        // A name of its own in the store, never one that the browser had before; that one ends.
        let cookie = keeper.keep(&session, None, false).await.map_err(LoginError::Session)?;
        if let Some(before) = keeper.stored(headers) {
            keeper.end(Some(&before)).await;
        }
        self.0.auth.users().learn(&user).await;
        let mut response = Redirect::to(&pending.return_to).into_response();
        SealedCookies::attach(response.headers_mut(), cookie);
        Ok(response)
    }

    fn fail(&self, error: &LoginError, parts: &Parts) -> Response {
        if error.status().is_server_error() {
            warn!("a login fails: {}", Report(error));
        } else {
            debug!("a login fails: {}", Report(error));
        }
        let mut response = (self.0.error_page)(error, parts);
        if let Some(seconds) = error.retry_after() {
            response.headers_mut().entry(header::RETRY_AFTER).or_insert(seconds.into());
        }
        dressed(response)
    }
}

/// What every answer of a login has: the URL may hold a code, and nobody is to keep the page.
fn dressed(mut response: Response) -> Response {
    const HEADERS: [(HeaderName, &str); 3] = [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    for (name, value) in HEADERS {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}
