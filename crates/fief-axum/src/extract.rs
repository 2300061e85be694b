//! The extractors for handlers.

use std::{any::type_name, fmt, marker::PhantomData, ops::Deref};

use axum::{
    body::Body,
    extract::{FromRef, FromRequestParts, OptionalFromRequestParts},
    response::{IntoResponse, Response},
};
use fief_hyper::{AccessTokenInfo, Error, Requirements, UserInfo};
use fief_tower::json;
use http::request::Parts;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tracing::error;

use crate::{
    AuthError, FiefAuth,
    session::{RequestSession, Sessions},
};

/// The validated access token of the request.
///
/// As an extractor it asks for nothing but a good token. `Option<AccessToken>` is none where the
/// token is missing, malformed or expired.
///
/// ```
/// use axum::Json;
/// use fief_axum::{AccessToken, AccessTokenInfo};
///
/// async fn what_it_says(AccessToken(token): AccessToken) -> Json<AccessTokenInfo> {
///     Json(token) // without the token itself
/// }
/// # let app: axum::Router<fief_axum::FiefAuth> =
/// #     axum::Router::new().route("/", axum::routing::get(what_it_says));
/// ```
#[derive(Clone, Debug)]
pub struct AccessToken(pub AccessTokenInfo);

/// What a route asks of the access token, as a type for [`Allowed`].
///
/// ```
/// use fief_axum::{Acr, Policy, Requirements};
///
/// struct SellCastles;
///
/// impl Policy for SellCastles {
///     fn requirements() -> Requirements {
///         Requirements::none().scope(["openid"]).permission("castles:sell").acr(Acr::LevelOne)
///     }
/// }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` does not say what it requires of an access token",
    note = "implement `fief_axum::Policy` for it, with its `requirements`"
)]
pub trait Policy: 'static {
    /// What is required.
    fn requirements() -> Requirements;
}

/// The access token of the request, which meets the requirements of the policy: a guard in a
/// handler's signature.
///
/// ```
/// use fief_axum::{Allowed, Policy, Requirements};
///
/// struct ReadCastles;
///
/// impl Policy for ReadCastles {
///     fn requirements() -> Requirements {
///         Requirements::none().scope(["openid"]).permission("castles:read")
///     }
/// }
///
/// async fn castles(user: Allowed<ReadCastles>) -> String {
///     format!("{} may read this.", user.id)
/// }
/// # let app: axum::Router<fief_axum::FiefAuth> =
/// #     axum::Router::new().route("/", axum::routing::get(castles));
/// ```
pub struct Allowed<P> {
    /// What the token says.
    pub token: AccessTokenInfo,
    policy: PhantomData<fn() -> P>,
}

/// The user whose token the request has: from the session, else through the cache.
///
/// `F` is a type of yours for the user fields of the workspace. `Option<CurrentUser>` is none where
/// the token is missing, malformed or expired. What has changed at Fief shows when the session is
/// refreshed or the cache forgets; [`FreshUser`] asks each time.
///
/// ```
/// use fief_axum::CurrentUser;
///
/// #[derive(serde::Deserialize)]
/// struct Fields {
///     castles: u32,
/// }
///
/// async fn count(user: CurrentUser<Fields>) -> String {
///     format!("{:?} has {} castles.", user.email, user.fields.castles)
/// }
/// # let app: axum::Router<fief_axum::FiefAuth> =
/// #     axum::Router::new().route("/", axum::routing::get(count));
/// ```
#[derive(Clone, Debug)]
pub struct CurrentUser<F = Map<String, Value>> {
    /// The claims of the user.
    pub info: UserInfo,
    /// The user fields.
    pub fields: F,
}

/// The user whose token the request has, fetched from Fief for this request: for the page on which
/// users see what they have just changed.
///
/// ```
/// use fief_axum::FreshUser;
///
/// async fn profile(user: FreshUser) -> String {
///     format!("{:?} {:?}", user.email, user.info.fields)
/// }
/// # let app: axum::Router<fief_axum::FiefAuth> =
/// #     axum::Router::new().route("/", axum::routing::get(profile));
/// ```
#[derive(Clone, Debug)]
pub struct FreshUser<F = Map<String, Value>> {
    /// The claims of the user.
    pub info: UserInfo,
    /// The user fields.
    pub fields: F,
}

async fn access_token(auth: &FiefAuth, parts: &mut Parts) -> Result<AccessToken, AuthError> {
    Ok(AccessToken(auth.authenticate(parts, &Requirements::none()).await?))
}

async fn allowed<P: Policy>(auth: &FiefAuth, parts: &mut Parts) -> Result<Allowed<P>, AuthError> {
    let token = auth.authenticate(parts, &P::requirements()).await?;
    Ok(Allowed { token, policy: PhantomData })
}

async fn current_user<F: DeserializeOwned>(
    auth: &FiefAuth,
    parts: &mut Parts,
) -> Result<CurrentUser<F>, AuthError> {
    let AccessToken(token) = access_token(auth, parts).await?;
    let info = match Sessions::user(parts, &token).await {
        Some(user) => crate::users::without_token_claims(user),
        None => auth.users().current(auth.fief(), &token).await?,
    };
    Ok(CurrentUser { fields: fields(&info)?, info })
}

