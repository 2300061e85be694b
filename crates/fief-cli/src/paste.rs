//! What the user pastes into the terminal.

use std::{
    io::{self, BufRead as _, ErrorKind, IsTerminal as _, Read as _},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
        mpsc::{self, Sender},
    },
    thread::{self, JoinHandle},
};

use fief_ureq::Secret;

use crate::loopback::Expected;

/// The longest line that is read, in bytes.
const LONGEST_LINE: usize = 64 * 1024;
/// Fief's codes are of 43 characters: what is shorter is a part of one, or something else.
const SHORTEST_CODE: usize = 43;

/// What the user has pasted.
#[derive(Debug)]
pub(crate) enum Pasted {
    /// The address that the browser was sent to, or its query, with the right state.
    Callback(Secret),
    /// The code alone. Nonce and PKCE protect it in place of the state.
    Code(Secret),
}

/// Recognises what is pasted, line by line.
pub(crate) struct Clipboard<'a> {
    pub expected: &'a Expected,
    /// The address that the user was shown, to open it.
    pub shown: &'a str,
    /// What may be the beginning of an address that was broken over several lines.
    pub begun: Secret,
}

impl Clipboard<'_> {
    /// What was pasted, or what is wrong with it.
    pub fn paste(&mut self, line: &str) -> Result<Pasted, &'static str> {
        let line = bare(line);
        let joined = Secret::from(format!("{}{line}", self.begun.expose()));
        for whole in [&Secret::from(line), &joined] {
            if self.is_whole(query(whole.expose())) {
                return Ok(Pasted::Callback(whole.clone()));
            }
        }
        let is_part = is_callback(line) || !self.begun.expose().is_empty();
        self.begun = match is_part {
            true if line.contains("://") => line.into(),
            true => joined,
            false => "".into(),
        };
        self.alone(line)
    }

    fn is_whole(&self, query: &str) -> bool {
        let is_result = parameter(query, "code").is_some_and(|code| is_code(code.expose()))
            || parameter(query, "error").is_some();
        is_result && self.expected.is_answered_by(query)
    }

    fn alone(&self, line: &str) -> Result<Pasted, &'static str> {
        let shown = self.shown.split('?').next().unwrap_or_default();
        let shown = shown.split_once("://").map_or(shown, |(_, rest)| rest);
        if line.contains(shown) || line.contains("code_challenge") {
            return Err(
                "That is the address to open in a browser. Open it there and sign in; then paste \
                 the address of the page you end up on:",
            );
        }
        let is_ours = line.contains(&self.expected.host);
        if is_ours || is_callback(line) && !line.contains("://") {
            return Err(match parameter(query(line), "state") {
                Some(state) if !self.expected.state.expose().starts_with(state.expose()) => {
                    "That address is of another sign-in. Paste the one that this sign-in ends with:"
                }
                _ => {
                    "That address is not whole: it goes on with `code=` and `state=`. Paste all \
                      of it:"
                }
            });
        }
        if is_code(line) {
            return Ok(Pasted::Code(line.into()));
        }
        Err("That is neither the address you end up on nor the whole code in it. Sign in with the \
             address above, and paste the whole address of the page that the browser then tries \
             to open:")
    }
}

/// Without what terminals, mail programs and people put around an address.
fn bare(line: &str) -> &str {
    let is_around = |c: char| !c.is_ascii_graphic() || is_quote(c);
    // Bracketed paste goes by an escape, which is no graphic character either, and these.
    let line = line.trim_matches(is_around).trim_start_matches("[200~");
    let line = line.trim_end_matches("\u{1b}[201~").trim_matches(is_around);
    line.trim_end_matches(['.', ',']).trim_matches(is_around)
}

fn is_callback(line: &str) -> bool {
    ["://", "code=", "error=", "state="].iter().any(|sign| line.contains(sign))
}

/// The query, without the words that may stand around the address.
fn query(callback: &str) -> &str {
    let query = callback.split_once('?').map_or(callback, |(_, query)| query);
    let is_end = |c: char| c == '#' || c.is_whitespace() || is_quote(c);
    query.split(is_end).next().unwrap_or_default()
}

fn parameter(query: &str, name: &str) -> Option<Secret> {
    let mut pairs = url::form_urlencoded::parse(query.as_bytes());
    pairs.find(|(found, _)| found == name).map(|(_, value)| value.as_ref().into())
}

