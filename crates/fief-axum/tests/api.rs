//! An API: extractors, requirements, and the answers to refused requests.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use axum::{
    Json, Router, body::Body, extract::FromRef, middleware::Next, response::IntoResponse as _,
    routing::get as on_get,
};
use common::{ANNE, Fault, Upstream, get, mint::access_token, send, with_token};
use fief_axum::{
    AccessToken, AccessTokenInfo, Acr, Allowed, AuthError, CurrentUser, FiefAuth, FreshUser,
    Policy, Rejection, Requirements, Secret, TokenSource, UserInfo,
};
use fief_hyper::Endpoint;
use http::{HeaderValue, Request};
use serde_json::json;
use tower::{Layer as _, ServiceExt as _};

async fn token(AccessToken(token): AccessToken) -> Json<AccessTokenInfo> {
    Json(token)
}

async fn user(user: CurrentUser) -> Json<UserInfo> {
    Json(user.info)
}

async fn fresh(user: FreshUser) -> Json<UserInfo> {
    Json(user.info)
}

async fn greet(user: Option<CurrentUser>) -> String {
    user.and_then(|user| user.info.email).unwrap_or_else(|| "guest".into())
}

async fn maybe(token: Option<AccessToken>) -> &'static str {
    if token.is_some() { "signed in" } else { "anonymous" }
}

fn api(auth: &FiefAuth) -> Router {
    let scoped = auth.require(Requirements::none().scope(["castles"]));
    let permitted =
        Requirements::none().scope(["openid"]).permissions(["castles:read", "castles:sell"]);
    let high = auth.require(Requirements::none().acr(Acr::LevelOne));
    let optional = auth.require(Requirements::none().permission("castles:sell")).optional();
    Router::new()
        .route("/token", on_get(token))
        .route("/user", on_get(user))
        .route("/fresh", on_get(fresh))
        .route("/greet", on_get(greet))
        .route("/maybe", on_get(maybe).layer(optional))
        .route("/scoped", on_get(token).layer(scoped))
        .route("/permitted", on_get(token).layer(auth.require(permitted)))
        .route("/high", on_get(token).layer(high))
        .with_state(auth.clone())
}

