//! The examples of RFC 7515, 7516, 7517, 7518, 7519, 7520 and 7636.
//!
//! Left out:
//! - RFC 7515 A.6, RFC 7516 A.4 and A.5, RFC 7520 4.6 to 4.8 and 5.10 to 5.13: JSON serialisation,
//!   of which RFC 7515 A.7 runs. A token is compact, and what begins with a brace is refused alike.
//! - RFC 7520 4.2, 4.3, 5.3 to 5.9 and 6, RFC 7517 C, RFC 7519 A.2: further values of `alg` that
//!   are not taken. One of each kind runs: HMAC, ECDSA, none, `RSA1_5`, RSA-OAEP, AES key wrap. That
//!   others are refused too, the vectors of this project show.
//! - RFC 7518 B.2 and C: AES-192 and ECDH-ES, which this project does not have.
//! - RFC 7517 A.3: symmetric keys.

use serde_json::Value;

use super::{bytes, config, examples, key_set, keys, member, provider, text};
use crate::{
    Flow as _, Input, Pkce, Requirements, UnixTime,
    crypto::content::{ContentEncryption, Sealed},
    jwk::KeySet,
    token::{Verdict, access_token, jws::Jws},
};

/// A moment at which the examples that expire have not.
const NOW: UnixTime = UnixTime::from_secs(1_300_819_000);

const SOME_KEY: &str = "rfc7515_a2";

#[test]
fn signed() {
    let client = config("s6BhdRkqt3").build().unwrap();
    let settings = client.settings();
    for example in examples("signed") {
        let key = example["key"].as_str().unwrap_or(SOME_KEY);
        let verified = Jws::parse(text(&example, "token"), access_token::TYPES, settings)
            .and_then(|jws| jws.verify(&keys(key, settings)));
        let found = match &verified {
            Ok(Verdict::Verified(payload)) => str::from_utf8(payload).unwrap(),
            Ok(Verdict::UnknownKey(fault)) | Err(fault) => fault.name(),
        };
        let expected = example["payload"].as_str().or(example["refused"].as_str());
        assert_eq!(Some(found), expected, "{}", text(&example, "source"));
    }
}

#[test]
fn signed_on_the_public_path() {
    let client = config("s6BhdRkqt3").build().unwrap();
    for example in examples("signed") {
        let provider = provider(&client, example["key"].as_str().unwrap_or(SOME_KEY), NOW);
        let expected = example["public"].as_str().or(example["refused"].as_str());
        let requirements = Requirements::none();
        let mut flow = client.validate_access_token(text(&example, "token"), &requirements);
        let error = flow.resume(&provider, NOW, Input::Go).unwrap_err();
        assert_eq!(error.reason(), expected, "{}: {error}", text(&example, "source"));
    }
}

#[test]
fn sealed() {
    for example in examples("sealed") {
        let (iv, ciphertext, tag) =
            (bytes(&example, "iv"), bytes(&example, "ciphertext"), bytes(&example, "tag"));
        let aad = text(&example, "aad").as_bytes();
        let sealed = Sealed { iv: &iv, ciphertext: &ciphertext, tag: &tag, aad };
        let opened = ContentEncryption::from_name(text(&example, "enc"))
            .unwrap()
            .open(&bytes(&example, "key"), &sealed);
        assert_eq!(
            opened.as_deref().map(Vec::as_slice),
            Some(text(&example, "plaintext").as_bytes()),
            "{}",
            text(&example, "source")
        );
    }
}

/// Their content opens with the key that the RFC states, although none of their ways to wrap that
/// key is taken.
#[test]
fn encrypted() {
    for example in examples("encrypted") {
        let parts: Vec<&str> = text(&example, "token").split('.').collect();
        let decode = |index: usize| {
            let part = Value::from(parts[index]);
            bytes(&serde_json::json!({ "part": part }), "part")
        };
        let header: Value = serde_json::from_slice(&decode(0)).unwrap();
        let (iv, ciphertext, tag) = (decode(2), decode(3), decode(4));
        let aad = parts[0].as_bytes();
        let opened = ContentEncryption::from_name(text(&header, "enc")).unwrap().open(
            &bytes(&example, "content_key"),
            &Sealed { iv: &iv, ciphertext: &ciphertext, tag: &tag, aad },
        );
        assert_eq!(
            opened.as_deref().map(Vec::as_slice),
            Some(text(&example, "plaintext").as_bytes()),
            "{}",
            text(&example, "source")
        );
    }
}

/// An access token that is encrypted is refused, whatever it is encrypted with.
#[test]
fn encrypted_on_the_public_path() {
    let client = config("s6BhdRkqt3").build().unwrap();
    let (provider, requirements) = (provider(&client, SOME_KEY, NOW), Requirements::none());
    for example in examples("encrypted") {
        let mut flow = client.validate_access_token(text(&example, "token"), &requirements);
        let error = flow.resume(&provider, NOW, Input::Go).unwrap_err();
        assert_eq!(error.reason(), Some("encrypted"), "{}", text(&example, "source"));
    }
}

/// RFC 7517 A.1: of an elliptic curve key and an RSA key, one can check RS256.
#[test]
fn public_keys() {
    let client = config("s6BhdRkqt3").build().unwrap();
    let document = member("rfc7517_a1").to_string();
    let keys = KeySet::parse(document.as_bytes(), client.settings().backend).unwrap();
    assert_eq!(keys.candidates(None).count(), 1);
    assert_eq!(keys.candidates(Some("2011-04-29")).count(), 1);
    assert_eq!(keys.candidates(Some("1")).count(), 0);
    for key in ["rfc7515_a2", "rfc7520_3_3", "openid_a7"] {
        assert!(KeySet::parse(key_set(key).as_bytes(), client.settings().backend).is_ok(), "{key}");
    }
}

/// RFC 7636 appendix B.
#[test]
fn code_challenge() {
    let entropy = [
        116, 24, 223, 180, 151, 153, 224, 37, 79, 250, 96, 125, 216, 173, 187, 186, 22, 212, 37,
        77, 105, 214, 191, 240, 91, 88, 5, 88, 83, 132, 141, 121,
    ];
    let pkce = Pkce::from_entropy(&entropy);
    assert_eq!(pkce.verifier().expose(), "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    let challenge = pkce.challenge();
    assert_eq!(challenge.method(), "S256");
    assert_eq!(challenge.value(), "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}