fn is_code(text: &str) -> bool {
    let is_of_code = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    text.len() >= SHORTEST_CODE && text.bytes().all(is_of_code)
}

fn is_quote(c: char) -> bool {
    "\"'`<>".contains(c)
}

/// Where lines are read from.
#[derive(Clone)]
pub(crate) enum Source {
    /// The terminal. What the user types after the sign-in is left to the program.
    Terminal,
    /// Standard input that is no terminal, or a function of the program's: a line that is being
    /// waited for at the end is waited for in vain.
    Blocking(Arc<dyn Fn() -> io::Result<String> + Send + Sync>),
}

impl Source {
    pub fn stdin() -> Self {
        Self::terminal().unwrap_or_else(|| Self::Blocking(Arc::new(read_line)))
    }

    /// None where standard input is not a terminal, or where reading it can't be ended again.
    pub fn terminal() -> Option<Self> {
        (cfg!(unix) && io::stdin().is_terminal()).then_some(Self::Terminal)
    }
}

/// Reads a line each time it is asked to, in a thread of its own.
pub(crate) struct Lines {
    asks: Option<Sender<()>>,
    is_over: Arc<AtomicBool>,
    /// The thread, if it can be made to end.
    thread: Option<JoinHandle<()>>,
}

impl Lines {
    pub fn new(source: &Source, tell: impl Fn(io::Result<String>) + Send + 'static) -> Self {
        let (asks, asked) = mpsc::channel();
        let is_over = Arc::new(AtomicBool::new(false));
        let (source, over) = (source.clone(), is_over.clone());
        let can_end = matches!(source, Source::Terminal);
        let thread = thread::spawn(move || {
            for () in asked {
                tell(match &source {
                    Source::Terminal => read_terminal(&over),
                    Source::Blocking(read) => read(),
                });
            }
        });
        Self { asks: Some(asks), is_over, thread: can_end.then_some(thread) }
    }

