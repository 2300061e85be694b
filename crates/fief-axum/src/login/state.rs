//! Logins under way: they are not stored, but kept in the `state` that goes to Fief and comes back.

use fief_hyper::{Error, UnixTime};
use zeroize::Zeroizing;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::seal::{CookieSecret, NONCE};

/// How long a login may take, in seconds.
pub(super) const LIFETIME: u64 = 60 * 60;
/// How far the clocks of two processes may differ, in seconds.
const LEEWAY: u64 = 60;
/// The longest `return_to`, in bytes: Fief accepts a state of 2048 characters.
pub(super) const LONGEST_RETURN_TO: usize = 1400;

const STATE: &str = "state";
const HIGH: u8 = 1;
const AGAIN: u8 = 2;

/// What is kept of a login.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct Pending {
    pub begun: UnixTime,
    /// A level above the usual was asked for.
    pub is_high: bool,
    /// It was begun automatically, because a callback came a second time. This happens once.
    pub is_again: bool,
    pub return_to: String,
}

/// A state, valid with this browser's cookie alone. All secrets of its login are derived from both.
pub(super) struct State<'a> {
    secret: &'a CookieSecret,
    sealed: Vec<u8>,
}

impl<'a> State<'a> {
    pub fn seal(secret: &'a CookieSecret, pending: &Pending) -> Result<Self, Error> {
        let mut plaintext = Zeroizing::new(Vec::with_capacity(9 + pending.return_to.len()));
        plaintext.push(
            if pending.is_high { HIGH } else { 0 } | if pending.is_again { AGAIN } else { 0 },
        );
        plaintext.extend(pending.begun.as_secs().to_be_bytes());
        plaintext.extend(pending.return_to.as_bytes());
        Ok(Self { secret, sealed: secret.seal(STATE, b"", &plaintext)? })
    }

    /// Decrypts a state; none if it is not of this browser, or too old.
    pub fn open(secret: &'a CookieSecret, state: &str, now: UnixTime) -> Option<(Self, Pending)> {
        let sealed = URL_SAFE_NO_PAD.decode(state).ok()?;
        let plaintext = secret.open(STATE, b"", &sealed)?;
        let (flags, rest) = plaintext.split_first()?;
        let (begun, return_to) = rest.split_first_chunk()?;
        let begun = UnixTime::from_secs(i64::from_be_bytes(*begun));
        if begun > now.plus(LEEWAY) || now > begun.plus(LIFETIME) {
            return None;
        }
        let pending = Pending {
            begun,
            is_high: flags & HIGH != 0,
            is_again: flags & AGAIN != 0,
            return_to: String::from_utf8(return_to.to_vec()).ok()?,
        };
        Some((Self { secret, sealed }, pending))
    }

    /// The state as it is in the URL.
    pub fn encode(&self) -> String {
        URL_SAFE_NO_PAD.encode(&self.sealed)
    }

    /// What the nonce, the verifier of PKCE and the core's own state are made of.
    pub fn entropy(&self) -> Zeroizing<[u8; 96]> {
        self.secret.derive("login", self.id())
    }

    /// The name of its mark in the store, which is set before the code is sent, so that a code is
    /// sent once.
    pub fn mark(&self) -> String {
        self.secret.name("mark", self.id())
    }

    /// The ID of the login: the random nonce that its state was sealed with.
    fn id(&self) -> &[u8] {
        self.sealed.get(..NONCE).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pending(return_to: &str) -> Pending {
        let begun = UnixTime::from_secs(1_790_000_000);
        Pending { begun, is_high: true, is_again: false, return_to: return_to.to_owned() }
    }

    #[test]
    fn a_state_opens_in_its_browser_for_an_hour() {
        let secret = CookieSecret::random().unwrap();
        let pending = pending("/castles?page=2");
        let state = State::seal(&secret, &pending).unwrap();
        let encoded = state.encode();
        for after in [0, LIFETIME] {
            let now = pending.begun.plus(after);
            let (opened, found) = State::open(&secret, &encoded, now).unwrap();
            assert_eq!(found, pending);
            assert_eq!(opened.entropy(), state.entropy());
            assert_eq!(opened.mark(), state.mark());
        }
        assert!(State::open(&secret, &encoded, pending.begun.plus(LIFETIME + 1)).is_none());
        assert!(State::open(&secret, &encoded, UnixTime::from_secs(0)).is_none());
        let other = CookieSecret::random().unwrap();
        assert!(State::open(&other, &encoded, pending.begun).is_none());
        for bad in ["", "x", "%%%", &encoded[1..], &format!("{encoded}A")] {
            assert!(State::open(&secret, bad, pending.begun).is_none(), "{bad}");
        }
    }

    #[test]
    fn fief_keeps_the_longest_state() {
        let secret = CookieSecret::random().unwrap();
        let longest = pending(&"/".repeat(LONGEST_RETURN_TO));
        assert!(State::seal(&secret, &longest).unwrap().encode().len() <= 2048);
    }
}
