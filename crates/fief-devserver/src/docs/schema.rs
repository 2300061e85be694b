//! The shapes of what goes in and comes out (JSON Schema 2020-12).

use serde_json::{Value, json};

/// By name.
pub(super) fn all() -> Value {
    json!({
        "User": {
            "type": "object",
            "required": ["sub", "email", "email_verified", "is_active", "tenant_id", "fields"],
            "properties": {
                "sub": {"type": "string", "format": "uuid"},
                "email": {"type": "string", "format": "email"},
                "email_verified": {"type": "boolean"},
                "is_active": {"type": "boolean"},
                "tenant_id": {"type": "string", "format": "uuid"},
                "fields": {"type": "object"},
            },
        },
        "Profile": {
            "type": "object",
            "properties": {"fields": {"type": "object"}},
            "examples": [{"fields": {"first_name": "Anne"}}],
        },
        "Password": one("password", "password"),
        "Email": one("email", "email"),
        "Code": one("code", "one-time-code"),
        "TokenRequest": {
            "type": "object",
            "required": ["grant_type"],
            "properties": {
                "grant_type": {"type": "string", "enum": ["authorization_code", "refresh_token"]},
                "code": {"type": "string"},
                "redirect_uri": {"type": "string"},
                "code_verifier": {"type": "string"},
                "refresh_token": {"type": "string"},
                "scope": {"type": "string"},
                "client_id": {"type": "string"},
                "client_secret": {"type": "string"},
            },
        },
        "Tokens": {
            "type": "object",
            "required": ["access_token", "id_token", "token_type", "expires_in"],
            "properties": {
                "access_token": {"type": "string"},
                "id_token": {"type": "string"},
                "token_type": {"type": "string", "const": "bearer"},
                "expires_in": {"type": "integer", "description": "Seconds"},
                "refresh_token": {"type": "string", "description": "Only with `offline_access`"},
            },
        },
        "TokenError": {
            "type": "object",
            "required": ["error"],
            "properties": {"error": {"type": "string", "enum": [
                "invalid_request",
                "invalid_client",
                "invalid_grant",
                "invalid_scope",
                "unsupported_grant_type",
            ]}},
        },
        "Refusal": {
            "type": "object",
            "required": ["detail"],
            "properties": {
                "detail": {"description": "A code, or a list of what is wrong with the input"},
                "reason": {"type": "array", "items": {"type": "string"}},
            },
        },
    })
}

/// An object of one text.
fn one(name: &str, format: &str) -> Value {
    json!({
        "type": "object",
        "required": [name],
        "properties": {name: {"type": "string", "format": format}},
    })
}
