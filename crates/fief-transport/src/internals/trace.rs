//! One span per call, with the feature `tracing`: operation, status, duration, refetch. No values.

#[cfg(feature = "tracing")]
use std::time::Instant;

use fief_proto::{Error, flow::Response};

/// The span of one call; nothing without the feature.
#[derive(Debug)]
pub struct Trace {
    #[cfg(feature = "tracing")]
    span: tracing::Span,
    #[cfg(feature = "tracing")]
    began: Instant,
}

impl Trace {
    /// Opens the span of an operation.
    pub fn begin(operation: &'static str) -> Self {
        #[cfg(not(feature = "tracing"))]
        let _ = operation;
        Self {
            #[cfg(feature = "tracing")]
            span: tracing::info_span!(
                "fief",
                operation,
                status = tracing::field::Empty,
                refetch = tracing::field::Empty,
                duration_us = tracing::field::Empty,
                error = tracing::field::Empty,
            ),
            #[cfg(feature = "tracing")]
            began: Instant::now(),
        }
    }

    /// Records the status of the answer to the operation's own request.
    pub fn answered(&self, response: Response) -> Response {
        #[cfg(feature = "tracing")]
        self.span.record("status", response.status().as_u16());
        response
    }

    /// Records that the call asked for a shared document.
    pub fn fetched(&self) {
        #[cfg(feature = "tracing")]
        self.span.record("refetch", true);
    }

    /// Records how long the call took, in microseconds, and the kind of its error.
    pub fn end<T>(&self, outcome: &Result<T, Error>) {
        #[cfg(feature = "tracing")]
        {
            let duration = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
            self.span.record("duration_us", duration);
            if let Err(error) = outcome {
                self.span.record("error", error.kind());
            }
        }
        #[cfg(not(feature = "tracing"))]
        let _ = outcome;
    }
}
