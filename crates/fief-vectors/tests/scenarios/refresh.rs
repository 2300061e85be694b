//! `auth_refresh_token`.

use fief_proto::{Acr, RefreshRequest, Requirements, Tokens, UserInfo};

use super::{
    app::{App, wait_until_deleted},
    driver::Driver,
    expect::{assert_error, assert_refused},
    server::Server,
};

/// New tokens, a new refresh token, the same user, and the lower level, because no password was
/// entered.
pub fn rotation<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let (tokens, info) = app.sign_in(&app.new_user());
    let again = refreshes(&app, &tokens, &info);
    let level_one = Requirements::none().acr(Acr::LevelOne);
    let result = app.fief.validate_access_token(again.access_token.expose(), &level_one);
    assert_error(result, "access_token_acr_too_low", None);
    refreshes(&app, &again, &info);
}

pub fn public_client<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "public");
    let (tokens, info) = app.sign_in(&app.new_user());
    refreshes(&app, &tokens, &info);
}

pub fn encrypted_client<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "encrypted");
    let (tokens, info) = app.sign_in(&app.new_user());
    let again = refreshes(&app, &tokens, &info);
    assert_eq!(again.id_token.expose().split('.').count(), 5);
}

pub fn reused_token<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let (tokens, info) = app.sign_in(&app.new_user());
    refreshes(&app, &tokens, &info);
    wait_until_deleted();
    assert_refused(app.fief.auth_refresh_token(request(&tokens)), "invalid_grant");
}

pub fn narrower_scope<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let (tokens, _) = app.sign_in(&app.new_user());
    let fewer = request(&tokens).scope(["openid"]);
    let (narrowed, _) = app.fief.auth_refresh_token(fewer).unwrap();
    assert!(narrowed.refresh_token.is_none());
    let token = narrowed.access_token.expose();
    let access = app.fief.validate_access_token(token, &Requirements::none()).unwrap();
    assert_eq!(access.scope, ["openid"]);
}

pub fn wider_scope<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let (tokens, _) = app.sign_in(&app.new_user());
    let more = request(&tokens).scope(["openid", "offline_access", "castles"]);
    assert_refused(app.fief.auth_refresh_token(more), "invalid_scope");
}

pub fn wrong_secret<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let other = App::<D>::with(server, "confidential", |config| config.client_secret("wrong"));
    let (tokens, info) = app.sign_in(&app.new_user());
    assert_refused(other.fief.auth_refresh_token(request(&tokens)), "invalid_client");
    // That has not used up the refresh token.
    refreshes(&app, &tokens, &info);
}

fn refreshes<D: Driver>(app: &App<'_, D>, tokens: &Tokens, user: &UserInfo) -> Tokens {
    let request = request(tokens).previous(user);
    let (again, info) = app.fief.auth_refresh_token(request).unwrap();
    assert_eq!((&info.sub, &info.email), (&user.sub, &user.email));
    let rotated = again.refresh_token.as_ref().unwrap();
    assert_ne!(rotated.expose(), tokens.refresh_token.as_ref().unwrap().expose());
    let token = again.access_token.expose();
    let access = app.fief.validate_access_token(token, &Requirements::none()).unwrap();
    assert_eq!(access.id.to_string(), user.sub);
    again
}

fn request(tokens: &Tokens) -> RefreshRequest {
    RefreshRequest::new(tokens.refresh_token.as_ref().unwrap().expose())
}