#[tokio::test]
async fn answers_are_those_of_the_specifications() {
    let upstream = Upstream::new();
    let api = api(&FiefAuth::new(upstream.fief()));
    let now = upstream.now();
    let good = access_token(now, &json!({}));
    let expired = access_token(now, &json!({ "exp": now.as_secs() - 61 }));
    let foreign = access_token(now, &json!({ "aud": ["other"], "azp": "other" }));
    let bare = r#"Bearer realm="fief""#;
    let invalid = r#"Bearer realm="fief", error="invalid_token", error_description="the access token is invalid""#;

    let none = send(&api, get("/token")).await;
    assert_eq!((none.status, none.header("www-authenticate")), (401, bare));
    assert_eq!(none.json(), json!({ "error_description": "an access token is required" }));
    assert_eq!(none.header("cache-control"), "no-store");

    let fine = send(&api, with_token("/token", &good)).await;
    assert_eq!(fine.status, 200);
    assert_eq!(fine.json()["id"], ANNE);
    assert_eq!(fine.json().get("access_token"), None);

    for (path, token, status, code, more) in [
        ("/token", &expired, 401, "invalid_token", "has expired"),
        ("/token", &foreign, 401, "invalid_token", "is invalid"),
        ("/scoped", &good, 403, "insufficient_scope", r#"scope="castles""#),
        ("/permitted", &good, 403, "insufficient_scope", "castles:sell"),
        ("/high", &good, 403, "insufficient_user_authentication", r#"acr_values="1""#),
        ("/scoped", &expired, 401, "invalid_token", "has expired"),
    ] {
        let answer = send(&api, with_token(path, token)).await;
        let challenge = answer.header("www-authenticate");
        assert_eq!(answer.status, status, "{path}");
        assert!(challenge.contains(&format!(r#"error="{code}""#)), "{path}: {challenge}");
        assert!(challenge.contains(more), "{path}: {challenge}");
        assert_eq!(answer.json()["error"], code, "{path}");
    }

    for garbage in [
        &b"Bearer \xff\xfe"[..],
        b"Bearer",
        b"Bearer  ",
        b"bearer a.b.c",
        b"BEARER x y",
        b"Bearer \x80",
    ] {
        let value = HeaderValue::from_bytes(garbage).unwrap();
        let request = Request::get("/token").header("authorization", value);
        let answer = send(&api, request.body(Body::empty()).unwrap()).await;
        assert_eq!(
            (answer.status, answer.header("www-authenticate")),
            (401, invalid),
            "{garbage:?}"
        );
    }
    for other in ["Basic YTpi", "Bearers a.b.c", "x", ""] {
        let request = Request::get("/token").header("authorization", other);
        let answer = send(&api, request.body(Body::empty()).unwrap()).await;
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, bare), "{other:?}");
    }
    let twice = Request::get("/token").header("authorization", format!("Bearer {good}"));
    let twice = twice.header("authorization", format!("Bearer {good}"));
    let twice = send(&api, twice.body(Body::empty()).unwrap()).await;
    assert_eq!((twice.status, &twice.json()["error"]), (400, &json!("invalid_request")));
    assert!(twice.header("www-authenticate").contains("invalid_request"));
}

#[tokio::test]
async fn optional_extractors_let_guests_through_and_no_bad_token() {
    let upstream = Upstream::new();
    let api = api(&FiefAuth::new(upstream.fief()));
    let now = upstream.now();
    let good = access_token(now, &json!({}));
    let expired = access_token(now, &json!({ "exp": now.as_secs() - 61 }));
    assert_eq!(send(&api, get("/greet")).await.body, "guest");
    assert_eq!(send(&api, with_token("/greet", "garbage")).await.body, "guest");
    assert_eq!(send(&api, with_token("/greet", &expired)).await.body, "guest");
    assert_eq!(send(&api, with_token("/greet", &good)).await.body, "anne@bretagne.duchy");

    assert_eq!(send(&api, get("/maybe")).await.body, "anonymous");
    assert_eq!(send(&api, with_token("/maybe", &expired)).await.body, "anonymous");
    assert_eq!(send(&api, with_token("/maybe", &good)).await.status, 403);
    let seller = access_token(now, &json!({ "permissions": ["castles:sell"] }));
    assert_eq!(send(&api, with_token("/maybe", &seller)).await.body, "signed in");

    let upstream = Upstream::new();
    upstream.fault(Endpoint::Keys, Fault::Unreachable);
    let api = self::api(&FiefAuth::new(upstream.fief()));
    assert_eq!(send(&api, with_token("/greet", &good)).await.status, 503);
    assert_eq!(send(&api, with_token("/maybe", &seller)).await.status, 503);
    assert_eq!(send(&api, get("/greet")).await.body, "guest");
}

#[tokio::test]
async fn faults_of_fief_are_not_the_bearers() {
    let upstream = Upstream::new();
    let api = api(&FiefAuth::new(upstream.fief()));
    let good = access_token(upstream.now(), &json!({}));
    for fault in [Fault::Unreachable, Fault::Status(503, ""), Fault::Status(500, "oops")] {
        upstream.fault(Endpoint::Keys, fault);
        let answer = send(&api, with_token("/token", &good)).await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, "5"));
        assert_eq!(answer.header("www-authenticate"), "");
        assert_eq!(answer.json()["error"], "temporarily_unavailable");
        upstream.advance(60);
    }
    upstream.heal();
    assert_eq!(send(&api, with_token("/token", &good)).await.status, 200);

    for (fault, status) in [
        (Fault::Unreachable, 503),
        (Fault::Status(500, "oops"), 503),
        (Fault::Status(200, "nonsense"), 502),
        (Fault::Status(200, r#"{"sub":"cd1ec605-4e0f-4a38-b35d-09a56cc70e52"}"#), 502),
        (Fault::Status(401, r#"{"detail":"Unauthorized"}"#), 401),
    ] {
        upstream.fault(Endpoint::Userinfo, fault);
        for path in ["/user", "/fresh"] {
            assert_eq!(send(&api, with_token(path, &good)).await.status, status, "{path}");
        }
    }
    let answer = send(&api, with_token("/user", &good)).await;
    assert!(answer.header("www-authenticate").contains("invalid_token"));
}

#[tokio::test]
async fn the_signature_is_checked_once_a_request() {
    // The token expires between the layer and the handler: a second check refuses it.
    let upstream = Upstream::new();
    let auth = FiefAuth::new(upstream.fief());
    let later = upstream.clone();
    let wait = axum::middleware::from_fn(move |request, next: Next| {
        later.advance(7200);
        next.run(request)
    });
    let (outer, inner) =
        (auth.require(Requirements::none()), auth.require(Requirements::none().scope(["castles"])));
    let api: Router = Router::new()
        .route("/", on_get(token))
        .route("/scoped", on_get(token).layer(inner))
        .layer(wait)
        .layer(outer)
        .with_state(auth);
    let good = access_token(upstream.now(), &json!({}));
    assert_eq!(send(&api, with_token("/", &good)).await.status, 200);
    let good = access_token(upstream.now(), &json!({}));
    let answer = send(&api, with_token("/scoped", &good)).await;
    assert_eq!((answer.status, &answer.json()["error"]), (403, &json!("insufficient_scope")));
}

#[tokio::test]
async fn what_one_tenant_finds_good_is_nothing_to_another() {
    #[derive(Clone)]
    struct Duchy(FiefAuth);
    impl FromRef<Duchy> for FiefAuth {
        fn from_ref(duchy: &Duchy) -> Self {
            duchy.0.clone()
        }
    }
    let upstream = Upstream::new();
    let ours = FiefAuth::new(upstream.fief());
    let other = Upstream::new();
    other.advance(7200);
    let theirs = FiefAuth::new(other.fief());
    let api: Router = Router::new()
        .route("/", on_get(token))
        .layer(ours.require(Requirements::none()))
        .with_state(Duchy(theirs));
    let good = access_token(upstream.now(), &json!({}));
    assert_eq!(send(&api, with_token("/", &good)).await.status, 401);
}

#[tokio::test]
async fn any_tower_service_can_be_guarded() {
    let upstream = Upstream::new();
    let auth = FiefAuth::new(upstream.fief());
    let inner = tower::service_fn(async |request: Request<String>| {
        let token: &AccessTokenInfo = request.extensions().get().unwrap();
        Ok::<_, std::convert::Infallible>(http::Response::new(Body::from(token.id.to_string())))
    });
    let guarded = auth.require(Requirements::none()).layer(inner);
    let request = |token: &str| {
        let request = Request::get("/").header("authorization", format!("Bearer {token}"));
        request.body("any body".to_owned()).unwrap()
    };
    let good = access_token(upstream.now(), &json!({}));
    let answer = guarded.clone().oneshot(request(&good)).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(guarded.oneshot(request("x")).await.unwrap().status(), 401);
}

#[tokio::test]
async fn tokens_are_found_in_order() {
    let upstream = Upstream::new();
    let sources = [
        TokenSource::bearer(),
        TokenSource::cookie("token", []),
        TokenSource::function(|parts| {
            let value = parts.uri.query()?.strip_prefix("token=")?;
            Some(Secret::from(value))
        }),
    ];
    let auth = FiefAuth::builder(upstream.fief()).token_sources(sources).build();
    let api = api(&auth);
    let now = upstream.now();
    let named = |name: &str| access_token(now, &json!({ "scope": name }));
    let request = |header: Option<&str>, cookie: Option<&str>, query: Option<&str>| {
        let mut request = Request::get(format!("/token?{}", query.unwrap_or_default()));
        if let Some(header) = header {
            request = request.header("authorization", format!("Bearer {header}"));
        }
        if let Some(cookie) = cookie {
            request = request.header("cookie", format!("x=y; token={cookie}"));
        }
        request.body(Body::empty()).unwrap()
    };
    let (header, cookie, query) = (named("h"), named("c"), format!("token={}", named("q")));
    let cases = [
        (request(Some(&header), Some(&cookie), Some(&query)), "h"),
        (request(None, Some(&cookie), Some(&query)), "c"),
        (request(None, None, Some(&query)), "q"),
    ];
    for (request, scope) in cases {
        assert_eq!(send(&api, request).await.json()["scope"], json!([scope]));
    }
    // A bad token is refused, and the next source is not tried.
    assert_eq!(send(&api, request(Some("bad"), Some(&cookie), None)).await.status, 401);
    assert_eq!(send(&api, request(None, None, None)).await.status, 401);
}

#[tokio::test]
async fn concurrent_misses_for_one_user_cause_one_request() {
    let upstream = Upstream::new();
    let auth = FiefAuth::new(upstream.fief());
    let api = api(&auth);
    let gate = upstream.gate(Endpoint::Userinfo);
    let good = access_token(upstream.now(), &json!({}));
    let requests: Vec<_> = (0..50)
        .map(|_| {
            let (api, good) = (api.clone(), good.clone());
            tokio::spawn(async move { send(&api, with_token("/user", &good)).await })
        })
        .collect();
    while upstream.asked(Endpoint::Userinfo) == 0 {
        tokio::task::yield_now().await;
    }
    gate.add_permits(50);
    for request in requests {
        assert_eq!(request.await.unwrap().json()["email"], "anne@bretagne.duchy");
    }
    assert_eq!(upstream.asked(Endpoint::Userinfo), 1);

    // From the cache, past it, and after the user was removed from it.
    upstream.user(json!({ "sub": ANNE, "email": "anna@bretagne.duchy" }));
    let email = async |path| send(&api, with_token(path, &good)).await.json()["email"].clone();
    assert_eq!(email("/user").await, "anne@bretagne.duchy");
    assert_eq!(email("/fresh").await, "anna@bretagne.duchy");
    assert_eq!(email("/user").await, "anna@bretagne.duchy");
    assert_eq!(upstream.asked(Endpoint::Userinfo), 2);
    auth.forget_user(ANNE.parse().unwrap()).await.unwrap();
    assert_eq!(email("/user").await, "anna@bretagne.duchy");
    assert_eq!(upstream.asked(Endpoint::Userinfo), 3);
    auth.forget_all_users().await.unwrap();
    assert_eq!(email("/user").await, "anna@bretagne.duchy");
    assert_eq!(upstream.asked(Endpoint::Userinfo), 4);
}

#[tokio::test]
async fn the_answer_can_be_replaced() {
    let upstream = Upstream::new();
    let auth = FiefAuth::builder(upstream.fief())
        .answer(|error, parts| match error {
            AuthError::NoToken => {
                (http::StatusCode::IM_A_TEAPOT, parts.uri.to_string()).into_response()
            }
            error => fief_axum::json(error),
        })
        .build();
    let api = api(&auth);
    for path in ["/token", "/scoped"] {
        let answer = send(&api, get(path)).await;
        assert_eq!((answer.status, answer.body.as_str()), (418, path));
    }
    assert_eq!(send(&api, with_token("/token", "x")).await.status, 401);

    let own: Router = Router::new()
        .route(
            "/",
            on_get(async |token: Result<AccessToken, Rejection>| {
                token.err().map(|rejection| rejection.error().to_string()).unwrap_or_default()
            }),
        )
        .with_state(auth);
    assert_eq!(send(&own, get("/")).await.body, "the request has no access token");
}

/// A page of a sibling domain can make a browser send the cookie; it can't read the answer, and
/// must not change anything.
#[tokio::test]
async fn a_token_in_a_cookie_changes_nothing_for_another_site() {
    let upstream = Upstream::new();
    let sources = [TokenSource::cookie("token", ["https://app.example.com"])];
    let auth = FiefAuth::builder(upstream.fief()).token_sources(sources).build();
    let api: Router = Router::new().route("/", on_get(token).post(token)).with_state(auth);
    let good = access_token(upstream.now(), &json!({}));
    let ask = async |method: &str, headers: &[(&str, &str)]| {
        let request = Request::builder().method(method).uri("/");
        let mut request = request.header("cookie", format!("token={good}"));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        send(&api, request.body(Body::empty()).unwrap()).await.status
    };
    assert_eq!(ask("GET", &[("sec-fetch-site", "same-site")]).await, 200);
    assert_eq!(ask("POST", &[]).await, 403);
    assert_eq!(ask("POST", &[("sec-fetch-site", "same-site")]).await, 403);
    assert_eq!(ask("POST", &[("sec-fetch-site", "same-origin")]).await, 200);
    let named = [("sec-fetch-site", "same-site"), ("origin", "https://app.example.com")];
    assert_eq!(ask("POST", &named).await, 200);
}

#[tokio::test]
async fn a_signature_names_what_it_asks_for() {
    struct Sell;
    impl Policy for Sell {
        fn requirements() -> Requirements {
            Requirements::none().scope(["openid"]).permission("castles:sell")
        }
    }
    let upstream = Upstream::new();
    let auth = FiefAuth::new(upstream.fief());
    let sell = async |seller: Allowed<Sell>| seller.id.to_string();
    let maybe = async |seller: Option<Allowed<Sell>>| seller.is_some().to_string();
    let api: Router =
        Router::new().route("/", on_get(sell)).route("/maybe", on_get(maybe)).with_state(auth);
    let reader = access_token(upstream.now(), &json!({}));
    let seller = access_token(upstream.now(), &json!({ "permissions": ["castles:sell"] }));
    assert_eq!(send(&api, get("/")).await.status, 401);
    let refused = send(&api, with_token("/", &reader)).await;
    assert_eq!((refused.status, &refused.json()["error"]), (403, &json!("insufficient_scope")));
    assert_eq!(send(&api, with_token("/", &seller)).await.body, ANNE);
    assert_eq!(send(&api, get("/maybe")).await.body, "false");
    assert_eq!(send(&api, with_token("/maybe", &reader)).await.status, 403);
    assert_eq!(send(&api, with_token("/maybe", &seller)).await.body, "true");
}

#[tokio::test]
async fn user_fields_have_a_type_of_the_programs_own() {
    #[derive(serde::Deserialize)]
    struct Castles {
        castles: u32,
    }
    #[derive(serde::Deserialize)]
    struct Ships {
        #[expect(dead_code, reason = "no user has it")]
        ships: u32,
    }
    let upstream = Upstream::new();
    let auth = FiefAuth::new(upstream.fief());
    let castles = async |user: CurrentUser<Castles>| user.fields.castles.to_string();
    let ships = async |user: FreshUser<Ships>| user.sub.clone();
    let api: Router =
        Router::new().route("/", on_get(castles)).route("/ships", on_get(ships)).with_state(auth);
    let good = access_token(upstream.now(), &json!({}));
    assert_eq!(send(&api, with_token("/", &good)).await.body, "3");
    assert_eq!(send(&api, with_token("/ships", &good)).await.status, 500);
}

/// The order that the documentation gives: `route_layer` for the guard, CORS outside of it.
#[tokio::test]
async fn an_unknown_path_stays_404_and_a_preflight_needs_no_token() {
    let upstream = Upstream::new();
    let auth = FiefAuth::new(upstream.fief());
    let cors = axum::middleware::from_fn(async |request: Request<Body>, next: Next| {
        if request.method() == http::Method::OPTIONS {
            return http::StatusCode::NO_CONTENT.into_response();
        }
        let mut response = next.run(request).await;
        let any = HeaderValue::from_static("*");
        response.headers_mut().insert("access-control-allow-origin", any);
        response
    });
    let api: Router = Router::new()
        .route("/token", on_get(token))
        .route_layer(auth.require(Requirements::none()))
        .layer(cors)
        .with_state(auth);
    assert_eq!(send(&api, get("/unknown")).await.status, 404);
    let refused = send(&api, get("/token")).await;
    assert_eq!((refused.status, refused.header("access-control-allow-origin")), (401, "*"));
    let preflight = Request::options("/token").body(Body::empty()).unwrap();
    assert_eq!(send(&api, preflight).await.status, 204);
}

#[tokio::test]
async fn a_guard_of_ones_own_is_made_of_what_ours_are() {
    let upstream = Upstream::new();
    let auth = FiefAuth::new(upstream.fief());
    let guard = {
        let auth = auth.clone();
        axum::middleware::from_fn(move |request: Request<Body>, next: Next| {
            let auth = auth.clone();
            async move {
                let (mut parts, body) = request.into_parts();
                match auth.authenticate(&mut parts, &Requirements::none()).await {
                    Ok(token) if token.permissions.len() == 1 => {
                        next.run(Request::from_parts(parts, body)).await
                    }
                    Ok(_) => http::StatusCode::NOT_FOUND.into_response(),
                    Err(error) => auth.reject(error, &parts).into_response(),
                }
            }
        })
    };
    let api: Router = Router::new().route("/", on_get(token)).layer(guard).with_state(auth);
    let one = access_token(upstream.now(), &json!({}));
    let two = access_token(upstream.now(), &json!({ "permissions": ["a", "b"] }));
    assert_eq!(send(&api, with_token("/", &one)).await.status, 200);
    assert_eq!(send(&api, with_token("/", &two)).await.status, 404);
    assert_eq!(send(&api, get("/")).await.status, 401);
}

#[test]
fn a_match_needs_no_second_dependency() {
    use fief_axum::{AccessTokenError, CallbackError, Endpoint, Error, NewPassword, TokenFault};
    let words = |error: &AuthError| match error {
        AuthError::Fief(Error::AccessToken(AccessTokenError::Invalid(TokenFault::NotAscii))) => 1,
        AuthError::Fief(Error::Callback(CallbackError::Denied { .. })) => 2,
        AuthError::Fief(Error::Refused(refusal)) if refusal.endpoint() == Endpoint::Password => 3,
        _ => 4,
    };
    let fault = AccessTokenError::Invalid(TokenFault::NotAscii);
    assert_eq!(words(&AuthError::Fief(fault.into())), 1);
    assert_eq!(words(&AuthError::NoToken), 4);
    drop(NewPassword::new("hermine-tincture-1488"));
}
