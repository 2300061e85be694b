//! The client's own encryption key. Input: the JWK.
#![no_main]

use fief_fuzz::{drive, model, secrets, world};
use fief_proto::{CodeExchange, Error, flow::Response};
use libfuzzer_sys::fuzz_target;
use serde_json::{Value, json};

fuzz_target!(|jwk: &str| {
    let config = world::config().encryption_key(jwk);
    secrets::check_debug(&config);
    match config.build() {
        Ok(client) => {
            let key: Value = serde_json::from_str(jwk).expect("JSON");
            assert_eq!(key["kty"], "RSA");
            let is_none_or = |name: &str, wanted: &str| key[name].is_null() || key[name] == wanted;
            assert!(is_none_or("use", "enc") && is_none_or("alg", "RSA-OAEP-256"));
            assert!(model::is_strong(&key), "a weak key");
            let answer = json!({ "access_token": "opaque", "id_token": world::token("jwe_a256cbc"),
                                 "token_type": "bearer" });
            let answer = Response::new(answer.to_string().into_bytes());
            let exchange = CodeExchange::new(secrets::PLANTED, world::REDIRECT_URI);
            let flow = client.auth_callback(exchange).expect("a good exchange");
            let _ = drive::answered_for(&client, flow, &answer);
        }
        Err(error) => {
            assert!(matches!(error, Error::Config(_)), "{error:?}");
            secrets::check_error(&error);
            check_numbers(jwk, &format!("{error:?} {error}"));
        }
    }
});

/// No number of the key is shown.
fn check_numbers(jwk: &str, shown: &str) {
    let key: Value = serde_json::from_str(jwk).unwrap_or_default();
    for name in ["d", "p", "q", "dp", "dq", "qi"] {
        let number = key[name].as_str().filter(|number| number.len() >= 32);
        assert!(number.is_none_or(|number| !shown.contains(number)), "{name} in {shown}");
    }
}
