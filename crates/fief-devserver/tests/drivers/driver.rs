//! The two drivers behind one interface.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicI64, Ordering::SeqCst},
    },
    time::Duration,
};

use fief_proto::{Config, LoginRedirect, PendingLogin, Requirements, Tokens, UnixTime, UserInfo};
use fief_transport::{Error, Proxy, TransportOptions, system_clock};
use serde_json::Value;
use tokio::runtime::Runtime;

/// An exchange that takes longer is given up. A good one takes milliseconds.
pub const DEADLINE: Duration = Duration::from_secs(3);

/// A clock that stands still unless it is set forward: server and client go by the same.
#[derive(Clone)]
pub struct Clock(Arc<AtomicI64>);

impl Clock {
    pub fn new() -> Self {
        Self(Arc::new(AtomicI64::new(system_clock().as_secs())))
    }

    pub fn forward(&self, seconds: i64) {
        self.0.fetch_add(seconds, SeqCst);
    }

    pub fn reader(&self) -> impl Fn() -> UnixTime + Send + Sync + 'static {
        let now = self.0.clone();
        move || UnixTime::from_secs(now.load(SeqCst))
    }
}

pub trait Driver: Clone + Send + Sync + 'static {
    fn open(config: Config, clock: &Clock) -> Self;
    fn login(&self, redirect_uri: &str) -> Result<LoginRedirect, Error>;
    fn finish_login(
        &self,
        pending: PendingLogin,
        callback: &str,
    ) -> Result<(Tokens, UserInfo), Error>;
    fn validate(&self, token: &str) -> Result<(), Error>;
    fn userinfo(&self, token: &str) -> Result<UserInfo, Error>;
    fn update_profile(&self, token: &str, data: &Value) -> Result<UserInfo, Error>;
}

#[derive(Clone)]
pub struct Ureq(fief_ureq::Fief);

impl Driver for Ureq {
    fn open(config: Config, clock: &Clock) -> Self {
        let builder = fief_ureq::Fief::builder(config).transport_options(options());
        Self(builder.clock(clock.reader()).build().unwrap())
    }

    fn login(&self, redirect_uri: &str) -> Result<LoginRedirect, Error> {
        self.0.login(redirect_uri)
    }

    fn finish_login(
        &self,
        pending: PendingLogin,
        callback: &str,
    ) -> Result<(Tokens, UserInfo), Error> {
        self.0.finish_login(pending, callback)
    }

    fn validate(&self, token: &str) -> Result<(), Error> {
        self.0.validate_access_token(token, &Requirements::none()).map(drop)
    }

    fn userinfo(&self, token: &str) -> Result<UserInfo, Error> {
        self.0.userinfo(token)
    }

    fn update_profile(&self, token: &str, data: &Value) -> Result<UserInfo, Error> {
        self.0.update_profile(token, data)
    }
}

#[derive(Clone)]
pub struct Hyper(fief_hyper::Fief);

static RUNTIME: LazyLock<Runtime> = LazyLock::new(|| Runtime::new().unwrap());

impl Driver for Hyper {
    fn open(config: Config, clock: &Clock) -> Self {
        let builder = fief_hyper::Fief::builder(config).transport_options(options());
        Self(builder.clock(clock.reader()).build().unwrap())
    }

    fn login(&self, redirect_uri: &str) -> Result<LoginRedirect, Error> {
        RUNTIME.block_on(self.0.login(redirect_uri))
    }

    fn finish_login(
        &self,
        pending: PendingLogin,
        callback: &str,
    ) -> Result<(Tokens, UserInfo), Error> {
        RUNTIME.block_on(self.0.finish_login(pending, callback))
    }

    fn validate(&self, token: &str) -> Result<(), Error> {
        let required = Requirements::none();
        RUNTIME.block_on(self.0.validate_access_token(token, &required)).map(drop)
    }

    fn userinfo(&self, token: &str) -> Result<UserInfo, Error> {
        RUNTIME.block_on(self.0.userinfo(token))
    }

    fn update_profile(&self, token: &str, data: &Value) -> Result<UserInfo, Error> {
        RUNTIME.block_on(self.0.update_profile(token, data))
    }
}

fn options() -> TransportOptions {
    TransportOptions { timeout: Some(DEADLINE), proxy: Proxy::None, ..TransportOptions::default() }
}
