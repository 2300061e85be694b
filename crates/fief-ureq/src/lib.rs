//! fief-ureq
