//! One span a call, with the feature `tracing`: operation, status, duration, refetch. No values.

/// The span of one call; nothing without the feature.
pub(crate) struct Trace {
    #[cfg(feature = "tracing")]
    span: tracing::Span,
    #[cfg(feature = "tracing")]
    began: std::time::Instant,
}

#[cfg(feature = "tracing")]
impl Trace {
    pub(crate) fn begin(operation: &'static str) -> Self {
        let span = tracing::info_span!(
            "fief",
            operation,
            status = tracing::field::Empty,
            refetch = tracing::field::Empty,
            duration_us = tracing::field::Empty,
            error = tracing::field::Empty,
        );
        Self { span, began: std::time::Instant::now() }
    }

    /// The status of the answer to the operation's own request.
    pub(crate) fn answered(&self, status: http::StatusCode) {
        self.span.record("status", status.as_u16());
    }

    /// The call waited for a shared document.
    pub(crate) fn fetched(&self) {
        self.span.record("refetch", true);
    }

    pub(crate) fn end<T>(&self, outcome: &Result<T, crate::Error>) {
        let duration = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.span.record("duration_us", duration);
        if let Err(error) = outcome {
            self.span.record("error", error.kind());
        }
    }
}

#[cfg(not(feature = "tracing"))]
#[expect(clippy::unused_self, reason = "the same calls as with the feature")]
impl Trace {
    pub(crate) fn begin(_: &'static str) -> Self {
        Self {}
    }

    pub(crate) fn answered(&self, _: http::StatusCode) {}

    pub(crate) fn fetched(&self) {}

    pub(crate) fn end<T>(&self, _: &Result<T, crate::Error>) {}
}
