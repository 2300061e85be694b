//! An encrypted ID token. Input: the token; or, from its `{` on, a line with its header and then
//! its content: a token, or again a line with a header and then claims.
#![no_main]

use fief_fuzz::{drive, jose, model, secrets, text, world};
use fief_proto::{CodeExchange, Error, flow::Response};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(|data: &str| {
    if secrets::stand_in(data.as_bytes()) {
        return;
    }
    let (token, inside) = if data.starts_with('{') {
        let (header, inside) = text::line(data);
        let inside = if inside.starts_with('{') {
            let (header, claims) = text::line(inside);
            jose::jws(header, claims)
        } else {
            inside.to_owned()
        };
        (jose::jwe(header, &inside), Some(inside))
    } else {
        (data.to_owned(), None)
    };
    let answer = json!({ "access_token": secrets::PLANTED, "id_token": token,
                         "token_type": "bearer" });
    let answer = Response::new(answer.to_string().into_bytes());
    let exchange = CodeExchange::new(secrets::PLANTED, world::REDIRECT_URI);
    let flow = world::ENCRYPTED.auth_callback(exchange).expect("a good exchange");
    match drive::answered_for(&world::ENCRYPTED, flow, &answer) {
        Ok((tokens, user)) => {
            assert_eq!(tokens.id_token.expose(), token);
            assert_eq!(token.split('.').count(), 5, "a token that is not encrypted");
            if let Some(inside) = inside {
                let code = Some(secrets::PLANTED);
                model::check_id_token(&inside, &user, secrets::PLANTED, code);
            }
        }
        Err(error) => assert!(is_expected(&error), "{error:?}"),
    }
});

fn is_expected(error: &Error) -> bool {
    matches!(error, Error::IdToken(_) | Error::Response(_) | Error::Unchecked { .. })
}
