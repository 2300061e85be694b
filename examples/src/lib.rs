//! Small programs that show the Fief client at work; see `examples/`.
