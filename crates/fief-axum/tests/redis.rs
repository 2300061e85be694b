//! Users and sessions in a Redis that the test starts, and stops in the middle.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![cfg(feature = "redis")]

mod common;

use std::{
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use axum::{Json, Router, routing::get as on_get};
use common::{
    ANNE, REDIRECT_URI, Upstream, browser::Browser, mint::access_token, send, with_token,
};
use fief_axum::{
    CookieKey, CurrentUser, FiefAuth, RedisSessionStore, RedisUserCache, TokenSource,
    UserCache as _, UserInfo, WebLogin,
};
use fief_hyper::Endpoint;
use serde_json::json;
use tempfile::TempDir;

/// For a Redis that is there: no test depends on how busy the machine is.
const PATIENCE: Duration = Duration::from_secs(60);

/// A Redis of the test's own, on a free port of this machine.
struct Redis {
    process: Child,
    port: u16,
    folder: TempDir,
}

impl Redis {
    fn start() -> Option<Self> {
        let free = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = free.local_addr().unwrap().port();
        drop(free);
        Self::start_at(port)
    }

    fn start_at(port: u16) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let process = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""])
            .arg("--dir")
            .arg(folder.path())
            .stdout(Stdio::null())
            .spawn();
        let Ok(process) = process else {
            eprintln!("skipped: there is no redis-server on this machine");
            return None;
        };
        let redis = Self { process, port, folder };
        let end = Instant::now() + Duration::from_secs(30);
        while std::net::TcpStream::connect(("127.0.0.1", port)).is_err() {
            assert!(Instant::now() < end, "redis-server does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(redis)
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    fn stop(mut self) -> u16 {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        self.port
    }
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = &self.folder;
    }
}

async fn user(CurrentUser(user): CurrentUser) -> Json<UserInfo> {
    Json(user)
}

fn api(upstream: &Upstream, cache: RedisUserCache) -> Router {
    let auth = FiefAuth::builder(upstream.fief()).user_cache(cache).build();
    Router::new().route("/user", on_get(user)).with_state(auth)
}

#[tokio::test]
async fn users_are_shared_by_processes() {
    let Some(redis) = Redis::start() else { return };
    let cache = |prefix: &str| {
        let cache = RedisUserCache::new(&redis.url(), prefix, Duration::from_secs(60)).unwrap();
        cache.longest_wait(PATIENCE)
    };
    let upstream = Upstream::new();
    let good = access_token(upstream.now(), &json!({}));
    for _ in 0..2 {
        let api = api(&upstream, cache("duchy:"));
        let answer = send(&api, with_token("/user", &good)).await;
        assert_eq!(answer.json()["fields"]["castles"], 3);
    }
    assert_eq!(upstream.asked(Endpoint::Userinfo), 1);

    // Others' keys are others'; a prefix is no pattern.
    let (ours, others) = (cache("duchy:"), cache("d*:"));
    let anne = ANNE.parse().unwrap();
    let known = ours.get(anne).await.unwrap().unwrap();
    others.set(anne, &known).await.unwrap();
    others.clear().await.unwrap();
    assert_eq!(others.get(anne).await.unwrap(), None);
    assert_eq!(ours.get(anne).await.unwrap(), Some(known.clone()));
    ours.remove(anne).await.unwrap();
    assert_eq!(ours.get(anne).await.unwrap(), None);
    ours.set(anne, &known).await.unwrap();
    ours.clear().await.unwrap();
    assert_eq!(ours.get(anne).await.unwrap(), None);
}

#[tokio::test]
async fn while_redis_is_down_the_users_come_from_fief() {
    let Some(redis) = Redis::start() else { return };
    let upstream = Upstream::new();
    let cache = RedisUserCache::new(&redis.url(), "", Duration::from_secs(60)).unwrap();
    let api = api(&upstream, cache.longest_wait(PATIENCE));
    let good = access_token(upstream.now(), &json!({}));
    let ask = async || send(&api, with_token("/user", &good)).await;
    assert_eq!(ask().await.status, 200);
    assert_eq!(ask().await.status, 200);
    assert_eq!(upstream.asked(Endpoint::Userinfo), 1);
    let port = redis.stop();
    for asked in 2..=4 {
        let answer = ask().await;
        assert_eq!((answer.status, &answer.json()["email"]), (200, &json!("anne@bretagne.duchy")));
        assert_eq!(upstream.asked(Endpoint::Userinfo), asked);
    }

    // And when it is back, it is used again.
    let Some(_redis) = Redis::start_at(port) else { return };
    let mut before = upstream.asked(Endpoint::Userinfo);
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end {
        assert_eq!(ask().await.status, 200);
        let asked = upstream.asked(Endpoint::Userinfo);
        if asked == before {
            return;
        }
        before = asked;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("the cache does not come back");
}

#[tokio::test]
async fn a_redis_that_was_never_there_is_no_error() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("redis://{}", free.local_addr().unwrap());
    let upstream = Upstream::new();
    // Bound, and nobody accepts: a machine that does not answer.
    let api = api(&upstream, RedisUserCache::new(&url, "", Duration::from_secs(60)).unwrap());
    let good = access_token(upstream.now(), &json!({}));
    assert_eq!(send(&api, with_token("/user", &good)).await.status, 200);
    assert!(RedisUserCache::new("http://localhost", "", Duration::from_secs(60)).is_err());
}

#[tokio::test]
async fn large_sessions_are_shared_and_sealed() {
    let Some(redis) = Redis::start() else { return };
    let upstream = Upstream::new();
    let url = redis.url();
    upstream.permissions((0..300).map(|n| format!("castles:number-{n}")));
    let auth = FiefAuth::builder(upstream.fief()).token_sources([TokenSource::session()]).build();
    let store = || RedisSessionStore::new(&url, "duchy:").unwrap().longest_wait(PATIENCE);
    let site = || {
        let login = WebLogin::builder(&auth, REDIRECT_URI)
            .cookie_key(CookieKey::new(&[7; 32]).unwrap())
            .session_store(store());
        let pages = Router::new().route("/user", on_get(user)).with_state(auth.clone());
        login.build().unwrap().mount(pages)
    };
    let mut browser = Browser::default();
    browser.sign_in(&site(), &upstream, "/login").await;
    assert_eq!(browser.get(&site(), "/user").await.status, 200);

    let client = redis::Client::open(redis.url()).unwrap();
    let mut connection = client.get_multiplexed_async_connection().await.unwrap();
    let keys: Vec<String> =
        redis::cmd("KEYS").arg("duchy:session:*").query_async(&mut connection).await.unwrap();
    assert_eq!(keys.len(), 1);
    let kept: String = redis::cmd("GET").arg(&keys).query_async(&mut connection).await.unwrap();
    assert!(!kept.contains("access_token") && !kept.contains("eyJhbGci"));
    let seconds: i64 = redis::cmd("TTL").arg(&keys).query_async(&mut connection).await.unwrap();
    assert!((1..=3600).contains(&seconds), "{seconds}");

    redis.stop();
    let answer = browser.get(&site(), "/user").await;
    assert_eq!((answer.status, answer.header("retry-after")), (503, "5"));
    assert!(browser.session().is_some());
}
