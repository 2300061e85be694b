//! The token itself.

use fief_hyper::AccessTokenInfo;

use super::{access_token, extractors};

/// The access token of the request, found good.
///
/// As an extractor it asks for nothing but a good token; put [`Require`](crate::Require) before the
/// handler for scopes, a level or permissions. `Option<AccessToken>` is none where the token is
/// missing, malformed or expired.
///
/// It stands in the extensions of a request that has passed `Require`, for services that are none
/// of axum's.
#[derive(Clone, Debug)]
pub struct AccessToken(pub AccessTokenInfo);

extractors!(AccessToken, access_token);
