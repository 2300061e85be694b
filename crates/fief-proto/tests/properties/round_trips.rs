//! What is stored comes back as it was.

use fief_proto::{
    Acr, AuthorizationRequest, Endpoint, PendingLogin, Provider, Secret, Tokens, UnixTime,
    UserInfo,
    flow::{Flow as _, Input, Step},
};
use proptest::{collection::btree_map, prelude::*};
use serde_json::{Map, Value, json};
use url::form_urlencoded;

use crate::common::{NOW, client, discovery, done, keys, ok, provider, sent};

/// Any JSON but fractions, which may lose their last digit when they are written and read.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(any::<String>(), inner, 0..4)
                .prop_map(|members| members.into_iter().collect()),
        ]
    })
}

/// Claims of a user: those that have a type, absent, `null` or right; and others.
fn claims() -> impl Strategy<Value = Map<String, Value>> {
    let maybe = |value: BoxedStrategy<Value>| {
        prop_oneof![Just(None), Just(Some(Value::Null)), value.prop_map(Some)]
    };
    let named = (
        ".{1,40}",
        maybe(any::<String>().prop_map(Value::from).boxed()),
        maybe(any::<bool>().prop_map(Value::from).boxed()),
        maybe(any::<u128>().prop_map(|id| json!(uuid::Uuid::from_u128(id))).boxed()),
        maybe(
            btree_map(any::<String>(), any_json(), 0..4)
                .prop_map(|fields| fields.into_iter().collect())
                .boxed(),
        ),
    );
    let others = btree_map("[a-z_:/]{1,12}|\\PC{1,8}", any_json(), 0..5);
    (named, others).prop_map(|((sub, email, active, tenant, fields), others)| {
        let mut claims: Map<String, Value> = others.into_iter().collect();
        claims.insert("sub".to_owned(), sub.into());
        let named = [
            ("email", email),
            ("email_verified", active.clone()),
            ("is_active", active),
            ("tenant_id", tenant),
            ("fields", fields),
        ];
        for (name, value) in named {
            claims.remove(name);
            claims.extend(value.map(|value| (name.to_owned(), value)));
        }
        claims
    })
}

fn secret() -> impl Strategy<Value = String> {
    "[!-~]{1,60}"
}

