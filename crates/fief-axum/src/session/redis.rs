//! Sessions in Redis, shared by several processes.

use std::time::Duration;

use fief_hyper::UnixTime;
use redis::{Cmd, FromRedisValue, cmd};

use super::store::{Replaced, SessionEntry, SessionStore, StoreFuture};
use crate::{BoxError, SetupError, redis::Redis};

/// Keeps sessions in Redis 6.2 or later, under `PREFIXsession:NAME`, with an index of each user's
/// under `PREFIXuser-sessions:DIGEST` and leases under `PREFIXlease:NAME`. Cheap to clone.
///
/// It speaks to one address, and follows no redirects of a Redis Cluster: put a proxy before one,
/// which can share the commands out, since each has one key. What Redis has confirmed and then
/// loses signs users out, or undoes a sign-out: give it `appendonly yes` and
/// `maxmemory-policy noeviction`, and a failover that waits for replicas.
///
/// ```
/// use fief_axum::{Config, Fief, RedisSessionStore, WebLogin};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let fief = Fief::new(Config::new("https://example.fief.dev", "CLIENT_ID"))?;
/// let store = RedisSessionStore::new("redis://127.0.0.1:6379/0", "castles:")?;
/// let login = WebLogin::builder(fief, "https://www.example.com/callback")
///     .session_store(store)
///     .build()?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RedisSessionStore(Redis);

impl RedisSessionStore {
    /// With a URL like `redis://127.0.0.1:6379/0`. `prefix` keeps the keys of several applications
    /// apart. Nothing is sent yet.
    ///
    /// # Errors
    ///
    /// If this is not the URL of a Redis.
    pub fn new(url: &str, prefix: impl Into<String>) -> Result<Self, SetupError> {
        Ok(Self(Redis::new(url, prefix.into())?))
    }

    /// The longest wait for a connection and for an answer; half a second by default. A site never
    /// waits longer than half a second.
    pub fn longest_wait(self, longest_wait: Duration) -> Self {
        Self(self.0.longest_wait(longest_wait))
    }

    /// A command that runs a script on one key.
    fn script(&self, script: &str, kind: &str, name: &str) -> Cmd {
        let mut command = cmd("EVAL");
        command.arg(script).arg(1).arg(self.0.key(&format!("{kind}{name}")));
        command
    }

    async fn ask<T: FromRedisValue>(&self, command: Cmd) -> Result<T, BoxError> {
        self.0.ask(&command).await
    }
}

const SESSION: &str = "session:";
const LEASE: &str = "lease:";
const USER: &str = "user-sessions:";

/// Generation, idle end, absolute end, user, sealed.
type Fields = (Option<u64>, Option<i64>, Option<i64>, Option<String>, Option<Vec<u8>>);

const WRITE: &str = "\
    redis.call('HSET', KEYS[1], 'generation', ARGV[3], 'idle_end', ARGV[4], \
    'absolute_end', ARGV[5], 'user', ARGV[6], 'sealed', ARGV[7]) \
    redis.call('PEXPIRE', KEYS[1], ARGV[2]) return 2";
const INDEX: &str = "\
    local now = tonumber(redis.call('TIME')[1]) \
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now) \
    redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1]) \
    redis.call('EXPIRE', KEYS[1], math.max(redis.call('TTL', KEYS[1]), ARGV[2])) return 1";
const REPLACE: &str = "\
    local found = redis.call('HGET', KEYS[1], 'generation') \
    if not found then return 0 end if found ~= ARGV[1] then return 1 end ";
const TOUCH: &str = "\
    if redis.call('EXISTS', KEYS[1]) == 1 then \
    redis.call('HSET', KEYS[1], 'idle_end', ARGV[1]) \
    redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 1";
const REMOVE: &str = "\
    if redis.call('HGET', KEYS[1], 'generation') == ARGV[1] then \
    return redis.call('DEL', KEYS[1]) end return 0";
const RENEW: &str = "\
    if redis.call('GET', KEYS[1]) == ARGV[1] then \
    return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0";
const RELEASE: &str = "\
    if redis.call('GET', KEYS[1]) == ARGV[1] then \
    return redis.call('DEL', KEYS[1]) end return 0";

fn write(command: &mut Cmd, generation: u64, entry: &SessionEntry, keep: Duration) {
    command
        .arg(generation)
        .arg(millis(keep))
        .arg(entry.generation)
        .arg(entry.idle_end.as_secs())
        .arg(entry.absolute_end.as_secs())
        .arg(&entry.user)
        .arg(entry.sealed.as_slice());
}

/// The longest that Redis can add to its clock, in seconds: some thousand years.
const LONGEST: u64 = 1 << 35;

