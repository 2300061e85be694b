//! What a validated access token says.

use serde::Serialize;
use uuid::Uuid;

use crate::{Acr, Secret, UnixTime};

/// The content of an access token that was found good.
///
/// It serialises in the names of the official Python client, **token included**, so that an API may
/// answer with it. It can't be deserialised: only a validation makes one.
#[derive(Clone, Debug, Eq, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AccessTokenInfo {
    /// The user's ID, the claim `sub`.
    pub id: Uuid,
    /// The scopes that were granted.
    pub scope: Vec<String>,
    /// How the user authenticated; none from servers before ACR.
    pub acr: Option<Acr>,
    /// The permissions that the user has.
    pub permissions: Vec<String>,
    /// The token itself, for calls to Fief in the user's name.
    pub access_token: Secret,
    /// When it expires, without the leeway.
    pub expires_at: UnixTime,
}
