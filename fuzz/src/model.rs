//! Simple models: the least that must be true of an accepted value, written a second time and in
//! another way. They check `serde_json`'s values, and not what the core has parsed.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use fief_proto::{AccessTokenInfo, UserInfo, validation_hash};
use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::{Map, Value};
use url::{Host, Url};
use uuid::Uuid;

use crate::world::{BASE, CLIENT_ID, NOW};

const LEEWAY: f64 = 60.0;

/// An access token that was accepted, for [`CLIENT_ID`] at [`NOW`].
pub fn check_access_token(token: &str, info: &AccessTokenInfo) {
    let claims = signed(token, &["jwt", "at+jwt"]);
    for name in ["at_hash", "c_hash", "nonce"] {
        assert!(claims.get(name).is_none(), "an ID token was accepted as an access token");
    }
    check_registered(&claims, |audience| audience.contains(&CLIENT_ID));
    assert_eq!(info.access_token.expose(), token);
    let subject = text(&claims, "sub");
    assert_eq!(subject.len(), 36);
    assert_eq!(Uuid::parse_str(subject), Ok(info.id));
    let mut scope: Vec<&str> = text(&claims, "scope").split(' ').collect();
    scope.retain(|token| !token.is_empty());
    assert_eq!(scope, info.scope);
    assert_eq!(claims["permissions"], Value::from(info.permissions.clone()));
    let level = info.acr.map(|level| level.as_str());
    assert_eq!(claims.get("acr"), level.map(Value::from).as_ref());
    assert_eq!(info.expires_at.as_secs(), number(&claims, "exp").expect("it is required") as i64);
}

/// An ID token that was accepted, for [`CLIENT_ID`] at [`NOW`], together with this access token.
pub fn check_id_token(token: &str, user: &UserInfo, access_token: &str, code: Option<&str>) {
    let claims = signed(token, &["jwt"]);
    for name in ["scope", "permissions"] {
        assert!(claims.get(name).is_none(), "an access token was accepted as an ID token");
    }
    check_registered(&claims, |audience| {
        !audience.is_empty() && audience.iter().all(|id| *id == CLIENT_ID)
    });
    assert!(number(&claims, "iat").is_some());
    assert!((1..=255).contains(&text(&claims, "sub").chars().count()));
    for (name, value) in [("at_hash", Some(access_token)), ("c_hash", code)] {
        if let Some(hash) = claims.get(name) {
            let expected = value.map(|value| Value::String(validation_hash(value)));
            assert_eq!(Some(hash), expected.as_ref(), "{name}");
        }
    }
    check_user(&claims, user);
}

/// Whether an access token that was accepted at [`NOW`] is only just valid.
pub fn needs_leeway(token: &str) -> bool {
    let claims = signed(token, &["jwt", "at+jwt"]);
    let now = NOW.as_secs() as f64;
    let is_ahead = |name| number(&claims, name).is_some_and(|time| now < time);
    number(&claims, "exp").is_none_or(|expiry| now >= expiry) || is_ahead("nbf") || is_ahead("iat")
}

/// The claims of a user, each kept as it came.
pub fn check_user(claims: &Map<String, Value>, user: &UserInfo) {
    const NAMED: [&str; 5] = ["email", "email_verified", "is_active", "tenant_id", "fields"];
    let Ok(Value::Object(kept)) = serde_json::to_value(user) else { panic!("a user is an object") };
    assert!(kept.keys().all(|name| claims.contains_key(name)), "a claim out of nowhere");
    for (name, value) in claims {
        match kept.get(name) {
            None => assert!(value.is_null() && NAMED.contains(&name.as_str()), "`{name}` is lost"),
            Some(found) if name == "tenant_id" => {
                let id = |value: &Value| Uuid::parse_str(value.as_str().expect("a string"));
                assert_eq!(id(found), id(value));
            }
            Some(found) => assert_eq!(found, value, "{name}"),
        }
    }
    let again: UserInfo = serde_json::from_value(Value::Object(kept)).expect("it reads back");
    assert_eq!(again, *user);
}

/// Whether the host of a URL is this machine, by name or address.
pub fn is_this_machine(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    }
}

