//! Encrypted ID tokens, compared with the bare RSA-OAEP decryption of their key.

use std::hint::black_box;

use aws_lc_rs::{
    encoding::AsDer as _,
    rsa::{
        KeyPair, KeyPairComponents, OAEP_SHA256_MGF1SHA256, OaepPrivateDecryptingKey,
        PrivateDecryptingKey, PublicKeyComponents,
    },
};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use fief_proto::{
    CodeExchange, Provider,
    flow::{Flow as _, Input, Response, Step},
};
use serde_json::{Value, json};

use crate::{
    material::{ISSUER, Signed, THEN, config, discovery, key, token},
    measure::{Case, compare},
};

pub fn run(rounds: usize) {
    let jwk = key("encryption");
    let encrypted = token("jwe_a256cbc");
    let answer = json!({
        "access_token": token("access"),
        "id_token": encrypted,
        "token_type": "bearer",
        "expires_in": 3600,
    })
    .to_string();
    let client = config().encryption_key(jwk.to_string()).build().unwrap();
    let keys = Signed::rsa_2048().key_set();
    let provider = Provider::from_documents(&client, &discovery(ISSUER), &keys, THEN).unwrap();
    let bare = bare_key(&jwk);
    let wrapped = URL_SAFE_NO_PAD.decode(encrypted.split('.').nth(1).unwrap()).unwrap();
    let mut unwrapped = vec![0; bare.min_output_size()];
    compare(
        "a token answer with an encrypted ID token, RSA-2048",
        rounds,
        vec![
            Case::new("the bare RSA-OAEP decryption (aws-lc-rs)", || {
                let wrapped = black_box(&wrapped);
                bare.decrypt(&OAEP_SHA256_MGF1SHA256, wrapped, &mut unwrapped, None).unwrap();
            }),
            Case::new("fief-proto: request, answer, decryption, signature, claims", || {
                let exchange = CodeExchange::new("CODE", "http://localhost:8000/callback");
                let mut flow = client.auth_callback(exchange).unwrap();
                let Ok(Step::Send(_)) = flow.resume(&provider, THEN, Input::Go) else {
                    panic!("no request");
                };
                let response = Input::Response(Response::new(answer.clone().into_bytes()));
                let Ok(Step::Done(outcome)) = flow.resume(&provider, THEN, response) else {
                    panic!("not validated");
                };
                black_box(outcome);
            })
            .target(1.12),
        ],
    );
}

fn bare_key(jwk: &Value) -> OaepPrivateDecryptingKey {
    let number = |name: &str| {
        let bytes = URL_SAFE_NO_PAD.decode(jwk[name].as_str().unwrap()).unwrap();
        bytes.into_iter().skip_while(|byte| *byte == 0).collect::<Vec<u8>>()
    };
    let pair = KeyPair::from_components(&KeyPairComponents {
        public_key: PublicKeyComponents { n: number("n"), e: number("e") },
        d: number("d"),
        p: number("p"),
        q: number("q"),
        dP: number("dp"),
        dQ: number("dq"),
        qInv: number("qi"),
    })
    .unwrap();
    let key = PrivateDecryptingKey::from_pkcs8(pair.as_der().unwrap().as_ref()).unwrap();
    OaepPrivateDecryptingKey::new(key).unwrap()
}
