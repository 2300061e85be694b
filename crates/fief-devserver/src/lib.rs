//! An embedded Fief authentication server for development and tests.
