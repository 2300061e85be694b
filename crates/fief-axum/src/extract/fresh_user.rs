//! The user, as Fief knows them now.

use fief_hyper::UserInfo;
use http::request::Parts;

use super::{access_token, extractors};
use crate::{AuthError, FiefAuth};

/// The user whose token the request has, asked of Fief for this very request.
///
/// For the page on which users see what they have just changed. The cache learns from it.
/// `Option<FreshUser>` is none where the token is missing, malformed or expired.
#[derive(Clone, Debug)]
pub struct FreshUser(pub UserInfo);

extractors!(FreshUser, fresh_user);

async fn fresh_user(auth: &FiefAuth, parts: &mut Parts) -> Result<FreshUser, AuthError> {
    let token = access_token(auth, parts).await?;
    Ok(FreshUser(auth.users().fresh(auth.fief(), &token.0).await?))
}
