//! The system's clock, read for the core, which reads none.

use std::time::SystemTime;

use fief_proto::UnixTime;

/// The time by the system's clock. One that stands before 1970 is taken for 1970: every token is
/// then refused.
pub fn system_clock() -> UnixTime {
    SystemTime::now().into()
}
