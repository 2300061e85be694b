//! A signed token, as access token and as ID token. Input: the token; or, from its `{` on, a line
//! with its header and then its claims, both as JSON.
#![no_main]

use fief_fuzz::{drive, jose, model, secrets, text, world};
use fief_proto::{
    Client, CodeExchange, Endpoint, Error, Requirements, VerifiedTokens,
    flow::{Flow as _, Input, Response, Step},
};
use libfuzzer_sys::fuzz_target;
use serde_json::json;

fuzz_target!(|data: &str| {
    if secrets::stand_in(data.as_bytes()) {
        return;
    }
    let token = if data.starts_with('{') {
        let (header, claims) = text::line(data);
        jose::jws(header, claims)
    } else {
        data.to_owned()
    };
    as_access_token(&world::CLIENT, &token);
    as_id_token(&token);
});

fn as_access_token(client: &Client, token: &str) {
    let requirements = Requirements::none();
    let mut flow = client.validate_access_token(token, &requirements);
    match flow.resume(&world::PROVIDER, world::NOW, Input::Go) {
        Ok(Step::Done(info)) => {
            model::check_access_token(token, &info);
            let mut memory = VerifiedTokens::new(client, 1);
            memory.keep(&flow, &info);
            if memory.len() == 1 {
                let known = memory.validate(token, &requirements, &world::PROVIDER, world::NOW);
                assert_eq!(known.is_none(), model::needs_leeway(token));
                assert!(known.is_none_or(|known| known.is_ok_and(|known| known == info)));
            }
        }
        Ok(Step::Send(request)) => assert_eq!(request.endpoint(), Endpoint::Keys),
        Err(error) => {
            assert!(matches!(error, Error::AccessToken(_)), "{error:?}");
            secrets::check_error(&error);
        }
    }
}

fn as_id_token(token: &str) {
    let answer = json!({ "access_token": secrets::PLANTED, "id_token": token,
                         "token_type": "bearer" });
    let answer = Response::new(answer.to_string().into_bytes());
    let exchange = CodeExchange::new(secrets::PLANTED, world::REDIRECT_URI);
    let flow = world::CLIENT.auth_callback(exchange).expect("a good exchange");
    match drive::answered(flow, &answer) {
        Ok((tokens, user)) => {
            assert_eq!(tokens.id_token.expose(), token);
            model::check_id_token(token, &user, secrets::PLANTED, Some(secrets::PLANTED));
        }
        Err(error) => assert!(is_expected(&error), "{error:?}"),
    }
}

fn is_expected(error: &Error) -> bool {
    matches!(error, Error::IdToken(_) | Error::Response(_) | Error::Unchecked { .. })
}
