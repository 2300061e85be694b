//! Sessions: their ends, their refreshes, and what a store or Fief does to them.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod common;

use std::time::Duration;

use axum::Router;
use common::{
    ANNE, Answer, Fault, Upstream,
    browser::Browser,
    site::{Flaky, OPERATIONS, Operation, builder, mounted, process, site},
};
use fief_axum::{
    AccessToken, AuthorizationRequest, CurrentUser, FiefAuth, MemorySessionStore, Rejection,
    Requirements, Session, SessionEntry, SessionStore as _, UnixTime, WebLogin,
    check_session_store,
};
use fief_hyper::Endpoint;
use tokio::task::JoinHandle;

async fn signed_in(site: &Router, upstream: &Upstream) -> Browser {
    let mut browser = Browser::default();
    assert_eq!(browser.sign_in(site, upstream, "/login").await.status, 303);
    browser
}

fn ask(site: &Router, browser: &Browser, path: &'static str) -> JoinHandle<Answer> {
    let (site, mut browser) = (site.clone(), browser.clone());
    tokio::spawn(async move { browser.get(&site, path).await })
}

async fn until(condition: impl Fn() -> bool) {
    while !condition() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn the_store_in_memory_passes_the_suite() {
    check_session_store(&MemorySessionStore::default()).await;
}

#[tokio::test(start_paused = true)]
async fn a_full_store_lets_no_user_in_and_ends_no_session() {
    let upstream = Upstream::new();
    let store = MemorySessionStore::new(4);
    let site = mounted(builder(&upstream).session_store(store).lifetime(Duration::from_secs(7200)));
    // A session and the mark of its login each.
    let mut first = signed_in(&site, &upstream).await;
    let mut second = signed_in(&site, &upstream).await;
    let mut third = Browser::default();
    let full = third.sign_in(&site, &upstream, "/login").await;
    assert_eq!((full.status, full.header("retry-after")), (503, "5"));
    assert_eq!(upstream.asked(Endpoint::Token), 2, "before the code is sent");
    assert_eq!(first.get(&site, "/").await.body, "anne@bretagne.duchy");
    assert_eq!(second.get(&site, "/").await.body, "anne@bretagne.duchy");
    tokio::time::advance(Duration::from_secs(7200)).await;
    assert_eq!(third.sign_in(&site, &upstream, "/login").await.status, 303);
}

#[tokio::test]
async fn a_session_ends_on_the_server() {
    let day = 24 * 60 * 60;
    let upstream = Upstream::new();
    let short = mounted(builder(&upstream).lifetime(Duration::from_secs(900)));
    let mut browser = signed_in(&short, &upstream).await;
    upstream.advance(899);
    assert_eq!(browser.get(&short, "/user").await.status, 200);
    upstream.advance(1);
    assert_eq!(browser.get(&short, "/user").await.status, 303);

    // Used each day it lives its 30 days, and no longer; unused, 14.
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = signed_in(&site, &upstream).await;
    let mut idle = signed_in(&site, &upstream).await;
    for _ in 0..13 {
        upstream.advance(day);
        assert_eq!(browser.get(&site, "/user").await.status, 200);
    }
    upstream.advance(day);
    assert_eq!(idle.get(&site, "/user").await.status, 303);
    for _ in 14..29 {
        upstream.advance(day);
        assert_eq!(browser.get(&site, "/user").await.status, 200);
    }
    upstream.advance(2 * day);
    assert_eq!(browser.get(&site, "/user").await.status, 303);
}

#[tokio::test]
async fn a_session_ends_with_its_token_where_nothing_refreshes_it() {
    let upstream = Upstream::new();
    let site = mounted(WebLogin::builder(upstream.fief(), common::REDIRECT_URI));
    let mut browser = Browser::default();
    let back = browser.sign_in(&site, &upstream, "/login").await;
    assert!(back.header("set-cookie").contains("Max-Age=3600"), "{back:?}");
    upstream.advance(3599);
    assert_eq!(browser.get(&site, "/user").await.status, 200);
    upstream.advance(1);
    assert_eq!(browser.get(&site, "/").await.body, "guest");
    assert_eq!(browser.get(&site, "/user").await.status, 303);
}

#[tokio::test]
async fn a_session_in_use_is_touched_seldom() {
    let upstream = Upstream::new();
    let store = Flaky::default();
    let site =
        mounted(builder(&upstream).session_store(store.clone()).idle(Duration::from_secs(1000)));
    let mut browser = signed_in(&site, &upstream).await;
    for _ in 0..30 {
        upstream.advance(10);
        assert_eq!(browser.get(&site, "/user").await.status, 200);
    }
    assert_eq!(store.asked(Operation::Touch), 2, "each time a tenth of the idle time has passed");
}

#[tokio::test]
async fn a_sign_out_ends_copies_of_the_cookie_at_once() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = signed_in(&site, &upstream).await;
    let mut copy = browser.clone();
    browser.post(&site, "/logout").await;
    assert_eq!(copy.get(&site, "/user").await.status, 303);
    assert_eq!(copy.get(&site, "/").await.body, "guest");
    // And so does another sign-in of the same browser.
    let mut browser = signed_in(&site, &upstream).await;
    let mut copy = browser.clone();
    browser.sign_in(&site, &upstream, "/login").await;
    assert_eq!(copy.get(&site, "/").await.body, "guest");
    assert_eq!(browser.get(&site, "/").await.body, "anne@bretagne.duchy");
}

