//! Fief sign-in for command-line programs.
