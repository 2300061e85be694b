//! A Fief in memory: scripted answers, real signatures, a clock of its own.

#![allow(dead_code, reason = "each test uses its part")]

pub mod browser;
pub mod site;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use axum::{body::Body, response::Response};
use fief_axum::Fief;
use fief_hyper::{Endpoint, TransportError, TransportErrorKind, UnixTime, flow};
use fief_testkit::{
    clock::Clock,
    material::{self, ISSUER, ok, status},
};
use http::{HeaderMap, Request};
use http_body_util::BodyExt as _;
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tower::{Service, ServiceExt as _};
use url::form_urlencoded;

pub use fief_testkit::{material::SUBJECT as ANNE, mint};

pub const REDIRECT_URI: &str = "https://www.example.com/callback";

/// What the upstream does instead of answering correctly.
#[derive(Clone)]
pub enum Fault {
    Unreachable,
    /// The request takes effect, and its answer is lost.
    Lost,
    Status(u16, &'static str),
}

#[derive(Clone)]
pub struct Upstream(Arc<Inner>);

struct Inner {
    clock: Clock,
    state: Mutex<State>,
    /// Holds requests to an endpoint until permits are given.
    gates: Mutex<HashMap<Endpoint, Arc<Semaphore>>>,
}

#[derive(Default)]
struct State {
    asked: HashMap<Endpoint, usize>,
    faults: HashMap<Endpoint, Fault>,
    /// Codes, with the nonce of their login.
    codes: HashMap<String, Value>,
    refresh_tokens: Vec<String>,
    issued: usize,
    user: Option<Value>,
    permissions: Vec<String>,
    /// How far ahead the clock is that ID tokens are made by.
    ahead: i64,
    /// The codes and refresh tokens that have reached the token endpoint.
    presented: Vec<String>,
}

impl Upstream {
    pub fn new() -> Self {
        let clock = Clock::new();
        Self(Arc::new(Inner { clock, state: Mutex::default(), gates: Mutex::default() }))
    }

    pub fn fief(&self) -> Fief {
        let upstream = self.clone();
        Fief::builder(material::config())
            .transport(move |request: &flow::Request| {
                let upstream = upstream.clone();
                let (endpoint, http) = (request.endpoint(), request.http().clone());
                async move { upstream.answer(endpoint, &http).await }
            })
            .clock(self.0.clock.reader())
            .build()
            .unwrap()
    }

    pub fn now(&self) -> UnixTime {
        self.0.clock.now()
    }

    pub fn advance(&self, seconds: i64) {
        self.0.clock.advance(seconds);
    }

    /// How often an endpoint was asked.
    pub fn asked(&self, endpoint: Endpoint) -> usize {
        self.0.state.lock().unwrap().asked.get(&endpoint).copied().unwrap_or(0)
    }

    pub fn fault(&self, endpoint: Endpoint, fault: Fault) {
        self.0.state.lock().unwrap().faults.insert(endpoint, fault);
    }

    pub fn heal(&self) {
        self.0.state.lock().unwrap().faults.clear();
    }

    /// Holds the requests to an endpoint until permits are added.
    pub fn gate(&self, endpoint: Endpoint) -> Arc<Semaphore> {
        let gate = Arc::new(Semaphore::new(0));
        self.0.gates.lock().unwrap().insert(endpoint, Arc::clone(&gate));
        gate
    }

    /// What the user API says of the user from now on.
    pub fn user(&self, user: Value) {
        self.0.state.lock().unwrap().user = Some(user);
    }

    /// The permissions of the access tokens to come.
    pub fn permissions(&self, permissions: impl IntoIterator<Item = String>) {
        self.0.state.lock().unwrap().permissions = permissions.into_iter().collect();
    }

    /// Lets the clock that ID tokens are made by run ahead of ours.
    pub fn clock_ahead(&self, seconds: i64) {
        self.0.state.lock().unwrap().ahead = seconds;
    }

    /// The codes and refresh tokens that have reached the token endpoint, in order.
    pub fn presented(&self) -> Vec<String> {
        self.0.state.lock().unwrap().presented.clone()
    }

    /// Revokes all refresh tokens, as when the user is deleted.
    pub fn revoke(&self) {
        self.0.state.lock().unwrap().refresh_tokens.clear();
    }

    /// Opens a gate for good.
    pub fn open(&self, endpoint: Endpoint) {
        if let Some(gate) = self.0.gates.lock().unwrap().remove(&endpoint) {
            gate.add_permits(10_000);
        }
    }

