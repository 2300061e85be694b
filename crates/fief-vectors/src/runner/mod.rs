//! What a runner must be able to do: every operation of the client.

mod by_hand;
mod failure;
mod hyper;
mod operations;
mod stage;
mod values;

#[path = "ureq.rs"]
mod blocking;

use fief_proto::{
    TransportError, TransportErrorKind,
    flow::{Request, Response},
};

use crate::format::Fault;
use crate::script::{Answer, Script, Seen};

pub use self::blocking::Ureq;
pub use self::by_hand::ByHand;
pub use self::failure::Failure;
pub use self::hyper::Hyper;
pub use self::operations::{Operations, Runner};
pub use self::stage::Stage;
pub(crate) use self::values::perform;

/// The outcome of a call.
pub type Outcome<T> = Result<T, Failure>;

/// Answers a request from the script, without a socket.
/// # Errors
///
/// The fault that the script has in place of an answer.
pub(crate) fn answer(
    script: &Script,
    origin: &str,
    request: &Request,
) -> Result<Response, TransportError> {
    let http = request.http();
    let uri = http.uri();
    let sent_to = stage::origin(&uri.to_string());
    if sent_to != origin {
        script.complain(format!("a request goes to {sent_to} instead of {origin}"));
    }
    for value in http.headers().get_all(http::header::AUTHORIZATION) {
        if !value.is_sensitive() {
            script.complain("the header `authorization` is not marked sensitive".into());
        }
    }
    let headers = http.headers().iter().map(|(name, value)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    });
    let seen = Seen {
        method: http.method().to_string(),
        target: uri.path_and_query().map(ToString::to_string).unwrap_or_default(),
        headers: headers.collect(),
        body: http.body().clone(),
    };
    match script.answer(&seen) {
        Answer::Fault(fault) => Err(scripted(fault)),
        Answer::Response(reply) => {
            let mut response = Response::new(reply.body);
            *response.status_mut() = reply.status.try_into().unwrap_or_default();
            for (name, value) in reply.headers {
                if let (Ok(name), Ok(value)) =
                    (http::HeaderName::try_from(name), http::HeaderValue::try_from(value))
                {
                    response.headers_mut().append(name, value);
                }
            }
            Ok(response)
        }
    }
}

/// A fault of the script, as a driver would report it.
fn scripted(fault: Fault) -> TransportError {
    let kind = match fault {
        Fault::Cut | Fault::CutBody => TransportErrorKind::Io,
        Fault::Garbage => TransportErrorKind::InvalidResponse,
        Fault::Refused => TransportErrorKind::Connect,
        Fault::Stall => TransportErrorKind::Timeout,
    };
    TransportError::new(kind, "the script")
}
