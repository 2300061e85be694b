//! Output lines, in colour on a terminal.

use std::{
    env,
    io::{IsTerminal, stdout},
};

pub fn heading(text: &str) {
    println!("\n{}", painted("1", text));
}

pub fn line(name: &str, value: &str) {
    println!("  {} {value}", painted("2", &format!("{name:<20}")));
}

pub fn note(text: &str) {
    println!("  {text}");
}

pub fn good(text: &str) -> String {
    painted("1;32", text)
}

fn painted(code: &str, text: &str) -> String {
    if stdout().is_terminal() && env::var_os("NO_COLOR").is_none() {
        format!("\x1b[{code}m{text}\x1b[0m")
    } else {
        text.to_owned()
    }
}
