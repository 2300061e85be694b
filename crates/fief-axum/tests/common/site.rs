//! A site in one process or several, and a store that fails on demand.

use std::{
    future::pending,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    time::Duration,
};

use axum::{Json, Router, routing::get as on_get};
use fief_axum::{
    AccessToken, Acr, AuthorizationRequest, CurrentUser, FreshUser, MemorySessionStore, Rejection,
    Replaced, Requirements, Session, SessionEntry, SessionStore, StoreFuture, UserInfo, WebLogin,
    WebLoginBuilder,
};
use fief_hyper::UnixTime;

use super::{REDIRECT_URI, Upstream};

pub fn offline() -> AuthorizationRequest {
    AuthorizationRequest::new(REDIRECT_URI).scope(["openid", "offline_access"])
}

pub fn builder(upstream: &Upstream) -> WebLoginBuilder {
    WebLogin::builder(upstream.fief(), offline())
}

/// A site with a store of its own.
pub fn site(upstream: &Upstream) -> Router {
    mounted(builder(upstream))
}

/// One of several processes.
pub fn process(upstream: &Upstream, store: impl SessionStore) -> Router {
    mounted(builder(upstream).session_store(store))
}

pub fn mounted(builder: WebLoginBuilder) -> Router {
    let login = builder.build().unwrap();
    login.mount(pages(&login))
}

pub fn pages(login: &WebLogin) -> Router {
    async fn home(user: Option<CurrentUser>) -> String {
        user.and_then(|user| user.info.email).unwrap_or_else(|| "guest".to_owned())
    }
    async fn user(user: CurrentUser) -> Json<UserInfo> {
        Json(user.info)
    }
    async fn fresh(user: FreshUser) -> Json<UserInfo> {
        Json(user.info)
    }
    async fn token(AccessToken(token): AccessToken) -> String {
        token.access_token.expose().to_owned()
    }
    async fn rename(session: Session) -> Result<&'static str, Rejection> {
        let mut user = UserInfo::new(super::ANNE);
        user.email = Some("anna@bretagne.duchy".to_owned());
        user.fields = Some(serde_json::Map::new());
        session.update_user(&user).await?;
        Ok("renamed")
    }
    async fn again(session: Session) -> Result<String, Rejection> {
        Ok(session.refresh().await?.access_token.expose().to_owned())
    }
    let high = login.auth().require(Requirements::none().acr(Acr::LevelOne));
    let settings = Router::new().route("/settings", on_get(async || "settings").layer(high));
    Router::new()
        .route("/", on_get(home))
        .route("/user", on_get(user).post(user))
        .route("/fresh", on_get(fresh))
        .route("/token", on_get(token))
        .route("/open", on_get(async || "open"))
        .route("/rename", axum::routing::post(rename))
        .route("/again", axum::routing::post(again))
        .nest("/account", settings)
        .with_state(login.clone())
}

/// An operation of a store.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Operation {
    Load,
    Insert,
    Replace,
    Touch,
    Remove,
    RemoveGeneration,
    RemoveUser,
    Claim,
    Renew,
    Release,
}

pub const OPERATIONS: [Operation; 10] = {
    use Operation::*;
    [Load, Insert, Replace, Touch, Remove, RemoveGeneration, RemoveUser, Claim, Renew, Release]
};

/// A store in memory that fails, is slow, or never answers any more.
#[derive(Clone, Default)]
pub struct Flaky(Arc<State>);

#[derive(Default)]
struct State {
    memory: MemorySessionStore,
    failing: Mutex<Vec<Operation>>,
    delays: Mutex<Vec<Duration>>,
    is_dead: AtomicBool,
    asked: Mutex<Vec<Operation>>,
    names: Mutex<Vec<String>>,
}

impl Flaky {
    /// Another process on the same memory.
    pub fn sibling(&self) -> Self {
        Self(Arc::new(State { memory: self.0.memory.clone(), ..State::default() }))
    }

