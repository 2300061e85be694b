//! An answer that can't be read.

use std::{borrow::Cow, fmt};

use crate::{base::json::JsonError, http::endpoint::Endpoint};

/// The server answered with success, but not with what this endpoint answers.
///
/// Something else may be at this address: a proxy, another program, another path of Fief's.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ResponseError {
    endpoint: Endpoint,
    fault: ResponseFault,
}

/// What is wrong with an answer.
#[derive(Clone, Debug, Eq, PartialEq)]
#[non_exhaustive]
pub enum ResponseFault {
    /// It is not the JSON that it should be.
    Json(JsonError),
    /// A document came with another status of success than 200.
    Status(u16),
    /// It is longer than this many bytes, after decompression.
    TooLarge {
        /// The greatest size that is read, in bytes.
        limit: usize,
    },
    /// It is about another user than the caller expected (OpenID Connect Core 5.3.2).
    WrongSubject,
}

impl ResponseError {
    pub(crate) fn new(endpoint: Endpoint, fault: ResponseFault) -> Self {
        Self { endpoint, fault }
    }

    /// The endpoint that answered.
    pub fn endpoint(&self) -> Endpoint {
        self.endpoint
    }

    /// What is wrong with the answer.
    pub fn fault(&self) -> &ResponseFault {
        &self.fault
    }

    pub(crate) fn reason(&self) -> &'static str {
        self.described().0
    }

    /// The stable name and the message of each fault.
    fn described(&self) -> (&'static str, Cow<'static, str>) {
        match &self.fault {
            ResponseFault::Json(error) => (error.reason(), "is malformed".into()),
            ResponseFault::Status(status) => {
                ("status", format!("has the status {status} instead of 200").into())
            }
            ResponseFault::TooLarge { limit } => {
                ("too_large", format!("is longer than {limit} bytes").into())
            }
            ResponseFault::WrongSubject => {
                ("wrong_subject", "is about another user than expected".into())
            }
        }
    }
}

impl fmt::Display for ResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the answer of the {} {}", self.endpoint, self.described().1)?;
        match self.endpoint {
            Endpoint::Discovery => f.write_str("; is the base URL that of a Fief server?"),
            _ => Ok(()),
        }
    }
}

impl std::error::Error for ResponseError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.fault {
            ResponseFault::Json(error) => Some(error),
            _ => None,
        }
    }
}
