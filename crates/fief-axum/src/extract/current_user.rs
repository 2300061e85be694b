//! The user, as the cache knows them.

use fief_hyper::UserInfo;
use http::request::Parts;

use super::{access_token, extractors};
use crate::{AuthError, FiefAuth};

/// The user whose token the request has, through the cache.
///
/// `Option<CurrentUser>` is none where the token is missing, malformed or expired. What has changed
/// at Fief shows when the cache forgets; [`FreshUser`](crate::FreshUser) asks each time.
#[derive(Clone, Debug)]
pub struct CurrentUser(pub UserInfo);

extractors!(CurrentUser, current_user);

async fn current_user(auth: &FiefAuth, parts: &mut Parts) -> Result<CurrentUser, AuthError> {
    let token = access_token(auth, parts).await?;
    Ok(CurrentUser(auth.users().current(auth.fief(), &token.0).await?))
}
