//! A program that uses the client: one of the clients of the server, through one of the drivers.

use std::{thread, time::Duration};

use fief_devserver::Browser;
use fief_proto::{
    Acr, AuthorizationRequest, CodeExchange, Config, Error, Pkce, Requirements, Tokens, UserInfo,
};
use fief_testkit::parameter;

use super::{
    driver::Driver,
    server::{Client, Server, User},
};

pub const REDIRECT_URI: &str = "http://localhost:8000/callback";

pub struct App<'s, D> {
    pub server: &'s Server,
    pub client: &'s Client,
    pub fief: D,
}

impl<'s, D: Driver> App<'s, D> {
    pub fn new(server: &'s Server, client: &str) -> Self {
        Self::with(server, client, |config| config)
    }

    pub fn with(server: &'s Server, client: &str, change: fn(Config) -> Config) -> Self {
        let client = server.client(client);
        Self { server, client, fief: D::open(change(config_of(client, &client.base_url))) }
    }

    pub fn at(server: &'s Server, client: &str, base_url: &str, host: Option<&str>) -> Self {
        let client = server.client(client);
        let config = config_of(client, base_url);
        let config = if let Some(host) = host { config.host(host) } else { config };
        Self { server, client, fief: D::open(config) }
    }

    pub fn new_user(&self) -> User {
        self.server.new_user_of(&self.client.tenant)
    }

    /// Signs a new user in, and checks the result.
    pub fn assert_signs_in(&self) -> Tokens {
        let user = self.new_user();
        let (tokens, info) = self.sign_in(&user);
        self.assert_signed_in(&user, &tokens, &info);
        tokens
    }

    /// Signs in with a new browser, by `login` and `finish_login`.
    pub fn sign_in(&self, user: &User) -> (Tokens, UserInfo) {
        self.sign_in_with(&mut Browser::default(), user, request()).unwrap()
    }

    pub fn sign_in_with(
        &self,
        browser: &mut Browser,
        user: &User,
        request: AuthorizationRequest,
    ) -> Result<(Tokens, UserInfo), Error> {
        let login = self.fief.login(request)?;
        let callback = browser.sign_in(&login.url, &user.email, &user.password).unwrap();
        self.fief.finish_login(login.pending, &callback)
    }

    /// The access token of a new user.
    pub fn new_access_token(&self) -> String {
        self.sign_in(&self.new_user()).0.access_token.expose().to_owned()
    }

    /// Signs in with a new browser, by `auth_url`, as far as the code.
    pub fn code(&self, user: &User, request: AuthorizationRequest) -> String {
        let url = self.fief.auth_url(request.state("hermine state/+&=")).unwrap();
        let callback = fief_devserver::sign_in(&url, &user.email, &user.password).unwrap();
        assert_eq!(parameter(&callback, "state").as_deref(), Some("hermine state/+&="));
        parameter(&callback, "code").unwrap()
    }

    /// The code of a new user, requested without a code challenge.
    pub fn new_code(&self) -> String {
        self.code(&self.new_user(), request())
    }

    /// Whether these are the tokens and the claims of that user, freshly signed in.
    pub fn assert_signed_in(&self, user: &User, tokens: &Tokens, info: &UserInfo) {
        assert_eq!(info.sub, user.id);
        assert_eq!(info.email.as_deref(), Some(user.email.as_str()));
        assert_eq!(info.email_verified, Some(true));
        assert_eq!(info.tenant_id.unwrap().to_string(), self.server.tenant(&self.client.tenant).id);
        assert_eq!(info.fields.as_ref().unwrap()["castles"], 3);
        assert_eq!(info.rest["iss"], self.client.issuer.as_str());
        assert!(tokens.refresh_token.is_some());
        assert!(tokens.token_type.eq_ignore_ascii_case("bearer"));

        let token = tokens.access_token.expose();
        let needed = Requirements::none().scope(["openid", "offline_access"]).acr(Acr::LevelOne);
        let access = self.fief.validate_access_token(token, &needed).unwrap();
        assert_eq!(access.id.to_string(), user.id);
        assert_eq!(self.fief.userinfo_of(token, &user.id).unwrap().email, info.email);
    }
}

/// A request as most programs make it.
pub fn request() -> AuthorizationRequest {
    AuthorizationRequest::new(REDIRECT_URI).scope(["openid", "offline_access"])
}

pub fn exchange(code: &str) -> CodeExchange {
    CodeExchange::new(code, REDIRECT_URI)
}

/// Waits until a used code or refresh token is invalid: up to version 0.27.0 the server deletes it
/// only after its answer.
pub fn wait_until_deleted() {
    thread::sleep(Duration::from_secs(1));
}

pub fn pkce() -> Pkce {
    Pkce::from_entropy(&[7; 32])
}

fn config_of(client: &Client, base_url: &str) -> Config {
    let mut config = Config::new(base_url, client.client_id.as_str());
    if client.client_type == "confidential" {
        config = config.client_secret(client.client_secret.as_str());
    }
    if let Some(key) = &client.encryption_key {
        config = config.encryption_key(key.to_string());
    }
    config
}
