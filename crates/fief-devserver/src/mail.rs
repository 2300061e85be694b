//! The mails that a real server would have sent.

use std::{collections::VecDeque, fmt};

/// A mail that a real server would have sent.
#[derive(Clone)]
#[non_exhaustive]
pub struct Mail {
    /// The address it goes to.
    pub to: String,
    /// What it is about.
    pub subject: &'static str,
    /// The code that it brings.
    pub code: String,
}

impl fmt::Debug for Mail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Mail")
            .field("to", &self.to)
            .field("subject", &self.subject)
            .finish_non_exhaustive()
    }
}

/// The last mails.
#[derive(Default)]
pub(crate) struct Outbox(VecDeque<Mail>);

impl Outbox {
    /// So many are kept.
    const CAPACITY: usize = 1000;

    pub(crate) fn send(&mut self, mail: Mail) {
        if self.0.len() >= Self::CAPACITY {
            self.0.pop_front();
        }
        self.0.push_back(mail);
    }

    pub(crate) fn all(&self) -> Vec<Mail> {
        self.0.iter().cloned().collect()
    }
}
