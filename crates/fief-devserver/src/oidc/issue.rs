//! Making tokens.

use serde_json::{Map, Value};

use crate::{
    http::app::App,
    observe::faults::Tampering,
    store::{Client, Store, Tenant, User},
    tokens::{claims::Common, encryption::EncryptionKey, keys::SigningKey},
};

/// What tokens are issued for: user, client and scope.
pub(crate) struct Subject<'a> {
    pub(crate) tenant: &'a Tenant,
    pub(crate) client: &'a Client,
    pub(crate) user: &'a User,
    pub(crate) authenticated_at: i64,
    pub(crate) acr: &'a str,
    pub(crate) scope: &'a [String],
}

/// An access token. None if it can't be signed.
pub(crate) fn access_token(
    app: &App,
    subject: &Subject<'_>,
    tampering: Tampering,
) -> Option<String> {
    let claims = access_claims(app, subject, tampering);
    signed(subject, tampering, &Value::Object(claims))
}

/// An access token without a sign-in, and so of level 0, in which those claims replace the usual
/// ones; null removes one. None if it can't be signed.
pub(crate) fn direct_access_token(
    app: &App,
    store: &Store,
    client: &Client,
    user: &User,
    scope: &[String],
    replaced: Map<String, Value>,
) -> Option<String> {
    let tenant = store.tenant_by_id(client.tenant)?;
    let subject = Subject { tenant, client, user, authenticated_at: app.now(), acr: "0", scope };
    let mut claims = access_claims(app, &subject, Tampering::default());
    claims.extend(replaced);
    claims.retain(|_, value| !value.is_null());
    tenant.keys.signing()?.sign(&Value::Object(claims))
}

/// An ID token, with the hashes of the code and of the access token. None if it can't be signed or
/// encrypted.
pub(crate) fn id_token(
    app: &App,
    store: &Store,
    subject: &Subject<'_>,
    nonce: Option<&str>,
    (c_hash, at_hash): (Option<String>, Option<String>),
    tampering: Tampering,
) -> Option<String> {
    let user = subject.user.claims(&store.user_fields);
    let issuer = issuer(app, subject.tenant, tampering);
    let claims = common(app, subject, &issuer).id_token(user, nonce, c_hash, at_hash);
    let signed = signed(subject, tampering, &Value::Object(claims))?;
    match &subject.client.encryption_key {
        Some(jwk) => EncryptionKey::from_jwk(jwk)?.encrypt(&signed),
        None => Some(signed),
    }
}

/// The issuer of a tenant, or another one if the fault says so.
pub(crate) fn issuer(app: &App, tenant: &Tenant, tampering: Tampering) -> String {
    let mut issuer = app.issuer(tenant);
    if tampering.issuer {
        issuer.push_str(".example");
    }
    issuer
}

fn access_claims(app: &App, subject: &Subject<'_>, tampering: Tampering) -> Map<String, Value> {
    let permissions: Vec<_> = subject.user.permissions.keys().collect();
    let issuer = issuer(app, subject.tenant, tampering);
    common(app, subject, &issuer).access_token(subject.user.id, subject.scope, &permissions)
}

fn common<'a>(app: &App, subject: &Subject<'a>, issuer: &'a str) -> Common<'a> {
    Common {
        issuer,
        client_id: &subject.client.client_id,
        issued_at: app.now(),
        lifetime: subject.client.lifetimes.token,
        authenticated_at: subject.authenticated_at,
        acr: subject.acr,
    }
}

fn signed(subject: &Subject<'_>, tampering: Tampering, claims: &Value) -> Option<String> {
    let keys = &subject.tenant.keys;
    let foreign: Option<SigningKey> = if tampering.key { keys.foreign_signing() } else { None };
    foreign.as_ref().or(keys.signing())?.sign(claims)
}
