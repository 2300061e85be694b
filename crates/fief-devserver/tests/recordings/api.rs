//! The API that users call with their tokens, in the order in which it was recorded.

use fief_devserver::User;
use serde_json::{Value, json};

use crate::{
    browser::Browser,
    data,
    replay::Replay,
    setup::Setup,
    tokens::{access_token, tokens, tokens_of},
};

#[test]
fn userinfo() {
    let setup = Setup::start();
    let mut replay = Replay::new(&setup, "userinfo", data::userinfo());
    let text = |tokens: &Value, name: &str| tokens[name].as_str().unwrap().to_owned();
    let expired = tokens(&mut Browser::new(&setup), &setup, "expired", "anne");
    let expired = text(&expired, "access_token");
    replay.exchange("expired-within-leeway", &expired, &[]);

    let anne = tokens(&mut Browser::new(&setup), &setup, "confidential", "anne");
    let (id_token, anne) = (text(&anne, "id_token"), text(&anne, "access_token"));
    let louis = access_token(&mut Browser::new(&setup), &setup, "louis");
    let other = tokens(&mut Browser::new(&setup), &setup, "second_tenant", "second_tenant");
    let other = text(&other, "access_token");
    let broken = format!("{}AAAAAAAA", &anne[..anne.len() - 8]);
    for (case, token) in [
        ("get", &anne),
        ("post", &anne),
        ("no-fields", &louis),
        ("scheme-lowercase", &anne),
        ("error.no-token", &anne),
        ("error.garbage", &anne),
        ("error.empty", &anne),
        ("error.wrong-scheme", &anne),
        ("error.other-tenant", &other),
        ("error.broken-signature", &broken),
        ("error.refresh-token", &anne),
        ("id-token", &id_token),
        ("other-tenant", &other),
    ] {
        replay.exchange(case, token, &[]);
    }
    let mut profile = Replay::new(&setup, "profile", data::profile());
    profile.exchange("update", &louis, &[]);
    replay.exchange("all-fields", &louis, &[]);

    setup.server.add_user(User::new("gone@bretagne.duchy", "gone-tincture-1514")).unwrap();
    let user = json!({"email": "gone@bretagne.duchy", "password": "gone-tincture-1514"});
    let gone = text(&tokens_of(&setup, &user), "access_token");
    setup.server.remove_user("gone@bretagne.duchy").unwrap();
    replay.exchange("error.deleted-user", &gone, &[]);
    setup.pass(65);
    replay.exchange("error.expired", &expired, &[]);
    replay.check();
}

#[test]
fn profile() {
    let setup = Setup::start();
    let mut replay = Replay::new(&setup, "profile", data::profile());
    let louis = access_token(&mut Browser::new(&setup), &setup, "louis");
    for case in [
        "update",
        "update.one-field",
        "update.unknown-field",
        "update.null-field",
        "update.email-is-ignored",
        "update.nothing",
        "error.wrong-types",
        "error.wrong-phone",
        "error.wrong-timezone",
        "error.wrong-address",
        "error.empty-string",
        "error.fields-not-an-object",
        "error.not-json",
        "error.no-body",
        "error.no-token",
        "error.garbage-token",
    ] {
        replay.exchange(case, &louis, &[]);
    }
    replay.check();
}

#[test]
fn password() {
    let setup = Setup::start();
    let mut replay = Replay::new(&setup, "password", data::password());
    let mut browser = Browser::new(&setup);
    let strong = access_token(&mut browser, &setup, "charles");
    let weak = access_token(&mut browser, &setup, "charles");
    replay.exchange("error.acr-too-low", &weak, &[]);
    for case in [
        "error.too-short",
        "error.too-weak",
        "error.missing",
        "error.no-token",
        "error.garbage-token",
        "change",
    ] {
        replay.exchange(case, &strong, &[]);
    }
    let changed = json!({"email": "charles@valois.kingdom", "password": "nouvelle-tincture-1491"});
    tokens_of(&setup, &changed);
    replay.exchange("change-back", &strong, &[]);
    access_token(&mut Browser::new(&setup), &setup, "charles");
    replay.check();
}

#[test]
fn email() {
    let setup = Setup::start();
    let mut replay = Replay::new(&setup, "email", data::email());
    let mut browser = Browser::new(&setup);
    let strong = access_token(&mut browser, &setup, "charles");
    let weak = access_token(&mut browser, &setup, "charles");
    let mailed = |to: &str| {
        let mail = setup.server.mails().pop().unwrap();
        assert_eq!(mail.to, to);
        mail.code
    };
    replay.exchange("change.error.acr-too-low", &weak, &[]);
    for case in ["taken", "not-an-email", "missing", "no-token"] {
        replay.exchange(&format!("change.error.{case}"), &strong, &[]);
    }
    replay.exchange("change", &strong, &[]);
    let code = mailed("charles@naples.kingdom");
    replay.exchange("verify.error.wrong-code", &strong, &[]);
    replay.exchange("verify.error.acr-too-low", &weak, &[("code", &code)]);
    replay.exchange("verify.error.missing", &strong, &[]);
    replay.exchange("verify.error.no-token", &strong, &[("code", &code)]);
    replay.exchange("verify", &strong, &[("code", &code)]);
    replay.exchange("change-back", &strong, &[]);
    let code = mailed("charles@valois.kingdom");
    replay.exchange("verify-back", &strong, &[("code", &code)]);
    replay.exchange("verify.error.reused-code", &strong, &[("code", &code)]);
    replay.check();
}
