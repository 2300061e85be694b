//! The examples of RFC 7515, 7516, 7517, 7518, 7519, 7520 and 7636.
//!
//! Every compact token and every key is run. Where its algorithm is not accepted, that must be the
//! fault; the content of an encrypted token is then decrypted with the key that the example states.
//!
//! Left out:
//! - RFC 7515 A.6, RFC 7516 A.4 and A.5, RFC 7520 4.6 to 4.8 and 5.10 to 5.13: JSON serialisation,
//!   of which RFC 7515 A.7 runs. A token is compact, and what begins with a brace is refused alike.
//! - RFC 7515 B, D and F, RFC 7516 B, RFC 7518 A, RFC 7519 B and C: no tokens, or steps of those
//!   that run. An `x5c` in a header is not looked at; one in a key is in RFC 7517 B.
//! - RFC 7518 B.2 and C: AES-192 and the key derivation of ECDH-ES, which nothing here computes.

use serde_json::{Value, json};

use super::{NOW, bytes, config, examples, exchange_for, key_set, keys, member, provider, string};
use crate::{
    Error, KeyFault, Pkce, ProviderError, Requirements,
    claims::access_token,
    config::settings::Settings,
    flow::{Flow as _, Input},
    jose::{
        LONGEST_ACCESS_TOKEN, base64url,
        crypto::content::{ContentEncryption, Sealed},
        jwk::KeySet,
        jws::Jws,
    },
};

const SOME_KEY: &str = "rfc7515_a2";

#[test]
fn signed() {
    let client = config("s6BhdRkqt3").build().unwrap();
    for example in examples("signed") {
        let expected = example["payload"].as_str().ok_or(example["refused"].as_str());
        let found = payload(&example, client.settings());
        let found = found.as_deref().map_err(|fault| Some(*fault));
        assert_eq!(found, expected, "{}", string(&example, "source"));
    }
}

/// What is signed, if it is signed with the key of the example.
fn payload(example: &Value, settings: &Settings) -> Result<String, &'static str> {
    let key = example["key"].as_str().unwrap_or(SOME_KEY);
    let token = string(example, "token");
    let payload = Jws::parse(token, LONGEST_ACCESS_TOKEN, access_token::TYPES, settings)
        .and_then(|jws| Ok(jws.verify(token, &keys(key, settings))?.to_vec()));
    payload.map(|payload| String::from_utf8(payload).unwrap()).map_err(|fault| fault.name())
}

/// As an access token, and as an ID token: none is of this server.
#[test]
fn signed_on_the_public_paths() {
    let client = config("s6BhdRkqt3").build().unwrap();
    for example in examples("signed") {
        let (source, token) = (string(&example, "source"), string(&example, "token"));
        let provider = provider(&client, example["key"].as_str().unwrap_or(SOME_KEY), NOW);
        let expected = example["public"].as_str().or(example["refused"].as_str());
        let requirements = Requirements::none();
        let mut flow = client.validate_access_token(token, &requirements);
        let error = flow.resume(&provider, NOW, Input::Go).unwrap_err();
        assert_eq!(error.reason(), expected, "{source}: {error}");
        let found = exchange_for(&client, &provider, NOW, token);
        assert_eq!(found.err(), expected, "{source}");
    }
}

#[test]
fn sealed() {
    for example in examples("sealed") {
        let (iv, ciphertext, tag) =
            (bytes(&example, "iv"), bytes(&example, "ciphertext"), bytes(&example, "tag"));
        let aad = string(&example, "aad").as_bytes();
        let sealed = Sealed { iv: &iv, ciphertext: &ciphertext, tag: &tag, aad };
        let opened = ContentEncryption::from_name(string(&example, "enc"))
            .unwrap()
            .open(&bytes(&example, "key"), &sealed);
        assert_eq!(
            opened.as_deref().map(Vec::as_slice),
            Some(string(&example, "plaintext").as_bytes()),
            "{}",
            string(&example, "source")
        );
    }
}