#[tokio::test]
async fn a_handler_can_end_a_session() {
    let upstream = Upstream::new();
    let login = builder(&upstream).build().unwrap();
    let leave = async |session: Session| session.end().await.map_err(Rejection::from);
    let own = axum::routing::post(leave).with_state(login.clone());
    let site = login.mount(common::site::pages(&login).route("/leave", own));
    let mut browser = signed_in(&site, &upstream).await;
    let mut copy = browser.clone();
    assert_eq!(browser.post(&site, "/leave").await.status, 200);
    assert_eq!(copy.get(&site, "/").await.body, "guest");
    assert_eq!(browser.post(&site, "/leave").await.status, 401);
}

#[tokio::test]
async fn a_session_may_be_meant_to_live_forever() {
    let upstream = Upstream::new();
    let site = mounted(builder(&upstream).lifetime(Duration::MAX).idle(Duration::MAX));
    let mut browser = signed_in(&site, &upstream).await;
    upstream.advance(3700);
    assert_eq!(browser.get(&site, "/user").await.status, 200);
}

#[tokio::test]
async fn all_sessions_of_a_user_end_at_once() {
    let upstream = Upstream::new();
    let login = builder(&upstream).build().unwrap();
    let site = login.mount(common::site::pages(&login));
    let mut browsers = [signed_in(&site, &upstream).await, signed_in(&site, &upstream).await];
    login
        .auth()
        .end_sessions_of("00000000-0000-0000-0000-000000000000".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(browsers[0].get(&site, "/user").await.status, 200);
    login.auth().end_sessions_of(ANNE.parse().unwrap()).await.unwrap();
    for browser in &mut browsers {
        assert_eq!(browser.get(&site, "/user").await.status, 303);
    }
}

/// A refresh that is slower than a sign-out, in either of two processes, brings nothing back.
#[tokio::test]
async fn what_is_signed_out_stays_so_whatever_is_under_way() {
    for other_process in [false, true] {
        let upstream = Upstream::new();
        let store = MemorySessionStore::default();
        let sites = [process(&upstream, store.clone()), process(&upstream, store)];
        let mut browser = signed_in(&sites[0], &upstream).await;
        let copy = browser.clone();
        upstream.advance(3700);
        let asked = upstream.asked(Endpoint::Token);
        upstream.gate(Endpoint::Token);
        let slow = ask(&sites[0], &copy, "/user");
        until(|| upstream.asked(Endpoint::Token) > asked).await;
        let out = browser.post(&sites[usize::from(other_process)], "/logout").await;
        assert_eq!(out.status, 303);
        upstream.open(Endpoint::Token);
        let slow = slow.await.unwrap();
        assert_eq!(slow.status, 303, "{slow:?}");
        for site in &sites {
            assert_eq!(copy.clone().get(site, "/user").await.status, 303);
        }
    }
}

/// Fifty requests over two processes, while Fief takes its time.
#[tokio::test(start_paused = true)]
async fn one_refresh_for_all_tabs_and_processes() {
    let upstream = Upstream::new();
    let store = MemorySessionStore::default();
    let sites = [process(&upstream, store.clone()), process(&upstream, store)];
    let mut browser = signed_in(&sites[0], &upstream).await;
    let before = browser.get(&sites[0], "/token").await.body;
    upstream.advance(3700);
    let asked = upstream.asked(Endpoint::Token);
    upstream.gate(Endpoint::Token);
    let requests: Vec<_> = (0..50).map(|n| ask(&sites[n % 2], &browser, "/token")).collect();
    until(|| upstream.asked(Endpoint::Token) > asked).await;
    tokio::time::sleep(Duration::from_secs(40)).await; // more than two leases
    upstream.open(Endpoint::Token);
    let mut tokens = Vec::new();
    for request in requests {
        let answer = request.await.unwrap();
        assert_eq!(answer.status, 200, "{answer:?}");
        assert!(!answer.headers.contains_key("set-cookie"), "there is nothing to lose");
        tokens.push(answer.body);
    }
    assert!(tokens.iter().all(|token| *token == tokens[0] && *token != before));
    assert_eq!(upstream.asked(Endpoint::Token), asked + 1);
    // The cookie is as it was, and the next refresh works.
    upstream.advance(3700);
    assert_eq!(browser.get(&sites[1], "/token").await.status, 200);
    assert_eq!(upstream.asked(Endpoint::Token), asked + 2);
}

#[tokio::test]
async fn a_client_that_leaves_does_not_waste_a_refresh() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = signed_in(&site, &upstream).await;
    upstream.advance(3700);
    let asked = upstream.asked(Endpoint::Token);
    upstream.gate(Endpoint::Token);
    let gone = ask(&site, &browser, "/token");
    until(|| upstream.asked(Endpoint::Token) > asked).await;
    gone.abort();
    upstream.open(Endpoint::Token);
    assert_eq!(browser.get(&site, "/token").await.status, 200);
    assert_eq!(upstream.asked(Endpoint::Token), asked + 1);
}

