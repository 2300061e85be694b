//! The clock of server and client.

use std::{
    fmt,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, SystemTime},
};

use fief_proto::UnixTime;

/// A clock that a test moves, shared by the server and its client, so that no test has to wait for
/// an expiry.
///
/// ```
/// use std::time::Duration;
/// use fief_devserver::{Client, DevServer};
/// use fief_ureq::{Fief, Requirements};
///
/// let server = DevServer::start()?;
/// let fief = Fief::builder(server.config()).clock(server.clock().reader()).build()?;
/// let token = server.access_token("anne@bretagne.duchy", "devserver", &["openid"])?;
/// fief.validate_access_token(token.expose(), &Requirements::none())?;
///
/// server.clock().forward(Duration::from_secs(86_400));
/// assert!(fief.validate_access_token(token.expose(), &Requirements::none()).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Clock {
    base: Arc<dyn Fn() -> UnixTime + Send + Sync>,
    /// Seconds.
    ahead: Arc<AtomicI64>,
}

impl Clock {
    /// A clock based on this function, which returns the system's time by default.
    pub(crate) fn from_fn(base: impl Fn() -> UnixTime + Send + Sync + 'static) -> Self {
        Self { base: Arc::new(base), ahead: Arc::default() }
    }

    pub(crate) fn system() -> Self {
        Self::from_fn(|| {
            let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
            UnixTime::from_secs(seconds(since.unwrap_or_default()))
        })
    }

    /// The time by this clock.
    pub fn now(&self) -> UnixTime {
        let base = (self.base)().as_secs();
        UnixTime::from_secs(base.saturating_add(self.ahead.load(Ordering::Relaxed)))
    }

    /// Moves it forward by whole seconds, for all its readers.
    pub fn forward(&self, by: Duration) {
        let add = |ahead: i64| Some(ahead.saturating_add(seconds(by)));
        let _ = self.ahead.fetch_update(Ordering::Relaxed, Ordering::Relaxed, add);
    }

    /// A function that returns the time, for the `clock` of a client's builder.
    pub fn reader(&self) -> impl Fn() -> UnixTime + Clone + Send + Sync + 'static + use<> {
        let clock = self.clone();
        move || clock.now()
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}

fn seconds(time: Duration) -> i64 {
    time.as_secs().try_into().unwrap_or(i64::MAX)
}