/// Whether a published key is one that may check RS256, and strong enough.
pub fn checks_signatures(key: &Value) -> bool {
    let is_none_or = |name: &str, wanted: &str| key[name].is_null() || key[name] == wanted;
    let operations = &key["key_ops"];
    let may_verify = operations
        .as_array()
        .map_or(operations.is_null(), |names| names.iter().any(|name| name == "verify"));
    key["kty"] == "RSA"
        && is_none_or("use", "sig")
        && is_none_or("alg", "RS256")
        && may_verify
        && is_strong(key)
}

/// Whether an RSA key has 2048 to 8192 bits without leading zeros, and an odd exponent from 3 to
/// 2^33.
pub fn is_strong(key: &Value) -> bool {
    let bits = |name: &str| {
        let number = key[name].as_str().and_then(|text| URL_SAFE_NO_PAD.decode(text).ok());
        let bytes = number.unwrap_or_default();
        let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |at| byte >> at & 1 == 1));
        bits.skip_while(|bit| !bit).collect::<Vec<bool>>()
    };
    let (modulus, exponent) = (bits("n"), bits("e"));
    let is_odd = |bits: &[bool]| bits.last() == Some(&true);
    (2048..=8192).contains(&modulus.len())
        && is_odd(&modulus)
        && (2..=33).contains(&exponent.len())
        && is_odd(&exponent)
}

/// The claims of a compact RS256 token.
fn signed(token: &str, types: &[&str]) -> Map<String, Value> {
    assert!(token.len() <= 64 * 1024 && token.bytes().all(|byte| byte.is_ascii_graphic()));
    let parts: Vec<&str> = token.split('.').collect();
    assert_eq!(parts.len(), 3);
    let header = object(parts[0]);
    assert_eq!(header["alg"], "RS256");
    for name in ["crit", "b64", "zip"] {
        assert!(!header.contains_key(name), "{name}");
    }
    if let Some(typ) = header.get("typ") {
        let typ = typ.as_str().expect("a string").to_ascii_lowercase();
        assert!(types.contains(&typ.as_str()), "{typ}");
    }
    assert!(header.get("kid").is_none_or(|kid| kid == "first"), "a key that is not published");
    decode(parts[2]);
    object(parts[1])
}

fn object(part: &str) -> Map<String, Value> {
    let bytes = decode(part);
    let text = std::str::from_utf8(&bytes).expect("UTF-8");
    let Members(members) = serde_json::from_str(text).expect("an object");
    let count = members.len();
    let object: Map<String, Value> = members.into_iter().collect();
    assert_eq!(object.len(), count, "a member is duplicated");
    object
}

/// The members of an object as they are written, duplicates included.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct AsWritten;

        impl<'de> Visitor<'de> for AsWritten {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(AsWritten)
    }
}

fn decode(part: &str) -> Vec<u8> {
    let bytes = URL_SAFE_NO_PAD.decode(part).expect("base64url");
    assert_eq!(URL_SAFE_NO_PAD.encode(&bytes), part, "trailing bits");
    bytes
}

fn check_registered(claims: &Map<String, Value>, is_ours: impl Fn(&[&str]) -> bool) {
    assert_eq!(claims["iss"], BASE);
    let audience: Vec<&str> = match &claims["aud"] {
        Value::String(one) => vec![one],
        Value::Array(many) => many.iter().map(|one| one.as_str().expect("a string")).collect(),
        other => panic!("an audience of {other}"),
    };
    assert!(is_ours(&audience), "{audience:?}");
    assert!(claims.get("azp").is_none_or(|party| party == CLIENT_ID));
    let now = NOW.as_secs() as f64;
    assert!(number(claims, "exp").is_some_and(|expiry| now < expiry + LEEWAY), "it has expired");
    for name in ["nbf", "iat"] {
        assert!(number(claims, name).is_none_or(|time| time - LEEWAY <= now), "`{name}` is ahead");
    }
}

fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> &'a str {
    claims[name].as_str().expect("a string")
}

fn number(claims: &Map<String, Value>, name: &str) -> Option<f64> {
    claims.get(name).map(|value| value.as_f64().expect("a number"))
}
