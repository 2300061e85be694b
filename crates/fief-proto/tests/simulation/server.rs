//! A Fief server whose keys rotate, and which fails at times.

use fief_proto::{Endpoint, flow::Response};
use serde_json::json;

use crate::{
    common::{self, ok, status},
    schedule::Random,
};

#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub enum Key {
    First,
    Second,
}

impl Key {
    fn other(self) -> Self {
        match self {
            Self::First => Self::Second,
            Self::Second => Self::First,
        }
    }
}

/// The documents and tokens that servers hand out, made once for all schedules.
pub struct Material {
    pub discovery: Vec<u8>,
    first: Vec<u8>,
    second: Vec<u8>,
    both: Vec<u8>,
    pub tokens: [Token; 4],
    answers: [Vec<u8>; 2],
}

/// An access token, and who made it.
pub struct Token {
    pub string: String,
    pub maker: Maker,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Maker {
    Server(Key),
    /// An attacker, in the name of the first key.
    Forger,
    /// An attacker, in the name of a key that never existed.
    UnknownKey,
}

impl Maker {
    /// The key that forged tokens name.
    pub const FORGED: Key = Key::First;
}

impl Material {
    pub fn new() -> Self {
        let token = |name, maker| Token { string: common::token(name), maker };
        let answer = |id: &str| {
            let answer = json!({ "access_token": "opaque", "id_token": common::token(id),
                                 "token_type": "bearer" });
            answer.to_string().into_bytes()
        };
        Self {
            discovery: common::discovery(),
            first: common::keys(&["first"]),
            second: common::keys(&["second"]),
            both: common::keys(&["first", "second"]),
            tokens: [
                token("access", Maker::Server(Key::First)),
                token("access_second", Maker::Server(Key::Second)),
                token("access_foreign", Maker::Forger),
                token("access_unknown_kid", Maker::UnknownKey),
            ],
            answers: [answer("id"), answer("id_second")],
        }
    }

    fn keys(&self, published: &[Key]) -> &[u8] {
        match published {
            [Key::First] => &self.first,
            [Key::Second] => &self.second,
            _ => &self.both,
        }
    }
}

/// How the server is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Health {
    Well,
    /// Answers 503.
    Failing,
    /// Answers 200 with something that is no document.
    Confused,
    /// Can't be reached.
    Away,
}

pub struct Server<'m> {
    material: &'m Material,
    pub signing: Key,
    published: Vec<Key>,
    pub health: Health,
}

/// An answer, and the keys in it where it holds some.
pub struct Answered {
    pub response: Response,
    pub keys: Option<Vec<Key>>,
    /// Who made the ID token in it.
    pub id_token: Option<Key>,
}

impl<'m> Server<'m> {
    pub fn new(material: &'m Material) -> Self {
        let signing = Key::First;
        Self { material, signing, published: vec![signing], health: Health::Well }
    }

    /// Signs with the other key from now on, and withdraws the one before at once or later.
    pub fn rotate(&mut self, with_overlap: bool) {
        self.signing = self.signing.other();
        self.published =
            if with_overlap { vec![Key::First, Key::Second] } else { vec![self.signing] };
    }

    pub fn withdraw(&mut self) {
        self.published = vec![self.signing];
    }

    /// The token that a caller sends: mostly a valid one.
    pub fn token(&self, random: &mut Random) -> &'m Token {
        let maker = match random.below(20) {
            0..12 => Maker::Server(self.signing),
            12..15 => Maker::Server(self.signing.other()),
            15 => Maker::Forger,
            _ => Maker::UnknownKey,
        };
        self.material.tokens.iter().find(|token| token.maker == maker).unwrap()
    }

    /// The answer, or none if the server is away.
    pub fn answer(&self, endpoint: Endpoint) -> Option<Answered> {
        let answered = |response| Answered { response, keys: None, id_token: None };
        match self.health {
            Health::Away => return None,
            Health::Failing => return Some(answered(status(503, "upstream is gone"))),
            Health::Confused => return Some(answered(ok(b"{\"keys\":[]}".to_vec()))),
            Health::Well => {}
        }
        Some(match endpoint {
            Endpoint::Discovery => answered(ok(self.material.discovery.clone())),
            Endpoint::Keys => Answered {
                response: ok(self.material.keys(&self.published).to_vec()),
                keys: Some(self.published.clone()),
                id_token: None,
            },
            Endpoint::Token => Answered {
                response: ok(
                    self.material.answers[usize::from(self.signing == Key::Second)].clone()
                ),
                keys: None,
                id_token: Some(self.signing),
            },
            _ => answered(ok(br#"{"sub":"user"}"#.to_vec())),
        })
    }
}
