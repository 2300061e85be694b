//! The browser of the user.

use std::{
    io,
    sync::mpsc::{self, Receiver},
    thread,
};

use crate::options::Open;

/// Opens the system's default browser, or the one named by `BROWSER`.
pub(crate) fn open(url: &str) -> io::Result<()> {
    webbrowser::open(url)
}

/// Opens it in a thread of its own, since a browser that runs in the terminal blocks until its user
/// is done; gives how that went.
pub(crate) fn open_beside(open: &Open, url: &str) -> Receiver<io::Result<()>> {
    let (sender, receiver) = mpsc::channel();
    let (open, url) = (open.clone(), url.to_owned());
    thread::spawn(move || {
        // Nobody listens any more if the sign-in is over already.
        let _ = sender.send(open(&url));
    });
    receiver
}
