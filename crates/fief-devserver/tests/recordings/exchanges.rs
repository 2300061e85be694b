//! The endpoints that programs call, in the order in which they were recorded.

use fief_devserver::User;
use serde_json::Value;

use crate::{
    browser::Browser,
    data,
    replay::Replay,
    setup::Setup,
    tokens::{code, redeem, tokens},
};

const VERIFIER: &str = "hermine-verifier-0123456789-abcdefghijklmnopqrstuvwxyz-ABCDEF";
const CHALLENGE: [(&str, &str); 2] = [
    ("code_challenge", "ymfmA1dGODTUUZ45Qpcsqc6d7cTktzYX-o-xfdkHdAo"),
    ("code_challenge_method", "S256"),
];

#[test]
fn discovery() {
    let setup = Setup::start();
    let mut replay = Replay::new(&setup, "discovery", data::discovery());
    for case in [
        "openid-configuration",
        "jwks",
        "openid-configuration.second",
        "jwks.second",
        "openid-configuration.by-address",
        "error.unknown-tenant",
    ] {
        replay.exchange(case, "", &[]);
    }
    replay.check();
}

#[test]
fn token() {
    let setup = Setup::start();
    let mut replay = Replay::new(&setup, "token", data::token());
    codes(&mut replay);
    refreshes(&mut replay);
    errors(&mut replay);
    replay.check();
}

fn codes(replay: &mut Replay<'_>) {
    let setup = replay.setup;
    let mut good = |name: &str, client: &str, user: &str, parameters: &[(&str, &str)]| {
        let code = code(&mut Browser::new(setup), setup, client, user, parameters);
        let answer = replay.exchange(name, "", &[("code", &code)]);
        replay.compare_tokens(name, &answer.json().unwrap());
    };
    good("code", "confidential", "anne", &[]);
    let nonce = [("nonce", "hermine-nonce"), ("state", "hermine-state")];
    good("code.nonce", "confidential", "anne", &nonce);
    good("code.secret-basic", "confidential", "anne", &[]);
    good("code.no-refresh-token", "confidential", "anne", &[("scope", "openid")]);
    let scope = [("scope", "openid castles:read made-up")];
    good("code.unknown-scopes", "confidential", "anne", &scope);
    good("code.no-permissions", "confidential", "louis", &[]);
    good("code.pkce-s256", "public", "anne", &CHALLENGE);
    good("code.pkce-plain", "public", "anne", &[("code_challenge", VERIFIER)]);
    good("code.pkce-s256-confidential", "confidential", "anne", &CHALLENGE);
    good("code.encrypted", "encrypted", "anne", &[]);
    good("code.third-party", "third_party", "anne", &[]);
    good("code.second-tenant", "second_tenant", "second_tenant", &[]);
    good("code.lifetime-0", "expired", "anne", &[]);
    good("code.long-lived", "long_lived", "anne", &[]);
    good("code.long-lived-encrypted", "long_lived_encrypted", "anne", &[]);

    let mut browser = Browser::new(setup);
    code(&mut browser, setup, "confidential", "anne", &[]);
    let code = code(&mut browser, setup, "confidential", "anne", &[]);
    let answer = replay.exchange("code.acr-0", "", &[("code", &code)]);
    replay.compare_tokens("code.acr-0", &answer.json().unwrap());
}

fn refreshes(replay: &mut Replay<'_>) {
    let setup = replay.setup;
    let refresh_token = |tokens: &Value| tokens["refresh_token"].as_str().unwrap().to_owned();
    let good = |replay: &mut Replay<'_>, name: &str, token: &str| {
        let answer = replay.exchange(name, "", &[("refresh_token", token)]).json().unwrap();
        replay.compare_tokens(name, &answer);
        answer
    };
    let scope = [("scope", "openid offline_access castles:read")];
    let first = code(&mut Browser::new(setup), setup, "confidential", "anne", &scope);
    let first = refresh_token(&redeem(setup, "confidential", &first, &[]));
    let second = refresh_token(&good(replay, "refresh", &first));
    replay.exchange("refresh.error.reused", "", &[("refresh_token", &first)]);
    let third = refresh_token(&good(replay, "refresh.narrower-scope", &second));
    for case in ["wider-scope", "other-client", "wrong-secret"] {
        let case = format!("refresh.error.{case}");
        replay.exchange(&case, "", &[("refresh_token", &third)]);
    }
    good(replay, "refresh.without-offline-access", &third);
    replay.exchange("refresh.error.unknown", "", &[]);
    replay.exchange("refresh.error.missing", "", &[]);
    let fresh =
        |client: &str| refresh_token(&tokens(&mut Browser::new(setup), setup, client, "anne"));
    let encrypted = fresh("encrypted");
    good(replay, "refresh.encrypted", &encrypted);
    let expired = fresh("expired");
    replay.exchange("refresh.error.expired", "", &[("refresh_token", &expired)]);
    let public = code(&mut Browser::new(setup), setup, "public", "anne", &CHALLENGE);
    let public = redeem(setup, "public", &public, &[("code_verifier", VERIFIER)]);
    good(replay, "refresh.public", &refresh_token(&public));

    setup.server.add_user(User::new("gone@bretagne.duchy", "gone-tincture-1514")).unwrap();
    let user =
        serde_json::json!({"email": "gone@bretagne.duchy", "password": "gone-tincture-1514"});
    let gone = refresh_token(&crate::tokens::tokens_of(setup, &user));
    setup.server.remove_user("gone@bretagne.duchy").unwrap();
    replay.exchange("refresh.error.deleted-user", "", &[("refresh_token", &gone)]);
}

fn errors(replay: &mut Replay<'_>) {
    let setup = replay.setup;
    let fresh = |client: &str, parameters: &[(&str, &str)]| {
        code(&mut Browser::new(setup), setup, client, "anne", parameters)
    };
    let code = fresh("confidential", &[]);
    for case in [
        "other-client",
        "wrong-secret",
        "no-secret",
        "unknown-client",
        "wrong-redirect-uri",
        "no-redirect-uri",
        "no-grant-type",
        "unsupported-grant-type",
        "verifier-without-challenge",
    ] {
        replay.exchange(&format!("error.{case}"), "", &[("code", &code)]);
    }
    replay.exchange("error.no-code", "", &[]);
    replay.exchange("error.unknown-code", "", &[]);
    // None of these used it up.
    let answer = replay.exchange("code.after-errors", "", &[("code", &code)]);
    replay.compare_tokens("code.after-errors", &answer.json().unwrap());
    replay.exchange("error.reused-code", "", &[("code", &code)]);
    let expired = fresh("expired_code", &[]);
    replay.exchange("error.expired-code", "", &[("code", &expired)]);
    for (client, cases) in [
        ("confidential", ["error.wrong-verifier", "error.no-verifier"]),
        ("public", ["error.public-wrong-verifier", "error.public-no-verifier"]),
    ] {
        let code = fresh(client, &CHALLENGE);
        for case in cases {
            replay.exchange(case, "", &[("code", &code)]);
        }
    }
    for case in ["empty", "json-body", "get"] {
        replay.exchange(&format!("error.{case}"), "", &[]);
    }
    let code = fresh("confidential", &[]);
    replay.exchange("other-tenants-endpoint", "", &[("code", &code)]);
}