fn millis(time: Duration) -> u64 {
    let time = time.min(Duration::from_secs(LONGEST));
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX).max(1)
}

impl SessionStore for RedisSessionStore {
    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<SessionEntry>> {
        Box::pin(async move {
            let fields = ["generation", "idle_end", "absolute_end", "user", "sealed"];
            let key = self.0.key(&format!("{SESSION}{name}"));
            let found: Fields = self.0.ask(cmd("HMGET").arg(key).arg(&fields)).await?;
            let (Some(generation), Some(idle_end), Some(absolute_end), Some(user), Some(sealed)) =
                found
            else {
                return Ok(None);
            };
            Ok(Some(SessionEntry {
                generation,
                idle_end: UnixTime::from_secs(idle_end),
                absolute_end: UnixTime::from_secs(absolute_end),
                user,
                sealed,
            }))
        })
    }

    fn insert<'a>(
        &'a self,
        name: &'a str,
        entry: &'a SessionEntry,
        keep: Duration,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            // The index is written first, so that it lacks no session; a name without a session
            // does no harm. The name is kept until the absolute end, which may be later than
            // `keep`.
            let mut index = self.script(INDEX, USER, &entry.user);
            let idle = entry.absolute_end.as_secs().saturating_sub(entry.idle_end.as_secs());
            let longest = keep.as_secs().saturating_add(u64::try_from(idle).unwrap_or(0));
            index.arg(name).arg(longest.min(LONGEST).saturating_add(1));
            let _: i64 = self.ask(index).await?;
            let mut command = self.script(WRITE, SESSION, name);
            write(&mut command, 0, entry, keep);
            let _: i64 = self.ask(command).await?;
            Ok(())
        })
    }

    fn replace<'a>(
        &'a self,
        name: &'a str,
        generation: u64,
        entry: &'a SessionEntry,
        keep: Duration,
    ) -> StoreFuture<'a, Replaced> {
        Box::pin(async move {
            let mut command = self.script(&format!("{REPLACE}{WRITE}"), SESSION, name);
            write(&mut command, generation, entry, keep);
            Ok(match self.ask::<i64>(command).await? {
                0 => Replaced::Absent,
                1 => Replaced::Changed,
                _ => Replaced::Done,
            })
        })
    }

    fn touch<'a>(
        &'a self,
        name: &'a str,
        idle_end: UnixTime,
        keep: Duration,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let mut command = self.script(TOUCH, SESSION, name);
            command.arg(idle_end.as_secs()).arg(millis(keep));
            let _: i64 = self.ask(command).await?;
            Ok(())
        })
    }

    fn remove<'a>(&'a self, name: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let key = self.0.key(&format!("{SESSION}{name}"));
            let _: i64 = self.0.ask(cmd("DEL").arg(key)).await?;
            Ok(())
        })
    }

    fn remove_generation<'a>(&'a self, name: &'a str, generation: u64) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let mut command = self.script(REMOVE, SESSION, name);
            command.arg(generation);
            Ok(self.ask::<i64>(command).await? == 1)
        })
    }

    fn remove_user<'a>(&'a self, user: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let index = self.0.key(&format!("{USER}{user}"));
            let mut read = cmd("ZRANGE");
            let names: Vec<String> = self.0.ask(read.arg(&index).arg(0).arg(-1)).await?;
            for name in names {
                let key = self.0.key(&format!("{SESSION}{name}"));
                // A name whose session is still being written is kept, and removed another time.
                if self.0.ask::<i64>(cmd("DEL").arg(key)).await? == 1 {
                    let _: i64 = self.0.ask(cmd("ZREM").arg(&index).arg(&name)).await?;
                }
            }
            Ok(())
        })
    }

    fn claim<'a>(
        &'a self,
        lease: &'a str,
        holder: &'a str,
        time: Duration,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let mut command = cmd("SET");
            let key = self.0.key(&format!("{LEASE}{lease}"));
            command.arg(key).arg(holder).arg("NX").arg("PX").arg(millis(time));
            Ok(self.ask::<Option<String>>(command).await?.is_some())
        })
    }

    fn renew<'a>(
        &'a self,
        lease: &'a str,
        holder: &'a str,
        time: Duration,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let mut command = self.script(RENEW, LEASE, lease);
            command.arg(holder).arg(millis(time));
            Ok(self.ask::<i64>(command).await? == 1)
        })
    }

    fn release<'a>(&'a self, lease: &'a str, holder: &'a str) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let mut command = self.script(RELEASE, LEASE, lease);
            command.arg(holder);
            let _: i64 = self.ask(command).await?;
            Ok(())
        })
    }
}
