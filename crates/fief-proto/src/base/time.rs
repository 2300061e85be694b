//! Time, as the caller passes it in.

#[expect(clippy::disallowed_types, reason = "the type is only converted; no clock is read")]
use std::time::SystemTime;
use std::{
    fmt,
    time::{Duration, UNIX_EPOCH},
};

use serde::{Deserialize, Serialize};

/// Whole seconds since 1970-01-01T00:00:00Z, as JWT's `NumericDate` counts them.
///
/// The core reads no clock: its driver passes the time in. Arithmetic saturates.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "utoipa", derive(utoipa::ToSchema))]
#[serde(transparent)]
pub struct UnixTime(i64);

impl UnixTime {
    /// The moment so many seconds after 1970-01-01T00:00:00Z.
    pub const fn from_secs(seconds: i64) -> Self {
        Self(seconds)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub const fn as_secs(self) -> i64 {
        self.0
    }

    /// This moment plus so many seconds, at most the last moment that the type can hold.
    #[must_use]
    pub const fn plus(self, seconds: u64) -> Self {
        Self(self.0.saturating_add_unsigned(seconds))
    }

    /// Whether `then` is less than `span` ago. False for a `then` in the future: a negative age
    /// comes from a clock that was set back, and would otherwise keep a document fresh for ever.
    pub(crate) fn is_within(self, span: Duration, then: Self) -> bool {
        let age = self.0.saturating_sub(then.0);
        u64::try_from(age).is_ok_and(|age| Duration::from_secs(age) < span)
    }

    /// As a number that can be compared with a claimed `NumericDate`, which may have a fraction.
    #[expect(clippy::cast_precision_loss, reason = "exact for some 285 million years")]
    pub(crate) fn as_f64(self) -> f64 {
        self.0 as f64
    }

    /// The whole second of a claimed, finite `NumericDate`; saturates at both ends.
    #[expect(clippy::cast_possible_truncation, reason = "a cast from f64 saturates")]
    pub(crate) fn from_claim(seconds: f64) -> Self {
        Self(seconds as i64)
    }
}

#[expect(clippy::disallowed_types, reason = "the type is only converted; no clock is read")]
impl From<SystemTime> for UnixTime {
    /// The whole second. A clock before 1970 counts as 1970.
    fn from(time: SystemTime) -> Self {
        let since = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
    }
}

impl fmt::Display for UnixTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_that_was_set_back_keeps_nothing_fresh() {
        let now = UnixTime::from_secs(1_000);
        let minute = Duration::from_secs(60);
        assert!(now.is_within(minute, UnixTime::from_secs(941)));
        assert!(!now.is_within(minute, UnixTime::from_secs(940)));
        assert!(!now.is_within(minute, UnixTime::from_secs(1_001)));
        let half = Duration::from_millis(1_500);
        assert!(now.is_within(half, UnixTime::from_secs(999)), "a fraction counts");
        assert!(!now.is_within(half, UnixTime::from_secs(998)));
        assert!(!UnixTime::from_secs(i64::MIN).is_within(minute, UnixTime::from_secs(i64::MAX)));
    }

    #[test]
    fn claimed_times_saturate() {
        assert_eq!(UnixTime::from_claim(1e300).as_secs(), i64::MAX);
        assert_eq!(UnixTime::from_claim(-1e300).as_secs(), i64::MIN);
        assert_eq!(UnixTime::from_secs(i64::MAX).plus(u64::MAX).as_secs(), i64::MAX);
        assert_eq!(UnixTime::from_secs(-1).plus(1 << 63).as_secs(), i64::MAX);
        assert_eq!(UnixTime::from_secs(-2).plus(1).as_secs(), -1);
    }
}