#[tokio::test]
async fn while_fief_is_down_no_user_is_signed_out() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = signed_in(&site, &upstream).await;
    upstream.advance(3700);
    let busy = [503, 500, 429].map(|status| Fault::Status(status, "busy"));
    for fault in [Fault::Unreachable].into_iter().chain(busy) {
        upstream.fault(Endpoint::Token, fault);
        let asked = upstream.asked(Endpoint::Token);
        let down = browser.get(&site, "/user").await;
        assert_eq!((down.status, down.header("retry-after")), (503, "5"));
        assert_eq!(upstream.asked(Endpoint::Token), asked + 1);
        assert!(down.body.contains("<h1>Please try again in a moment</h1>"), "{}", down.body);
        let down = browser.ask(&site, http::Method::GET, "/user", &[]).await;
        assert_eq!(down.json()["error"], "temporarily_unavailable");
        assert_eq!(browser.get(&site, "/open").await.status, 200);
    }
    upstream.heal();
    assert_eq!(browser.get(&site, "/user").await.status, 200);
}

/// At once, and with one request to Fief for all of them.
#[tokio::test(start_paused = true)]
async fn a_session_that_fief_has_ended_ends_with_one_question() {
    let upstream = Upstream::new();
    let store = MemorySessionStore::default();
    let site = process(&upstream, store);
    let browser = signed_in(&site, &upstream).await;
    upstream.advance(3700);
    upstream.revoke();
    let (asked, begun) = (upstream.asked(Endpoint::Token), tokio::time::Instant::now());
    let requests: Vec<_> = (0..30).map(|_| ask(&site, &browser, "/user")).collect();
    for request in requests {
        assert_eq!(request.await.unwrap().status, 303);
    }
    assert_eq!(browser.clone().get(&site, "/").await.body, "guest");
    assert_eq!(upstream.asked(Endpoint::Token), asked + 1);
    assert_eq!(begun.elapsed(), Duration::ZERO, "nothing waits");
}

#[tokio::test]
async fn a_user_who_is_gone_at_fief_is_signed_out() {
    for status in [401, 500] {
        let upstream = Upstream::new();
        let site = site(&upstream);
        let mut browser = signed_in(&site, &upstream).await;
        // Fief's answers for a user who was deleted.
        upstream.fault(Endpoint::Userinfo, Fault::Status(status, "Internal Server Error"));
        upstream.revoke();
        assert_eq!(browser.get(&site, "/fresh").await.status, 303);
        assert_eq!(browser.get(&site, "/").await.body, "guest");
    }
    // A server that only fails signs no user out.
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = signed_in(&site, &upstream).await;
    upstream.fault(Endpoint::Userinfo, Fault::Status(500, "Internal Server Error"));
    assert_eq!(browser.get(&site, "/fresh").await.status, 503);
    upstream.heal();
    assert_eq!(browser.get(&site, "/fresh").await.status, 200);
}

