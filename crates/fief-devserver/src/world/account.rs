//! Mailed codes.

use uuid::Uuid;

use super::World;

/// Waits for a mailed code, to make an address the verified one of a user.
#[derive(Clone)]
pub(crate) struct EmailCode {
    pub(crate) user: Uuid,
    pub(crate) email: String,
}

/// Seconds that a mailed code is good for.
pub(crate) const EMAIL_CODE_LIFETIME: i64 = 3600;

impl World {
    /// Makes the mailed address the verified one of that user. None if the code is not theirs.
    pub(crate) fn verify_email(&mut self, user: Uuid, code: &str, now: i64) -> Option<()> {
        let found = self.email_codes.find(code, now).filter(|found| found.user == user)?.clone();
        self.email_codes.remove(code);
        let user = self.user_mut(user)?;
        user.email = found.email;
        user.email_verified = true;
        user.updated_at = now;
        Some(())
    }
}
