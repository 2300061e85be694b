//! What a server may answer.

use arbitrary::Arbitrary;
use fief_proto::{Endpoint, flow::Response};
use http::{HeaderName, HeaderValue, StatusCode};
use serde_json::{Map, Value, json};

use super::{place::Place, token};
use crate::{secrets, world};

/// What a server was asked: at which endpoint, if a known one, and with which secrets. A request
/// for a document sends none that could be echoed.
pub struct Asked {
    pub endpoint: Option<Endpoint>,
    pub secrets: Vec<&'static str>,
}

#[derive(Arbitrary, Debug)]
pub struct Answer {
    status: Status,
    headers: Vec<Header>,
    body: Body,
}

#[derive(Arbitrary, Clone, Copy, Debug)]
enum Status {
    Ok,
    Accepted,
    NoContent,
    Found,
    BadRequest,
    Unauthorized,
    Unprocessable,
    Unavailable,
    Any(u16),
}

#[derive(Arbitrary, Debug)]
enum Header {
    Location(String),
    LocationEcho,
    RetryAfter(String),
    Any(String, String),
}

#[derive(Arbitrary, Debug)]
enum Body {
    /// The correct answer of the endpoint, with a few changes.
    Right {
        changes: Vec<token::Change>,
        token: u8,
        keys: Keys,
    },
    /// The correct one, cut or with one changed byte.
    Damaged {
        token: u8,
        at: u16,
        byte: Option<u8>,
    },
    /// A refusal that echoes what was sent.
    Echo,
    Bytes(Vec<u8>),
    /// A body of about the limit, longer or shorter by so many bytes.
    Long(i8),
}

#[derive(Arbitrary, Clone, Copy, Debug)]
pub enum Keys {
    First,
    Second,
    Both,
    Unusable,
    None,
}

const MEMBERS: [&str; 24] = [
    "issuer",
    "authorization_endpoint",
    "token_endpoint",
    "userinfo_endpoint",
    "jwks_uri",
    "authorization_response_iss_parameter_supported",
    "keys",
    "access_token",
    "id_token",
    "token_type",
    "expires_in",
    "refresh_token",
    "sub",
    "email",
    "email_verified",
    "is_active",
    "tenant_id",
    "fields",
    "further",
    "error",
    "error_description",
    "detail",
    "reason",
    "iss",
];

impl Answer {
    pub fn serve(&self, place: Place, tokens: &[String], asked: &Asked) -> Response {
        let mut response = Response::new(self.body.bytes(place, tokens, asked));
        *response.status_mut() = self.status.code();
        for header in self.headers.iter().take(3) {
            if let Some((name, value)) = header.pair(asked) {
                response.headers_mut().append(name, value);
            }
        }
        response
    }
}

impl Status {
    fn code(self) -> StatusCode {
        match self {
            Self::Ok => StatusCode::OK,
            Self::Accepted => StatusCode::ACCEPTED,
            Self::NoContent => StatusCode::NO_CONTENT,
            Self::Found => StatusCode::FOUND,
            Self::BadRequest => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Unprocessable => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Any(status) => StatusCode::from_u16(status).unwrap_or_default(),
        }
    }
}

impl Header {
    fn pair(&self, asked: &Asked) -> Option<(HeaderName, HeaderValue)> {
        let (name, value) = match self {
            Self::Location(value) => ("location", value.clone()),
            Self::LocationEcho => ("location", format!("//{0}.example/{0}", asked.secrets.last()?)),
            Self::RetryAfter(value) => ("retry-after", value.clone()),
            Self::Any(name, value) => (name.as_str(), value.clone()),
        };
        Some((HeaderName::try_from(name).ok()?, HeaderValue::try_from(value).ok()?))
    }
}

impl Body {
    fn bytes(&self, place: Place, tokens: &[String], asked: &Asked) -> Vec<u8> {
        let endpoint = asked.endpoint;
        match self {
            Self::Right { changes, token, keys } => {
                let mut right = right(place, tokens, endpoint, *token, *keys);
                token::change(&mut right, &MEMBERS, changes.iter());
                Value::from(right).to_string().into_bytes()
            }
            Self::Damaged { token, at, byte } => {
                let right = right(place, tokens, endpoint, *token, Keys::First);
                let mut bytes = Value::from(right).to_string().into_bytes();
                let at = usize::from(*at) % bytes.len();
                match byte {
                    Some(byte) => bytes[at] = *byte,
                    None => bytes.truncate(at),
                }
                bytes
            }
            Self::Echo if asked.secrets.is_empty() => Vec::new(),
            Self::Echo => refusal(&asked.secrets.join(" ")),
            Self::Bytes(bytes) => bytes.clone(),
            Self::Long(more) => {
                let limit = match endpoint {
                    Some(Endpoint::Discovery | Endpoint::Keys) => 512 * 1024,
                    _ => 1024 * 1024,
                };
                vec![b' '; limit + usize::from(*more > 0)]
            }
        }
    }
}

/// The correct answer of a server.
pub fn right_answer(
    place: Place,
    tokens: &[String],
    endpoint: Option<Endpoint>,
    token: u8,
    keys: Keys,
) -> Response {
    let members = right(place, tokens, endpoint, token, keys);
    Response::new(Value::from(members).to_string().into_bytes())
}

fn right(
    place: Place,
    tokens: &[String],
    endpoint: Option<Endpoint>,
    token: u8,
    keys: Keys,
) -> Map<String, Value> {
    let value = match endpoint {
        Some(Endpoint::Discovery) => serde_json::from_slice(&place.discovery()).expect("JSON"),
        Some(Endpoint::Keys) => keys.document(),
        Some(Endpoint::Token) => json!({
            "access_token": secrets::PLANTED, "token_type": "bearer", "expires_in": 3_600,
            "id_token": tokens[usize::from(token) % tokens.len()],
        }),
        _ => json!({ "sub": token::SUBJECT, "email": "anne@bretagne.duchy" }),
    };
    let Value::Object(members) = value else { unreachable!("each is an object") };
    members
}

impl Keys {
    fn document(self) -> Value {
        let names: &[&str] = match self {
            Self::First => &["first"],
            Self::Second => &["second"],
            Self::Both => &["first", "second"],
            Self::Unusable => &["weak"],
            Self::None => &[],
        };
        serde_json::from_slice(&world::keys(names)).expect("JSON")
    }
}

fn refusal(secret: &str) -> Vec<u8> {
    json!({
        "error": secret, "error_description": format!("not {secret}!"), "reason": [secret, 1],
        "detail": [{ "type": secret, "loc": ["body", secret, 3], "msg": format!("no {secret}"),
                     "input": secret, "ctx": { "given": secret } }],
    })
    .to_string()
    .into_bytes()
}