/// Their content opens with the key that the RFC states, although none of their ways to wrap that
/// key, or to agree on it, is accepted.
#[test]
fn encrypted() {
    for example in examples("encrypted") {
        let parts: Vec<&str> = string(&example, "token").split('.').collect();
        let decode = |index: usize| bytes(&json!({ "part": parts[index] }), "part");
        let header: Value = serde_json::from_slice(&decode(0)).unwrap();
        let (iv, ciphertext, tag) = (decode(2), decode(3), decode(4));
        let aad = parts[0].as_bytes();
        let opened = ContentEncryption::from_name(string(&header, "enc")).unwrap().open(
            &bytes(&example, "content_key"),
            &Sealed { iv: &iv, ciphertext: &ciphertext, tag: &tag, aad },
        );
        let plaintext = match example["plaintext"].as_str() {
            Some(plaintext) => plaintext.as_bytes().to_vec(),
            None => bytes(&example, "compressed"),
        };
        assert_eq!(opened.as_deref(), Some(&plaintext), "{}", string(&example, "source"));
    }
}

/// What a nested token holds is signed: RFC 7519 A.2 with RS256, RFC 7520 6 with PS256.
#[test]
fn nested() {
    let client = config("s6BhdRkqt3").build().unwrap();
    let signed = examples("signed");
    let found: Vec<_> = examples("encrypted")
        .iter()
        .filter_map(|outer| signed.iter().find(|inner| inner["token"] == outer["plaintext"]))
        .map(|inner| (string(inner, "source"), payload(inner, client.settings())))
        .collect();
    let claims =
        "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
    assert_eq!(
        found,
        [
            ("RFC 7515 A.2", Ok(claims.to_owned())),
            ("RFC 7520 6 (the inner token)", Err("unsupported_algorithm")),
        ]
    );
}

/// A client without an encryption key refuses what is encrypted, whatever it is encrypted with; an
/// access token is never accepted that way.
#[test]
fn encrypted_on_the_public_paths() {
    let client = config("s6BhdRkqt3").build().unwrap();
    let (provider, requirements) = (provider(&client, SOME_KEY, NOW), Requirements::none());
    for example in examples("encrypted") {
        let (source, token) = (string(&example, "source"), string(&example, "token"));
        let mut flow = client.validate_access_token(token, &requirements);
        let error = flow.resume(&provider, NOW, Input::Go).unwrap_err();
        assert_eq!(error.reason(), Some("encrypted"), "{source}");
        let found = exchange_for(&client, &provider, NOW, token);
        assert_eq!(found.err(), Some("encrypted"), "{source}");
    }
}

/// RFC 7517 A.1: of an elliptic curve key and an RSA key, one can check RS256. Each other RSA key
/// can too, among them that of RFC 7517 B with its certificates.
#[test]
fn public_keys() {
    let client = config("s6BhdRkqt3").build().unwrap();
    let document = member("rfc7517_a1").to_string();
    let keys = KeySet::parse(document.as_bytes(), client.settings().backend).unwrap();
    assert_eq!(keys.candidates(None).count(), 1);
    assert_eq!(keys.candidates(Some("2011-04-29")).count(), 1);
    assert_eq!(keys.candidates(Some("1")).count(), 0);
    for key in member("keys").as_object().unwrap().keys() {
        assert!(KeySet::parse(key_set(key).as_bytes(), client.settings().backend).is_ok(), "{key}");
    }
}

/// Elliptic curve keys and symmetric ones check no RS256.
#[test]
fn other_keys() {
    let client = config("s6BhdRkqt3").build().unwrap();
    for example in examples("other_keys") {
        let set = json!({ "keys": [example["key"]] }).to_string();
        let refused = KeySet::parse(set.as_bytes(), client.settings().backend);
        assert!(
            matches!(&refused, Err(Error::Provider(ProviderError::NoUsableKey { faults, entries: 1 }))
                if *faults == [KeyFault::Type]),
            "{}: {refused:?}",
            string(&example, "source")
        );
    }
}

/// RFC 7515 C and RFC 7636 A.
#[test]
fn unpadded_base64url() {
    let client = config("s6BhdRkqt3").build().unwrap();
    let octets = [3, 236, 255, 224, 193];
    assert_eq!(base64url::encode(&octets), "A-z_4ME");
    let decoded = client.settings().base64url.decode("A-z_4ME");
    assert_eq!(decoded.as_deref(), Some(&octets[..]));
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
