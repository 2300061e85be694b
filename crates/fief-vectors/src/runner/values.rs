//! From an operation of a vector to a call, and from its value to JSON.

use fief_proto::{
    Acr, AuthorizationRequest, CodeExchange, EmailCode, Error, IdTokenChecks, LoginRedirect,
    NewEmail, NewPassword, PendingLogin, RefreshRequest, Requirements, Tokens, UserInfo,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use url::Url;

use super::{Failure, Operations, Outcome};
use crate::operation::{AuthUrl, Operation, Pkce, ValidateIdToken, VerifyWebhook};

/// Performs an operation and returns its value in the form that vectors use.
///
/// # Errors
/// The outer one when the vector itself can't be used.
pub(crate) fn perform(
    runner: &impl Operations,
    operation: &Operation,
) -> Result<Outcome<Value>, String> {
    Ok(called(runner, operation)?.map_err(Failure::from))
}

fn called(runner: &impl Operations, operation: &Operation) -> Result<Result<Value, Error>, String> {
    Ok(match operation {
        Operation::AuthCallback(call) => {
            let mut exchange = CodeExchange::new(&*call.code, &call.redirect_uri);
            if let Some(verifier) = &call.code_verifier {
                exchange = exchange.code_verifier(&**verifier);
            }
            if let Some(nonce) = &call.nonce {
                exchange = exchange.nonce(&**nonce);
            }
            if let Some(max_age) = call.max_age {
                exchange = exchange.max_age(max_age);
            }
            runner.auth_callback(exchange).map(signed_in)
        }
        Operation::AuthRefreshToken(call) => {
            let mut request = RefreshRequest::new(&*call.refresh_token).scope(&call.scope);
            if let Some(previous) = &call.previous {
                request = request.previous(&read::<UserInfo>("previous", previous)?);
            }
            runner.auth_refresh_token(request).map(signed_in)
        }
        Operation::AuthUrl(call) => match authorization(call)? {
            Ok(request) => runner.auth_url(request).map(|url| parsed(&url)),
            Err(error) => Err(error),
        },
        Operation::ChangePassword(call) => {
            let password = NewPassword::new(&call.password);
            runner.change_password(&call.token, &password).map(|user| json!(user))
        }
        Operation::Configure(_) => Ok(json!({})),
        Operation::EmailChange(call) => {
            let email = NewEmail::new(&call.email);
            runner.email_change(&call.token, &email).map(|user| json!(user))
        }
        Operation::EmailVerify(call) => {
            let code = EmailCode::new(&call.code);
            runner.email_verify(&call.token, &code).map(|user| json!(user))
        }
        Operation::FinishLogin(call) => {
            let pending = read::<PendingLogin>("pending", &call.pending)?;
            runner.finish_login(pending, &call.callback).map(signed_in)
        }
        Operation::FinishLoginWithCode(call) => {
            let pending = read::<PendingLogin>("pending", &call.pending)?;
            runner.finish_login_with_code(pending, &call.code).map(signed_in)
        }
        Operation::Login(call) => {
            let entropy = bytes::<96>(&call.entropy)?;
            match authorization(&call.authorization)? {
                Ok(request) => runner.login_from(request, &entropy).map(|login| begun(&login)),
                Err(error) => Err(error),
            }
        }
        Operation::LogoutUrl(call) => runner.logout_url(&call.redirect_uri).map(|url| parsed(&url)),
        Operation::Pkce(call) => pkce(call)?.map(|pkce| {
            let challenge = if call.plain { pkce.plain_challenge() } else { pkce.challenge() };
            json!({
                "verifier": pkce.verifier(),
                "challenge": challenge.value(),
                "method": challenge.method(),
            })
        }),
        Operation::UpdateProfile(call) => {
            runner.update_profile(&call.token, &call.data).map(|user| json!(user))
        }
        Operation::Userinfo(call) => match &call.subject {
            None => runner.userinfo(&call.token),
            Some(subject) => runner.userinfo_of(&call.token, subject),
        }
        .map(|user| json!(user)),
        Operation::ValidateAccessToken(call) => {
            let mut requirements =
                Requirements::none().scope(&call.scope).permissions(&call.permissions);
            if let Some(level) = &call.acr {
                requirements = requirements.acr(acr(level)?);
            }
            runner
                .validate_access_token(&call.token, &requirements)
                .map(|info| json!(info.including_token()))
        }
        Operation::ValidateIdToken(call) => {
            let checks = checks(call)?;
            runner.validate_id_token(&call.token, &checks).map(|user| json!(user))
        }
        Operation::ValidationHash(call) => {
            Ok(json!({"hash": fief_proto::validation_hash(&call.value)}))
        }
        Operation::VerifyWebhook(call) => webhook(runner, call)?,
    })
}

fn checks(call: &ValidateIdToken) -> Result<IdTokenChecks, String> {
    let mut checks = IdTokenChecks::none();
    if let Some(token) = &call.access_token {
        checks = checks.access_token(token);
    }
    if let Some(nonce) = &call.nonce {
        checks = checks.nonce(nonce);
    }
    if let Some(max_age) = call.max_age {
        checks = checks.max_age(max_age);
    }
    if let Some(level) = &call.acr {
        checks = checks.acr(acr(level)?);
    }
    Ok(checks)
}

type Setter = fn(AuthorizationRequest, &str) -> AuthorizationRequest;

fn authorization(call: &AuthUrl) -> Result<Result<AuthorizationRequest, Error>, String> {
    let levels: Vec<Acr> =
        call.acr_values.iter().map(|level| acr(level)).collect::<Result<_, _>>()?;
    let mut request =
        AuthorizationRequest::new(&call.redirect_uri).scope(&call.scope).acr_values(levels);
    if let Some(pkce) = &call.pkce {
        request = match self::pkce(pkce)? {
            Ok(made) if pkce.plain => request.code_challenge(made.plain_challenge()),
            Ok(made) => request.code_challenge(made.challenge()),
            Err(error) => return Ok(Err(error)),
        };
    }
    if let Some(seconds) = call.max_age {
        request = request.max_age(seconds);
    }
    let texts: [(&Option<String>, Setter); 6] = [
        (&call.state, |request, text| request.state(text)),
        (&call.nonce, |request, text| request.nonce(text)),
        (&call.prompt, |request, text| request.prompt(text)),
        (&call.screen, |request, text| request.screen(text)),
        (&call.login_hint, |request, text| request.login_hint(text)),
        (&call.lang, |request, text| request.lang(text)),
    ];
    for (text, set) in texts {
        if let Some(text) = text {
            request = set(request, text);
        }
    }
    for (name, value) in &call.extra {
        request = request.extra(name, value);
    }
    Ok(Ok(request))
}

fn pkce(call: &Pkce) -> Result<Result<fief_proto::Pkce, Error>, String> {
    match (&call.verifier, &call.entropy) {
        (Some(verifier), None) => {
            Ok(fief_proto::Pkce::from_verifier(verifier.as_str()).map_err(Error::from))
        }
        (None, Some(entropy)) => Ok(Ok(fief_proto::Pkce::from_entropy(&bytes(entropy)?))),
        _ => Err("`pkce` takes one of `verifier` and `entropy`".into()),
    }
}

fn webhook(runner: &impl Operations, call: &VerifyWebhook) -> Result<Result<Value, Error>, String> {
    let mut headers = HeaderMap::new();
    for (name, value) in &call.headers {
        let name = HeaderName::try_from(name).map_err(|error| error.to_string())?;
        let value = HeaderValue::try_from(value).map_err(|error| error.to_string())?;
        headers.append(name, value);
    }
    let event = runner.verify_webhook(&call.secret, &headers, call.body.as_bytes());
    Ok(event.map(|event| json!({"type": event.event_type, "data": event.data})))
}

fn signed_in((tokens, user): (Tokens, UserInfo)) -> Value {
    json!({"tokens": tokens, "user": user})
}

fn begun(login: &LoginRedirect) -> Value {
    let mut value = parsed(&login.url);
    if let Value::Object(members) = &mut value {
        members.insert("pending".into(), json!(login.pending));
    }
    value
}

/// A URL without its query, and the query decoded.
fn parsed(text: &str) -> Value {
    let Ok(url) = Url::parse(text) else {
        return json!({"url": text, "query": null});
    };
    let query: Vec<Value> = url.query_pairs().map(|(name, value)| json!([name, value])).collect();
    json!({"url": text.split('?').next(), "query": query})
}

fn acr(level: &str) -> Result<Acr, String> {
    read("level", &json!(level))
}

fn read<T: DeserializeOwned>(name: &str, value: &Value) -> Result<T, String> {
    serde_json::from_value(value.clone()).map_err(|error| format!("`{name}`: {error}"))
}

fn bytes<const N: usize>(digits: &str) -> Result<[u8; N], String> {
    let refused = || format!("`entropy` takes {N} bytes in hexadecimal digits");
    let mut bytes = [0; N];
    if digits.len() != 2 * N {
        return Err(refused());
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        let pair = digits.get(2 * index..2 * index + 2).ok_or_else(refused)?;
        *byte = u8::from_str_radix(pair, 16).map_err(|_| refused())?;
    }
    Ok(bytes)
}
