//! fief-vectors
