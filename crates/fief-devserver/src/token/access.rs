//! Access tokens.

use serde_json::json;

use super::SigningKey;

/// What an access token says.
pub(crate) struct AccessClaims<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) subject: &'a str,
    pub(crate) client_id: &'a str,
    pub(crate) issued_at: i64,
    pub(crate) lifetime: u32,
    pub(crate) authenticated_at: i64,
    pub(crate) acr: &'a str,
    pub(crate) scope: &'a [String],
    pub(crate) permissions: &'a [String],
}

pub(crate) fn access_token(key: &SigningKey, claims: &AccessClaims<'_>) -> Option<String> {
    key.sign(&json!({
        "iss": claims.issuer,
        "sub": claims.subject,
        "aud": [claims.client_id],
        "exp": claims.issued_at.saturating_add(claims.lifetime.into()),
        "iat": claims.issued_at,
        "auth_time": claims.authenticated_at,
        "acr": claims.acr,
        "azp": claims.client_id,
        "scope": claims.scope.join(" "),
        "permissions": claims.permissions,
    }))
}