    pub fn ask(&self) {
        if let Some(asks) = &self.asks {
            let _ = asks.send(());
        }
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        self.asks = None;
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Reads a line of standard input.
fn read_line() -> io::Result<String> {
    let mut line = String::new();
    match io::stdin().lock().take(LONGEST_LINE as u64).read_line(&mut line)? {
        0 => Err(ErrorKind::UnexpectedEof.into()),
        _ => Ok(line),
    }
}

/// Waits until a line is there, or none is wanted any more. Reads no byte before it is there, and
/// none after the line: what a program that is done waiting would be stuck in, or take away.
#[cfg(unix)]
fn read_terminal(is_over: &AtomicBool) -> io::Result<String> {
    use rustix::{
        event::{PollFd, PollFlags, Timespec, poll},
        io::read,
        process::getpgrp,
        termios::tcgetpgrp,
    };
    const BETWEEN_LOOKS: Timespec = Timespec { tv_sec: 0, tv_nsec: 50_000_000 };
    let stdin = io::stdin();
    let mut line = zeroize::Zeroizing::new(Vec::with_capacity(1024));
    let mut byte = [0];
    while !is_over.load(Ordering::Relaxed) {
        let mut terminal = [PollFd::new(&stdin, PollFlags::IN)];
        let is_there = poll(&mut terminal, Some(&BETWEEN_LOOKS)).is_ok_and(|ready| ready > 0);
        if is_there && tcgetpgrp(&stdin).ok() != Some(getpgrp()) {
            // What is typed is for the program in the foreground.
            thread::sleep(BETWEEN_LOOKS.try_into().unwrap_or_default());
        } else if is_there {
            match read(&stdin, &mut byte)? {
                0 if line.is_empty() => return Err(ErrorKind::UnexpectedEof.into()),
                1 if byte != *b"\n" && line.len() < LONGEST_LINE => line.extend(byte),
                _ => return Ok(String::from_utf8_lossy(&line).into_owned()),
            }
        }
    }
    Err(ErrorKind::Interrupted.into())
}

#[cfg(not(unix))]
fn read_terminal(_: &AtomicBool) -> io::Result<String> {
    read_line()
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATE: &str = "STATE-STATE-STATE-STATE-STATE-STATE-STATE-1";
    const CODE: &str = "CODE-CODE-CODE-CODE-CODE-CODE-CODE-CODE-CO1";
    const SHOWN: &str = "http://localhost:8000/authorize?response_type=code&code_challenge=x";

    #[test]
    fn the_address_is_found_in_what_people_paste() {
        let address = format!("http://localhost:51562/callback?code={CODE}&state={STATE}");
        for (pasted, found) in [
            (address.clone(), address.as_str()),
            (format!("  {address}\r\n"), &address),
            (format!("\"{address}\""), &address),
            (format!("<{address}>."), &address),
            (format!("\u{1b}[200~{address}\u{1b}[201~"), &address),
            (format!("\u{feff}\u{201c}{address}\u{201d}\u{200b}"), &address),
            (format!("'\u{1b}[200~\"{address}\"\u{1b}[201~'"), &address),
            (
                format!("curl '{address}' and press enter"),
                &format!("curl '{address}' and press enter"),
            ),
            (address.replace("http://", ""), &address["http://".len()..]),
            (query(&address).to_owned(), query(&address)),
        ] {
            let outcome = clipboard(&expected()).paste(&pasted);
            assert!(
                matches!(&outcome, Ok(Pasted::Callback(it)) if it.expose() == found),
                "{pasted}"
            );
        }
        let outcome = clipboard(&expected()).paste(&format!("{CODE}\n"));
        assert!(matches!(&outcome, Ok(Pasted::Code(it)) if it.expose() == CODE), "{outcome:?}");
    }

    #[test]
    fn an_address_that_was_broken_over_lines_is_put_together() {
        let address = format!("http://localhost:51562/callback?code={CODE}&state={STATE}");
        for at in 8..address.len() {
            let expected = expected();
            let mut clipboard = clipboard(&expected);
            let outcome = clipboard.paste(&address[..at]);
            assert!(outcome.is_err(), "{at}: {outcome:?}");
            let outcome = clipboard.paste(&address[at..]);
            assert!(
                matches!(&outcome, Ok(Pasted::Callback(it)) if query(it.expose()) == query(&address)),
                "{at}: {outcome:?}"
            );
        }
    }

    #[test]
    fn everything_else_is_asked_again_with_the_reason() {
        let whole = format!("http://localhost:51562/callback?code={CODE}&state={STATE}");
        for (pasted, reason) in [
            ("", "neither"),
            ("yes", "neither"),
            ("what?", "neither"),
            ("two words", "neither"),
            ("anne@bretagne.duchy", "neither"),
            ("hermine-tincture-1488", "neither"),
            ("localhost refused to connect", "neither"),
            (&CODE[..CODE.len() - 1], "the whole code"),
            (SHOWN, "to open in a browser"),
            (&SHOWN[..40], "to open in a browser"),
            (&SHOWN["http://".len()..], "to open in a browser"),
            ("http://localhost:51562/callback", "not whole"),
            ("localhost:51562/callback", "not whole"),
            ("localhost:51562", "not whole"),
            (&whole[..whole.len() - 1], "not whole"),
            (&whole.replace(CODE, &CODE[..20]), "not whole"),
            (&whole.replace("STATE-", "OTHER-"), "another sign-in"),
            ("https://example.com/", "neither"),
            ("state=of-another", "another sign-in"),
            ("code=c", "not whole"),
        ] {
            let why = clipboard(&expected()).paste(pasted).unwrap_err();
            assert!(why.contains(reason), "{pasted}: {why}");
        }
    }

    #[test]
    fn a_mistake_does_not_spoil_what_comes_after_it() {
        let address = format!("http://localhost:51562/callback?code={CODE}&state={STATE}");
        let expected = expected();
        let mut clipboard = clipboard(&expected);
        for wrong in ["yes", SHOWN, &address[..50], &address.replace("STATE-", "OTHER-")] {
            assert!(clipboard.paste(wrong).is_err(), "{wrong}");
        }
        assert!(matches!(clipboard.paste(&address), Ok(Pasted::Callback(_))));
    }

    fn expected() -> Expected {
        Expected {
            host: "localhost:51562".to_owned(),
            path: "/callback".to_owned(),
            state: STATE.into(),
        }
    }

    fn clipboard(expected: &Expected) -> Clipboard<'_> {
        Clipboard { expected, shown: SHOWN, begun: "".into() }
    }
}
