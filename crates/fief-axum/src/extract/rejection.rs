//! A request that is not let through.

use std::fmt;

use axum::response::{IntoResponse, Response};

use crate::AuthError;

/// Why an extractor gave nothing, and the answer that was made of it.
pub struct Rejection(Box<(AuthError, Response)>);

impl Rejection {
    pub(crate) fn new(error: AuthError, response: Response) -> Self {
        Self(Box::new((error, response)))
    }

    /// Why.
    pub fn error(&self) -> &AuthError {
        &self.0.0
    }
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        self.0.1
    }
}

impl fmt::Debug for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Rejection").field(self.error()).finish()
    }
}

impl fmt::Display for Rejection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error().fmt(f)
    }
}

impl std::error::Error for Rejection {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.error().source()
    }
}
