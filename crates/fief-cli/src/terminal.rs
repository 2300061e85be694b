//! What the user sees. It is written to standard error, because standard output belongs to the
//! program.

use std::{
    io::{self, Write as _},
    sync::{
        Arc,
        mpsc::{self, RecvTimeoutError},
    },
    thread,
    time::Duration,
};

/// Shows a message to the user.
pub(crate) type Say = Arc<dyn Fn(&str) + Send + Sync>;

/// How long the program waits before it tells the user what it is waiting for.
const PATIENCE: Duration = Duration::from_secs(2);

/// Unlike `eprintln`, it does not panic if the terminal is closed.
pub(crate) fn say(message: &str) {
    let _ = writeln!(io::stderr(), "{message}");
}

/// Tells the user what the program waits for, if the work takes longer than [`PATIENCE`].
pub(crate) fn patiently<T>(say: &Say, what: &str, work: impl FnOnce() -> T) -> T {
    let (done, is_done) = mpsc::channel::<()>();
    let (say, what) = (say.clone(), what.to_owned());
    // Without a thread, there is no message.
    let _ = thread::Builder::new().spawn(move || {
        if is_done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            say(&what);
        }
    });
    let outcome = work();
    drop(done);
    outcome
}
