//! `validate_access_token`.

use std::{thread, time::Duration};

use fief_proto::{Acr, Requirements};

use super::{app::App, driver::Driver, expect::assert_error, server::Server};

pub fn requirements_that_hold<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let user = app.new_user();
    server.grant(&user, "castles:read");
    server.grant(&user, "castles:create");
    let (tokens, _) = app.sign_in(&user);
    let token = tokens.access_token.expose();
    let needed = Requirements::none()
        .scope(["openid", "offline_access"])
        .acr(Acr::LevelOne)
        .permissions(["castles:read", "castles:create"]);
    let mut access = app.fief.validate_access_token(token, &needed).unwrap();
    assert_eq!(access.id.to_string(), user.id);
    assert_eq!(access.acr, Some(Acr::LevelOne));
    assert_eq!(access.access_token.expose(), token);
    // One is by the server's clock, the other counted by ours.
    let apart = access.expires_at.as_secs() - tokens.expires_at.unwrap().as_secs();
    assert!(apart.abs() < 60, "{apart} s apart");
    access.scope.sort();
    access.permissions.sort();
    assert_eq!(access.scope, ["offline_access", "openid"]);
    assert_eq!(access.permissions, ["castles:create", "castles:read"]);
}

pub fn requirements_that_fail<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let user = app.new_user();
    server.grant(&user, "castles:read");
    let (tokens, _) = app.sign_in(&user);
    let fails = |needed: Requirements, kind| {
        let result = app.fief.validate_access_token(tokens.access_token.expose(), &needed);
        assert_error(result, kind, None);
    };
    fails(Requirements::none().scope(["openid", "castles"]), "access_token_missing_scope");
    fails(
        Requirements::none().permissions(["castles:read", "castles:delete"]),
        "access_token_missing_permission",
    );
    fails(Requirements::none().permissions(["castles"]), "access_token_missing_permission");

    let (refreshed, _) = app
        .fief
        .auth_refresh_token(tokens.refresh_token.as_ref().unwrap().expose().into())
        .unwrap();
    let weaker = refreshed.access_token.expose();
    let level_zero = Requirements::none().acr(Acr::LevelZero);
    app.fief.validate_access_token(weaker, &level_zero).unwrap();
    let level_one = Requirements::none().acr(Acr::LevelOne);
    let result = app.fief.validate_access_token(weaker, &level_one);
    assert_error(result, "access_token_acr_too_low", None);
}

pub fn garbage<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    refuses(&app, "garbage", "not_compact");
}

pub fn broken_signature<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let token = app.new_access_token();
    let (signed, signature) = token.rsplit_once('.').unwrap();
    let broken = format!("{signed}.AAAAAAAA{}", &signature[8..]);
    refuses(&app, &broken, "bad_signature");
}

pub fn id_token<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let (tokens, _) = app.sign_in(&app.new_user());
    refuses(&app, tokens.id_token.expose(), "wrong_token_kind");
}

pub fn encrypted_id_token<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "encrypted");
    let (tokens, _) = app.sign_in(&app.new_user());
    refuses(&app, tokens.id_token.expose(), "encrypted");
}

/// Refused, unless the other client is named.
pub fn token_of_another_client<D: Driver>(server: &Server) {
    let tool = App::<D>::new(server, "public");
    let token = tool.new_access_token();
    let api = App::<D>::new(server, "confidential");
    refuses(&api, &token, "wrong_audience");

    let config = fief_proto::Config::new(server.base_url.as_str(), api.client.client_id.as_str())
        .accept_client(tool.client.client_id.as_str());
    D::open(config).validate_access_token(&token, &Requirements::none()).unwrap();
}

pub fn token_of_another_tenant<D: Driver>(server: &Server) {
    let token = App::<D>::new(server, "second_tenant").new_access_token();
    refuses(&App::<D>::new(server, "confidential"), &token, "unknown_key");
}

/// This client's tokens have a lifetime of zero: with the leeway they are valid, without it they
/// are not.
pub fn expired<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "expired");
    let token = app.new_access_token();
    app.fief.validate_access_token(&token, &Requirements::none()).unwrap();

    thread::sleep(Duration::from_secs(1));
    let strict = App::<D>::with(server, "expired", |config| config.leeway(Duration::ZERO));
    let result = strict.fief.validate_access_token(&token, &Requirements::none());
    assert_error(result, "access_token_expired", None);
}

fn refuses<D: Driver>(app: &App<'_, D>, token: &str, fault: &'static str) {
    let result = app.fief.validate_access_token(token, &Requirements::none());
    assert_error(result, "access_token_invalid", fault);
}
