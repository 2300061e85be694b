//! The operations of the client, with arguments that hold a planted secret wherever one can be.

use std::sync::LazyLock;

use arbitrary::Arbitrary;
use fief_proto::{
    Acr, AuthorizationRequest, CodeExchange, EmailCode, Endpoint, NewEmail, NewPassword,
    PendingLogin, RefreshRequest, Requirements, UnixTime, UserInfo,
    flow::{Flow, Input, Step},
};
use serde_json::{Value, json};

use super::{call::Call, place::Place, token::SUBJECT};
use crate::{secrets, world};

#[derive(Arbitrary, Debug)]
pub enum Operation {
    AuthUrl,
    Login { max_age: Option<u64>, acr: Option<bool> },
    FinishLogin { callback: Callback, max_age: Option<u64>, acr: Option<bool> },
    FinishLoginWithCode,
    AuthCallback { is_bound: bool, max_age: Option<u64> },
    AuthRefreshToken { knows_user: bool },
    ValidateAccessToken { token: u8, requirements: u8 },
    Userinfo { knows_subject: bool },
    UpdateProfile,
    ChangePassword,
    EmailChange,
    EmailVerify,
}

#[derive(Arbitrary, Debug)]
pub enum Callback {
    Right,
    WithIssuer(bool),
    Denied,
    WrongState,
    Text(String),
}

/// What an operation may ask for.
pub struct Allowed {
    pub discovery: bool,
    pub keys: bool,
    pub own: Option<Endpoint>,
    /// The verifier, where its own request has to hold one.
    pub verifier: Option<&'static str>,
    /// The nonce, where the ID token has to hold one.
    pub nonce: Option<&'static str>,
}

static REQUIREMENTS: LazyLock<[Requirements; 4]> = LazyLock::new(|| {
    [
        Requirements::none(),
        Requirements::none().scope(["openid"]),
        Requirements::none().acr(Acr::LevelOne),
        Requirements::none().permissions(["castles:read", "castles:fly"]),
    ]
});

pub fn requirements(index: u8) -> &'static Requirements {
    &REQUIREMENTS[usize::from(index) % REQUIREMENTS.len()]
}

static USER: LazyLock<UserInfo> = LazyLock::new(|| {
    let user = json!({ "sub": SUBJECT, "iss": world::BASE, "aud": [world::CLIENT_ID] });
    serde_json::from_value(user).expect("a user")
});