async fn fresh_user<F: DeserializeOwned>(
    auth: &FiefAuth,
    parts: &mut Parts,
) -> Result<FreshUser<F>, AuthError> {
    let AccessToken(token) = access_token(auth, parts).await?;
    let info = match auth.users().fresh(auth.fief(), &token).await {
        Ok(info) => info,
        Err(error) => {
            let Some(sessions) = auth.sessions() else {
                return Err(error);
            };
            let (session, secret) = (RequestSession::of(parts), sessions.secret(&parts.headers));
            let is_over = sessions.is_over(&session, secret.as_ref(), &error, Some(&token)).await;
            return Err(if is_over { AuthError::NoToken } else { error });
        }
    };
    Ok(FreshUser { fields: fields(&info)?, info })
}

fn fields<F: DeserializeOwned>(user: &UserInfo) -> Result<F, AuthError> {
    let fields = user.fields.clone().unwrap_or_default();
    F::deserialize(Value::Object(fields)).map_err(|_| {
        // The error of serde is not logged: it could quote what the user has entered.
        error!("the user fields of the workspace can't be read as {}", type_name::<F>());
        AuthError::Setup("the user fields do not have the form that a handler requires")
    })
}

/// Implements the extractors of a type, `T` and `Option<T>`, with a function that looks for it.
macro_rules! extractors {
    ($type:ty, $find:path $(, $parameter:ident: $bound:path)?) => {
        impl<S $(, $parameter: $bound)?> FromRequestParts<S> for $type
        where
            FiefAuth: FromRef<S>,
            S: Send + Sync,
        {
            type Rejection = Rejection;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
                let auth = FiefAuth::from_ref(state);
                $find(&auth, parts).await.map_err(|error| auth.reject(error, parts))
            }
        }

        impl<S $(, $parameter: $bound)?> OptionalFromRequestParts<S> for $type
        where
            FiefAuth: FromRef<S>,
            S: Send + Sync,
        {
            type Rejection = Rejection;

            async fn from_request_parts(
                parts: &mut Parts,
                state: &S,
            ) -> Result<Option<Self>, Rejection> {
                let auth = FiefAuth::from_ref(state);
                match $find(&auth, parts).await {
                    Ok(found) => Ok(Some(found)),
                    Err(error) if error.is_anonymous() => Ok(None),
                    Err(error) => Err(auth.reject(error, parts)),
                }
            }
        }
    };
}

extractors!(AccessToken, access_token);
extractors!(Allowed<P>, allowed, P: Policy);
extractors!(CurrentUser<F>, current_user, F: DeserializeOwned);
extractors!(FreshUser<F>, fresh_user, F: DeserializeOwned);

impl<P> Deref for Allowed<P> {
    type Target = AccessTokenInfo;

    fn deref(&self) -> &AccessTokenInfo {
        &self.token
    }
}

impl<P> fmt::Debug for Allowed<P> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Allowed").field(&self.token).finish()
    }
}

impl<F> Deref for CurrentUser<F> {
    type Target = UserInfo;

    fn deref(&self) -> &UserInfo {
        &self.info
    }
}

impl<F> Deref for FreshUser<F> {
    type Target = UserInfo;

    fn deref(&self) -> &UserInfo {
        &self.info
    }
}

/// A refused request: why, and the answer to it.
///
/// Return it from a handler to answer as an extractor does: `?` turns an [`AuthError`] or an error
/// of Fief's into one. On a site its answer is a page or a redirect for people.
///
/// ```
/// use fief_axum::{AuthError, CurrentUser, Rejection};
///
/// // An extractor's error is a `Rejection`; its `error` says why.
/// async fn greet(user: Result<CurrentUser, Rejection>) -> Result<String, Rejection> {
///     match user {
///         Ok(user) => Ok(user.email.clone().unwrap_or_default()),
///         Err(rejection) if matches!(rejection.error(), AuthError::NoToken) => {
///             Ok("Welcome, guest.".to_owned())
///         }
///         Err(rejection) => Err(rejection),
///     }
/// }
/// # let app: axum::Router<fief_axum::FiefAuth> =
/// #     axum::Router::new().route("/", axum::routing::get(greet));
/// ```
pub struct Rejection(Box<(AuthError, Response)>);

impl Rejection {
    pub(crate) fn new(error: AuthError, response: Response) -> Self {
        Self(Box::new((error, response)))
    }

    /// Why.
    pub fn error(&self) -> &AuthError {
        &self.0.0
    }
}

/// Marks an answer that a site may replace with a page or a redirect.
#[derive(Clone)]
pub(crate) struct Rejected(pub AuthError);

impl From<AuthError> for Rejection {
    /// With the default answer.
    fn from(error: AuthError) -> Self {
        let mut response: Response<Body> = json(&error);
        response.extensions_mut().insert(Rejected(error.clone()));
        Self::new(error, response)
    }
}

impl From<Error> for Rejection {
    fn from(error: Error) -> Self {
        let error = AuthError::from(error);
        error.log();
        error.into()
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        self.0.1
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rejection").field(self.error()).finish()
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error().fmt(f)
    }
}

impl std::error::Error for Rejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error().source()
    }
}
