//! What the user sees meanwhile. It goes to standard error: standard output is the program's. A
//! program that announces the address in a way of its own has the terminal for itself.

use std::{
    io::{self, Write as _},
    time::Duration,
};

use indicatif::ProgressBar;

use crate::AuthorizeOptions;

/// Shows the address for a browser that is about to be opened.
pub(crate) fn announce_browser(options: &AuthorizeOptions, url: &str) {
    match &options.announce {
        Some(announce) => announce(url),
        None => say(&format!(
            "Sign in with your browser. If it does not open by itself, open this address:\n\n  \
             {url}\n"
        )),
    }
}

/// Shows the address for a browser that is elsewhere.
pub(crate) fn announce_paste(options: &AuthorizeOptions, url: &str) {
    match &options.announce {
        Some(announce) => announce(url),
        None => say(&format!(
            "Open this address in a browser, on any machine, and sign in:\n\n  {url}\n\n\
             You end up on a page that can't be shown: that is as it should be. Paste its \
             address here, or the code in it:"
        )),
    }
}

/// Says that something else was pasted.
pub(crate) fn wrong_paste(options: &AuthorizeOptions) {
    if options.announce.is_none() {
        say("That is not the address this sign-in ends with. Paste it whole:");
    }
}

/// A terminal that has gone is no reason to panic, as `eprintln` would.
fn say(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// A line that says what is waited for, gone when it is dropped. Shown on a terminal only.
pub(crate) struct Spinner(Option<ProgressBar>);

impl Spinner {
    pub fn hidden() -> Self {
        Self(None)
    }

    /// Waits for the user, whose browser is open or not.
    pub fn waiting(options: &AuthorizeOptions, is_open: bool) -> Self {
        if options.announce.is_some() {
            return Self::hidden();
        }
        Self::start(if is_open {
            "Waiting for you to sign in with your browser"
        } else {
            "No browser could be opened: open the address above"
        })
    }

    fn start(message: &'static str) -> Self {
        let bar = ProgressBar::new_spinner().with_message(message);
        bar.enable_steady_tick(Duration::from_millis(100));
        Self(Some(bar))
    }
}

impl Drop for Spinner {
    fn drop(&mut self) {
        if let Some(bar) = &self.0 {
            bar.finish_and_clear();
        }
    }
}
