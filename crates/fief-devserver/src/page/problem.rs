//! What can be wrong with a form.

/// What is wrong with a form that was sent.
#[derive(Clone, Copy)]
pub(crate) struct Problem {
    /// For the header `X-Fief-Error`, where the real server sends one.
    pub(crate) code: Option<&'static str>,
    pub(crate) message: &'static str,
}

impl Problem {
    pub(crate) const CSRF: Self = Self { code: None, message: "CSRF failed." };
    pub(crate) const BAD_CREDENTIALS: Self =
        Self { code: Some("bad_credentials"), message: "Invalid email or password" };
    pub(crate) const USER_EXISTS: Self = Self {
        code: Some("user_already_exists"),
        message: "A user with the same email address already exists.",
    };
    pub(crate) const INVALID_FORM: Self =
        Self { code: None, message: "Please check what you entered." };
    pub(crate) const INVALID_CODE: Self = Self {
        code: Some("invalid_code"),
        message: "The verification code is invalid. Please check that you have entered it correctly.",
    };
}
