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
            "/api/userinfo": {
                "get": user("The user of the access token", "userinfo"),
                "post": user("The user of the access token", "userinfo_post"),
            },
            "/api/profile": {"patch": with_body(
                user("Change the fields of the user", "update_profile"),
                "application/json",
                &reference("Profile"),
            )},
            "/api/password": {"patch": with_body(
                user("Change the password, with a token of ACR 1", "change_password"),
                "application/json",
                &reference("Password"),
            )},
            "/api/email/change": {"patch": mailed(with_body(
                user("Have a code mailed to a new address, with a token of ACR 1", "change_email"),
                "application/json",
                &reference("Email"),
            ))},
            "/api/email/verify": {"post": with_body(
                user("Make the new address the user's with that code", "verify_email"),
                "application/json",
                &reference("Code"),
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
    let operation = json!({
        "tags": ["Tokens"],
        "summary": "Tokens for a code or a refresh token",
        "description": "RFC 6749, sections 4.1.3 and 6. The client is told by its ID and secret, \
            in the form or by HTTP basic; a public client by its ID alone.",
        "operationId": "token",
        "responses": {
            "200": answer("Tokens", &reference("Tokens")),
            "400": answer("What is wrong with the request", &reference("TokenError")),
        },
    });
    with_body(operation, "application/x-www-form-urlencoded", &reference("TokenRequest"))
}

/// An operation on the user that the access token is for.
fn user(summary: &str, id: &str) -> Value {
    let mut responses = json!({
        "200": answer("The user", &reference("User")),
        "401": answer("The token is missing or not valid", &reference("Refusal")),
    });
    if !id.starts_with("userinfo") {
        responses["400"] = answer("The server does not take that", &reference("Refusal"));
        responses["403"] = answer("The token's ACR is too low", &reference("Refusal"));
        responses["422"] = answer("The input is not of that shape", &reference("Refusal"));
    }
    json!({
        "tags": ["User"],
        "summary": summary,
        "operationId": id,
        "security": [{"OAuth2AuthorizationCodeBearer": ["openid"]}],
        "responses": responses,
    })
}

/// Accepted rather than done.
fn mailed(mut operation: Value) -> Value {
    if let Some(responses) = operation["responses"].as_object_mut() {
        if let Some(answer) = responses.remove("200") {
            responses.insert("202".to_owned(), answer);
        }
    }
    operation
}

fn with_body(mut operation: Value, content_type: &str, schema: &Value) -> Value {
    operation["requestBody"] = json!({
        "required": true,
        "content": {content_type: {"schema": schema}},
    });
    operation
}

fn answer(description: &str, schema: &Value) -> Value {
    json!({"description": description, "content": {"application/json": {"schema": schema}}})
}

fn reference(name: &str) -> Value {
    json!({"$ref": format!("#/components/schemas/{name}")})
}
