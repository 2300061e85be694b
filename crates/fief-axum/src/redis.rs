//! A connection to Redis that comes back by itself.

use std::{fmt, sync::Arc, time::Duration};

use redis::{
    Client, Cmd, FromRedisValue,
    aio::{ConnectionManager, ConnectionManagerConfig},
    cmd,
};
use tokio::sync::OnceCell;

use crate::BoxError;

/// The longest wait for a connection, and for an answer: a Redis that is down must not hold up the
/// requests of people.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// Keys under one prefix. The connection is opened when it is first needed, because the client
/// wants a runtime for it.
#[derive(Clone)]
pub(crate) struct Redis {
    client: Client,
    prefix: String,
    longest_wait: Duration,
    connection: Arc<OnceCell<ConnectionManager>>,
}

impl Redis {
    pub fn new(url: &str, prefix: String) -> Result<Self, BoxError> {
        let client = Client::open(url)?;
        Ok(Self { client, prefix, longest_wait: LONGEST_WAIT, connection: Arc::default() })
    }

    /// On a connection of its own, since the old one was opened for another wait.
    pub fn longest_wait(self, longest_wait: Duration) -> Self {
        Self { longest_wait, connection: Arc::default(), ..self }
    }

    pub async fn get(&self, key: &str) -> Result<Option<String>, BoxError> {
        self.ask(cmd("GET").arg(self.key(key))).await
    }

    /// `time_to_live` in seconds.
    pub async fn set(&self, key: &str, value: &str, time_to_live: u64) -> Result<(), BoxError> {
        self.ask(cmd("SET").arg(self.key(key)).arg(value).arg("EX").arg(time_to_live)).await
    }

    pub async fn remove(&self, key: &str) -> Result<(), BoxError> {
        self.ask(cmd("DEL").arg(self.key(key))).await
    }

    /// Removes all keys under the prefix, a batch at a time, so that Redis serves others between.
    pub async fn clear(&self) -> Result<(), BoxError> {
        let pattern = escaped(&self.prefix) + "*";
        let mut cursor = 0_u64;
        loop {
            let mut scan = cmd("SCAN");
            scan.arg(cursor).arg("MATCH").arg(&pattern).arg("COUNT").arg(500);
            let (next, keys): (u64, Vec<Vec<u8>>) = self.ask(&scan).await?;
            if !keys.is_empty() {
                let () = self.ask(cmd("DEL").arg(keys)).await?;
            }
            if next == 0 {
                return Ok(());
            }
            cursor = next;
        }
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, BoxError> {
        let mut connection = self.connection().await?;
        // Its own limits are for each of its steps; this one is for all of them.
        Ok(tokio::time::timeout(
            self.longest_wait.saturating_mul(2),
            command.query_async(&mut connection),
        )
        .await??)
    }

    async fn connection(&self) -> Result<ConnectionManager, BoxError> {
        let manager = self.connection.get_or_try_init(|| async {
            let config = ConnectionManagerConfig::new()
                .set_connection_timeout(Some(self.longest_wait))
                .set_response_timeout(Some(self.longest_wait))
                .set_number_of_retries(0);
            ConnectionManager::new_lazy_with_config(self.client.clone(), config)
        });
        Ok(manager.await?.clone())
    }
}

/// A prefix in which nothing means a pattern.
fn escaped(prefix: &str) -> String {
    let mut pattern = String::with_capacity(prefix.len());
    for c in prefix.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '\\' | '^' | '-') {
            pattern.push('\\');
        }
        pattern.push(c);
    }
    pattern
}

impl fmt::Debug for Redis {
    /// Without the client, whose URL may hold a password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Redis").field("prefix", &self.prefix).finish_non_exhaustive()
    }
}
