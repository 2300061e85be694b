//! What the user sees. It goes to standard error: standard output is the program's.

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

/// How long nothing may happen before the user is told what is waited for.
const PATIENCE: Duration = Duration::from_secs(2);

/// A terminal that has gone is no reason to panic, as `eprintln` would.
pub(crate) fn say(message: &str) {
    let _ = writeln!(io::stderr(), "{message}");
}

/// Says what is waited for, if it takes longer than a moment.
pub(crate) fn patiently<T>(say: &Say, what: &str, work: impl FnOnce() -> T) -> T {
    let (done, is_done) = mpsc::channel::<()>();
    let (say, what) = (say.clone(), what.to_owned());
    // A machine that has no thread to spare goes without the message.
    let _ = thread::Builder::new().spawn(move || {
        if is_done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            say(&what);
        }
    });
    let outcome = work();
    drop(done);
    outcome
}
