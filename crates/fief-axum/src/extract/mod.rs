//! What a handler may ask for.

mod access_token;
mod current_user;
mod fresh_user;
mod rejection;

use fief_hyper::Requirements;
use http::request::Parts;

pub use self::{
    access_token::AccessToken, current_user::CurrentUser, fresh_user::FreshUser,
    rejection::Rejection,
};
use crate::{AuthError, FiefAuth};

/// What the token says; requirements are the matter of a layer.
async fn access_token(auth: &FiefAuth, parts: &mut Parts) -> Result<AccessToken, AuthError> {
    Ok(AccessToken(auth.authenticate(parts, &Requirements::none()).await?))
}

/// Implements both extractors for a type, `T` and `Option<T>`, by a function that looks for it.
macro_rules! extractors {
    ($type:ty, $find:path) => {
        impl<S> axum::extract::FromRequestParts<S> for $type
        where
            crate::FiefAuth: axum::extract::FromRef<S>,
            S: Send + Sync,
        {
            type Rejection = crate::Rejection;

            async fn from_request_parts(
                parts: &mut http::request::Parts,
                state: &S,
            ) -> Result<Self, Self::Rejection> {
                let auth = <crate::FiefAuth as axum::extract::FromRef<S>>::from_ref(state);
                $find(&auth, parts).await.map_err(|error| auth.reject(error, parts))
            }
        }

        impl<S> axum::extract::OptionalFromRequestParts<S> for $type
        where
            crate::FiefAuth: axum::extract::FromRef<S>,
            S: Send + Sync,
        {
            type Rejection = crate::Rejection;

            async fn from_request_parts(
                parts: &mut http::request::Parts,
                state: &S,
            ) -> Result<Option<Self>, Self::Rejection> {
                let auth = <crate::FiefAuth as axum::extract::FromRef<S>>::from_ref(state);
                match $find(&auth, parts).await {
                    Ok(found) => Ok(Some(found)),
                    Err(error) if error.is_anonymous() => Ok(None),
                    Err(error) => Err(auth.reject(error, parts)),
                }
            }
        }
    };
}
use extractors;
