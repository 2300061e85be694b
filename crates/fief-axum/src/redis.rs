//! A connection to Redis that is reopened after failures.

use std::{fmt, sync::Arc, time::Duration};

use redis::{
    AsyncConnectionConfig, Client, Cmd, ErrorKind, FromRedisValue, RedisError, ServerErrorKind,
    aio::MultiplexedConnection, cmd,
};
use tokio::sync::Mutex;

use crate::{BoxError, SetupError};

/// The longest wait for a connection, and for an answer: a Redis that is down must not delay the
/// requests of users.
const LONGEST_WAIT: Duration = Duration::from_millis(500);

/// Keys under one prefix. Cheap to clone; clones share one connection, which is opened when it is
/// first needed and anew after it has failed.
#[derive(Clone)]
pub(crate) struct Redis {
    client: Client,
    prefix: String,
    longest_wait: Duration,
    connection: Arc<Mutex<Connection>>,
}

#[derive(Default)]
struct Connection {
    open: Option<MultiplexedConnection>,
    /// Counts the connections: of the callers that saw one fail, only the first drops it, and none
    /// drops its successor.
    count: u64,
}

impl Redis {
    pub fn new(url: &str, prefix: String) -> Result<Self, SetupError> {
        // The error of the client may repeat the URL, and with it a password.
        let client = Client::open(url).map_err(|_| {
            SetupError::new(if url.starts_with("rediss:") {
                "a URL of Redis with TLS needs the crate `redis` with one of its TLS features"
            } else {
                "the URL is none of Redis"
            })
        })?;
        Ok(Self { client, prefix, longest_wait: LONGEST_WAIT, connection: Arc::default() })
    }

    /// The result has a connection of its own, because the old one was opened with another wait.
    pub fn longest_wait(self, longest_wait: Duration) -> Self {
        Self { longest_wait, connection: Arc::default(), ..self }
    }

    pub fn key(&self, key: &str) -> String {
        format!("{}{key}", self.prefix)
    }

    /// Removes all keys under the prefix, in batches, so that Redis can serve other clients in
    /// between.
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

    /// If the connection is at fault, the command is sent once more over a new one: all our
    /// commands may be repeated.
    pub async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, BoxError> {
        // The limits of the connection are for each of its steps; this one is for all of them.
        let longest_wait = self.longest_wait.saturating_mul(2);
        let answer = tokio::time::timeout(longest_wait, async {
            match self.try_to_ask(command).await {
                Err(error) if is_of_the_connection(&error) && !error.is_timeout() => {
                    self.try_to_ask(command).await
                }
                answer => answer,
            }
        });
        // Only its message: its source says the same again.
        answer.await.map_err(|_| "no answer in time")?.map_err(|error| error.to_string().into())
    }

    async fn try_to_ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, RedisError> {
        let (count, mut connection) = self.connection().await?;
        let answer = command.query_async(&mut connection).await;
        if answer.as_ref().is_err_and(is_of_the_connection) {
            let mut connection = self.connection.lock().await;
            if connection.count == count {
                connection.open = None;
            }
        }
        answer
    }

    async fn connection(&self) -> Result<(u64, MultiplexedConnection), RedisError> {
        let mut connection = self.connection.lock().await;
        if let Some(open) = &connection.open {
            return Ok((connection.count, open.clone()));
        }
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(self.longest_wait))
            .set_response_timeout(Some(self.longest_wait));
        let open = self.client.get_multiplexed_async_connection_with_config(&config).await?;
        connection.open = Some(open.clone());
        connection.count += 1;
        Ok((connection.count, open))
    }
}

/// Whether another connection may help: this one is broken or silent, or leads to a node that is
/// read-only after a failover, or still starting.
fn is_of_the_connection(error: &RedisError) -> bool {
    use ServerErrorKind::{BusyLoading, MasterDown, ReadOnly};
    error.is_unrecoverable_error()
        || error.is_io_error()
        || matches!(error.kind(), ErrorKind::Server(BusyLoading | MasterDown | ReadOnly))
}

/// The prefix with the characters of patterns escaped.
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
