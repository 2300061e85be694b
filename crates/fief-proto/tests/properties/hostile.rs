//! No hostile input is accepted, and none does harm.

use fief_proto::{
    CodeExchange, Endpoint, Error, Requirements,
    flow::{Flow as _, Input, Step},
    verify_webhook,
};
use proptest::{collection::vec, prelude::*};
use serde_json::json;

use crate::common::{NOW, REDIRECT_URI, client, drive, keys, later, ok, provider, token};

/// Near to a token: parts of letters, dots, and what does not belong.
fn token_like() -> impl Strategy<Value = String> {
    "[A-Za-z0-9_=-]{0,20}(\\.[A-Za-z0-9_é =-]{0,20}){0,6}"
}

/// A valid token in which some bytes were changed, dropped or put in.
fn damaged_token() -> impl Strategy<Value = String> {
    let change = (any::<prop::sample::Index>(), prop::option::of(any::<char>()));
    vec(change, 1..4).prop_map(|changes| {
        let mut characters: Vec<char> = token("access").chars().collect();
        for (index, replacement) in changes {
            let at = index.index(characters.len());
            match replacement {
                Some(character) => characters[at] = character,
                None => drop(characters.remove(at)),
            }
        }
        characters.into_iter().collect()
    })
}

proptest! {
    #[test]
    fn only_a_valid_token_is_accepted(
        string in prop_oneof![token_like(), damaged_token(), any::<String>()],
    ) {
        prop_assume!(string != token("access"));
        let (client, requirements) = (client(), Requirements::none());
        let mut flow = client.validate_access_token(&string, &requirements);
        match flow.resume(&provider(&client), NOW, Input::Go) {
            Err(Error::AccessToken(error)) => prop_assert!(matches!(error.status(), 401 | 403)),
            // A damaged `kid` names an unknown key, for which the keys are fetched.
            Ok(Step::Send(request)) => prop_assert_eq!(request.endpoint(), Endpoint::Keys),
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn no_document_harms_what_is_known(body in vec(any::<u8>(), 0..400), status in 100_u16..600) {
        let client = client();
        let mut known = provider(&client);
        let later = later(601);
        let access = token("access");
        let requirements = Requirements::none();
        let flow = client.validate_access_token(&access, &requirements);
        let (outcome, _) = drive(&client, &mut known, later, flow, |_| {
            Ok(http::Response::builder().status(status).body(body.clone()).unwrap())
        });
        prop_assert!(outcome.is_ok());
        let flow = client.validate_access_token(&access, &requirements);
        let (outcome, _) = drive(&client, &mut known, later, flow, |_| Ok(ok(keys(&["first"]))));
        prop_assert!(outcome.is_ok());
    }

    #[test]
    fn no_answer_but_a_good_one_signs_anybody_in(body in prop_oneof![
        vec(any::<u8>(), 0..400),
        ("[ -~]{0,40}", "[ -~]{0,40}", any::<i64>()).prop_map(|(access, id, lifetime)| {
            let answer = json!({ "access_token": access, "id_token": id, "token_type": "bearer",
                                 "expires_in": lifetime });
            answer.to_string().into_bytes()
        }),
    ]) {
        let client = client();
        let flow = client.auth_callback(CodeExchange::new("code", REDIRECT_URI)).unwrap();
        let (outcome, asked) =
            drive(&client, &mut provider(&client), NOW, flow, |_| Ok(ok(body.clone())));
        prop_assert!(outcome.is_err());
        prop_assert_eq!(asked[0], Endpoint::Token);
        prop_assert!(asked.len() <= 2, "the code once, the keys once at most: {asked:?}");
    }

    #[test]
    fn no_callback_without_the_state_is_accepted(callback in any::<String>()) {
        let client = client();
        let login = client.login(REDIRECT_URI, &[7; 96]).unwrap();
        let (login, _) = drive(&client, &mut provider(&client), NOW, login, |_| unreachable!());
        let pending = login.unwrap().pending;
        prop_assume!(!callback.contains(pending.state().expose()));
        let flow = client.finish_login(pending, &callback);
        let (outcome, asked) =
            drive(&client, &mut provider(&client), NOW, flow, |_| unreachable!());
        prop_assert!(matches!(outcome, Err(Error::Callback(_))));
        prop_assert_eq!(asked, vec![]);
    }

    #[test]
    fn a_webhook_is_accepted_only_with_its_signature(
        body in vec(any::<u8>(), 0..100),
        signature in "[0-9a-f]{64}",
        timestamp in "-?[0-9]{0,25}",
    ) {
        let mut headers = http::HeaderMap::new();
        headers.insert("x-fief-webhook-signature", signature.parse().unwrap());
        headers.insert("x-fief-webhook-timestamp", timestamp.parse().unwrap());
        prop_assert!(verify_webhook("secret", &headers, &body, NOW).is_err());
    }
}
