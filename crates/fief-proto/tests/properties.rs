//! Properties that hold for every input, looked for with random ones.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use common::{
    NOW, REDIRECT_URI, client, config, discovery, done, drive, keys, ok, provider, token,
};
use fief_proto::{
    Acr, AuthorizationRequest, CodeExchange, Config, Endpoint, Error, Flow, Input, Pkce, Provider,
    Requirements, is_valid_hash, validation_hash, verify_webhook,
};
use proptest::{collection::vec, prelude::*};
use serde_json::json;
use url::Url;

/// Near to a token: parts of letters, dots, and what does not belong.
fn token_like() -> impl Strategy<Value = String> {
    "[A-Za-z0-9_=-]{0,20}(\\.[A-Za-z0-9_é =-]{0,20}){0,6}"
}

/// A good token in which some bytes were changed, dropped or put in.
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
    fn no_text_but_a_good_token_is_taken(text in prop_oneof![token_like(), damaged_token(), any::<String>()]) {
        prop_assume!(text != token("access"));
        let (client, requirements) = (client(), Requirements::none());
        let mut flow = client.validate_access_token(&text, &requirements);
        match flow.resume(&provider(&client), NOW, Input::Go) {
            Err(Error::AccessToken(error)) => prop_assert!(matches!(error.status(), 401 | 403)),
            // A damaged `kid` names a key that is worth asking for.
            Ok(fief_proto::Step::Send(request)) => prop_assert_eq!(request.endpoint(), Endpoint::Keys),
            other => prop_assert!(false, "{other:?}"),
        }
    }

    #[test]
    fn no_document_harms_what_is_known(body in vec(any::<u8>(), 0..400), status in 100_u16..600) {
        let client = client();
        let mut known = provider(&client);
        let later = common::later(601);
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
    fn no_callback_without_the_state_is_taken(callback in any::<String>()) {
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
    fn what_is_put_into_an_authorization_url_comes_out(
        state in "[^\\p{C}]{1,40}",
        nonce in "[^\\p{C}]{1,40}",
        hint in "[^\\p{C}]{1,40}",
        extra in "[^\\p{C}]{0,40}",
        scope in vec("[!#-\\[\\]-~]{1,12}", 0..5),
        max_age in any::<u64>(),
        query in "[a-z]{0,8}",
    ) {
        let client = config().public_url("https://login.example/fief").build().unwrap();
        let redirect_uri = format!("https://www.example.com/callback?from={query}");
        let request = AuthorizationRequest::new(redirect_uri.as_str())
            .scope(scope.clone())
            .state(state.as_str())
            .nonce(nonce.as_str())
            .login_hint(hint.as_str())
            .max_age(max_age)
            .acr_values([Acr::LevelZero, Acr::LevelOne])
            .extra("extra", extra.as_str());
        let mut flow = client.auth_url(request).unwrap();
        let url = done(flow.resume(&provider(&client), NOW, Input::Go));
        let url = Url::parse(&url).unwrap();
        prop_assert_eq!(url.host_str(), Some("login.example"));
        prop_assert_eq!(url.path(), "/fief/authorize");
        let found = |name: &str| {
            let mut values = url.query_pairs().filter(|(n, _)| n == name).map(|(_, v)| v.into_owned());
            let value = values.next();
            assert!(values.next().is_none(), "{name} stands twice");
            value
        };
        let joined = (!scope.is_empty()).then(|| scope.join(" "));
        prop_assert_eq!(found("redirect_uri"), Some(redirect_uri));
        prop_assert_eq!(found("scope"), joined);
        prop_assert_eq!(found("state"), Some(state));
        prop_assert_eq!(found("nonce"), Some(nonce));
        prop_assert_eq!(found("login_hint"), Some(hint));
        prop_assert_eq!(found("max_age"), Some(max_age.to_string()));
        prop_assert_eq!(found("acr_values"), Some("0 1".to_owned()));
        prop_assert_eq!(found("extra"), Some(extra));
        prop_assert_eq!(found("client_id"), Some("duchy-app".to_owned()));
    }

    #[test]
    fn requirements_agree_with_a_naive_model(
        scope in vec(prop::sample::select(vec!["openid", "offline_access", "open", "admin"]), 0..3),
        permissions in vec(prop::sample::select(vec!["castles:read", "castles:create", "castles"]), 0..3),
        level in prop::option::of(prop::sample::select(vec![Acr::LevelZero, Acr::LevelOne])),
    ) {
        let client = client();
        let access = token("access_acr_0");
        let mut requirements =
            Requirements::none().scope(scope.clone()).permissions(permissions.clone());
        if let Some(level) = level {
            requirements = requirements.acr(level);
        }
        let holds = scope.iter().all(|scope| ["openid", "offline_access"].contains(scope))
            && permissions.iter().all(|p| ["castles:read", "castles:create"].contains(p))
            && level != Some(Acr::LevelOne);
        let mut flow = client.validate_access_token(&access, &requirements);
        prop_assert_eq!(flow.resume(&provider(&client), NOW, Input::Go).is_ok(), holds);
    }

    #[test]
    fn no_base_url_leads_elsewhere(base_url in prop_oneof![
        any::<String>(),
        "https?://[a-z@:/?#\\\\.\\[\\]0-9-]{0,30}",
    ]) {
        let Ok(client) = Config::new(base_url.as_str(), "id").allow_insecure_http().build() else {
            return Ok(());
        };
        let base = Url::parse(&base_url).unwrap();
        let mut flow = client.userinfo("token").unwrap();
        let request = common::sent(flow.resume(&Provider::default(), NOW, Input::Go));
        let asked = Url::parse(&request.http().uri().to_string()).unwrap();
        prop_assert_eq!(asked.origin(), base.origin());
        prop_assert!(asked.path().ends_with("/.well-known/openid-configuration"));
    }

    #[test]
    fn no_discovered_endpoint_leads_elsewhere(endpoint in prop_oneof![
        any::<String>(),
        "https?://[a-z@:/?#\\\\.%0-9-]{0,30}",
    ]) {
        let client = client();
        let mut document: serde_json::Value = serde_json::from_slice(&discovery()).unwrap();
        document["userinfo_endpoint"] = endpoint.into();
        let flow = client.userinfo("token").unwrap();
        let (outcome, _) = drive(&client, &mut Provider::default(), NOW, flow, |request| {
            assert_eq!(request.http().uri().authority().unwrap(), "fief.example");
            assert_eq!(request.http().uri().scheme_str(), Some("https"));
            Ok(match request.endpoint() {
                Endpoint::Discovery => ok(document.to_string().into_bytes()),
                _ => ok(br#"{"sub":"somebody"}"#.to_vec()),
            })
        });
        if let Err(error) = outcome {
            prop_assert_eq!((error.kind(), error.reason()), ("provider_invalid", Some("endpoint")));
        }
    }

    #[test]
    fn a_webhook_is_taken_only_with_its_signature(
        body in vec(any::<u8>(), 0..100),
        signature in "[0-9a-f]{64}",
        timestamp in "-?[0-9]{0,25}",
    ) {
        let mut headers = http::HeaderMap::new();
        headers.insert("x-fief-webhook-signature", signature.parse().unwrap());
        headers.insert("x-fief-webhook-timestamp", timestamp.parse().unwrap());
        prop_assert!(verify_webhook("secret", &headers, &body, NOW).is_err());
    }

    #[test]
    fn hashes_and_challenges_are_of_their_value_alone(value in "[ -~]{1,60}", other in "[ -~]{1,60}") {
        prop_assert!(is_valid_hash(&value, &validation_hash(&value)));
        prop_assert_eq!(is_valid_hash(&other, &validation_hash(&value)), value == other);
    }

    #[test]
    fn every_verifier_is_one(entropy in any::<[u8; 32]>()) {
        let pkce = Pkce::from_entropy(&entropy);
        let again = Pkce::from_verifier(pkce.verifier()).unwrap();
        prop_assert_eq!(pkce.challenge(), again.challenge());
        prop_assert_eq!(pkce.challenge().value().len(), 43);
    }
}
