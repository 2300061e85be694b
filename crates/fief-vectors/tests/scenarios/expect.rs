//! Assertions on refusals.

use fief_proto::{Error, Refusal};

/// The server's refusal of a request.
pub fn refusal<T>(result: Result<T, Error>) -> Refusal {
    match result {
        Err(Error::Refused(error)) => *error,
        Err(other) => panic!("not refused by the server: {other:?}"),
        Ok(_) => panic!("not refused"),
    }
}

/// The token endpoint refused with that code.
pub fn assert_refused<T>(result: Result<T, Error>, oauth_error: &str) {
    let refusal = refusal(result);
    assert_eq!((refusal.status(), refusal.oauth_error()), (400, Some(oauth_error)));
    assert_eq!(refusal.is_invalid_grant(), oauth_error == "invalid_grant");
}

/// Refused with that kind and that reason.
pub fn assert_error<T>(
    result: Result<T, Error>,
    kind: &str,
    reason: impl Into<Option<&'static str>>,
) {
    let Err(error) = result else { panic!("not refused") };
    assert_eq!((error.kind(), error.reason()), (kind, reason.into()), "{error}");
}
