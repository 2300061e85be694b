//! The system's clock, read for the core, which reads none.

use std::time::{SystemTime, UNIX_EPOCH};

use fief_proto::UnixTime;

/// The time by the system's clock. One that stands before 1970 is taken for 1970: every token is
/// then refused.
pub fn system_clock() -> UnixTime {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    UnixTime::from_secs(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}
