//! Discovery (OpenID Connect Discovery 1.0, section 4) and keys.

use axum::{Extension, extract::State, http::StatusCode, response::Response};
use serde_json::json;

use super::issue::issuer;
use crate::{
    http::{
        answer::json as answer,
        app::App,
        host::{Host, InTenant},
    },
    observe::faults::Tampering,
};

/// The endpoints are on the host of the request; the issuer is always the same.
pub(crate) async fn configuration(
    State(app): State<App>,
    tenant: InTenant,
    Extension(tampering): Extension<Tampering>,
    host: Host,
) -> Response {
    let store = app.store();
    let tenant = tenant.of(&store);
    let base = format!("{}{}", host.origin(), tenant.prefix());
    let configuration = json!({
        "issuer": issuer(&app, tenant, tampering),
        "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/api/token"),
        "jwks_uri": format!("{base}/.well-known/jwks.json"),
        "registration_endpoint": format!("{base}/register"),
        "scopes_supported": ["openid", "offline_access"],
        "response_types_supported": ["code", "code id_token", "code token", "code id_token token"],
        "response_modes_supported": ["query", "fragment"],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        "service_documentation": "https://docs.fief.dev",
        "code_challenge_methods_supported": ["plain", "S256"],
        "userinfo_endpoint": format!("{base}/api/userinfo"),
        "acr_values_supported": ["0", "1"],
        "subject_types_supported": ["public"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "id_token_encryption_alg_values_supported": ["RSA-OAEP-256"],
        "id_token_encryption_enc_values_supported": ["A256CBC-HS512"],
        "userinfo_signing_alg_values_supported": ["none"],
        "claims_supported": ["email", "email_verified", "is_active", "tenant_id", "fields"],
        "request_parameter_supported": false,
    });
    answer(StatusCode::OK, &configuration)
}

pub(crate) async fn keys(
    State(app): State<App>,
    tenant: InTenant,
    Extension(tampering): Extension<Tampering>,
) -> Response {
    let store = app.store();
    let keys = &tenant.of(&store).keys;
    let jwks = if tampering.key { keys.foreign_jwks() } else { keys.jwks() };
    answer(StatusCode::OK, &jwks)
}
