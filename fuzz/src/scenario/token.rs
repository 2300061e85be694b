//! Tokens of all kinds, most of them nearly valid.

use arbitrary::Arbitrary;
use serde_json::{Map, Value, json};

use super::place::Place;
use crate::{jose, secrets, world};

#[derive(Arbitrary, Debug)]
pub enum Token {
    /// Valid claims and header, with a few changes.
    Built {
        kind: Kind,
        key: Key,
        header: Vec<Change>,
        claims: Vec<Change>,
        seal: Option<Seal>,
    },
    /// One of those that were signed for the vectors.
    Material(u8),
    Text(String),
}

#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Kind {
    Access,
    Id,
}

/// Which key the header names.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Key {
    First,
    Second,
    Unknown,
    None,
}

/// An encryption around it.
#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Seal {
    A128CbcHs256,
    A128Gcm,
    A256CbcHs512,
    A256Gcm,
    Unknown,
}

/// A member that is set to something else.
#[derive(Arbitrary, Debug)]
pub struct Change {
    name: u8,
    value: Replacement,
}

#[derive(Arbitrary, Debug)]
pub enum Replacement {
    Absent,
    Null,
    Flag(bool),
    Number(i64),
    Fraction(f64),
    /// Seconds from the beginning of the scenario.
    Moment(i16),
    Text(String),
    Client(bool),
    Texts(Vec<String>),
    Hash,
    /// The nonce of a login, where one belongs.
    Nonce,
}

const CLAIMS: [&str; 20] = [
    "acr",
    "aud",
    "auth_time",
    "azp",
    "at_hash",
    "c_hash",
    "email",
    "email_verified",
    "exp",
    "fields",
    "iat",
    "is_active",
    "iss",
    "nbf",
    "nonce",
    "permissions",
    "scope",
    "sub",
    "tenant_id",
    "further",
];
const MEMBERS: [&str; 10] = ["alg", "typ", "crit", "b64", "zip", "enc", "cty", "jwk", "iss", "kid"];
const MATERIAL: [&str; 8] = [
    "access",
    "access_second",
    "access_no_kid_second",
    "access_unknown_kid",
    "id",
    "id_login",
    "jwe_a256cbc",
    "jwe_a128gcm",
];

impl Token {
    pub fn text(&self, place: Place) -> String {
        match self {
            Self::Built { kind, key, header, claims, seal } => {
                let mut protected = Map::new();
                protected.insert("alg".to_owned(), "RS256".into());
                if let Some(kid) = key.name() {
                    protected.insert("kid".to_owned(), kid.into());
                }
                let changes = |change: &&Change| change.name & 0x80 == 0;
                change(&mut protected, &MEMBERS, header.iter().filter(changes));
                let mut members = kind.claims(place);
                change(&mut members, &CLAIMS, claims.iter());
                let token = jose::jws(
                    &Value::from(protected).to_string(),
                    &Value::from(members).to_string(),
                );
                match seal {
                    Some(seal) => {
                        let mut outside = Map::new();
                        outside.insert("alg".to_owned(), "RSA-OAEP-256".into());
                        outside.insert("enc".to_owned(), seal.name().into());
                        change(&mut outside, &MEMBERS, header.iter().filter(|it| !changes(it)));
                        jose::jwe(&Value::from(outside).to_string(), &token)
                    }
                    None => token,
                }
            }
            Self::Material(index) => world::token(MATERIAL[usize::from(*index) % MATERIAL.len()]),
            Self::Text(text) => text.clone(),
        }
    }
}

impl Kind {
    fn claims(self, place: Place) -> Map<String, Value> {
        let now = world::NOW.as_secs();
        let mut claims = json!({
            "iss": place.issuer(), "sub": SUBJECT, "aud": [world::CLIENT_ID],
            "azp": world::CLIENT_ID, "iat": now - 10, "exp": now + 3_600, "auth_time": now - 20,
            "acr": "1",
        });
        match self {
            Self::Access => {
                claims["scope"] = "openid offline_access".into();
                claims["permissions"] = json!(["castles:read"]);
            }
            Self::Id => {
                claims["email"] = "anne@bretagne.duchy".into();
                claims["fields"] = json!({ "castles": 3 });
            }
        }
        let Value::Object(claims) = claims else { unreachable!("it is an object") };
        claims
    }
}

pub const SUBJECT: &str = "545e68d4-b831-43cb-9aec-972543716667";

impl Key {
    fn name(self) -> Option<&'static str> {
        match self {
            Self::First => Some("first"),
            Self::Second => Some("second"),
            Self::Unknown => Some("unknown"),
            Self::None => None,
        }
    }
}

impl Seal {
    fn name(self) -> &'static str {
        match self {
            Self::A128CbcHs256 => "A128CBC-HS256",
            Self::A128Gcm => "A128GCM",
            Self::A256CbcHs512 => "A256CBC-HS512",
            Self::A256Gcm => "A256GCM",
            Self::Unknown => "A192GCM",
        }
    }
}

/// Applies changes to an object whose members have these names.
pub fn change<'a>(
    object: &mut Map<String, Value>,
    names: &[&str],
    changes: impl Iterator<Item = &'a Change>,
) {
    for Change { name, value } in changes.take(6) {
        let name = names[usize::from(*name & 0x7f) % names.len()];
        match value.value(name) {
            Some(value) => object.insert(name.to_owned(), value),
            None => object.remove(name),
        };
    }
}

impl Replacement {
    fn value(&self, name: &str) -> Option<Value> {
        Some(match self {
            Self::Absent => return None,
            Self::Null => Value::Null,
            Self::Flag(flag) => (*flag).into(),
            Self::Number(number) => (*number).into(),
            Self::Fraction(number) => (*number).into(),
            Self::Moment(seconds) => (world::NOW.as_secs() + i64::from(*seconds)).into(),
            Self::Text(text) => text.as_str().into(),
            // The state, in case it is confused with the nonce.
            Self::Client(true) if name == "nonce" => secrets::STATE.into(),
            Self::Client(is_ours) => (if *is_ours { world::CLIENT_ID } else { "duchy-cli" }).into(),
            Self::Texts(texts) => texts.iter().take(8).cloned().collect(),
            Self::Hash => fief_proto::validation_hash(secrets::PLANTED).into(),
            Self::Nonce if name == "nonce" => secrets::NONCE.into(),
            Self::Nonce => "nonce".into(),
        })
    }
}