    /// Signs the user in at an authorization URL, and returns the callback's query.
    pub fn sign_in(&self, authorize_url: &str) -> String {
        let (_, query) = authorize_url.split_once('?').unwrap();
        let asked: HashMap<String, String> =
            form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        assert_eq!(asked["response_type"], "code");
        assert_eq!(asked["code_challenge_method"], "S256");
        let mut state = self.0.state.lock().unwrap();
        state.issued += 1;
        let code = format!("code-{}", state.issued);
        assert!(asked["state"].len() <= 2048, "Fief keeps no more");
        let login = json!({
            "nonce": asked["nonce"],
            "scope": asked["scope"],
            "acr": if asked.contains_key("acr_values") { "1" } else { "0" },
        });
        state.codes.insert(code.clone(), login);
        format!("code={code}&state={}", asked["state"])
    }

    async fn answer(
        &self,
        endpoint: Endpoint,
        request: &Request<Vec<u8>>,
    ) -> Result<flow::Response, TransportError> {
        let fault = {
            let mut state = self.0.state.lock().unwrap();
            *state.asked.entry(endpoint).or_default() += 1;
            state.faults.get(&endpoint).cloned()
        };
        let gate = self.0.gates.lock().unwrap().get(&endpoint).cloned();
        if let Some(gate) = gate {
            gate.acquire().await.unwrap().forget();
        }
        match fault {
            Some(Fault::Unreachable) => {
                Err(TransportError::new(TransportErrorKind::Connect, ISSUER))
            }
            Some(Fault::Lost) => {
                self.good_answer(endpoint, request);
                Err(TransportError::new(TransportErrorKind::Io, ISSUER))
            }
            Some(Fault::Status(number, body)) => Ok(status(number, body)),
            None => Ok(self.good_answer(endpoint, request)),
        }
    }

    fn good_answer(&self, endpoint: Endpoint, request: &Request<Vec<u8>>) -> flow::Response {
        match endpoint {
            Endpoint::Discovery | Endpoint::Keys => material::document(endpoint),
            Endpoint::Token => self.token(request.body()),
            Endpoint::Userinfo => self.userinfo(),
            other => panic!("{other} is not scripted"),
        }
    }

    fn userinfo(&self) -> flow::Response {
        let user = self.0.state.lock().unwrap().user.clone();
        let user = user.unwrap_or_else(|| {
            json!({
                "sub": ANNE, "email": "anne@bretagne.duchy", "fields": { "castles": 3 },
            })
        });
        ok(user.to_string())
    }

    fn token(&self, form: &[u8]) -> flow::Response {
        let form: HashMap<String, String> = form_urlencoded::parse(form).into_owned().collect();
        let mut state = self.0.state.lock().unwrap();
        let given = form.get("code").or(form.get("refresh_token"));
        state.presented.extend(given.cloned());
        let login = match form["grant_type"].as_str() {
            "authorization_code" => state.codes.remove(&form["code"]),
            "refresh_token" => {
                let before = state.refresh_tokens.len();
                state.refresh_tokens.retain(|token| *token != form["refresh_token"]);
                (state.refresh_tokens.len() < before)
                    .then(|| json!({ "scope": "openid offline_access", "acr": "0" }))
            }
            _ => None,
        };
        let Some(login) = login else {
            return status(400, r#"{"error":"invalid_grant"}"#);
        };
        state.issued += 1;
        let now = self.now();
        let scope = login["scope"].as_str().unwrap();
        let mut claims = mint::access_claims(now);
        claims["scope"] = scope.into();
        claims["acr"] = login["acr"].clone();
        claims["permissions"] = state.permissions.clone().into();
        let ahead = UnixTime::from_secs(now.as_secs() + state.ahead);
        let mut id_claims = mint::id_claims(ahead);
        id_claims["acr"] = login["acr"].clone();
        if let Some(nonce) = login.get("nonce") {
            id_claims["nonce"] = nonce.clone();
        }
        let mut answer = json!({
            "access_token": mint::sign(&claims),
            "id_token": mint::sign(&id_claims),
            "token_type": "bearer",
            "expires_in": 3600,
        });
        if scope.contains("offline_access") {
            let token = format!("refresh-{}", state.issued);
            answer["refresh_token"] = token.clone().into();
            state.refresh_tokens.push(token);
        }
        ok(answer.to_string())
    }
}

/// An answer, read to its end.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// Sends one request to a service.
pub async fn send<S>(service: &S, request: Request<Body>) -> Answer
where
    S: Service<Request<Body>, Response = Response> + Clone,
    S::Error: std::fmt::Debug,
{
    let response = service.clone().oneshot(request).await.unwrap();
    let (parts, body) = response.into_parts();
    let body = body.collect().await.unwrap().to_bytes();
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers,
        body: String::from_utf8(body.to_vec()).unwrap(),
    }
}

/// A GET with this bearer token.
pub fn with_token(path: &str, token: &str) -> Request<Body> {
    Request::get(path)
        .header("authorization", format!("Bearer {token}"))
        .body(Body::empty())
        .unwrap()
}

pub fn get(path: &str) -> Request<Body> {
    Request::get(path).body(Body::empty()).unwrap()
}
