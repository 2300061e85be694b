//! What the RFCs say of keys that decrypt, and of tokens for them.

use super::{NOW, config, examples, exchange_for, provider, string};
use crate::{
    Client, Error,
    jose::{jwe, jwk},
};

/// A client whose encryption key is the one of RFC 7515 A.2.
fn client() -> Client {
    let key = examples("private_keys")[0]["key"].to_string();
    config("s6BhdRkqt3").encryption_key(key).build().unwrap()
}

#[test]
fn encrypted_on_the_token_path() {
    let client = client();
    let settings = client.settings();
    let key = settings.decryption_key.as_ref().unwrap();
    for example in examples("encrypted") {
        let refused = jwe::open(string(&example, "token"), key, settings).err().map(|f| f.name());
        assert_eq!(refused, example["refused"].as_str(), "{}", string(&example, "source"));
    }
}

#[test]
fn encrypted_on_the_public_path() {
    let client = client();
    let provider = provider(&client, "rfc7515_a2", NOW);
    for example in examples("encrypted") {
        let found = exchange_for(&client, &provider, NOW, string(&example, "token"));
        assert_eq!(found.err(), example["refused"].as_str(), "{}", string(&example, "source"));
    }
}

/// Only an RSA key is accepted, and only one that is for nothing else than what it is used for
/// here.
#[test]
fn private_keys() {
    let backend = client().settings().backend;
    for example in examples("private_keys") {
        let source = string(&example, "source");
        let found = jwk::private_key(&example["key"].to_string(), backend);
        match example["refused"].as_str() {
            Some(member) => {
                let error = Error::from(found.unwrap_err());
                assert_eq!(error.reason(), Some("encryption_key"), "{source}");
                assert!(error.to_string().contains(member), "{source}: {error}");
            }
            None => assert!(found.is_ok(), "{source}: {found:?}"),
        }
    }
}
