//! Fief authentication for axum.