/// The same where a handler of the site's own asks Fief, and passes on what it says.
#[tokio::test]
async fn a_refusal_that_a_handler_passes_on_signs_the_user_out_who_is_gone() {
    let upstream = Upstream::new();
    let login = builder(&upstream).build().unwrap();
    let fief = login.auth().fief().clone();
    let rename = async move |AccessToken(token): AccessToken| -> Result<String, Rejection> {
        Ok(fief.userinfo(&token.access_token).await?.sub)
    };
    let own = axum::routing::get(rename.clone()).post(rename).with_state(login.clone());
    let site = login.mount(common::site::pages(&login).route("/own", own));
    let mut browser = signed_in(&site, &upstream).await;
    upstream.fault(Endpoint::Userinfo, Fault::Status(500, "Internal Server Error"));
    // A server that is only broken signs no user out, and is asked for one refresh a request.
    let asked = upstream.asked(Endpoint::Token);
    assert_eq!(browser.get(&site, "/own").await.status, 503);
    assert_eq!(browser.get(&site, "/fresh").await.status, 503);
    assert_eq!(upstream.asked(Endpoint::Token), asked + 2);
    upstream.revoke();
    let mut script = browser.clone();
    let answer = browser.post(&site, "/own").await;
    assert_eq!(answer.status, 401);
    assert!(answer.body.contains("Please sign in"), "{}", answer.body);
    assert_eq!(browser.get(&site, "/own").await.status, 303);
    assert_eq!(browser.get(&site, "/").await.body, "guest");
    let answer = script.ask(&site, http::Method::GET, "/own", &[]).await;
    assert_eq!(answer.json()["error_description"], "an access token is required");
}

/// What an API beside the pages finds out of a token is not the session's.
#[tokio::test]
async fn a_session_lends_its_user_to_no_other_token() {
    const LOUIS: &str = "11111111-2222-4333-8444-555555555555";
    let upstream = Upstream::new();
    let login = builder(&upstream).build().unwrap();
    let api = Router::new()
        .route("/api/user", axum::routing::get(async |user: CurrentUser| user.sub.clone()))
        .with_state(FiefAuth::new(upstream.fief()));
    let guarded = api.layer(login.auth().require(Requirements::none()));
    let site = login.mount(common::site::pages(&login).merge(guarded));
    let mut browser = signed_in(&site, &upstream).await;
    let louis = common::mint::access_token(upstream.now(), &serde_json::json!({ "sub": LOUIS }));
    upstream.user(serde_json::json!({ "sub": LOUIS, "email": "louis@valois.kingdom" }));
    let bearer = format!("Bearer {louis}");
    let headers = [("authorization", bearer.as_str())];
    let answer = browser.ask(&site, http::Method::GET, "/api/user", &headers).await;
    assert_eq!((answer.status, answer.body.as_str()), (200, LOUIS));
}

/// Two sites of one program, one around the other.
#[tokio::test]
async fn each_of_two_sites_has_its_own_session_of_a_request() {
    async fn both(user: Option<CurrentUser>) -> String {
        user.map_or_else(|| "guest".to_owned(), |user| user.sub.clone())
    }
    let (upstream, other) = (Upstream::new(), Upstream::new());
    let request = AuthorizationRequest::new("https://www.example.com/other/callback")
        .scope(["openid", "offline_access"]);
    let inner = WebLogin::builder(other.fief(), request).build().unwrap();
    let outer = builder(&upstream).build().unwrap();
    let page = Router::new().route("/both", axum::routing::get(both)).with_state(inner.clone());
    let guarded = page.layer(outer.auth().require(Requirements::none()));
    let site = outer.mount(common::site::pages(&outer).merge(guarded));
    let mut browser = signed_in(&site, &upstream).await;
    assert_eq!(browser.get(&site, "/both").await.body, "guest");
    // A cookie of the inner site's, which is no session there.
    let inner_site = inner.mount(Router::new());
    let mut gone = Browser::default();
    let begun = gone.get(&inner_site, "/login").await;
    let callback = format!("/other/callback?{}", other.sign_in(begun.header("location")));
    assert_eq!(gone.get(&inner_site, &callback).await.status, 303);
    inner.auth().end_sessions_of(ANNE.parse().unwrap()).await.unwrap();
    let cookies = gone.cookies.iter().map(|(name, value)| (name.clone(), value.clone()));
    browser.cookies.extend(cookies);
    assert_eq!(browser.get(&site, "/both").await.body, "guest");
}

