//! `auth_url` and `auth_callback`, where the caller does what lies between them.

use fief_proto::{AuthorizationRequest, ClientAuthentication, CodeExchange, Requirements, Tokens};

use super::{
    app::{App, REDIRECT_URI, exchange, pkce, request},
    driver::Driver,
    expect::assert_error,
    server::Server,
};

pub fn confidential_client<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    trades(&app, request(), |exchange| exchange);
}

pub fn public_client<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "public");
    let with_challenge = request().code_challenge(pkce().challenge());
    trades(&app, with_challenge, |exchange| exchange.code_verifier(pkce().verifier()));
}

pub fn pkce_plain<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "public");
    let with_challenge = request().code_challenge(pkce().plain_challenge());
    trades(&app, with_challenge, |exchange| exchange.code_verifier(pkce().verifier()));
}

pub fn encrypted_client<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "encrypted");
    let tokens = trades(&app, request(), |exchange| exchange);
    assert_eq!(tokens.id_token.expose().split('.').count(), 5);
}

pub fn encrypted_client_without_its_key<D: Driver>(server: &Server) {
    let keyed = App::<D>::new(server, "encrypted");
    let client = keyed.client;
    let keyless = D::open(
        fief_proto::Config::new(client.base_url.as_str(), client.client_id.as_str())
            .client_secret(client.client_secret.as_str()),
    );
    let result = keyless.auth_callback(exchange(&keyed.new_code()));
    assert_error(result, "id_token_invalid", "encrypted");
}

pub fn third_party_client<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "third_party");
    trades(&app, request(), |exchange| exchange);
}

pub fn second_tenant<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "second_tenant");
    trades(&app, request(), |exchange| exchange);
}

pub fn secret_in_the_header<D: Driver>(server: &Server) {
    let app = App::<D>::with(server, "confidential", |config| {
        config.client_authentication(ClientAuthentication::Basic)
    });
    trades(&app, request(), |exchange| exchange);
}

pub fn nonce<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    trades(&app, request().nonce("hermine"), |exchange| exchange.nonce("hermine"));

    let code = app.code(&app.new_user(), request().nonce("hermine"));
    let result = app.fief.auth_callback(exchange(&code).nonce("salamandre"));
    assert_error(result, "id_token_invalid", "wrong_nonce");
}

pub fn no_offline_access<D: Driver>(server: &Server) {
    let app = App::<D>::new(server, "confidential");
    let online = AuthorizationRequest::new(REDIRECT_URI).scope(["openid"]);
    let code = app.code(&app.new_user(), online);
    let (tokens, _) = app.fief.auth_callback(exchange(&code)).unwrap();
    assert!(tokens.refresh_token.is_none());
    let offline = Requirements::none().scope(["offline_access"]);
    let result = app.fief.validate_access_token(tokens.access_token.expose(), &offline);
    assert_error(result, "access_token_missing_scope", None);
}

fn trades<D: Driver>(
    app: &App<'_, D>,
    request: AuthorizationRequest,
    complete: fn(CodeExchange) -> CodeExchange,
) -> Tokens {
    let user = app.new_user();
    let code = app.code(&user, request);
    let (tokens, info) = app.fief.auth_callback(complete(exchange(&code))).unwrap();
    app.assert_signed_in(&user, &tokens, &info);
    tokens
}
