//! Users and sessions in a Redis that the test starts and stops.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![cfg(feature = "redis")]

mod common;

use std::{
    io::{Read as _, Write as _},
    net::TcpListener,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use axum::{Json, Router, routing::get as on_get};
use common::{
    ANNE, Upstream,
    browser::Browser,
    mint::access_token,
    send,
    site::{builder, mounted, process},
    with_token,
};
use fief_axum::{
    CurrentUser, FiefAuth, RedisSessionStore, RedisUserCache, UserCache as _, UserInfo,
    check_session_store,
};
use fief_hyper::Endpoint;
use serde_json::json;
use tempfile::TempDir;

/// The longest wait for a running Redis: long enough for a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// A Redis of the test's own, on a free port of this machine.
struct Redis {
    process: Child,
    port: u16,
    folder: Option<TempDir>,
}

impl Redis {
    /// On a port that is free; where another program is quicker, on another.
    fn start(options: &[&str]) -> Option<Self> {
        for _ in 0..10 {
            let free = TcpListener::bind("127.0.0.1:0").unwrap();
            let port = free.local_addr().unwrap().port();
            drop(free);
            let redis = Self::start_at(port, tempfile::tempdir().unwrap(), options);
            if redis.is_some() || !is_installed() {
                return redis;
            }
        }
        panic!("there is no free port");
    }

    fn start_at(port: u16, folder: TempDir, options: &[&str]) -> Option<Self> {
        if !is_installed() {
            eprintln!("skipped: there is no redis-server on this machine");
            return None;
        }
        let mut process = Command::new("redis-server")
            .args(["--port", &port.to_string(), "--bind", "127.0.0.1", "--save", ""])
            .args(["--repl-diskless-sync-delay", "0"])
            .args(options)
            .arg("--dir")
            .arg(folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let end = Instant::now() + PATIENCE;
        while !is_ready(port) {
            if process.try_wait().unwrap().is_some() {
                return None;
            }
            assert!(Instant::now() < end, "redis-server does not listen");
            std::thread::sleep(Duration::from_millis(20));
        }
        Some(Self { process, port, folder: Some(folder) })
    }

    fn url(&self) -> String {
        format!("redis://127.0.0.1:{}", self.port)
    }

    fn sessions(&self) -> RedisSessionStore {
        RedisSessionStore::new(&self.url(), "duchy:").unwrap()
    }

    async fn connection(&self) -> redis::aio::MultiplexedConnection {
        let client = redis::Client::open(self.url()).unwrap();
        client.get_multiplexed_async_connection().await.unwrap()
    }

    fn signal(&self, signal: &str) {
        let id = self.process.id().to_string();
        assert!(
            Command::new("kill").args([&format!("-{signal}"), &id]).status().unwrap().success()
        );
    }

    fn stop(mut self) -> (u16, TempDir) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
        (self.port, self.folder.take().unwrap())
    }
}

/// Not only listening: what it has on disk is loaded, too.
fn is_ready(port: u16) -> bool {
    let Ok(mut stream) = std::net::TcpStream::connect(("127.0.0.1", port)) else { return false };
    let mut answer = [0; 5];
    stream.write_all(b"PING\r\n").is_ok()
        && stream.read_exact(&mut answer).is_ok()
        && &answer == b"+PONG"
}

fn is_installed() -> bool {
    let version = Command::new("redis-server").arg("--version").stdout(Stdio::null()).status();
    version.is_ok()
}

impl Drop for Redis {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

async fn user(user: CurrentUser) -> Json<UserInfo> {
    Json(user.info)
}

fn api(upstream: &Upstream, cache: RedisUserCache) -> Router {
    let auth = FiefAuth::builder(upstream.fief()).user_cache(cache).build();
    Router::new().route("/user", on_get(user)).with_state(auth)
}

#[tokio::test]
async fn users_are_shared_by_processes() {
    let Some(redis) = Redis::start(&[]) else { return };
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

    // The keys of others are not touched, and a prefix is not a pattern.
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
    let Some(redis) = Redis::start(&[]) else { return };
    let upstream = Upstream::new();
    let cache = RedisUserCache::new(&redis.url(), "", Duration::from_secs(60)).unwrap();
    let api = api(&upstream, cache.longest_wait(PATIENCE));
    let good = access_token(upstream.now(), &json!({}));
    let ask = async || send(&api, with_token("/user", &good)).await;
    assert_eq!(ask().await.status, 200);
    assert_eq!(ask().await.status, 200);
    assert_eq!(upstream.asked(Endpoint::Userinfo), 1);
    let (port, folder) = redis.stop();
    for asked in 2..=4 {
        let answer = ask().await;
        assert_eq!((answer.status, &answer.json()["email"]), (200, &json!("anne@bretagne.duchy")));
        assert_eq!(upstream.asked(Endpoint::Userinfo), asked);
    }

    // And when it is back, it is used again.
    let Some(_redis) = Redis::start_at(port, folder, &[]) else { return };
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
    // Bound, but nothing accepts: like a machine that does not answer.
    let api = api(&upstream, RedisUserCache::new(&url, "", Duration::from_secs(60)).unwrap());
    let good = access_token(upstream.now(), &json!({}));
    assert_eq!(send(&api, with_token("/user", &good)).await.status, 200);
    assert!(RedisUserCache::new("http://localhost", "", Duration::from_secs(60)).is_err());
}

#[tokio::test]
async fn the_store_passes_the_suite() {
    let Some(redis) = Redis::start(&[]) else { return };
    check_session_store(&redis.sessions()).await;
}

#[tokio::test]
async fn sessions_are_shared_sealed_and_end_by_themselves() {
    let Some(redis) = Redis::start(&[]) else { return };
    let upstream = Upstream::new();
    let sites = [process(&upstream, redis.sessions()), process(&upstream, redis.sessions())];
    let mut browser = Browser::default();
    browser.sign_in(&sites[0], &upstream, "/login").await;
    assert_eq!(browser.get(&sites[1], "/user").await.status, 200);

    let mut connection = redis.connection().await;
    let keys: Vec<String> = query(&mut connection, &["KEYS", "duchy:session:*"]).await;
    assert_eq!(keys.len(), 1);
    let kept: Vec<Vec<u8>> = query(&mut connection, &["HVALS", &keys[0]]).await;
    let kept = String::from_utf8_lossy(&kept.concat()).into_owned();
    assert!(!kept.contains("eyJhbGci") && !kept.contains("anne") && !kept.contains(ANNE));
    let seconds: i64 = query(&mut connection, &["TTL", &keys[0]]).await;
    assert!((1..=14 * 24 * 60 * 60).contains(&seconds), "{seconds}");

    // Fifty at once, when it is due: one refresh.
    upstream.advance(3700);
    let asked = upstream.asked(Endpoint::Token);
    let requests: Vec<_> = (0..50)
        .map(|number| {
            let (site, mut browser) = (sites[number % 2].clone(), browser.clone());
            tokio::spawn(async move { browser.get(&site, "/user").await.status })
        })
        .collect();
    for request in requests {
        assert_eq!(request.await.unwrap(), 200);
    }
    assert_eq!(upstream.asked(Endpoint::Token), asked + 1);

    browser.clone().post(&sites[1], "/logout").await;
    assert_eq!(browser.get(&sites[0], "/").await.body, "guest");
    let keys: Vec<String> = query(&mut connection, &["KEYS", "duchy:session:*"]).await;
    assert!(keys.is_empty(), "{keys:?}");
}

#[tokio::test]
async fn a_session_may_be_meant_to_live_forever() {
    let Some(redis) = Redis::start(&[]) else { return };
    let upstream = Upstream::new();
    let builder = builder(&upstream).session_store(redis.sessions());
    let site = mounted(builder.lifetime(Duration::MAX).idle(Duration::MAX));
    let mut browser = Browser::default();
    assert_eq!(browser.sign_in(&site, &upstream, "/login").await.status, 303);
    upstream.advance(3700);
    assert_eq!(browser.get(&site, "/user").await.status, 200);
}

#[test]
fn a_url_that_can_not_be_used_is_refused_and_not_shown() {
    for (url, says) in [("rediss://:secret@localhost", "TLS"), ("http://:secret@localhost", "URL")]
    {
        let error = RedisSessionStore::new(url, "").unwrap_err().to_string();
        assert!(error.contains(says) && !error.contains("secret"), "{error}");
    }
}

#[tokio::test]
async fn an_outage_signs_no_user_out_and_costs_no_refresh_token() {
    let Some(redis) = Redis::start(&["--appendonly", "yes", "--appendfsync", "always"]) else {
        return;
    };
    let upstream = Upstream::new();
    let site = process(&upstream, redis.sessions());
    let mut browser = Browser::default();
    browser.sign_in(&site, &upstream, "/login").await;
    upstream.advance(3700);
    let presented = upstream.presented();

    // Full, and later read-only: readable, and no refresh can begin.
    let mut connection = redis.connection().await;
    for (setting, bad, good) in [("maxmemory", "1", "0"), ("min-replicas-to-write", "1", "0")] {
        let () = query(&mut connection, &["CONFIG", "SET", setting, bad]).await;
        let down = browser.get(&site, "/user").await;
        assert_eq!((down.status, down.header("retry-after")), (503, "5"), "{setting}");
        let () = query(&mut connection, &["CONFIG", "SET", setting, good]).await;
    }
    // Silent.
    redis.signal("STOP");
    let down = browser.get(&site, "/user").await;
    assert_eq!(down.status, 503);
    redis.signal("CONT");
    // Gone, and back with what it had.
    let (port, folder) = redis.stop();
    assert_eq!(browser.get(&site, "/user").await.status, 503);
    assert_eq!(upstream.presented(), presented, "no refresh token is spent in vain");
    let Some(redis) =
        Redis::start_at(port, folder, &["--appendonly", "yes", "--appendfsync", "always"])
    else {
        return;
    };
    assert_eq!(browser.get(&site, "/user").await.status, 200, "with the next request");
    assert_eq!(upstream.presented().len(), presented.len() + 1);
    drop(redis);
}

/// A restart from a copy on disk that is older than the last writes, and one from none.
#[tokio::test]
async fn what_redis_has_lost_is_lost_and_nothing_else() {
    let Some(redis) = Redis::start(&[]) else { return };
    let upstream = Upstream::new();
    let site = process(&upstream, redis.sessions());
    let [mut kept, mut out, mut late] = <[Browser; 3]>::default();
    let sign_in = async |browser: &mut Browser| {
        assert_eq!(browser.sign_in(&site, &upstream, "/login").await.status, 303);
    };
    sign_in(&mut kept).await;
    sign_in(&mut out).await;
    let () = query(&mut redis.connection().await, &["SAVE"]).await;
    let mut copy = out.clone();
    assert_eq!(out.post(&site, "/logout").await.status, 303);
    assert_eq!(copy.get(&site, "/").await.body, "guest");
    sign_in(&mut late).await;
    let (port, folder) = redis.stop();
    let Some(redis) = Redis::start_at(port, folder, &[]) else { return };
    assert_eq!(kept.get(&site, "/user").await.status, 200);
    assert_eq!(copy.get(&site, "/user").await.status, 200, "its sign-out is undone");
    assert_eq!(late.get(&site, "/user").await.status, 303, "its sign-in is undone");
    let () = query(&mut redis.connection().await, &["FLUSHALL"]).await;
    assert_eq!(kept.get(&site, "/user").await.status, 303);
    sign_in(&mut kept).await;
    assert_eq!(kept.get(&site, "/user").await.status, 200);
}

/// One name, behind which another node becomes the one to write to.
#[tokio::test]
async fn the_new_node_of_a_failover_is_used_as_soon_as_it_is_there() {
    let Some(old) = Redis::start(&[]) else { return };
    let Some(new) = Redis::start(&[]) else { return };
    let name = Name::of(&old).await;
    let upstream = Upstream::new();
    let url = format!("redis://127.0.0.1:{}", name.port);
    let site = process(&upstream, RedisSessionStore::new(&url, "duchy:").unwrap());
    let mut to_new = new.connection().await;
    let () = query(&mut to_new, &["REPLICAOF", "127.0.0.1", &old.port.to_string()]).await;
    let end = Instant::now() + PATIENCE;
    loop {
        let info: String = query(&mut to_new, &["INFO", "replication"]).await;
        if info.contains("master_link_status:up") {
            break;
        }
        assert!(Instant::now() < end, "{info}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let mut browser = Browser::default();
    browser.sign_in(&site, &upstream, "/login").await;
    let mut to_old = old.connection().await;
    // `WAIT` looks at what its own connection has written, so this one writes last. It waits for less
    // than the connection does for an answer.
    let () = query(&mut to_old, &["SET", "last", ""]).await;
    while query::<i64>(&mut to_old, &["WAIT", "1", "100"]).await == 0 {
        assert!(Instant::now() < end, "the replica does not follow");
    }

    // The old node goes on, read-only, with our connection to it.
    let () = query(&mut to_new, &["REPLICAOF", "NO", "ONE"]).await;
    let () = query(&mut to_old, &["REPLICAOF", "127.0.0.1", &new.port.to_string()]).await;
    name.lead_to(&new);
    upstream.advance(3700);
    assert_eq!(browser.get(&site, "/user").await.status, 200, "the next request finds it");
}

async fn query<T: redis::FromRedisValue>(
    connection: &mut redis::aio::MultiplexedConnection,
    command: &[&str],
) -> T {
    redis::cmd(command[0]).arg(&command[1..]).query_async(connection).await.unwrap()
}

/// A port that leads to one Redis and later to another.
struct Name {
    port: u16,
    target: std::sync::Arc<std::sync::atomic::AtomicU16>,
}

impl Name {
    async fn of(redis: &Redis) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let target = std::sync::Arc::new(std::sync::atomic::AtomicU16::new(redis.port));
        let to = std::sync::Arc::clone(&target);
        tokio::spawn(async move {
            loop {
                let (mut client, _) = listener.accept().await.unwrap();
                let port = to.load(std::sync::atomic::Ordering::SeqCst);
                tokio::spawn(async move {
                    let server = tokio::net::TcpStream::connect(("127.0.0.1", port)).await;
                    let _ = tokio::io::copy_bidirectional(&mut client, &mut server.unwrap()).await;
                });
            }
        });
        Self { port, target }
    }

    fn lead_to(&self, redis: &Redis) {
        self.target.store(redis.port, std::sync::atomic::Ordering::SeqCst);
    }
}