proptest! {
    #[test]
    fn claims_are_kept_and_stored(claims in claims()) {
        let client = client();
        let mut flow = client.userinfo("token").unwrap();
        sent(flow.resume(&provider(&client), NOW, Input::Go));
        let answer = ok(Value::from(claims.clone()).to_string().into_bytes());
        let user = done(flow.resume(&provider(&client), NOW, Input::Response(answer)));

        let stored = serde_json::to_string(&user).unwrap();
        let again: UserInfo = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(&again, &user);
        // `null` counts as absent where a claim has a type.
        let named = ["email", "email_verified", "is_active", "tenant_id", "fields"];
        let mut expected = claims;
        expected.retain(|name, value| !(value.is_null() && named.contains(&name.as_str())));
        prop_assert_eq!(serde_json::from_str::<Value>(&stored).unwrap(), Value::from(expected));
    }

    #[test]
    fn tokens_are_stored(
        access in secret(),
        id in secret(),
        refresh in prop::option::of(secret()),
        lifetime in any::<Option<u64>>(),
        expiry in any::<Option<i64>>(),
    ) {
        let mut stored = json!({ "access_token": access, "id_token": id, "token_type": "bearer" });
        if let Some(lifetime) = lifetime {
            stored["expires_in"] = lifetime.into();
        }
        if let Some(expiry) = expiry {
            stored["expires_at"] = expiry.into();
        }
        if let Some(refresh) = &refresh {
            stored["refresh_token"] = refresh.as_str().into();
        }
        let tokens: Tokens = serde_json::from_value(stored.clone()).unwrap();
        prop_assert_eq!(tokens.access_token.expose(), access);
        prop_assert_eq!(tokens.id_token.expose(), id);
        prop_assert_eq!(tokens.refresh_token.as_ref().map(Secret::expose), refresh.as_deref());
        prop_assert_eq!(tokens.expires_in, lifetime);
        prop_assert_eq!(tokens.expires_at, expiry.map(UnixTime::from_secs));
        prop_assert_eq!(serde_json::to_value(&tokens).unwrap(), stored);
    }

    /// A login that was stored in between ends as one that was not: with the same request.
    #[test]
    fn a_login_survives_its_storage(
        entropy in prop::collection::vec(any::<u8>(), 96),
        max_age in any::<Option<u64>>(),
        acr in prop::option::of(any::<bool>()),
        code in secret(),
        from in "[a-z0-9%=&+]{0,12}",
        begun in -3_000..=0_i64,
    ) {
        let client = client();
        let redirect_uri = format!("https://app.example:444/call%62ack?from={from}");
        let mut request = AuthorizationRequest::new(redirect_uri.as_str());
        if let Some(seconds) = max_age {
            request = request.max_age(seconds);
        }
        if let Some(is_high) = acr {
            request = request.acr_values([if is_high { Acr::LevelOne } else { Acr::LevelZero }]);
        }
        let entropy: [u8; 96] = entropy.try_into().unwrap();
        let begun = UnixTime::from_secs(NOW.as_secs() + begun);
        let mut flow = client.login(request, &entropy).unwrap();
        let known =
            Provider::from_documents(&client, &discovery(), &keys(&["first"]), begun).unwrap();
        let pending = done(flow.resume(&known, begun, Input::Go)).pending;
        let stored = serde_json::to_string(&pending).unwrap();
        let again: PendingLogin = serde_json::from_str(&stored).unwrap();
        prop_assert_eq!(again.created_at(), begun);
        prop_assert_eq!(serde_json::to_string(&again).unwrap(), stored);

        let callback = callback(&redirect_uri, &code, again.state().expose());
        let forms = [pending, again].map(|pending| {
            let mut flow = client.finish_login(pending, &callback);
            match flow.resume(&provider(&client), NOW, Input::Go) {
                Ok(Step::Send(request)) if request.endpoint() == Endpoint::Token => {
                    form_urlencoded::parse(request.http().body()).into_owned().collect::<Vec<_>>()
                }
                other => panic!("{other:?}"),
            }
        });
        prop_assert_eq!(&forms[0], &forms[1]);
        let found = |name: &str| {
            let mut values = forms[0].iter().filter(|(found, _)| found == name);
            let value = values.next().map(|(_, value)| value.as_str());
            assert!(values.next().is_none(), "{name} is repeated");
            value
        };
        prop_assert_eq!(found("code"), Some(code.as_str()));
        prop_assert_eq!(found("redirect_uri"), Some(redirect_uri.as_str()));
        prop_assert_eq!(found("grant_type"), Some("authorization_code"));
        prop_assert_eq!(found("client_id"), Some("duchy-app"));
    }
}

/// What the server makes of a redirect URI that has a query already.
fn callback(redirect_uri: &str, code: &str, state: &str) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("code", code).append_pair("state", state);
    format!("{redirect_uri}&{}", query.finish())
}

/// A user field of 8,200 Chinese characters makes such a token: it comes within its answer, whose
/// size is bounded.
#[test]
fn an_id_token_may_be_as_long_as_its_answer() {
    let claims = json!({
        "iss": "https://fief.example", "aud": "duchy-app", "exp": NOW.as_secs() + 60,
        "iat": NOW.as_secs(), "sub": "545e68d4-b831-43cb-9aec-972543716667",
        "fields": { "motto": "寧".repeat(20_000) },
    });
    let id_token = fief_testkit::mint::sign(&claims);
    assert!(id_token.len() > 64 * 1024);
    let client = client();
    let answer = json!({ "access_token": "a", "id_token": id_token, "token_type": "bearer" });
    let flow = client.auth_refresh_token("refresh").unwrap();
    let (outcome, _) = crate::common::drive(&client, &mut provider(&client), NOW, flow, |_| {
        Ok(ok(answer.to_string().into_bytes()))
    });
    let (_, user) = outcome.unwrap();
    assert_eq!(user.fields.unwrap()["motto"].as_str().unwrap().chars().count(), 20_000);
    // Anybody can send an access token: it has to be shorter.
    let requirements = fief_proto::Requirements::none();
    let mut flow = client.validate_access_token(&id_token, &requirements);
    let error = flow.resume(&provider(&client), NOW, Input::Go).unwrap_err();
    assert_eq!(error.reason(), Some("too_large"));
}
