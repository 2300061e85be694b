//! `login` and `finish_login`.

use fief_devserver::Browser;
use fief_proto::{Acr, AuthorizationRequest, CallbackError, Error, Requirements};

use super::{
    app::{App, request},
    driver::Driver,
    expect::assert_error,
    server::Server,
};

pub fn confidential_client<D: Driver>(server: &Server) {
    App::<D>::new(server, "confidential").assert_signs_in();
}

pub fn public_client<D: Driver>(server: &Server) {
    App::<D>::new(server, "public").assert_signs_in();
}

pub fn encrypted_client<D: Driver>(server: &Server) {
    let tokens = App::<D>::new(server, "encrypted").assert_signs_in();
    assert_eq!(tokens.id_token.expose().split('.').count(), 5);
}

pub fn second_tenant<D: Driver>(server: &Server) {
    App::<D>::new(server, "second_tenant").assert_signs_in();
}

pub fn third_party_client<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "third_party");
    let user = app.new_user();
    let mut browser = Browser::default();
    let (tokens, info) = app.sign_in_with(&mut browser, &user, request()).unwrap();
    app.assert_signed_in(&user, &tokens, &info);
    assert_eq!(browser.consents(), 1);
    // Once given, consent is not asked for again.
    app.sign_in_with(&mut browser, &user, request()).unwrap();
    assert_eq!(browser.consents(), 1);
}

pub fn consent_denied<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "third_party");
    let login = app.fief.login(request()).unwrap();
    let mut browser = Browser::default();
    let user = app.new_user();
    let callback = browser.deny_consent(&login.url, &user.email, &user.password).unwrap();
    let denied = denial(app.fief.finish_login(login.pending, &callback));
    let description = "The user denied access to their data.";
    assert_eq!(denied, ("access_denied".to_owned(), Some(description.to_owned())));
}

pub fn without_session<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let login = app.fief.login(request().prompt("none")).unwrap();
    let user = app.new_user();
    let callback = fief_devserver::sign_in(&login.url, &user.email, &user.password).unwrap();
    let (error, _) = denial(app.fief.finish_login(login.pending, &callback));
    assert_eq!(error, "login_required");
}

/// A kept session gives tokens of the lower level; a request for the higher one shows the sign-in
/// page again.
pub fn step_up<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let user = app.new_user();
    let mut browser = Browser::default();
    app.sign_in_with(&mut browser, &user, request()).unwrap();

    let (kept, _) = app.sign_in_with(&mut browser, &user, request()).unwrap();
    assert_eq!(browser.logins(), 1);
    let level_one = Requirements::none().acr(Acr::LevelOne);
    let refused = app.fief.validate_access_token(kept.access_token.expose(), &level_one);
    assert_error(refused, "access_token_acr_too_low", None);

    let stronger = request().acr_values([Acr::LevelOne]);
    let (stepped_up, _) = app.sign_in_with(&mut browser, &user, stronger).unwrap();
    assert_eq!(browser.logins(), 2);
    app.fief.validate_access_token(stepped_up.access_token.expose(), &level_one).unwrap();
}

pub fn max_age<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let user = app.new_user();
    let mut browser = Browser::default();
    app.sign_in_with(&mut browser, &user, request()).unwrap();
    app.sign_in_with(&mut browser, &user, request().max_age(1000)).unwrap();
    assert_eq!(browser.logins(), 1);
    app.sign_in_with(&mut browser, &user, request().max_age(0)).unwrap();
    assert_eq!(browser.logins(), 2);
}

pub fn query_in_the_redirect_uri<D: Driver>(server: &Server) {
    signs_in_at::<D>(server, "https://www.bretagne.duchy/callback?from=fief");
}

pub fn custom_scheme<D: Driver>(server: &Server) {
    signs_in_at::<D>(server, "duchy.bretagne.app:/callback");
}

fn signs_in_at<D: Driver>(server: &Server, redirect_uri: &str) {
    let app = App::<D>::new(server, "confidential");
    let user = app.new_user();
    let request = AuthorizationRequest::new(redirect_uri).scope(["openid"]);
    let (_, info) = app.sign_in_with(&mut Browser::default(), &user, request).unwrap();
    assert_eq!(info.sub, user.id);
}

fn denial<T>(result: Result<T, Error>) -> (String, Option<String>) {
    match result {
        Err(Error::Callback(CallbackError::Denied { error, description })) => (error, description),
        Err(other) => panic!("not denied: {other:?}"),
        Ok(_) => panic!("not denied"),
    }
}
