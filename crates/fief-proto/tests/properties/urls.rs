//! What is built and what is read as a URL, checked against the parser of `url`.

use fief_proto::{
    Acr, AuthorizationRequest, CodeExchange, Config, EmailCode, Endpoint, NewEmail, NewPassword,
    Provider,
    flow::{Flow as _, Input},
};
use proptest::{collection::vec, prelude::*};
use serde_json::json;
use url::{Url, form_urlencoded};

use crate::common::{
    NOW, REDIRECT_URI, client, config, discovery, done, drive, keys, ok, provider, sent,
};

proptest! {
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
            assert!(values.next().is_none(), "{name} is repeated");
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
    fn no_base_url_leads_elsewhere(base_url in prop_oneof![
        any::<String>(),
        "https?://[a-z@:/?#\\\\.\\[\\]0-9-]{0,30}",
    ]) {
        let Ok(client) = Config::new(base_url.as_str(), "id").allow_insecure_http().build() else {
            return Ok(());
        };
        let base = Url::parse(&base_url).unwrap();
        let mut flow = client.userinfo("token").unwrap();
        let request = sent(flow.resume(&Provider::default(), NOW, Input::Go));
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
                _ => ok(br#"{"sub":"user"}"#.to_vec()),
            })
        });
        if let Err(error) = outcome {
            prop_assert_eq!((error.kind(), error.reason()), ("provider_invalid", Some("endpoint")));
        }
    }


    /// The query of a discovered endpoint is kept, in its order, and ours follows.
    #[test]
    fn an_authorization_endpoint_keeps_its_query(
        pairs in vec(("x[a-z%+é]{0,6}", "[^\\p{C}]{0,10}"), 0..4),
    ) {
        let mut endpoint = Url::parse("https://fief.example/authorize").unwrap();
        if !pairs.is_empty() {
            endpoint.query_pairs_mut().extend_pairs(&pairs);
        }
        let mut document: serde_json::Value = serde_json::from_slice(&discovery()).unwrap();
        document["authorization_endpoint"] = endpoint.as_str().into();
        let client = client();
        let document = document.to_string();
        let keys = keys(&["first"]);
        let known =
            Provider::from_documents(&client, document.as_bytes(), &keys, NOW).unwrap();
        let mut flow = client.auth_url(REDIRECT_URI).unwrap();
        let url = Url::parse(&done(flow.resume(&known, NOW, Input::Go))).unwrap();
        let found: Vec<(String, String)> = url.query_pairs().into_owned().collect();
        prop_assert_eq!(&found[..pairs.len()], &pairs[..]);
        let names: Vec<&str> = found[pairs.len()..].iter().map(|(name, _)| name.as_str()).collect();
        prop_assert_eq!(names, ["response_type", "client_id", "redirect_uri"]);
    }

    /// A tenant is part of the path, and the slash at its end makes no difference.
    #[test]
    fn every_path_is_under_the_base(
        segments in vec("[a-zA-Z0-9._~é-]{1,8}", 0..3),
        slashes in 0..3_usize,
        port in prop::option::of(1..u16::MAX),
        redirect_uri in "https://app\\.example/[a-z?=&%+/]{0,20}",
    ) {
        prop_assume!(segments.iter().all(|segment| segment != "." && segment != ".."));
        let port = port.map_or_else(String::new, |port| format!(":{port}"));
        let path = segments.iter().fold(String::new(), |path, segment| format!("{path}/{segment}"));
        let base = format!("https://fief.example{port}{path}");
        let client = Config::new(format!("{base}{}", "/".repeat(slashes)), "id").build().unwrap();
        let under = |path: &str| Url::parse(&format!("{base}{path}")).unwrap();

        let logout = Url::parse(&client.logout_url(&redirect_uri).unwrap()).unwrap();
        let mut expected = under("/logout");
        expected.query_pairs_mut().append_pair("redirect_uri", &redirect_uri);
        prop_assert_eq!(logout, expected);

        let calls = [
            (client.update_profile("token", &json!({})), "/api/profile"),
            (client.change_password("token", &NewPassword::new("password")), "/api/password"),
            (client.email_change("token", &NewEmail::new("a@b.example")), "/api/email/change"),
            (client.email_verify("token", &EmailCode::new("code")), "/api/email/verify"),
            (client.userinfo("token"), "/.well-known/openid-configuration"),
        ];
        for (flow, path) in calls {
            let request = sent(flow.unwrap().resume(&Provider::default(), NOW, Input::Go));
            let asked = Url::parse(&request.http().uri().to_string()).unwrap();
            prop_assert_eq!(asked, under(path));
        }
    }

    /// A server reads the members of a form as they were given.
    #[test]
    fn what_is_put_into_a_form_comes_out(
        code in "[!-~]{1,40}",
        verifier in "[A-Za-z0-9._~-]{43,128}",
        from in "[^\\p{C}\\p{Z}#]{0,20}",
    ) {
        let client = client();
        let redirect_uri = format!("https://app.example/callback?from={from}");
        let exchange = CodeExchange::new(code.as_str(), redirect_uri.as_str())
            .code_verifier(verifier.as_str());
        let mut flow = client.auth_callback(exchange).unwrap();
        let request = sent(flow.resume(&provider(&client), NOW, Input::Go));
        let mut form: Vec<(String, String)> =
            form_urlencoded::parse(request.http().body()).into_owned().collect();
        form.sort();
        let expected = [
            ("client_id", "duchy-app"),
            ("client_secret", "porc-epic-secret-1498"),
            ("code", &code),
            ("code_verifier", &verifier),
            ("grant_type", "authorization_code"),
            ("redirect_uri", &redirect_uri),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        prop_assert_eq!(form, expected);
    }
}