    pub fn fail(&self, operations: impl IntoIterator<Item = Operation>) {
        *self.0.failing.lock().unwrap() = operations.into_iter().collect();
    }

    /// How long each of the next operations takes, the last one first.
    pub fn delay(&self, delays: impl IntoIterator<Item = Duration>) {
        *self.0.delays.lock().unwrap() = delays.into_iter().collect();
    }

    /// The process that uses it has died: none of its operations ends.
    pub fn die(&self) {
        self.0.is_dead.store(true, SeqCst);
    }

    pub fn is_dead(&self) -> bool {
        self.0.is_dead.load(SeqCst)
    }

    pub fn asked(&self, operation: Operation) -> usize {
        self.0.asked.lock().unwrap().iter().filter(|asked| **asked == operation).count()
    }

    /// The names of all entries that were made.
    pub fn names(&self) -> Vec<String> {
        self.0.names.lock().unwrap().clone()
    }

    fn before<'a, T: Send + 'a>(
        &'a self,
        operation: Operation,
        work: impl FnOnce(&'a MemorySessionStore) -> StoreFuture<'a, T> + Send + 'a,
    ) -> StoreFuture<'a, T> {
        Box::pin(async move {
            let delay = self.0.delays.lock().unwrap().pop();
            if let Some(delay) = delay {
                tokio::time::sleep(delay).await;
            }
            if self.is_dead() {
                pending::<()>().await;
            }
            self.0.asked.lock().unwrap().push(operation);
            if self.0.failing.lock().unwrap().contains(&operation) {
                return Err(format!("{operation:?} fails").into());
            }
            let outcome = work(&self.0.memory).await;
            // It may die with the answer on its way.
            if self.is_dead() {
                pending::<()>().await;
            }
            outcome
        })
    }
}

impl SessionStore for Flaky {
    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<SessionEntry>> {
        self.before(Operation::Load, move |store| store.load(name))
    }

    fn insert<'a>(
        &'a self,
        name: &'a str,
        entry: &'a SessionEntry,
        keep: Duration,
    ) -> StoreFuture<'a, ()> {
        self.0.names.lock().unwrap().push(name.to_owned());
        self.before(Operation::Insert, move |store| store.insert(name, entry, keep))
    }

    fn replace<'a>(
        &'a self,
        name: &'a str,
        generation: u64,
        entry: &'a SessionEntry,
        keep: Duration,
    ) -> StoreFuture<'a, Replaced> {
        self.before(Operation::Replace, move |store| store.replace(name, generation, entry, keep))
    }

    fn touch<'a>(
        &'a self,
        name: &'a str,
        idle_end: UnixTime,
        keep: Duration,
    ) -> StoreFuture<'a, ()> {
        self.before(Operation::Touch, move |store| store.touch(name, idle_end, keep))
    }

    fn remove<'a>(&'a self, name: &'a str) -> StoreFuture<'a, ()> {
        self.before(Operation::Remove, move |store| store.remove(name))
    }

    fn remove_generation<'a>(&'a self, name: &'a str, generation: u64) -> StoreFuture<'a, bool> {
        self.before(Operation::RemoveGeneration, move |store| {
            store.remove_generation(name, generation)
        })
    }

    fn remove_user<'a>(&'a self, user: &'a str) -> StoreFuture<'a, ()> {
        self.before(Operation::RemoveUser, move |store| store.remove_user(user))
    }

    fn claim<'a>(
        &'a self,
        lease: &'a str,
        holder: &'a str,
        time: Duration,
    ) -> StoreFuture<'a, bool> {
        self.before(Operation::Claim, move |store| store.claim(lease, holder, time))
    }

    fn renew<'a>(
        &'a self,
        lease: &'a str,
        holder: &'a str,
        time: Duration,
    ) -> StoreFuture<'a, bool> {
        self.before(Operation::Renew, move |store| store.renew(lease, holder, time))
    }

    fn release<'a>(&'a self, lease: &'a str, holder: &'a str) -> StoreFuture<'a, ()> {
        self.before(Operation::Release, move |store| store.release(lease, holder))
    }
}