#[tokio::test]
async fn a_handler_changes_the_claims_and_gets_new_tokens() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = signed_in(&site, &upstream).await;
    assert_eq!(browser.get(&site, "/").await.body, "anne@bretagne.duchy");
    assert_eq!(browser.post(&site, "/rename").await.body, "renamed");
    assert_eq!(browser.get(&site, "/").await.body, "anna@bretagne.duchy");
    let before = browser.get(&site, "/token").await.body;
    upstream.permissions(["castles:sell".to_owned()]);
    let after = browser.post(&site, "/again").await;
    assert_eq!(after.status, 200, "the issuer and audience of the login are still known");
    assert_ne!(after.body, before);
    assert_eq!(browser.get(&site, "/token").await.body, after.body);
    assert_eq!(browser.get(&site, "/").await.body, "anne@bretagne.duchy", "as Fief says");
}

/// The claims are written while a refresh is under way: neither is lost.
#[tokio::test]
async fn a_refresh_survives_what_a_handler_writes() {
    let upstream = Upstream::new();
    let store = MemorySessionStore::default();
    let sites = [process(&upstream, store.clone()), process(&upstream, store)];
    let mut browser = signed_in(&sites[0], &upstream).await;
    let asked = upstream.asked(Endpoint::Token);
    upstream.gate(Endpoint::Token);
    let refreshing = {
        let (site, mut browser) = (sites[0].clone(), browser.clone());
        tokio::spawn(async move { browser.post(&site, "/again").await })
    };
    until(|| upstream.asked(Endpoint::Token) > asked).await;
    assert_eq!(browser.post(&sites[1], "/rename").await.status, 200);
    upstream.open(Endpoint::Token);
    let token = refreshing.await.unwrap();
    assert_eq!(token.status, 200);
    assert_eq!(browser.get(&sites[1], "/token").await.body, token.body);
    upstream.advance(3700);
    assert_eq!(browser.get(&sites[0], "/token").await.status, 200, "nor is the refresh token");
}

/// Fief has refreshed, and says so with an ID token that can't be checked: the clocks disagree.
#[tokio::test]
async fn a_refresh_token_that_comes_unchecked_is_kept() {
    let upstream = Upstream::new();
    let site = site(&upstream);
    let mut browser = signed_in(&site, &upstream).await;
    upstream.advance(3700);
    upstream.clock_ahead(600);
    let unchecked = browser.get(&site, "/user").await;
    assert_eq!((unchecked.status, unchecked.header("retry-after")), (503, "5"));
    upstream.clock_ahead(0);
    assert_eq!(browser.get(&site, "/user").await.status, 200);
    let presented = upstream.presented();
    let distinct: std::collections::BTreeSet<_> = presented.iter().collect();
    assert_eq!(distinct.len(), presented.len(), "no refresh token twice: {presented:?}");
}

/// Each operation of the store fails in turn, with a session that is due and one that is not.
#[tokio::test(start_paused = true)]
async fn a_store_that_fails_loses_no_session() {
    for operation in OPERATIONS {
        for is_due in [false, true] {
            let upstream = Upstream::new();
            let store = Flaky::default();
            let site = process(&upstream, store.clone());
            let mut browser = signed_in(&site, &upstream).await;
            upstream.advance(if is_due { 3700 } else { 60 });
            let presented = upstream.presented().len();
            store.fail([operation]);
            let during = browser.get(&site, "/user").await;
            assert!(matches!(during.status, 200 | 503), "{operation:?}: {during:?}");
            if during.status == 503 {
                assert!(during.body.contains("still are"), "{operation:?}: {}", during.body);
                let script = browser.ask(&site, http::Method::GET, "/user", &[]).await;
                let text = script.json()["error_description"].as_str().unwrap().to_owned();
                assert_eq!(text, "the store of the sessions can't be reached");
                let sent = upstream.presented().len();
                assert_eq!(sent, presented, "{operation:?}: no refresh token is spent in vain");
            }
            let mut out = browser.clone();
            let signed_out = out.post(&site, "/logout").await;
            assert!(matches!(signed_out.status, 303 | 503), "{operation:?}: {signed_out:?}");
            let is_out = signed_out.status == 303;
            assert_eq!(out.session().is_none(), is_out, "{operation:?}: it says what it does");
            store.fail([]);
            tokio::time::sleep(Duration::from_secs(60)).await;
            let after = browser.get(&site, "/user").await.status;
            assert_eq!(after, if is_out { 303 } else { 200 }, "{operation:?} {is_due}");
        }
    }
}

