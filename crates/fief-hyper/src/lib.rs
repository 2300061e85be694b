//! fief-hyper
