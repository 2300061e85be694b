//! The API of a tenant, described (OpenAPI 3.1.0).

use serde_json::{Value, json};

use super::schema;

/// The description for those who reach the server at that origin.
pub(super) fn document(origin: &str) -> Value {
    json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Fief",
            "version": env!("CARGO_PKG_VERSION"),
            "description": DESCRIPTION,
        },
        "tags": [{"name": "User"}, {"name": "Tokens"}, {"name": "Discovery"}],
        "paths": {
            "/.well-known/openid-configuration": {"get": {
                "tags": ["Discovery"],
                "summary": "Where everything is",
                "description": "OpenID Connect Discovery 1.0, section 4.",
                "operationId": "configuration",
                "responses": {"200": answer("The metadata of the tenant", &json!({"type": "object"}))},
            }},
            "/.well-known/jwks.json": {"get": {
                "tags": ["Discovery"],
                "summary": "The keys that tokens are signed with",
                "description": "RFC 7517, section 5.",
                "operationId": "keys",
                "responses": {"200": answer("A set of keys", &json!({"type": "object"}))},
            }},
            "/api/token": {"post": token()},
            "/api/userinfo": {"get": userinfo("userinfo"), "post": userinfo("userinfo_post")},
            "/api/profile": {"patch": change(
                "update_profile", "Change the fields of the user", "Profile", "200",
            )},
            "/api/password": {"patch": change(
                "change_password", "Change the password, with a token of ACR 1", "Password", "200",
            )},
            "/api/email/change": {"patch": change(
                "change_email",
                "Have a code mailed to a new address, with a token of ACR 1",
                "Email",
                "202",
            )},
            "/api/email/verify": {"post": change(
                "verify_email",
                "Make the new address the user's with that code, with a token of ACR 1",
                "Code",
                "200",
            )},
        },
        "components": {
            "schemas": schema::all(),
            "securitySchemes": {"OAuth2AuthorizationCodeBearer": {
                "type": "oauth2",
                "flows": {"authorizationCode": {
                    "authorizationUrl": format!("{origin}/authorize"),
                    "tokenUrl": format!("{origin}/api/token"),
                    "refreshUrl": format!("{origin}/api/token"),
                    "scopes": {
                        "openid": "Who the user is",
                        "offline_access": "A refresh token",
                    },
                }},
            }},
        },
    })
}

const DESCRIPTION: &str = "The API of the default tenant of a Fief server for development.\n\n\
    To try it, open *Authorize* and give the ID and secret of a client from the \
    [administration](/admin/), with the scope `openid`. The client has to have the redirect URI \
    of this page: its own address with `/oauth2-redirect` behind it.";

/// RFC 6749, section 3.2.
fn token() -> Value {
    json!({
        "tags": ["Tokens"],
        "summary": "Tokens for a code or a refresh token",
        "description": "RFC 6749, sections 4.1.3 and 6. The client is told by its ID and secret, \
            in the form or by HTTP basic; a public client by its ID alone.",
        "operationId": "token",
        "requestBody": body("application/x-www-form-urlencoded", "TokenRequest"),
        "responses": {
            "200": answer("Tokens", &reference("Tokens")),
            "400": answer("What is wrong with the request", &reference("TokenError")),
        },
    })
}

/// OpenID Connect Core, section 5.3.
fn userinfo(id: &str) -> Value {
    json!({
        "tags": ["User"],
        "summary": "The user of the access token",
        "operationId": id,
        "security": [{"OAuth2AuthorizationCodeBearer": ["openid"]}],
        "responses": {
            "200": answer("The user", &reference("User")),
            "401": answer("The token is missing or not valid", &reference("Refusal")),
        },
    })
}

/// What changes the user of the access token.
fn change(id: &str, summary: &str, input: &str, status: &str) -> Value {
    json!({
        "tags": ["User"],
        "summary": summary,
        "operationId": id,
        "security": [{"OAuth2AuthorizationCodeBearer": ["openid"]}],
        "requestBody": body("application/json", input),
        "responses": {
            status: answer("The user", &reference("User")),
            "400": answer("The server does not take that", &reference("Refusal")),
            "401": answer("The token is missing or not valid", &reference("Refusal")),
            "403": answer("The token's ACR is too low", &reference("Refusal")),
            "422": answer("The input is not of that shape", &reference("Refusal")),
        },
    })
}

fn body(content_type: &str, schema: &str) -> Value {
    json!({"required": true, "content": {content_type: {"schema": reference(schema)}}})
}

fn answer(description: &str, schema: &Value) -> Value {
    json!({"description": description, "content": {"application/json": {"schema": schema}}})
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}