/// Readable, and full: the claim of the lease fails before the refresh token is spent. And where
/// the store fails only after that, the process serves what it has until it can write it.
#[tokio::test(start_paused = true)]
async fn what_can_not_be_written_yet_is_kept_until_it_is() {
    let upstream = Upstream::new();
    let store = Flaky::default();
    let site = process(&upstream, store.clone());
    let mut browser = signed_in(&site, &upstream).await;
    upstream.advance(3700);
    store.fail([Operation::Replace]);
    for _ in 0..3 {
        assert_eq!(browser.get(&site, "/user").await.status, 200);
        tokio::time::sleep(Duration::from_secs(20)).await;
    }
    store.fail([]);
    tokio::time::sleep(Duration::from_secs(2)).await;
    // In the store now: another process finds it.
    let other = process(&upstream, store.sibling());
    assert_eq!(browser.get(&other, "/user").await.status, 200);
    assert_eq!(upstream.presented().len(), 2, "one login, one refresh");
}

/// A process dies after Fief's answer and before the write: this session is lost, once the lease is
/// over, and nothing else.
#[tokio::test(start_paused = true)]
async fn a_process_that_dies_in_a_refresh_keeps_the_others_waiting_for_a_lease() {
    let upstream = Upstream::new();
    let store = Flaky::default();
    let (dying, other) = (process(&upstream, store.clone()), store.sibling());
    let other = process(&upstream, other);
    let mut browser = signed_in(&other, &upstream).await;
    let mut bystander = signed_in(&other, &upstream).await;
    upstream.advance(3700);
    upstream.gate(Endpoint::Token);
    let asked = upstream.asked(Endpoint::Token);
    let dead = ask(&dying, &browser, "/user");
    until(|| upstream.asked(Endpoint::Token) > asked).await;
    store.die();
    upstream.open(Endpoint::Token);
    let begun = tokio::time::Instant::now();
    assert_eq!(browser.get(&other, "/user").await.status, 303, "its refresh token was spent");
    assert!(begun.elapsed() <= Duration::from_secs(20), "{:?}", begun.elapsed());
    assert_eq!(bystander.get(&other, "/user").await.status, 200);
    dead.abort();

    // Before Fief has been asked, nothing is lost.
    let store = Flaky::default();
    let (dying, other) = (process(&upstream, store.clone()), process(&upstream, store.sibling()));
    let mut browser = signed_in(&other, &upstream).await;
    upstream.advance(3700);
    upstream.fault(Endpoint::Token, Fault::Unreachable);
    assert_eq!(browser.get(&dying, "/user").await.status, 503);
    store.die();
    upstream.heal();
    assert_eq!(browser.get(&other, "/user").await.status, 200);
}

#[tokio::test]
async fn an_entry_that_is_not_ours_is_no_session_and_stays() {
    let upstream = Upstream::new();
    let store = Flaky::default();
    let site = process(&upstream, store.clone());
    let mut browser = signed_in(&site, &upstream).await;
    let name = store.names().pop().unwrap();
    let good = store.load(&name).await.unwrap().unwrap();
    let text = String::from_utf8_lossy(&good.sealed).into_owned();
    assert!(!text.contains("eyJ") && !text.contains("anne"), "it is sealed");
    assert!(!browser.cookies.values().any(|cookie| cookie.contains(&name)));
    let later = UnixTime::from_secs(good.absolute_end.as_secs() + 1);
    let tampered = [
        SessionEntry { sealed: Vec::new(), ..good.clone() },
        SessionEntry { sealed: good.sealed[1..].to_vec(), ..good.clone() },
        SessionEntry { user: "louis".to_owned(), ..good.clone() },
        SessionEntry { absolute_end: later, ..good.clone() },
        SessionEntry { generation: good.generation + 1, ..good.clone() },
    ];
    for entry in tampered {
        let expected = store.load(&name).await.unwrap().unwrap().generation;
        store.replace(&name, expected, &entry, Duration::from_secs(60)).await.unwrap();
        assert_eq!(browser.get(&site, "/").await.body, "guest");
        assert_eq!(store.load(&name).await.unwrap(), Some(entry), "it stays");
    }
    let expected = store.load(&name).await.unwrap().unwrap().generation;
    store.replace(&name, expected, &good, Duration::from_secs(60)).await.unwrap();
    assert_eq!(browser.get(&site, "/").await.body, "anne@bretagne.duchy");
}
