//! The arguments of the calls of the user API. Each is a type of its own, so that a password or an
//! address can't be passed for a token.

use serde::Serialize;

use crate::base::secret::Secret;

/// The password that a user has chosen, for
/// [`change_password`](crate::Client::change_password).
///
/// ```
/// use fief_proto::NewPassword;
///
/// let password = NewPassword::new("correct horse battery staple");
/// assert_eq!(format!("{password:?}"), "NewPassword([redacted])");
/// ```
///
/// Password and token can't be swapped:
///
/// ```compile_fail,E0277
/// # use fief_proto::{Client, NewPassword, Secret};
/// # fn change(client: &Client, token: Secret, password: NewPassword) {
/// client.change_password(&password, &token);
/// # }
/// ```
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct NewPassword(Secret);

/// The address that a user wants, for [`email_change`](crate::Client::email_change).
#[derive(Clone, Debug, Serialize)]
#[serde(transparent)]
pub struct NewEmail(String);

/// The code that was mailed to the new address, for
/// [`email_verify`](crate::Client::email_verify).
#[derive(Clone, Serialize)]
#[serde(transparent)]
pub struct EmailCode(Secret);

impl NewPassword {
    /// The password, sent as it is.
    pub fn new(password: impl Into<Secret>) -> Self {
        Self(password.into())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.expose().len()
    }
}

impl NewEmail {
    /// The address, sent as it is.
    pub fn new(email: impl Into<String>) -> Self {
        Self(email.into())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }
}

impl EmailCode {
    /// The code, sent as it is.
    pub fn new(code: impl Into<Secret>) -> Self {
        Self(code.into())
    }

    pub(crate) fn len(&self) -> usize {
        self.0.expose().len()
    }
}

impl std::fmt::Debug for NewPassword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("NewPassword([redacted])")
    }
}

impl std::fmt::Debug for EmailCode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EmailCode([redacted])")
    }
}
