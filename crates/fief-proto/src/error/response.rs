//! An answer that can't be read.

use std::fmt;

use crate::{Endpoint, json::JsonError};

/// The server answered with success, but not with what its endpoint answers.
#[derive(Clone, Debug)]
pub struct ResponseError {
    endpoint: Endpoint,
    fault: ResponseFault,
}

#[derive(Clone, Debug)]
pub(crate) enum ResponseFault {
    Json(JsonError),
    TooLarge { limit: usize },
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

    pub(crate) fn reason(&self) -> &'static str {
        match &self.fault {
            ResponseFault::Json(error) => error.reason(),
            ResponseFault::TooLarge { .. } => "too_large",
            ResponseFault::WrongSubject => "wrong_subject",
        }
    }
}

impl fmt::Display for ResponseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let endpoint = self.endpoint;
        match &self.fault {
            ResponseFault::Json(_) => write!(f, "the answer of the {endpoint} is malformed"),
            ResponseFault::TooLarge { limit } => {
                write!(f, "the answer of the {endpoint} is longer than {limit} bytes")
            }
            ResponseFault::WrongSubject => {
                write!(f, "the answer of the {endpoint} is about another user than expected")
            }
        }
    }
}

impl std::error::Error for ResponseError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &self.fault {
            ResponseFault::Json(error) => Some(error),
            ResponseFault::TooLarge { .. } | ResponseFault::WrongSubject => None,
        }
    }
}
