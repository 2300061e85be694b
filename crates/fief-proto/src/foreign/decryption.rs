//! What the RFCs say of keys that decrypt, and of tokens for them.

use super::{config, examples, member, text};
use crate::{Error, jwk, token::jwe};

#[test]
fn encrypted_on_the_token_path() {
    let key = member("rfc7515_a2_private").to_string();
    let client = config("s6BhdRkqt3").encryption_key(key).build().unwrap();
    let settings = client.settings();
    let key = settings.decryption_key.as_ref().unwrap();
    for example in examples("encrypted") {
        let refused = jwe::open(text(&example, "token"), key, settings).err().map(|f| f.name());
        assert_eq!(refused, example["refused"].as_str(), "{}", text(&example, "source"));
    }
}

/// RFC 7515 A.2 has a private key of no stated use, RFC 7517 A.2 the same kind for signatures.
#[test]
fn private_keys() {
    let client = config("s6BhdRkqt3").build().unwrap();
    let mut key = member("rfc7515_a2_private");
    assert!(jwk::private_key(&key.to_string(), client.settings().backend).is_ok());
    key["alg"] = "RS256".into();
    let error = jwk::private_key(&key.to_string(), client.settings().backend).unwrap_err();
    assert_eq!(Error::from(error).reason(), Some("encryption_key"));
}