impl Operation {
    /// The flow, unless its arguments are refused.
    pub fn begin<'a>(&self, place: Place, tokens: &'a [String], now: UnixTime) -> Option<Call<'a>> {
        let client = place.client();
        let secret = secrets::PLANTED;
        let begun = |flow| Some(Call::new(place, self.allowed(), flow));
        match self {
            Self::AuthUrl => {
                let request = AuthorizationRequest::new(world::REDIRECT_URI)
                    .scope(["openid"])
                    .state(secret)
                    .nonce(secret);
                begun(Box::new(client.auth_url(request).ok()?))
            }
            Self::Login { max_age, acr } => {
                let request = login(*max_age, *acr);
                begun(Box::new(client.login(request, &world::ENTROPY).ok()?))
            }
            Self::FinishLogin { callback, max_age, acr } => {
                let pending = pending(place, *max_age, *acr, now);
                let callback = callback.text(place);
                begun(Box::new(client.finish_login(pending, &callback)))
            }
            Self::FinishLoginWithCode => {
                let pending = pending(place, None, None, now);
                begun(Box::new(client.finish_login_with_code(pending, secret)))
            }
            Self::AuthCallback { is_bound, max_age } => {
                let mut exchange = CodeExchange::new(secret, world::REDIRECT_URI);
                if *is_bound {
                    exchange = exchange.code_verifier(secrets::VERIFIER).nonce(secrets::NONCE);
                }
                if let Some(seconds) = max_age {
                    exchange = exchange.max_age(*seconds);
                }
                begun(Box::new(client.auth_callback(exchange).ok()?))
            }
            Self::AuthRefreshToken { knows_user } => {
                let mut request = RefreshRequest::new(secret);
                if *knows_user {
                    request = request.previous(&USER);
                }
                begun(Box::new(client.auth_refresh_token(request).ok()?))
            }
            Self::ValidateAccessToken { token, requirements } => {
                let token = &tokens[usize::from(*token) % tokens.len()];
                let required = self::requirements(*requirements);
                begun(Box::new(client.validate_access_token(token, required)))
            }
            Self::Userinfo { knows_subject: false } => {
                begun(Box::new(client.userinfo(secret).ok()?))
            }
            Self::Userinfo { knows_subject: true } => {
                begun(Box::new(client.userinfo_of(secret, SUBJECT).ok()?))
            }
            Self::UpdateProfile => {
                begun(Box::new(client.update_profile(secret, &json!({ "fields": {} })).ok()?))
            }
            Self::ChangePassword => {
                begun(Box::new(client.change_password(secret, &NewPassword::new(secret)).ok()?))
            }
            Self::EmailChange => {
                begun(Box::new(client.email_change(secret, &NewEmail::new("a@b.example")).ok()?))
            }
            Self::EmailVerify => {
                begun(Box::new(client.email_verify(secret, &EmailCode::new(secret)).ok()?))
            }
        }
    }

    fn allowed(&self) -> Allowed {
        let (discovery, keys, own) = match self {
            Self::AuthUrl | Self::Login { .. } => (true, false, None),
            Self::FinishLogin { .. }
            | Self::FinishLoginWithCode
            | Self::AuthCallback { .. }
            | Self::AuthRefreshToken { .. } => (true, true, Some(Endpoint::Token)),
            Self::ValidateAccessToken { .. } => (true, true, None),
            Self::Userinfo { .. } => (true, false, Some(Endpoint::Userinfo)),
            Self::UpdateProfile => (false, false, Some(Endpoint::Profile)),
            Self::ChangePassword => (false, false, Some(Endpoint::Password)),
            Self::EmailChange => (false, false, Some(Endpoint::EmailChange)),
            Self::EmailVerify => (false, false, Some(Endpoint::EmailVerify)),
        };
        let is_bound = matches!(
            self,
            Self::FinishLogin { .. }
                | Self::FinishLoginWithCode
                | Self::AuthCallback { is_bound: true, .. }
        );
        Allowed {
            discovery,
            keys,
            own,
            verifier: is_bound.then_some(secrets::VERIFIER),
            nonce: is_bound.then_some(secrets::NONCE),
        }
    }
}

fn login(max_age: Option<u64>, acr: Option<bool>) -> AuthorizationRequest {
    let mut request = AuthorizationRequest::new(world::REDIRECT_URI);
    if let Some(seconds) = max_age {
        request = request.max_age(seconds);
    }
    if let Some(is_high) = acr {
        request = request.acr_values([if is_high { Acr::LevelOne } else { Acr::LevelZero }]);
    }
    request
}

/// The pending login of a login that is begun now.
fn pending(place: Place, max_age: Option<u64>, acr: Option<bool>, now: UnixTime) -> PendingLogin {
    let request = login(max_age, acr);
    let mut flow = place.client().login(request, &world::ENTROPY).expect("a good request");
    match flow.resume(&place.provider(), world::NOW, Input::Go) {
        Ok(Step::Done(login)) => begun_at(&login.pending, now),
        other => panic!("{other:?}"),
    }
}

fn begun_at(pending: &PendingLogin, now: UnixTime) -> PendingLogin {
    let mut stored: Value = serde_json::to_value(pending).expect("it serialises");
    stored["created_at"] = now.as_secs().into();
    serde_json::from_value(stored).expect("it reads back")
}

impl Callback {
    fn text(&self, place: Place) -> String {
        let (uri, state, code) = (world::REDIRECT_URI, secrets::STATE, secrets::PLANTED);
        match self {
            Self::Right => format!("{uri}?code={code}&state={state}"),
            Self::WithIssuer(is_right) => {
                let issuer = if *is_right { place.issuer() } else { "https://other.example" };
                format!("{uri}?code={code}&state={state}&iss={issuer}")
            }
            Self::Denied => {
                let drawn = secrets::DRAWN.join("+");
                format!("{uri}?error=access_denied&error_description={drawn}&state={state}")
            }
            Self::WrongState => format!("{uri}?code={code}&state={code}"),
            Self::Text(text) => text.clone(),
        }
    }
}
