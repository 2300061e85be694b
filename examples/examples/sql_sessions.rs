//! A custom session store on SQL, with one statement per operation. It uses `SQLite`; the
//! statements are the same for Postgres, except for the type of `sealed` (`BYTEA`).

use std::time::Duration;

use fief_axum::{
    BoxError, Replaced, SessionEntry, SessionStore, StoreFuture, UnixTime, check_session_store,
};
use sqlx::{Row as _, SqlitePool, sqlite::SqlitePoolOptions};

/// Sessions in a database. In production, a job deletes the ended ones.
struct SqlSessionStore(SqlitePool);

const TABLES: &str = "
    CREATE TABLE sessions (name TEXT PRIMARY KEY, generation BIGINT NOT NULL,
        idle_end BIGINT NOT NULL, absolute_end BIGINT NOT NULL, owner TEXT NOT NULL,
        sealed BLOB NOT NULL, kept_until BIGINT NOT NULL);
    CREATE INDEX sessions_of ON sessions (owner);
    CREATE TABLE leases (name TEXT PRIMARY KEY, holder TEXT NOT NULL, ends BIGINT NOT NULL);";

/// Milliseconds by the clock of the database: in Postgres `(extract(epoch FROM
/// now())*1000)::bigint`.
const NOW: &str = "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)";

/// Converts a generation to the signed type of SQL. It is only compared for equality, so that
/// keeping its bits is enough.
#[expect(clippy::cast_possible_wrap, reason = "see above")]
fn signed(generation: u64) -> i64 {
    generation as i64
}

fn millis(time: Duration) -> i64 {
    i64::try_from(time.as_millis()).unwrap_or(i64::MAX).min(1 << 45)
}

impl SqlSessionStore {
    async fn run(
        &self,
        statement: &str,
        arguments: impl IntoIterator<Item = Argument<'_>>,
    ) -> Result<u64, BoxError> {
        let statement = statement.replace("NOW", NOW);
        let mut query = sqlx::query(sqlx::AssertSqlSafe(statement));
        for argument in arguments {
            query = match argument {
                Text(text) => query.bind(text.to_owned()),
                Number(number) => query.bind(number),
                Bytes(bytes) => query.bind(bytes.to_owned()),
            };
        }
        Ok(query.execute(&self.0).await?.rows_affected())
    }
}

