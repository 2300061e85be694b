//! Making tokens.

use super::Subject;
use crate::{
    http::{App, Tampering},
    token::{self, AccessClaims, EncryptionKey, IdClaims, SigningKey},
    world::World,
};

/// What an ID token says besides the user.
pub(crate) struct IdTokenExtra<'a> {
    pub(crate) nonce: Option<&'a str>,
    pub(crate) c_hash: Option<String>,
    pub(crate) at_hash: Option<String>,
}

/// None if it can't be signed.
pub(crate) fn access_token(
    app: &App,
    subject: &Subject<'_>,
    tampering: Option<Tampering>,
) -> Option<String> {
    let permissions: Vec<_> = subject.user.permissions.keys().cloned().collect();
    let claims = AccessClaims {
        issuer: &issuer(app, subject, tampering),
        subject: &subject.user.id.to_string(),
        client_id: &subject.client.client_id,
        issued_at: app.now(),
        lifetime: subject.client.lifetimes.token,
        authenticated_at: subject.authenticated_at,
        acr: subject.acr,
        scope: subject.scope,
        permissions: &permissions,
    };
    signing(subject, tampering, |key| token::access_token(key, &claims))
}

/// None if it can't be signed or encrypted.
pub(crate) fn id_token(
    app: &App,
    world: &World,
    subject: &Subject<'_>,
    extra: IdTokenExtra<'_>,
    tampering: Option<Tampering>,
) -> Option<String> {
    let encryption = match &subject.client.encryption_key {
        Some(jwk) => Some(EncryptionKey::from_jwk(jwk)?),
        None => None,
    };
    let claims = IdClaims {
        user: subject.user.claims(&world.user_fields),
        issuer: &issuer(app, subject, tampering),
        client_id: &subject.client.client_id,
        issued_at: app.now(),
        lifetime: subject.client.lifetimes.token,
        authenticated_at: subject.authenticated_at,
        acr: subject.acr,
        nonce: extra.nonce,
        c_hash: extra.c_hash,
        at_hash: extra.at_hash,
    };
    signing(subject, tampering, |key| token::id_token(key, claims, encryption.as_ref()))
}

fn issuer(app: &App, subject: &Subject<'_>, tampering: Option<Tampering>) -> String {
    let mut issuer = app.issuer(subject.tenant);
    if tampering.is_some_and(|tampering| tampering.issuer) {
        issuer.push_str(".example");
    }
    issuer
}

fn signing<T>(
    subject: &Subject<'_>,
    tampering: Option<Tampering>,
    sign: impl FnOnce(&SigningKey) -> Option<T>,
) -> Option<T> {
    if tampering.is_some_and(|tampering| tampering.key) {
        sign(&subject.tenant.keys.foreign_signing()?)
    } else {
        sign(subject.tenant.keys.signing()?)
    }
}