#[derive(Clone, Copy)]
enum Argument<'a> {
    Text(&'a str),
    Number(i64),
    Bytes(&'a [u8]),
}

use Argument::{Bytes, Number, Text};

impl SessionStore for SqlSessionStore {
    fn load<'a>(&'a self, name: &'a str) -> StoreFuture<'a, Option<SessionEntry>> {
        Box::pin(async move {
            let statement = "SELECT generation, idle_end, absolute_end, owner, sealed
                FROM sessions WHERE name = $1 AND kept_until > NOW";
            let statement = sqlx::AssertSqlSafe(statement.replace("NOW", NOW));
            let Some(row) = sqlx::query(statement).bind(name).fetch_optional(&self.0).await? else {
                return Ok(None);
            };
            Ok(Some(SessionEntry {
                generation: row.try_get::<i64, _>(0)?.cast_unsigned(),
                idle_end: UnixTime::from_secs(row.try_get(1)?),
                absolute_end: UnixTime::from_secs(row.try_get(2)?),
                user: row.try_get(3)?,
                sealed: row.try_get(4)?,
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
            let statement = "INSERT INTO sessions VALUES ($1, $2, $3, $4, $5, $6, NOW + $7)";
            let arguments = [
                Text(name),
                Number(signed(entry.generation)),
                Number(entry.idle_end.as_secs()),
                Number(entry.absolute_end.as_secs()),
                Text(&entry.user),
                Bytes(&entry.sealed),
                Number(millis(keep)),
            ];
            self.run(statement, arguments).await.map(drop)
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
            let statement = "UPDATE sessions SET generation = $3, idle_end = $4,
                absolute_end = $5, owner = $6, sealed = $7, kept_until = NOW + $8
                WHERE name = $1 AND generation = $2 AND kept_until > NOW";
            let arguments = [
                Text(name),
                Number(signed(generation)),
                Number(signed(entry.generation)),
                Number(entry.idle_end.as_secs()),
                Number(entry.absolute_end.as_secs()),
                Text(&entry.user),
                Bytes(&entry.sealed),
                Number(millis(keep)),
            ];
            if self.run(statement, arguments).await? == 1 {
                return Ok(Replaced::Done);
            }
            // Why it was not replaced: it is gone, or of another generation.
            let is_there = self.load(name).await?.is_some();
            Ok(if is_there { Replaced::Changed } else { Replaced::Absent })
        })
    }

    fn touch<'a>(
        &'a self,
        name: &'a str,
        idle_end: UnixTime,
        keep: Duration,
    ) -> StoreFuture<'a, ()> {
        Box::pin(async move {
            let statement = "UPDATE sessions SET idle_end = $2, kept_until = NOW + $3
                WHERE name = $1 AND kept_until > NOW";
            let arguments = [Text(name), Number(idle_end.as_secs()), Number(millis(keep))];
            self.run(statement, arguments).await.map(drop)
        })
    }

    fn remove<'a>(&'a self, name: &'a str) -> StoreFuture<'a, ()> {
        let statement = "DELETE FROM sessions WHERE name = $1";
        Box::pin(async move { self.run(statement, [Text(name)]).await.map(drop) })
    }

    fn remove_generation<'a>(&'a self, name: &'a str, generation: u64) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let statement = "DELETE FROM sessions
                WHERE name = $1 AND generation = $2 AND kept_until > NOW";
            Ok(self.run(statement, [Text(name), Number(signed(generation))]).await? == 1)
        })
    }

    fn remove_user<'a>(&'a self, user: &'a str) -> StoreFuture<'a, ()> {
        let statement = "DELETE FROM sessions WHERE owner = $1";
        Box::pin(async move { self.run(statement, [Text(user)]).await.map(drop) })
    }

    fn claim<'a>(
        &'a self,
        lease: &'a str,
        holder: &'a str,
        time: Duration,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let statement = "INSERT INTO leases VALUES ($1, $2, NOW + $3) ON CONFLICT (name)
                DO UPDATE SET holder = excluded.holder, ends = excluded.ends
                WHERE leases.ends <= NOW";
            let arguments = [Text(lease), Text(holder), Number(millis(time))];
            Ok(self.run(statement, arguments).await? == 1)
        })
    }

    fn renew<'a>(
        &'a self,
        lease: &'a str,
        holder: &'a str,
        time: Duration,
    ) -> StoreFuture<'a, bool> {
        Box::pin(async move {
            let statement = "UPDATE leases SET ends = NOW + $3
                WHERE name = $1 AND holder = $2 AND ends > NOW";
            let arguments = [Text(lease), Text(holder), Number(millis(time))];
            Ok(self.run(statement, arguments).await? == 1)
        })
    }

    fn release<'a>(&'a self, lease: &'a str, holder: &'a str) -> StoreFuture<'a, ()> {
        let statement = "DELETE FROM leases WHERE name = $1 AND holder = $2";
        Box::pin(async move { self.run(statement, [Text(lease), Text(holder)]).await.map(drop) })
    }
}

async fn in_memory() -> Result<SqlSessionStore, BoxError> {
    // One connection, because each would have an in-memory database of its own.
    let pool = SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await?;
    sqlx::raw_sql(TABLES).execute(&pool).await?;
    Ok(SqlSessionStore(pool))
}

/// A real program passes the store to `WebLoginBuilder::session_store`; this one tests it.
#[tokio::main]
async fn main() -> Result<(), BoxError> {
    check_session_store(&in_memory().await?).await;
    println!("The store keeps every promise.");
    Ok(())
}
